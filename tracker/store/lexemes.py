"""A document to rows of PostgreSQL's `tsvector`, within its limits: 1 MB, 16,383 positions, 255 of one word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from tracker.store.documents import Document

TITLE = "†"  # before a word of a title
LAST_POSITION = 16_000
MOST_POSITIONS = 255
LARGEST = 800_000  # bytes of different words; no bill has so many, a page that is no bill must not stop a crawl
WINDOW, OVERLAP = 3_000, 60  # words; a phrase is shorter than the overlap


def lexemes(document: Document) -> Iterator[str]:
    """Literals. The first has every word; the others, of long bills only, are there for phrases."""
    places: dict[str, list[str]] = {}
    whole = _place(places, document.title, 1, "A")
    # A weight is in no index: to ask for it is to look into every bill that has the word anywhere.
    whole &= _place(places, [f"{TITLE}{word}" for word in document.title], 1, "")
    at = len(document.title) + 2
    whole &= _place(places, document.body, at, "")
    for token in document.cites:
        places.setdefault(token, [])
    yield _literal(_bounded(places))
    if not whole:
        for window in _windows(document.body):
            places = {}
            _place(places, window, 1, "")
            yield _literal(places)


def _windows(body: Sequence[str]) -> Iterator[Sequence[str]]:
    """Each as long as every word of it keeps all its places."""
    start = 0
    while True:
        counts: Counter[str] = Counter()
        end = start
        for word in body[start : start + WINDOW]:
            counts[word] += 1
            if counts[word] > MOST_POSITIONS:
                break
            end += 1
        yield body[start:end]
        if end >= len(body):
            return
        start = end - OVERLAP


def _bounded(places: dict[str, list[str]]) -> dict[str, list[str]]:
    """The first words, as many as a row can hold."""
    size = 0
    for n, (word, at) in enumerate(places.items()):
        size += len(word.encode()) + 2 * len(at) + 8
        if size > LARGEST:
            return dict(islice(places.items(), n))
    return places


def _place(places: dict[str, list[str]], said: Sequence[str], first: int, weight: str) -> bool:
    """False: some positions could not be kept."""
    whole = True
    for at, word in enumerate(said, first):
        held = places.setdefault(word, [])
        if at <= LAST_POSITION and len(held) < MOST_POSITIONS:
            held.append(f"{at}{weight}")
        else:
            whole = False
    return whole


def _literal(places: dict[str, list[str]]) -> str:
    """Words are letters and digits, so a quote never needs escaping."""
    return " ".join(f"'{word}':{','.join(at)}" if at else f"'{word}'" for word, at in places.items())
