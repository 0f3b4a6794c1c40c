"""Wisconsin, by way of LegiScan: its own site gives pages."""

from spiders.platforms.legiscan import LegiScanSpider


class WisconsinSpider(LegiScanSpider):
    name = "us-wi"
    title = "Wisconsin"
    zone = "America/Chicago"
