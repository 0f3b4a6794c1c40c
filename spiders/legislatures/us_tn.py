"""Tennessee, by way of LegiScan: its robots.txt lets in named search engines only."""

from spiders.platforms.legiscan import LegiScanSpider


class TennesseeSpider(LegiScanSpider):
    name = "us-tn"
    title = "Tennessee"
    zone = "America/Chicago"
