"""A typed query to JSON: the bills that fit, the places that were meant, counts by facet."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Literal

from litestar import Response, get
from litestar.exceptions import ValidationException
from litestar.params import QueryParameter

from tracker.query import QueryError, canonical, parse, understood
from tracker.query.tree import LONGEST
from tracker.store.search import SearchQuery
from tracker.store.snippets import Snippet
from tracker.web.api import REVALIDATE, BillSummary, Limit, summary_of
from tracker.web.asking import Text
from tracker.web.press import KNOWN, PressDep
from tracker.web.searching import find

QueryText = Annotated[str, QueryParameter(description="What to look for: docs/search.md", min_length=1,
                                          max_length=LONGEST)]


@dataclass(frozen=True, slots=True)
class SnippetBody:
    """`hits`: where in `text` the words are that were meant, as [start, end) in characters."""

    version: str
    section: str | None
    text: str
    hits: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FoundBill(BillSummary):
    snippets: tuple[SnippetBody, ...]


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    bills: int


@dataclass(frozen=True, slots=True)
class SearchBody:
    """`query` and `understood`: what was asked, typed in the usual way and in words. `total`: null where nobody
    counted (thousands; with `facets` it is always known). `ranked`: in order of relevance, which is known of today
    only. `not_indexed`: bills that cannot be found yet."""

    query: str
    understood: str
    bills: tuple[FoundBill, ...]
    next: str | None
    total: int | None
    ranked: bool
    facets: dict[str, tuple[FacetValue, ...]]
    not_indexed: int


@get("/search", dependencies=KNOWN, sync_to_thread=True,
     summary="Bills by words of titles and texts, flags, people, citations")
def search_bills(
    press: PressDep, q: QueryText, limit: Limit = 20, cursor: Text = None,
    order: Annotated[Literal["newest", "relevance"], QueryParameter(description="What comes first")] = "newest",
    facets: Annotated[bool, QueryParameter(description="Count by legislature, topic, stage and more")] = False,
) -> Response[SearchBody]:  # fmt: skip
    try:
        tree = parse(q)
    except QueryError as problem:
        raise ValidationException(f"q: {problem}") from None
    found = find(press, SearchQuery(tree, limit, cursor, order == "relevance", facets))
    base = press.services.settings.base_url
    bills = tuple(FoundBill(**asdict(summary_of(hit.row, base)), snippets=tuple(map(_snippet, hit.snippets)))
                  for hit in found.hits)
    counts = {name: tuple(FacetValue(*count) for count in counts) for name, counts in found.facets.items()}
    return Response(SearchBody(canonical(tree), understood(tree), bills, found.next_cursor, found.total, found.ranked,
                               counts, press.services.search.coverage().stale), headers=REVALIDATE)


def _snippet(cut: Snippet) -> SnippetBody:
    hits: list[tuple[int, int]] = []
    at = 0
    for part, meant in cut.parts:
        if meant:
            hits.append((at, at + len(part)))
        at += len(part)
    return SnippetBody(cut.version, cut.path, "".join(part for part, _ in cut.parts), tuple(hits))
