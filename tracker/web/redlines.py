"""Requests for two versions of a bill to their comparison: a page (inline or side by side), and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import MediaType, Response, get
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import QueryParameter
from litestar.response import Redirect

from digests.wording.words import effect_words
from tracker.errors import TextError
from tracker.history.comparing import Comparison, compare_versions, readable
from tracker.model import Flag, MarkKind
from tracker.redline import Change
from tracker.redline.flagged import Turn
from tracker.redline.pieces import Kind, pieces
from tracker.redline.told import sections_line, tell
from tracker.web import dossier
from tracker.web.asking import IdentityDep, Part, Text
from tracker.web.press import KNOWN, NoText, Press, PressDep
from tracker.web.redline_views import view
from tracker.web.tongue import carried

VIEWS = ("inline", "side", "text")
Side = Annotated[str | None, QueryParameter(description="`side`: side by side; `text`: words alone, as for a mail")]


def found(press: Press, identity: str, pair: str) -> Comparison:
    """`pair` is "ih..rh". Raises 404 with what can be compared."""
    before, dots, after = pair.partition("..")
    if not dots:
        raise NotFoundException("Expected two versions with two dots between them, as in ih..rh.")
    state = press.bill(identity)
    try:
        return compare_versions(identity, state, press.text_of(identity), before, after)
    except TextError:
        codes = ", ".join(v.code for v in readable(state)) or "none yet"
        raise NoText(identity, press.as_of, f"Versions of this bill that can be compared: {codes}.") from None


@get("/{jurisdiction:str}/{session:str}/{number:str}/compare/{pair:str}", dependencies=KNOWN, sync_to_thread=True,
     include_in_schema=False)
def redline(press: PressDep, identity: IdentityDep, pair: Part, show: Side = None) -> Response[str]:
    if show and show not in VIEWS:
        raise ValidationException(f"show: expected one of {', '.join(VIEWS)}")
    comparison = found(press, identity, pair)
    if show == "text":
        return _in_words(press, comparison)
    return press.page("compare.html", **matter(press, comparison, beside=show == "side"))


def _in_words(press: Press, comparison: Comparison) -> Response[str]:
    """What `billwatch diff` prints, in English as that is, with the address to look at."""
    told = tell(comparison.redline, comparison.turns, comparison.names, effect_words)
    pair = f"{comparison.before.version.code}..{comparison.after.version.code}"
    then = f"?as-of={press.as_of.written}" if press.as_of else ""
    head = f"{comparison.bill.identifier}: {comparison.bill.title or 'No title given'}"
    address = f"{press.services.settings.base_url}/{comparison.bill_id}/compare/{pair}{then}"
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in f"{head}\n{address}\n\n{told}")
    return Response(clean.rstrip("\n") + "\n", media_type=MediaType.TEXT, headers={
        "cache-control": "no-cache", "content-language": "en", "x-robots-tag": "noindex"})


def matter(press: Press, comparison: Comparison, *, beside: bool) -> dict[str, Any]:
    """What the template shows. The file of `billwatch diff --html` shows the same."""
    sides = tuple((side, dossier.web_links(side.version)) for side in (comparison.before, comparison.after))
    pair = f"{comparison.before.version.code}..{comparison.after.version.code}"
    return {"bill": comparison.bill, "bill_id": comparison.bill_id, "comparison": comparison, "sides": sides,
            "view": view(comparison, beside=beside), "beside": beside,
            "choices": readable(press.bill(comparison.bill_id)),
            "here_url": f"/{comparison.bill_id}/compare/{pair}"}


@get("/{jurisdiction:str}/{session:str}/{number:str}/compare", dependencies=KNOWN, sync_to_thread=True,
     include_in_schema=False)
def choose(press: PressDep, identity: IdentityDep, before: Text = None, after: Text = None,
           show: Side = None) -> Redirect:
    """The form's choice becomes an address that can be kept; without one, the two newest texts."""
    codes = [v.code for v in readable(press.bill(identity))]
    if len(codes) < 2:
        raise NoText(identity, press.as_of, "This bill has no two texts that could be read yet.", alone=True)
    before, after = before or codes[-2], after or codes[-1]
    if before not in codes or after not in codes:
        raise NoText(identity, press.as_of, f"Versions of this bill that can be compared: {', '.join(codes)}.")
    given = {"show": show if show in VIEWS[1:] else None, "as-of": press.as_of.written if press.as_of else None}
    query = urlencode({k: v for k, v in given.items() if v})
    return Redirect(carried(f"/{identity}/compare/{before}..{after}{'?' if query else ''}{query}"), status_code=303)


@dataclass(frozen=True, slots=True)
class RedlinePiece:
    """`law`: what the document says these words do to the law. `was`: what the earlier text said, if it differs."""

    kind: Kind
    text: str
    law: MarkKind | None
    was: MarkKind | None


@dataclass(frozen=True, slots=True)
class RedlineRow:
    """A section and what became of it. Words are in order; those of kind `deleted` are the earlier text's."""

    change: Change
    before: str | None
    after: str | None
    heading: str | None
    moved: bool
    renumbered: bool
    pieces: tuple[RedlinePiece, ...]


@dataclass(frozen=True, slots=True)
class RedlineFlag:
    turn: Turn
    before: Flag | None
    after: Flag | None


@dataclass(frozen=True, slots=True)
class RedlineBody:
    """The words of all pieces that are not `deleted`, row by row, are the later text, with single blanks between.

    `before_sha256` and `after_sha256` are of the pages that the texts were read from. `marks_known`: false if one of
    the two formats could not tell what is added to the law from what is struck; then no change of mark is told.
    """

    bill: str
    before: str
    after: str
    before_sha256: str | None
    after_sha256: str | None
    marks_known: bool
    summary: str
    flags: tuple[RedlineFlag, ...]
    rows: tuple[RedlineRow, ...]
    url: str


@get("/bills/{jurisdiction:str}/{session:str}/{number:str}/compare/{pair:str}", dependencies=KNOWN, sync_to_thread=True,
     summary="Two versions of a bill, section by section and word by word")
def read_redline(press: PressDep, identity: IdentityDep, pair: Part) -> Response[RedlineBody]:
    """`pair` is two version codes with two dots between them, as in `ih..rh`."""
    body = redline_body(found(press, identity, pair), press.services.settings.base_url)
    return Response(body, headers={"cache-control": "no-cache"})


def redline_body(comparison: Comparison, base_url: str) -> RedlineBody:
    drawn, rows = comparison.redline, []
    for row in drawn.rows:
        old, new = drawn.before(row), drawn.after(row)
        here = new or old
        rows.append(RedlineRow(
            row.change, old.path if old else None, new.path if new else None, here.heading if here else None, row.moved,
            row.renumbered, tuple(RedlinePiece(p.kind, p.text, p.law, p.was) for p in pieces(drawn, row))))
    before, after = comparison.before, comparison.after
    return RedlineBody(
        comparison.bill_id, before.version.code, after.version.code, before.held.sha256, after.held.sha256,
        comparison.marks_known, sections_line(drawn),
        tuple(RedlineFlag(t.turn, t.before, t.after) for t in comparison.turns), tuple(rows),
        f"{base_url}/{comparison.bill_id}/compare/{before.version.code}..{after.version.code}")


HANDLERS = (redline, choose)
