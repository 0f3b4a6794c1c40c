"""A place in a text to the phrase that starts there: "paragraphs (1) and (2) of section 3" as groups of numbers.

Every pattern is anchored and every repetition bounded; a phrase holds at most `MOST_ITEMS` numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tracker.citations.normal import CONTAINERS
from tracker.citations.patterns import DASH, bounded
from tracker.citations.scan import UNITS

MOST_ITEMS = 80
# 1591, 2421A, 300aa-1, 18.2-346, 9A.88.030, 2C:34-1, 11-34.1-2, 53a-82, 5/11-14
NUMBER = (r"\d{1,6}[A-Za-z]{0,3}(?:[.:/]\d[\dA-Za-z]{0,5}|-(?:\d[\dA-Za-z]{0,5}|[A-Za-z]{1,2}(?![A-Za-z]))){0,6}"
          r"(?![A-Za-z\d])")  # fmt: skip
_MARK = r"(?:\d{1,3}[A-Za-z]{0,2}(?:\.\d{1,2})?|[ivxlc]{1,7}(?:\.\d{1,2})?|[IVXLC]{1,7}|[A-Za-z]{1,2}(?:[.-]\d{1,2})?)"
PINS = rf"(?:\s?\(\*?{_MARK}\*?\)){{1,8}}"
_PIN = re.compile(rf"\(\*?({_MARK})\*?\)")
_UNIT = re.compile("|".join(f"(?P<{name}>{p})" for name, p in UNITS.items()), re.I)
# What may follow a number of a list; "section 5, 30 days after" ends at the comma.
_CLEAR = (rf"(?=\s{{0,9}}(?:[,;.)\]:\"'({DASH}\[]|--|-\(|$"
          r"|(?:as|respectively|of|or|and|through|to|thru|is|are|shall|in|under|by|RCW)\b))")  # fmt: skip
_NUMBERED = re.compile(rf"(?P<num>{NUMBER})(?P<pins>{PINS})?")
_MARKED = re.compile(  # "(b)(1)", "1", "2-B", "A", "b. of"
    rf"(?P<pins>{PINS})|(?P<num>\d{{1,3}}(?:-?[A-Z]{{1,2}}|[a-z]{{1,2}})?(?![\w-])(?!\.\d)|[A-Z]\b"
    rf"|[a-z]{{1,2}}\.?(?=,|\s(?:of|and|or|to|through)\b))(?P<more>{PINS})?")  # fmt: skip
_CONTAINED = re.compile(
    r"(?P<num>\d[\w]{0,5}(?:[.-][\dA-Z]{1,5}){0,2}|[IVXLC]{1,7}\b(?:-[A-Z])?|[A-Z]{1,2}\b)(?P<pins>\Z.)?"
)
# Texas: "Article 42A.054(a), Code of Criminal Procedure" is what others call a section.
_ARTICLE_OF_CODE = re.compile(r"\d{1,3}[A-Z]?\.\d{2,4}(?![\w.])")
_SEPARATOR = re.compile(
    bounded(
        r"(?:(?P<to>,? (?:through|to|thru) |-(?=\()| ?- ?(?=\())|,? (?:and/or|and|or|&) |, ?(?:(?:and/or|and|or) )?)"
    )
)
_OF = re.compile(bounded(r",? ?(?:of|in|to|under) (?:the )?(?:existing |former |said )?|, ?"), re.I)
_COMMA = re.compile(bounded(r",? ?"))
_ASIDE = re.compile(r"\s{0,9}\((?:relating|as|known|commonly|concerning|respecting|[a-z]{3,}ing)\s[^()\n]{2,160}\)")
_BELOW = ("subsection", "subdivision", "paragraph", "subparagraph", "clause", "subclause", "item", "subitem")
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """ "1591(a)(1)" is number "1591", pins ("a", "1"); "(d) through (f)" has pins ("d",) and to ("f",)."""

    number: str | None
    pins: Path = ()
    to_number: str | None = None
    to_pins: Path | None = None


@dataclass(slots=True)
class Group:
    unit: str
    items: list[Item]


@dataclass(slots=True)
class Phrase:
    """Groups from the deepest unit outwards, as "paragraph (1) of subsection (b) of section 3" gives them."""

    start: int
    end: int
    groups: list[Group] = field(default_factory=list)
    listed: bool = False  # joined by commas: "Title 41, chapter 27, article 2"

    def outermost_last(self) -> list[Group]:
        """Containers may stand in either order where commas join them."""
        order = [name for name in CONTAINERS if name not in ("schedule", "division")]
        known = self.listed and all(g.unit in order for g in self.groups)
        return sorted(self.groups, key=lambda g: -order.index(g.unit)) if known else self.groups

    def group(self, unit: str) -> Group | None:
        return next((g for g in self.groups if g.unit == unit), None)


def unit_at(s: str, at: int) -> tuple[str, int] | None:
    m = _UNIT.match(s, at)
    return (m.lastgroup, m.end()) if m is not None and m.lastgroup is not None else None


def phrase_at(s: str, at: int, numbered: bool = False) -> Phrase | None:
    """`numbered`: lower units may bear the section's number, as in "subsection 279.01(1)", "subdivision 22-23-2(2)"."""
    head = unit_at(s, at)
    if head is None:
        return None
    phrase = Phrase(at, head[1])
    unit, end = head
    for _ in range(7):
        group, end = _group(s, unit, end, numbered)
        if group is None:
            break
        phrase.groups.append(group)
        phrase.end = end
        end = _forward(s, group, phrase)
        of = _OF.match(s, end)
        inner = unit_at(s, of.end()) if of is not None else None
        if of is None or inner is None or not _goes_on(of[0], group.unit, inner[0]):
            break
        phrase.listed = phrase.listed or of[0].strip() == ","
        unit, end = inner
    return phrase if phrase.groups else None


def _goes_on(link: str, unit: str, following: str) -> bool:
    """ "paragraph (1), section 3" lists two things; "section 3, chapter 7" and "chapter 272, section 53A" are one."""
    if link.strip() != ",":
        return following in CONTAINERS or following == "section" or unit in _BELOW
    return {unit, following} <= {"section", "chapter", "title", "article", "part", "subchapter", "subtitle"}


def _forward(s: str, group: Group, phrase: Phrase) -> int:
    """ "section 609.321, subdivision 7, paragraph (a)": what follows a section goes deeper into its last number."""
    while group.unit == "section":
        below = unit_at(s, _past_comma(s, phrase.end))
        if below is None or below[0] not in _BELOW:
            break
        deeper, end = _group(s, below[0], below[1], False)
        if deeper is None or re.match(r"\s{1,9}(?:of|as)\b", s[end : end + 12]):
            break
        last = group.items.pop()
        for item in deeper.items:
            pins = ((item.number,) if item.number else ()) + item.pins
            to = ((item.to_number,) if item.to_number else ()) + (item.to_pins or ())
            ends = (last.number, last.pins + to) if to else (None, None)
            group.items.append(Item(last.number, last.pins + pins, *ends))
        phrase.end = end
        if len(deeper.items) > 1:
            break
    return phrase.end


def numbers_at(s: str, unit: str, start: int, at: int) -> Phrase | None:
    """The numbers at `at` of a code whose name, from `start` on, has been read; with what goes deeper into them."""
    group, end = _group(s, unit, at, False)
    if group is None:
        return None
    phrase = Phrase(start, end, [group])
    end = _forward(s, group, phrase)
    if unit == "chapter":
        inner = unit_at(s, _past_comma(s, end))
        if inner is not None and inner[0] in ("subchapter", "part", "article", "subtitle"):
            deeper, end = _group(s, inner[0], inner[1], False)
            if deeper is not None:
                phrase.groups.insert(0, deeper)
                phrase.end = end
    return phrase


def _group(s: str, unit: str, at: int, numbered: bool) -> tuple[Group | None, int]:
    pattern = _CONTAINED if unit in CONTAINERS else _NUMBERED if unit == "section" else _MARKED
    start = _past_blanks(s, at)
    if numbered and pattern is _MARKED:
        m = _NUMBERED.match(s, start)
        if m is not None and (m["pins"] or len(m["num"]) > 3):
            pattern, unit = _NUMBERED, "section"
    if unit == "article" and _ARTICLE_OF_CODE.match(s, start) is not None:
        pattern, unit = _NUMBERED, "section"
    m = pattern.match(s, start)
    if m is None:
        return None, at
    group = Group(unit, [item(m)])
    end = m.end()
    while len(group.items) < MOST_ITEMS:
        aside = _ASIDE.match(s, end)
        after = aside.end() if aside is not None else end
        sep = _SEPARATOR.match(s, after)
        if sep is None:
            if aside is not None and _OF.match(s, after) and not s.startswith(",", after):
                end = after
            break
        following = _next(s, sep.end(), group, pattern, bool(sep["to"]))
        if following is None:
            break
        end = following
    return group, end


def _next(s: str, at: int, group: Group, pattern: re.Pattern[str], closes: bool) -> int | None:
    """Takes one more number of the list; the end of it, or None where the list has ended."""
    again = unit_at(s, at)
    if again is not None:
        if again[0] != group.unit:
            return None
        at = _past_blanks(s, again[1])
    m = pattern.match(s, at)
    if m is None and group.unit == "section":
        m = _SIBLING.match(s, at)
    if m is None or _is_of_something_else(s, at, m, pattern):
        return None
    new = item(m)
    last = group.items[-1]
    if group.unit == "section" and new.number is None:
        shared = sibling(last.pins, new.pins)
        if shared is None:
            return None
        new = Item(last.number, shared)
    if closes:
        group.items[-1] = Item(last.number, last.pins, new.number, new.pins)
    else:
        group.items.append(new)
    return m.end()


def _is_of_something_else(s: str, at: int, m: re.Match[str], pattern: re.Pattern[str]) -> bool:
    """ "30" of ", 30 days", "18" of ", 18 U.S.C. 1591", "(2)" of ", and (2) by striking"."""
    if m["num"] and not m["pins"] and not _AFTER.match(s, m.end()):
        return True
    if pattern is _NUMBERED:
        return _OTHER_CODE.match(s, m.end()) is not None
    run_in = "\n" in s[at - 2 : at] or s.startswith("by", m.end() + 1)
    return pattern is _MARKED and run_in and _ENUMERATES.match(s, m.end()) is not None


def _past_comma(s: str, at: int) -> int:
    gap = _COMMA.match(s, at)
    return gap.end() if gap is not None else at


def _past_blanks(s: str, at: int) -> int:
    end = at
    while end < len(s) and end - at < 9 and s[end] in " \t\n\r":
        end += 1
    return end


_SIBLING = re.compile(rf"(?P<num>(?!x)x)?(?P<pins>{PINS})")
_AFTER = re.compile(_CLEAR)
_ENUMERATES = re.compile(r"\s{1,9}(?:by|in|the|for|after|before|at|omit|with|insert|substitute|[A-Z][a-z]{2,})\b")
_OTHER_CODE = re.compile(
    bounded(r" ?(?:U\. ?S\. ?C|U\.?S\.?C|C\.?F\.?R|ILCS|V\.S\.A|M\.?R\.?S|Pa\.|O\.S\.|USC|Stat\.|F\.3d)")
)


def item(m: re.Match[str]) -> Item:
    groups = m.groupdict()
    pins = tuple(_PIN.findall((groups["pins"] or "") + (groups.get("more") or "")))
    number = groups["num"]
    return Item(number.rstrip(".") if number else None, pins)


def sibling(last: Path, new: Path) -> Path | None:
    """ "section 2252(a)(1) or (2)": the second shares what stands above its own kind of mark."""
    kind = _kind(new[0])
    for n in range(len(last) - 1, -1, -1):
        if _kind(last[n]) == kind:
            return last[:n] + new
    return None


def _kind(mark: str) -> str:
    return "digit" if mark[0].isdigit() else "upper" if mark[0].isupper() else "lower"
