"""Sections of real bills that were renumbered, moved, added or dropped, as a person read them in both versions.

`real_sections.tsv` holds facts only: congress, bill, version codes, the beginnings of the SHA-256 of both texts, and
the number of the section in each ("-": the other text has no such section). Of the sections of a pair that are marked
"moved", one at least left its place among the others.
"""

from __future__ import annotations

import hashlib
import json
import lzma
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

from tracker.redline import Redline, compare, prepare
from tracker.text import read

Case = tuple[str, ...]
ROWS = [tuple((line + "\t" * 8).split("\t")[:9])
        for line in (Path(__file__).parent / "real_sections.tsv").read_text().splitlines()[1:]]
PAIRS = [(" ".join(key), list(cases)) for key, cases in groupby(ROWS, key=lambda row: row[:4])]


@cache
def texts(corpus: Path) -> dict[tuple[str, str, str], str]:
    wanted = {(row[0], row[1]) for row in ROWS}
    found = {}
    with lzma.open(corpus, "rt") as lines:
        for line in lines:
            bill = json.loads(line)
            if (str(bill["congress"]), bill["bill"]) in wanted:
                for version in bill["versions"]:
                    found[str(bill["congress"]), bill["bill"], version["code"]] = version.get("text") or ""
    return found


def redline_of(shared: Path, case: Case) -> Redline:
    name = "us-on-topic-all-versions.jsonl.xz"
    corpus = next((p for p in (shared / "corpus" / name, shared / "data" / "corpus" / name) if p.is_file()), None)
    if corpus is None:
        pytest.skip(f"{name} is not among the real documents")
    both = [texts(corpus)[case[0], case[1], code] for code in case[2:4]]
    assert [hashlib.sha256(text.encode()).hexdigest()[:16] for text in both] == list(case[4:6])
    return compare(*(prepare(read(text.encode(), "text/plain", "us")) for text in both))


def test_the_list_has_at_least_thirty_cases_of_renumbered_or_moved_sections() -> None:
    assert sum("-" not in (row[6], row[7]) for row in ROWS) >= 30


@pytest.mark.parametrize(("name", "cases"), PAIRS, ids=[name for name, _ in PAIRS])
def test_sections_are_found_again_as_a_reader_found_them(shared: Path, name: str, cases: list[Case]) -> None:
    found = redline_of(shared, cases[0])
    pairs, moved, renumbered = set(), set(), set()
    for row in found.rows:
        old, new = found.before(row), found.after(row)
        pair = (old.num if old else "-", new.num if new else "-")
        pairs.add(pair)
        moved |= {pair} if row.moved else set()
        renumbered |= {pair} if row.renumbered else set()
    read_as = {(row[6], row[7]) for row in cases}
    assert read_as <= pairs
    assert {pair for pair in read_as if "-" not in pair and pair[0] != pair[1]} <= renumbered
    in_list = {(row[6], row[7]) for row in cases if row[8]}
    assert not in_list or in_list & moved
