"""`billwatch serve`: web, clock and worker in one process tree."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from tracker.app import Services
from tracker.commands.keys import insist_on_keys
from tracker.commands.output import err
from tracker.commands.retag import tell_stale
from tracker.polling.quotas import insist_on_known
from tracker.settings import load_settings, unknown_variables

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger()


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (setting host).")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on (setting port).")] = None,
    no_jobs: Annotated[bool, typer.Option("--no-jobs", help="Pages only: no crawls, no mail.")] = False,
) -> None:
    """Run the whole service: pages and feeds, scheduled crawls, digests. Ctrl-C or SIGTERM ends it cleanly.

    What was missed while it was down is caught up at the start. Behind a public name put a web server with TLS in
    front and set `base_url`.

    Exit status: 0 it was told to end, 2 it could not start (a wrong setting, no database, a port that is taken).

    Examples:

      BILLWATCH_CONTACT=you@example.org billwatch serve

      billwatch serve --no-jobs --port 8081
    """
    from tracker.jobs import start_clock
    from tracker.web.serve import run

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    with Services(load_settings(**given)) as services:
        if not no_jobs and not services.settings.contact and not services.settings.crawl_base_url:
            err.print("[yellow]setting contact is empty: legislatures are not crawled until you give a mail address "
                      "or page where site owners reach you (BILLWATCH_CONTACT)[/yellow]")
        for name in unknown_variables(os.environ):
            err.print(f"{name}: there is no such setting", markup=False, style="yellow")
        insist_on_known(services.settings)
        insist_on_keys(services)
        tell_stale(services)
        clock: BackgroundScheduler | None = None

        def listening(address: str) -> None:
            """The clock starts only now: a port that is taken must not begin a crawl."""
            nonlocal clock
            log.info("listening", address=address, sources=len(services.settings.sources), mail=services.settings.mail)
            clock = None if no_jobs else start_clock(services)

        try:
            run(services, services.settings.host, services.settings.port, listening)
        finally:
            services.stopping.set()
            if clock is not None:
                clock.shutdown()
