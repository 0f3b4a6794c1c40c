"""Two readings to a redline: pair the sections, then compare the words of each pair."""

from __future__ import annotations

from tracker.redline.pairing import pair, stayed
from tracker.redline.rows import Change, Edit, Redline, Row
from tracker.redline.tidy import tidy
from tracker.redline.weave import weave
from tracker.redline.words import Reading, Unit, line_breaks


def compare(a: Reading, b: Reading) -> Redline:
    if a.words == b.words and len(a.units) == len(b.units):
        return Redline(a, b, tuple(Row(Change.SAME, i, i) for i in range(len(b.units))))
    pairs = pair(a.units, b.units)
    kept = stayed(pairs, a.units)
    rows = [_row(a, b, pairs.get(j), j, moved=j in pairs and j not in kept) for j in range(len(b.units))]
    return Redline(a, b, tuple(_with_removed(a, rows)))


def _row(a: Reading, b: Reading, i: int | None, j: int, *, moved: bool) -> Row:
    new = b.units[j]
    if i is None:
        end = a.units[-1].end if a.units else 0
        return Row(Change.ADDED, None, j, (Edit(end, end, new.start, new.end),))
    old = a.units[i]
    renumbered = old.num != new.num and bool(old.num and new.num)
    edits = _edits(a, b, old, new)
    change = Change.CHANGED if any(not e.layout for e in edits if not _in_label(e, old, new)) else Change.SAME
    return Row(change, i, j, edits, moved, renumbered)


def _edits(a: Reading, b: Reading, old: Unit, new: Unit) -> tuple[Edit, ...]:
    """The number of a section is compared as a whole, apart from its words."""
    edits: list[Edit] = []
    if a.words[old.start:old.body] != b.words[new.start:new.body]:
        edits.append(Edit(old.start, old.body, new.start, new.body))
    if old.words != new.words:
        was, now = a.words[old.body:old.end], b.words[new.body:new.end]
        a_lines = [k - old.body for k in line_breaks(a.lines, old.body, old.end)]
        b_lines = [k - new.body for k in line_breaks(b.lines, new.body, new.end)]
        edits += [Edit(e.a0 + old.body, e.a1 + old.body, e.b0 + new.body, e.b1 + new.body, e.layout)
                  for e in tidy(weave(was, now), was, now, a_lines, b_lines)]
    return tuple(edits)


def _in_label(edit: Edit, old: Unit, new: Unit) -> bool:
    """Only the number changed: that is told as "renumbered"."""
    return edit.a1 <= old.body and edit.b1 <= new.body and edit.a0 >= old.start and (old.body > old.start)


def _with_removed(a: Reading, rows: list[Row]) -> list[Row]:
    """A section that went stands after the one that it followed, of those that kept their place, or first."""
    paired = {row.before for row in rows}
    stayed = {row.before for row in rows if not row.moved}
    gone: dict[int, list[Row]] = {}
    last = -1
    for i, unit in enumerate(a.units):
        if i in stayed:
            last = i
        elif i not in paired:
            gone.setdefault(last, []).append(Row(Change.REMOVED, i, None, (Edit(unit.start, unit.end, 0, 0),)))
    out = list(gone.get(-1, ()))
    for row in rows:
        out.append(row)
        if row.before is not None:
            out += gone.get(row.before, ())
    return out
