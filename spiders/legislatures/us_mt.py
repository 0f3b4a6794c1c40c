"""Montana, by way of LegiScan: its own JSON would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class MontanaSpider(LegiScanSpider):
    name = "us-mt"
    title = "Montana"
    zone = "America/Denver"
