"""Requests for bills to pages: the filtered list, one bill, one text in full."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from urllib.parse import urlencode

from litestar import Response, get
from litestar.exceptions import NotFoundException, ValidationException
from litestar.response import Redirect, Stream

from digests.channels.specs import named_spec
from digests.wording.begun import today_in
from spiders.recording import read_page
from tracker.errors import SourceError
from tracker.evidence import write_bundle
from tracker.history.comparing import usual_code
from tracker.history.gathering import evidence_of
from tracker.ids import slug_of_session
from tracker.model import Bill
from tracker.stage import STAGES
from tracker.store.catalogue import BillRow
from tracker.store.past import Known
from tracker.ties import ties
from tracker.web import dossier, sheets
from tracker.web.alerts import calls
from tracker.web.asking import AskedDep, IdentityDep, Part
from tracker.web.excerpts import blocks
from tracker.web.linked import embedded, legislation
from tracker.web.press import KNOWN, NoText, Press, PressDep
from tracker.web.stages import picture
from tracker.web.tongue import carried

BILLS_A_PAGE = 40
MOST_ROWS = 5_000  # of a sheet
MOST_NAMED = 5  # sponsors whose feeds are offered, and as many committees
CHUNK = 1 << 16
SHOWN_REVISIONS = 30
CONTENTS_LEVELS = ("title", "subtitle", "division", "part", "chapter", "section")


@get("/bills", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def bills(press: PressDep, asked: AskedDep) -> Response[str]:
    found = press.list_bills(asked.query(BILLS_A_PAGE))
    return press.page("bills.html", here="bills", asked=asked, rows=found.rows, total=found.total,
                      next_url=asked.url(found.next_cursor) if found.next_cursor else None, stages=STAGES,
                      jurisdictions=press.jurisdictions(), sessions=press.sessions(),
                      sheet_url=replace(asked, cursor=None).url("", "/bills.csv") if found.total <= MOST_ROWS else None,
                      leanings=press.leanings(row.id for row in found.rows),
                      troubled=press.troubled(asked.jurisdiction))


@get("/bills.csv", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def bills_sheet(press: PressDep, asked: AskedDep) -> Response[bytes]:
    """The whole list that is asked for, from its beginning, or a refusal: never a part that looks like the whole."""
    found = press.list_bills(replace(asked, cursor=None).query(MOST_ROWS))
    if found.next_cursor:
        raise ValidationException(f"{found.total} bills fit, and a sheet holds {MOST_ROWS}: choose fewer, or take the "
                                  "files of /data.")
    return bill_sheet(press, "bills", found.rows)


def bill_sheet(press: Press, name: str, rows: Iterable[BillRow]) -> Response[bytes]:
    base = press.services.settings.base_url
    return sheets.download(name, ("bill", "legislature", "session", "identifier", "title", "stage", "topics",
                                     "introduced_on", "latest_action_on", "latest_action", "address"), (
        (row.id, row.jurisdiction, row.session, row.identifier, row.title, row.stage, " ".join(row.topics),
         row.introduced_on, row.latest_action_on, row.latest_action, f"{base}/{row.id}") for row in rows))


@get("/{jurisdiction:str}/{session:str}", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def of_session(press: PressDep, jurisdiction: Part, session: Part) -> Redirect:
    """What is left of a bill's address without its number, to the list of that session's bills."""
    place, asked = jurisdiction.lower(), slug_of_session(session)
    found = min((name for where, name in press.services.catalogue.places()
                 if where == place and slug_of_session(name) == asked), default=None)
    if found is None:
        raise NotFoundException("No bill of such a session is held here.")
    given = {"jurisdiction": place, "session": found, "show": "all",
             "as-of": press.as_of.written if press.as_of else None}
    return Redirect(carried(f"/bills?{urlencode({k: v for k, v in given.items() if v})}"), status_code=303)


@get("/{jurisdiction:str}/{session:str}/{number:str}", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def bill(press: PressDep, identity: IdentityDep) -> Response[str]:
    with press.look():
        return _whole(press, identity)


def _whole(press: Press, identity: str) -> Response[str]:
    state = press.bill(identity)
    services = press.services
    today = today_in(state.bill.jurisdiction, services.clock())
    view = dossier.compose(identity, state, press.history(identity), press.text_of(identity),
                           services.catalogue.bill_pages(identity), ties(services, identity, state.bill),
                           today, press.speech)
    known = press.known(identity)
    address = f"{services.settings.base_url}/{identity}"
    return press.page("bill.html", dossier=view, calls=calls(press, bill=identity), today=today,
                      troubled=press.troubled(state.bill.jurisdiction), known=known,
                      stages=picture(state.bill, press.speech), cite_as_of=cited(press, known),
                      linked=embedded(legislation(state.bill, address, today)), shown_revisions=SHOWN_REVISIONS,
                      revision_moment=moment_of, named_feeds=_named_feeds(state.bill))


def cited(press: Press, known: Known) -> str:
    """The moment that gives this very page again: asked for, or when its newest state was recorded. Not the hour of
    the look: a page that says another hour at each look could never be answered with 304."""
    if press.as_of:
        return press.as_of.written
    return moment_of(known.revisions[-1].recorded_at) if known.revisions else ""


def moment_of(at: datetime) -> str:
    """For an address: whole seconds, not before `at`."""
    return f"{at + timedelta(microseconds=-at.microsecond % 1_000_000):%Y-%m-%dT%H:%M:%SZ}"


@get("/{jurisdiction:str}/{session:str}/{number:str}/page/{sha256:str}", dependencies=KNOWN, sync_to_thread=True,
     include_in_schema=False)
def kept_page(press: PressDep, identity: IdentityDep, sha256: Part) -> Response[bytes]:
    """A page that the record rests on, with the bytes that the site gave us: to be read or kept, never to be run."""
    press.bill(identity)
    page = next((p for p in press.services.catalogue.bill_pages(identity) if p.sha256 == sha256), None)
    if page is None or page.warc is None or page.offset is None:
        raise NotFoundException("No page of this bill with these bytes is kept here.")
    try:
        body = read_page(press.services.settings.archive, page.warc, page.offset)
    except SourceError:
        raise NotFoundException("The archive does not hold this page any more.") from None
    if hashlib.sha256(body).hexdigest() != sha256:
        raise NotFoundException("What the archive holds is not these bytes.")
    readable = _is_text(body)
    kind = "inline" if readable else "attachment"
    return Response(body, media_type="text/plain" if readable else "application/octet-stream", headers={
        "content-disposition": f'{kind}; filename="{sha256[:16]}.{"txt" if readable else "bin"}"',
        "content-security-policy": "default-src 'none'; sandbox", "x-robots-tag": "noindex",
        "cache-control": "public, max-age=31536000, immutable"})


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return b"\x00" not in body


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
    code = usual_code(state, code)
    version = next((v for v in state.bill.versions if v.code == code), None)
    held = next((v for v in state.versions if v.code == code), None)
    marked = press.services.store.text(identity, code) if version and held else None
    if version is None or held is None or marked is None:
        raise NoText(identity, press.as_of)
    parts = blocks(marked, held.flags)
    return press.page(
        "text.html", bill_id=identity, bill=state.bill, version=version, links=dossier.web_links(version),
        sha256=held.sha256, marks_known=marked.marks_known, flags=dossier.flag_views(marked, held.flags),
        cite_as_of=cited(press, press.known(identity)), blocks=parts,
        contents=[b for b in parts if b.level in CONTENTS_LEVELS and b.path],
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


HANDLERS = (bills, bills_sheet, of_session, bill, text, evidence, kept_page)
