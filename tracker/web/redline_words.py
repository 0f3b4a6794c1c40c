"""A comparison's headline and the titles of its rows, in the language of who reads (English: redline.told)."""

from __future__ import annotations

from collections.abc import Sequence

from digests.speech import N_, Speech
from tracker.model import MarkKind
from tracker.redline import Change, Redline, Row
from tracker.redline.flagged import FlagTurn, Turn, of_turn

SAID = {MarkKind.INSERTED: N_("added to the law"), MarkKind.STRUCK: N_("struck from the law"), None: N_("no mark")}


def headline(redline: Redline, turns: Sequence[FlagTurn], name: str, speech: Speech) -> str:
    """`name`: the later version's."""
    came, went, stayed = (sum(1 for _ in of_turn(turns, turn)) for turn in (Turn.CAME, Turn.WENT, Turn.STAYED))
    flags = {n: speech.ngettext("{number} flag", "{number} flags", n) for n in (came, went)}
    if came and went:
        said = speech._("“{name}” adds {came} and drops {went}", name=name, came=flags[came], went=flags[went])
    elif came:
        said = speech._("“{name}” adds {came}", name=name, came=flags[came])
    elif went:
        said = speech._("“{name}” drops {went}", name=name, went=flags[went])
    elif stayed:
        said = speech.ngettext("“{name}” has the same flag as before", "“{name}” has the same {number} flags as before",
                               stayed, name=name)
    else:
        said = speech._("Neither text has a flagged section")
    if stayed and (came or went):
        said += "; " + speech.ngettext("{number} stays", "{number} stay", stayed)
    return f"{said}. {sections_line(redline, speech)}"


def sections_line(redline: Redline, speech: Speech) -> str:
    rows = redline.rows
    counted = (
        speech.ngettext("{number} changed", "{number} changed", n) if (n := _of(rows, Change.CHANGED)) else "",
        speech.ngettext("{number} added", "{number} added", n) if (n := _of(rows, Change.ADDED)) else "",
        speech.ngettext("{number} removed", "{number} removed", n) if (n := _of(rows, Change.REMOVED)) else "",
        speech.ngettext("{number} moved", "{number} moved", n) if (n := sum(r.moved for r in rows)) else "",
        speech.ngettext("{number} renumbered", "{number} renumbered", n) if (n := sum(r.renumbered for r in rows))
        else "")
    parts = ", ".join(part for part in counted if part)
    if not parts:
        return speech._("The words are the same.")
    return speech._("Sections: {parts}, of {number} now.", parts=parts, number=speech.number(len(redline.b.units)))


def _of(rows: Sequence[Row], change: Change) -> int:
    return sum(row.change is change for row in rows)


def title(redline: Redline, row: Row, speech: Speech) -> str:
    """ "Sec. 4 (was Sec. 3, moved): Definitions" """
    old, new = redline.before(row), redline.after(row)
    here = new or old
    if here is None:
        return ""
    name = here.path or (speech._("Beginning") if here.start == 0 else speech._("Between sections"))
    notes = [speech._("was {path}", path=old.path)] if old and new and row.renumbered else []
    notes += [speech._("moved")] if row.moved else []
    notes += [speech._("added")] if row.change is Change.ADDED else []
    notes += [speech._("removed")] if row.change is Change.REMOVED else []
    return name + (f" ({', '.join(notes)})" if notes else "") + (f": {here.heading}" if here.heading else "")
