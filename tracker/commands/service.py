"""`billwatch serve`: web, clock and worker in one process tree."""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.app import Services
from tracker.commands.output import err
from tracker.commands.retag import tell_stale
from tracker.settings import load_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (setting host).")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on (setting port).")] = None,
    no_jobs: Annotated[bool, typer.Option("--no-jobs", help="Pages only: no crawls, no mail.")] = False,
) -> None:
    """Run the whole service: pages and feeds, scheduled crawls, digests. Ctrl-C or SIGTERM ends it cleanly.

    What was missed while it was down is caught up at the start. Behind a public name put a web server with TLS in
    front and set `base_url`.
    """
    from tracker.jobs import start_clock
    from tracker.web.serve import run

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    with Services(load_settings(**given)) as services:
        if not no_jobs and not services.settings.contact and not services.settings.crawl_base_url:
            err.print("[yellow]setting contact is empty: legislatures are not crawled until you give a mail address "
                      "or page where site owners reach you (BILLWATCH_CONTACT)[/yellow]")
        tell_stale(services)
        clock = None if no_jobs else start_clock(services)
        try:
            run(services, services.settings.host, services.settings.port)
        finally:
            services.stopping.set()
            if clock is not None:
                clock.shutdown()
