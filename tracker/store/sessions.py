"""What sources say of the ends of their sessions, to rows; a session that was running and is over gets that moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine, case, select

from tracker.model import SessionTold
from tracker.store import schema as t
from tracker.store.columns import plain
from tracker.store.engine import reading, writing
from tracker.store.writer import upserting


class Sessions:
    """`engine` is a store's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, told: Iterable[SessionTold], now: datetime) -> None:
        """The newest word counts; one that lacks a day does not forget it."""
        rows = [{"jurisdiction": one.jurisdiction, "name": plain(one.session), "ends_on": one.ends_on,
                 "over": one.over, "over_since": None, "told_at": now} for one in told]
        if not rows:
            return
        insert = upserting(self._engine.dialect.name)(t.session)
        old, new = t.session.c, insert.excluded
        with writing(self._engine) as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["jurisdiction", "name"], set_={
                "ends_on": case((new.ends_on.is_(None), old.ends_on), else_=new.ends_on), "over": new.over,
                "over_since": case((new.over & ~old.over, new.told_at), (~new.over, None), else_=old.over_since),
                "told_at": new.told_at}), rows)

    def told(self) -> tuple[SessionTold, ...]:
        s = t.session.c
        with reading(self._engine) as connection:
            return tuple(SessionTold(row.jurisdiction, row.name, row.ends_on, row.over, row.over_since)
                         for row in connection.execute(select(t.session).order_by(s.jurisdiction, s.name)))
