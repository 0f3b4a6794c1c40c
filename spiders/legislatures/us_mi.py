"""Michigan, by way of LegiScan: its own site gives pages; its HTML texts would be the way to read it first-party."""

from spiders.platforms.legiscan import LegiScanSpider


class MichiganSpider(LegiScanSpider):
    name = "us-mi"
    title = "Michigan"
    zone = "America/Detroit"
