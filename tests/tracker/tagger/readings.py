"""Sections of real bills that readers of this project judged by the taxonomy, found again by their hash.

`readings.tsv` holds facts only: the first 16 digits of a section's SHA-256, its document, the topics with their
effects, and the topics on which readers could fairly differ. The words stay in the shared folder.
"""

from __future__ import annotations

import csv
import hashlib
import lzma
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

TABLE = Path(__file__).with_name("readings.tsv")
_HEADS = re.compile(r"(?m)^[ \t*“\"]*(?:SEC\.|SECTION|Sec\.|Section|§|NEW SECTION)\s*\**\s*\d+")
CORPUS = Path("data/corpus/us-on-topic-all-versions.jsonl.xz")


def sections(text: str) -> Iterator[str]:
    """A text cut at its section headings, as the readers saw it."""
    cuts = [0, *(m.start() for m in _HEADS.finditer(text)), len(text)]
    for start, end in pairwise(cuts):
        section = text[start:end].strip()
        if 150 < len(section) < 9000:
            yield section


def digest(section: str) -> str:
    return hashlib.sha256(section.encode()).hexdigest()[:16]


def units(shared: Path) -> Iterator[dict[str, Any]]:
    """Judged sections of Congress with their words, as the reference labels are written."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        judged = {row["sha256"]: row for row in csv.DictReader(lines, delimiter="\t")}
    documents = {row["document"].rpartition("-")[0] for row in judged.values()}
    with lzma.open(shared / CORPUS) as lines:
        for line in lines:
            bill = msgspec.json.decode(line)
            if f"{bill['congress']}-{bill['bill']}" not in documents:
                continue
            for version in bill["versions"]:
                for section in sections(version.get("text") or ""):
                    row = judged.pop(digest(section), None)
                    if row is not None:
                        yield {"id": row["sha256"], "jurisdiction": "us", "document": row["document"], "text": section,
                               "title": bill["title"], "marks": [], "labels": _labels(row["labels"]),
                               "borderline": row["borderline"].split()}  # fmt: skip


def _labels(cell: str) -> list[dict[str, str]]:
    return [dict(zip(("topic", "effect"), one.split(":"), strict=True)) for one in cell.split()]
