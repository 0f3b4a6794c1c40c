"""Florida, by way of LegiScan: the House's firewall turns programs away."""

from spiders.platforms.legiscan import LegiScanSpider


class FloridaSpider(LegiScanSpider):
    name = "us-fl"
    title = "Florida"
    zone = "America/New_York"
