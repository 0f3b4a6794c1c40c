"""Oklahoma, by way of LegiScan: its robots.txt keeps programs out."""

from spiders.platforms.legiscan import LegiScanSpider


class OklahomaSpider(LegiScanSpider):
    name = "us-ok"
    title = "Oklahoma"
    zone = "America/Chicago"
