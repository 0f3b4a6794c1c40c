"""The documentation knows every field of a rule and every role."""

from __future__ import annotations

from pathlib import Path

from tracker.tagger import Rule
from tracker.tagger.rules import ROLES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "tagger.md").read_text(encoding="utf-8")


def test_every_field_of_a_rule_is_documented() -> None:
    assert [name for name in Rule.__dataclass_fields__ if f"`{name}`" not in PAGE] == []


def test_every_role_is_documented() -> None:
    assert [role for role in ROLES if f"`{role}`" not in PAGE] == []
