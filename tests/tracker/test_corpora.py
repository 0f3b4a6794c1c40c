"""Corpora in all their shapes, one text at a time."""

from __future__ import annotations

import json
import lzma
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.corpora import DatabaseCorpus, FileCorpus
from tracker.errors import ConfigError
from tracker.model import Bill, Change, MarkedText, MarkKind, ReadText, TextStatus, Topic, Version
from tracker.store.store import SqlStore

UNIT = {"id": "u1", "jurisdiction": "us-xx", "title": "Lamps", "text": "Lamps are lit.",
        "marks": [{"kind": "struck", "start": 0, "end": 5}], "labels": [{"topic": "worker-rights"}],
        "borderline": ["criminalization"]}  # fmt: skip
BILL = {"congress": 999, "bill": "hr-1", "title": "Lamps", "text": "SECTION 1. LAMPS.\n\nThey are lit."}
VERSIONS = {"congress": 999, "bill": "hr-2", "title": "Torches",
            "versions": [{"code": "ih", "text": "SEC. 2. A.\n\nB."}, {"code": "eh", "text": ""}, {"text": "C."}]}
DOCUMENT = {"id": "d1", "jurisdiction": "us", "title": None, "media_type": "text/plain", "body": "SEC. 2. A.\n\nB."}


def corpus(folder: Path, *rows: object, name: str = "some.jsonl") -> FileCorpus:
    path = folder / name
    body = "".join(json.dumps(row) + "\n" for row in rows).encode() + b"\n"
    path.write_bytes(lzma.compress(body) if name.endswith(".xz") else body)
    return FileCorpus(path)


@pytest.mark.parametrize("name", ["some.jsonl", "some.jsonl.xz"])
def test_every_shape_of_line_is_read(tmp_path: Path, name: str) -> None:
    found = corpus(tmp_path, UNIT, BILL, VERSIONS, DOCUMENT, name=name)
    assert (found.name, [sample.id for sample in found]) == (
        "some", ["u1", "999-hr-1", "999-hr-2-ih", "999-hr-2-?", "d1"])
    assert found.done > 0
    assert next(iter(found)).id == "u1"  # and again from its beginning


def test_a_unit_keeps_its_marks_and_labels(tmp_path: Path) -> None:
    [sample] = corpus(tmp_path, UNIT)
    assert [mark.kind for mark in sample.text.marks] == [MarkKind.STRUCK]
    assert (sample.context.jurisdiction, sample.labels, sample.borderline) == (
        "us-xx", {Topic.WORKER_RIGHTS}, {Topic.CRIMINALIZATION})


def test_a_text_that_nobody_labelled_has_no_labels_rather_than_none(tmp_path: Path) -> None:
    [sample] = corpus(tmp_path, {"id": "u2", "text": "x"})
    assert sample.labels is None


@pytest.mark.parametrize("row", [{"text": "x"}, {"id": "a"}, [], {"id": "a", "media_type": "video/x", "body": "y"},
                                 {"id": "a", "text": "x", "labels": [{"topic": "weather"}]}])
def test_a_line_that_is_none_is_named(tmp_path: Path, row: object) -> None:
    with pytest.raises(ConfigError, match=r"some\.jsonl, line 2"):
        list(corpus(tmp_path, UNIT, row))


def test_a_file_that_is_not_there_or_torn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        FileCorpus(tmp_path / "no.jsonl")
    path = tmp_path / "torn.jsonl.xz"
    path.write_bytes(lzma.compress(json.dumps(UNIT).encode() * 100)[:80])
    with pytest.raises(ConfigError, match=r"torn\.jsonl\.xz"):
        list(FileCorpus(path))


def test_the_database_is_a_corpus_of_all_that_it_holds(tmp_path: Path) -> None:
    store = SqlStore.open(tmp_path / "store.db")
    assert list(DatabaseCorpus(store)) == []
    versions = (Version("ih", "Introduced"), Version("eh", "Passed"))
    texts = tuple(ReadText(v.code, TextStatus.AVAILABLE, "https://example.org", "text/plain", "00", MarkedText(v.note))
                  for v in versions)
    with store.write() as writer:
        for number in ("1", "2"):
            bill = Bill("us", "999", f"HR {number}", title="Lamps", versions=versions)
            writer.apply(Change(f"us/999/hr-{number}", bill, "h", 0, "introduced", (), texts),
                         datetime(2031, 3, 4, tzinfo=UTC))
    corpus = DatabaseCorpus(store)
    assert [(s.id, s.text.text, s.context.title) for s in corpus][:2] == [
        ("us/999/hr-1/ih", "Introduced", "Lamps"), ("us/999/hr-1/eh", "Passed", "Lamps")]
    assert corpus.done == corpus.total == 4
    assert list(DatabaseCorpus(store, "gb")) == []
    store.close()
