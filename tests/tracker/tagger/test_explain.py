"""Why a section flags, why it nearly does, and what was set aside."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tracker.cli import app
from tracker.model import BillContext, Mark, MarkedText, MarkKind
from tracker.tagger import Ruleset, load_rules, tag
from tracker.tagger.explain import ROLES as TOLD
from tracker.tagger.explain import Explanation, NearMiss, explain
from tracker.tagger.roles import HEADINGS
from tracker.tagger.rules import ROLES
from tracker.text import read

SHIPPED = load_rules()
US = BillContext("us")
LAMPS = """
topic = "criminalization"
stems = ["lamp"]
[[rule]]
id = "criminalization/lamps"
subtopic = "s"
note = "Lighting lamps becomes an offence."
anchors = ["lights a lamp"]
near = ["guilty", "felony"]
within = 6
unless = ["repealed"]
{more}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


def rules(folder: Path, more: str = "") -> Ruleset:
    (folder / "lamps.toml").write_text(LAMPS.format(more=more))
    return load_rules(folder)


def reasons(body: str, ruleset: Ruleset) -> Explanation:
    return explain(read(body.encode(), "text/plain"), US, ruleset)


def only_miss(body: str, ruleset: Ruleset) -> NearMiss:
    [section] = reasons(body, ruleset).sections
    [miss] = section.near_misses
    assert section.flags == ()
    assert body[miss.start : miss.end] == miss.words
    return miss


def test_a_flag_is_told_with_its_section_and_not_as_a_near_miss(folder: Path) -> None:
    [section] = reasons("SEC. 2. LAMPS.\n\nWhoever lights a lamp is guilty.", rules(folder)).sections
    assert (section.path, section.heading) == ("Sec. 2", "SEC. 2. LAMPS.")
    assert [flag.rule for flag in section.flags] == ["criminalization/lamps"]
    assert section.near_misses == ()


@pytest.mark.parametrize(("words", "condition", "nearly"), [
    ("SEC. 2. LAMPS.\nWhoever lights a lamp at night in the old town or on the long road is guilty.", "nothing near",
     "“guilty” stands 12 words away: at most 6 words count"),
    ("SEC. 2. LAMPS.\nWhoever lights a lamp shall pay. It is a felony.", "nothing near",
     "“felony” stands in another sentence, 5 words away: only words of the same sentence count"),
    ("SEC. 2. LAMPS.\nWhoever lights a lamp shall pay.", "nothing near",
     "the section has none of “guilty”, “felony”"),
    ("SEC. 2. LAMPS.\nThat whoever lights a lamp is guilty is repealed.", "unless",
     "“repealed” stands 3 words away"),
    ("SEC. 2. FINDINGS.\nCongress finds that whoever lights a lamp is guilty.", "role", "findings"),
])  # fmt: skip
def test_a_near_miss_names_the_condition_and_what_nearly_matched(folder: Path, words: str, condition: str,
                                                                 nearly: str) -> None:
    miss = only_miss(words, rules(folder))
    assert (miss.condition, miss.nearly) == (condition, nearly)


@pytest.mark.parametrize(("more", "condition", "nearly"), [
    ('requires = ["oil", "wick"]', "requires", "the section has none of “oil”, “wick”"),
    ('excludes = ["guilty"]', "excludes", "“guilty”"),
    ('heading = ["torch"]', "heading", "it has none of “torch”"),
    ("mentions = 2", "mentions", "1 here"),
    ('mark = "inserted"', "not inserted", None),
])  # fmt: skip
def test_a_condition_on_the_section_is_told_too(folder: Path, more: str, condition: str, nearly: str | None) -> None:
    miss = only_miss("SEC. 2. LAMPS.\nWhoever lights a lamp is guilty.", rules(folder, more))
    assert (miss.condition, miss.nearly) == (condition, nearly)


def test_places_that_fail_alike_are_counted_once(folder: Path) -> None:
    assert only_miss("SEC. 2. LAMPS.\nHe lights a lamp.\nShe lights a lamp.", rules(folder)).times == 2


def test_a_rule_of_another_place_is_no_near_miss(folder: Path) -> None:
    [section] = reasons("SEC. 2. LAMPS.\nHe lights a lamp.", rules(folder, 'jurisdictions = ["gb"]')).sections
    assert section.near_misses == ()


def test_a_section_that_a_committee_struck_is_told_as_struck(folder: Path) -> None:
    text = "SEC. 2. LAMPS.\nWhoever lights a lamp is guilty."
    [section] = explain(MarkedText(text, (Mark(MarkKind.STRUCK, 0, len(text)),)), US, rules(folder)).sections
    assert section.struck and section.flags == () == section.near_misses


def test_a_text_without_any_stem_was_never_looked_at(folder: Path) -> None:
    assert reasons("SEC. 2. TORCHES.\nTorches are lit.", rules(folder)) == Explanation(False, ())


def test_every_role_has_words() -> None:
    assert set(ROLES) | {role for role, _ in HEADINGS} <= set(TOLD)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["prostitution", "is guilty of", "human trafficking", "\n", "SEC. 3. FINDINGS.\n", ". ",
                                 "shall", "“", "\x00", "\ud800", "is amended", "22 U.S.C. 7631", "is repealed", "ß"]),
                max_size=40))  # fmt: skip
def test_any_text_is_explained_and_the_flags_are_those_of_the_tagger(words: list[str]) -> None:
    text = MarkedText(" ".join(words))
    told = explain(text, US, SHIPPED)
    assert tuple(f for s in told.sections for f in s.flags) == tag(text, US, SHIPPED)
    assert all(text.text[m.start : m.end] == m.words for s in told.sections for m in s.near_misses)


def test_a_text_of_nothing_but_a_rule_s_words_is_explained_in_seconds() -> None:
    begun = time.process_time()
    explain(MarkedText("human trafficking; " * 50_000), US, SHIPPED)
    assert time.process_time() - begun < 5


def test_the_command_explains_in_words_and_as_json(tmp_path: Path) -> None:
    path = tmp_path / "bill.txt"
    path.write_text("SEC. 2. FINES.\nWhoever engages in prostitution is guilty of a misdemeanor.\n\n"
                    "SEC. 3. FINDINGS.\nCongress finds that prostitution is a felony.\n\nSEC. 4. LAMPS.\nThey are lit.")
    shown = CliRunner().invoke(app, ["tag", str(path), "--explain"]).stdout
    assert "set aside: “prostitution”: it stands among findings" in shown
    assert "1 sections more hold no words" in shown
    assert "Criminalization would add or strengthen, Sec. 2" in shown and "advances" not in shown
    told = json.loads(CliRunner().invoke(app, ["tag", str(path), "--explain", "--json"]).stdout)
    assert [section["path"] for section in told[0]["sections"]] == ["Sec. 2", "Sec. 3"]
    unit = json.dumps({"id": "a", "text": path.read_text()})
    line = json.loads(CliRunner().invoke(app, ["tag", "--jsonl", "--explain"], input=unit).stdout)
    assert line["flags"] and line["explain"]["sections"]
