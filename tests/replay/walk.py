"""Walk the replay server day by day with the real command, then hold the event log against the ground truth.

    python tests/replay/walk.py --from 2025-05-01 --to 2025-07-01 --others 500

Needs the shared folder (BILLWATCH_SHARED, or ../shared beside the repository).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Fact = tuple[str, ...]


def shared_folder() -> Path | None:
    chosen = Path(os.environ.get("BILLWATCH_SHARED", ROOT.parent / "shared"))
    return chosen if (chosen / "replay" / "serve.py").exists() else None


@cache
def load_world(shared: Path, bills: str) -> Any:
    """(the replay's module, its world of these bills)"""
    sys.path.insert(0, str(shared / "replay"))
    import world  # type: ignore[import-not-found]

    return world, world.World(bills=bills)


def bill_selection(shared: Path, others: int) -> str:
    """The on-topic bills plus a seeded sample of others, as the server's --bills argument."""
    _, everything = load_world(shared, "all")
    topical = [b.id for b in everything.bills.values() if b.on_topic]
    rest = sorted(b.id for b in everything.bills.values() if not b.on_topic)
    return ",".join(i.removeprefix("119") for i in topical + random.Random(7).sample(rest, others))


@dataclass
class Server:
    base_url: str
    process: subprocess.Popen[str] = field(repr=False)

    def control(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.base_url}/_replay/{path}", data=data, timeout=120) as answer:  # noqa: S310
            return json.loads(answer.read())

    def show(self, day: date) -> None:
        self.control("as-of", {"date": day.isoformat()})

    def requests(self) -> dict[str, Any]:
        return self.control("requests?list=0")


@contextmanager
def replay_server(shared: Path, bills: str, day: date, *extra: str) -> Iterator[Server]:
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, str(shared / "replay" / "serve.py"), "--port", "0", "--as-of", day.isoformat(),
             "--bills", bills, *extra], stderr=log, stdout=log, text=True)
        try:
            deadline = time.monotonic() + 300  # it reads its whole world first, for long on a busy machine
            while True:
                ended = process.poll() is not None
                log.seek(0)
                said = log.read()
                if found := re.search(r"http://127\.0\.0\.1:(\d+)", said):
                    break
                if ended or time.monotonic() > deadline:
                    raise RuntimeError(f"the replay server did not start: {said}")
                time.sleep(0.1)
            yield Server(f"http://127.0.0.1:{found[1]}", process)
        finally:
            process.kill()
            process.wait()


def billwatch(home: Path, *words: str, check: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
    """The real command, in a process of its own."""
    found = subprocess.run([sys.executable, "-m", "tracker.cli", *words], cwd=ROOT, capture_output=True, text=True,
                           env={**os.environ, "BILLWATCH_HOME": str(home), **env}, check=False)
    if check and found.returncode:
        raise RuntimeError(f"billwatch {' '.join(words)} ended with {found.returncode}: {found.stderr[-2000:]}")
    return found


def events(home: Path, since: int = 0) -> list[dict[str, Any]]:
    printed = billwatch(home, "events", "--since", str(since), "--jsonl").stdout
    return [json.loads(line) for line in printed.splitlines()]


def our_id(replay_id: str) -> str:
    kind, number = re.fullmatch(r"119([a-z]+)(\d+)", replay_id).groups()  # type: ignore[union-attr]
    return f"us/119/{kind}-{number}"


def told(rows: list[dict[str, Any]]) -> Counter[Fact]:
    """What our log says, in the truth's terms."""
    facts: Counter[Fact] = Counter()
    for row in rows:
        data, bill = row["data"], row["bill"]
        if row["kind"] == "bill-introduced":
            facts["new_bill", bill] += 1
        elif row["kind"] == "action-recorded":
            facts["action", bill, data["date"] or "", data["description"]] += 1
        elif row["kind"] == "version-published":
            facts["text_version", bill, data["version"]] += 1
        elif row["kind"] == "title-changed":
            facts["title_change", bill, data["before"], data["after"]] += 1
        elif row["kind"] == "correction":
            facts["correction", bill, json.dumps(data)] += 1
    return facts


def truth(module: Any, world: Any, start: date, end: date, step: int = 1) -> Counter[Fact]:
    """What a tracker that looked every `step` days had to report."""
    facts: Counter[Fact] = Counter()
    day = start
    while day < end:
        for row in module.changes(world, day.isoformat(), (day + timedelta(days=step)).isoformat()):
            bill = our_id(row["bill"])
            if row["event"] == "new_bill":
                facts["new_bill", bill] += 1
            elif row["event"] == "action" and not row["loc_duplicate"]:
                facts["action", bill, row["date"], row["text"]] += 1
            elif row["event"] == "text_version":
                facts["text_version", bill, row["version"]] += 1
            elif row["event"] == "title_change":
                facts["title_change", bill, row["old"], row["new"]] += 1
        day += timedelta(days=step)
    return facts


@dataclass
class Outcome:
    days: int
    truth: int
    missing: Counter[Fact]
    surplus: Counter[Fact]
    seconds: float
    crawls: list[dict[str, Any]]

    @property
    def repeated(self) -> int:
        return sum(count for fact, count in self.surplus.items() if fact[0] != "correction" and count > 0)


def walk(home: Path, shared: Path, bills: str, start: date, end: date) -> Outcome:
    module, world = load_world(shared, bills)
    begun = time.monotonic()
    crawls = []
    with replay_server(shared, bills, start) as server:
        day = start
        while day <= end:
            server.show(day)
            run = json.loads(billwatch(home, "crawl", "us", "--base-url", server.base_url, "--json").stdout)
            crawls.append(run)
            print(day, run["verdict"]["kind"], run["counts"].get("requests"), run["counts"].get("events"),
                  file=sys.stderr)
            day += timedelta(days=1)
    wanted = truth(module, world, start, end)
    got = told([row for row in events(home) if row["mode"] == "live"])
    return Outcome((end - start).days, sum(wanted.values()), wanted - got, got - wanted, time.monotonic() - begun,
                   crawls)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="start", type=date.fromisoformat, default=date(2025, 5, 1))
    parser.add_argument("--to", dest="end", type=date.fromisoformat, default=date(2025, 7, 1))
    parser.add_argument("--others", type=int, default=500, help="bills beside the on-topic ones")
    parser.add_argument("--bills", default="", help="instead: all, on-topic, or a list")
    parser.add_argument("--home", type=Path)
    args = parser.parse_args()
    shared = shared_folder()
    if shared is None:
        print("the shared folder with the replay server is not here", file=sys.stderr)
        return 2
    bills = args.bills or bill_selection(shared, args.others)
    home = args.home or Path(tempfile.mkdtemp(prefix="billwatch-walk-"))
    result = walk(home, shared, bills, args.start, args.end)
    print(f"{result.days} days, {result.truth} facts in the truth: {sum(result.missing.values())} missing, "
          f"{sum(result.surplus.values())} repeated or invented, {result.seconds:.0f} s; home {home}")
    for name, facts in (("missing", result.missing), ("surplus", result.surplus)):
        for fact, count in list(facts.items())[:10]:
            print(name, count, fact)
    return 1 if result.missing or result.surplus else 0


if __name__ == "__main__":
    sys.exit(main())
