"""West Virginia, by way of LegiScan: its own site gives pages."""

from spiders.platforms.legiscan import LegiScanSpider


class WestVirginiaSpider(LegiScanSpider):
    name = "us-wv"
    title = "West Virginia"
    zone = "America/New_York"
