"""A unit of `billwatch tag --jsonl` -> its line of flags."""

from __future__ import annotations

from typing import Any

from tracker.model import BillContext, Mark, MarkedText, MarkKind
from tracker.tagger.engine import tag
from tracker.tagger.rules import Ruleset


def tag_unit(unit: dict[str, Any], rules: Ruleset) -> dict[str, Any]:
    """Raises KeyError, TypeError or ValueError for what is no unit. Offsets refer to ``unit["text"]`` as it came."""
    marks = tuple(Mark(MarkKind(m["kind"]), int(m["start"]), int(m["end"])) for m in unit.get("marks") or ())
    text = MarkedText(unit["text"], tuple(sorted(marks, key=lambda m: m.start)))
    context = BillContext(unit.get("jurisdiction") or "", unit.get("title"))
    return {"id": unit["id"], "flags": [
        {"topic": f.topic, "subtopic": f.subtopic, "effect": f.effect, "quote": f.quote, "start": f.start, "end": f.end,
         "rule": f.rule, "score": f.score} for f in tag(text, context, rules)]}
