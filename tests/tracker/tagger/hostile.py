"""Texts that nobody writes and a hostile page may hold: each fills a given number of characters with one bad habit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracker.model import Mark, MarkedText, MarkKind, Provision
from tracker.text import read

ANCHORS = "human trafficking prostitution "
LAW = "A person who engages in prostitution is guilty of a misdemeanor. "
REPEAL = "Section 230 of the Communications Decency Act is repealed. "
STATUTES = "RCW 9A.88.030, ORS 167.007 and N.J.S.2C:34-1 are repealed; section 1591 of title 18 is amended. "
BOTH = (MarkKind.STRUCK, MarkKind.INSERTED)


def filled(words: str, size: int) -> str:
    return (words * (size // len(words) + 1))[:size]


def one_section(words: str, marks: tuple[Mark, ...] = ()) -> MarkedText:
    return MarkedText(words, marks, (Provision("Sec. 1", "1", None, "section", 0, len(words)),))


def marked(words: str, every: int, width: int, kinds: Sequence[MarkKind]) -> MarkedText:
    """One section with a mark of `width` characters every so many."""
    starts = range(12, len(words) - width, every)
    return one_section(words, tuple(Mark(kinds[n % len(kinds)], a, a + width) for n, a in enumerate(starts)))


def listed(item: str, size: int) -> MarkedText:
    """A plain text with numbered items, as its reader makes provisions of them."""
    items = "".join(f"({n}) {item}\n" for n in range(1, size // (len(item) + 8) + 1))
    return read(f"SEC. 1. LIST.\n(a) The following apply:\n{items}".encode(), "text/plain")


def sections(size: int) -> MarkedText:
    words = "".join(f"SEC. {n}. CRIME.\nProstitution is a crime.\n" for n in range(1, size // 38 + 1))
    return read(words.encode(), "text/plain")


def nested(size: int) -> MarkedText:
    """A row of provisions that all stand under one."""
    words, width = filled("prostitution crimes\n", size), 20
    items = (Provision(f"Sec. 1({n})", str(n), None, "paragraph", n * width, n * width + width, 0)
             for n in range(1, size // width))  # fmt: skip
    return MarkedText(words, (), (Provision("Sec. 1", "1", None, "section", 0, size), *items))


HOSTILE: dict[str, Callable[[int], MarkedText]] = {
    "nothing but anchors": lambda n: one_section(filled(ANCHORS, n)),
    "anchors without provisions": lambda n: MarkedText(filled(ANCHORS, n)),
    "an offence in every sentence": lambda n: one_section(filled(LAW, n)),
    "a list of named items": lambda n: listed("human trafficking of persons;", n),
    "a list of definitions": lambda n: listed("the term prostitution means a thing;", n),
    "a row under one provision": nested,
    "sections without end": sections,
    "one line": lambda n: one_section(filled("human trafficking, fire, wind, prostitution, ", n)),
    "one word": lambda n: one_section("prostitution " + "x" * n + " guilty"),
    "blanks between two words": lambda n: one_section("prostitution" + " " * n + "guilty"),
    "lines without words": lambda n: one_section("prostitution" + "\n" * n + "guilty"),
    "marks in every word": lambda n: marked(filled(LAW, n), 12, 6, BOTH),
    "a struck part in every sentence": lambda n: marked(filled(LAW, n), 80, 60, BOTH[:1]),
    "one inserted mark": lambda n: one_section(filled(LAW, n), (Mark(MarkKind.INSERTED, 0, n),)),
    "brackets": lambda n: read(filled("[(prostitution ", n).encode() + b"])" * 1000, "text/plain"),
    "quotation marks": lambda n: one_section(filled("“prostitution is guilty", n)),
    "repeals of one law": lambda n: one_section(filled(REPEAL, n)),
    "repeals of many statutes": lambda n: one_section(filled(STATUTES, n)),
    "amendments that open": lambda n: one_section(filled("section 1591 of title 18 is amended-\nby striking ", n)),
    "recitals": lambda n: one_section(filled("WHEREAS human trafficking ", n)),
    "names of Acts": lambda n: one_section(filled("An Act to amend the Prostitution Act (", n)),
    "references deemed": lambda n: one_section(filled("any reference to human trafficking ", n)),
    "findings": lambda n: one_section(filled("The Congress finds human trafficking.\n", n)),
    "abbreviations": lambda n: one_section(filled("Sec. U.S.C. prostitution. A ", n)),
    "outside Latin-1": lambda n: one_section(filled("性 prostitution — guilty ſİ ", n)),
}
