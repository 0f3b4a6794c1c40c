"""An aggregator beside our own reading: what is a disagreement, what is kept, who is told, and that nothing changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from digests.site import Site
from digests.wording.disagreements import compose_disagreements, summary, told
from spiders import witness
from spiders.discovery import find
from tests.spiders.mirror import Manifest, Mirror, serve
from tracker import jobs
from tracker.app import Services
from tracker.errors import ConfigError, Unreachable
from tracker.model import Bill, Harvest, IngestMode
from tracker.polling.watching import survey
from tracker.polling.witness import MOST_KEPT, Dispute, Statement, compare, due_notice
from tracker.polling.witnessing import compare_job, compare_now, pairs
from tracker.settings import load_settings

NOW = datetime(2185, 3, 20, 12, tzinfo=UTC)
MARCH = date(2185, 3, 1)


def ours(number: str, title: str = "An act about lamps", stage: str = "in-committee", on: date = MARCH) -> Statement:
    return Statement("2185", number, (title,), stage, on)


def theirs(number: str, title: str = "An act about lamps", stage: str | None = "introduced", on: date = MARCH,
           session: str = "2185 Regular Session") -> Statement:
    return Statement(session, number, (title,), stage, on)


def kinds(mine: list[Statement], other: list[Statement]) -> list[tuple[str, str]]:
    return [(str(d.kind), d.identifier) for d in compare("us-wa", "legiscan", mine, other, NOW).found]


BASE = (ours("HB 1"), theirs("HB0001"))  # makes the two sessions one


@pytest.mark.parametrize(("mine", "other", "found"), [
    ([], [], []),
    ([], [theirs("SB 2")], [("missing", "SB 2")]),
    ([ours("SB 2")], [], [("unlisted", "SB 2")]),
    ([ours("SB 2")], [theirs("SB002", on=MARCH + timedelta(days=4))], [("behind", "SB 2")]),
    ([ours("SB 2")], [theirs("SB002", on=MARCH + timedelta(days=3))], []),
    ([ours("SB 2")], [theirs("SB002", on=MARCH - timedelta(days=4))], [("ahead", "SB 2")]),
    ([ours("SB 2", stage="signed")], [theirs("SB002", stage="became-law")], []),
    ([ours("SB 2", stage="in-committee")], [theirs("SB002", stage="passed-one")], [("status", "SB 2")]),
    ([ours("SB 2", stage="in-committee")], [theirs("SB002", stage=None)], []),
    ([ours("SB 2", stage="died")], [theirs("SB002", stage="introduced")], []),
    ([ours("SB 2", stage="died")], [theirs("SB002", on=MARCH - timedelta(days=40))], []),  # our own step
    ([ours("SB 2", stage="died")], [theirs("SB002", on=MARCH + timedelta(days=4))], [("behind", "SB 2")]),
    ([ours("SB 2", stage="passed-both")], [theirs("SB002", stage="became-law")], []),
    ([ours("SB 2", stage="became-law")], [theirs("SB002", stage="passed-both")], [("status", "SB 2")]),
    ([ours("SB 2", title="Lamps, relating to")], [theirs("SB002", title="Relating to lamps.")], []),
    ([ours("SB 2", title="Tide tables")], [theirs("SB002", title="The ferry fund")], [("title", "SB 2")]),
])
def test_what_is_a_disagreement(mine: list[Statement], other: list[Statement], found: list[tuple[str, str]]) -> None:
    assert kinds([BASE[0], *mine], [BASE[1], *other]) == found


def test_sessions_are_matched_by_their_bills_since_their_names_differ() -> None:
    special = [theirs("HB 1", "Snow", session="2185 1st Special"), theirs("HB 2", "Ice", session="2185 1st Special")]
    held = [ours("HB 1"), Statement("2185S1", "HB 1", ("Snow",)), Statement("2184", "HB 1", ("Old lamps of 2184",))]
    assert kinds(held, [BASE[1], *special]) == [("missing", "HB 2")]
    halves = [BASE[1], theirs("SB 5", session="2185-2186 First Year"), theirs("SB 6", session="2185-2186 First Year")]
    assert kinds([ours("HB 1"), ours("SB 5")], halves) == [("missing", "SB 6")], "two of theirs are one of ours"
    assert kinds([ours("HB 9", "Other")], [theirs("HB 9", "Nothing alike")]) == [], "a session we do not have"


def test_all_are_counted_and_some_are_kept_gravest_first() -> None:
    report = compare("us-wa", "legiscan", [BASE[0], ours("HB 2", title="Tides")],
                     [BASE[1], theirs("HB 2", title="A fund"), *(theirs(f"SB {n}") for n in range(1, 500))], NOW)
    assert (report.counts, report.total, report.grave) == ({"missing": 499, "title": 1}, 500, 499)
    assert len(report.found) == MOST_KEPT and {d.kind for d in report.found} == {Dispute.MISSING}
    assert report.compared == 2


REPORT = compare("us-wa", "legiscan", [BASE[0]], [BASE[1], theirs("SB 2", "Fog\r\nBcc: x@y.example")], NOW)


def test_the_operator_hears_at_once_and_then_once_a_week() -> None:
    assert due_notice(REPORT, None) and due_notice(REPORT, NOW - timedelta(days=7))
    assert not due_notice(REPORT, NOW - timedelta(days=6))
    assert not due_notice(compare("us-wa", "legiscan", [BASE[0]], [BASE[1]], NOW), None)


def test_the_mail_tells_counts_and_bills_and_no_stranger_writes_a_header() -> None:
    site = Site(base_url="https://watch.example", name="watch", contact="", tag_authority="watch.example",
                sender="watch@watch.example")
    message = compose_disagreements(REPORT, "operator@watch.example", site)
    again = compose_disagreements(REPORT, "operator@watch.example", site)
    body = message.get_content()
    assert message.as_bytes() == again.as_bytes() and message["Bcc"] is None
    assert "1 bills compared; 1 listed there and not held by us" in body and "https://watch.example/sources" in body
    assert "SB 2 of 2185 Regular Session" in body and "\nBcc" not in body.replace("\r", "")
    assert "compared; no disagreement." in summary(compare("us-wa", "legiscan", [BASE[0]], [BASE[1]], NOW))
    assert told(REPORT.found[0]).count("\n") == 0


@pytest.mark.parametrize("text", ["us-wa", "us-wa:govtrack", "gb:legiscan", "us-wa:legiscan:x"])
def test_a_pair_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="expected pairs like"):
        load_settings(home=tmp_path, witnesses=text)


def test_a_witness_is_off_without_the_setting_and_without_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch
                                                                  ) -> None:
    monkeypatch.delenv("BILLWATCH_KEY_LEGISCAN", raising=False)
    with Services(load_settings(home=tmp_path)) as s:
        assert pairs(s) == () and load_settings(home=tmp_path).witnesses == ()
    with Services(load_settings(home=tmp_path, witnesses="us-wa:legiscan")) as s:
        assert pairs(s) == ()
        compare_job(s)
        assert s.store.runs() == [] and "compare" in {j.name for j in jobs.schedule(s)}
    with Services(load_settings(home=tmp_path, witnesses="us-wa:legiscan", source_keys={"legiscan": "k"})) as s:
        assert pairs(s) == (("us-wa", "legiscan"),)


@pytest.mark.parametrize(("source", "platform"), [("us-oh", "legiscan"), ("gb", "openstates"), ("us-wa", "none")])
def test_only_a_state_that_we_read_ourselves_has_a_witness(source: str, platform: str) -> None:
    with pytest.raises(ConfigError):
        witness.of(find(source), platform)


# --- a real crawl of a witness on loopback ----------------------------------------------------------------------------

SESSION = {"session_id": 9001, "prior": 0, "special": 0, "session_name": "2185 Regular Session"}
ROWS = [(1, "HB1", 1, "2185-03-01", "Referred", "An act about lamps"), (2, "SB2", 2, "2185-03-09", "Passed", "Fog"),
        *((n, f"HB{n}", 1, "2185-03-01", "Referred", "One of many") for n in range(100, 260))]


@pytest.fixture
def legiscan(tmp_path: Path) -> Iterator[Mirror]:
    folder = tmp_path / "pages"
    (folder / "day1").mkdir(parents=True)
    listed = {str(n): {"bill_id": b, "number": number, "change_hash": "x", "url": "u", "status_date": on,
                       "status": status, "last_action_date": on, "last_action": step, "title": title,
                       "description": title} for n, (b, number, status, on, step, title) in enumerate(ROWS)}
    pages = {"sessions": {"status": "OK", "sessions": [SESSION]},
             "list": {"status": "OK", "masterlist": {"session": SESSION, **listed}}}
    for name, page in pages.items():
        (folder / "day1" / f"{name}.json").write_text(json.dumps(page))
    manifest = Manifest(folder, {"pages": {"https://api.legiscan.com/?op=getSessionList&state=WA": "sessions.json",
                                           "https://api.legiscan.com/?op=getMasterList&id=9001": "list.json"}})
    spider = type("Low", (witness.of(find("us-wa"), "legiscan"),), {})
    with serve(Mirror(manifest, spider)) as mirror:
        yield mirror


class Mailbox:
    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []

    def send(self, message: EmailMessage, recipient: str) -> None:
        self.sent.append(message)


def test_a_witness_is_asked_compared_and_told_and_nothing_is_taken_in(
        tmp_path: Path, legiscan: Mirror) -> None:
    settings = load_settings(home=tmp_path / "home", mail="folder", operator="operator@watch.example")
    with Services(settings) as s:
        from tracker.ingest import Counts, Ingester
        bill = Bill("us-wa", "2185", "HB 1", "An act about lamps")
        Ingester(s.store, s.rules, lambda page: b"", s.clock, IngestMode.LIVE, "us-wa", Counts()).ingest(
            [Harvest("us-wa/2185/hb-1", bill, "hash")])
        before = (s.store.last_seq(), s.store.bill("us-wa/2185/hb-1"))
        box = Mailbox()
        s.__dict__["mailer"] = box
        report = compare_now(s, "us-wa", "legiscan", legiscan.base_url)
        assert legiscan.unknown == [] and report.counts == {"missing": 161} and report.compared == 1
        assert (s.store.last_seq(), s.store.bill("us-wa/2185/hb-1")) == before
        assert s.store.bill("us-wa/2185/sb-2") is None
        assert [str(m["Subject"]) for m in box.sent] == ["Two sources disagree"] and report.told_at is not None
        compare_now(s, "us-wa", "legiscan", legiscan.base_url)
        assert len(box.sent) == 1, "once a week"
        runs = s.store.runs("legiscan")
        assert len(runs) == 2 and all(r.counts["requests"] >= 2 for r in runs)
        assert "legiscan" not in {h.source for h in survey(s)}
        legiscan.blocked = True
        with pytest.raises(Unreachable, match="expected the whole list"):
            compare_now(s, "us-wa", "legiscan", legiscan.base_url)
        assert len(s.witness_reports.reports("us-wa")) == 2, "a refusal is no report"


def test_open_states_gives_what_its_lists_say(tmp_path: Path) -> None:
    from tests.spiders.template import Template

    site = Template.read(find("us-pr"), "openstates")
    plain = "https://v3.openstates.org/bills?jurisdiction={{place}}&session=2185&sort=updated_asc&per_page=20&page="
    site.manifest.said["pages"] |= {f"{plain}1": "list1.json", f"{plain}2": "list2.json"}
    base = type("Read", (find("us-wa"),), {"name": "us-pr", "title": "Puerto Rico"})
    site.spider = witness.of(base, "openstates")
    harvests, stats = site.crawl(tmp_path)
    assert [(h.bill.identifier, h.bill.actions[-1].date) for h in harvests if h.bill] == [
        ("HB 1", date(2185, 1, 14)), ("SB 10", date(2185, 2, 20)), ("SR 3", date(2185, 2, 25))]
    assert stats["listed"] == 3
