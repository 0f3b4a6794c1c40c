"""Real PDFs, never part of this repository, against facts of them: pages, words struck and inserted, hash of the text.

A text that changes on purpose changes its hash here: look at the page first.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tracker.model import MarkKind
from tracker.text.pdf import parse

# (file, pages, words struck, words inserted, marks known, SHA-256 of the text)
FACTS = [
    ("vt/**/H-0756*.pdf", 8, 6, 792, True, "cf5c1c6ec51e64a0"),
    ("vt/**/H-0707*.pdf", 7, 143, 294, True, "27f9d3c50537c8c5"),
    ("vt/**/H-0190*.pdf", 4, 0, 639, True, "fe3ce10eb84c5427"),
    ("ri/**/S2399_2399.pdf", 17, 3394, 45, True, "e15b95f24f9ab992"),
    ("ri/**/S2402_2402.pdf", 5, 407, 26, True, "c9eb08cc4408e955"),
    ("ri/**/H8172_8172.pdf", 6, 0, 968, True, "74a9f705a7dd1a39"),
    ("or/pdf/on-topic/measure-2023r1-hb2002-introduced.pdf", 39, 231, 5236, True, "e46bb0a290498955"),
    ("or/pdf/on-topic/measure-2019r1-sb577-enrolled.pdf", 17, 419, 2014, True, "bcd27621d9bf51e8"),
    ("or/pdf/on-topic/measure-2025r1-sb1111-introduced.pdf", 169, 2520, 2897, True, "e329421f6d0537be"),
    ("ut/**/CP_SB0073*.pdf", 35, 1230, 2812, True, "eb23dff3b9e8eb9b"),
    ("ut/**/CP_HB0221*.pdf", 63, 823, 1803, True, "11976ceacb4c0fe9"),
    ("ut/**/HB0289.Hamd*.pdf", 2, 16, 60, True, "f22e34ce63e37d7a"),
    ("fl/**/bill_content_H_1467*.pdf", 9, 473, 442, True, "498724b8ef1029ca"),
    ("ga/**/bill_content_LC_47*.pdf", 3, 8, 350, True, "e6bdbf25490f8fea"),
    ("ok/test_doc.pdf", 10, 65, 67, True, "442d67d7637f2e7a"),
    ("va/**/HB1.pdf", 1, 13, 13, True, "8d4b6f4f41f86ee2"),
    ("wy/**/SF0030*.pdf", 4, 46, 15, True, "cf89c7f929a45e3f"),
    ("wy/**/HB0102_Introduced.pdf", 16, 2, 1424, True, "83faa0e397360d51"),
    ("ct/**/2026SB-00233*.PDF", 16, 199, 2003, True, "8fadd9fc6d02d597"),
    ("hi/**/GM1293*.PDF", 11, 0, 997, False, "c8322cf2d766eccb"),
]


@pytest.mark.parametrize(
    ("pattern", "pages", "struck", "inserted", "known", "digest"), FACTS, ids=[f[0] for f in FACTS]
)
def test_a_real_pdf_reads_as_its_pages_were_seen(
    shared: Path, pattern: str, pages: int, struck: int, inserted: int, known: bool, digest: str
) -> None:
    found = list((shared / "data/us-states").glob(pattern))
    if not found:
        pytest.skip(f"{pattern} is absent")
    seen: list[int] = []
    text = parse(found[0].read_bytes(), f"us-{pattern[:2]}", seen.append)
    words = {
        kind: sum(len(text.text[m.start : m.end].split()) for m in text.marks if m.kind is kind) for kind in MarkKind
    }
    assert (len(seen), words[MarkKind.STRUCK], words[MarkKind.INSERTED], text.marks_known) == (
        pages, struck, inserted, known)  # fmt: skip
    assert hashlib.sha256(text.text.encode()).hexdigest().startswith(digest)
