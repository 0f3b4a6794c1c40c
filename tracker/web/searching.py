"""A typed query to the search page: what was understood, what fits, where to narrow it, how to follow it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.exceptions import ValidationException

from digests.following.filters import cannot_be_followed
from digests.speech import Speech
from digests.wording.words import effect_words, stage_name, topic_name
from tracker.errors import TooFarBack
from tracker.ids import slug
from tracker.marking import N_
from tracker.model import Effect, Topic
from tracker.query import QueryError, Tree, canonical, parse, understood
from tracker.query.fields import FIELDS, Field
from tracker.query.laws import laws
from tracker.query.lexer import pieces
from tracker.query.parser import joined, unpaired
from tracker.query.tree import LONGEST, Among, And, Words, has_words, places_of
from tracker.store.search import SearchPage, SearchQuery
from tracker.web.asking import Text
from tracker.web.billpages import MOST_ROWS, bill_sheet
from tracker.web.press import KNOWN, PastTooFar, Press, PressDep
from tracker.web.wording import jurisdiction_name

_NUMBER = re.compile(r"(?:[A-Za-z]\.? ?){1,6}\d{1,5}[A-Za-z]?")  # H.R. 1865, hb2526, S 12A
COMMON_KINDS = ("hr", "s", "hb", "sb", "ab", "h", "a")  # what stands before most numbers
BILLS_A_PAGE = 20
SHOWN_VALUES = 8  # of a facet
ORDERS = ("newest", "relevance")
GRAMMAR = (('"sex work"', N_("these words in a row")), ("prostitut*", N_("a word that begins so")),
           ("massage OR spa", N_("one or the other")), ("massage -therapy", N_("the first, not the second")),
           ("(massage OR spa) license", N_("what belongs together")))
ADVICE = ("prostitut* jurisdiction:us-*", '"sex work" OR "sex workers"', 'cite:"47 U.S.C. 230" introduced:>2025-01-01',
          "topic:platform-liability effect:reverses", "massage -therapy stage:became-law",
          "jurisdiction:us-wa,us-ny stage:alive")


@dataclass(frozen=True, slots=True)
class Value:
    """`url` is None where the choice would change nothing."""

    name: str
    count: int
    url: str | None


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    values: tuple[Value, ...]
    more: int  # values that are not shown


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the query, as it is typed, and the search without it."""

    typed: str
    url: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """The query in three pieces, the middle one being what could not be read."""

    problem: str
    before: str
    wrong: str
    after: str
    suggestion: str | None
    suggestion_url: str | None


@get("/search", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def search(press: PressDep, q: Text = None, order: Text = None, cursor: Text = None) -> Response[str]:
    typed = (q or "").strip()
    if order and order not in ORDERS:
        raise ValidationException(f"order: expected one of {', '.join(ORDERS)}")
    relevant = order == "relevance"
    if not typed:
        return _page(press, typed, relevant)
    try:
        tree = parse(typed)
    except QueryError as problem:
        return _page(press, typed, relevant, status=400, mistake=_mistake(typed, problem, press.speech))
    found = find(press, SearchQuery(tree, BILLS_A_PAGE, cursor, relevant, facets=cursor is None))
    said = canonical(tree)
    known = {*places_of(tree), *(c for c, _ in found.facets.get("jurisdiction", ()))}
    places = {code: jurisdiction_name(code, press.speech) for code in known if not code.endswith("*")}
    return _page(press, typed, relevant, found=found, said=said,
                 leanings=press.leanings(hit.row.id for hit in found.hits),
                 understood=understood(tree, places, press.speech._),
                 hints=tuple(_hints(tree, typed)), conditions=tuple(_conditions(tree)),
                 facets=tuple(_facets(press, tree, found)),
                 sheet_url=url(said, path="/search.csv") if found.total and found.total <= MOST_ROWS else None,
                 next_url=url(said, relevant, found.next_cursor) if found.next_cursor else None,
                 orders=tuple((name, url(said, name == "relevance")) for name in ORDERS),
                 follow=() if press.as_of or cannot_be_followed(tree) else tuple(_follow(press, said)),
                 unfollowed=not press.as_of and cannot_be_followed(tree), narrower=has_words(tree),
                 first=cursor is None)


@get("/search.csv", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def search_sheet(press: PressDep, q: Text = None) -> Response[Any]:
    """All bills that fit, newest movement first, or a refusal: never a part that looks like the whole. What cannot be
    read is shown by the page of the search, where it can be mended."""
    typed = (q or "").strip()
    if not typed:
        return _page(press, typed, relevant=False, status=400)
    try:
        tree = parse(typed)
    except QueryError as problem:
        return _page(press, typed, relevant=False, status=400, mistake=_mistake(typed, problem, press.speech))
    found = find(press, SearchQuery(tree, MOST_ROWS, snippets=False))
    if found.next_cursor:
        fit = "Many" if found.total is None else found.total
        raise ValidationException(f"{fit} bills fit, and a sheet holds {MOST_ROWS}: choose fewer, or take the files of "
                                  "/data.")
    return bill_sheet(press, "search", (hit.row for hit in found.hits))


def find(press: Press, query: SearchQuery) -> SearchPage:
    """Raises 400 for a cursor that is none of ours, and for a date since when too much has changed."""
    try:
        return press.services.search.find(query)
    except ValueError:
        raise ValidationException(
            "cursor: expected one of a page of this search; after an upgrade, begin at its first page") from None
    except TooFarBack as problem:
        raise PastTooFar(f"as-of: {problem}, or the list of bills (/bills), which knows every date") from None


def _page(press: Press, typed: str, relevant: bool, status: int = 200, **matter: object) -> Response[str]:
    given: dict[str, object] = {
        "found": None, "mistake": None, "said": "", "understood": "", "hints": (), "conditions": (), "facets": (),
        "sheet_url": None, "next_url": None, "orders": (), "follow": (), "unfollowed": False, "narrower": False,
        "first": True, "leanings": {}, **matter}
    fields: Sequence[tuple[str, Field]] = tuple(FIELDS.items())
    return press.page("search.html", status, {"x-robots-tag": "noindex"} if typed else None, here="search", typed=typed,
                      relevant=relevant, longest=LONGEST, fields=fields, grammar=GRAMMAR,
                      examples=[(e, url(e)) for e in ADVICE],
                      coverage=press.services.search.coverage(), troubled=press.troubled(), **given)


def url(query: str, relevant: bool = False, cursor: str | None = None, path: str = "/search") -> str:
    given = {"q": query, "order": "relevance" if relevant else None, "cursor": cursor}
    return f"{path}?" + urlencode({k: v for k, v in given.items() if v})


def _mistake(typed: str, problem: QueryError, speech: Speech) -> Mistake:
    start, end = problem.start, max(problem.end, problem.start)
    better = problem.suggestion
    said = speech._(problem.message, **problem.values)
    told = said[:1].upper() + said[1:]
    return Mistake(told, typed[:start], typed[start:end], typed[end:], better, url(better) if better else None)


def _hints(tree: Tree, typed: str) -> Iterator[tuple[str, str]]:
    """(query, address) of what plain words may stand for: a citation of law, or a bill's number."""
    parts = tree.parts if isinstance(tree, And) else (tree,)
    yield from _meant(parts, typed)
    if not all(isinstance(p, Words) and not p.prefix and not p.title_only for p in parts):
        return
    said = " ".join(typed.replace('"', " ").split())
    if _NUMBER.fullmatch(said):
        meant = f"bill:{slug(said)}"
    elif _names_law(said):
        meant = f'cite:"{said}"'
    else:
        return
    yield meant, url(meant)


def _meant(parts: tuple[Tree, ...], typed: str) -> Iterator[tuple[str, str]]:
    """An "or" in small letters is looked for as a word; a bill's number without its letters is that of no bill."""
    either = [p for p in pieces(typed) if p.kind == "word" and p.text.lower() in ("or", "|", "||")]
    if either:
        better = typed
        for piece in reversed(either):
            better = f"{better[:piece.start]}OR{better[piece.end:]}"
        with suppress(QueryError):
            better = canonical(parse(better))
            yield better, url(better)
    for part in parts:
        if isinstance(part, Among) and part.field == "bill" and len(part.values) == 1 and part.values[0].isdecimal():
            kinds = f"bill:{','.join(f'{kind}-{part.values[0]}' for kind in COMMON_KINDS)}"
            rest = tuple(parse(kinds) if p is part else p for p in parts)
            better = canonical(rest[0] if len(rest) == 1 else And(rest))
            yield better, url(better)


def _names_law(said: str) -> bool:
    with suppress(ValueError):
        return bool(laws(said))
    return False


def _conditions(tree: Tree) -> Iterator[Condition]:
    if isinstance(tree, And):
        for part in tree.parts:
            rest = tuple(p for p in tree.parts if p != part)
            yield Condition(canonical(part), url(canonical(rest[0] if len(rest) == 1 else And(rest))))


def _facets(press: Press, tree: Tree, found: SearchPage) -> Iterator[Facet]:
    speech = press.speech
    beside = unpaired(tree)
    topic = beside.topics[0] if beside and len(beside.topics) == 1 else None  # its effects have words of their own
    shown: dict[str, tuple[str, str, Callable[[str], str]]] = {
        "topic": (speech._("Topic"), "topic", lambda v: topic_name(Topic(v), speech)),
        "effect": (speech._("What it would do"), "effect", lambda v: effect_words(Effect(v), topic, speech)),
        "jurisdiction": (speech._("Legislature"), "jurisdiction", partial(jurisdiction_name, speech=speech)),
        "stage": (speech._("Stage"), "stage", lambda v: stage_name(v, speech)),
        "session": (speech._("Session"), "session", str),
        "year": (speech._("Year of introduction"), "introduced", str),
    }
    for key, (name, field, words) in shown.items():
        counts = found.facets.get(key, ())
        if not counts:
            continue
        yield Facet(name, tuple(Value(words(value), count, _narrowed(tree, f"{field}:{value}")
                                      if count != found.total else None)
                                for value, count in counts[:SHOWN_VALUES]), max(0, len(counts) - SHOWN_VALUES))


def _narrowed(tree: Tree, field: str) -> str | None:
    """None: the query would grow beyond what can be asked."""
    narrowed = canonical(joined([tree, parse(field)]))
    return url(narrowed) if len(narrowed) <= LONGEST else None


def _follow(press: Press, said: str) -> Iterator[tuple[str, str]]:
    """(name, address) of each way to hear of what will fit."""
    if press.services.settings.mail != "off":
        yield press.speech._("by mail"), "/subscribe?" + urlencode({"words": said})
    yield press.speech._("by a feed with more conditions"), "/saved?" + urlencode({"words": said})


HANDLERS = (search, search_sheet)
