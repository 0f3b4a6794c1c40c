"""Arizona, by way of LegiScan: the robots.txt of its interface keeps programs out."""

from spiders.platforms.legiscan import LegiScanSpider


class ArizonaSpider(LegiScanSpider):
    name = "us-az"
    title = "Arizona"
    zone = "America/Phoenix"
