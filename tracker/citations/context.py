"""What "such title", "the Act", "this chapter" and a section without a code mean at one place of a bill."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tracker.citations.acts import LEADING, NAME, known, place_of_acts, slug, slug_of
from tracker.citations.normal import depth_of_root, root
from tracker.citations.patterns import DASH, automaton, bounded
from tracker.citations.scan import acts

# The bill's own headings: what follows speaks for itself again. A number of four figures is a code's.
_HEADING = automaton(r"(?:SECTION|SEC\.|Section|Sec\.|\xa7)[ \t]{0,9}\d{1,3}[A-Z]?\.[\sA-Z(\x97]", True)
_OF_LINE = re.compile(r"(?:^|\n|[.;:] )[ \t]{0,40}(?:\d{1,4}[ \t]{1,9})?(?:NEW SECTION\.[ \t]{0,4})?$")
_CLAUSE = automaton(r"\n[ \t*]{0,9}\d{1,3}\.?\**[ \t]", True)
_AMENDS = re.compile(
    bounded(r"\b(?:is|are|be|being) (?:\w{1,10} ){0,2}(?:amended|reenacted|repealed|replaced|added|enacted)\b")
)
_MEANS = re.compile(bounded(
    r"\"(?:the )?((?:Principal |)(?:(?:1[89]|20)\d\d )?(?:Act|Regulations|Code|Order)(?: of (?:1[89]|20)\d\d)?)\""
    r"(?: means)? (?:the )?"))  # fmt: skip
_CONTAINERS = ("ch-", "art-", "title-", "part-", "subch-", "sch-", "div-")
_TITLED = ("mrs", "vsa", "pacs", "os", "delcode")
REACH = 260  # characters from a citation to the verb that makes it the law which the bill amends


@dataclass(frozen=True, slots=True)
class Named:
    """An Act that the text names: the span of its name, its normal form, its year."""

    start: int
    end: int
    root: str
    year: str | None


@dataclass(slots=True)
class Context:
    """Normal forms, as far as the text has named them before the place that is read."""

    place: str
    highest: int = 0  # number of the bill's own last section
    home: str | None = None  # the law that this section of the bill amends
    title: str | None = None
    chapter: str | None = None
    section: str | None = None
    act: str | None = None
    amended_act: str | None = None
    seen: set[str] = field(default_factory=set)  # Acts by name
    aliases: dict[str, str] = field(default_factory=dict)  # "principal", "2003" -> root
    years: dict[str, str] = field(default_factory=dict)  # year -> the Act last named with it

    def note(self, norm: str, text: str, start: int, end: int) -> None:
        """After a citation: what it names can be meant from here on."""
        base = root(norm)
        parts = norm.split("/")
        code = parts[:2] == ["us", "usc"]
        if len(parts) > depth_of_root(norm):
            rest = parts[depth_of_root(norm)]
            if rest.startswith(_CONTAINERS):
                self.chapter = base + "/" + rest
            else:
                self.section = base + "/" + rest
        if code or parts[1] in _TITLED:
            self.title = base
        elif parts[:2] != ["us", "cfr"]:
            self.act = base
        twin = code and text[max(0, start - 2) : start].rstrip().endswith("(")
        if not twin and _AMENDS.search(text, end, end + REACH) is not None:
            self.home = norm
            if not code:
                self.amended_act = base

    def turn(self) -> None:
        """A new section of the bill begins."""
        self.home = None
        self.section = None

    def learn(self, plain: str, named: list[Named]) -> None:
        """What the text itself says that it means by "the Principal Act" or "the Act of 1993"."""
        starts = {act.start: act.root for act in named}
        for m in _MEANS.finditer(plain):
            if m.end() in starts:
                self.aliases[_key(m[1])] = starts[m.end()]

    def local(self, m: re.Match[str]) -> str | None:
        """ "of such Act", "of the Act of 1993", "of the 2003 Act", "of the Act"."""
        if m["word"] is not None:
            return self.referent(m["word"].lower(), m["unit"].lower())
        key = _key(m["act"])
        year = m["of"] or m["year"]
        if year is not None:
            return self.aliases.get(key) or self.years.get(year)
        if "principal" in key:
            return self.aliases.get(key) or self.amended_act or self.act
        only = self.act if len(self.seen) == 1 else None  # of several Acts, none of which is amended, any may be meant
        return self.amended_act or only if self.place in ("ca", "gb", "ie") else None

    def referent(self, word: str, unit: str) -> str | None:
        """ "such title", "that Act", "this chapter": the normal form, if the text has named one."""
        if word == "this":
            if unit == "act":
                return None  # the bill itself, or the Act whose words it quotes
            if unit in ("code", "law") and self.home is not None:
                return root(self.home)
            if unit == "title":
                held = root(self.home) if self.home is not None else ""
                return held if held.count("/") == 2 and "/act/" not in held else None
            if unit == "chapter" and self.home is not None and self.chapter is not None:
                return self.chapter if root(self.chapter) == root(self.home) else None
            return (
                root(self.home) if unit in ("chapter", "article", "part") and self.home and self.place != "us" else None
            )
        if unit == "title":
            return self.title
        if unit == "section":
            return self.section
        if unit == "chapter":
            return self.chapter
        return self.act if unit in ("act", "code", "law", "order") else None


def headings(plain: str) -> list[tuple[int, int]]:
    """Offset and number of the headings of the bill's own sections."""
    found = []
    for m in _HEADING.finditer(plain.encode("latin-1")):
        if _OF_LINE.search(plain[max(0, m.start() - 60) : m.start()]) is not None:
            number = re.search(r"\d+", plain[m.start() : m.end()])
            found.append((m.start(), int(number[0]) if number is not None else 0))
    return found


_ARTICLE = re.compile(bounded(r"\bArticle ?(?:-|" + DASH + r") ?((?:[A-Z][a-z]+,? ?(?:and )?){1,6})(?=Section|\n|$)"))


def articles(plain: str, place: str) -> list[tuple[int, str]]:
    """Maryland names the code above the sections: "Article - Criminal Law"."""
    if place != "us-md":
        return []
    return [(m.end(), f"us-md/{slug(m[1], None)}") for m in _ARTICLE.finditer(plain)]


def highest_section(numbers: list[int]) -> int:
    """The bill's last section: its numbers run on, by titles from 101, 201; headings of quoted law do not."""
    last = 0
    for number in numbers:
        if number == last + 1 or (number > last and number % 100 == 1):
            last = number
    return last


def highest_clause(plain: str) -> int:
    """The last number of a bill whose sections bear a number alone, as in Canada, Ireland and the United Kingdom."""
    last = 0
    for m in _CLAUSE.finditer(plain.encode("latin-1")):
        last += int(re.sub(r"\D", "", plain[m.start() : m.end()])) == last + 1
    return last


def named_acts(plain: str, place: str) -> list[Named]:
    """All Acts by their names, in order."""
    found: list[Named] = []
    done = 0
    for end in acts(plain, place):
        if end > done:
            named = _named(plain, done, end, place)
            if named is not None:
                found.append(named)
                done = named.end
    return found


def _named(plain: str, done: int, end: int, place: str) -> Named | None:
    """The Act whose name holds or ends at `end`, the end of an "Act" or of a name that the table knows."""
    lowest = max(done, end - 180)
    for m in known(place).finditer(plain, lowest, min(len(plain), end + 10)):
        if m.end() >= end:
            return Named(m.start(), m.end(), f"{place_of_acts(place[:2])}/{slug_of(place, m)}", _year(m[0]))
    window = plain[lowest:end]
    article = next((m.end() for m in reversed(list(_THE.finditer(window)))), 0)
    at = lowest + article
    while True:
        word = _CAPITAL.search(plain, at, end)
        if word is None:
            return None
        if word[0] not in LEADING:
            named = NAME.match(plain, word.start(), min(len(plain), end + 20))
            if named is not None and named.end("kind") == end and _is_a_name(named):
                return Named(named.start(), named.end(), _root(place, named), named["year"])
        at = word.end()


def _key(name: str) -> str:
    """ "the 2003 Act" and "Act of 2003" are one."""
    words = sorted(w for w in name.lower().split() if w not in ("the", "of"))
    return " ".join(words)


# Not within a name: "Clean Water for the Americas Partnership Act".
_THE = re.compile(r"(?<![a-z] for)(?<!against)(?<![a-z] end)\s[Tt]he\s{1,9}")
_CAPITAL = re.compile(r"(?<![\w(])[A-Z][\w'/-]{0,30}")
_NO_NAME = frozenset(("an", "this", "the", "such", "that", "said", "principal", "amending", "amended"))


def _is_a_name(m: re.Match[str]) -> bool:
    """Not "An Act", not an "Order" without its year."""
    return m["name"].rsplit(None, 1)[-1].lower() not in _NO_NAME and (m["kind"] == "Act" or m["year"] is not None)



def _root(place: str, m: re.Match[str]) -> str:
    federal = re.match(r"(?i)federal\s|national\s|United States\s", m["name"]) is not None
    return f"{place_of_acts('us' if federal and place[:2] == 'us' else place)}/{slug(m['name'], m['year'])}"


def _year(name: str) -> str | None:
    return name[-4:] if name[-4:].isdigit() else None
