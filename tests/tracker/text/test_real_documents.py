"""Real documents, where they are at hand: what was once read by eye beside its source stays as it was read.

`real_documents.tsv` holds facts only: path under the shared folder, jurisdiction, characters inserted and struck,
whether marks are known, sections, and the SHA-256 of the text. Where a reader is meant to read otherwise, look at the
document, then put the line that the failure prints in the place of the old one.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text import read

FACTS = Path(__file__).with_name("real_documents.tsv")
LINES = [line for line in FACTS.read_text(encoding="utf-8").splitlines()[1:] if line]
MEDIA_TYPES = {".xml": "text/xml", ".lob": "text/xml", ".htm": "text/html", ".html": "text/html", ".txt": "text/plain"}
PARLIAMENTS = {"canada": "ca", "uk": "gb", "ireland": "ie"}


def jurisdiction(path: str) -> str:
    part, place = path.split("/")[1:3]
    return "us" if part == "us-federal" else f"us-{place}" if part == "us-states" else PARLIAMENTS.get(place, place)


def load(page: Path) -> tuple[bytes, str] | None:
    """Bytes and media type of a document, if it is of a type that is read here."""
    name = page.name.lower().removesuffix(".gz")
    if name.endswith(".json"):  # Virginia's text comes in a record
        return json.loads(page.read_bytes())["text"].encode(), "text/html"
    media_type = MEDIA_TYPES.get(Path(name).suffix)
    if media_type is None:
        return None
    body = page.read_bytes()
    return (gzip.decompress(body) if page.suffix == ".gz" else body), media_type


def facts(path: str, marked: MarkedText) -> str:
    length = {kind: sum(m.end - m.start for m in marked.marks if m.kind is kind) for kind in MarkKind}
    sections = sum(p.level == "section" for p in marked.provisions)
    known = "known" if marked.marks_known else "unknown"
    digest = hashlib.sha256(marked.text.encode()).hexdigest()[:16]
    return "\t".join((path, jurisdiction(path), str(length[MarkKind.INSERTED]), str(length[MarkKind.STRUCK]), known,
                      str(sections), digest))  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.partition("\t")[0].rpartition("/")[2])
def test_a_real_document_reads_as_it_was_read_by_eye(line: str, shared: Path) -> None:
    path = line.partition("\t")[0]
    page = shared / path
    if not page.exists():
        pytest.skip(f"this document is not here: {path}")
    loaded = load(page)
    assert loaded is not None
    assert facts(path, read(*loaded, jurisdiction(path))) == line


def documents(shared: Path) -> Iterator[tuple[str, bytes, str]]:
    for page in sorted((shared / "data").rglob("*")):
        if page.is_file() and ".json" not in page.suffixes and (loaded := load(page)) is not None:
            yield page.relative_to(shared).as_posix(), *loaded


def test_every_real_document_is_read_or_refused_with_a_reason(shared: Path) -> None:
    read_well = 0
    for path, body, media_type in documents(shared):
        try:
            marked = read(body, media_type, jurisdiction(path))
        except TextError as refused:
            assert "expected" in str(refused) and "got" in str(refused), path
            continue
        read_well += 1
        last = 0
        for mark in marked.marks:
            assert last <= mark.start < mark.end <= len(marked.text), path
            last = mark.end
        for p in marked.provisions:
            assert 0 <= p.start <= p.end <= len(marked.text), path
            if p.parent is not None:
                outer = marked.provisions[p.parent]
                assert outer.start <= p.start and p.end <= outer.end, (path, p.path)
        assert len({p.path for p in marked.provisions}) == len(marked.provisions), path
    assert read_well > 500
