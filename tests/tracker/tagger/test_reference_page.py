"""The reference page is what the rule files and the measured facts say, and says how old the facts are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.errors import ConfigError
from tracker.tagger import Rule, load_rules
from tracker.tagger.reference import (
    QUIET,
    TELLS,
    Count,
    read_calibration,
    read_counts,
    read_rows,
    render,
    told,
    write_counts,
)

DOCS = Path(__file__).resolve().parents[3] / "docs"
RULES, ROWS = load_rules(), read_rows()
FIRST = RULES.rules[0].id


def test_the_page_in_the_docs_is_generated_from_the_rules_of_today() -> None:
    page = render(RULES, ROWS, read_counts(DOCS), read_calibration(DOCS))
    assert (DOCS / "rules.md").read_text(encoding="utf-8") == page, \
        "renew it: billwatch rules reference --out docs/rules.md"


def test_every_rule_stands_on_the_page_with_all_that_it_says() -> None:
    page = render(RULES, ROWS)
    for rule in RULES.rules:
        assert f"`{rule.id}`" in page
        assert all(told(ROWS[rule.id])), rule.id


def test_no_condition_of_a_rule_is_left_untold() -> None:
    row = {"id": "x", "anchors": ["a"], "within": 3, "new-condition": ["b"]}
    assert told(row) == ["Looks for “a”.", "`new-condition`: ['b']."]
    assert set(TELLS) | set(QUIET) <= set(Rule.__dataclass_fields__)


def test_conditions_are_said_in_plain_words() -> None:
    row = {"anchors": ["prostitut\\w+"], "near": ["{crime}"], "within": 25, "also": ["x"], "scope": "section",
           "unless": ["y"], "struck": "decriminalization:advances", "listed": True, "named": False, "mentions": 2}
    assert told(row) == [
        "Looks for “prostitut…”.",
        "Near it, within 25 words in the same section, must stand one of “‹crime›”.",
        "And, within 75 words in the same section, one of “x”.",
        "Not if within 30 words in the same section stands one of “y”.",
        "Only where a section holds 2 such places.",
        "Where the bill strikes these words from the law, it means Decriminalization, would relax the law.",
        "May stand in a list of offences."]  # fmt: skip


def test_counts_of_an_older_ruleset_are_called_so() -> None:
    count = Count("corpus", "some texts", "0ld", 10, 2, {FIRST: (3, 2)})
    page = render(RULES, ROWS, [count])
    assert "| corpus: some texts | 10 | 2 | 3 | `0ld`, an older one |" in page
    assert "Fired: corpus 3 in 2." in page and "Fired: corpus –." in page
    assert "an older one" not in render(RULES, ROWS, [Count("corpus", "", RULES.version, 10, 2, {FIRST: (3, 2)})])


def test_a_corpus_that_nobody_counted_is_not_on_the_page() -> None:
    assert "corpus" not in render(RULES, ROWS, [Count("corpus", "x", "", 0, 0, {})]).replace("No corpus", "").replace(
        "after a corpus", "")


def test_counts_come_back_as_they_were_kept(tmp_path: Path) -> None:
    counts = (Count("a", "x", "1", 10, 2, {FIRST: (3, 2)}), Count("b", "", "1", 0, 0, {}))
    write_counts(tmp_path, counts)
    assert read_counts(tmp_path) == counts
    assert (read_counts(tmp_path / "nowhere"), read_calibration(tmp_path)) == ((), None)


def test_facts_that_are_none_are_refused_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "rule-counts.json").write_text('[{"name": 1}]')
    with pytest.raises(ConfigError, match=r"rule-counts\.json"):
        read_counts(tmp_path)


def test_no_word_of_a_law_is_markup_on_the_page() -> None:
    page = render(RULES, ROWS)
    assert "<script" not in page
    assert all(line.count("<") == line.count("\\<") for line in page.splitlines() if not line.startswith("<a id="))
