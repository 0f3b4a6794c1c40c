"""What a reviewer broke, kept as sentences: crash windows, full disks, stale knowledge, absurd numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digests.delivery import sending
from tracker import wire
from tracker.app import Services
from tracker.demo.site import DemoSite
from tracker.errors import StoreError
from tracker.ids import bill_id
from tracker.ingest import Counts, Ingester
from tracker.jobs import crawl_job, deliver_job
from tracker.model import (
    Bill,
    Cadence,
    Delivery,
    EventKind,
    Filter,
    Harvest,
    IngestMode,
    Run,
    RunVerdict,
    Subscription,
    VerdictKind,
)
from tracker.polling.crawling import Order, _mode, _open_run, crawl, unfinished_runs
from tracker.polling.sources import judge
from tracker.settings import load_settings
from tracker.store.ledger import SqlLedger

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
BILL = Bill("us", "999", "HR 7", title="Sample Act", introduced_on=date(2026, 3, 2))


def services(home: Path, **settings: str) -> Services:
    return Services(load_settings(home=home, **settings), lambda: NOW)


def harvest(bill: Bill) -> Harvest:
    return Harvest(bill_id(bill.jurisdiction, bill.session, bill.identifier), bill, wire.content_hash(bill))


def test_killed_between_walking_and_noting_it_the_next_crawl_is_still_news(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DemoSite() as site, services(tmp_path) as mine:
        save = mine.store.save_run

        def dies_at_the_end(run: Run) -> None:
            if run.finished_at is not None:
                raise StoreError("the disk is full")
            save(run)

        with monkeypatch.context() as patch:
            patch.setattr(mine.store, "save_run", dies_at_the_end)
            with pytest.raises(StoreError):
                crawl(mine, Order("us", site.base_url))
        assert len(unfinished_runs(mine, "us")) == 1
        assert _mode(mine, Order("us")) is IngestMode.LIVE
        told = mine.store.last_seq()
        again = crawl(mine, Order("us", site.base_url))
        assert (again.mode, again.counts["events"], mine.store.last_seq()) == (IngestMode.LIVE, 0, told)
        assert unfinished_runs(mine, "us") == []


def test_what_another_writer_has_written_meanwhile_is_read_before_deciding_anew(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with services(tmp_path) as mine:
        def ingest(bill: Bill) -> Counts:
            return Ingester(mine.store, mine.rules, lambda page: b"", lambda: NOW, IngestMode.LIVE, "us",
                            Counts()).ingest([harvest(bill)])

        ingest(BILL)
        monkeypatch.setattr(mine.store, "content_hashes", lambda ids: {})  # asked just before the other one wrote
        ingest(replace(BILL, title="Other Act"))
        assert [e.kind for e in mine.store.events()] == [EventKind.BILL_INTRODUCED, EventKind.TITLE_CHANGED]


def reader(mine: Services, confirmed: bool = True) -> Subscription:
    row = Subscription("reader1", mine.keys.seal("r@example.org", "reader1"), mine.keys.blind_index("r@example.org"),
                       Filter(), Cadence.INSTANT, "UTC", 8, 0, 0, NOW - timedelta(days=30),
                       confirmed_at=NOW - timedelta(days=29) if confirmed else None)
    mine.ledger.add(row)
    return row


def test_a_ledger_that_cannot_write_sends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with services(tmp_path, mail="folder") as mine:
        mine.ledger.queue(Delivery("d1", reader(mine).id, 0, 1, NOW), None)

        def full(self: SqlLedger, deliveries: Sequence[Delivery], now: datetime) -> list[Delivery]:
            raise StoreError("the disk is full")

        monkeypatch.setattr(SqlLedger, "claim", full)
        with pytest.raises(StoreError):
            sending.send_open(mine.ledger, mine.store, mine.mailer, mine.keys, mine.site, NOW)
        assert not list(mine.settings.outbox_folder.glob("*.eml"))


def test_a_sign_up_that_nobody_confirmed_is_deleted_even_while_mail_is_off(tmp_path: Path) -> None:
    with services(tmp_path) as mine:
        row = reader(mine, confirmed=False)
        deliver_job(mine)
        assert mine.ledger.get(row.id) is None


def test_absurd_numbers_are_answered_like_the_nearest_sensible_ones(tmp_path: Path) -> None:
    with services(tmp_path) as mine:
        Ingester(mine.store, mine.rules, lambda page: b"", lambda: NOW, IngestMode.LIVE, "us",
                 Counts()).ingest([harvest(BILL)])
        assert len(mine.store.events(-10**30)) == 1
        assert mine.store.events(10**30) == []
        assert mine.store.latest_events(-10**30, 5) == []
        assert len(mine.store.latest_events(10**30, 5)) == 1


@pytest.mark.parametrize(("finished", "counts", "stale"), [
    (NOW - timedelta(hours=1), {}, False),
    (NOW - timedelta(hours=1), {"partial": 1}, True),
    (NOW - timedelta(days=3), {}, True),
    (NOW + timedelta(days=3), {}, True),
])
def test_a_source_is_well_only_after_a_whole_good_crawl_lately(finished: datetime, counts: dict[str, int],
                                                              stale: bool) -> None:
    run = Run("us-1", "us", IngestMode.LIVE, finished, finished, RunVerdict(VerdictKind.OK, ""), counts)
    assert judge("us", [run], NOW, timedelta(hours=26)).stale is stale


def test_an_unfinished_run_is_taken_in_before_the_next_one(tmp_path: Path) -> None:
    with DemoSite() as site, services(tmp_path) as mine:
        left = _open_run(mine, Order("us"))
        (mine.settings.archive / left.id / "spool.jsonl").write_bytes(wire.encode(harvest(BILL)) + b'\n{"torn')
        crawl(mine, Order("us", site.base_url))
        assert mine.store.bill("us/999/hr-7") is not None
        assert unfinished_runs(mine, "us") == []


@pytest.mark.parametrize("stopped", [True, False])
def test_a_crawl_that_the_end_of_the_service_cut_short_is_made_up_for_at_once(tmp_path: Path, stopped: bool) -> None:
    with DemoSite() as site, services(tmp_path, crawl_base_url=site.base_url) as mine:
        if stopped:
            mine.stopping.set()
        crawl_job(mine, "us")
        assert (mine.store.job_last_run("crawl:us") is None) is stopped
