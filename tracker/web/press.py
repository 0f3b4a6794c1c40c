"""Services and templates to pages: what every page shows besides its own matter."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException, NotFoundException, ValidationException
from litestar.params import QueryParameter, SkipValidation

from digests.channels.meetings import Meeting
from digests.speech import LANGUAGES, Speech, speech_of
from digests.wording.begun import today_in
from tracker.history import gathering
from tracker.history.asof import AsOf, read_as_of
from tracker.ids import bill_id
from tracker.model import BillState, Effect, Event, MarkedText, Topic
from tracker.polling.quotas import awake
from tracker.polling.sources import SourceHealth
from tracker.polling.watching import survey
from tracker.stage import STAGE_NAMES
from tracker.steps import is_ahead
from tracker.store.catalogue import BillPage, BillQuery, Leanings
from tracker.store.engine import looks, one_look
from tracker.store.past import Known, known_since
from tracker.store.pulse import Pulse
from tracker.subjects import SUBTOPICS
from tracker.web.bell import Bell
from tracker.web.limits import RateLimit
from tracker.web.tongue import carry, spoken
from tracker.web.wording import effects, filters

if TYPE_CHECKING:
    from tracker.app import Services

HERE = Path(__file__).parent
HTML = "text/html"

# Pages that belong to one reader: never stored by a browser or a proxy, never indexed. Their <title> is neutral.
PRIVATE_HEADERS = {"cache-control": "no-store", "x-robots-tag": "noindex, nofollow"}


class MovedBill(HTTPException):
    """The bill is known under the id `usual`."""

    status_code = 308

    def __init__(self, usual: str, as_of: AsOf | None = None) -> None:
        super().__init__(detail="This bill has another address.")
        self.usual = f"{usual}?as-of={as_of.written}" if as_of else usual


class NoBill(HTTPException):
    """What looks like a bill's address, of a bill that is not held. `of_session`: others of its session are, as of the
    very look that missed it."""

    status_code = 404

    def __init__(self, identity: str, of_session: bool) -> None:
        super().__init__(detail="No such bill is held here.")
        self.of_session = of_session
        self.place, self.session, self.number = identity.split("/")


class Unwatched(HTTPException):
    """A legislature that there is, and of which nothing is held."""

    status_code = 404

    def __init__(self, place: str) -> None:
        super().__init__(detail="Nothing of this legislature is held here.")
        self.place = place


class NotYetKnown(HTTPException):
    """A bill that we hold was not known then, or what was known of it then was not kept."""

    status_code = 404

    def __init__(self, as_of: AsOf, known: Known) -> None:
        super().__init__(detail=f"Known since {known.since.isoformat()}; states are kept since "
                                f"{known.kept_since.isoformat()}: nothing can be shown as of {as_of.written}.")
        self.as_of, self.known = as_of, known


class NoText(HTTPException):
    """A bill is held, but not this text of it, or not as of that day."""

    status_code = 404

    def __init__(self, identity: str, as_of: AsOf | None, detail: str = "No such text of this bill is held.", *,
                 alone: bool = False) -> None:
        """`alone`: there are no two texts to compare."""
        super().__init__(detail=detail)
        self.alone = alone
        self.as_of, self.bill_path = as_of, f"/{identity}{f'?as-of={as_of.written}' if as_of else ''}"


class OnlyToday(ValidationException):
    """A date was asked of an address that knows none, and would have been passed over."""


class PastTooFar(ValidationException):
    """So many bills have changed since the date that a search of then would take too long."""


class NoPastDate(ValidationException):
    """What was asked as a date is none, or not past."""


class MisspeltPast(ValidationException):
    """A date was asked in another way of writing "as-of", or twice: today's page would pass for that of the date."""


class NoSpan(ValidationException):
    """Of two dates, one is none or not past, or the first lies after the last."""


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    media_type: str
    version: str  # of the body: an address with another version is another asset


def load_assets() -> dict[str, Asset]:
    """Every file of `static/`, held in memory: no path of a request ever meets the file system."""
    kinds = {".css": "text/css", ".svg": "image/svg+xml"}
    found = sorted(p for p in (HERE / "static").iterdir() if p.suffix in kinds)
    return {p.name: Asset(body, kinds[p.suffix], hashlib.sha256(body).hexdigest()[:12])
            for p, body in ((p, p.read_bytes()) for p in found)}


class Press:
    """Prints pages. `services` is the composition root's; handlers ask it for store, catalogue, ledger."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.as_of: AsOf | None = None  # None: today
        self.today = services
        self.pulse = Pulse(services.store.engine)
        self._surveyed: dict[str, list[SourceHealth]] = {}  # of one beat and minute
        self.assets = load_assets()
        self.sign_ups = RateLimit()
        self.previews = RateLimit(per_client=60)
        self.bell = Bell(services.store.last_seq, services.stopping.is_set)
        self._templates = {language: self._environment(speech_of(language)) for language in LANGUAGES}

    def _environment(self, speech: Speech) -> Environment:
        """One a language: filters and `_()` of it speak that language."""
        made = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False, extensions=["jinja2.ext.i18n"])
        speech.install(made)
        made.filters.update(filters(speech))
        made.filters["webcal"] = self._webcal
        settings = self.services.settings
        made.globals.update(
            site_name=settings.site_name, base_url=settings.base_url, contact=settings.contact,
            mail_on=settings.mail != "off", all_topics=tuple(Topic), effects=effects(speech), asset=self._asset_url,
            is_ahead=is_ahead, stages=tuple(STAGE_NAMES), subtopics=SUBTOPICS,
            weekdays=speech.weekdays, languages=[speech_of(language) for language in LANGUAGES])
        return made

    def as_known(self, as_of: AsOf) -> Press:
        """The press of that day: the same pages, from what was known then."""
        then = copy(self)
        then.services, then.as_of = self.services.as_known(as_of.at), as_of
        return then

    @property
    def speech(self) -> Speech:
        """Of the request that is being answered."""
        return spoken()

    def _webcal(self, path: str) -> str:
        """The address that makes a calendar program follow the calendar of this feed."""
        return f"webcal://{self.services.site.url(path).partition('://')[2]}.ics"

    def _asset_url(self, name: str) -> str:
        return f"/static/{name}?v={self.assets[name].version}"

    def look(self) -> AbstractContextManager[None]:
        """A page within is of one moment, and takes one transaction. Ask for `troubled()` of all and for `meetings()`
        before: the one is kept, the other waits for a lock."""
        return one_look(self.today.store.engine)

    def html(self, template: str, **matter: Any) -> str:
        html = self._templates[self.speech.language].get_template(template).render(
            as_of=self.as_of, today_in=partial(today_in, now=self.services.clock()), **matter)
        return carry(carry_as_of(html, self.as_of))

    def page(self, template: str, status: int = 200, headers: dict[str, str] | None = None,
             **matter: Any) -> Response[str]:
        return Response(self.html(template, **matter), status_code=status, media_type=HTML,
                        headers={"cache-control": "no-cache", "vary": "Accept-Language",
                                 "content-language": self.speech.language, **(headers or {})})

    def private(self, template: str, status: int = 200, **matter: Any) -> Response[str]:
        return self.page(template, status, PRIVATE_HEADERS, **matter)

    def bill(self, identity: str) -> BillState:
        """Raises 404, or sends people on who wrote the number in their own way: /us/119/HR1865 -> /us/119/hr-1865."""
        state = self.services.store.bill(identity)
        if state is not None:
            return state
        jurisdiction, session, number = identity.split("/")
        usual = bill_id(jurisdiction.lower(), session, number)
        if usual != identity and self.services.catalogue.row(usual) is not None:
            raise MovedBill(usual, self.as_of)
        known = known_since(self.today.store.engine, identity) if self.as_of else None
        if self.as_of and known:
            raise NotYetKnown(self.as_of, known)
        raise NoBill(identity, (jurisdiction, session) in self.today.catalogue.places())

    def list_bills(self, query: BillQuery) -> BillPage:
        """Raises 400 for a cursor that is none of ours."""
        try:
            return self.services.catalogue.bills(query)
        except ValueError:
            raise ValidationException(
                "cursor: expected one of a page of this list; after an upgrade, begin at its first page") from None

    def leanings(self, bill_ids: Iterable[str]) -> dict[str, Leanings]:
        """For `parts.bill_row`: a topic alone does not say whether a bill would add such a rule or undo it."""
        return self.services.catalogue.leanings([*bill_ids])

    def topic_counts(self) -> dict[Topic, dict[Effect, int]]:
        """Bills whose newest text has such a flag; every pair is there."""
        counts = self.services.catalogue.counts()
        return {topic: {effect: counts.get((topic, effect), 0) for effect in Effect} for topic in Topic}

    def jurisdictions(self) -> list[str]:
        """Those that have bills, and those that this site is told to crawl."""
        return sorted({*self.services.catalogue.jurisdictions(), *awake(self.services.settings)})

    def sessions(self) -> list[str]:
        return sorted({session for _, session in self.services.catalogue.places()})

    def history(self, identity: str) -> list[Event]:
        """Every event of a bill, oldest first."""
        return gathering.history(self.services.store, identity)

    def known(self, identity: str) -> Known:
        """Since when we know a bill, and its states that can be shown: those up to the day of this press."""
        found = known_since(self.today.store.engine, identity)
        if found is None:
            raise NotFoundException("No such bill is held here.")
        if self.as_of is None:
            return found
        at = self.as_of.at
        return replace(found, revisions=tuple(r for r in found.revisions if r.recorded_at <= at))

    def meetings(self) -> tuple[Meeting, ...]:
        """Hearings and dated steps, as they were known on the day of this press."""
        return self.today.sieve.meetings(self.as_of.at if self.as_of else None)

    def text_of(self, identity: str) -> Callable[[str], MarkedText | None]:
        return lambda code: self.services.store.text(identity, code)

    def troubled(self, source: str | None = None) -> list[SourceHealth]:
        """Sources of which a reader must be warned; of one jurisdiction, or all."""
        return [h for h in self._survey(source) if not h.healthy]

    def health_of(self, source: str) -> SourceHealth | None:
        """None: it was never checked, nor is it told to be."""
        return next(iter(self._survey(source)), None)

    def health(self) -> list[SourceHealth]:
        return self._survey(None)

    def _survey(self, source: str | None) -> list[SourceHealth]:
        """Four questions a source, of some fifty: on one connection, and of all only after a commit or a minute. Within
        a look that began before, nothing is kept: it may be older than the beat."""
        may_keep = source is None and self.as_of is None and not looks(self.today.store.engine)
        beat = self.pulse.beat() if may_keep else None
        turn = f"{beat}:{self.services.clock():%Y%m%d%H%M}"
        held = self._surveyed.get(turn)
        if held is None:
            with one_look(self.today.store.engine):
                held = survey(self.services, source)
            if beat is not None:
                self._surveyed.clear()
                self._surveyed[turn] = held
        return list(held)


# The pages that know the past: lists, overviews, and all that is about one bill. Feeds go on, readers act now.
_TODAY = "(?:static|api|desk|feeds|saved|digest|manage|alerts|data)/"
_LISTS = r"(?:topics|sources|(?:bills|search|week|overview|calendar)(?:\.csv)?)"
_PLACE = r"[a-z]{2}(?:-[a-z0-9]+)*(?:/overview\.csv)?"
_PAST_NAMES = {"asof", "asknown", "asknownon"}
_NO_LETTER = re.compile("[^a-z]")
_LINK = re.compile(rf'(<a\b[^>]*?\shref=")(/(?:{_LISTS}(?=[/?"#])[^"#]*|{_PLACE}(?=[?"#])[^"#]*|'
                   rf'(?!{_TODAY})[^/"#?]+/[^/"#?]+/[^"#]+|(?=["?#])[^"#]*))')


def carry_as_of(html: str, as_of: AsOf | None) -> str:
    """Links of a page of the past lead to pages of the same day."""
    if as_of is None:
        return html
    return _LINK.sub(lambda found: f"{found[1]}{found[2]}{'&amp;' if '?' in found[2] else '?'}as-of={as_of.written}"
                     if "as-of=" not in found[2] else found[0], html)


def refuse_misspelt_past(request: Request[Any, Any, Any]) -> None:
    """Pages take parameters that they do not know, as those that other sites append to links; a date they must not."""
    asked = [name for name, _ in request.query_params.multi_items() if _NO_LETTER.sub("", name.lower()) in _PAST_NAMES]
    if asked not in ([], ["as-of"]):
        raise MisspeltPast("as-of: expected once, and written so, as in ?as-of=2025-06-01")


def press_of_today(request: Request[Any, Any, Any]) -> Press:
    """Raises 400 where a date is given that would be passed over."""
    refuse_misspelt_past(request)
    if "as-of" in request.query_params:
        raise OnlyToday("as-of: this address knows only today")
    press: Press = request.app.state.press
    return press


def press_as_known(
    request: Request[Any, Any, Any],
    as_of: Annotated[str | None, QueryParameter(name="as-of", description=(
        "As known then: a date (all that was recorded by its end, UTC) or a moment like 2025-06-01T12:00:00Z"))] = None,
) -> Press:
    refuse_misspelt_past(request)
    press: Press = request.app.state.press
    if not as_of:
        return press
    try:
        return press.as_known(read_as_of(as_of, press.services.clock()))
    except ValueError as problem:
        raise NoPastDate(f"as-of: {problem}") from None


# Of a handler that can answer as of a date: `dependencies=KNOWN`.
KNOWN = {"press": Provide(press_as_known, sync_to_thread=False)}

# Handlers name it `press`. Not validated: it is ours, and msgspec knows no such type.
PressDep = NamedDependency[SkipValidation[Press]]
