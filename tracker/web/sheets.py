"""Rows to a CSV file that a spreadsheet shows and never executes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response

from digests import plain

_FORMULA = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠")  # what spreadsheets take for the beginning of one
MEDIA_TYPE = "text/csv"


def sheet(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """RFC 4180, UTF-8. Words that could be a formula get an apostrophe before them; numbers stay as they are."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return made.getvalue().encode("utf-8")


def _cell(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    words = plain.line(value)
    return f"'{words}" if words.startswith(_FORMULA) else words


def download(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response[bytes]:
    return Response(sheet(header, rows), media_type=MEDIA_TYPE, headers={
        "content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-cache"})
