"""New Mexico, by way of LegiScan: its own database is published weeks after the session."""

from spiders.platforms.legiscan import LegiScanSpider


class NewMexicoSpider(LegiScanSpider):
    name = "us-nm"
    title = "New Mexico"
    zone = "America/Denver"
