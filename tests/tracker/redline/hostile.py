"""Pairs of texts of megabytes that a comparison could be slow on."""

from __future__ import annotations

from tracker.model import MarkedText
from tracker.redline import Reading, prepare
from tracker.text.provisions import segment

HOSTILE = {
    "one word": ("the " * 700_000, "the " * 650_000),
    "two words in turn": ("to be " * 400_000, "be to " * 400_000),
    "no line ends": ("x y z " * 250_000, "z y x " * 250_000),
    "nothing shared": (" ".join(map(str, range(400_000))), " ".join(map(str, range(400_000, 800_000)))),
    "turned round": (" ".join(map(str, range(400_000))), " ".join(map(str, range(400_000, 0, -1)))),
    "sections of one word": ("\n".join(f"SEC. {n}. X.\nthe the the" for n in range(1, 20_000)),
                             "\n".join(f"SEC. {n}. X.\nthe the" for n in range(1, 20_000))),
}


def reading_of(text: str) -> Reading:
    return prepare(MarkedText(text, (), segment(text)))
