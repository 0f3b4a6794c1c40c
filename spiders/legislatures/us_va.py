"""Virginia, by way of LegiScan: its own CSV files would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class VirginiaSpider(LegiScanSpider):
    name = "us-va"
    title = "Virginia"
    zone = "America/New_York"
