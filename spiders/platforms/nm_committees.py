"""New Mexico's page of one committee to the committee's office and those of its members."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urljoin, urlsplit

from spiders.offices import Office
from spiders.selectors import many, must_say, one, read_html

SITE = "https://www.nmlegis.gov/"
_FORM = "MainContent_formViewCommitteeInformation"


def offices(body: bytes, url: str) -> Iterator[Office]:
    page = read_html(body, url)
    committee = must_say(page, f".//span[@id='{_FORM}_lblCommitteeName']", url)
    yield Office(committee, "committee", url=url)
    for row in many(page, f".//table[@id='{_FORM}_gridViewCommitteeMembers']/tbody/tr", url):
        link = one(row, "./td[2]//a", url)
        address = urljoin(SITE, link.get("href", ""))
        role, seat = must_say(row, "./td[1]", url), must_say(row, "./td[5]", url)
        yield Office(must_say(link, ".", url), role if seat == "Member" else f"{role}, {seat}, {committee}",
                     must_say(row, "./td[3]", url), url=address,
                     id=parse_qs(urlsplit(address).query).get("SponCode", [""])[0])
