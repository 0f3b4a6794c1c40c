"""`billwatch demo`: three simulated days of a fictional legislature through the real pipeline, then the real site."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from rich.rule import Rule

from digests.readers import subscriptions
from tracker.app import Services
from tracker.commands.output import MODE_WORDS, err, out, print_json, safe
from tracker.commands.readers import write_all
from tracker.commands.tagging import print_flag
from tracker.demo.site import DAYS, DemoSite
from tracker.differ import newest_flags
from tracker.errors import ConfigError
from tracker.jobs import deliver_now, export_job
from tracker.model import Cadence, Filter, Run
from tracker.polling.crawling import Order, crawl
from tracker.settings import load_settings
from tracker.store.catalogue import BillQuery

MARK = ".billwatch-demo"  # only a folder that holds this file is ever emptied
READER = "reader@example.org"


@dataclass
class SimulatedClock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 18, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


def run_demo(*, serve: bool, port: int, as_json: bool, folder: Path = Path("demo-out")) -> None:
    """Crawl, tag, log, feed and mail three days; print what was found; keep the site up if asked."""
    _empty(folder)
    port = _free_port(port)
    clock = SimulatedClock()
    with DemoSite() as site:
        settings = load_settings(home=folder.resolve(), database="", base_url=f"http://127.0.0.1:{port}", mail="folder",
                                 mail_from="billwatch@example.org", contact="demo@example.org", sources=("us",),
                                 crawl_base_url=site.base_url, host="127.0.0.1", port=port, tag_authority="example.org")
        with Services(settings, clock) as services:
            days = [_live_one_day(services, site, clock, number, quiet=as_json) for number in range(1, len(DAYS) + 1)]
            feeds = write_all(services, folder / "feeds")
            export_job(services)
            mails = sorted((folder / "mail").glob("*.eml"))
            if as_json:
                print_json(_summary(services, days, feeds, mails))
            else:
                _tell(services, days, feeds, mails, folder)
            if serve:
                _stay(services, port)


def _live_one_day(services: Services, site: DemoSite, clock: SimulatedClock, number: int, *, quiet: bool) -> Run:
    """One crawl in the evening; the instant message ten minutes later; the daily one the next morning."""
    site.show(number)
    clock.now = datetime.combine(DAYS[number - 1], datetime.min.time(), UTC) + timedelta(hours=18)
    run = crawl(services, Order("us"))
    if not quiet:
        verdict = run.verdict.kind if run.verdict else "interrupted"
        out.print(f"[bold]Day {number}[/bold] {DAYS[number - 1]}: crawl {verdict}, "
                  f"{run.counts.get('requests', 0)} requests, {run.counts.get('changed', 0)} bills changed, "
                  f"{run.counts.get('events', 0)} new events ({MODE_WORDS[run.mode]})")
    if number == 1:
        _subscribe(services)
    for pause in (timedelta(minutes=11), timedelta(hours=15)):
        clock.now += pause
        deliver_now(services)
    return run


def _subscribe(services: Services) -> None:
    """Two readers sign up and follow the link in their message, as people do."""
    for number, cadence in enumerate((Cadence.INSTANT, Cadence.DAILY), 1):
        before = set(services.settings.outbox_folder.glob("*.eml"))
        subscriptions.subscribe(
            services.ledger, services.mailer, services.keys, services.site, address=f"{number}-{READER}",
            filter=Filter(), cadence=cadence, zone="UTC", hour=8, weekday=0, now=services.clock(),
            cursor=services.store.last_seq())
        [message] = set(services.settings.outbox_folder.glob("*.eml")) - before
        subscriptions.confirm(services.ledger, _token(message), services.clock(), services.store.last_seq())


def _token(message: Path) -> str:
    parsed = BytesParser(policy=policy.default).parsebytes(message.read_bytes())
    body = parsed.get_body(("plain",))
    found = re.search(r"/confirm/([\w-]+)", body.get_content() if body else "")
    if not found:
        raise ConfigError(f"{message}: expected a confirmation link, found none")
    return found[1]


def _flagged(services: Services) -> Iterator[tuple[str, str, str | None, Any]]:
    for row in services.catalogue.bills(BillQuery(flagged=True, limit=100)).rows:
        state = services.store.bill(row.id)
        if state:
            yield row.id, row.identifier, row.title, newest_flags(state.versions)


def _summary(services: Services, days: list[Run], feeds: list[Path], mails: list[Path]) -> dict[str, Any]:
    return {"site": services.settings.base_url, "runs": days, "last_seq": services.store.last_seq(),
            "bills": [{"id": bill_id, "title": title, "flags": flags}
                      for bill_id, _, title, flags in _flagged(services)],
            "feeds": [str(p) for p in feeds], "mails": [str(p) for p in mails]}


def _tell(services: Services, days: list[Run], feeds: list[Path], mails: list[Path], folder: Path) -> None:
    out.print(Rule("Flagged provisions (fictional bills)"))
    for bill_id, identifier, title, flags in _flagged(services):
        where = f"{services.settings.base_url}/{bill_id}"
        out.print(f"[bold]{safe(identifier)}[/bold] {safe(title or '')}  [dim]{where}[/dim]")
        for flag in flags:
            print_flag(flag)
    out.print(Rule("On disk"))
    out.print(f"{services.store.last_seq()} events in {safe(str(folder / 'billwatch.db'))}")
    out.print(f"{len(feeds)} feeds in {safe(str(folder / 'feeds'))}, for example {safe(str(feeds[0]))}")
    out.print(f"{len(mails)} messages in {safe(str(folder / 'mail'))}")
    for mail in mails:
        out.print(f"  {safe(str(mail))}")


def _stay(services: Services, port: int) -> None:
    from tracker.web.serve import run

    err.print(f"\nThe site is at [bold]{services.settings.base_url}[/bold] until Ctrl-C.")
    run(services, "127.0.0.1", port)


def _empty(folder: Path) -> None:
    """The demo's own folder starts afresh; a folder that is not the demo's is left alone."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise ConfigError(f"{folder} holds other files: expected an empty folder or one of an earlier demo")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("This folder is emptied whenever the demo starts.\n")


@contextmanager
def _socket() -> Iterator[socket.socket]:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield probe


def _free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else any free port."""
    for candidate in (wanted, 0):
        with _socket() as probe:
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ConfigError("no free port on 127.0.0.1")
