"""Connecticut, by way of LegiScan: its own CSV files on a file server would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class ConnecticutSpider(LegiScanSpider):
    name = "us-ct"
    title = "Connecticut"
    zone = "America/New_York"
