"""A reader's filter to the words that say why a message came. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from digests import plain
from digests.speech import ENGLISH, Speech
from digests.wording.words import stage_name, topic_name, wanted_effects
from tracker.model import Filter
from tracker.subjects import SUBTOPICS, topic_of

MOST = 12  # of one kind; the rest is counted


def reasons(wanted: Filter, speech: Speech = ENGLISH) -> str:
    """``"You asked for: topics: Decriminalization or Worker rights; legislatures: US."``"""
    parts = [
        _part(speech._("topics"), [topic_name(t, speech) for t in wanted.topics], speech),
        _part(speech._("subtopics"), [subtopic_words(s, speech) for s in wanted.subtopics], speech),
        _part(speech._("effects"), wanted_effects(wanted, speech), speech),
        _part(speech._("legislatures"), [j.upper() for j in wanted.jurisdictions], speech),
        _part(speech._("bills"), wanted.bills, speech),
        _part(speech._("stages"), [stage_name(s, speech) for s in wanted.stages], speech),
        _part(speech._("sponsors"), wanted.sponsors, speech),
        _part(speech._("committees"), wanted.committees, speech),
        _part(speech._("words"), [speech.quoted(wanted.words)] if wanted.words else [], speech)]
    chosen = "; ".join(part for part in parts if part)
    return (speech._("You asked for: {chosen}.", chosen=chosen) if chosen
            else speech._("You asked for every flagged bill."))


def subtopic_words(subtopic: str, speech: Speech = ENGLISH) -> str:
    """``"worker-rights/labour"`` -> ``"Worker rights, Labor rights"``; without a name of ours: its key."""
    topic, key = topic_of(subtopic), subtopic.partition("/")[2]
    name = dict(SUBTOPICS[topic]).get(key)
    return f"{topic_name(topic, speech)}, {speech._(name) if name else key}"


def _part(kind: str, chosen: Iterable[str], speech: Speech) -> str:
    names = [plain.line(name) for name in chosen]
    if not names:
        return ""
    shown = names[:MOST]
    if len(names) > MOST:
        shown.append(speech.ngettext("{number} more", "{number} more", len(names) - MOST))
    return f"{kind}: {speech.either(shown)}"
