"""Georgia, by way of LegiScan: its own JSON wants a header that only its pages' script can make."""

from spiders.platforms.legiscan import LegiScanSpider


class GeorgiaSpider(LegiScanSpider):
    name = "us-ga"
    title = "Georgia"
    zone = "America/New_York"
