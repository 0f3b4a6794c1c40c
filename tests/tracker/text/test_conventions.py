"""Each legislature's way to mark what law gains and loses: a page in its format beside what must be read from it.

A page is named by its jurisdiction. Beside `us-tx.htm` stands `us-tx.htm.marked`: what is known, the provisions, and
the text with {+ inserted +} and [- struck -] words. A missing one is written, and fails the test so that a person
reads it.
"""

from __future__ import annotations

from contextlib import suppress
from math import inf
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.text.test_read import check
from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text import existing_known, read, typed_marks
from tracker.text.conventions import TABLE

PAGES = Path(__file__).parent / "pages"
MEDIA_TYPES = {".xml": "text/xml", ".htm": "text/html", ".html": "text/html", ".txt": "text/plain"}
JURISDICTIONS = {"us-wa-2003": "us-wa", "ca-en": "ca", "ca-fr": "ca", "us-rs": "us"}
NAMES = sorted(page.name for page in PAGES.iterdir() if page.suffix in MEDIA_TYPES)


def jurisdiction(page: Path) -> str:
    return JURISDICTIONS.get(page.stem, page.stem)


def spelt(text: MarkedText) -> str:
    """One file a person can read: the facts, then the words with their marks."""
    parts, at = [], 0
    for mark in text.marks:
        opening, closing = ("{+", "+}") if mark.kind is MarkKind.INSERTED else ("[-", "-]")
        parts += [text.text[at : mark.start], opening, text.text[mark.start : mark.end], closing]
        at = mark.end
    known = "yes" if text.marks_known else "no"
    paths = ", ".join(p.path for p in text.provisions)
    return f"marks known: {known}\nprovisions: {paths}\n\n{''.join(parts)}{text.text[at:]}\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_reads_as_its_legislature_means_it(name: str) -> None:
    page = PAGES / name
    got = spelt(read(page.read_bytes(), MEDIA_TYPES[page.suffix], jurisdiction(page)))
    golden = page.with_name(name + ".marked")
    if not golden.exists():
        golden.write_text(got, encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is now written: read it beside the page")
    assert got == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(("text", "whose", "inserted", "struck"), [
    # Double parentheses are Washington's, at any depth, and sure enough to be read anywhere.
    ("A person ((shall (always) pay)) may.", "us-wa", [], ["((shall (always) pay))"]),
    ("(((1)))(2) A person", "us-wa", [], ["(((1)))"]),
    ("((a) Geese; and)) ducks", "us-wa", [], ["((a) Geese; and))"]),
    ("((never closed", "us-wa", [], []),
    ("((goose)) duck", "", [], ["((goose))"]),
    ("section 1 ((a)(1)) of this Act", "us", [], []),
    # Brackets strike where the legislature says so, or where the text does.
    ("within [two hundred] 1,000 feet", "us-nj", [], ["[two hundred]"]),
    ("within [two hundred] 1,000 feet", "us", [], []),
    ("within [two hundred] 1,000 feet", "us-mn", [], []),
    ("[609.285] TITLE.", "us-mn", [], []),
    ("a [goose] duck.\n[Brackets] indicate matter deleted from existing law.", "", [], ["[goose]"]),
    ("the [[county]] State", "us-md", [], ["[[county]]"]),
    ("(1)[, or goose,] (2)[.]", "us-or", [], ["[, or goose,]", "[.]"]),
    ("[(x)] (y) A pond", "us-or", [], ["[(x)]"]),
    # What stands in brackets and is no law.
    ("[Reserved]", "us-ny", [], []), ("[RESERVED.]", "us-ny", [], []), ("[SEAL]", "us-nj", [], []),
    ("[page 3]", "us-nj", [], []), ("[ ] [...] [____] [. . .]", "us-nj", [], []), ("[sic]", "us-nj", [], []),
    ("\"[NEW MATERIAL] BREAD.--", "us-nm", [], []), ("that \"[t]he pond\"", "us-nj", [], []),
    ("law.\n[Formerly 998.010; 2090 c.1 s.1]\n", "us-or", [], []), ("law. [2090 c.1 s.1]", "us-or", [], []),
    ("law.\n[Note: see section 4.]\n", "us-or", [], []), ("matter [ italic and bracketed] is law", "us-or", [], []),
    # Capitals are new law inside sentences and in paragraphs that command; names, headings and formulas are not.
    ("A person may feed a DUCK OR SWAN here.", "us-md", ["DUCK OR SWAN"], []),
    ("A person may feed a DUCK OR SWAN here.", "us-tx", [], []),
    ("The law is amended to read as follows:\n(B) A PERSON MAY NOT FEED A CROW.", "us-md",
     ["(B) A PERSON MAY NOT FEED A CROW."], []),
    ("The law is amended to read as follows:\nPONDS AND DUCKS", "us-md", [], []),
    ("SHORT TITLE. This Act is the Duck Act of the FDA and the USDA.", "us-md", [], []),
    ("SECTION 1. BE IT ENACTED BY THE GENERAL ASSEMBLY, That it read as follows:", "us-md", [], []),
    ("It is REPEALED now, see UNITED STATES here.", "us-ny", [], []),
    # Spelt out by whoever converted the text.
    ("a {+duck+} {-goose-} [-swan-]", "us", ["{+duck+}"], ["{-goose-}", "[-swan-]"]),
])  # fmt: skip
def test_marks_in_characters_hold_where_the_legislature_makes_them(
    text: str, whose: str, inserted: list[str], struck: list[str]
) -> None:
    found = sorted(typed_marks(text, whose))
    assert [text[a:b] for a, b, kind, _ in found if kind is MarkKind.INSERTED] == inserted
    assert [text[a:b] for a, b, kind, _ in found if kind is MarkKind.STRUCK] == struck


def test_where_the_markup_marks_brackets_and_capitals_say_nothing() -> None:
    text = "A [goose] A DUCK OR SWAN here."
    assert typed_marks(text, "us-ny", {MarkKind.STRUCK, MarkKind.INSERTED}) == []


@pytest.mark.parametrize(("whose", "text", "known"), [
    ("us", "Section 5 is amended to read as follows:", True),
    ("gb", "Section 5 is amended to read as follows:", True),
    ("", "Section 5 is amended to read as follows:", True),
    ("us-tx", "Section 5 is amended to read as follows:", False),
    ("us-tx", "Chapter 5 is amended by adding Section 6 to read as follows:", True),
    ("us-tx", "This Act takes effect September 1.", True),
    ("us-or", "ORS 999.010 is amended to read:", False),
    ("us-ny", "Section 5 is amended to read as follows:", True),
    ("us-ct", "Section 9 is repealed and the following is substituted in lieu thereof:", False),
    ("us-mi", "Sec. 18. (1) A person who feeds ducks may sit.", False),
    ("us-zz", "Section 5 is amended to read.\nCAPITALS INDICATE MATTER ADDED.\n[Brackets] indicate deletion.", True),
])  # fmt: skip
def test_unmarked_words_are_existing_law_only_where_that_can_be_known(whose: str, text: str, known: bool) -> None:
    assert existing_known(whose, text) is known


def test_a_page_that_lost_its_marks_says_so() -> None:
    page = "<html><body><p>SECTION 1. Section 5, Pond Code, is amended to read as follows:</p><p>Ducks.</p></html>"
    assert not read(page.encode(), "text/html", "us-tx").marks_known
    assert read(page.encode(), "text/html").marks_known


@pytest.mark.parametrize("archive", ["latin-1", "cp1252"])
def test_utf8_that_an_archive_encoded_twice_is_read_as_it_was(archive: str) -> None:
    page = "<html><body><p>Section 1.\u2003The § of “ducks – is amended.</p></body></html>"
    twice = page.encode().decode(archive).encode()
    assert read(twice, "text/html") == read(page.encode(), "text/html")


@pytest.mark.parametrize(("text", "inserted", "struck"), [
    ("by substituting “duck” for “goose”, and", ["duck"], ["goose"]),
    ("for “goose” substitute “duck”;", ["duck"], ["goose"]),
    ("for the words “old geese”, in both places it occurs, substitute “ducks”", ["ducks"], ["old geese"]),
    ("omit “goose”.", [], ["goose"]), ("leave out “goose” and insert “duck”", ["duck"], ["goose"]),
    ("by replacing “goose” with “duck”; and", ["duck"], ["goose"]),
    ("by substituting for the definition of “pond” the following:", [], []),
    ("by inserting “duck” after “goose”", ["duck"], []),
])  # fmt: skip
def test_prose_of_every_parliament_says_what_goes_and_what_comes(
    text: str, inserted: list[str], struck: list[str]
) -> None:
    marked = read(f"1. {text}".encode(), "text/plain", "gb")
    words = [(marked.text[m.start : m.end], m.kind) for m in marked.marks]
    assert [w for w, kind in words if kind is MarkKind.INSERTED] == inserted
    assert [w for w, kind in words if kind is MarkKind.STRUCK] == struck


TAGS = st.sampled_from([
    "Bill", "BillBody", "BillHeading", "BillSection", "BillSectionHeader", "TextRun", "P", "Value", "BillSectionNumber",
    "leg", "bdy", "bsec", "enact", "subsection", "display", "amend", "amendoutstart", "amendoutend", "repsec",
    "catline", "Body", "Identification", "Section", "Subsection", "Label", "Text", "AmendedText", "Ins",
    "ExplanatoryNote",
    "ExistingText", "MarginalNote", "akomaNtoso", "bill", "body", "section", "num", "heading", "content", "intro", "p",
    "level", "hcontainer", "quotedStructure", "mod", "inline", "eol", "MeasureDoc", "ActionLine", "Fragment", "Num",
    "Content", "Title", "html", "pre", "u", "s", "span", "td", "tr", "br", "em", "style",
])  # fmt: skip
ATTRIBUTES = st.sampled_from([
    "", ' amendingStyle="strike"', ' amendingStyle="add"', ' amendingStyle="strikemarkleft"', ' type="new"',
    ' ea="erase"', ' ea="amend"', ' sn="1"', ' level="2"', ' placement="sameline"', ' change="ins"',
    ' stage="first-reading-house"', ' class="para1"', ' name="schedule"', ' name="AppendText"', ' startQuote="“"',
    ' style-name="subsection_5f_insert"', ' action="IS_AMENDED"', ' action="IS_ADDED"', ' class="scstrike"',
    ' style="text-decoration: underline"', ' style="display:none"', ' class="statusCoverSheet"', ' id="document"',
])  # fmt: skip
WORDS = st.sampled_from([
    "1", "(a)", "1. (", "1) x", "Sec. 2. ", "SECTION 1. ", "is amended to read as follows:", "is repealed.", "[", "]",
    "((", "))", "[x]", "DUCKS SHALL SWIM.", "    3  ", "\n", "by adding ", "“", "”", "&#160;", "\ufdd0", "\ufdd3",
    "-\n", "<DELETED>", "be it enacted", "{+", "+}", "EXPLANATION--Matter in italics",
])  # fmt: skip


def _element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda tag, attributes, inner: f"<{tag}{attributes}>{''.join(inner)}</{tag}>", TAGS, ATTRIBUTES,
                     st.lists(children, max_size=5))  # fmt: skip


TREES = st.recursive(WORDS | st.text(max_size=5), _element, max_leaves=25)
FRAMES = st.sampled_from([
    "{}", '<Bill xmlns="http://leg.wa.gov/2012/document"><BillBody><BillSection>{}</BillSection></BillBody></Bill>',
    '<leg><bdy><bsec sn="1">{}</bsec></bdy></leg>', "<Bill><Identification/><Body><Section>{}</Section></Body></Bill>",
    "<akomaNtoso><bill><body>{}</body></bill></akomaNtoso>", "<MeasureDoc><Bill><BillSection>{}</BillSection></Bill>"
    "</MeasureDoc>", "<html><body>Section 1. A bill {}</body></html>", "<body><pre>A bill <u>{}</u></pre></body>",
])  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(TREES, FRAMES, st.sampled_from(["text/xml", "text/html", "text/plain"]), st.sampled_from(["", *TABLE]))
def test_whatever_the_page_and_whose_it_is_the_answer_is_sound(body: str, frame: str, kind: str, whose: str) -> None:
    try:
        text = read(frame.replace("{}", body).encode("utf-8", "surrogatepass"), kind, whose)
    except TextError:
        return
    check(text)
    assert not any(sign in text.text for sign in "\ufdd0\ufdd1\ufdd2\ufdd3")


@pytest.mark.parametrize("unit", [
    "(", "((", "[", "[x", "A B ", "<u>", "<u>x</u>\n", "1 x\n", "  1  x\n", "“", "for “x” ", "substitute ",
    "SEC. 1. x\n“", "is amended ", "is amended to ", "&nbsp;", "{+", "[-", "-\n", "<DELETED>", "x </u>",
    "CAPS AND MORE ",
    "Sec. 1. “x\n",
])  # fmt: skip
@pytest.mark.parametrize("whose", ["us-ny", "us-wa"])
def test_time_grows_with_the_length_of_the_text_and_not_faster(unit: str, whose: str) -> None:
    """Sixteen times the text may take sixteen times as long; three times that is a quarrel with the machine."""
    for kind, frame in (("text/plain", "{}"), ("text/html", "<html><body><pre>A bill <u>u</u> {}</pre></body></html>")):
        took = []
        for size in (4_000, 64_000):
            body = frame.replace("{}", unit * (size // len(unit))).encode()
            best = inf
            for _ in range(2):
                start = process_time()
                with suppress(TextError):
                    read(body, kind, whose)
                best = min(best, process_time() - start)
            took.append(best)
        assert took[1] < 48 * max(took[0], 0.002), (unit, kind, took)
