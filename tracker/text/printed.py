"""Lines as a legislature prints them (wrapped, numbered, with page furniture) to paragraphs, marks carried along."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracker.model import MarkKind
from tracker.text.marks import INLINE, Span

# Where marked words begin and end, while lines are joined: noncharacters, which `encoding` lets no document hold.
OPEN = {MarkKind.INSERTED: "\ufdd0", MarkKind.STRUCK: "\ufdd2"}
CLOSE = {MarkKind.INSERTED: "\ufdd1", MarkKind.STRUCK: "\ufdd3"}
_SIGN = re.compile("[\ufdd0-\ufdd3]")
_SIGNED_BLANK = re.compile("^([\ufdd0-\ufdd3]+) ")

# GPO's page breaks, rules and end marks; line numbers alone on a line; New York's and Florida's page furniture.
_FURNITURE = re.compile(
    r"^(?:\[\[Page [^\]\n]{1,40}\]\]|<(?:DOC|all)>|_{5,}|={5,}|-{20,}|\d{1,3}|[ivx]{1,5}|\x0c+|"
    r"[SA]\. ?\d{1,5}(?:-{1,2}[A-Z])? {1,90}\d{1,4}(?: {1,90}[SA]\. ?\d{1,5}(?:-{1,2}[A-Z])?)?|LBD\d{5}-\d{2}-\d|"
    r"\d{1,4} {1,90}[SA]\. ?\d{1,5}(?:-{1,2}[A-Z])?|"
    r"EXPLANATION-{1,3}Matter in .{0,80}|\[ {0,3}\] is old law to be omitted\.?|"
    r"Page \d{1,4} of \d{1,4}|CODING: ?Words (?:stricken|struck).{0,90}|[hs]b\d{1,4}[a-z]?-\d{2}(?:-[a-z]?\w{0,3})?)$"
)
_FIRST = frozenset("[<_=-0123456789ivx\x0cSALEPChs")  # with which furniture begins
_STARTS = re.compile(r"(?:[“\"`]{0,2}|'{0,2})(?:\([0-9A-Za-z]{1,5}\)|(?:SEC\.|SECTION|Sec\.|Section)\s+\d|§|"
                     r"NEW SECTION|TITLE [IVX]+)")  # fmt: skip
_NUMBERED = re.compile(r"^[ \t]{0,12}(\d{1,4})(?=[ \t]|$)")
_INDENTED = re.compile(r"^[ \t]{0,12}\d{1,4} {4,}\S", re.M)
_TENS = re.compile(r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-$", re.I)  # keep their hyphen
SAMPLE, FEWEST = 20_000, 5  # characters looked at, and numbered lines among them, before a text counts as numbered


def reflow(document: str, *, hyphens: bool = False) -> str:
    """Join wrapped lines: a paragraph starts after an empty line, at an enumerator, or where the indent grows.

    `hyphens`: the printer breaks words at the end of a line; else a hyphen there belongs to a compound.
    """
    lines = document.replace("\r\n", "\n").replace("\r", "\n").expandtabs().split("\n")
    indented = False  # a numbered print whose indents say where paragraphs begin
    if _looks_numbered(document):
        indented = _INDENTED.search(document, 0, SAMPLE) is not None
        lines = list(_without_numbers(lines))
    signs = _SIGN.search(document) is not None
    paragraphs: list[list[str]] = []
    fresh, indent, body = True, 0, len(document)  # body: where lines that go on begin; not yet known
    for raw in lines:
        line = " ".join(raw.split())
        bare = line
        if signs:
            line = _SIGNED_BLANK.sub(r"\1", line)
            bare = _SIGN.sub("", line).strip()
        if not bare or (bare[0] in _FIRST and _FURNITURE.match(bare)):
            fresh = fresh or not bare
            if signs and paragraphs and bare != line:
                paragraphs[-1].append("".join(_SIGN.findall(line)))
            continue
        depth = len(raw) - len(raw.lstrip(" \ufdd0\ufdd1\ufdd2\ufdd3"))
        deeper = depth > indent + 1 or (indented and depth == indent > body + 1)  # the second: after a single line
        if fresh or not paragraphs or deeper or _STARTS.match(bare):
            paragraphs.append([line])
        else:
            _join(paragraphs[-1], line, bare, hyphens)
            body = depth
        fresh, indent = False, depth
    return "\n".join("".join(pieces) for pieces in paragraphs)


def _join(pieces: list[str], line: str, bare: str, hyphens: bool) -> None:
    last = pieces[-1][-12:]
    if "-" not in last and "‑" not in last:
        pieces.append(" " + line)
        return
    last = _SIGN.sub("", last)
    goes_on = bare[:1].islower() or (hyphens and bare[:1].isupper() and last[-2:-1].isupper())
    if last.endswith(("-", "‑")) and not last.endswith("--") and goes_on:
        if hyphens and last[-2:-1].isalpha() and not _TENS.search(last):
            at = pieces[-1].rfind("-")
            pieces[-1] = pieces[-1][:at] + pieces[-1][at + 1 :]
        pieces.append(line)
    else:
        pieces.append(" " + line)


def _looks_numbered(document: str) -> bool:
    found = 0
    for line in document[:SAMPLE].split("\n"):
        found += _NUMBERED.match(line) is not None
        if found >= FEWEST:
            return True
    return False


def _without_numbers(lines: list[str]) -> Iterator[str]:
    """A number that follows the one before it, or begins a page, is the line's; its place stays blank."""
    numbers = [m for line in lines if (m := _NUMBERED.match(line))]
    runs, last = 0, 0
    for m in numbers:
        runs += int(m[1]) == last + 1
        last = int(m[1])
    if runs < FEWEST or 2 * runs < len(numbers):
        yield from lines
        return
    last = 0
    for line in lines:
        m = _NUMBERED.match(line)
        if m is not None and int(m[1]) in (last + 1, 1):
            last = int(m[1])
            yield " " * m.end() + line[m.end() :]
        else:
            yield line


def lift(text: str) -> tuple[str, list[Span]]:
    """Text with signs -> text without them, and the spans that they marked. An unclosed one runs to the end."""
    if _SIGN.search(text) is None:
        return text, []
    parts: list[str] = []
    spans: list[Span] = []
    opened: dict[MarkKind, int] = {}
    at = size = 0
    for m in _SIGN.finditer(text):
        parts.append(text[at : m.start()])
        size += m.start() - at
        at = m.end()
        for kind in MarkKind:
            if m[0] == OPEN[kind]:
                opened.setdefault(kind, size)
            elif m[0] == CLOSE[kind] and kind in opened:
                spans.append((opened.pop(kind), size, kind, INLINE))
    parts.append(text[at:])
    size += len(text) - at
    spans += [(start, size, kind, INLINE) for kind, start in opened.items()]
    return "".join(parts), [span for span in spans if span[1] > span[0]]
