"""Arkansas, by way of LegiScan: its own site gives pages and a tree of PDF files."""

from spiders.platforms.legiscan import LegiScanSpider


class ArkansasSpider(LegiScanSpider):
    name = "us-ar"
    title = "Arkansas"
    zone = "America/Chicago"
