"""Marked text to HTML: nothing lost, nothing unescaped, every quote lit."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from tracker.model import Effect, Flag, Mark, MarkedText, MarkKind, Provision, Topic
from tracker.web.excerpts import anchors, blocks, excerpt, mark_up, merge

TAG = re.compile(r"</?(?:ins|del|mark)>")


def plain(markup: str) -> str:
    return html.unescape(TAG.sub("", markup))


def flag(start: int, end: int, text: str, provision: str = "Sec. 1") -> Flag:
    return Flag(Topic.CRIMINALIZATION, Effect.ADVANCES, provision, start, end, text[start:end], "r", "1", 1.0)


def test_hostile_text_is_escaped_inside_every_tag():
    text = 'a <script>alert("x")</script> & b'
    out = mark_up(text, 0, len(text), [Mark(MarkKind.INSERTED, 2, 10)], [(4, 20)])
    assert "<script" not in out and plain(out) == text


def test_a_quote_that_begins_in_struck_and_ends_in_inserted_words_nests_properly():
    text = "shall may not"
    out = mark_up(text, 0, len(text), [Mark(MarkKind.STRUCK, 0, 5), Mark(MarkKind.INSERTED, 6, 9)], [(3, 8)])
    assert out == ("<del>sha</del><mark><del>ll</del></mark><mark> </mark><mark><ins>ma</ins></mark><ins>y</ins> not")


@given(st.text(max_size=80), st.lists(st.integers(0, 80), max_size=8), st.lists(st.integers(0, 80), max_size=8))
def test_no_character_is_lost_or_added_whatever_the_spans(text, mark_edges, quote_edges):
    def spans(edges):
        inside = sorted({min(e, len(text)) for e in edges})
        return list(zip(inside[::2], inside[1::2], strict=False))

    marks = [Mark(MarkKind.STRUCK if i % 2 else MarkKind.INSERTED, a, b) for i, (a, b) in enumerate(spans(mark_edges))]
    out = mark_up(text, 0, len(text), marks, spans(quote_edges))
    assert plain(out) == text
    assert "".join(plain(m) for m in re.findall(r"<mark>(.*?)</mark>", out, re.S)) == "".join(
        text[a:b] for a, b in merge(spans(quote_edges)))


def test_an_excerpt_stays_inside_its_provision_and_cuts_between_words():
    text = "First part is long. " * 30 + "Whoever sells shall be fined. " + "Last part goes on. " * 30
    start = text.index("shall be fined")
    marked = MarkedText(text, (), (Provision("Sec. 1", "1", "Fines", "section", 20, len(text)),))
    got = excerpt(marked, flag(start, start + 14, text), context=40)
    assert "<mark>shall be fined</mark>" in got.html and got.cut_before and got.cut_after
    assert not plain(got.html)[0].isspace() and plain(got.html) in text and got.heading == "Fines"
    assert re.match(r"\w+", plain(got.html)).group() in text.split()


def test_the_blocks_of_a_text_join_to_the_text_and_anchors_are_unique():
    text = "Preface. Sec. 1. A thing. (a) Sub one. (a) Sub two. End."
    one, a1, a2 = text.index("Sec."), text.index("(a)"), text.rindex("(a)")
    provisions = (Provision("Sec. 1", "1", None, "section", one, len(text)),
                  Provision("Sec. 1(a)", "(a)", None, "subsection", a1, a2, 0),
                  Provision("sec 1 A", "(a)", None, "subsection", a2, len(text), 0))
    marked = MarkedText(text, (Mark(MarkKind.INSERTED, one - 3, a1 + 4),), provisions)
    parts = blocks(marked, [flag(a1 + 4, a1 + 11, text, "Sec. 1(a)")])
    assert "".join(plain(b.html) for b in parts) == text
    assert [b.depth for b in parts] == [0, 0, 1, 1]
    assert anchors(marked) == ["sec-1", "sec-1-a", "sec-1-a--2"] and len({b.anchor for b in parts}) == len(parts)
    assert [len(b.flags) for b in parts] == [0, 0, 1, 0]


def test_a_text_without_provisions_is_one_block():
    parts = blocks(MarkedText("Be it enacted."), [])
    assert [plain(b.html) for b in parts] == ["Be it enacted."]
