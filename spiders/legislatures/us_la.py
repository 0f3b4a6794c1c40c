"""Louisiana, by way of LegiScan: its own pages know bills by numbers that nothing foretells."""

from spiders.platforms.legiscan import LegiScanSpider


class LouisianaSpider(LegiScanSpider):
    name = "us-la"
    title = "Louisiana"
    zone = "America/Chicago"
