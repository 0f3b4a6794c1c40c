"""`billwatch compare-sources`: where an aggregator and our own reading of a legislature disagree."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from digests.wording.disagreements import summary, told
from tracker.app import open_services
from tracker.commands.output import AsJson, err, out, print_json, safe
from tracker.errors import ConfigError
from tracker.polling.witness import Report
from tracker.polling.witnessing import compare_now

SHOWN = 20


def compare_sources(
    ask: Annotated[str, typer.Option(metavar="PAIR", help="Ask now, e.g. us-wa:legiscan; one run, a few queries of "
                                                          "your quota.")] = "",
    base_url: Annotated[str, typer.Option(help="With --ask: a mirror of the aggregator.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the last comparison of each pair of the setting `witnesses`: bills that are missing, later, other.

    The legislature's own word always stands: a witness changes no bill. With `witnesses` set, `billwatch serve` asks
    once a day, and the operator is told by mail of what we may have missed.

    Examples:

      BILLWATCH_WITNESSES=us-wa:legiscan billwatch serve

      billwatch compare-sources --ask us-wa:legiscan --json
    """
    with open_services() as services:
        if ask:
            found = re.fullmatch(r"(us-[a-z]{2}):(legiscan|openstates)", ask)
            if found is None:
                raise ConfigError(f"--ask: expected a pair like us-wa:legiscan, got {ask!r}")
            reports = [compare_now(services, found[1], found[2], base_url)]
        else:
            reports = services.witness_reports.newest()
    if as_json:
        print_json([report_row(report) for report in reports])
        return
    if not reports:
        err.print("nothing was compared yet: set witnesses, or use --ask")
    for report in reports:
        out.print(f"{report.at:%Y-%m-%d %H:%M} {safe(summary(report))}")
        for one in report.found[:SHOWN]:
            out.print(f"  {safe(told(one))}")
        if report.total > SHOWN:
            out.print(f"  and {report.total - min(SHOWN, len(report.found)):,} more (--json shows {len(report.found)})")


def report_row(report: Report) -> dict[str, Any]:
    """As programs see it."""
    return {"jurisdiction": report.jurisdiction, "witness": report.witness, "at": report.at,
            "compared": report.compared, "counts": dict(report.counts), "told_at": report.told_at,
            "found": [{"kind": str(d.kind), "session": d.session, "identifier": d.identifier, "ours": d.ours,
                       "theirs": d.theirs} for d in report.found]}
