"""Ohio, by way of LegiScan: its own JSON would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class OhioSpider(LegiScanSpider):
    name = "us-oh"
    title = "Ohio"
    zone = "America/New_York"
