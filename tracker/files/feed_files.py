"""All public feeds, archives and calendars to files under the paths that they have on the site, for any file host."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from digests.channels.agenda import render_calendar
from digests.channels.directory import OPML_PATH, groups, opml
from digests.channels.feeds import EMPTY_SINCE, FORMATS, FeedSpec, all_specs, archive_numbers, archive_path, render_feed
from digests.channels.specs import CALENDAR
from tracker.app import Services
from tracker.errors import ConfigError
from tracker.files.alert_files import write_alerts
from tracker.model import Topic
from tracker.polling.watching import name_of
from tracker.store.catalogue import BillQuery

STAMP = "feeds/.build.json"
_LINKED_ON = b'rel="next-archive"'  # an archive that has this never changes again


@dataclass(slots=True)
class Built:
    """`resting`: feeds of bills of which nothing is new since the last time; their files were left alone.
    `build_again_at`: when the window of an alert opens or closes next, which files cannot do by themselves."""

    feeds: int = 0
    resting: int = 0
    files: int = 0
    written: int = 0
    unchanged: int = 0
    bytes_written: int = 0
    build_again_at: datetime | None = None


@dataclass(slots=True)
class _Folder:
    root: Path
    built: Built = field(default_factory=Built)

    def put(self, path: str, body: bytes, changed_at: datetime) -> None:
        """The file and its .gz, each whole or not at all, and only if they differ. Their time is that of the matter."""
        file, when = self.root / path.lstrip("/"), changed_at.timestamp()
        self.built.files += 1
        packed = file.with_name(f"{file.name}.gz")
        if _read(file) == body and packed.exists():
            self.built.unchanged += 1
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(packed, gzip.compress(body, 9, mtime=0), when)  # first: who finds the new file finds the new .gz
        _replace(file, body, when)
        self.built.written += 1
        self.built.bytes_written += len(body)

    def drop(self, path: str) -> None:
        file = self.root / path.lstrip("/")
        file.unlink(missing_ok=True)
        file.with_name(f"{file.name}.gz").unlink(missing_ok=True)

    def holds(self, path: str, ended: bytes) -> bool:
        held = _read(self.root / path.lstrip("/"))
        return held is not None and ended in held


def build(services: Services, root: Path, *, everything: bool = False,
          watch: Callable[[int, int], None] = lambda done, total: None) -> Built:
    """`everything=False`: what cannot have changed since the last build is not made again. Raises ConfigError."""
    try:
        return _build(services, _Folder(root), everything, watch)
    except OSError as problem:
        raise ConfigError(f"{root} cannot be written to: {problem}") from None


def _build(services: Services, folder: _Folder, everything: bool, watch: Callable[[int, int], None]) -> Built:
    upto, maker = services.store.last_seq(), _maker(services)
    folder.built.build_again_at = write_alerts(services, folder)  # first: they are in a hurry
    known = {} if everything else _stamp(folder.root)
    fresh = known.get("maker") != maker
    since = -1 if fresh else int(known.get("upto", -1))
    jurisdictions = services.catalogue.jurisdictions()
    bills = dict(_bills(services, folder.root))
    specs = [*all_specs(tuple(Topic), jurisdictions), *(FeedSpec("bill", b) for b in sorted(bills))]
    for done, spec in enumerate(specs):
        watch(done, len(specs))
        if spec.kind == "bill" and bills[spec.value] <= since:
            folder.built.resting += 1
            continue
        _write(services, spec, folder, fresh)
    listed = groups(jurisdictions, name_of)
    folder.put(OPML_PATH, opml(listed, services.site), EMPTY_SINCE)
    watch(len(specs), len(specs))
    _replace(folder.root / STAMP, json.dumps({"maker": maker, "upto": upto}).encode(), None)
    return folder.built


def _write(services: Services, spec: FeedSpec, folder: _Folder, fresh: bool) -> None:
    """Archives first: a reader who has the new document must find what it links to."""
    log, site, outages = services.sieve, services.site, services.outages.recent()
    numbers = list(archive_numbers(spec, log))
    for fmt in FORMATS:
        final = _LINKED_ON if fmt != "json" else b""
        for number in reversed(numbers):
            path = archive_path(spec, fmt, number)
            if not fresh and folder.holds(path, final):
                continue
            try:
                document = render_feed(spec, fmt, log, site, number)
            except LookupError:
                continue
            folder.put(path, document.body, document.last_modified)
        document = render_feed(spec, fmt, log, site, outages=outages)
        folder.put(f"{spec.path}.{fmt}", document.body, document.last_modified)
    document = render_calendar(spec, log, site, services.clock().date())
    folder.put(f"{spec.path}.{CALENDAR}", document.body, document.last_modified)
    folder.built.feeds += 1


def _bills(services: Services, root: Path) -> Iterator[tuple[str, int]]:
    """(id, number of its newest event) of flagged bills, and of those that ever had a file: someone follows it."""
    cursor: str | None = None
    while True:
        page = services.catalogue.bills(BillQuery(flagged=True, limit=500, cursor=cursor))
        yield from ((row.id, row.last_seq) for row in page.rows)
        cursor = page.next_cursor
        if cursor is None:
            break
    for file in (root / "feeds/bill").glob("*/*/*.atom"):
        identity = file.relative_to(root / "feeds/bill").with_suffix("").as_posix()
        if row := services.catalogue.row(identity):
            yield row.id, row.last_seq


def _maker(services: Services) -> str:
    """What else the bytes rest on, besides the log."""
    site, outages = services.site, services.outages.recent()
    said = f"{version('billwatch')}|{site}|{[(o.source, o.began_at, o.state, o.ended_at) for o in outages]}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _stamp(root: Path) -> dict[str, str]:
    try:
        found = json.loads(_read(root / STAMP) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _replace(file: Path, body: bytes, when: float | None) -> None:
    """Readers see the old file or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(body)
    if when is not None:
        os.utime(part, (when, when))
    part.replace(file)
