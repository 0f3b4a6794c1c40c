"""Mississippi, by way of LegiScan: its own XML would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class MississippiSpider(LegiScanSpider):
    name = "us-ms"
    title = "Mississippi"
    zone = "America/Chicago"
