"""Kansas, by way of LegiScan: its own site gives pages."""

from spiders.platforms.legiscan import LegiScanSpider


class KansasSpider(LegiScanSpider):
    name = "us-ks"
    title = "Kansas"
    zone = "America/Chicago"
