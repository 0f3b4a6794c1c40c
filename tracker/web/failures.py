"""Failures to answers that a person or a program can read, and never to a traceback."""

from __future__ import annotations

import secrets
import traceback
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from litestar.types import ExceptionHandler

from tracker.errors import StoreAway
from tracker.ids import slug
from tracker.marking import N_
from tracker.web.press import (
    HTML,
    PRIVATE_HEADERS,
    MisspeltPast,
    MovedBill,
    NoBill,
    NoPastDate,
    NoSpan,
    NoText,
    NotYetKnown,
    OnlyToday,
    PastTooFar,
    Press,
    Unwatched,
)
from tracker.web.tongue import carried
from tracker.web.wording import jurisdiction_name

log = structlog.get_logger()

PROBLEM = "application/problem+json"

# What a person can do about it. Anything else gets the last line of `_advice`.
_ADVICE: dict[int, str] = {
    400: N_("Something in the address or the form could not be understood."),
    403: N_("That did not come from a form of ours, or the form was open for too long. Load the page again and retry."),
    404: N_("There is nothing at this address. It may have been mistyped, or the bill is not one that we hold."),
    405: N_("This address does not take that kind of request."),
    413: N_("That was more than a form of ours can hold."),
    429: N_("Too many requests came from your network in a short time. Nothing is lost: try again in ten minutes."),
    500: N_("Nothing that you sent was kept. Please try again later."),
    503: N_("This part is switched off on this site."),
}
_NO_MORE = {404: "There is nothing at this address. All are described at /api/openapi.json.",
            405: "Only GET and HEAD are answered."}
AWAY = N_("We cannot look into our own records just now. Nothing that you sent was kept. Please try again in a minute.")

_HEADINGS: dict[int, str] = {
    400: N_("We did not understand"), 403: N_("Please try again"), 404: N_("Nothing is here"),
    405: N_("This cannot be done here"), 413: N_("That was too much"), 429: N_("Too many requests"),
    500: N_("The fault is ours"), 503: N_("Switched off"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """RFC 9457."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"


def handlers(press: Press) -> dict[int | type[Exception], ExceptionHandler[Any]]:
    """What Litestar calls, for errors of its router too."""

    def answer(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
        if isinstance(problem, MovedBill):
            # Of any page about a bill, to the bill: its texts are one step from there.
            prefix = "/api/v1/bills/" if request.scope["path"].startswith("/api/") else "/"
            return Redirect(carried(prefix + problem.usual), status_code=308)
        away = isinstance(problem, StoreAway)
        status = problem.status_code if isinstance(problem, HTTPException) else 503 if away else 500
        if status == 500 or away:
            _report(problem)
        return _respond(press, request, status, problem)

    return {Exception: answer}


def _respond(press: Press, request: Request[Any, Any, Any], status: int, problem: Exception) -> Response[Any]:
    title = HTTPStatus(status).phrase
    headers = {"cache-control": "no-store"}
    if isinstance(problem, StoreAway):
        headers["retry-after"] = "60"
    if isinstance(problem, HTTPException) and status == 405:
        allowed = (problem.headers or {}).get("allow", "GET")
        headers["allow"] = f"{allowed}, HEAD" if "GET" in allowed else allowed  # tracker.web.app answers it
    if request.scope["path"].startswith("/api/"):
        detail = _detail(problem) if isinstance(problem, HTTPException) and status < 500 else ""
        return Response(Problem(title, status, detail or _english(status, title, problem)), status_code=status,
                        media_type=PROBLEM, headers=headers)
    html = press.html("error.html", status=status, heading=press.speech._(_heading(status, title, problem)),
                      advice=_advice(press, status, title, problem),
                      ways=_ways(press, problem), wrong=_wrong(request, problem))
    return Response(html, status_code=status, media_type=HTML,
                    headers={**PRIVATE_HEADERS, **headers})


def _detail(problem: HTTPException) -> str:
    """The framework's own refusal names the address; which parameter, and what it may be, stand beside it."""
    told = problem.extra if isinstance(problem, ValidationException) and isinstance(problem.extra, list) else ()
    named = [f"{one['key']}: {_lower(one['message'])}" for one in told if one.get("key") and one.get("message")]
    if problem.detail == HTTPStatus(problem.status_code).phrase:  # of the router, which says no more
        return _NO_MORE.get(problem.status_code, problem.detail)
    return "; ".join(named) or problem.detail


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _wrong(request: Request[Any, Any, Any], problem: Exception) -> str | None:
    """What of an address could not be read, in English as programs are told it. Of forms, their own page says it."""
    plain = type(problem) is ValidationException and request.scope["method"] in ("GET", "HEAD")
    return _detail(problem) if plain and isinstance(problem, HTTPException) else None


def _ways(press: Press, problem: Exception) -> tuple[tuple[str, str], ...]:
    """(address, words) of where what was looked for may be."""
    _ = press.speech._
    if isinstance(problem, NoText):
        return ((problem.bill_path, _("The bill")),)
    if isinstance(problem, NoBill):
        query = urlencode({"q": f"bill:{slug(problem.number)}"})
        session = urlencode({"jurisdiction": problem.place, "session": problem.session, "show": "all"})
        return ((f"/search?{query}", _("Bills of this number, of every legislature and session")),
                *(((f"/bills?{session}", _("All bills of this session that we hold")),) if problem.of_session else ()))
    if isinstance(problem, Unwatched):
        return (("/overview", _("Every legislature that we watch")), ("/sources", _("What we know about each source")))
    return ()


def _advice(press: Press, status: int, title: str, problem: Exception) -> str:
    if isinstance(problem, NotYetKnown):
        said = {"then": problem.as_of.written, "since": press.speech.moment(problem.known.since),
                "kept": press.speech.moment(problem.known.kept_since)}
        if problem.known.since < problem.known.kept_since and problem.known.since <= problem.as_of.at:
            return press.speech._("What was known of this bill on {then} was not kept. We know it since {since}; its "
                                  "states are kept since {kept}.", **said)
        return press.speech._("On {then} we did not know this bill yet. We know it since {since}.", **said)
    if isinstance(problem, NoBill):
        return press.speech._("We hold no bill of this address. It may be numbered otherwise, belong to another "
                              "session, or not have come to us yet.")
    if isinstance(problem, Unwatched):
        return press.speech._("This site does not watch {place}, and holds none of its bills. That says nothing about "
                              "what there is.", place=jurisdiction_name(problem.place, press.speech))
    if isinstance(problem, NoText):
        if problem.alone:
            return press.speech._("This bill has no two texts that could be read: there is nothing to compare yet.")
        if problem.as_of:
            return press.speech._("On {then} we did not hold this text yet. The bill's page of that day names those "
                                  "that we held.", then=problem.as_of.written)
        return press.speech._("We hold no such text of this bill. Its page names those that we hold, and the official "
                              "ones.")
    if isinstance(problem, OnlyToday):
        return press.speech._("This page knows only today: it cannot be asked as of a date. Bills, their texts, "
                              "topics, sources, the overview, the calendar and the search can.")
    if isinstance(problem, PastTooFar):
        return press.speech._("This date lies too far back to search in it: too many bills have changed since. Ask for "
                              "a later date, or look through the list of all bills of that day, which knows every "
                              "date.")
    if isinstance(problem, MisspeltPast):
        return press.speech._("A day in the past is asked for with “{parameter}”, written so, and once.",
                              parameter="?as-of=2025-06-01")
    if isinstance(problem, NoSpan):
        return press.speech._("The dates could not be read. Expected days like 2025-06-01 that are not in the future, "
                              "the first not after the last.")
    if isinstance(problem, NoPastDate):
        return press.speech._("The date could not be read. Expected a day like 2025-06-01 that is not in the future.")
    return press.speech._(_english(status, title, problem))


def _heading(status: int, title: str, problem: Exception) -> str:
    return N_("One moment, please") if isinstance(problem, StoreAway) else _HEADINGS.get(status, title)


def _english(status: int, title: str, problem: Exception) -> str:
    return AWAY if isinstance(problem, StoreAway) else _ADVICE.get(status, title)


def _report(problem: Exception) -> None:
    """Type and place only: messages of libraries quote what they choke on, and that may be an address or a token."""
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [f for f in frames if "site-packages" not in f.filename]
    place = ours[-1] if ours else frames[-1] if frames else None
    log.error("page failed", id=secrets.token_hex(4), error=type(problem).__name__,
              place=f"{place.name}:{place.lineno}" if place else "?")
