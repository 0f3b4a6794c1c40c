"""The District of Columbia, by way of LegiScan: the Council's robots.txt keeps programs out of LIMS."""

from spiders.platforms.legiscan import LegiScanSpider


class DistrictOfColumbiaSpider(LegiScanSpider):
    name = "us-dc"
    title = "District of Columbia"
    zone = "America/New_York"
