"""An aggregator's list, asked in a process of its own, to a stored report of where it and our own reading disagree.

Nothing that a witness says is taken in: no bill, no event and no reader ever sees it.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from digests.wording.disagreements import compose_disagreements
from spiders.access import variable
from tracker import wire
from tracker.errors import ConfigError, RecipientRefused, Unreachable
from tracker.model import Bill, IngestMode, Run, RunVerdict, VerdictKind
from tracker.polling.quotas import held, rations_of, spendable
from tracker.polling.witness import Report, Statement, compare, due_notice

if TYPE_CHECKING:
    from tracker.app import Services

EVERY = timedelta(days=1)
LONGEST = timedelta(hours=2)
STAGE = "stage"  # spiders.witness.STAGE


def pairs(services: Services) -> tuple[tuple[str, str], ...]:
    """(jurisdiction, platform) of the setting `witnesses`, of those platforms whose key is there."""
    found = (pair.partition(":") for pair in services.settings.witnesses)
    return tuple((place, platform) for place, _, platform in found
                 if services.settings.crawl_base_url or held(services.settings, platform))


def compare_job(services: Services) -> None:
    """Each pair once a day."""
    for place, platform in pairs(services):
        name = f"compare:{place}:{platform}"
        last, now = services.store.job_last_run(name), services.clock()
        if services.stopping.is_set() or (last is not None and timedelta(0) <= now - last < EVERY):
            continue
        services.store.set_job_last_run(name, now)
        compare_now(services, place, platform)


def compare_now(services: Services, jurisdiction: str, platform: str, base_url: str = "") -> Report:
    """Ask, compare, store, and tell the operator what is grave. Raises Unreachable if the witness said nothing whole,
    ConfigError if it cannot be asked, Busy while another crawl draws on its quota."""
    said = [_statement(bill) for bill in ask(services, jurisdiction, platform, base_url)]
    report = compare(jurisdiction, platform, services.witness_reports.statements(jurisdiction), said, services.clock())
    services.witness_reports.save(report)
    return tell_operator(services, report)


def tell_operator(services: Services, report: Report) -> Report:
    address = services.settings.operator
    told = max((r.told_at for r in services.witness_reports.reports(report.jurisdiction)
                if r.witness == report.witness and r.told_at), default=None)
    if not address or services.settings.mail == "off" or not due_notice(report, told):
        return report
    try:
        services.mailer.send(compose_disagreements(report, address, services.site), address)
    except RecipientRefused:  # told with the next report
        return report
    done = replace(report, told_at=services.clock())
    services.witness_reports.save(done)
    return done


def ask(services: Services, jurisdiction: str, platform: str, base_url: str = "") -> list[Bill]:
    """The witness's list. Its run is kept under the platform's name: the quota counts it, and no page shows it."""
    settings, now = services.settings, services.clock()
    drawn = f"a legislature is being asked by way of {platform} right now, and they share its quota: wait for it"
    with services.only_one(f"quota-{platform}", drawn):
        run = Run(f"{platform}-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}", platform, IngestMode.LIVE, now)
        folder = settings.archive / run.id
        folder.mkdir(parents=True)
        services.store.save_run(run)
        command = [sys.executable, "-m", "spiders.crawl", jurisdiction, "--witness", platform, "--run-dir", str(folder),
                   "--parent-pid", str(os.getpid())]
        left = spendable(rations_of(services, _any_thin(platform), now), IngestMode.LIVE, True)
        for name, value in (("--base-url", base_url or settings.crawl_base_url), ("--contact", settings.contact),
                            ("--budget", None if left is None else str(left))):
            if value:
                command += [name, value]
        key = settings.source_keys.get(platform)
        environment = {**os.environ, **({variable(platform): key.get_secret_value()} if key else {})}
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,  # noqa: S603 fixed argv
                              env=environment, timeout=LONGEST.total_seconds(), check=False)
        counts, verdict = _result(folder)
        services.store.save_run(replace(run, finished_at=services.clock(), verdict=verdict, counts=counts))
    if done.returncode and verdict is None:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ConfigError: ")]
        raise ConfigError(lines[-1].removeprefix("ConfigError: ") if lines else f"the crawl of {platform} ended early")
    if verdict is None or verdict.kind is not VerdictKind.OK:
        raise Unreachable(f"expected the whole list of {jurisdiction}, got: {verdict.reason if verdict else 'nothing'}",
                          source=platform)
    return list(_bills(folder / "spool.jsonl"))


def _any_thin(platform: str) -> str:
    from spiders.discovery import thin

    return thin(platform)[0]


def _result(folder: Path) -> tuple[dict[str, int], RunVerdict | None]:
    try:
        found = msgspec.json.decode((folder / "result.json").read_bytes())
    except (OSError, ValueError):
        return {}, None
    verdict = found.get("verdict")
    return found["counts"], RunVerdict(VerdictKind(verdict["kind"]), verdict["reason"]) if verdict else None


def _bills(spool: Path) -> Iterator[Bill]:
    for line in spool.read_bytes().splitlines() if spool.exists() else ():
        if (bill := wire.decode_harvest(line).bill) is not None:
            yield bill


def _statement(bill: Bill) -> Statement:
    stage = next((t.title for t in bill.titles if t.kind == STAGE), None)
    titles = (bill.title, *(t.title for t in bill.titles if t.kind != STAGE))
    return Statement(bill.session, bill.identifier, tuple(t for t in titles if t), stage,
                     bill.actions[-1].date if bill.actions else None)
