"""Requests for bills to pages: the filtered list, one bill, one text in full."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from litestar import Response, get
from litestar.exceptions import NotFoundException, ValidationException

from tracker.model import Effect, Topic
from tracker.stage import STAGE_NAMES, STAGES
from tracker.store.catalogue import BillQuery
from tracker.web import dossier
from tracker.web.excerpts import blocks
from tracker.web.press import PressDep

BILLS_A_PAGE = 40
CONTENTS_LEVELS = ("title", "subtitle", "division", "part", "chapter", "section")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as the form shows them again."""

    jurisdiction: str | None
    session: str | None
    topic: Topic | None
    effect: Effect | None
    stage: str | None
    words: str
    flagged: bool

    def query(self, limit: int, cursor: str | None) -> BillQuery:
        return BillQuery(jurisdiction=self.jurisdiction, session=self.session, topic=self.topic, effect=self.effect,
                         stage=self.stage, words=self.words, flagged=self.flagged, limit=limit, cursor=cursor)

    def url(self, cursor: str) -> str:
        given = {"jurisdiction": self.jurisdiction, "session": self.session, "topic": self.topic,
                 "effect": self.effect, "stage": self.stage, "words": self.words,
                 "show": None if self.flagged else "all", "cursor": cursor}
        return "/bills?" + urlencode({k: v for k, v in given.items() if v})


def ask(jurisdiction: str | None, session: str | None, topic: str | None, effect: str | None, stage: str | None,
        words: str | None, show: str | None) -> Asked:
    """Empty is absent, as forms send it. An unknown key is an error: dropping it would answer another question."""
    for name, value, known in (("topic", topic, {*Topic}), ("effect", effect, {*Effect}), ("stage", stage, STAGE_NAMES),
                               ("show", show, {"all", "flagged"})):
        if value and value not in known:
            raise ValidationException(f"{name}: expected one of {', '.join(known)}")
    return Asked(jurisdiction or None, session or None, Topic(topic) if topic else None,
                 Effect(effect) if effect else None, stage or None, (words or "").strip()[:200], show != "all")


@get("/bills", sync_to_thread=True, include_in_schema=False)
def bills(press: PressDep, jurisdiction: str | None = None, session: str | None = None, topic: str | None = None,
          effect: str | None = None, stage: str | None = None, words: str | None = None, show: str | None = None,
          cursor: str | None = None) -> Response[str]:
    asked = ask(jurisdiction, session, topic, effect, stage, words, show)
    found = press.list_bills(asked.query(BILLS_A_PAGE, cursor or None))
    return press.page("bills.html", here="bills", asked=asked, rows=found.rows, total=found.total,
                      next_url=asked.url(found.next_cursor) if found.next_cursor else None, stages=STAGES,
                      jurisdictions=press.jurisdictions(), sessions=sorted({s.session for s in press.services.catalogue.sessions()}))


@get("/{jurisdiction:str}/{session:str}/{number:str}", sync_to_thread=True, include_in_schema=False)
def bill(press: PressDep, jurisdiction: str, session: str, number: str) -> Response[str]:
    identity = f"{jurisdiction}/{session}/{number}"
    state = press.bill(identity)
    services = press.services
    held = services.store.content_hashes(dossier.related_ids(state.bill))
    view = dossier.compose(identity, state, press.history(identity), press.text_of(identity),
                           services.catalogue.bill_pages(identity), held)
    return press.page("bill.html", dossier=view, troubled=press.troubled(jurisdiction))


@get("/{jurisdiction:str}/{session:str}/{number:str}/text/{code:str}", sync_to_thread=True, include_in_schema=False)
def text(press: PressDep, jurisdiction: str, session: str, number: str, code: str) -> Response[str]:
    identity = f"{jurisdiction}/{session}/{number}"
    state = press.bill(identity)
    version = next((v for v in state.bill.versions if v.code == code), None)
    held = next((v for v in state.versions if v.code == code), None)
    marked = press.services.store.text(identity, code) if version and held else None
    if version is None or held is None or marked is None:
        raise NotFoundException()
    parts = blocks(marked, held.flags)
    return press.page(
        "text.html", bill_id=identity, bill=state.bill, version=version, links=dossier.web_links(version),
        sha256=held.sha256, marks_known=marked.marks_known, flags=dossier.flag_views(marked, held.flags),
        blocks=parts, contents=[b for b in parts if b.level in CONTENTS_LEVELS and b.path])


HANDLERS = (bills, bill, text)
