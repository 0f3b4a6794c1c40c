"""Whatever the text is: an answer, evidence for it, and the same answer again."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.tracker.tagger.hostile import HOSTILE
from tracker.errors import ConfigError, TextError
from tracker.model import BillContext, Flag, Mark, MarkedText, MarkKind, Provision
from tracker.tagger import load_rules, tag, tag_unit
from tracker.tagger.explain import explain
from tracker.text import read

RULES = load_rules()
FEWEST, MOST = 5, 30  # words of a quote
PIECES = (
    # what rules look for
    "human trafficking", "trafficked", "prostitution", "prostitute", "commercial sex act", "brothel", "sex workers",
    "22 U.S.C. 7631", "18 U.S.C. 1591", "section 230 of the Communications Act of 1934",
    "47\u00a0U.S.C. 230", "MRSA §853",
    "interactive computer service", "guilty of a misdemeanor", "class B felony", "class C felony", "expunge the record",
    "is repealed", "is amended to read as follows:", "by striking “prostitution” and inserting “trafficking”", "shall",
    # what gives a text its shape
    "SEC. 2. DEFINITIONS.", "SECTION 1. SHORT TITLE.", "Section 1.", "§ 3", "Sec.", "(a)", "(1)", "(A)", "(i)",
    "((", "))", "[", "]", "“", "”", "\"", "''", "Whereas", "WHEREAS,", "Be it enacted by", "the term", "means",
    "findings", "finds", "sense of Congress", "STATEMENT", "Provides ", "This bill would", "deemed", "entitled “An Act",
    "Act", ".", ";", ",", ":", "-", "—", "\n", "\n\n", "\n12 ", "\r\n", "\t", " ",
    # what breaks programs
    "\x00", "\ud800", "\udfff", "\ufeff", "\u2028", "\u0085", "\u202e", "ſ", "İ", "ß", "\u00ad", "é",
    "性", "😀", "\U0010ffff",
    "x" * 3000, " " * 700, "\n" * 300, "(" * 200, "9" * 400, "prostitution " * 60,
)  # fmt: skip
SOME = st.one_of(*(st.sampled_from(PIECES),) * 9, st.text(max_size=6))
WORDS = st.one_of(st.lists(SOME, max_size=6), st.lists(SOME, min_size=20, max_size=80)).map(lambda parts: "".join(
    f"{part} " if part[-1:].isalnum() else part for part in parts))  # fmt: skip
JURISDICTIONS = st.sampled_from(["us", "us-wa", "us-ny", "us-me", "us-ca", "ca", "gb", "", "zz-nowhere"])
LEVELS = ("title", "section", "subsection", "paragraph", "subparagraph", "clause", "preamble", "recital", "unheard-of")


@st.composite
def marked_texts(draw: st.DrawFn) -> MarkedText:
    """Any words under any marks and any tree of provisions: children in their parents, in document order."""
    words = draw(WORDS)
    cuts = sorted(draw(st.sets(st.integers(0, len(words)), max_size=16)))
    marks = tuple(Mark(draw(st.sampled_from(MarkKind)), a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False))
    provisions: list[Provision] = []

    def grow(low: int, high: int, parent: int | None, depth: int) -> None:
        edges = sorted(draw(st.lists(st.integers(low, high), max_size=5)))
        for start, end in zip(edges[::2], edges[1::2], strict=False):
            number = len(provisions)
            level = draw(st.sampled_from(LEVELS))
            provisions.append(Provision(f"P{number}", str(number), None, level, start, end, parent))
            if depth < 4:
                grow(start, end, number, depth + 1)

    grow(0, len(words), None, 0)
    return MarkedText(words, marks, tuple(provisions), draw(st.booleans()))


def hold(flags: tuple[Flag, ...], text: MarkedText) -> None:
    """What every flag promises."""
    paths = {p.path for p in text.provisions} | {"Text"}
    assert list(flags) == sorted(flags, key=lambda f: (f.start, f.end, f.topic, f.rule))
    for flag in flags:
        assert text.text[flag.start : flag.end] == flag.quote
        assert flag.provision in paths
        assert flag.ruleset == RULES.version
        count = len(flag.quote.split())
        assert count <= MOST
        assert count >= min(FEWEST, len(text.text[flag.start : flag.start + 400].split()))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(marked_texts(), JURISDICTIONS, st.sampled_from([("bill",), ("resolution",), ()]))
def test_any_marks_and_any_provisions_are_answered_with_evidence(
    text: MarkedText, jurisdiction: str, classification: tuple[str, ...]
) -> None:
    context = BillContext(jurisdiction, None, classification)
    flags = tag(text, context, RULES)
    hold(flags, text)
    assert tag(text, context, RULES) == flags


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WORDS, JURISDICTIONS)
def test_any_unit_is_answered_and_explained_by_the_same_flags(words: str, jurisdiction: str) -> None:
    answer = tag_unit({"id": "x", "jurisdiction": jurisdiction, "text": words}, RULES)
    assert all(words[f["start"] : f["end"]] == f["quote"] for f in answer["flags"])
    text = MarkedText(words)
    told = [flag for section in explain(text, BillContext(jurisdiction), RULES).sections for flag in section.flags]
    assert sorted(told, key=lambda f: (f.start, f.end, f.topic, f.rule)) == list(
        tag(text, BillContext(jurisdiction), RULES))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WORDS, st.sampled_from(["text/plain", "text/html", "text/xml"]), JURISDICTIONS)
def test_any_page_that_can_be_read_can_be_tagged(words: str, media_type: str, jurisdiction: str) -> None:
    try:
        text = read(words.encode("utf-8", "surrogatepass"), media_type, jurisdiction)
    except TextError:
        return
    hold(tag(text, BillContext(jurisdiction), RULES), text)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_comes_to_an_end(name: str) -> None:
    text = HOSTILE[name](100_000)  # `python -m bench tagger` shows what a megabyte costs
    hold(tag(text, BillContext("us"), RULES), text)


@pytest.mark.parametrize(("jurisdiction", "words", "topic"), [
    ("us-me", "Sec. 1. 17-A MRSA §853-A is repealed.", "decriminalization"),
    ("us-vt", "Sec. 1. REPEAL.\n13 V.S.A. § 2632 is repealed.", "decriminalization"),
    ("us", "SEC. 2. REPEAL.\n47\u00a0U.S.C.\u00a0230 is repealed.", "platform-liability"),
])  # fmt: skip
def test_the_gate_reads_section_signs_and_hard_blanks(jurisdiction: str, words: str, topic: str) -> None:
    answer = tag_unit({"id": "1", "jurisdiction": jurisdiction, "text": words}, RULES)
    assert [flag["topic"] for flag in answer["flags"]] == [topic]


ANSWERS = """
import hashlib
from tests.tracker.tagger.hostile import HOSTILE
from tracker.model import BillContext
from tracker.tagger import load_rules, tag
from tracker.text import read
rules = load_rules()
texts = [make(20_000) for make in HOSTILE.values()]
texts += [read(e.text.encode(), "text/plain") for rule in rules.rules for e in (*rule.examples, *rule.counterexamples)]
answers = [tag(text, BillContext("us"), rules) for text in texts]
assert any(answers)
print(hashlib.sha256(repr((rules.version, answers)).encode()).hexdigest())
"""


def test_another_process_with_other_hashes_gives_the_same_answers() -> None:
    def answers(seed: str) -> str:
        return subprocess.run([sys.executable, "-c", ANSWERS], check=True, capture_output=True, text=True, cwd=ROOT,
                              env={**os.environ, "PYTHONHASHSEED": seed}).stdout  # fmt: skip

    first = answers("1")
    assert len(first.strip()) == hashlib.sha256().digest_size * 2
    assert answers("2") == first


# --- real documents ---------------------------------------------------------------------------------------------------

TYPES = {".xml": "text/xml", ".lob": "text/xml", ".xhtml": "application/xhtml+xml", ".pdf": "application/pdf",
         **dict.fromkeys((".htm", ".html", ".html5"), "text/html"),
         **dict.fromkeys((".txt", ".md", ".json", ".csv", ".dat", ".rst", ".rtf"), "text/plain")}  # fmt: skip
MOST_BYTES = 2_000_000  # of one file as published; larger ones are collections of records


def _documents(folder: Path) -> list[tuple[Path, str]]:
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        suffixes = [s.lower() for s in path.suffixes if s.lower() != ".gz"]
        if suffixes and suffixes[-1] in TYPES:
            found.append((path, TYPES[suffixes[-1]]))
    return found


@pytest.mark.parametrize("part", ["us-federal", "us-states", "intl"])
def test_every_real_document_is_tagged_or_told_to_be_none(shared: Path, part: str) -> None:
    documents = _documents(shared / "data" / part)
    assert documents
    tagged = 0
    for path, media_type in documents:
        body = path.read_bytes()
        if path.suffix == ".gz":
            body = gzip.decompress(body)
        if len(body) > MOST_BYTES:
            continue
        jurisdiction = f"us-{path.relative_to(shared / 'data').parts[1]}" if part == "us-states" else ""
        try:
            text = read(body, media_type, jurisdiction)
        except TextError:
            continue
        tagged += 1
        try:
            hold(tag(text, BillContext(jurisdiction), RULES), text)
        except Exception as problem:
            raise AssertionError(f"{path.relative_to(shared)}: {problem}") from problem
    assert tagged > 100


# --- rules ------------------------------------------------------------------------------------------------------------

RULE = """
topic = "criminalization"
stems = ["a", "b"]
[[rule]]
id = "criminalization/lamps"
subtopic = "s"
note = "Lamps."
anchors = ['{pattern}']
"""


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*b", "(a*)*(a*)*(a*)*b", "a(?:.*a){20}",
                                     "(?:a?){50}a{50}"])
def test_a_rule_that_ruins_other_engines_only_runs(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "lamps.toml").write_text(RULE.format(pattern=pattern))
    rules = load_rules(tmp_path)
    for words in ("a" * 50_000, "a" * 50_000 + "!", "a b" * 20_000):
        tag(MarkedText(words), BillContext("us"), rules)


@pytest.mark.parametrize("pattern", [
    "((a{100}){100}){100}", "(?:[a-z]{1000}){1000}", "a{1001}",
    "|".join(f"lamp{n}[a-z]{{990}}x[0-9a-f]{{990}}" for n in range(550)),
], ids=["powers", "nested", "many times", "more than the memory of an automaton"])  # fmt: skip
def test_a_rule_too_large_for_an_automaton_is_refused(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "lamps.toml").write_text(RULE.format(pattern=pattern))
    with pytest.raises(ConfigError, match="RE2 pattern"):
        load_rules(tmp_path)
