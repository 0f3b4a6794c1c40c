"""Alabama, by way of LegiScan: its own GraphQL answers are shaped for its pages and change with them."""

from spiders.platforms.legiscan import LegiScanSpider


class AlabamaSpider(LegiScanSpider):
    name = "us-al"
    title = "Alabama"
    zone = "America/Chicago"
