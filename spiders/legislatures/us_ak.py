"""Alaska, by way of LegiScan: its robots.txt keeps programs out."""

from spiders.platforms.legiscan import LegiScanSpider


class AlaskaSpider(LegiScanSpider):
    name = "us-ak"
    title = "Alaska"
    zone = "America/Anchorage"
