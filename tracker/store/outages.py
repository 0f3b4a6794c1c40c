"""Outages of sources to rows: at most one open per source, few enough to be read whole."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Engine, or_, select

from tracker.model import VerdictKind
from tracker.polling.sources import Outage, SourceState
from tracker.store import schema as t
from tracker.store.engine import reading, writing
from tracker.store.rows import AnyRow
from tracker.store.writer import upserting

RECENT = 200  # newest ones; the open ones come besides


class Outages:
    """`engine` is a store's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def recent(self) -> list[Outage]:
        """All open ones and the newest of the others, newest first."""
        o = t.outage.c
        newest = select(o.noticed_at).order_by(o.noticed_at.desc()).limit(1).offset(RECENT - 1).scalar_subquery()
        query = select(t.outage).where(or_(newest.is_(None), o.noticed_at >= newest, o.ended_at.is_(None)))
        with reading(self._engine) as connection:
            return [_read(row) for row in connection.execute(query.order_by(o.noticed_at.desc(), o.source))]

    def save(self, outage: Outage) -> None:
        row = asdict(outage) | {"state": outage.state.value,
                                "verdict": outage.verdict.value if outage.verdict else None}
        insert = upserting(self._engine.dialect.name)(t.outage)
        with writing(self._engine) as connection:
            connection.execute(insert.on_conflict_do_update(
                index_elements=["source", "began_at"],
                set_={name: insert.excluded[name] for name in row if name not in ("source", "began_at")}), row)


def _read(row: AnyRow) -> Outage:
    return Outage(row.source, row.began_at, row.name, SourceState(row.state),
                  VerdictKind(row.verdict) if row.verdict else None, row.reason, row.well_at, row.noticed_at,
                  row.ended_at, row.told_at, row.end_told_at)
