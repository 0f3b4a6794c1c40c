"""A bill's state and two of its texts to their comparison: redline, and the flags that came, went and stayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracker.desk.review import shown
from tracker.errors import TextError
from tracker.model import Bill, BillState, MarkedText, TextStatus, Version, VersionState
from tracker.redline import Redline, compare, prepare
from tracker.redline.flagged import FlagTurn, flag_turns

TextOf = Callable[[str], MarkedText | None]  # version code -> text


@dataclass(frozen=True, slots=True)
class Side:
    version: Version
    held: VersionState


@dataclass(frozen=True, slots=True)
class Comparison:
    bill_id: str
    bill: Bill
    before: Side
    after: Side
    redline: Redline
    turns: tuple[FlagTurn, ...]

    @property
    def marks_known(self) -> bool:
        return self.redline.a.marks_known and self.redline.b.marks_known

    @property
    def names(self) -> tuple[str, str]:
        return self.before.version.note, self.after.version.note


def compare_versions(bill_id: str, state: BillState, text_of: TextOf, before: str, after: str) -> Comparison:
    """Raises TextError if one of the two is no version of the bill, or could not be read."""
    old, new = side(state, before), side(state, after)
    texts = []
    for one in (old, new):
        text = text_of(one.version.code)
        if text is None:
            raise TextError(f"expected a text that was read, got {one.version.code!r} ({one.held.status}) of {bill_id}")
        texts.append(prepare(text))
    redline = compare(texts[0], texts[1])
    return Comparison(bill_id, state.bill, old, new, redline,
                      flag_turns(redline, shown(old.held.flags), shown(new.held.flags)))


def usual_code(state: BillState, written: str) -> str:
    """A version's code as the source writes it, where only the capitals differ and no other is meant."""
    codes = [v.code for v in state.bill.versions]
    near = [code for code in codes if code.casefold() == written.casefold()]
    return near[0] if written not in codes and len(near) == 1 else written


def side(state: BillState, code: str) -> Side:
    code = usual_code(state, code)
    version = next((v for v in state.bill.versions if v.code == code), None)
    held = next((v for v in state.versions if v.code == code), None)
    if version is None or held is None:
        known = ", ".join(v.code for v in state.bill.versions) or "none yet"
        raise TextError(f"expected a version of this bill ({known}), got {code[:40]!r}")
    return Side(version, held)


def readable(state: BillState) -> list[Version]:
    """Versions that can be compared, earliest first."""
    held = {v.code for v in state.versions if v.status is TextStatus.AVAILABLE}
    return [v for v in state.bill.versions if v.code in held]
