"""Reports of witnesses on both databases: the newest few of each pair are kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tracker.commands.compare import report_row
from tracker.polling.witness import Statement, compare
from tracker.store.store import SqlStore
from tracker.store.witness_reports import KEPT, WitnessReports

NOW = datetime(2185, 3, 20, 12, tzinfo=UTC)
HELD = Statement("2185", "HB 1", ("Lamps",), "introduced", date(2185, 3, 1))
REPORT = compare("us-wa", "legiscan", [HELD], [HELD, Statement("2185", "SB 2", ("Fog \x00",))], NOW)


def test_the_newest_reports_of_a_pair_are_kept_on_both_databases(store: SqlStore) -> None:
    reports = WitnessReports(store.engine)
    other = replace(REPORT, jurisdiction="us-ny", witness="openstates")
    reports.save(other)
    for n in range(KEPT + 5):
        reports.save(replace(REPORT, at=NOW + timedelta(days=n)))
    last = replace(REPORT, at=NOW + timedelta(days=KEPT + 4), told_at=NOW + timedelta(days=KEPT + 4, hours=1))
    reports.save(last)
    found = reports.reports("us-wa")
    assert (len(found), found[0], found[-1].at) == (KEPT, last, NOW + timedelta(days=5))
    assert reports.newest() == [other, last]
    json.dumps(report_row(last), default=str)


