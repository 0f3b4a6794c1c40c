"""Statistics to verdicts, as a table."""

from __future__ import annotations

from typing import Any

import pytest

from spiders.verdict import judge, kind_of
from tracker.errors import Blocked, EmptyHarvest, LayoutChanged, SourceError, Unreachable
from tracker.model import VerdictKind

GOOD = {"listed": 500, "bills": 20, "texts": 30, "asked": 60}


def problem(kind: str, count: int = 1) -> dict[str, Any]:
    return {f"problem/{kind}/count": count, f"problem/{kind}/first": f"expected a, got b [us https://site.example/{kind}]"}


@pytest.mark.parametrize(("stats", "kind", "words"), [
    (GOOD, "ok", "500 bills listed, 20 taken in, 30 texts."),
    (GOOD | {"retry/count": 7}, "ok", "7 request(s) had to be repeated"),
    (GOOD | problem("unreachable"), "ok", "https://site.example/unreachable"),
    (GOOD | problem("unreachable", 3), "unreachable", "3 page(s) gave no answer"),
    (GOOD | {"asked": 5000} | problem("unreachable", 3), "ok", "asked again"),
    (GOOD | problem("unreachable") | {"listing_failed": "unreachable"}, "unreachable", "https://site.example/unreachable"),
    (GOOD | problem("drifted"), "drifted", "https://site.example/drifted"),
    (GOOD | {"spider_exceptions/count": 2, "problem/crash/first": "KeyError"}, "drifted", "KeyError"),
    (GOOD | problem("blocked") | problem("drifted", 9), "blocked", "https://site.example/blocked"),
    (GOOD | problem("empty"), "empty", "https://site.example/empty"),
    ({"listed": 9}, "empty", "9 bill(s), fewer than the 10"),
    ({}, "empty", "0 bill(s)"),
    ({"listed": 0, "session_closed": True}, "ok", "0 bills listed"),
    ({"listing_failed": "blocked"} | problem("blocked"), "blocked", "refused us 1 time(s)"),
    ({"listing_failed": "unreachable"} | problem("unreachable"), "unreachable", "no answer"),
    ({"listing_failed": "drifted"} | problem("drifted"), "drifted", "not what they must be"),
])
def test_a_run_is_judged_by_its_statistics(stats: dict[str, Any], kind: str, words: str) -> None:
    verdict = judge(stats, floor=10)
    assert (verdict.kind, words in verdict.reason) == (VerdictKind(kind), True), verdict
    assert verdict.reason.endswith(".") and "\n" not in verdict.reason


@pytest.mark.parametrize(("error", "kind"), [(Blocked, "blocked"), (EmptyHarvest, "empty"), (LayoutChanged, "drifted"),
                                             (Unreachable, "unreachable"), (SourceError, "unreachable")])
def test_every_error_of_a_source_has_its_verdict(error: type[SourceError], kind: str) -> None:
    assert kind_of(error("no")) == VerdictKind(kind)
