"""Nevada, by way of LegiScan: its own site gives fragments of pages."""

from spiders.platforms.legiscan import LegiScanSpider


class NevadaSpider(LegiScanSpider):
    name = "us-nv"
    title = "Nevada"
    zone = "America/Los_Angeles"
