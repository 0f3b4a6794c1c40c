"""Whatever the text is: an answer, evidence for it, and the same answer again."""

from __future__ import annotations

import pytest

from tracker.tagger import load_rules, tag_unit

RULES = load_rules()


@pytest.mark.parametrize(("jurisdiction", "words", "topic"), [
    ("us-me", "Sec. 1. 17-A MRSA §853-A is repealed.", "decriminalization"),
    ("us-vt", "Sec. 1. REPEAL.\n13 V.S.A. § 2632 is repealed.", "decriminalization"),
    ("us", "SEC. 2. REPEAL.\n47\u00a0U.S.C.\u00a0230 is repealed.", "platform-liability"),
])  # fmt: skip
def test_the_gate_reads_section_signs_and_hard_blanks(jurisdiction: str, words: str, topic: str) -> None:
    answer = tag_unit({"id": "1", "jurisdiction": jurisdiction, "text": words}, RULES)
    assert [flag["topic"] for flag in answer["flags"]] == [topic]
