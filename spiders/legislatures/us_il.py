"""Illinois, by way of LegiScan: its robots.txt keeps programs from its interface."""

from spiders.platforms.legiscan import LegiScanSpider


class IllinoisSpider(LegiScanSpider):
    name = "us-il"
    title = "Illinois"
    zone = "America/Chicago"
