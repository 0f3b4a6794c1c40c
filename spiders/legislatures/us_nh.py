"""New Hampshire, by way of LegiScan: its own text tables would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class NewHampshireSpider(LegiScanSpider):
    name = "us-nh"
    title = "New Hampshire"
    zone = "America/New_York"
