"""Marked text -> flags, by rules that a lawyer can read."""

from tracker.tagger.engine import tag
from tracker.tagger.rules import Rule, Ruleset, load_rules

__all__ = ["Rule", "Ruleset", "load_rules", "tag"]
