"""The replay's fault plans: nothing wrong is told while a site misbehaves, nothing is lost once it behaves again.

    python tests/replay/faults.py [NAME ...]

Needs the shared folder with the replay server.
"""

from __future__ import annotations

import atexit
import json
import shutil
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from walk import Fact, Server, billwatch, events, load_world, replay_server, shared_folder, told, truth

START, DAYS = date(2025, 6, 1), 7
STATUS, TEXT, LISTING = "BILLSTATUS-119.*xml$", "/content/pkg/", "/bulkdata/json/BILLSTATUS|/sitemap/"


@dataclass(frozen=True)
class Plan:
    """`verdicts`: those that are right while the fault lasts."""

    rules: tuple[dict[str, Any], ...]
    verdicts: tuple[str, ...]
    text_lag: int = 0


PLANS: dict[str, Plan] = {
    "a few 503": Plan(({"path": ".", "fault": "unavailable", "retry_after": 1, "probability": 0.05},), ("ok",)),
    "503 without end": Plan(({"path": ".", "fault": "unavailable", "retry_after": 1},), ("unreachable",)),
    "two 429 with Retry-After": Plan(({"path": STATUS, "fault": "rate_limit", "retry_after": 1, "count": 2},), ("ok",)),
    "429 without end": Plan(({"path": STATUS, "fault": "rate_limit", "retry_after": 1},), ("blocked",)),
    "resets": Plan(({"path": STATUS, "fault": "reset", "probability": 0.1},), ("ok",)),
    "truncated once": Plan(({"path": STATUS, "fault": "truncate", "count": 3},), ("ok", "drifted")),
    "truncated always": Plan(({"path": STATUS, "fault": "truncate"},), ("drifted", "unreachable")),
    "challenge page with 200": Plan(({"path": STATUS, "fault": "block_page", "variant": "challenge", "after": 3},),
                                    ("blocked",)),
    "firewall page with 200 for texts": Plan(({"path": TEXT, "fault": "block_page", "variant": "waf"},), ("blocked",)),
    "firewall page with 200 for listings": Plan(({"path": LISTING, "fault": "block_page", "variant": "waf"},),
                                                ("blocked",)),
    "another bill's status": Plan(({"path": STATUS, "fault": "wrong_bill", "probability": 0.3},), ("drifted",)),
    "another bill's text": Plan(({"path": TEXT, "fault": "wrong_bill"},), ("drifted",)),
    "entity bombs": Plan(({"path": STATUS, "fault": "entity_bomb", "probability": 0.3},), ("drifted",)),
    "entity bombs in texts": Plan(({"path": TEXT, "fault": "entity_bomb"},), ("drifted",)),
    "malformed XML": Plan(({"path": STATUS, "fault": "malformed_xml", "probability": 0.3},), ("drifted",)),
    "empty listings": Plan(({"path": LISTING, "fault": "empty_listing"},), ("empty",)),
    "lastmod without change": Plan(({"path": STATUS, "fault": "lastmod_bump", "hours": 6},), ("ok",)),
}


@dataclass
class Outcome:
    name: str
    verdict: str
    reason: str
    right: bool
    wrong: Counter[Fact]  # told while the fault lasted, though not true
    missing: Counter[Fact]  # after recovery
    surplus: Counter[Fact]

    @property
    def good(self) -> bool:
        return self.right and not (self.wrong or self.missing or self.surplus)


@cache
def ground(bills: str) -> tuple[Server, Path]:
    """A server, and a home that has seen its first day: made once, every plan starts from a copy."""
    shared = shared_folder()
    if shared is None:
        raise SystemExit("the shared folder with the replay server is not here")
    stack = ExitStack()
    atexit.register(stack.close)
    server = stack.enter_context(replay_server(shared, bills, START))
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="billwatch-ground-")))
    billwatch(home, "crawl", "us", "--base-url", server.base_url, "--json")
    return server, home


def run(name: str, bills: str = "on-topic") -> Outcome:
    plan, end = PLANS[name], START + timedelta(days=DAYS)
    server, first = ground(bills)
    with tempfile.TemporaryDirectory(prefix="billwatch-fault-") as folder:
        home = Path(folder) / "home"
        shutil.copytree(first, home)
        crawl = ("crawl", "us", "--base-url", server.base_url, "--json")
        server.show(end)
        server.control("faults", {"seed": 1, "rules": list(plan.rules)})
        verdict = json.loads(billwatch(home, *crawl, check=False).stdout)["verdict"] or {}
        during = told([r for r in events(home) if r["mode"] == "live"])
        server.control("faults", {"rules": []})
        billwatch(home, *crawl)
        after = told([r for r in events(home) if r["mode"] == "live"])
    # One look after a week: a title that changed twice is told once, as the truth over the whole week has it.
    module, world = load_world(Path(shared_folder() or "."), bills)
    wanted = truth(module, world, START, end, step=DAYS)
    kind = verdict.get("kind", "interrupted")
    return Outcome(name, kind, verdict.get("reason", ""), kind in plan.verdicts, during - wanted, wanted - after,
                   after - wanted)


def main() -> int:
    bad = 0
    for name in sys.argv[1:] or PLANS:
        result = run(name)
        bad += not result.good
        print(f"{'good' if result.good else 'BAD '} {name}: {result.verdict} ({result.reason}); wrong "
              f"{sum(result.wrong.values())}, missing {sum(result.missing.values())}, surplus "
              f"{sum(result.surplus.values())}", flush=True)
        for label, facts in (("wrong", result.wrong), ("missing", result.missing), ("surplus", result.surplus)):
            for fact in list(facts)[:3]:
                print("    ", label, fact)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
