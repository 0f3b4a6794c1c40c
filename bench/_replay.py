"""The 119th Congress of the replay: every text as a page, read, one line of JSON each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracker import wire
from tracker.errors import TextError
from tracker.model import MarkedText
from tracker.text import read


def write_texts(shared: Path, path: Path, bills: str = "all") -> tuple[int, int]:
    """`bills` as the replay server takes it. Answers how many texts were written and how many could not be read."""
    sys.path.insert(0, str(shared / "replay"))
    import render  # type: ignore[import-not-found]
    from world import World  # type: ignore[import-not-found]

    world: Any = World(bills=bills)
    texts = refused = 0
    with path.open("wb") as out:
        for package in world.packages.values():
            try:
                text = read(render.bill_xml(world, package), "text/xml")
            except TextError:
                refused += 1
                continue
            out.write(wire.encode(text) + b"\n")
            texts += 1
    return texts, refused


def stored_texts(path: Path) -> Iterator[MarkedText]:
    """One text at a time; none is held."""
    with path.open("rb") as lines:
        for line in lines:
            yield wire.decode(line, MarkedText)
