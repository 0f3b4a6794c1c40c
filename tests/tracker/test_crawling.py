"""Following a spool that another process writes, and may have left torn."""

from __future__ import annotations

from pathlib import Path

from tracker import wire
from tracker.crawling import follow
from tracker.model import Harvest


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
