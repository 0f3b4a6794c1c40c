"""Puerto Rico, by way of Open States, since LegiScan has it not: in Spanish; texts are linked and not read."""

from spiders.platforms.openstates import OpenStatesSpider


class PuertoRicoSpider(OpenStatesSpider):
    name = "us-pr"
    title = "Puerto Rico"
    zone = "America/Puerto_Rico"
