"""Marked text to flags: which provision does what, and the words that prove it."""

from __future__ import annotations

from tracker.tagger.engine import tag
from tracker.tagger.rules import Rule, Ruleset, load_rules
from tracker.tagger.units import tag_unit

__all__ = ["Rule", "Ruleset", "load_rules", "tag", "tag_unit"]
