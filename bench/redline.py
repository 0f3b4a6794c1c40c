"""Redlines of the 100 largest pairs of successive versions, against the limits of CPU time and against peers.

Timed is the comparison alone (`compare`): texts are read and prepared before, as they are for the peers, which get
lists of words. difflib and rapidfuzz compare a sample.
"""

from __future__ import annotations

import json
import lzma
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from rapidfuzz.distance import Indel

from bench._table import shared_folder, show
from tests.tracker.redline.hostile import HOSTILE, reading_of
from tracker.redline import Reading, compare, prepare
from tracker.redline.patch import apply, steps
from tracker.text import read

PAIRS, LIMIT, WORST = 100, 1.5, 0.15  # pairs, CPU seconds for all, and for the slowest
SAMPLE = 12  # pairs on which the peers are timed, evenly out of those whose words differ

Pair = tuple[str, Reading, Reading]
T = TypeVar("T")


def main() -> None:
    folder = shared_folder()
    if folder is None:
        return
    pairs = largest(folder / "corpus" if (folder / "corpus").is_dir() else folder / "data" / "corpus")
    times = []
    kept = 0
    for _, a, b in pairs:
        spent, redline = timed(compare, a, b)
        times.append(spent)
        kept += apply(a.text(), steps(redline)) == b.text()
    same = sum(a.words == b.words for _, a, b in pairs)
    worst = max(range(len(pairs)), key=times.__getitem__)
    size = sum(len(a.words) + len(b.words) for _, a, b in pairs)
    print(f"{len(pairs)} pairs, {size:,} words, {same} of the pairs without any difference; exact: {kept}")
    show(("CPU s", "ours", "limit", ""), (
        ("all pairs", f"{sum(times):.2f}", LIMIT, verdict(sum(times), LIMIT)),
        (f"worst pair ({pairs[worst][0]})", f"{max(times):.3f}", WORST, verdict(max(times), WORST))))
    against_peers(pairs)
    hostile()


def verdict(figure: float, limit: float) -> str:
    return "held" if figure <= limit else "MISSED"


def timed(work: Callable[..., T], *given: object) -> tuple[float, T]:
    start = time.process_time()
    found = work(*given)
    return time.process_time() - start, found


def largest(corpus: Path) -> list[Pair]:
    found = []
    with lzma.open(corpus / "us-on-topic-all-versions.jsonl.xz", "rt") as lines:
        for line in lines:
            row = json.loads(line)
            versions = [v for v in row["versions"] if v.get("text")]
            for one, two in pairwise(versions):
                name = f"{row['congress']} {row['bill']} {one.get('code')}..{two.get('code')}"
                found.append((len(one["text"]) + len(two["text"]), name, one["text"], two["text"]))
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    return [(name, prepared(one), prepared(two)) for _, name, one, two in found[:PAIRS]]


def prepared(text: str) -> Reading:
    return prepare(read(text.encode(), "text/plain", "us"))


def against_peers(pairs: list[Pair]) -> None:
    differing = [pair for pair in pairs if pair[1].words != pair[2].words]
    chosen = differing[:: max(1, len(differing) // SAMPLE)][:SAMPLE]
    rows = []
    for name, work in (("ours", compare), ("rapidfuzz", by_rapidfuzz)):
        times = [timed(work, a, b)[0] for _, a, b in chosen]
        rows.append((name, f"{sum(times):.2f}", f"{max(times):.3f}", ""))
    times = [by_git(a, b) for _, a, b in chosen]
    rows.append(("git diff --word-diff", f"{sum(times):.2f}", f"{max(times):.3f}", "with the start of a process each"))
    smaller = [pair for pair in chosen if len(pair[1].words) * len(pair[2].words) < 2e8]
    times = [timed(by_difflib, a, b)[0] for _, a, b in smaller]
    rows.append(("difflib", f"{sum(times):.2f}", f"{max(times):.3f}",
                 f"{len(chosen) - len(smaller)} of the largest left out, for the time they take"))
    print(f"peers on {len(chosen)} pairs that differ, words only (no sections, no marks, no phrases)")
    show(("", "CPU s", "worst", ""), rows)


def by_rapidfuzz(a: Reading, b: Reading) -> object:
    known: dict[str, int] = {}
    return Indel.opcodes(*("".join(chr(known.setdefault(w, len(known))) for w in r.words) for r in (a, b)))


def by_difflib(a: Reading, b: Reading) -> object:
    return SequenceMatcher(None, a.words, b.words, autojunk=False).get_opcodes()


def by_git(a: Reading, b: Reading) -> float:
    """CPU of the child process; one paragraph a line, as a person would keep the texts."""
    with tempfile.TemporaryDirectory() as folder:
        for name, reading in (("a", a), ("b", b)):
            cuts = [*reading.lines, len(reading.words)]
            lines = [" ".join(reading.words[i:j]) for i, j in pairwise(cuts)]
            Path(folder, name).write_text("\n".join(lines), encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["git", "diff", "--no-index", "--word-diff=porcelain", "a", "b"], cwd=folder,
                       capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def both(one: str, two: str) -> object:
    return compare(reading_of(one), reading_of(two))


def hostile() -> None:
    rows = []
    for name, (one, two) in HOSTILE.items():
        part = [timed(both, one[:len(one) // k], two[:len(two) // k])[0] for k in (4, 2, 1)]
        size = f"{(len(one) + len(two)) / 1e6:.1f}"
        rows.append((name, size, *(f"{t:.2f}" for t in part), f"{part[2] / part[1]:.1f}"))
    print("hostile pairs, prepared and compared: a quarter, half, all; growth from half to all (2.0 is linear)")
    show(("pair", "MB", "1/4 s", "1/2 s", "all s", "growth"), rows)


if __name__ == "__main__":
    main()
