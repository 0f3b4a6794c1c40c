"""Wyoming, by way of LegiScan: its own JSON would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class WyomingSpider(LegiScanSpider):
    name = "us-wy"
    title = "Wyoming"
    zone = "America/Denver"
