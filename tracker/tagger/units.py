"""One line of `billwatch tag --jsonl` to its answer: offsets refer to the unit's own text, which stays as it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tracker.model import BillContext, Mark, MarkedText, MarkKind, Provision
from tracker.tagger.engine import tag
from tracker.tagger.flattened import unquoted_blocks
from tracker.tagger.rules import Ruleset
from tracker.text.amendments import spell_marks
from tracker.text.conventions import existing_known
from tracker.text.marks import INLINE, Span, paint
from tracker.text.plain import block_marks
from tracker.text.provisions import segment
from tracker.text.typed import typed_marks

_RESTATES = re.compile(r"\bto read(?: as follows)?:?\s*$")


def read_unit(unit: dict[str, Any]) -> tuple[MarkedText, BillContext]:
    """``{id, jurisdiction, title, text, marks}`` to what the tagger reads.

    Raises KeyError, TypeError or ValueError for what is no unit.
    """
    text, jurisdiction = unit["text"], unit.get("jurisdiction") or ""
    given = [(m["start"], m["end"], MarkKind(m["kind"]), INLINE + 1) for m in unit.get("marks") or ()]
    typed = typed_marks(text, jurisdiction, {kind for _, _, kind, _ in given})
    marks: tuple[Mark, ...] = paint([*given, *typed, *_quoted(text, jurisdiction), *unquoted_blocks(text),
                                     *spell_marks(text)], text)  # fmt: skip
    classification = tuple(unit.get("classification") or ("bill",))
    context = BillContext(jurisdiction, unit.get("title"), classification)
    known = bool(given) or any(sign in text for sign in ("{+", "{-", "[-")) or existing_known(jurisdiction, text)
    return MarkedText(text, marks, one_section(text), known), context


def tag_unit(unit: dict[str, Any], rules: Ruleset) -> dict[str, Any]:
    """A unit to ``{id, flags: [{topic, effect, quote, start, end, ...}]}``. Raises as `read_unit` does."""
    flags = tag(*read_unit(unit), rules)
    return {
        "id": unit["id"],
        "flags": [
            {"topic": f.topic.value, "subtopic": f.subtopic, "effect": f.effect.value, "quote": f.quote,
             "start": f.start, "end": f.end, "provision": f.provision, "rule": f.rule, "score": f.score}
            for f in flags
        ],
    }  # fmt: skip


def _quoted(text: str, jurisdiction: str) -> list[Span]:
    """Quoted matter is new, but a state that prints a section "to read as follows" prints the law with its changes."""
    blocks = block_marks(text)
    if not jurisdiction.startswith("us-"):
        return blocks
    return [span for span in blocks if _RESTATES.search(text[max(0, span[0] - 120) : span[0]]) is None]


def one_section(text: str) -> tuple[Provision, ...]:
    """Provisions of a bare section: what stands before the first heading acts too, it is no cover page."""
    found = segment(text)
    if any(p.level == "section" for p in found):
        return tuple(replace(p, path="Text", level="section") if p.level == "preamble" else p for p in found)
    inner = found[1:] if found and found[0].level == "preamble" else found
    shift = 1 - (len(found) - len(inner))
    root = Provision("Text", "", None, "section", 0, len(text))
    return (root, *(replace(p, parent=0 if p.parent is None else p.parent + shift) for p in inner))
