"""Stored texts tagged anew by other rules: corrections once, whatever interrupts it, on SQLite and PostgreSQL."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracker import wire
from tracker.cli import app
from tracker.desk.review import words_of
from tracker.ids import bill_id
from tracker.ingest import Counts as Ingested
from tracker.ingest import Ingester
from tracker.locks import only_one
from tracker.model import (
    Bill,
    Decision,
    EventKind,
    FetchedText,
    Harvest,
    IngestMode,
    Link,
    Page,
    ReviewVerdict,
    TextStatus,
    Topic,
    Version,
)
from tracker.ports import EventQuery
from tracker.retagging import Counts, Order, retag
from tracker.store.store import SqlStore
from tracker.tagger import Ruleset, load_rules
from tracker.tagger.rules import RULES
from tracker.tagger.stamp import stamp

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
REPEAL = "Section 12 of the Examplia Code (relating to prostitution) is repealed."
OFFENCE = "Whoever engages in prostitution is guilty of a misdemeanor."
LAMPS = "Whoever lights a lamp is praised."
OLD_RULE = """
topic = "worker-rights"
stems = ["lamp"]
[[rule]]
id = "worker-rights/lamps"
subtopic = "s"
note = "A rule that nobody needs."
anchors = ["lights a lamp"]
examples = ["Whoever lights a lamp is praised."]
counterexamples = ["A lamp."]
"""
TODAY = load_rules()


@pytest.fixture
def old_rules(tmp_path: Path) -> Ruleset:
    """Rules of yesterday: they know offences, and lamps, and no repeal."""
    folder = tmp_path / "old-rules"
    folder.mkdir()
    for name in ("terms.toml", "criminalization.toml"):
        (folder / name).write_bytes((RULES / name).read_bytes())
    (folder / "lamps.toml").write_text(OLD_RULE)
    return load_rules(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'billwatch.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store(address: str) -> Iterator[SqlStore]:
    store = SqlStore.open(address)
    yield store
    store.close()


def fill(store: SqlStore, rules: Ruleset, sentences: list[str], first: int = 1) -> None:
    """A bill for each sentence: us/999/hr-1 and on."""
    pages: dict[str, bytes] = {}
    harvests = []
    for number, sentence in enumerate(sentences, first):
        url = f"https://legislature.example/BILLS-999hr{number}ih.xml"
        pages[url] = (f'<?xml version="1.0"?><bill bill-stage="Introduced-in-House"><form><legis-num>H. R. {number}'
                      f"</legis-num></form><legis-body><section><enum>1.</enum><header>Matter</header><text>{sentence}"
                      f"</text></section></legis-body></bill>").encode()
        page = Page(url, hashlib.sha256(pages[url]).hexdigest(), NOW)
        version = Version("ih", "Introduced in House", date(2026, 3, 2), (Link(url, "text/xml"),))
        bill = Bill("us", "999", f"HR {number}", title=f"Sample Act {number}", versions=(version,))
        harvests.append(Harvest(bill_id("us", "999", f"HR {number}"), bill, wire.content_hash(bill), (),
                                (FetchedText("ih", url, "text/xml", page),)))
    Ingester(store, rules, lambda page: pages[page.url], lambda: NOW, IngestMode.LIVE, "us",
             Ingested()).ingest(harvests)


def again(store: SqlStore, clock: Callable[[], datetime] = lambda: NOW, stop: Callable[[], bool] = lambda: False,
          **order: object) -> Counts:
    return retag(store, TODAY, clock, Order(**order), stop=stop)  # type: ignore[arg-type]


def log(store: SqlStore) -> list[tuple[str, str, str, str]]:
    return [(e.kind, e.bill_id, e.data["topic"], e.mode) for e in store.events()
            if e.kind in (EventKind.FLAG_RAISED, EventKind.FLAG_WITHDRAWN)]


def topics(store: SqlStore, number: int) -> list[Topic]:
    state = store.bill(f"us/999/hr-{number}")
    assert state is not None
    return [flag.topic for flag in state.versions[0].flags]


def test_flags_that_come_and_go_are_corrections_and_no_news(store: SqlStore, old_rules: Ruleset) -> None:
    fill(store, old_rules, [REPEAL, OFFENCE, LAMPS, "Torches are lit."])
    before, last = log(store), store.last_seq()
    counts = again(store)
    assert log(store)[len(before):] == [
        ("flag-raised", "us/999/hr-1", "decriminalization", "repair"),
        ("flag-withdrawn", "us/999/hr-3", "worker-rights", "repair")]
    assert (counts.texts, counts.bills, counts.changed, counts.raised, counts.withdrawn) == (4, 4, 2, 1, 1)
    assert (topics(store, 1), topics(store, 2), topics(store, 3)) == (
        [Topic.DECRIMINALIZATION], [Topic.CRIMINALIZATION], [])
    assert store.events(last, query=EventQuery(alerting=True)) == []


def test_every_flag_names_the_ruleset_that_now_stands_behind_it(store: SqlStore, old_rules: Ruleset) -> None:
    fill(store, old_rules, [OFFENCE])
    again(store)
    state = store.bill("us/999/hr-1")
    assert state is not None
    assert [flag.ruleset for flag in state.versions[0].flags] == [TODAY.version]


def test_a_second_run_finds_nothing_to_do(store: SqlStore, old_rules: Ruleset) -> None:
    fill(store, old_rules, [REPEAL, OFFENCE, LAMPS])
    again(store)
    last, state = store.last_seq(), store.bill("us/999/hr-1")
    assert again(store) == Counts()
    assert again(store, everything=True) == Counts(total=3, texts=3, bills=3)
    assert (store.last_seq(), store.bill("us/999/hr-1")) == (last, state)


def test_texts_that_the_rules_of_today_tagged_are_left_alone(store: SqlStore) -> None:
    fill(store, TODAY, [REPEAL, "Torches are lit."])
    assert store.count_stale(stamp(TODAY)) == 0
    assert again(store) == Counts()


def test_only_what_is_asked_for_is_tagged_anew(store: SqlStore, old_rules: Ruleset) -> None:
    fill(store, old_rules, [REPEAL])
    assert again(store, jurisdiction="gb") == Counts()
    assert again(store, since=NOW + timedelta(days=1)) == Counts()
    assert again(store, jurisdiction="us", since=NOW).raised == 1


def test_what_was_cut_short_goes_on_where_it_stood(store: SqlStore, old_rules: Ruleset) -> None:
    fill(store, old_rules, [REPEAL] * 5)
    asked = iter([False, False, True])
    assert again(store, stop=lambda: next(asked), chunk=2).raised == 4
    assert again(store, chunk=2) == Counts(total=1, texts=1, bills=1, changed=1, raised=1, events=1)


def test_a_bill_that_a_crawl_changes_meanwhile_is_read_again(store: SqlStore, old_rules: Ruleset) -> None:
    fill(store, old_rules, [REPEAL, LAMPS])
    calls = []

    def clock() -> datetime:
        if not calls:  # tagged, not yet written: another text arrives
            calls.append(1)
            fill(store, old_rules, [OFFENCE], first=2)
        return NOW

    counts = again(store, clock)
    assert (counts.raised, counts.left) == (1, 0)
    assert topics(store, 2) == [Topic.CRIMINALIZATION]
    assert store.count_stale(stamp(TODAY)) == 0


def test_what_people_decided_stays_in_force(store: SqlStore, old_rules: Ruleset) -> None:
    fill(store, TODAY, [OFFENCE])
    state, text = store.bill("us/999/hr-1"), store.text("us/999/hr-1", "ih")
    assert state is not None and text is not None
    [flag] = state.versions[0].flags
    with store.write() as writer:
        writer.decide(Decision("us/999/hr-1", "ih", flag, words_of(text, flag), ReviewVerdict.REJECT, "a mention",
                               "ann", "editor", NOW))
    counts = again(store, everything=True)
    state = store.bill("us/999/hr-1")
    assert state is not None
    assert (state.versions[0].flags, len(state.versions[0].withheld), counts.withdrawn) == ((), 1, 1)
    assert again(store, everything=True).events == 0


def test_a_text_that_cannot_be_had_is_left_alone(store: SqlStore, old_rules: Ruleset) -> None:
    fill(store, old_rules, [REPEAL])
    state = store.bill("us/999/hr-1")
    assert state is not None
    fill(store, old_rules, ["x <torn"], first=2)
    broken = store.bill("us/999/hr-2")
    assert broken is not None and broken.versions[0].status is TextStatus.UNAVAILABLE
    assert again(store).texts == 1


# --- the command ------------------------------------------------------------------------------------------------------


def command(home: Path, address: str) -> tuple[list[str], dict[str, str]]:
    environment = {**os.environ, "BILLWATCH_HOME": str(home), "BILLWATCH_DATABASE": address}
    return [sys.executable, "-m", "tracker.cli", "retag", "--json", "--chunk", "1"], environment


def finished(run: list[str], environment: dict[str, str]) -> dict[str, int]:
    told: dict[str, int] = json.loads(subprocess.run(run, cwd=ROOT, env=environment, check=True,
                                                     capture_output=True).stdout)
    return told


def test_killed_at_any_moment_it_writes_each_correction_once(address: str, old_rules: Ruleset, tmp_path: Path) -> None:
    sentences = [REPEAL, OFFENCE, LAMPS] * 25
    store = SqlStore.open(address)
    fill(store, old_rules, sentences)
    run, environment = command(tmp_path / "home", address)
    for _ in range(6):
        left = store.count_stale(stamp(TODAY))
        process = subprocess.Popen(run, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while store.count_stale(stamp(TODAY)) > left - 5 and time.monotonic() < until:
            time.sleep(0.002)
        process.kill()
        process.wait()
    assert 0 < store.count_stale(stamp(TODAY)) <= 45
    done = finished(run, environment)
    assert (done["stale"], done["left"]) == (0, 0)
    corrections = Counter(entry for entry in log(store) if entry[3] == "repair")
    assert set(corrections.values()) == {1}
    assert Counter(kind for kind, *_ in corrections) == {"flag-raised": 25, "flag-withdrawn": 25}
    last = store.last_seq()
    assert finished(run, environment)["texts"] == 0
    assert store.last_seq() == last
    store.close()


def test_crawls_and_re_tagging_go_on_beside_each_other(address: str, old_rules: Ruleset, tmp_path: Path) -> None:
    store = SqlStore.open(address)
    fill(store, old_rules, [REPEAL] * 40)
    run, environment = command(tmp_path / "home", address)
    process = subprocess.Popen(run, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    number = 41
    while process.poll() is None:  # new bills, and new texts of bills that are being tagged anew
        fill(store, TODAY, [OFFENCE], first=number)
        fill(store, TODAY, [OFFENCE], first=number - 40)
        number += 1
    _, problems = process.communicate()
    assert (process.returncode, problems) == (0, b"")
    again(store)
    assert store.count_stale(stamp(TODAY)) == 0
    assert [e.seq for e in store.events(limit=10_000)] == list(range(1, store.last_seq() + 1))
    store.close()


def test_health_says_how_many_texts_are_of_older_rules(old_rules: Ruleset, tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BILLWATCH_DATABASE", raising=False)
    store = SqlStore.open(tmp_path / "home" / "billwatch.db")
    fill(store, old_rules, [REPEAL, LAMPS])
    assert "2 texts were tagged by an older ruleset: `billwatch retag`" in CliRunner().invoke(app, ["health"]).stderr
    shown = CliRunner().invoke(app, ["retag"]).stdout
    assert shown.startswith("2 texts of 2 bills tagged by ruleset ")
    assert shown.endswith("1 flags raised, 1 withdrawn, in 2 bills\n")
    assert "older ruleset" not in CliRunner().invoke(app, ["health"]).stderr
    store.close()


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run, environment = command(home, f"sqlite:///{home / 'billwatch.db'}")
    with only_one(home, "retag", "busy"):
        done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "another process is re-tagging now" in done.stderr


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    run, environment = command(tmp_path, "")
    done = subprocess.run([*run, "--since", "yesterday"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "expected a day like 2026-01-31" in done.stderr
