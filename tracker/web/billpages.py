"""Requests for bills to pages: the filtered list, one bill, one text in full."""

from __future__ import annotations

from tempfile import TemporaryFile

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.response import Stream

from digests.specs import named_spec
from tracker.evidence import write_bundle
from tracker.gathering import evidence_of
from tracker.model import Bill
from tracker.stage import STAGES
from tracker.web import dossier
from tracker.web.asking import AskedDep, IdentityDep, Part
from tracker.web.excerpts import blocks
from tracker.web.press import KNOWN, PressDep

BILLS_A_PAGE = 40
MOST_NAMED = 5  # sponsors whose feeds are offered, and as many committees
CHUNK = 1 << 16
CONTENTS_LEVELS = ("title", "subtitle", "division", "part", "chapter", "section")


@get("/bills", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def bills(press: PressDep, asked: AskedDep) -> Response[str]:
    found = press.list_bills(asked.query(BILLS_A_PAGE))
    return press.page("bills.html", here="bills", asked=asked, rows=found.rows, total=found.total,
                      next_url=asked.url(found.next_cursor) if found.next_cursor else None, stages=STAGES,
                      jurisdictions=press.jurisdictions(), sessions=press.sessions(),
                      troubled=press.troubled(asked.jurisdiction))


@get("/{jurisdiction:str}/{session:str}/{number:str}", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def bill(press: PressDep, identity: IdentityDep) -> Response[str]:
    state = press.bill(identity)
    services = press.services
    held = services.store.content_hashes(dossier.related_ids(state.bill))
    view = dossier.compose(identity, state, press.history(identity), press.text_of(identity),
                           services.catalogue.bill_pages(identity), held, press.speech)
    return press.page("bill.html", dossier=view, troubled=press.troubled(state.bill.jurisdiction),
                      named_feeds=_named_feeds(state.bill))


def _named_feeds(bill: Bill) -> list[tuple[str, str]]:
    """(name, path) for its first sponsors and its committees: a list of hundreds serves nobody."""
    people = [(s.name, named_spec("sponsor", bill.jurisdiction, s.person_id or s.name))
              for s in bill.sponsorships if s.primary and not s.withdrawn_on]
    committees = [(name, named_spec("committee", bill.jurisdiction, name)) for name in bill.committees]
    return [(name, spec.path) for name, spec in (*people[:MOST_NAMED], *committees[:MOST_NAMED]) if spec]


@get("/{jurisdiction:str}/{session:str}/{number:str}/text/{code:str}", dependencies=KNOWN, sync_to_thread=True,
     include_in_schema=False)
def text(press: PressDep, identity: IdentityDep, code: Part) -> Response[str]:
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
        blocks=parts, contents=[b for b in parts if b.level in CONTENTS_LEVELS and b.path],
        troubled=press.troubled(state.bill.jurisdiction))


@get("/{jurisdiction:str}/{session:str}/{number:str}/evidence.zip", dependencies=KNOWN, sync_to_thread=True,
     include_in_schema=False)
def evidence(press: PressDep, identity: IdentityDep) -> Stream:
    """The bundle is made in a file without a name and streamed from it."""
    press.bill(identity)
    services = press.services
    found = evidence_of(services, identity)
    if found is None:
        raise NotFoundException()
    bundle = TemporaryFile()  # noqa: SIM115 - the answer reads it after we have returned, and it closes itself
    write_bundle(found, services.clock(), services.settings.base_url, bundle)
    size = bundle.tell()
    bundle.seek(0)
    return Stream(iter(lambda: bundle.read(CHUNK), b""), media_type="application/zip", headers={
        "content-disposition": f'attachment; filename="{identity.replace("/", "-")}.zip"',
        "content-length": str(size), "cache-control": "no-store", "x-robots-tag": "noindex"})


HANDLERS = (bills, bill, text, evidence)
