"""Iowa, by way of LegiScan: its own site gives pages, one a bill."""

from spiders.platforms.legiscan import LegiScanSpider


class IowaSpider(LegiScanSpider):
    name = "us-ia"
    title = "Iowa"
    zone = "America/Chicago"
