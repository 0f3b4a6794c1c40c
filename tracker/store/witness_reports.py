"""WitnessReports with aggregators to rows: the newest few of each pair; and the bills that are compared."""

from __future__ import annotations

import msgspec
from sqlalchemy import Engine, delete, select

from tracker.polling.witness import Disagreement, Report, Statement
from tracker.store import schema as t
from tracker.store.engine import reading, writing
from tracker.store.rows import AnyRow
from tracker.store.writer import upserting

KEPT = 10  # reports of one pair


class _Data(msgspec.Struct):
    compared: int
    counts: dict[str, int]
    found: tuple[Disagreement, ...]


class WitnessReports:
    """`engine` is a store's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def statements(self, jurisdiction: str) -> list[Statement]:
        """What we say of each bill of a legislature."""
        b = t.bill.c
        query = select(b.session, b.identifier, b.title, b.stage, b.latest_action_on).where(
            b.jurisdiction == jurisdiction).order_by(b.id)
        with reading(self._engine) as connection:
            return [Statement(row.session, row.identifier, (row.title,) if row.title else (), row.stage,
                              row.latest_action_on) for row in connection.execute(query)]

    def save(self, report: Report) -> None:
        """The same report again (told by now) takes its own place; of each pair the newest KEPT stay."""
        c = t.witness_report.c
        row = {"jurisdiction": report.jurisdiction, "witness": report.witness, "at": report.at,
               "told_at": report.told_at, "data": msgspec.json.encode(
                   _Data(report.compared, dict(report.counts), report.found)).decode()}
        insert = upserting(self._engine.dialect.name)(t.witness_report)
        pair = (c.jurisdiction == report.jurisdiction, c.witness == report.witness)
        with writing(self._engine) as connection:
            connection.execute(insert.on_conflict_do_update(
                index_elements=["jurisdiction", "witness", "at"],
                set_={"told_at": insert.excluded.told_at, "data": insert.excluded.data}), row)
            oldest = connection.scalar(select(c.at).where(*pair).order_by(c.at.desc()).limit(1).offset(KEPT - 1))
            if oldest is not None:
                connection.execute(delete(t.witness_report).where(*pair, c.at < oldest))

    def reports(self, jurisdiction: str | None = None) -> list[Report]:
        """Newest first."""
        c = t.witness_report.c
        query = select(t.witness_report).order_by(c.at.desc(), c.jurisdiction, c.witness)
        if jurisdiction is not None:
            query = query.where(c.jurisdiction == jurisdiction)
        with reading(self._engine) as connection:
            return [_read(row) for row in connection.execute(query)]

    def newest(self) -> list[Report]:
        """The last one of each pair, by jurisdiction."""
        found: dict[tuple[str, str], Report] = {}
        for report in self.reports():
            found.setdefault((report.jurisdiction, report.witness), report)
        return [found[pair] for pair in sorted(found)]


def _read(row: AnyRow) -> Report:
    data = msgspec.json.decode(row.data, type=_Data)
    return Report(row.jurisdiction, row.witness, row.at, data.compared, data.counts, data.found, row.told_at)
