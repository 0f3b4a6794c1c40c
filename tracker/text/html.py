"""HTML pages to marked text: GPO's <pre>, XHTML renditions and redlines; <ins>, <del>, <u>, <s> become marks."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from lxml import etree

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text import plain
from tracker.text.marks import INLINE, Span

_PRE = re.compile(r"<pre\b[^>]{0,200}>(.*?)(?:</pre>|\Z)", re.S | re.I)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,400}>")
_REDLINE = re.compile(r"<(?:ins|del|u|s|strike)\b|line-through|underline", re.I)

_SKIPPED = frozenset(("script", "style", "head", "nav", "noscript", "template", "iframe", "object", "select", "button"))
_BLOCKS = frozenset((
    "p", "div", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "tr", "table", "br", "hr",
    "blockquote", "pre", "center", "dd", "dt", "dl", "header", "footer", "main", "body",
))  # fmt: skip
_INSERTS = frozenset(("ins", "u"))
_STRIKES = frozenset(("del", "s", "strike"))
_STRIKE_STYLE = re.compile(r"line-through|strike|amendDelete|deleted", re.I)
_INSERT_STYLE = re.compile(r"text-decoration[^;]{0,30}underline|amendAdd|inserted", re.I)

# What a page that is not a bill says of itself.
_REFUSALS = re.compile(
    r"just a moment|access denied|request unsuccessful|attention required|enable javascript|captcha|"
    r"page (?:was |could )?not (?:be )?found|404 not found|403 forbidden|service unavailable|too many requests|"
    r"are you (?:a )?(?:human|robot)|unusual traffic|error occurred|temporarily unavailable", re.I)  # fmt: skip
_BILL = re.compile(r"\bbe it (?:further )?enacted|\bresolved\b|\bsec(?:tion|\.)\s{0,3}\d|\ban act\b|\ba bill\b|"
                   r"\bresolution\b|\benacts? as follows|\bamended\b", re.I)  # fmt: skip


def read(document: str) -> MarkedText:
    body = _PRE.search(document)
    if body and not _REDLINE.search(body[1]):
        marked = plain.finish(plain.reflow(unescape(_TAG.sub("", body[1])).replace("\x00", "")))
    else:
        marked = _read_page(document)
    judge(marked.text)
    return marked


def judge(text: str) -> None:
    """Raises TextError for a challenge, an error page, or a page without the words that every bill has."""
    if len(text) < 6000 and (refusal := _REFUSALS.search(text)):
        raise TextError(f"expected the text of a bill; got a page that says {refusal[0]!r}")
    if not _BILL.search(text):
        raise TextError("expected the text of a bill; got a page without an enacting or resolving word or a section")


def _read_page(document: str) -> MarkedText:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(document.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as wrong:
        raise TextError(f"expected an HTML page; got {str(wrong)[:120]}") from None
    if root is None:
        raise TextError("expected an HTML page; got nothing")
    return plain.finish(*_Lines().read(root))


class _Lines:
    """Walks a page without recursion, so that no nesting is too deep, and keeps one line a block."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.blank = False
        self.fresh = True

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
                if name in _SKIPPED:
                    skipping = element
                    continue
                if name in _BLOCKS:
                    self.line()
                kind = _kind(element, name)
                if kind is not None:
                    starts.append((element, kind, self.length))
                self.write(element.text)
            else:
                if starts and starts[-1][0] is element:
                    _, kind, start = starts.pop()
                    if self.length > start:
                        spans.append((start, self.length, kind, INLINE))
                if name in _BLOCKS:
                    self.line()
                elif name in ("td", "th"):
                    self.blank = True
                self.write(element.tail)
        return "".join(self.parts).removesuffix("\n"), spans

    def write(self, chunk: str | None) -> None:
        if not chunk:
            return
        words = chunk.split()
        if not words:
            self.blank = True
            return
        text = " ".join(words)
        if not self.fresh and (self.blank or chunk[0].isspace()):
            text = " " + text
        self.parts.append(text)
        self.length += len(text)
        self.blank = chunk[-1].isspace()
        self.fresh = False

    def line(self) -> None:
        if not self.fresh:
            self.parts.append("\n")
            self.length += 1
        self.fresh, self.blank = True, False


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _kind(element: Any, name: str) -> MarkKind | None:
    if name in _STRIKES:
        return MarkKind.STRUCK
    if name in _INSERTS:
        return MarkKind.INSERTED
    if name in ("span", "font", "p", "td", "div"):
        look = f"{element.get('style') or ''} {element.get('class') or ''}"
        if look != " ":
            if _STRIKE_STYLE.search(look):
                return MarkKind.STRUCK
            if _INSERT_STYLE.search(look):
                return MarkKind.INSERTED
    return None
