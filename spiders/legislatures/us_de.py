"""Delaware, by way of LegiScan: its own JSON would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class DelawareSpider(LegiScanSpider):
    name = "us-de"
    title = "Delaware"
    zone = "America/New_York"
