"""Maryland, by way of LegiScan: its own JSON file would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class MarylandSpider(LegiScanSpider):
    name = "us-md"
    title = "Maryland"
    zone = "America/New_York"
