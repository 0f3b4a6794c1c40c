"""BILLSTATUS documents to records, on our own fictional files, on real ones, and against the replay's truth."""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from spiders.bills import ordinal
from spiders.legislatures.us import ACTIONS, choose_congresses, parse_bill, unknown_labels
from tracker import wire
from tracker.errors import ConfigError, LayoutChanged
from tracker.model import Bill
from tracker.stage import stage_of

PAGES = Path(__file__).resolve().parents[1] / "fixtures" / "us"


def bill(name: str) -> Bill:
    return parse_bill((PAGES / name).read_bytes(), name)


def status(inner: str) -> bytes:
    return (f"<billStatus><bill><number>1</number><type>HR</type><congress>199</congress>{inner}</bill>"
            "</billStatus>").encode()


def row(day: str, text: str, keeper: str, clock: str = "") -> str:
    return (f"<item><actionDate>{day}</actionDate><actionTime>{clock}</actionTime><text>{text}</text>"
            f"<sourceSystem><name>{keeper}</name></sourceSystem></item>")


@pytest.mark.parametrize("name", ["BILLSTATUS-199hr42", "BILLSTATUS-199s7"])
def test_a_recorded_page_gives_its_golden_record(name: str) -> None:
    golden = PAGES / f"{name}.golden.json"
    got = json.dumps(json.loads(wire.encode(bill(f"{name}.xml"))), indent=1, ensure_ascii=False) + "\n"
    if not golden.exists():
        golden.write_text(got, "utf-8")
        pytest.fail(f"wrote {golden.name}: read it, and commit it if it is right")
    assert got == golden.read_text("utf-8")


def test_one_step_told_by_two_record_keepers_is_one_action_and_keeps_both_wordings() -> None:
    passed = [a for a in bill("BILLSTATUS-199hr42.xml").actions if "passage" in a.classification]
    assert len(passed) == 1
    assert passed[0].sources == ("House floor actions", "Library of Congress")
    assert passed[0].also[0].startswith("Passed/agreed to in House:")


def test_equal_words_at_two_times_of_a_day_are_two_actions() -> None:
    words = [a.time for a in bill("BILLSTATUS-199hr42.xml").actions if a.description.startswith("Considered as")]
    assert words == ["14:02:00", "18:10:00"]


def test_equal_words_are_one_action_when_one_row_has_no_time() -> None:
    body = status("<actions>" + row("2185-01-02", "Held at the desk.", "House floor actions", "10:00:00")
                  + row("2185-01-02", "Held at the desk.", "Library of Congress") + "</actions>")
    (action,) = parse_bill(body, "page").actions
    assert (action.time, action.sources) == ("10:00:00", ("House floor actions", "Library of Congress"))


def test_a_row_of_the_library_that_no_chamber_tells_stays_an_action() -> None:
    body = status("<actions>" + row("2185-01-02", "Held at the desk.", "House floor actions")
                  + row("2185-01-02", "Became Public Law No: 199-3.", "Library of Congress") + "</actions>")
    assert [a.description for a in parse_bill(body, "page").actions] == ["Became Public Law No: 199-3.",
                                                                         "Held at the desk."]


def test_actions_are_oldest_first() -> None:
    days = [a.date for a in bill("BILLSTATUS-199hr42.xml").actions]
    assert days == sorted(d for d in days if d)


def test_an_unknown_label_is_kept_raw_and_counted() -> None:
    found = bill("BILLSTATUS-199hr42.xml")
    assert unknown_labels(found) == 1
    assert [a.classification for a in found.actions if "Wick Inspector" in a.description] == [()]


def test_versions_are_in_order_of_stage_and_the_undated_enrolled_one_is_last() -> None:
    assert [(v.code, v.date) for v in bill("BILLSTATUS-199hr42.xml").versions] == [
        ("ih", date(2185, 1, 12)), ("rhuc", date(2185, 2, 21)), ("eh", date(2185, 3, 8)), ("enr", None)]


def test_a_version_announced_without_files_is_linked_by_its_name() -> None:
    engrossed = bill("BILLSTATUS-199hr42.xml").versions[2]
    assert [link.url.rpartition("/")[2] for link in engrossed.links] == ["BILLS-199hr42eh.xml", "BILLS-199hr42eh.htm"]


def test_a_public_law_is_a_document_and_no_version() -> None:
    assert [d.note for d in bill("BILLSTATUS-199hr42.xml").documents] == ["Public Law"]


def test_midnight_in_washington_is_that_day() -> None:
    body = status("<textVersions><item><type>Introduced in House</type><date>2185-07-04T04:00:00Z</date><formats/>"
                  "</item></textVersions>")
    assert parse_bill(body, "page").versions[0].date == date(2185, 7, 4)


def test_a_foreign_address_is_never_a_link() -> None:
    body = status("<textVersions><item><type>Introduced in House</type><date/><formats><item>"
                  "<url>https://evil.example/BILLS-199hr1ih.xml</url></item></formats></item></textVersions>")
    assert {link.url.split("/")[2] for link in parse_bill(body, "page").versions[0].links} == {"www.govinfo.gov"}


def test_a_version_of_another_bill_is_left_out() -> None:
    body = status("<textVersions><item><type>Introduced in House</type><date/><formats><item>"
                  "<url>https://www.govinfo.gov/content/pkg/BILLS-199hr2ih/xml/BILLS-199hr2ih.xml</url></item></formats>"
                  "</item></textVersions>")
    assert parse_bill(body, "page").versions == ()


def test_what_the_file_does_not_say_is_absent() -> None:
    empty = parse_bill(status(""), "page")
    assert (empty.title, empty.introduced_on) == (None, None)
    assert (empty.actions, empty.versions, empty.sponsorships, empty.subjects) == ((), (), (), ())


@pytest.mark.parametrize("body", [
    b"<html><body>Just a moment...</body></html>", b"<billStatus/>", b"<billStatus><bill/></billStatus>",
    b"<billStatus><bill><number>1</number><type>XYZ</type><congress>199</congress></bill></billStatus>",
    b"<billStatus><bill><number>1</number>", b"",
    b'<!DOCTYPE billStatus [<!ENTITY a "b">]><billStatus><bill><number>&a;</number></bill></billStatus>'])
def test_what_is_no_status_is_refused(body: bytes) -> None:
    with pytest.raises(LayoutChanged):
        parse_bill(body, "page")


@pytest.mark.parametrize(("number", "words"), [(111, "111th"), (112, "112th"), (113, "113th"), (119, "119th"),
                                               (121, "121st"), (122, "122nd"), (123, "123rd"), (211, "211th")])
def test_ordinals_are_spoken_right(number: int, words: str) -> None:
    assert ordinal(number) == words


@pytest.mark.parametrize(("label", "classes"), [
    ("Introduced in House", ("introduction",)),
    ("Referred to the Committee on Lamps, and in addition to the Committee on Wicks", ("referral-committee",)),
    ("Read twice and referred to the Committee on Candles.", ("reading-1", "reading-2", "referral-committee")),
    ("Reported by the Committee on Lamps. H. Rept. 199-3.", ("committee-passage",)),
    ("Reported adversely by the Committee on Lamps. H. Rept. 199-3.", ("committee-passage-unfavorable",)),
    ("Ordered to be Reported by the Yeas and Nays: 20 - 19.", ("committee-passage",)),
    ("On passage Passed by the Yeas and Nays: 220 - 210 (Roll no. 9).", ("passage",)),
    ("On passage Failed by the Yeas and Nays: 210 - 220 (Roll no. 9).", ("failure",)),
    ("On motion to suspend the rules and pass the bill Failed by the Yeas and Nays: (2/3 required)", ("failure",)),
    ("On motion to recommit Failed by the Yeas and Nays: 200 - 220.", ()),
    ("On ordering the previous question Agreed to by the Yeas and Nays: 220 - 210.", ()),
    ("Rule H. Res. 5 passed House.", ()),
    ("Motion to reconsider laid on the table Agreed to without objection.", ()),
    ("Passed Senate with an amendment by Unanimous Consent.", ("passage",)),
    ("Passed/agreed to in Senate: Submitted in the Senate, considered, and agreed to", ("introduction", "passage")),
    ("Presented to President.", ("executive-receipt",)), ("Signed by President.", ("executive-signature",)),
    ("Vetoed by President.", ("executive-veto",)), ("Became Public Law No: 199-1.", ("became-law",)),
    ("Passed Senate over veto by Yea-Nay Vote. 67 - 33.", ("veto-override-passage",)),
    ("Failed of passage/not agreed to in House: On passage Failed", ("failure",)),
    ("The Wick Inspector blew out the lamp.", None),
])
def test_a_label_means_a_step_of_open_civic_data(label: str, classes: tuple[str, ...] | None) -> None:
    assert ACTIONS.classify(label) == classes


@pytest.mark.parametrize(("today", "wanted", "chosen"), [
    (date(2026, 6, 1), None, [119]), (date(2025, 2, 1), None, [118, 119]), (date(2026, 6, 1), "118", [118]),
    (date(2026, 6, 1), "all", [117, 118, 119])])
def test_the_newest_congress_is_crawled_and_after_a_turnover_the_one_before(
        today: date, wanted: str | None, chosen: list[int]) -> None:
    assert choose_congresses([117, 118, 119], wanted, today) == chosen


def test_a_congress_that_the_site_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="congress='3'"):
        choose_congresses([118, 119], "3", date(2026, 6, 1))


# --- real documents ---------------------------------------------------------------------------------------------------


def test_every_real_status_file_of_both_schemas_is_read(shared: Path) -> None:
    folder = shared / "data/us-federal/billstatus"
    files = sorted(p for p in folder.rglob("*") if p.name.endswith((".xml", ".xml.gz")))
    bodies = [(p.name, gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes()) for p in files]
    began = time.process_time()
    bills = [(name, parse_bill(body, name)) for name, body in bodies]
    speed = sum(len(b) for _, b in bodies) / 1e6 / (time.process_time() - began)
    for name, found in bills:
        congress, letters, number = re.search(r"(\d+)([a-z]+)(\d+)", name).groups()  # type: ignore[union-attr]
        assert (found.session, found.identifier) == (congress, f"{letters.upper()} {number}"), name
        assert found.actions and found.title, name
        assert len({v.code for v in found.versions}) == len(found.versions), name
    assert len(bills) == 73
    assert speed > 20, f"{speed:.0f} MB/s of CPU"


def test_the_actions_of_the_replay_are_those_of_its_truth(shared: Path) -> None:
    sys.path.insert(0, str(shared / "replay"))
    import render  # type: ignore[import-not-found]
    import world  # type: ignore[import-not-found]

    which = os.environ.get("BILLWATCH_REPLAY_BILLS", "on-topic")  # "all": 16,310 bills, about a minute
    for real in world.World(bills=which).bills.values():
        found = parse_bill(render.status_xml(real, "2026-05-30"), real.id)
        truth = world.distinct_actions(real.view("2026-05-30")["actions"])
        assert Counter((str(a.date), a.description) for a in found.actions) == Counter(
            (e["date"], e["text"]) for e in truth if not e["loc_duplicate"]), real.id
        assert {v.code for v in found.versions} == {t["version"] for t in real.view("2026-05-30")["texts"]}, real.id


def test_a_real_law_ends_as_law(shared: Path) -> None:
    page = shared / "data/us-federal/billstatus/formatChange-future/BILLSTATUS-117hr2471.xml"
    assert stage_of(parse_bill(page.read_bytes(), "page")) == "became-law"
