"""North Dakota, by way of LegiScan: its own JSON would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class NorthDakotaSpider(LegiScanSpider):
    name = "us-nd"
    title = "North Dakota"
    zone = "America/Chicago"
