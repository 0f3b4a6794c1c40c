"""A legislature's own pages to offices: fictional pages in the real forms, and the recorded ones where they are."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from spiders.discovery import find
from tracker.alerts.members import members_of
from tracker.errors import AlertError, ConfigError, LayoutChanged

SOURCE, DAY = "https://legislature.example/committees", date(2031, 5, 1)
ROW = ('<tr><td><font>{title}</font></td><td><font><a id="x_linkLegislator_0" '
       'href="/Members/Legislator?SponCode={code}">{name}</a></font></td><td>{district}</td><td>X</td><td>{seat}</td></tr>')
FORM = "MainContent_formViewCommitteeInformation"
COMMITTEE = ('<html><body><span id="' + FORM + '_lblCommitteeName">{name}</span><table id="' + FORM
             + '_gridViewCommitteeMembers"><thead><tr><th>Title</th></tr></thead><tbody>{rows}</tbody></table></body>'
             "</html>")


def page(committee: str, *rows: tuple[str, str, str]) -> bytes:
    told = "".join(ROW.format(title="Representative", code=code, name=name, district="18", seat=seat)
                   for code, name, seat in rows)
    return COMMITTEE.format(name=committee, rows=told).encode()


def lawmaker(**changes: str) -> dict[str, str]:
    return {"chamber": "House", "district": "2nd Lantern", "title": "Representative", "full_name": "Ada Sample",
            "party": "X", "url": "https://legislature.example/Profile/A_S1", "email": "ada.sample@house.example.gov",
            "phone": "(555) 010-2012", "room": "1", "photo": "https://legislature.example/p.jpg", **changes}


def rows_of(source: str, body: bytes) -> list[dict[str, str]]:
    return [{"name": o.name, "role": o.role, "district": o.district, "phone": o.phone, "mail": o.mail, "url": o.url,
             "id": o.id} for o in find(source).parse_offices(body, SOURCE)]


def test_a_committee_page_gives_the_committee_and_who_sits_in_it() -> None:
    body = page("House Lamps", ("HSAMP", "Ada Sample", "Chair"), ("HOTHE", "Bo Other", "Member"))
    committee, chair, member = members_of("us-nm", rows_of("us-nm", body), SOURCE, DAY)
    assert (committee.contact.name, committee.contact.role) == ("House Lamps", "committee")
    assert chair.id == "HSAMP" and chair.contact.role == "Representative, Chair, House Lamps"
    assert chair.contact.url == "https://www.nmlegis.gov/Members/Legislator?SponCode=HSAMP"
    assert (member.contact.role, member.contact.district) == ("Representative", "18")
    assert {m.contact.source for m in (committee, chair, member)} == {SOURCE} and chair.contact.fetched_on == DAY


def test_one_person_in_two_committees_is_one_office() -> None:
    rows = [*rows_of("us-nm", page("House Lamps", ("HSAMP", "Ada Sample", "Member"))),
            *rows_of("us-nm", page("House Wicks", ("HSAMP", "Ada Sample", "Chair")))]
    found = members_of("us-nm", rows, SOURCE, DAY)
    assert [m.contact.role for m in found if m.id == "HSAMP"] == ["Representative, Chair, House Wicks"]


def test_a_list_of_lawmakers_gives_the_office_and_neither_party_nor_picture() -> None:
    [one] = members_of("us-ma", rows_of("us-ma", json.dumps([lawmaker()]).encode()), SOURCE, DAY)
    assert (one.id, one.contact.phone, one.contact.mail) == ("A_S1", "(555) 010-2012", "ada.sample@house.example.gov")
    assert "p.jpg" not in str(one) and "'X'" not in str(one)


def test_a_private_mail_address_refuses_the_whole_list() -> None:
    body = json.dumps([lawmaker(), lawmaker(email="ada@gmail.com")]).encode()
    with pytest.raises(AlertError, match="private one"):
        members_of("us-ma", rows_of("us-ma", body), SOURCE, DAY)


def test_a_page_of_another_kind_is_refused_aloud() -> None:
    for source, body in (("us-nm", b"<html><body>Just a moment</body></html>"), ("us-ma", b"<html></html>")):
        with pytest.raises(LayoutChanged):
            rows_of(source, body)


def test_a_legislature_whose_pages_nobody_reads_yet_says_so() -> None:
    with pytest.raises(ConfigError, match="members import"):
        list(find("us-wa").parse_offices(b"", SOURCE))


def test_recorded_pages_are_read_whole(shared: Path) -> None:
    folder = shared / "data/us-states"
    pages = sorted((folder / "nm/cache").glob("Committee_Standing_Committee_*"))
    lists = folder / "ma/legislature/dist__ma_legislators.json"
    if not pages or not lists.exists():
        pytest.skip("the recorded pages of offices are absent")
    offices = [row for file in pages for row in rows_of("us-nm", file.read_bytes())]
    found = members_of("us-nm", offices, SOURCE, DAY)
    assert sum(m.contact.role == "committee" for m in found) == len(pages)
    assert len(found) > 60 and all(m.id for m in found if m.contact.role != "committee")
    assert len(members_of("us-ma", rows_of("us-ma", lists.read_bytes()), SOURCE, DAY)) > 150
