"""What benches load is what the product writes: a database of a bench is read by every page."""

from __future__ import annotations

from bench._bills import change
from tracker.differ import diff
from tracker.model import Action, Bill, Effect, IngestMode, Sponsorship, Topic


def test_an_event_of_a_bench_says_what_an_event_of_the_differ_says() -> None:
    bill = Bill("us", "119", "HR 1", title="An Act", sponsorships=(Sponsorship("Doe, Jane", True),),
                actions=(Action("Referred to committee", None),))
    [event] = change(bill, (), "introduced", [(Topic.CRIMINALIZATION, Effect.ADVANCES)]).events
    first = diff("us/119/hr-1", None, bill, (), IngestMode.BACKFILL)[0]
    assert event.kind is first.kind and event.data.keys() == first.data.keys()
    assert event.data["bill"] == {**first.data["bill"], "findings": [["criminalization", "advances", None]]}
    assert {**event.data, "bill": None} == {**first.data, "bill": None}
