"""Plain lines to provisions: a small state machine reads the "SEC. 3." and "(a)" that start lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace

from tracker.model import Provision
from tracker.text.paths import CONTAINERS, Paths, label

# Printed headings stand in capitals. Where a text has none, the mixed-case and then the bare forms count; so the
# entries of a table of contents ("Sec. 3. Short title.") make no second section.
_OPENING = r"[ \t\ufeff]*(?:NEW SECTION\.[ \t\xa0Â]*)?"  # Â: a no-break space that was decoded wrongly
_MIXED = r"(?:Section|Sec\.|Enacting section|§+|S(?= \d+\. )|Art(?:icle|\.))"  # "S 2.": New York's § before 2017
_STYLES = (
    re.compile(rf"^{_OPENING}(?:SECTION|SEC\.)[ \t\xa0]*(\d[\w.:\-–]*)[.:]?(?=[\s\]]|$)", re.M),
    re.compile(rf"^{_OPENING}{_MIXED}[ \t\xa0]*(\d[\w.:\-–]*[.:])(?=\s|$)", re.M),
    re.compile(r"^[ \t]*(\d{1,3}\.)(?=[ \t]+(?:[A-Z(“\"]|[a-z]\.[ \t]))", re.M),
)
_CONTAINER = re.compile(r"^[ \t]*(DIVISION|TITLE|SUBTITLE|CHAPTER|SUBCHAPTER|PART|SUBPART)[ \t]+"
                        r"([IVXLC]{1,7}|[A-Z]|\d{1,4}[A-Z]?)(?=--|—|[.\s]|$)", re.M)  # fmt: skip
_ENUMS = re.compile(r"^[ \t]*((?:\([0-9A-Za-z]{1,5}\)[ \t]?){1,4})", re.M)
_ENUM = re.compile(r"\(([0-9A-Za-z]{1,5})\)")
_QUOTE_OPENS = re.compile(r"^[ \t]*(?:“|``|\"(?=[\w(§]))", re.M)
_QUOTE_CLOSES = re.compile(r"(?:”|''|\")[.;,]?(?:[ \t]*(?:and|or))?[.;,]?[ \t]*$", re.M)
# "Section 1 of P.L.2005, c.77 is amended to read as follows:", and then "1. a.": the number is the law's own.
_FIRSTS = frozenset(("1", "101", "0001"))
_READS = re.compile(r"\bto read(?: as follows)?: {0,3}\n+$")
_ROMAN = re.compile(r"[ivxl]+")

_LEVEL_OF = {"lower": "subsection", "digit": "paragraph", "upper": "subparagraph", "roman": "clause",
             "ROMAN": "subclause", "double": "item", "DOUBLE": "subitem"}  # fmt: skip
_FIRST = {"lower": "a", "digit": "1", "upper": "A", "roman": "i", "ROMAN": "I", "double": "aa", "DOUBLE": "AA"}
_RANK = {name: i for i, name in enumerate(CONTAINERS)}


def segment(text: str) -> tuple[Provision, ...]:
    """Parents before children; a parent's span covers its children; `path` is unique."""
    heads = _heads(text)
    return _Tree(text).grow(heads) if heads else ()


def subdivide(text: str, provisions: tuple[Provision, ...]) -> tuple[Provision, ...]:
    """Sections that a document's structure gave, with the "(1)(a)" that start their lines as provisions below them."""
    paths = Paths()
    for p in provisions:
        paths.keep(p.path)
    parents = {p.parent for p in provisions}
    quoted = quoted_blocks(text, [p.start for p in provisions if p.level == "section"])
    done: list[Provision] = []
    moved: dict[int, int] = {}
    for index, p in enumerate(provisions):
        moved[index] = len(done)
        done.append(replace(p, parent=moved[p.parent] if p.parent is not None else None))
        if p.level == "section" and index not in parents:
            heads = [(m.start(), m.end(), "enums", m[1]) for m in _ENUMS.finditer(text, p.start, p.end)]
            _Tree(text, paths, done).branch(moved[index], _outside(heads, quoted))
    return tuple(done)


def _heads(text: str) -> list[tuple[int, int, str, str]]:
    """(offset, end of the label, level or "enums", number) in order of offset, quoted law left out."""
    found = [(m.start(), m.end(), "section", m[1].rstrip(".:")) for m in _sections(text)]
    found += [(m.start(), m.end(), m[1].lower(), m[2]) for m in _CONTAINER.finditer(text)]
    found += [(m.start(), m.end(), "enums", m[1]) for m in _ENUMS.finditer(text)]
    return _outside(sorted(found), quoted_blocks(text, [at for at, _, level, _ in found if level == "section"]))


def _sections(text: str) -> list[re.Match[str]]:
    """Headings in the style in which the text numbers its first section, else in the first style that it has."""
    fallback: list[re.Match[str]] = []
    for style in _STYLES:
        found = [m for m in style.finditer(text) if not _READS.search(text, max(0, m.start() - 40), m.start())]
        if any(m[1].rstrip(".:") in _FIRSTS for m in found):
            return found
        fallback = fallback or found
    return fallback


def _outside(heads: list[tuple[int, int, str, str]], blocks: list[tuple[int, int]]) -> list[tuple[int, int, str, str]]:
    starts = [start for start, _ in blocks]
    kept = []
    for head in heads:
        block = bisect_right(starts, head[0]) - 1
        if block < 0 or head[0] >= blocks[block][1]:
            kept.append(head)
    return kept


def quoted_blocks(text: str, sections: list[int] | None = None) -> list[tuple[int, int]]:
    """Quoted law: from a line that opens a quotation to a line that closes one, at most to the next section."""
    if sections is None:
        sections = [m.start() for m in _sections(text)]
    spans: list[tuple[int, int]] = []
    at = 0
    closes = _QUOTE_CLOSES.search(text)
    while opens := _QUOTE_OPENS.search(text, at):
        if closes is not None and closes.start() < opens.end():
            closes = _QUOTE_CLOSES.search(text, opens.end())
        end = closes.end() if closes else len(text)
        after = bisect_right(sections, opens.start())
        limit = sections[after] if after < len(sections) else len(text)
        spans.append((opens.start(), min(end, limit)))
        at = max(min(end, limit), opens.end())
    return spans


class _Tree:
    """The state: which container, which section and which enumerators are open."""

    def __init__(self, text: str, paths: Paths | None = None, done: list[Provision] | None = None) -> None:
        self.text = text
        self.done: list[Provision] = [] if done is None else done
        self.paths = paths or Paths()
        self.containers: list[tuple[str, int]] = []
        self.section: int | None = None
        self.enums: list[tuple[str, str, int]] = []  # kind, value, index

    def grow(self, heads: list[tuple[int, int, str, str]]) -> tuple[Provision, ...]:
        first = heads[0][0]
        if self.text[:first].strip():
            start = len(self.text) - len(self.text.lstrip())
            self._add("preamble", "", None, start, None)
            self._end(0, first)
        for at, end, level, num in heads:
            at += len(self.text[at:end]) - len(self.text[at:end].lstrip())
            if level == "section":
                self._close_section(at)
                parent = self.containers[-1][1] if self.containers else None
                self.section = self._add("section", num, self._heading(end), at, parent)
            elif level == "enums":
                self._enums(at, num)
            else:
                self._container(level, num, at, end)
        self._close_all(len(self.text))
        return tuple(self.done)

    def branch(self, section: int, heads: list[tuple[int, int, str, str]]) -> None:
        """The enumerators of one section that is already there; it ends where it ended."""
        whole = self.done[section]
        self.section = section
        for at, end, _, labels in heads:
            self._enums(at + len(self.text[at:end]) - len(self.text[at:end].lstrip()), labels)
        self._close_section(whole.end)
        self.done[section] = whole

    def _add(self, level: str, num: str, heading: str | None, at: int, parent: int | None) -> int:
        path = self.paths.name(self.done[parent].path if parent is not None else None, label(level, num))
        self.done.append(Provision(path, num, heading, level, at, at, parent))
        return len(self.done) - 1

    def _end(self, index: int, at: int) -> None:
        p = self.done[index]
        end = at
        while end > p.start and self.text[end - 1].isspace():
            end -= 1
        self.done[index] = Provision(p.path, p.num, p.heading, p.level, p.start, max(p.start, end), p.parent)

    def _heading(self, at: int) -> str | None:
        """The rest of the line, if it is a heading in capitals or a short sentence."""
        line = self.text[at : at + 200].partition("\n")[0].strip(" .—-\t")
        return line if 3 < len(line) < 160 and (line.isupper() or line.istitle()) else None

    def _close_section(self, at: int) -> None:
        for _, _, index in reversed(self.enums):
            self._end(index, at)
        self.enums = []
        if self.section is not None:
            self._end(self.section, at)
            self.section = None

    def _close_all(self, at: int) -> None:
        self._close_section(at)
        while self.containers:
            self._end(self.containers.pop()[1], at)

    def _container(self, level: str, num: str, at: int, end: int) -> None:
        self._close_section(at)
        while self.containers and _RANK[self.containers[-1][0]] >= _RANK[level]:
            self._end(self.containers.pop()[1], at)
        parent = self.containers[-1][1] if self.containers else None
        self.containers.append((level, self._add(level, num, self._heading(end), at, parent)))

    def _enums(self, at: int, labels: str) -> None:
        for m in _ENUM.finditer(labels):
            self._enum(m[1], at + m.start())

    def _enum(self, value: str, at: int) -> None:
        kind, depth = place(value, [(k, v) for k, v, _ in self.enums])
        while len(self.enums) > depth:
            self._end(self.enums.pop()[2], at)
        parent = self.enums[-1][2] if self.enums else self.section
        if parent is None and self.containers:
            parent = self.containers[-1][1]
        self.enums.append((kind, value, self._add(_LEVEL_OF[kind], value, None, at, parent)))


def place(value: str, stack: list[tuple[str, str]]) -> tuple[str, int]:
    """Kind of an enumerator and the depth at which it stands, given the open ones (kind, value), outermost first.

    `(i)` after `(h)` goes on with the letters, unless a capital is open below it: then it begins the roman numbers.
    """
    kinds = _kinds(value)
    for depth in range(len(stack) - 1, -1, -1):
        kind, last = stack[depth]
        if kind in kinds and _follows(kind, last, value):
            if value == "i" and kind == "lower" and stack[-1][0] == "upper":
                continue
            return kind, depth
    for kind in kinds:
        if value == _FIRST[kind] and all(k != kind for k, _ in stack):
            return kind, len(stack)
    for depth in range(len(stack) - 1, -1, -1):  # numbers were skipped: "(3) to (5) repealed"
        if stack[depth][0] in kinds:
            return stack[depth][0], depth
    return kinds[-1], len(stack)


def _kinds(value: str) -> tuple[str, ...]:
    """What an enumerator may be, the rarer reading first."""
    if value[0].isdigit():
        return ("digit",)
    if len(value) > 1 and len(set(value)) == 1 and value.lower() not in ("ii", "iii", "xx"):
        return ("double" if value.islower() else "DOUBLE",)
    roman = _ROMAN.fullmatch(value.lower()) is not None
    if value.islower():
        return ("roman", "lower") if roman else ("lower",)
    return ("ROMAN", "upper") if roman else ("upper",)


_NUMERALS = [tens + ones for tens in ("", "x", "xx", "xxx")
             for ones in ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")][1:]  # fmt: skip


def _follows(kind: str, last: str, value: str) -> bool:
    if kind == "digit":
        return _leading(value) in (_leading(last), _leading(last) + 1)
    low, new = last.lower(), value.lower()
    if kind in ("roman", "ROMAN"):
        return low in _NUMERALS and new in _NUMERALS and _NUMERALS.index(new) == _NUMERALS.index(low) + 1
    if kind in ("double", "DOUBLE"):
        return ord(new[0]) == ord(low[0]) + 1
    return len(low) == len(new) == 1 and ord(new) == ord(low) + 1


def _leading(value: str) -> int:
    digits = re.match(r"[0-9]+", value)
    return int(digits[0]) if digits else -9
