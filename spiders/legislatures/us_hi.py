"""Hawaii, by way of LegiScan: a firewall stands before its site."""

from spiders.platforms.legiscan import LegiScanSpider


class HawaiiSpider(LegiScanSpider):
    name = "us-hi"
    title = "Hawaii"
    zone = "Pacific/Honolulu"
