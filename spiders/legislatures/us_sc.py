"""South Carolina, by way of LegiScan: its own site gives pages, and texts as HTML."""

from spiders.platforms.legiscan import LegiScanSpider


class SouthCarolinaSpider(LegiScanSpider):
    name = "us-sc"
    title = "South Carolina"
    zone = "America/New_York"
