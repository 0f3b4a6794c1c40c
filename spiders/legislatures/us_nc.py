"""North Carolina, by way of LegiScan: its own feeds would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class NorthCarolinaSpider(LegiScanSpider):
    name = "us-nc"
    title = "North Carolina"
    zone = "America/New_York"
