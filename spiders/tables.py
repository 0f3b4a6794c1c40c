"""Tables of a zip to rows by their columns' names, and to the rows of all tables that speak of one bill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from spiders.bulk import Bulk
from spiders.labels import codes
from tracker.errors import LayoutChanged

Row = dict[str, Any]


def columns(module: str) -> dict[str, list[str]]:
    """The table [tables] beside a legislature's file: name of a table -> its columns."""
    return {name: words.split() for name, words in codes(module, "tables").items()}


def read_table(bulk: Bulk, member: str, known: Sequence[str], *, head: bool, **form: Any) -> Iterator[Row]:
    """Rows that are not empty, white space folded. `form`: see Bulk.table.

    With `head` the first line names the columns, and all that are `known` must be among them; without it they are the
    `known` ones in their order, of which "." is not read. Raises LayoutChanged if the columns are others.
    """
    table, lines = PurePosixPath(member).stem, bulk.table(member, **form)
    names = [column.strip() for column in next(lines, [])] if head else list(known)
    if lacking := [column for column in known if column not in names]:
        raise LayoutChanged(f"expected {table} with {', '.join(lacking)}, got {', '.join(names)[:200]}", url=bulk.url)
    none = dict.fromkeys(names, "")
    for line in lines:
        if not head and len(line) != len(names):
            raise LayoutChanged(f"expected {len(names)} columns in {table}, got {len(line)}", url=bulk.url)
        if any(line):
            given = {name: " ".join(value.split()) for name, value in zip(names, line, strict=False) if name != "."}
            yield {**none, **given} if head else given


def of_each(tables: Mapping[str, Iterable[Row]], bill: Callable[[Row], str | None]) -> dict[str, dict[str, list[Row]]]:
    """Bill -> table -> its rows. `bill`: whose a row is; None: nobody's."""
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for name, rows in tables.items():
        for row in rows:
            if (key := bill(row)) is not None:
                found[key][name].append(row)
    return found
