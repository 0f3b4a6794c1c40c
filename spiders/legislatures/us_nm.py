"""New Mexico, by way of LegiScan: its own database is published weeks after the session."""

from collections.abc import Iterator

from spiders.offices import Office
from spiders.platforms.legiscan import LegiScanSpider
from spiders.platforms.nm_committees import offices


class NewMexicoSpider(LegiScanSpider):
    name = "us-nm"
    title = "New Mexico"
    zone = "America/Denver"

    @classmethod
    def parse_offices(cls, body: bytes, url: str) -> Iterator[Office]:
        return offices(body, url)
