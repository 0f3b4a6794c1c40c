"""Rows of measured figures as a table."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def shared_folder() -> Path | None:
    """Where the real documents are, if they are on this machine."""
    folder = Path(os.environ.get("BILLWATCH_SHARED", ROOT.parent / "shared"))
    if folder.exists():
        return folder
    print("needs the shared folder of real documents (BILLWATCH_SHARED): not on this machine, skipped")
    return None


def cpu(work: Callable[[], object], repeat: int = 3) -> float:
    """Median CPU seconds of `work`."""
    times = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return sorted(times)[len(times) // 2]


def show(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    cells = [[str(c) for c in row] for row in (header, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print()
