"""Following a spool that another process writes, and may have left torn."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker import wire
from tracker.app import Services
from tracker.errors import ConfigError
from tracker.locks import Busy, only_one
from tracker.model import Harvest, IngestMode, Run, RunVerdict, VerdictKind
from tracker.polling.crawling import Order, _walked_whole, crawl, follow, unfinished_runs
from tracker.settings import load_settings


def lines(*ids: str) -> bytes:
    return b"".join(wire.encode(Harvest(i)) + b"\n" for i in ids)


def taken(spool: Path, *alive: bool) -> list[str | None]:
    answers = iter(alive)
    return [h.bill_id for h in follow(spool, lambda: next(answers, False)) if h is not None]


def test_complete_lines_are_read_and_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    spool = tmp_path / "spool.jsonl"
    spool.write_bytes(lines("us/1/a-1", "us/1/a-2") + b'{"bill_id":"us/1/a-')
    assert taken(spool) == ["us/1/a-1", "us/1/a-2"]


def test_a_spool_that_was_never_begun_is_empty(tmp_path: Path) -> None:
    assert taken(tmp_path / "spool.jsonl") == []


def test_what_is_written_just_before_the_writer_ends_is_still_read(tmp_path: Path) -> None:
    spool = tmp_path / "spool.jsonl"
    spool.write_bytes(lines("us/1/a-1"))
    got = []
    stream = follow(spool, iter([True, True, False, False, False]).__next__)
    for harvest in stream:
        if harvest is None:
            spool.write_bytes(lines("us/1/a-1", "us/1/a-2"))
        else:
            got.append(harvest.bill_id)
    assert got == ["us/1/a-1", "us/1/a-2"]


def test_a_line_written_in_two_halves_is_read_once_whole(tmp_path: Path) -> None:
    spool = tmp_path / "spool.jsonl"
    whole = lines("us/1/a-1")
    spool.write_bytes(whole[:10])
    got = []
    for harvest in follow(spool, iter([True, True, False, False]).__next__):
        if harvest is None:
            spool.write_bytes(whole)
        else:
            got.append(harvest.bill_id)
    assert got == ["us/1/a-1"]


def test_a_damaged_line_is_left_out_and_the_next_one_is_read(tmp_path: Path) -> None:
    spool = tmp_path / "spool.jsonl"
    spool.write_bytes(lines("us/1/a-1") + b"\x00\x00\x00\n" + lines("us/1/a-2"))
    assert taken(spool) == ["us/1/a-1", "us/1/a-2"]


def run(kind: VerdictKind | None, **counts: int) -> Run:
    verdict = RunVerdict(kind, "") if kind else None
    return Run("us-1", "us", IngestMode.BACKFILL, datetime(2026, 3, 2, tzinfo=UTC), verdict=verdict, counts=counts)


@pytest.mark.parametrize(("done", "whole"), [
    (run(VerdictKind.OK, listed=100), True),
    (run(VerdictKind.OK, listed=1, partial=1), False),
    (run(VerdictKind.DRIFTED, listed=100, pages_drifted=1), True),
    (run(VerdictKind.DRIFTED, listed=100, pages_drifted=60), False),
    (run(VerdictKind.DRIFTED, listed=0, pages_drifted=1), False),
    (run(VerdictKind.DRIFTED, listed=100, errors=1), False),
    (run(VerdictKind.BLOCKED, listed=100), False),
    (run(None, listed=100), False),
])
def test_only_a_source_that_was_walked_whole_alerts_from_then_on(done: Run, whole: bool) -> None:
    assert _walked_whole(done) is whole


def test_a_crawl_that_refused_to_start_does_not_stand_in_the_way_of_the_next(tmp_path: Path) -> None:
    with Services(load_settings(home=tmp_path, contact="")) as services:
        for _ in range(2):
            with pytest.raises(ConfigError, match="contact"):
                crawl(services, Order("us"))
            assert unfinished_runs(services, "us") == []


def test_a_lock_keeps_a_second_process_out_and_falls_with_its_holder(tmp_path: Path) -> None:
    code = ("import sys, time, pathlib; from tracker.locks import only_one\n"
            "with only_one(pathlib.Path(sys.argv[1]), 'x', 'busy'): print('in', flush=True); time.sleep(60)")
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE,
                              cwd=Path(__file__).resolve().parents[3])
    assert holder.stdout and holder.stdout.readline() == b"in\n"
    with pytest.raises(Busy), only_one(tmp_path, "x", "busy"):
        pass
    holder.kill()
    holder.wait()
    with only_one(tmp_path, "x", "busy"):
        pass
