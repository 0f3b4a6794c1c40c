"""What changed between two dates: page, data and command."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from litestar.testing import TestClient
from typer.testing import CliRunner

from tests.tracker.web.sample import DULL, NASTY, NOW, PLAIN, sample
from tracker.app import Services
from tracker.cli import app
from tracker.history.asof import read_span
from tracker.ingest import decide
from tracker.model import Action, Harvest, IngestMode


@pytest.fixture
def moved(services: Services) -> Services:
    """At NOW - 1 h the bill passes a chamber and changes its name."""
    with services.store.write() as writer:
        old = sample(12, "Fair Streets Act")
        passed = Action("Passed House", date=NOW.date(), classification=("passage",), chamber="lower")
        bill = replace(old, title="Unfair Streets Act", actions=(*old.actions, passed))
        change = decide(writer.state(PLAIN), Harvest(PLAIN, bill, "other"), (), IngestMode.LIVE)
        assert change
        writer.apply(change, NOW - timedelta(hours=1))
    return services


def test_a_change_is_told_with_the_state_before_and_after(moved: Services, client: TestClient) -> None:
    body = client.get("/api/v1/changes", params={"from": "2031-05-06"}).json()
    by_bill = {b["bill"]["id"]: b for b in body["bills"]}
    assert list(by_bill) == [NASTY, PLAIN]
    was, now = by_bill[PLAIN]["before"], by_bill[PLAIN]["bill"]
    assert (was["title"], was["stage"]) == ("Fair Streets Act", "in-committee")
    assert (now["title"], now["stage"]) == ("Unfair Streets Act", "passed-one")
    assert [e["kind"] for e in by_bill[PLAIN]["events"]] == ["title-changed", "action-recorded"]
    assert by_bill[NASTY]["before"] is None


def test_what_came_after_the_end_is_left_out(moved: Services, client: TestClient) -> None:
    body = client.get("/api/v1/changes", params={"from": "2031-05-04", "to": "2031-05-05"}).json()
    assert [b["bill"]["id"] for b in body["bills"]] == [DULL, PLAIN]
    assert body["bills"][1]["bill"]["title"] == "Fair Streets Act"


def test_changes_can_be_asked_of_a_bill_a_topic_and_a_legislature(moved: Services, client: TestClient) -> None:
    def ids(**asked: str) -> set[str]:
        found = client.get("/api/v1/changes", params={"from": "2031-05-01", **asked}).json()
        return {b["bill"]["id"] for b in found["bills"]}

    assert ids() == {DULL, PLAIN, NASTY}
    assert ids(topic="platform-liability") == {PLAIN}
    assert ids(bill=NASTY) == {NASTY}
    assert ids(jurisdiction="yy") == set()
    assert ids(jurisdiction="XX") == ids(jurisdiction="xx") == ids()


def test_the_answers_in_pieces_are_the_whole_answer(services: Services, client: TestClient,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [e for b in client.get("/api/v1/changes?from=2031-05-01").json()["bills"] for e in b["events"]]
    monkeypatch.setattr("tracker.web.changed.EVENTS_A_PAGE", 3)
    pieces, after = [], 0
    while after is not None:
        body = client.get("/api/v1/changes", params={"from": "2031-05-01", "after": after}).json()
        pieces += [e for b in body["bills"] for e in b["events"]]
        after = body["next"]
    assert sorted(e["seq"] for e in pieces) == sorted(e["seq"] for e in whole)
    assert len(pieces) > 6


def test_the_page_tells_it_in_words_and_hostile_titles_stay_words(moved: Services, client: TestClient) -> None:
    page = client.get("/changes?from=2031-05-06").text
    assert "<s>In committee</s> → <strong>Passed one chamber</strong>" in page
    assert "Before, its title was: Fair Streets Act" in page
    assert "<script>" not in page
    assert "Nothing changed" in client.get("/changes?from=2031-05-01&jurisdiction=yy").text


@pytest.mark.parametrize("query", ["from=soon", "from=2031-05-06&to=2031-05-01",
                                   "from=2031-05-06&to=2031-05-05", "to=2031-06-01", "topic=lamps"])
def test_what_cannot_be_meant_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/changes?{query}").status_code == 400
    assert client.get(f"/api/v1/changes?{query}").status_code == 400


def test_dates_that_cannot_be_read_are_refused_in_words(client: TestClient) -> None:
    assert "the first not after the last" in client.get("/changes?from=2031-05-06&to=2031-05-05").text
    assert "el primero no posterior al último" in client.get("/changes?from=soon&lang=es").text


def test_a_bill_and_a_legislature_are_understood_as_people_write_them(moved: Services, client: TestClient) -> None:
    usual = client.get("/api/v1/changes", params={"from": "2031-05-01", "bill": PLAIN}).json()
    assert usual["bills"]
    for written in ("XX/7/HB 12", "/xx/7/hb12", "xx/7/H.B. 0012"):
        assert client.get("/api/v1/changes", params={"from": "2031-05-01", "bill": written}).json() == usual


def test_both_days_of_a_span_are_included() -> None:
    now = datetime(2031, 3, 6, 12, tzinfo=UTC)
    span = read_span("2031-03-04", "2031-03-05", now)
    assert (span.before.at.isoformat(), span.until.at.isoformat()) == (
        "2031-03-03T23:59:59.999999+00:00", "2031-03-05T23:59:59.999999+00:00")
    assert read_span(None, None, now).before.written == "2031-02-27"
    assert read_span("0001-01-01", "0001-01-02", now).before.at.year == 1


def test_the_commands_tell_the_same(moved: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.commands.history.open_services", lambda: moved)
    at = f"{NOW - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"
    then = json.loads(CliRunner().invoke(app, ["history", PLAIN, "--as-of", at, "--json"]).output)
    assert (then["bill"]["title"], then["revision"]) == ("Fair Streets Act", 1)
    told = CliRunner().invoke(app, ["changes", "--from", "2031-05-06", "--bill", PLAIN])
    assert "In committee → Passed one chamber" in told.output and "2 changes of 1 bill," in told.output


def test_the_history_on_the_command_line_tells_votes_with_their_counts(services: Services,
                                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.commands.history.open_services", lambda: services)
    told = " ".join(CliRunner().invoke(app, ["history", PLAIN]).output.split())
    assert "2031-04-02 vote: House, Shall <b>it</b> be referred?: passed 57 to 40, 2 excused" in told


def test_a_bill_a_topic_and_a_legislature_lead_to_what_changed_in_them(client: TestClient) -> None:
    for path, asked in ((f"/{PLAIN}", f"bill={PLAIN}"), ("/topics/decriminalization", "topic=decriminalization"),
                        ("/xx", "jurisdiction=xx")):
        [link] = re.findall(r'href="(/changes[^"]*)"', client.get(path).text)
        assert asked in link
        assert client.get(link.replace("&amp;", "&")).status_code == 200


def test_the_page_tells_of_flagged_bills_unless_all_are_asked_for(moved: Services, client: TestClient) -> None:
    asked = {"from": "2031-05-01"}
    flagged = client.get("/changes", params=asked).text
    assert f'href="/{PLAIN}"' in flagged and f'href="/{DULL}"' not in flagged
    assert f'href="/{DULL}"' in client.get("/changes", params={**asked, "bills": "all"}).text
    assert f'href="/{DULL}"' in client.get("/changes", params={**asked, "bill": DULL}).text
    nothing = client.get("/changes", params={**asked, "jurisdiction": "yy"}).text
    assert "bills=all" in nothing and "Nothing changed" in nothing
    assert client.get("/changes", params={"bills": "some"}).status_code == 400


def test_all_bills_stay_asked_for_on_the_next_page(
        moved: Services, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.web.changed.EVENTS_A_PAGE", 1)
    page = client.get("/changes", params={"from": "2031-05-01", "bills": "all"}).text
    assert re.search(r'rel="next" href="/changes\?[^"]*bills=all[^"]*after=', page)


def test_each_step_on_the_page_bears_its_date(moved: Services, client: TestClient) -> None:
    page = client.get("/changes", params={"bill": PLAIN, "from": "2031-05-06"}).text
    assert re.search(rf'<time datetime="{NOW.date()}">[^<]*</time></p>\s*<p class="what">Passed House', page)
