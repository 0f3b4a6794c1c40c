"""kill -9 at random moments: the crawler, the ingester, the mail sender; then a normal run must leave the same log.

    python tests/replay/kill.py --what crawler --times 20

Needs the shared folder with the replay server. Each day of the replay one crawl is killed, then one runs through;
an undisturbed installation walks the same days beside it, and the two logs are compared entry by entry.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent))
from walk import ROOT, Server, billwatch, events, replay_server, shared_folder

WHAT = ("crawler", "ingester")


def entries(home: Path) -> Counter[str]:
    """The log without what differs between any two runs: numbers and the moment of recording."""
    return Counter(json.dumps([r["kind"], r["bill"], r["occurred_on"], r["mode"], r["topics"], r["data"]],
                              sort_keys=True) for r in events(home))


Victim = subprocess.Popen[bytes] | psutil.Process


def started(home: Path, server: Server, what: str) -> tuple[subprocess.Popen[bytes], Victim]:
    """(a crawl, the one of its processes that is to be killed), once that one runs.

    A crawler comes seconds after its command, on a loaded machine many: a moment counted from the command's start
    would mostly kill nothing, and the next day's crawls would have to be waited for.
    """
    command = subprocess.Popen(
        [sys.executable, "-m", "tracker.cli", "crawl", "us", "--base-url", server.base_url, "--json"], cwd=ROOT,
        env={**os.environ, "BILLWATCH_HOME": str(home)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while what == "crawler" and command.poll() is None:
        if children := psutil.Process(command.pid).children():
            return command, children[0]
        time.sleep(0.005)
    return command, command


def works(victim: Victim) -> bool:
    if isinstance(victim, subprocess.Popen):
        return victim.poll() is None
    try:
        return victim.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def calm_crawl(home: Path, server: Server, what: str) -> float:
    """For how many seconds there was something to kill."""
    command, victim = started(home, server, what)
    begun = time.monotonic()
    while works(victim):
        time.sleep(0.005)
    length = time.monotonic() - begun
    if command.wait():
        raise RuntimeError(f"an undisturbed crawl ended with {command.returncode}")
    return length


def killed_crawl(home: Path, server: Server, what: str, after: float) -> bool:
    """Start a crawl and kill -9 one of its processes that many seconds after that one began; False if it was done
    before."""
    command, victim = started(home, server, what)
    deadline = time.monotonic() + after
    while time.monotonic() < deadline and works(victim):
        time.sleep(0.005)
    hit = works(victim)
    if hit:
        victim.kill()
    command.wait()
    return hit


@dataclass
class Outcome:
    hits: int = 0
    moments: list[float] = field(default_factory=list)
    missing: Counter[str] = field(default_factory=Counter)
    surplus: Counter[str] = field(default_factory=Counter)
    entries: int = 0


def run(what: str, times: int, start: date, bills: str, seed: int, step: int = 1) -> Outcome:
    shared = shared_folder()
    if shared is None:
        raise SystemExit("the shared folder with the replay server is not here")
    chance, outcome = random.Random(seed), Outcome()
    calm, shaken = (Path(tempfile.mkdtemp(prefix=f"billwatch-{n}-")) for n in ("calm", "shaken"))
    with replay_server(shared, bills, start) as server:
        day = start
        while outcome.hits < times:
            server.show(day)
            length = calm_crawl(calm, server, what)
            # The first crawl is long: there several kills fit, each continuing what the last one left. The others are
            # for days that bring changes.
            for _ in range(min(5, times // 2) if day == start else 1):
                moment = chance.uniform(0, length)
                if killed_crawl(shaken, server, what, moment):
                    outcome.hits += 1
                    outcome.moments.append(round(moment, 2))
            billwatch(shaken, "crawl", "us", "--base-url", server.base_url, "--quiet")
            day += timedelta(days=step)
    wanted, got = entries(calm), entries(shaken)
    outcome.missing, outcome.surplus, outcome.entries = wanted - got, got - wanted, sum(wanted.values())
    if wanted == got:  # else they stay to be looked at
        for home in (calm, shaken):
            shutil.rmtree(home)
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--what", choices=WHAT, default="crawler")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--from", dest="start", type=date.fromisoformat, default=date(2025, 5, 1))
    parser.add_argument("--bills", default="on-topic")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step", type=int, default=1, help="days between crawls")
    args = parser.parse_args()
    outcome: Any = run(args.what, args.times, args.start, args.bills, args.seed, args.step)
    print(f"{args.what}: {outcome.hits} kills at {outcome.moments} s; {outcome.entries} entries, "
          f"{sum(outcome.missing.values())} missing, {sum(outcome.surplus.values())} surplus")
    for name, rows in (("missing", outcome.missing), ("surplus", outcome.surplus)):
        for row in list(rows)[:5]:
            print(name, row[:300])
    return 1 if outcome.missing or outcome.surplus else 0


if __name__ == "__main__":
    sys.exit(main())
