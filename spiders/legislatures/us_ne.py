"""Nebraska, by way of LegiScan: its own site gives pages; one chamber, the Legislature."""

from spiders.platforms.legiscan import LegiScanSpider


class NebraskaSpider(LegiScanSpider):
    name = "us-ne"
    title = "Nebraska"
    zone = "America/Chicago"
