"""Idaho, by way of LegiScan: its own site gives pages and PDF files."""

from spiders.platforms.legiscan import LegiScanSpider


class IdahoSpider(LegiScanSpider):
    name = "us-id"
    title = "Idaho"
    zone = "America/Boise"
