"""HTML pages to marked text: GPO's <pre>, XHTML renditions, and redlines by tag, class or style."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from lxml import etree

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text import plain
from tracker.text.conventions import Convention, convention_of
from tracker.text.marks import INLINE, Span
from tracker.text.printed import CLOSE, OPEN, lift, reflow
from tracker.text.styles import Looks

_PRE = re.compile(r"<pre\b[^>]{0,200}>(.*?)(?:</pre>|\Z)", re.S | re.I)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,400}>")
_BODY = re.compile(r"<body", re.I)
_REDLINE = re.compile(r"<(?:ins|del|u|s|strike)\b|line-through|underline", re.I)

_SKIPPED = frozenset(("script", "style", "head", "nav", "noscript", "template", "iframe", "object", "select", "button"))
_BLOCKS = frozenset((
    "p", "div", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "tr", "table", "br", "hr",
    "blockquote", "pre", "center", "dd", "dt", "dl", "header", "footer", "main", "body",
))  # fmt: skip
_VOID = frozenset(("br", "hr", "img", "meta", "link", "input", "basefont", "col", "wbr", "font", "p"))
_OPENING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,12})\b([^<>]{0,400})>")
_CLASS = re.compile(r"""class\s{0,3}=\s{0,3}["']?([^"'>]{1,100})""", re.I)
_STYLE = re.compile(r"""style\s{0,3}=\s{0,3}(?:"([^"]{1,200})"|'([^']{1,200})')""", re.I)
# Texas prints a table row a line; its <meta name="PGLN"> counts them. A row that is indented begins a paragraph.
_ROW_A_LINE = 'name="PGLN"'
_INDENT = re.compile("[ \t\n]{0,40}\xa0{2,}")
# Underlined for the eye: labels of the drafting office, and all that stands before the enacting words.
_LABELS = re.compile(r"[\s\[]*(?:NEW SECTION|NEW MATERIAL|Indicates (?:Matter Stricken|New Matter)|italics|"
                     r"bracketed material|underscored material)[\s.\]]*")  # fmt: skip
_ENACTING = re.compile(r"\bbe it (?:hereby )?enacted[^:\n]{0,120}|do enact as follows|\bof michigan enact\b", re.I)
TITLE = 40_000  # characters within which the enacting words stand
# A memorandum or vote that a page prints after the bill.
_NOT_THE_BILL = re.compile(r"\s*(?:<[^<>]{0,80}>|&nbsp;?|\s){0,40}(?:BILL NUMBER:|SENATE VOTE|ASSEMBLY VOTE)")

# libxml2 compares each attribute of a tag with all others of it: 200,000 of them, two megabytes, take minutes.
MOST_ATTRIBUTES = 500
_ENDLESS = re.compile(
    rf"""<[a-zA-Z][^\s/<>]*+(?=[\s/])(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+)"""
    rf"""{{{MOST_ATTRIBUTES + 1}}}""")

# What a page that is not a bill says of itself.
_REFUSALS = re.compile(
    r"just a moment|access denied|request unsuccessful|attention required|enable javascript|captcha|"
    r"page (?:was |could )?not (?:be )?found|404 not found|403 forbidden|service unavailable|too many requests|"
    r"are you (?:a )?(?:human|robot)|unusual traffic|error occurred|temporarily unavailable", re.I)  # fmt: skip
_BILL = re.compile(r"\bbe it (?:further )?enacted|\bresolved\b|\bsec(?:tion|\.)\s{0,3}\d|\ban act\b|\ba bill\b|"
                   r"\bresolution\b|\benacts? as follows|\bamended\b", re.I)  # fmt: skip


def read(document: str, jurisdiction: str = "") -> MarkedText:
    own = convention_of(jurisdiction)
    body = _PRE.search(document)
    if body and not _REDLINE.search(body[1]) and not own.brackets:
        marked = plain.read(unescape(_TAG.sub("", body[1])).replace("\x00", ""), jurisdiction)
    elif body and (own.pre or _is_printed(document)):
        marked = _read_print(document, own, jurisdiction)
    else:
        marked = _read_page(document, own, jurisdiction)
    judge(marked.text)
    return marked


def _is_printed(document: str) -> bool:
    """Most of the page's words stand in <pre>: lines as printed, whatever is marked in them."""
    inside = sum(len(m[1]) for m in _PRE.finditer(document))
    begins = _BODY.search(document)
    return 2 * inside > len(document) - (begins.start() if begins is not None else 0)


def _read_print(document: str, own: Convention, jurisdiction: str) -> MarkedText:
    looks = Looks(document, own)
    pages = [m[1] for m in _PRE.finditer(document) if not _NOT_THE_BILL.match(m[1])]
    signed = unescape("\n".join(_signed(page, looks) for page in pages)).replace("\x00", "")
    text, spans = lift(reflow(signed, hyphens=own.hyphens))
    return plain.finish(text, _of_the_law(text, spans), jurisdiction)


def _signed(page: str, looks: Looks) -> str:
    """Tags to signs where they mark words, and to nothing where they do not."""
    parts: list[str] = []
    opened: list[tuple[str, MarkKind | None]] = []
    at = 0
    for m in _OPENING.finditer(page):
        parts.append(page[at : m.start()])
        at = m.end()
        name = m[2].lower()
        if name in _VOID:
            parts.append("\n" if name == "br" else "")
        elif m[1]:
            while opened and any(kept == name for kept, _ in opened[-8:]):
                kept, kind = opened.pop()
                parts.append(CLOSE[kind] if kind is not None else "")
                if kept == name:
                    break
        else:
            kind = looks.of(name, _attributes(m[3])).mark
            opened.append((name, kind))
            parts.append(OPEN[kind] if kind is not None else "")
    parts.append(page[at:])
    return _TAG.sub("", "".join(parts))


def _attributes(raw: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if m := _CLASS.search(raw):
        found["class"] = m[1]
    if m := _STYLE.search(raw):
        found["style"] = m[1] or m[2]
    return found


def _of_the_law(text: str, spans: list[Span]) -> list[Span]:
    """Without what is underlined for the eye; struck words take the brackets that they stand in along."""
    title = _ENACTING.search(text, 0, TITLE)
    begins = title.end() if title is not None else 0
    kept: list[Span] = []
    for start, end, kind, weight in spans:
        if end <= begins + 2 or _LABELS.fullmatch(text[start : min(end, start + 60)]):
            continue
        if kept and kept[-1][2] is kind and start >= kept[-1][1] and not text[kept[-1][1] : start].strip():
            start = kept.pop()[0]  # one passage, marked line by line
        kept.append((start, end, kind, weight))
    return [_with_brackets(text, span) if span[2] is MarkKind.STRUCK else span for span in kept]


def _with_brackets(text: str, span: Span) -> Span:
    start, end, kind, weight = span
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    held = start > 0 and text[start - 1] == "[" and text.startswith("]", end)
    return (start - 1, end + 1, kind, weight) if held else span


def judge(text: str) -> None:
    """Raises TextError for a challenge, an error page, or a page without the words that every bill has."""
    if len(text) < 6000 and (refusal := _REFUSALS.search(text)):
        raise TextError(f"expected the text of a bill; got a page that says {refusal[0]!r}")
    if not _BILL.search(text):
        raise TextError("expected the text of a bill; got a page without an enacting or resolving word or a section")


def _read_page(document: str, own: Convention, jurisdiction: str) -> MarkedText:
    if _ENDLESS.search(document):
        raise TextError(f"expected tags of a page; got one with more than {MOST_ATTRIBUTES} attributes")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(document.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as wrong:
        raise TextError(f"expected an HTML page; got {str(wrong)[:120]}") from None
    if root is None:
        raise TextError("expected an HTML page; got nothing")
    if own.body:
        root = next((e for e in root.iter(etree.Element) if e.get("id") == own.body), root)
    text, spans = _Lines(Looks(document, own), rows=_ROW_A_LINE in document).read(root)
    return plain.finish(text, _of_the_law(text, spans), jurisdiction)


class _Lines:
    """Walks a page without recursion, so that no nesting is too deep, and keeps one line a block."""

    def __init__(self, looks: Looks, rows: bool) -> None:
        self.looks = looks
        self.rows = rows  # one line a table row: rows are joined to paragraphs
        self.parts: list[str] = []
        self.length = 0
        self.blank = False
        self.fresh = True
        self.broken = False  # a row ended; what follows may go on in its line

    def read(self, root: Any) -> tuple[str, list[Span]]:
        spans: list[Span] = []
        starts: list[tuple[Any, MarkKind, int]] = []
        skipping: Any = None
        for event, element in etree.iterwalk(root, events=("start", "end")):
            if skipping is not None:
                if event == "end" and element is skipping:
                    skipping = None
                    self.write(element.tail)
                continue
            name = _name(element)
            if event == "start":
                look = self.looks.of(name, element.attrib)
                if name in _SKIPPED or look.hidden:
                    skipping = element
                    continue
                if name == "br" and self.looks.is_soft(element.attrib):
                    self.blank = True
                elif name in _BLOCKS:
                    self.line(name)
                if look.mark is not None:
                    starts.append((element, look.mark, self.length))
                self.write(element.text)
            else:
                if starts and starts[-1][0] is element:
                    _, kind, start = starts.pop()
                    if self.length > start:
                        spans.append((start, self.length, kind, INLINE))
                if name in _BLOCKS and name != "br":
                    self.line(name)
                elif name in ("td", "th"):
                    self.blank = True
                if element is not root:
                    self.write(element.tail)
        return "".join(self.parts).removesuffix("\n"), spans

    def write(self, chunk: str | None) -> None:
        if not chunk:
            return
        words = chunk.split()
        if not words:
            if self.broken and _INDENT.match(chunk):
                self.line()
            self.blank = True
            return
        if self.broken:
            self.broken = False
            self.blank = _INDENT.match(chunk) is None
            if not self.blank:
                self.line()
            elif self.parts and self.parts[-1].endswith("-") and words[0][0].islower():
                self.blank = False
                chunk = chunk.lstrip()
        text = " ".join(words)
        if not self.fresh and (self.blank or chunk[0].isspace()):
            text = " " + text
        self.parts.append(text)
        self.length += len(text)
        self.blank = chunk[-1].isspace()
        self.fresh = False

    def line(self, name: str = "") -> None:
        if self.rows and name == "tr" and not self.fresh:
            self.broken = True
            return
        if not self.fresh:
            self.parts.append("\n")
            self.length += 1
        self.fresh, self.blank, self.broken = True, False, False


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
