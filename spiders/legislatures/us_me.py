"""Maine, by way of LegiScan: its robots.txt keeps programs from the pages of status."""

from spiders.platforms.legiscan import LegiScanSpider


class MaineSpider(LegiScanSpider):
    name = "us-me"
    title = "Maine"
    zone = "America/New_York"
