"""Style sheets tell which classes strike and underline, whatever else stands in them."""

from __future__ import annotations

import pytest

from tracker.model import MarkKind
from tracker.text.styles import sheet

STRUCK, INSERTED = MarkKind.STRUCK, MarkKind.INSERTED


@pytest.mark.parametrize(("css", "classes"), [
    (".gone{text-decoration:line-through} .new { text-decoration : underline }", {"gone": STRUCK, "new": INSERTED}),
    ("span.gone, .away {color:red;text-decoration-line:line-through}", {"gone": STRUCK, "away": STRUCK}),
    ("@media print {\n.new{text-decoration:underline}\n}\n.plain{color:red}", {"new": INSERTED}),
    ("<!-- /* .a{text-decoration:underline} */ .new{text-decoration:underline} -->", {"new": INSERTED}),
    (".new{text-decoration:underline} /* .gone{text-decoration:line-through}", {"new": INSERTED}),
    ("p .deep{text-decoration:underline} .open{text-decoration:underline", {}),
])  # fmt: skip
def test_classes_of_a_sheet(css: str, classes: dict[str, MarkKind]) -> None:
    assert sheet(f"<html><style type='text/css'>{css}</style><p class=x>") == classes


@pytest.mark.parametrize("filler", ["/*", "x", "{", "}", "<style>", "a,", ".a{text-decoration:"])
def test_a_sheet_without_end_is_read_in_one_pass(filler: str) -> None:
    """A page of a legislature with 600 kB of one style sheet took six seconds."""
    assert sheet("<style>.new{text-decoration:underline}" + filler * (1_000_000 // len(filler)))["new"] is INSERTED
