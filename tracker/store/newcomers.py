"""New wishes to marks, in the transaction that stores them, so that alerts which are open are held against them.

Alerts are queued for everybody once; looking through all readers at each round would cost what there are readers.
"""

from __future__ import annotations

import secrets

from sqlalchemy import ColumnElement, Connection, select

from tracker.store import schema as t
from tracker.store.writer import upserting

s = t.subscription.c


def mark(connection: Connection, which: ColumnElement[bool]) -> None:
    """Those of `which` to whom an alert may be sent. Marked again, the mark is another one: a round that has looked at
    the wish of before does not take it away. Last in its transaction, and in order, so that nobody waits crosswise."""
    rows = [{"subscription_id": identity, "mark": secrets.token_hex(8)} for identity in connection.scalars(
        select(s.id).where(which, s.confirmed_at.is_not(None), s.alerts).order_by(s.id).with_for_update())]
    if rows:
        insert = upserting(connection.dialect.name)(t.newcomer)
        connection.execute(insert.on_conflict_do_update(
            index_elements=["subscription_id"], set_={"mark": insert.excluded.mark}), rows)
