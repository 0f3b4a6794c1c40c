"""A new text in the log to what changed in its words, from the texts that are held: for messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from digests.wording.changed_words import MOST_PHRASES, PHRASE_LENGTH, Changed, Found
from tracker.errors import TextError
from tracker.history.comparing import Comparison, compare_versions, readable
from tracker.model import BillState, Event, MarkedText, VersionState
from tracker.redline import Change
from tracker.redline.flagged import Turn, of_turn
from tracker.redline.pieces import Kind, pieces
from tracker.redline.told import near_flags

LARGEST = 400_000  # characters of both texts: what takes seconds is left to the page
KEPT = 500


class WordChanges:
    """Of one service. What was compared is kept for as long as both texts and their flags stay as they were."""

    def __init__(self, bill: Callable[[str], BillState | None], text: Callable[[str, str], MarkedText | None]) -> None:
        self._bill, self._text = bill, text
        self._kept: dict[tuple[str, str], tuple[tuple[VersionState, ...], Changed | None]] = {}

    def __call__(self, event: Event) -> Changed | None:
        code, state = event.data.get("version"), self._bill(event.bill_id)
        codes = [v.code for v in readable(state)] if state else []
        if state is None or code not in codes[1:]:
            return None
        before = codes[codes.index(code) - 1]
        held = tuple(v for v in state.versions if v.code in (before, code))
        kept = self._kept.get((event.bill_id, code))
        if kept is None or kept[0] != held:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            kept = self._kept[event.bill_id, code] = held, self._compared(event.bill_id, state, before, code)
        return kept[1]

    def _compared(self, bill_id: str, state: BillState, before: str, code: str) -> Changed | None:
        texts = {c: self._text(bill_id, c) for c in (before, code)}
        if sum(len(text.text) for text in texts.values() if text) > LARGEST:
            return None
        try:
            return changed_of(compare_versions(bill_id, state, texts.get, before, code))
        except TextError:
            return None


def changed_of(found: Comparison) -> Changed:
    drawn = found.redline
    came, went = (tuple(Found(t.flag.topic, t.flag.effect, t.flag.provision) for t in of_turn(found.turns, turn))
                  for turn in (Turn.CAME, Turn.WENT))
    counts = [sum(row.change is kind for row in drawn.rows) for kind in (Change.CHANGED, Change.ADDED, Change.REMOVED)]
    return Changed(found.names[0], came, went, sum(1 for _ in of_turn(found.turns, Turn.STAYED)),
                   (counts[0], counts[1], counts[2], len(drawn.b.units)), tuple(_phrases(found)),
                   f"{found.bill_id}/compare/{found.before.version.code}..{found.after.version.code}")


def _phrases(found: Comparison) -> Iterator[tuple[bool, str]]:
    """Changed words near flags, in the order of the text."""
    near, flagged, told = near_flags(found.redline, found.turns), {t.row for t in found.turns}, 0
    for n, row in enumerate(found.redline.rows):
        if n not in flagged:
            continue
        for piece in pieces(found.redline, row):
            if piece.kind in (Kind.INSERTED, Kind.DELETED) and near(piece):
                yield piece.kind is Kind.INSERTED, " ".join(piece.text.split())[:2 * PHRASE_LENGTH]
                told += 1
                if told == MOST_PHRASES:
                    return
