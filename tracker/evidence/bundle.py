"""A bill as it is held, and its recorded pages, to the files of a bundle and a manifest with the hash of each."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from itertools import chain
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import urlsplit

import msgspec

from tracker.desk.review import shown
from tracker.errors import SourceError
from tracker.model import BillState, Event, Flag, MarkedText, Page, TextStatus

FORMAT = 1
KNOWN_ENDINGS = frozenset({".xml", ".html", ".htm", ".json", ".pdf", ".txt", ".zip"})
README = """{id}: evidence, made {made_at} by {maker}

pages/      each page that the record rests on: as it reads, and (.warc.gz) the exchange in which the site gave it, with
            headers and time (WARC 1.1, readable by every web archive's tools)
texts/      each version's text as it was read from its page; the places of quotes count characters in it
bill.json   the record and its flags; events.jsonl: every change that was noticed, in order
past/       each state of the record before this one (from when to when: "past" in the manifest), and texts of then that
            differ; bytes that an address had before are among the pages, with "replaced_at"
verify.py   checks all of this: unpack the ZIP, run python3 verify.py

What it proves: these pages, texts, flags and events belong together and none was altered after the manifest was
written. What it does not prove: that the site said this. The recording and its clock are those of {maker}; who needs
more compares with the site, with another archive, or has the hash of MANIFEST.json stamped by a third party.
"fetched_at" is when the site last gave these bytes (of replaced ones: first), "recorded_at" when it first did.
Pages that are no longer in the archive are named in the manifest under
"not_enclosed", with the hash that they had.
"""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A page's bytes as they read, and the member of the WARC file that holds them, with what that says of itself."""

    url: str
    at: datetime
    body: bytes
    member: bytes


@dataclass(frozen=True, slots=True)
class PastState:
    """The bill as it was known from `recorded_at` (None: not noted) until another state came."""

    recorded_at: datetime | None
    replaced_at: datetime
    state: BillState
    texts: Mapping[str, MarkedText]  # by version code


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is held of one bill. `texts` by version code; `events` and what was known before oldest first.

    `past` is read once, while the bundle is written."""

    bill_id: str
    state: BillState
    events: Sequence[Event]
    pages: Sequence[Page]
    texts: Callable[[str], MarkedText | None]
    exchange: Callable[[str, int], Exchange]  # raises SourceError
    past: Iterable[PastState] = ()
    past_pages: Sequence[tuple[Page, datetime]] = ()  # bytes that an address had before, and until when


def write_bundle(evidence: Evidence, made_at: datetime, maker: str, target: IO[bytes]) -> str:
    """Write the ZIP; one page is in memory at a time. Returns the SHA-256 of MANIFEST.json.

    Equal evidence, time and maker give equal bytes.
    """
    stamp = made_at.astimezone(UTC)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        packer = _Packer(archive, stamp)
        packer.add("README.txt", README.format(id=evidence.bill_id, made_at=_moment(stamp), maker=maker).encode())
        packer.add("verify.py", files("tracker.evidence").joinpath("verify.py").read_bytes())
        packer.add("bill.json", _json(_record(evidence.bill_id, evidence.state)))
        packer.add("events.jsonl", b"".join(msgspec.json.encode(e, order="sorted") + b"\n" for e in evidence.events))
        pages, missing = _pages(evidence, packer)
        flags = [*_texts(packer, evidence.state, evidence.texts, "texts/")]
        states = list(_past(evidence, packer, flags))
        manifest = _json({
            "format": FORMAT, "bill": evidence.bill_id, "revision": evidence.state.revision,
            "made_at": _moment(stamp), "maker": maker, "last_event": evidence.events[-1].seq if evidence.events else 0,
            "files": packer.files, "pages": pages, "not_enclosed": missing, "flags": flags, "past": states})
        packer.add("MANIFEST.json", manifest)
    return hashlib.sha256(manifest).hexdigest()


class _Packer:
    def __init__(self, archive: zipfile.ZipFile, stamp: datetime) -> None:
        self._archive = archive
        self._date = stamp.timetuple()[:6]
        self.files: list[dict[str, Any]] = []
        self._texts: dict[bytes, str] = {}

    def add_text(self, path: str, data: bytes) -> str:
        """Where it is: a text that did not change from one state to the next is there once."""
        which = hashlib.sha256(data).digest()
        if which not in self._texts:
            self.add(path, data)
            self._texts[which] = path
        return self._texts[which]

    def add(self, path: str, data: bytes) -> None:
        info = zipfile.ZipInfo(path, self._date)
        info.compress_type = zipfile.ZIP_STORED if path.endswith(".gz") else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        self._archive.writestr(info, data)
        self.files.append({"path": path, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)})


def _pages(evidence: Evidence, packer: _Packer) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    enclosed, missing = [], []
    every = [(page, None) for page in evidence.pages], evidence.past_pages
    for number, (page, until) in enumerate(chain(*every), 1):
        about = {"url": page.url, "fetched_at": _moment(page.fetched_at), "sha256": page.sha256}
        if until is not None:
            about["replaced_at"] = _moment(until)
        found, why = _exchange(evidence, page)
        if found is None:
            missing.append({**about, "why": why})
            continue
        name = f"pages/{number:03}"
        path = f"{name}{_ending(page.url)}"
        packer.add(path, found.body)
        packer.add(f"{name}.warc.gz", found.member)
        enclosed.append({**about, "path": path, "exchange": f"{name}.warc.gz", "recorded_at": _moment(found.at),
                         "recorded_as": found.url})
    return enclosed, missing


def _exchange(evidence: Evidence, page: Page) -> tuple[Exchange | None, str]:
    if page.warc is None or page.offset is None:
        return None, "never recorded"
    try:
        found = evidence.exchange(page.warc, page.offset)
    except SourceError as problem:
        return None, str(problem)
    if hashlib.sha256(found.body).hexdigest() != page.sha256:
        return None, "the archive holds other bytes at its place"
    return found, ""


def _past(evidence: Evidence, packer: _Packer, flags: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each state before this one as a file; its flags join `flags`, so that each quote of then is checked, too."""
    for then in evidence.past:
        number = then.state.revision
        path, held = f"past/{number:04}.json", then.texts
        packer.add(path, _json(_record(evidence.bill_id, then.state)))
        flags += ({**flag, "revision": number} for flag in _texts(packer, then.state, held.get, f"past/{number:04}-"))
        yield {"revision": number, "recorded_at": _moment(then.recorded_at) if then.recorded_at else None,
               "replaced_at": _moment(then.replaced_at), "path": path}


def _texts(packer: _Packer, state: BillState, text_of: Callable[[str], MarkedText | None],
           prefix: str) -> Iterator[dict[str, Any]]:
    """Each held text as a file; gives the flags with the file that proves them."""
    for number, version in enumerate(state.versions, 1):
        text = text_of(version.code) if version.status is TextStatus.AVAILABLE else None
        if text is None:
            continue
        name = f"{prefix}{number:02}-{re.sub(r'[^A-Za-z0-9.-]+', '_', version.code)[:60]}.txt"
        path = packer.add_text(name, text.text.encode())
        for flag in shown(version.flags):
            yield {"text": path, "version": version.code, "source": version.url, "source_sha256": version.sha256,
                   **_plain(flag)}


def _plain(flag: Flag) -> dict[str, Any]:
    return {"topic": flag.topic, "effect": flag.effect, "subtopic": flag.subtopic, "provision": flag.provision,
            "start": flag.start, "end": flag.end, "quote": flag.quote, "rule": flag.rule, "ruleset": flag.ruleset}


def _record(bill_id: str, state: BillState) -> dict[str, Any]:
    return {"id": bill_id, "revision": state.revision, "bill": state.bill,
            "versions": [{"code": v.code, "status": v.status, "url": v.url, "sha256": v.sha256,
                          "flags": shown(v.flags)} for v in state.versions]}


def _ending(url: str) -> str:
    ending = PurePosixPath(urlsplit(url).path).suffix.lower()
    return ending if ending in KNOWN_ENDINGS else ".page"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2) + b"\n"


