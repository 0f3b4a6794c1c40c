"""A moment to the tables as they stood: what is still as it was, and what was replaced since.

Counts are taken from today's, less what changed since, and with what stood there then: so they cost what changed, not
what is held. Both are read by the index of when they changed, whatever else is asked: hence MATERIALIZED.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Subquery, func, literal, or_, select, union_all

from tracker.store import schema as t
from tracker.store.catalogue import BillRow
from tracker.store.columns import Moment

b, pb, bt, pt = t.bill.c, t.past_bill.c, t.bill_topic.c, t.past_topic.c
NAMES = tuple(name for name in BillRow.__slots__ if name != "id")
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


def moment(at: datetime) -> ColumnElement[datetime]:
    return literal(at, Moment)


def held_at(columns: Any, at: datetime) -> ColumnElement[bool]:
    held: ColumnElement[bool] = (columns.recorded_at <= moment(at)) & (columns.replaced_at > moment(at))
    return held


def stands_since(at: datetime) -> ColumnElement[bool]:
    """Of a row of `bill` that is reached by another way: no planner takes the index of `recorded_at` for it, which
    would read and sort nearly all bills."""
    stands: ColumnElement[bool] = func.coalesce(b.recorded_at, literal(NEVER, Moment)) <= moment(at)
    return stands


def changed_since(at: datetime) -> ColumnElement[bool]:
    """Bills that stand in `bill` as they did not stand then."""
    changed: ColumnElement[bool] = or_(b.recorded_at > moment(at), b.recorded_at.is_(None))
    return changed


# --- both in one ----------------------------------------------------------------------------------------------------


def bill_at(at: datetime) -> Subquery:
    """For what is asked by bill."""
    return union_all(_now(at), _then(at)).subquery("known_bill")


def topics_at(at: datetime) -> Subquery:
    """For what is asked by bill."""
    now = select(bt.bill_id, bt.topic, bt.effect).join(t.bill, b.id == bt.bill_id).where(stands_since(at))
    return union_all(now, _topics_then(at)).subquery("known_topic")


# --- each by itself -------------------------------------------------------------------------------------------------


def standing(at: datetime) -> Subquery:
    return _now(at).subquery("standing_bill")


def standing_topics(at: datetime) -> Subquery:
    return select(bt.bill_id, bt.topic, bt.effect).join(t.bill, b.id == bt.bill_id).where(
        stands_since(at)).subquery("standing_topic")


def replaced(at: datetime) -> CTE:
    """What stood then where another state stands today."""
    return _read_whole(_then(at), "replaced_bill")


def replaced_topics(at: datetime) -> CTE:
    return _read_whole(_topics_then(at), "replaced_topic")


def newer(at: datetime) -> CTE:
    """What stands today where another state stood then, or none."""
    return _read_whole(select(b.id, *(b[name] for name in NAMES)).where(changed_since(at)), "newer_bill")


def newer_topics(at: datetime) -> CTE:
    return _read_whole(select(bt.bill_id, bt.topic, bt.effect).join(t.bill, b.id == bt.bill_id).where(
        changed_since(at)), "newer_topic")


def replaced_numbers(at: datetime) -> CTE:
    """As `replaced`, but out of the index alone."""
    return _read_whole(select(pb.bill_id.label("id"), pb.revision, pb.flags).where(held_at(pb, at)), "replaced_number")


def newer_ids(at: datetime) -> CTE:
    """As `newer`, but out of the index alone."""
    return _read_whole(select(b.id).where(changed_since(at)), "newer_id")


def _now(at: datetime) -> Select[Any]:
    return select(b.id, *(b[name] for name in NAMES)).where(stands_since(at))


def _then(at: datetime) -> Select[Any]:
    return select(pb.bill_id.label("id"), *(pb[name] for name in NAMES)).where(held_at(pb, at))


def _topics_then(at: datetime) -> Select[Any]:
    return select(pt.bill_id, pt.topic, pt.effect).join(
        t.past_bill, (pb.bill_id == pt.bill_id) & (pb.revision == pt.revision)).where(held_at(pb, at))


def _read_whole(rows: Select[Any], name: str) -> CTE:
    return rows.cte(name).prefix_with("MATERIALIZED")
