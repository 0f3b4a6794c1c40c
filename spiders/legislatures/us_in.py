"""Indiana, by way of LegiScan: its own interface, with a key of its own, would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class IndianaSpider(LegiScanSpider):
    name = "us-in"
    title = "Indiana"
    zone = "America/Indiana/Indianapolis"
