"""What people decided about a bill's flags to labelled sections, in the format of the reference labels. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tracker.desk.review import fold, in_force, words_of
from tracker.model import BillState, Decision, Flag, MarkedText, ReviewVerdict, TextStatus, VersionState
from tracker.tagger.sections import cut

TextOf = Callable[[str], MarkedText | None]  # version code -> text


@dataclass(slots=True)
class _Section:
    version: VersionState
    text: MarkedText
    start: int
    end: int
    judged: list[tuple[Decision, str]] = field(default_factory=list)  # with the quote as this text has it


def labelled(bill_id: str, state: BillState, decisions: Iterable[Decision],
             text_of: TextOf) -> Iterator[dict[str, Any]]:
    """``{id, jurisdiction, document, title, text, marks, labels, borderline}`` for each section that was judged.

    A rejected flag leaves no label; a topic that is flagged there and that nobody judged is borderline, so that it is
    left out of every figure. The section is of the newest text that has the words. No name is in it.
    """
    sections: dict[tuple[str, int], _Section] = {}
    texts: dict[str, MarkedText | None] = {}
    for decision in in_force(decisions).values():
        for version in reversed(state.versions):
            if version.status is not TextStatus.AVAILABLE:
                continue
            if version.code not in texts:
                texts[version.code] = text_of(version.code)
            text = texts[version.code]
            span = locate(decision, text) if text else None
            if text is None or span is None:
                continue
            start, end = _section(text, span[0])
            held = sections.setdefault((version.code, start), _Section(version, text, start, end))
            held.judged.append((decision, text.text[span[0]:span[1]]))
            break
    for _, section in sorted(sections.items()):
        yield _unit(bill_id, state, section)


def locate(decision: Decision, text: MarkedText) -> tuple[int, int] | None:
    """Where this text says the words that were judged; the tagger need not flag them any more."""
    words = fold(decision.flag.quote).split()
    if not words:
        return None
    for found in re.finditer(r"\W+".join(map(re.escape, words)), text.text, re.I):
        flag = replace(decision.flag, start=found.start(), end=found.end(), quote=found[0])
        if words_of(text, flag) == decision.words:
            return found.span()
    return None


def _section(text: MarkedText, at: int) -> tuple[int, int]:
    return next(((start, end) for _, start, end, *_ in cut(text) if start <= at < end), (0, len(text.text)))


def _unit(bill_id: str, state: BillState, section: _Section) -> dict[str, Any]:
    start, end = section.start, section.end
    words = section.text.text[start:end]
    labels = [_label(decision, quote) for decision, quote in section.judged
              if decision.verdict is not ReviewVerdict.REJECT]
    said = {label["topic"] for label in labels}
    digest = hashlib.sha256(f"{bill_id}|{words}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return {
        "id": f"review-{digest}", "jurisdiction": state.bill.jurisdiction,
        "document": f"{bill_id}/{section.version.code}", "title": state.bill.title or "", "text": words,
        "marks": [{"kind": m.kind.value, "start": max(m.start, start) - start, "end": min(m.end, end) - start}
                  for m in section.text.marks if m.start < end and m.end > start],
        "labels": sorted(labels, key=lambda label: (label["topic"], label["effect"], label["evidence"])),
        "borderline": sorted({f.topic.value for f in section.version.flags if _waits(f, start, end)} - said),
    }


def _label(decision: Decision, quote: str) -> dict[str, str]:
    found = decision.corrected or decision.flag
    return {"topic": found.topic.value, "effect": found.effect.value, "evidence": quote}


def _waits(flag: Flag, start: int, end: int) -> bool:
    return flag.review is None and start <= flag.start < end
