"""Pennsylvania, by way of LegiScan: its robots.txt keeps programs from the pages of bills."""

from spiders.platforms.legiscan import LegiScanSpider


class PennsylvaniaSpider(LegiScanSpider):
    name = "us-pa"
    title = "Pennsylvania"
    zone = "America/New_York"
