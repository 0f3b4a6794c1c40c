"""The command line: `billwatch COMMAND`; the edge where expected errors become one clear line."""

from __future__ import annotations

import errno
import logging
import os
import sys
from importlib.metadata import version
from typing import Annotated

import structlog
import typer

from tracker import crashes
from tracker.commands import (
    accounts,
    alerts,
    apikeys,
    bills,
    bounces,
    certificates,
    compare,
    crawl,
    deliveries,
    diff,
    evidence,
    export,
    feed_files,
    history,
    keys,
    legislatures,
    log,
    readers,
    retag,
    review,
    rules,
    search,
    service,
    sessions,
    sources,
    tagging,
    webhooks,
)
from tracker.commands.output import err, legible
from tracker.errors import TrackerError

# The operator's to mend, and clear in one line: a full disk, a folder that we may not write.
OUR_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)

app = typer.Typer(
    name="billwatch", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Watches legislatures for bills on sex work, provision by provision, and tells people in time.\n\n"
         "State lives in BILLWATCH_HOME (default: your data folder); BILLWATCH_DATABASE names another database. "
         "Settings: billwatch.toml in that folder, or BILLWATCH_* variables.")
app.command("serve")(service.serve)
app.command("crawl")(crawl.crawl)
app.command("legislatures")(legislatures.legislatures)
app.command("new-legislature")(legislatures.new_legislature)
app.command("record")(legislatures.record)
app.command("bills")(bills.bills)
app.command("search")(search.search)
app.command("reindex")(search.reindex_bills)
app.command("tag")(tagging.tag_files)
app.command("retag")(retag.retag_texts)
app.add_typer(rules.rules, name="rules")
app.command("events")(log.events)
app.command("diff")(diff.diff)
app.command("history")(history.history)
app.command("changes")(history.changes)
app.command("digest")(readers.digest)
app.add_typer(certificates.certificates, name="certificates")
readers.feeds.command("build")(feed_files.build)
app.add_typer(readers.feeds, name="feeds")
app.command("sources")(sources.sources)
app.command("sessions")(sessions.sessions)
app.command("health")(log.health)
app.command("compare-sources")(compare.compare_sources)
app.add_typer(readers.subscribers, name="subscribers")
app.add_typer(readers.keeping, name="readers")
app.add_typer(deliveries.deliveries, name="deliveries")
app.add_typer(bounces.bounces, name="bounces")
app.add_typer(webhooks.webhooks, name="webhooks")
app.command("backup")(log.backup)
app.command("export")(export.export)
app.command("evidence")(evidence.evidence)
app.add_typer(review.review, name="review")
app.add_typer(accounts.accounts, name="accounts")
app.add_typer(alerts.alerts, name="alerts")
app.add_typer(alerts.members, name="members")
app.add_typer(apikeys.apikeys, name="apikeys")
app.add_typer(keys.keys, name="keys")


@app.command("demo")
def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Keep the site up until Ctrl-C.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the site; 0: any free one.")] = 8080,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")] = False,
) -> None:
    """Show the whole pipeline on a bundled, fictional legislature: three days of crawling, flags, feeds, mail.

    Nothing leaves this machine, and your own data is not touched: the demo lives in a folder of its own.

    Example:

      billwatch demo --no-serve
    """
    from tracker.demo.run import run_demo

    run_demo(serve=serve, port=port, as_json=as_json)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"billwatch {version('billwatch')}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[bool, typer.Option(
        "--version", callback=_show_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    *before, renderer = structlog.get_config()["processors"]
    structlog.configure(processors=[*(step for step in before if step is not legible), legible, renderer],
                        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
                        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the stream of today,
                        cache_logger_on_first_use=False)  # not that of an earlier command in this process


def main() -> None:
    """Expected errors end in one line and status 2; a crash shows where it happened, and no value."""
    crashes.install()
    try:
        app()
    except TrackerError as problem:
        err.print(f"billwatch: {problem}", markup=False, style="red")
        sys.exit(2)
    except BrokenPipeError:  # the reader of our output went away, e.g. `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as problem:
        if problem.errno not in OUR_MACHINE:
            raise
        err.print(f"billwatch: {problem.filename or 'this machine'}: {problem.strerror}", markup=False, style="red")
        sys.exit(2)


if __name__ == "__main__":
    main()
