"""A bill and its texts to what the search index holds of it: words of titles and sections, citations, names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker.citations import citations
from tracker.citations.normal import depth_of_root
from tracker.model import Bill, MarkedText
from tracker.query import words

GAP = "¶"  # stands between titles and between sections: no phrase reaches across
LONGEST_FOR_CITATIONS = 2_000_000  # characters of one text
_SIGNS = {"/": "§", ".": "·", "-": "‑", ":": "∶"}


@dataclass(frozen=True, slots=True)
class Document:
    """Words as they are looked for; `cites` are tokens that no word can be."""

    title: tuple[str, ...]
    body: tuple[str, ...]
    cites: tuple[str, ...]


def document(bill: Bill, texts: Iterable[MarkedText]) -> Document:
    """`texts` newest first. A section that several versions share word for word is held once."""
    titles = dict.fromkeys(said for title in _titles(bill) if (said := words(title)))
    body: list[str] = []
    seen: set[tuple[str, ...]] = set()
    cites: set[str] = set()
    for text in texts:
        fresh: list[str] = []
        for section in sections(text):
            said = tuple(words(section))
            if said and said not in seen:
                seen.add(said)
                fresh.append(section)
                body += said
                body.append(GAP)
        if fresh:
            cites |= cited("\n".join(fresh), bill.jurisdiction)
    return Document(tuple(_apart(titles)), tuple(body[:-1]), tuple(sorted(cites)))


def _titles(bill: Bill) -> Iterator[str]:
    yield bill.identifier
    yield "".join(words(bill.identifier))  # "hr1865"
    if bill.title:
        yield bill.title
    yield from (title.title for title in bill.titles)


def _apart(parts: Iterable[Sequence[str]]) -> Iterator[str]:
    for n, part in enumerate(parts):
        if n:
            yield GAP
        yield from part


def sections(text: MarkedText) -> Iterator[str]:
    """The whole text, cut where a provision begins that is part of no other."""
    starts = sorted({0, *(p.start for p in text.provisions if p.parent is None), len(text.text)})
    for start, end in pairwise(starts):
        yield text.text[start:end]


def cited(text: str, jurisdiction: str) -> set[str]:
    """Tokens of all that the text cites, and of what holds it: who asks for a section finds its paragraphs."""
    found: set[str] = set()
    for norm in {c.norm for c in citations(text[:LONGEST_FOR_CITATIONS], jurisdiction)}:
        parts = norm.split("/")
        root = min(depth_of_root(norm), len(parts))
        found.update(cite_token("/".join(parts[:n])) for n in range(root, len(parts) + 1))
    return found


def cite_token(norm: str) -> str:
    """A normal form as one token: no sign in it parts words, and capitals stay apart from small letters."""
    return "§" + "".join(c if c.isdigit() or ("a" <= c <= "z") else f"ˆ{c.lower()}" if "A" <= c <= "Z"
                         else _SIGNS.get(c, "¤") for c in norm)  # fmt: skip


def names(bill: Bill) -> tuple[tuple[str, str], ...]:
    """(field, folded name between blanks), each once, in order."""
    given = [("sponsor", s.name) for s in bill.sponsorships] + [("committee", c) for c in bill.committees]
    return tuple(sorted({(field, f" {' '.join(said)} ") for field, name in given if (said := words(name))}))
