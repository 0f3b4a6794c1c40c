"""The past of many synthetic bills: milliseconds of a page of another day, beside the same page of today.

``python -m bench past_at_size``: 20,000 bills on SQLite and on PostgreSQL. As many change whatever `BENCH_BILLS` says
(100 since yesterday, 1,500 in a month, 6,000 in a year), so that two sizes tell what grows with what is held and what
with what changed. ``BENCH_ON=sqlite`` or ``postgresql`` and ``BENCH_KEEP=folder`` choose as in ``bench.search``.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from litestar.testing import TestClient

from bench._bills import Synthetic
from bench._table import show
from bench.search import _in_a_hurry, _postgresql, _sqlite
from tracker.app import Services
from tracker.events import Desk
from tracker.ids import bill_id
from tracker.model import Action, Change, EventKind, IngestMode
from tracker.query import parse
from tracker.settings import Settings
from tracker.store.search import SearchQuery
from tracker.store.store import SqlStore
from tracker.web.app import create_app

NOW = datetime(2026, 11, 1, tzinfo=UTC)
YEARS = 6  # that the log reaches back
OFTEN = 1.6  # replaced states of a bill that changed
SINCE = {"a day ago": (1, 100), "a month ago": (30, 1_500), "a year ago": (365, 6_000)}  # days, bills that changed
PAGES = {
    "list": "/bills?show=all&", "list, legislature": "/bills?show=all&jurisdiction=us-wa&",
    "list, topic": "/bills?topic=criminalization&", "list, words": "/bills?show=all&words=health&",
    "list (API)": "/api/v1/bills?", "topics": "/topics?", "topic": "/topics/criminalization?", "overview": "/overview?",
    "legislature": "/us-wa?", "week": "/week?", "calendar": "/calendar?", "flags (API)": "/api/v1/flags?",
    "search": "/search?q=prostitution&", "search, common word": "/search?q=health&",
    "search, field": "/search?q=jurisdiction:us-wa+trafficking&",
}
REPEAT = 5
HEAD = ("database", "page", "today", *SINCE, "first, a year ago")


def main() -> None:
    bills, wanted = int(os.environ.get("BENCH_BILLS", "20000")), os.environ.get("BENCH_ON")
    for name, open_address in (("sqlite", _sqlite), ("postgresql", _postgresql)):
        if wanted not in (None, name):
            continue
        with open_address() as address, tempfile.TemporaryDirectory() as home:
            settings = Settings(home=Path(home), database=address, api_per_minute=10**6,
                                _env_file=None)  # type: ignore[call-arg]
            with Services(settings, lambda: NOW) as services:
                load, begun = psutil.getloadavg()[0], time.perf_counter()
                if services.store.last_seq() == 0:
                    with _in_a_hurry(services) if name == "postgresql" else nullcontext():
                        live(services.store, bills)
                made = time.perf_counter() - begun
                rows = measure(name, services)
                clock = "CPU" if name == "sqlite" else "the clock"
                print(f"{name}: {bills} bills, made in {made:.0f} s; load average {load:.1f} to "
                      f"{psutil.getloadavg()[0]:.1f} on {os.cpu_count()} cores; ms of {clock}")
                show(HEAD, rows)


# --- many bills and what happened to them --------------------------------------------------------------------------


def live(store: SqlStore, bills: int) -> None:
    """All are recorded before the last year. As many more states as a quarter of them have were replaced by then."""
    dice = random.Random(7)
    begin, year_ago = NOW - timedelta(days=365 * YEARS), NOW - timedelta(days=365)
    step = (year_ago - begin) / (bills + bills // 4 + 1)
    changes = Synthetic(sections=20_000, longest=8 if bills <= 50_000 else 2).changes(bills)  # more take too long
    held: list[Change] = []
    steps: list[tuple[datetime, Change]] = []
    at = begin
    for one in changes:
        at += step
        held.append(replace(one, texts=()))
        steps.append((at, one))
        if len(steps) == 500:
            write(store, steps)
            steps.clear()
        if len(held) % 10_000 == 0:
            print(f"  {len(held)} bills", file=sys.stderr)
    write(store, steps)
    revisions = [1] * len(held)
    old = [(at + step * n, dice.randrange(len(held))) for n in range(1, bills // 4)]
    new = sorted(moments(dice, len(held)))
    for some in chunks([*old, *new], 500):
        write(store, [(when, next_change(held, revisions, which, when)) for when, which in some])


def moments(dice: random.Random, bills: int) -> Iterator[tuple[datetime, int]]:
    """When bills changed in the last year, and which: each span of SINCE holds the shorter ones."""
    order = dice.sample(range(bills), min(bills, SINCE["a year ago"][1]))
    begin, done = 0.0, 0
    for days, count in SINCE.values():
        for which in order[done:count]:
            for _ in range(1 + (dice.random() < OFTEN - 1)):
                yield NOW - timedelta(days=dice.uniform(begin, days)), which
        begin, done = days, count


def next_change(held: list[Change], revisions: list[int], which: int, when: datetime) -> Change:
    """A step is added; in one of ten, the title changes."""
    one, revision = held[which], revisions[which]
    steps = (*one.bill.actions, Action(f"Step {revision} was taken", when.date()))
    title = f"{one.bill.title} as amended {revision}" if which % 10 == 0 else one.bill.title
    bill = replace(one.bill, actions=steps, title=title)
    identity = bill_id(bill.jurisdiction, bill.session, bill.identifier)
    event = Desk(identity, bill, revision + 1, one.topics, IngestMode.LIVE, ()).event(
        EventKind.ACTION_RECORDED, str(revision), when.date(), text=steps[-1].description)
    stage = "reported" if revision % 2 else one.stage
    revisions[which] += 1
    held[which] = replace(one, bill=bill, stage=stage)
    return replace(held[which], base_revision=revision, texts=(), events=(event,))


def write(store: SqlStore, steps: list[tuple[datetime, Change]]) -> None:
    with store.write() as writer:
        for at, one in steps:
            writer.apply(one, at)


def chunks(every: list[tuple[datetime, int]], size: int) -> Iterator[list[tuple[datetime, int]]]:
    return (every[start:start + size] for start in range(0, len(every), size))


# --- figures -------------------------------------------------------------------------------------------------------


def measure(name: str, services: Services) -> list[tuple[object, ...]]:
    """Each address is asked once, a second later each time: nothing comes from answers that are kept."""
    when = {title: NOW - timedelta(days=days) for title, (days, _) in SINCE.items()}
    with TestClient(create_app(services)) as client:
        rows = []
        for title, path in PAGES.items():
            today = median(name, client, [f"{path}{vary(path, n)}" for n in range(REPEAT)])
            then = [median(name, client, [f"{path}as-of={at + timedelta(seconds=n):%Y-%m-%dT%H:%M:%SZ}"
                                          for n in range(REPEAT)]) for at in when.values()]
            rows.append((name, title, *(ms(x) for x, _ in (today, *then)), ms(then[-1][1])))
        found = services.search.find(SearchQuery(parse("jurisdiction:us-wa"), limit=REPEAT)).hits
        bills = [hit.row.id for hit in found]
        rows.append((name, "bill", ms(median(name, client, [f"/{one}" for one in bills])[0]), *(
            ms(median(name, client, [f"/{one}?as-of={at:%Y-%m-%d}" for one in bills])[0]) for at in when.values()), ""))
        rows.append((name, "changes from then to now", "", *(
            ms(median(name, client, [f"/changes?bills=all&from={at - timedelta(days=n):%Y-%m-%d}&to=2026-10-31"
                                     for n in range(REPEAT)])[0]) for at in when.values()), ""))
    return rows


def vary(path: str, n: int) -> str:
    return f"limit={n + 20}" if "/api/" in path else f"n={n}"


def median(name: str, client: TestClient, paths: list[str]) -> tuple[float, float]:
    """(the median, the first) in milliseconds; the first makes what others find made."""
    spent = [asked(name, client, path) for path in paths]
    return sorted(spent)[len(spent) // 2], spent[0]


def asked(name: str, client: TestClient, path: str) -> float:
    clock = time.process_time if name == "sqlite" else time.perf_counter  # the CPU of a server is told in hundredths
    begun = clock()
    answer = client.get(path)
    spent = (clock() - begun) * 1000
    if answer.status_code == 400 and "q=" in path:
        return -1.0  # too much has changed since
    assert answer.status_code in (200, 404), (path, answer.status_code, answer.text[:300])
    return spent


def ms(spent: float) -> str:
    return "refused" if spent < 0 else f"{spent:.0f}" if spent >= 10 else f"{spent:.1f}"
