"""A bill's steps to those that were taken and those that are announced: legislatures list some before their day."""

from __future__ import annotations

from datetime import date

from tracker.model import Action, Bill


def steps(bill: Bill, today: date) -> tuple[tuple[Action, ...], tuple[Action, ...]]:
    """(taken by the end of `today`, as the record orders them; announced for later days, soonest first).

    What has no date counts as taken: only a date says that a step is still to come.
    """
    taken = tuple(a for a in bill.actions if not is_ahead(a.date, today))
    ahead = [a for a in bill.actions if is_ahead(a.date, today)]
    return taken, tuple(sorted(ahead, key=lambda a: a.date or date.max))


def is_ahead(on: date | None, today: date) -> bool:
    return on is not None and on > today
