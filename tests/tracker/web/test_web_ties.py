"""A bill's page and answer say which bills it is tied to, how far each has come, and what was known of that when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html
from typer.testing import CliRunner

from tests.tracker.web.sample import DULL, NASTY, NOW, PLAIN, open_sample, sample
from tracker.app import Services
from tracker.cli import app
from tracker.ingest import decide
from tracker.model import (
    Action,
    Bill,
    Effect,
    Flag,
    Harvest,
    IngestMode,
    MarkedText,
    Provision,
    ReadText,
    RelatedBill,
    TextStatus,
    Topic,
    Version,
)
from tracker.store import kindred
from tracker.web.app import create_app

FAR = "yy/31/sb-9"
WORDS = "SEC. 7. LAMPS.\nThe warden of the lamps is\nno longer liable for the darkness of the street.\n"
AGAIN = WORDS.replace("SEC. 7", "Section 12").replace("is\nno", "is no").upper()


def tell(services: Services, identity: str, bill: Bill, at_hours: int = 0, **texts: str) -> None:
    """The record, and a flag on all of each text."""
    read = tuple(ReadText(code, TextStatus.AVAILABLE, f"https://legislature.example/{code}", "text/plain",
                          hashlib.sha256(words.encode()).hexdigest(),
                          MarkedText(words, (), (Provision("S", words.split()[1].strip("."), None, "section", 0,
                                                           len(words)),)),
                          (Flag(Topic.DECRIMINALIZATION, Effect.ADVANCES, "S", 0, 4, words[:4], "r", "1", 0.9),))
                 for code, words in texts.items())
    with services.store.write() as writer:
        change = decide(writer.state(identity), Harvest(identity, bill, repr(bill), ()), read, IngestMode.LIVE)
        assert change is not None
        writer.apply(change, NOW - timedelta(days=1) + timedelta(hours=at_hours))


def passes(bill: Bill, chamber: str = "upper") -> Bill:
    step = Action(f"Passed the {chamber} chamber", date(2031, 5, 5), None, ("passage",), chamber)
    return replace(bill, actions=(*bill.actions, step))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = open_sample(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(services)) as made:
        yield made


def related(client: TestClient[Any], identity: str, as_of: str = "") -> list[str]:
    page = client.get(f"/{identity}{f'?as-of={as_of}' if as_of else ''}")
    return [" ".join(x.text_content().split()) for x in lxml_html.fromstring(page.text).xpath(
        "//section[@aria-labelledby='related']/h2/following-sibling::ul[1]/li")]


def alike(client: TestClient[Any], identity: str, as_of: str = "") -> list[str]:
    page = client.get(f"/{identity}{f'?as-of={as_of}' if as_of else ''}")
    links = lxml_html.fromstring(page.text).xpath("//h3[@id='alike']/following-sibling::ul/li/a/@href")
    assert all(link.endswith(as_of) for link in links), "a page of a day leads to pages of the day"
    return [link.partition("?")[0] for link in links]


def test_a_bill_that_is_named_shows_who_names_it(client: TestClient[Any]) -> None:
    assert "HB 12" in related(client, DULL)[0] and "(companion)" in related(client, DULL)[0]
    told = related(client, PLAIN)
    assert [x.split(":")[0] for x in told] == ["SB 1", "HB 13", "HB 14"]
    assert "names this bill (companion)" in told[2] and "In committee" in told[2] and "2 April 2031" in told[2]
    assert "names this bill" not in told[0]


def test_two_bills_that_name_each_other_are_told_once(client: TestClient[Any], services: Services) -> None:
    bill = sample(14, "A dull bill")
    tell(services, DULL, replace(bill, related_bills=(RelatedBill("7", "SB 1"),)), 1)
    assert not any("HB 14" in x for x in related(client, PLAIN))
    tell(services, PLAIN, replace(sample(12, "Fair Streets Act"), related_bills=(
        RelatedBill("7", "H.B. 0014", "companion"), RelatedBill("7", "HB 14", "identical"),
        RelatedBill("7", "HB 12", "self"))), 2)
    tell(services, DULL, replace(bill, related_bills=(RelatedBill("7", "HB 12", "replaced by"),)), 3)
    [first, *_] = related(client, PLAIN)
    assert first.startswith("HB 14: A dull bill (companion, identical) names this bill (replaced by)")
    assert sum("HB 14" in x for x in related(client, PLAIN)) == 1
    assert not any("HB 12" in x for x in related(client, PLAIN)), "a bill is no relation of itself"


def test_a_step_of_the_twin_is_on_the_page_at_once_and_changes_its_etag(client: TestClient[Any],
                                                                       services: Services) -> None:
    first = client.get(f"/{DULL}")
    assert "In committee" in related(client, DULL)[0]
    api = client.get(f"/api/v1/bills/{DULL}")
    assert client.get(f"/{DULL}", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    tell(services, PLAIN, passes(sample(12, "Fair Streets Act")), 1)
    later = client.get(f"/{DULL}", headers={"if-none-match": first.headers["etag"]})
    assert later.status_code == 200 and later.headers["etag"] != first.headers["etag"]
    assert "Passed one chamber" in related(client, DULL)[0]
    again = client.get(f"/api/v1/bills/{DULL}", headers={"if-none-match": api.headers["etag"]}).json()
    assert [r["held"]["stage"] for r in again["related"] if r["id"] == PLAIN] == ["passed-one"]


def test_of_a_day_the_twin_stands_where_it_stood_then(client: TestClient[Any], services: Services) -> None:
    bill = sample(12, "Fair Streets Act")
    before = f"{NOW - timedelta(days=1) + timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}"
    tell(services, PLAIN, passes(replace(bill, related_bills=(RelatedBill("7", "HB 14", "companion"),))), 1)
    assert "Passed one chamber" in related(client, DULL)[0]
    assert related(client, DULL, before) == [x for x in related(client, DULL, before) if "Passed" not in x] != []
    assert any("HB 14" in x and "names this bill" in x for x in related(client, PLAIN, before))
    assert not any("names this bill" in x for x in related(client, PLAIN) if "HB 14" in x)
    first = f"{NOW - timedelta(days=1, hours=12):%Y-%m-%dT%H:%M:%SZ}"  # the other bill was not known yet
    assert related(client, DULL, first)[0].startswith("HB 12 (companion)") and "April" not in related(
        client, DULL, first)[0]


def test_the_same_words_are_found_in_other_legislatures_whatever_their_number(client: TestClient[Any],
                                                                             services: Services) -> None:
    here, there = (Bill(place, "31", number, title="Lamps", versions=(Version("a", "As introduced"),))
                   for place, number in (("xx", "HB 1"), ("yy", "SB 9")))
    tell(services, "xx/31/hb-1", here, 1, a=WORDS)
    assert alike(client, "xx/31/hb-1") == []
    tell(services, FAR, there, 2, a=AGAIN)
    assert alike(client, "xx/31/hb-1") == [f"/{FAR}"] and alike(client, FAR) == ["/xx/31/hb-1"]
    between = f"{NOW - timedelta(days=1) + timedelta(minutes=90):%Y-%m-%dT%H:%M:%SZ}"
    assert alike(client, "xx/31/hb-1", between) == []
    tell(services, FAR, passes(there), 3)
    body = client.get("/api/v1/bills/xx/31/hb-1").json()["same_words"]
    assert body["total"] == 1 and [x["stage"] for x in body["bills"]] == ["passed-one"]
    tell(services, FAR, passes(there), 4, a=AGAIN.replace("LIABLE", "PUNISHED"))
    assert alike(client, "xx/31/hb-1") == []
    until = f"{NOW - timedelta(days=1) + timedelta(hours=3, minutes=30):%Y-%m-%dT%H:%M:%SZ}"
    assert alike(client, "xx/31/hb-1", until) == [f"/{FAR}"]


def test_long_lists_end_and_are_counted(client: TestClient[Any], services: Services,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kindred.Kindred.alike, "__defaults__", (2,))
    monkeypatch.setattr(kindred.Kindred.naming, "__defaults__", (1,))
    for number in range(1, 6):
        bill = Bill("yy", "31", f"HB {number}", versions=(Version("a", "As introduced"),), related_bills=(
            RelatedBill("31", "HB 99"),))
        tell(services, f"yy/31/hb-{number}", passes(bill) if number == 3 else bill, number, a=WORDS)
    tell(services, "yy/31/hb-99", Bill("yy", "31", "HB 99"), 9)
    assert alike(client, "yy/31/hb-1") == ["/yy/31/hb-3", "/yy/31/hb-5"], "those that came furthest are first"
    text = client.get("/yy/31/hb-1").text
    assert "2 more bills have such a section." in text
    assert "4 more bills name this one." in client.get("/yy/31/hb-99").text
    assert client.get("/api/v1/bills/yy/31/hb-99").json()["more_naming"] == 4
    assert client.get("/api/v1/bills/yy/31/hb-1").json()["same_words"]["total"] == 4


def test_words_of_other_bills_are_escaped(client: TestClient[Any]) -> None:
    text = client.get(f"/{PLAIN}").text
    assert NASTY in text and "<script>alert" not in text


def test_the_command_line_tells_the_ties_of_a_bill_and_how_far_each_has_come(
        services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.commands.history.open_services", lambda: services)
    tell(services, "xx/31/hb-1", Bill("xx", "31", "HB 1", versions=(Version("a", "As introduced"),), related_bills=(
        RelatedBill("31", "SB 2", "companion"),)), 1, a=WORDS)
    tell(services, FAR, passes(Bill("yy", "31", "SB 9", versions=(Version("a", "As introduced"),))), 2, a=AGAIN)
    said = CliRunner().invoke(app, ["history", "xx/31/hb-1"]).output
    assert "related: SB 2 (companion)\n" in said
    assert f"the same words: {FAR}: Passed one chamber, 2031-05-05" in said
    named = CliRunner().invoke(app, ["history", PLAIN]).output
    assert "related: HB 14 (names this bill, companion): In committee, 2031-04-02" in named
    before = f"{NOW - timedelta(days=1) + timedelta(minutes=90):%Y-%m-%dT%H:%M:%SZ}"
    then = json.loads(CliRunner().invoke(app, ["history", "xx/31/hb-1", "--as-of", before, "--json"]).output)
    assert then["same_words"] == {"total": 0, "bills": []} and [r["id"] for r in then["related"]] == ["xx/31/sb-2"]
