"""Missouri, by way of LegiScan: its chambers publish apart, the House as XML, the Senate as pages."""

from spiders.platforms.legiscan import LegiScanSpider


class MissouriSpider(LegiScanSpider):
    name = "us-mo"
    title = "Missouri"
    zone = "America/Chicago"
