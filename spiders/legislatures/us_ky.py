"""Kentucky, by way of LegiScan: its own site gives pages, and texts as PDF and word processor files."""

from spiders.platforms.legiscan import LegiScanSpider


class KentuckySpider(LegiScanSpider):
    name = "us-ky"
    title = "Kentucky"
    zone = "America/New_York"
