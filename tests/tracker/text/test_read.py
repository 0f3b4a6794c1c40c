"""Bytes of every format to marked text: words, marks and provisions, or one TextError; never anything else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text import read

BILL = """<?xml version="1.0"?>
<!DOCTYPE bill PUBLIC "-//US Congress//DTDs/bill.dtd//EN" "bill.dtd">
<bill><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dublinCore><dc:title>Machine words</dc:title></dublinCore>
</metadata><form><legis-num>H. R. 99999</legis-num><official-title>To count ducks &amp; geese.</official-title></form>
<legis-body><section section-type="section-one"><enum>1.</enum><header>Short title</header>
<text>This Act may be cited as the <quote><short-title>Duck Act</short-title></quote>.</text></section>
<section><enum>2.</enum><header>Counting</header><subsection><enum>(a)</enum><header>In general</header>
<text>Section 5 of the Pond Act (99 U.S.C. 5) is amended&#8212;</text>
<paragraph><enum>(1)</enum>
<text>by striking <quote>goose</quote> and inserting <quote>duck</quote>; and</text></paragraph>
<paragraph><enum>(2)</enum><text>by adding at the end the following:</text>
<quoted-block><subsection><enum>(f)</enum><text>No duck counts twice.</text></subsection>
<after-quoted-block>.</after-quoted-block></quoted-block></paragraph></subsection>
<subsection><enum>(b)</enum><text>Ponds&nbsp;&mdash; all of them.</text></subsection></section></legis-body></bill>"""

USLM = """<bill xmlns="http://schemas.gpo.gov/xml/uslm" xmlns:dc="http://purl.org/dc/elements/1.1/">
<meta><dc:title>Machine words</dc:title></meta><main><section><num value="1">SECTION 1. </num><heading>DUCKS.</heading>
<content>Each <deletedText>goose</deletedText> <addedText>duck</addedText> counts.</content></section>
<section changed="deleted"><num value="2">SEC. 2. </num><heading>GEESE.</heading><content>Geese.</content></section>
<section><num value="3">SEC. 3. </num><heading>PONDS.</heading>
<subsection><num value="a">(a) </num><content>The Pond Act is amended by adding the following:
<quotedContent><paragraph><num value="9">“(9) </num><content>ducks.”.</content></paragraph></quotedContent></content>
</subsection></section></main></bill>"""

HTM = """<html><body><pre>
[Congressional Bills 199th Congress]

                               H. R. 99999

  To count ducks.

    Be it enacted,

SECTION 1. SHORT TITLE.

    This Act may be cited as the ``Duck Act''.

SEC. 2. COUNTING.

    (a) In General.--Section 5 of the Pond Act is amended by striking
``goose'' and inserting ``duck''.
    (b) Addition.--Such Act is amended by adding at the end the
following:
    ``(f) No duck counts twice.''.

[[Page 2]]

    (c) Ponds.--All of
them.
</pre></body></html>"""


def paths(text: MarkedText) -> list[str]:
    return [p.path for p in text.provisions]


def marked(text: MarkedText, kind: MarkKind) -> list[str]:
    return [text.text[m.start : m.end] for m in text.marks if m.kind is kind]


def test_bill_xml_reads_like_the_printed_bill() -> None:
    text = read(BILL.encode(), "text/xml")
    assert "Machine words" not in text.text
    assert "To count ducks & geese." in text.text
    assert "SECTION 1. SHORT TITLE.\nThis Act may be cited as the “Duck Act”." in text.text
    assert "SEC. 2. COUNTING.\n(a) In general.—Section 5" in text.text
    assert "“(f) No duck counts twice.”." in text.text
    assert "Ponds — all of them." in text.text


def test_bill_xml_gives_provisions_by_its_structure() -> None:
    assert paths(read(BILL.encode(), "text/xml")) == [
        "Preamble", "Sec. 1", "Sec. 2", "Sec. 2(a)", "Sec. 2(a)(1)", "Sec. 2(a)(2)", "Sec. 2(b)"]  # fmt: skip


def test_quoted_law_is_inserted_and_struck_words_are_struck() -> None:
    text = read(BILL.encode(), "text/xml")
    assert marked(text, MarkKind.STRUCK) == ["goose"]
    assert marked(text, MarkKind.INSERTED) == ["duck", "“(f) No duck counts twice.”"]


def test_uslm_keeps_both_texts_of_a_reported_bill_apart() -> None:
    text = read(USLM.encode(), "application/xml")
    assert paths(text) == ["Sec. 1", "Sec. 2", "Sec. 3", "Sec. 3(a)"]
    assert marked(text, MarkKind.STRUCK) == ["goose", "SEC. 2. GEESE.\nGeese."]
    inserted = marked(text, MarkKind.INSERTED)
    assert inserted[0] == "duck" and inserted[1].startswith("“(9) ducks")


def test_htm_is_joined_to_paragraphs_and_cut_at_headings() -> None:
    text = read(HTM.encode(), "text/html; charset=utf-8")
    assert paths(text) == ["Preamble", "Sec. 1", "Sec. 2", "Sec. 2(a)", "Sec. 2(b)", "Sec. 2(c)"]
    assert "(c) Ponds.--All of them." in text.text
    assert "Page 2" not in text.text
    assert marked(text, MarkKind.STRUCK) == ["goose"]
    assert marked(text, MarkKind.INSERTED) == ["duck", "``(f) No duck counts twice.''."]


def test_a_redline_in_html_is_marks() -> None:
    page = ("<html><body><p>Section 1. A person <del>shall</del> <ins>may</ins> keep "
            "<span style='text-decoration: line-through'>geese</span> <u>ducks</u>.</p></body></html>")  # fmt: skip
    text = read(page.encode(), "text/html")
    assert marked(text, MarkKind.STRUCK) == ["shall", "geese"]
    assert marked(text, MarkKind.INSERTED) == ["may", "ducks"]


def test_washington_marks_struck_words_by_double_parentheses() -> None:
    text = read(b"Sec. 1. A person ((shall (always) pay)) may pay.", "text/plain")
    assert marked(text, MarkKind.STRUCK) == ["((shall (always) pay))"]


@pytest.mark.parametrize("encode", [
    lambda s: s.encode("utf-8"), lambda s: s.encode("utf-8-sig"), lambda s: s.encode("utf-16"),
    lambda s: s.encode("utf-16-le"), lambda s: s.encode("utf-16-be"), lambda s: s.encode("cp1252"),
    lambda s: s.encode("utf-8").replace(b"geese", b"ge\x00ese"),
    lambda s: s.encode("utf-8").replace(b"geese", b"g\x1feese"),
])  # fmt: skip
def test_wrong_encodings_and_control_bytes_survive(encode: object) -> None:
    text = read(encode(BILL.replace("Duck Act", "Duck’s Act")), "text/xml")  # type: ignore[operator]
    assert "Duck’s Act" in text.text and "geese" in text.text
    assert "\x00" not in text.text


@pytest.mark.parametrize(("body", "media_type", "words"), [
    (BILL[: len(BILL) // 2].encode(), "text/xml", "well-formed"),
    (b'<!DOCTYPE bill [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><bill>&b;</bill>', "text/xml", "ENTITY"),
    (b'<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/hostname">]><bill>&x;</bill>', "text/xml", "ENTITY"),
    (b"<billStatus><bill/></billStatus>", "text/xml", "billStatus"),
    (b"<bill></bill>", "text/xml", "without any"),
    (b"", "text/xml", "well-formed"), (b"", "text/html", "got"), (b" \n", "text/plain", "without any"),
    (b"%PDF-1.7", "application/pdf", "%%EOF"), (b"PK", "application/msword", "application/msword"),
    (b"<html><head><title>Just a moment...</title></head><body>Just a moment... section 1</body></html>", "text/html",
     "Just a moment"),
    (b"<html><body><h1>Welcome</h1><p>to our site about ducks</p></body></html>", "text/html", "enacting"),
    (b"<html><body>A bill. Access Denied. You don't have permission.</body></html>", "text/html", "Access Denied"),
    (("<bill>" + "<section>" * 5000 + "x" + "</section>" * 5000 + "</bill>").encode(), "text/xml", "expected"),
])  # fmt: skip
def test_what_is_no_bill_text_is_a_text_error_that_says_what_came(body: bytes, media_type: str, words: str) -> None:
    with pytest.raises(TextError, match=words):
        read(body, media_type)


TAGS = st.sampled_from([
    "bill", "section", "subsection", "paragraph", "enum", "header", "text", "quote", "quoted-block", "form", "title",
    "whereas", "toc", "b", "p", "pre", "del", "ins", "table", "tr", "td", "html", "body",
])  # fmt: skip
WORDS = st.sampled_from([
    "(a)", "(i)", "1.", "SEC. 2.", "by striking “x” and inserting “y”", "following:", "“", "”", "''", "``", "&nbsp;",
    "&#0;", "&", "<", "((", "))", "\x00", "ducks", "\n", " ", "İ", "\u2028", "\x85",
])  # fmt: skip
LEAF = WORDS | st.text(max_size=6)


def _element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda tag, inner, changed: f"<{tag}{changed}>{''.join(inner)}</{tag}>", TAGS,
                     st.lists(children, max_size=5),
                     st.sampled_from(["", ' changed="added"', ' changed="deleted"']))  # fmt: skip


TREES = st.recursive(LEAF, _element, max_leaves=25)
KINDS = st.sampled_from(["text/xml", "text/html", "text/plain", "nonsense"])


def check(text: MarkedText) -> None:
    size, last = len(text.text), 0
    assert text.text and "\x00" not in text.text
    for mark in text.marks:
        assert last <= mark.start < mark.end <= size
        last = mark.end
    assert len({p.path for p in text.provisions}) == len(text.provisions)
    for index, p in enumerate(text.provisions):
        assert 0 <= p.start <= p.end <= size
        if p.parent is not None:
            parent = text.provisions[p.parent]
            assert p.parent < index and parent.start <= p.start and p.end <= parent.end


@settings(max_examples=300, deadline=None)
@given(TREES | st.text(), KINDS, st.sampled_from(["<bill>{}</bill>", "{}", "<html><pre>A bill {}</pre></html>"]))
def test_any_document_is_a_sound_marked_text_or_a_text_error(body: str, kind: str, frame: str) -> None:
    try:
        text = read(frame.replace("{}", body).encode("utf-8", "surrogatepass"), kind)
    except TextError:
        return
    check(text)


@settings(max_examples=200, deadline=None)
@given(st.binary(), KINDS)
def test_any_bytes_are_a_sound_marked_text_or_a_text_error(body: bytes, kind: str) -> None:
    try:
        check(read(body, kind))
    except TextError:
        return


@pytest.mark.parametrize("one", ['a{}="x" ', "a{} ", 'a{}=">"', "a{}='>' ", "a{} = x\n"])
def test_a_tag_with_attributes_without_end_is_refused_before_it_is_parsed(one: str) -> None:
    """The parser's time grows with their square."""
    tag = "".join(one.format(n) for n in range(501))
    with pytest.raises(TextError, match="attributes"):
        read(f"<html><body><p>Be it enacted</p><p {tag}>Section 1. Words.</p></body></html>".encode(), "text/html")


def test_a_tag_with_many_attributes_and_angles_in_prose_are_read() -> None:
    tag = " ".join(f'a{n}="1 > 0"' for n in range(500))
    page = f"<html><body><p {tag}>Be it enacted: if a < b or b> c, Section 1 is amended.</p></body></html>"
    assert "Section 1 is amended" in read(page.encode(), "text/html").text


def test_equal_bytes_give_equal_text() -> None:
    assert read(BILL.encode(), "text/xml") == read(BILL.encode(), "text/xml")
