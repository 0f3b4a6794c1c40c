"""Services and templates to pages: what every page shows besides its own matter."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException, ValidationException
from litestar.params import SkipValidation

from digests.speech import LANGUAGES, Speech, speech_of
from tracker import gathering
from tracker.ids import bill_id
from tracker.model import BillState, Effect, Event, MarkedText, Topic
from tracker.quotas import awake
from tracker.sources import SourceHealth
from tracker.stage import STAGE_NAMES
from tracker.store.catalogue import BillPage, BillQuery
from tracker.subjects import SUBTOPICS
from tracker.watching import survey
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

    def __init__(self, usual: str) -> None:
        super().__init__(detail="This bill has another address.")
        self.usual = usual


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
        self.assets = load_assets()
        self.sign_ups = RateLimit()
        self.previews = RateLimit(per_client=60)
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
            stages=tuple(STAGE_NAMES), subtopics=SUBTOPICS,
            weekdays=speech.weekdays, languages=[speech_of(language) for language in LANGUAGES])
        return made

    @property
    def speech(self) -> Speech:
        """Of the request that is being answered."""
        return spoken()

    def _webcal(self, path: str) -> str:
        """The address that makes a calendar program follow the calendar of this feed."""
        return f"webcal://{self.services.site.url(path).partition('://')[2]}.ics"

    def _asset_url(self, name: str) -> str:
        return f"/static/{name}?v={self.assets[name].version}"

    def html(self, template: str, **matter: Any) -> str:
        return carry(self._templates[self.speech.language].get_template(template).render(**matter))

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
            raise MovedBill(usual)
        raise NotFoundException("No such bill is held here.")

    def list_bills(self, query: BillQuery) -> BillPage:
        """Raises 400 for a cursor that is none of ours."""
        try:
            return self.services.catalogue.bills(query)
        except ValueError:
            raise ValidationException("cursor: expected one that came with a page of this list") from None

    def topic_counts(self) -> dict[Topic, dict[Effect, int]]:
        """Bills whose newest text has such a flag; every pair is there."""
        counts = self.services.catalogue.counts()
        return {topic: {effect: counts.get((topic, effect), 0) for effect in Effect} for topic in Topic}

    def jurisdictions(self) -> list[str]:
        """Those that have bills, and those that this site is told to crawl."""
        return sorted({*self.services.catalogue.jurisdictions(), *awake(self.services.settings)})

    def sessions(self) -> list[str]:
        return sorted({count.session for count in self.services.catalogue.sessions()})

    def history(self, identity: str) -> list[Event]:
        """Every event of a bill, oldest first."""
        return gathering.history(self.services.store, identity)

    def text_of(self, identity: str) -> Callable[[str], MarkedText | None]:
        return lambda code: self.services.store.text(identity, code)

    def troubled(self, source: str | None = None) -> list[SourceHealth]:
        """Sources of which a reader must be warned; of one jurisdiction, or all."""
        return [h for h in survey(self.services, source) if not h.healthy]

    def health(self) -> list[SourceHealth]:
        return survey(self.services)


# Handlers name it `press`. Not validated: it is ours, and msgspec knows no such type.
PressDep = NamedDependency[SkipValidation[Press]]
