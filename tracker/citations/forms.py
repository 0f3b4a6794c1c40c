"""How a code is written around a number: before it ("RCW 9A.88.030"), after it ("of the penal law"), or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from tracker.citations.acts import slug
from tracker.citations.codes import ABBREVIATED, ALONE, GENERIC, NAMED, STATES, Code
from tracker.citations.normal import depth_of_root, root
from tracker.citations.patterns import bounded
from tracker.citations.phrases import NUMBER, PINS, Group, Phrase, numbers_at


@dataclass(frozen=True, slots=True)
class Anchor:
    """`base` is put before the section's number; `taken`: container units that it already holds."""

    base: str
    end: int
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeFirst:
    phrase: Phrase
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class Said:
    word: str  # "such", "this"
    unit: str
    end: int


NORMAL = re.compile(r"(?:us(?:-[a-z]{2})?|gb|ie|ca)(?:/[\w.:()-]{1,80}){1,12}")
LINK = re.compile(bounded(r",? ?(?:of|in|to|under) (?:the |such |that )?|, ?(?:the )?| "))
LOCAL = re.compile(bounded(
    r",? ?(?:of|in|to|under) (?:"
    r"(?P<word>such|that|said|the same|this) (?P<unit>title|section|chapter|article|act|code|law|order|part)\b"
    r"|(?:the )?(?P<act>Act of (?P<of>(?:1[89]|20)\d\d)|(?P<year>(?:1[89]|20)\d\d) (?:Act|Order|Regulations)"
    r"|Principal Act|the Act\b(?! of)))"), re.I)  # fmt: skip
_SAID = re.compile(bounded(
    r"(such|that|said|the same) (section|title|chapter|act|article|code)\b(?! ?\d| ?\(\w{1,3}\))"), re.I)  # fmt: skip
AMENDED = re.compile(bounded(r" (?:is|are) (?:further )?amended"))
TWIN = re.compile(r"[^.;\n()]{0,40}\(\s?\d{1,2}\s?U\.?\s?S\.?\s?C", re.I)
OWN = re.compile(
    bounded(r",? ?(?:of|in) (?:this (?:Act|bill|measure|resolution|amendatory act|\d{4} act)|(?:the|that|such) )"), re.I
)
NOTE = re.compile(r",?\s{1,9}notes?\b")
BETWEEN = re.compile(bounded(r" ?(?:\((?:relating|as|concerning)[^()]{0,160}\))?[,;]? (?:(?:and|or|under|of) )?"))
HYPHENATED = re.compile(r"(\d{3,5})-(\d{3,5})")
_SIGN = r"(?:(?:\xa7+|sections?|secs?\.?|s\.|arts?\.|articles?|sub-?sections?) ?)?"
_FEDERAL_FIRST = re.compile(bounded(
    r"(?:title )?(?P<title>\d{1,2}),? ?(?:U\.? ?S\.? ?C\.?(?: ?A\.?)?|(?P<cfr>C\.? ?F\.? ?R\.?))"
    r",? ?(?:(?P<chapter>chapter|ch\.|part)|(?:sections?|secs?\.?|\xa7+))? ?(?=\d|[IVXL]+\b)"), re.I)  # fmt: skip
_PUBLIC_LAW = re.compile(bounded(r"P(?:ublic|ub)?\.? ?L(?:aw|\.) ?(?:No\. ?)?(\d{2,3}-\d{1,4})\b"), re.I)
_MAINE = re.compile(bounded(r"P(?:&S)?L (\d{4}), ?c\. ?(\d{1,4})(?:, ?Pt\. ?\w{1,3})?(?:, ?\xa7+ ?\d{1,3})?"))
_CHAPTER_LAW = re.compile(bounded(r"chapter (?P<b>\d{1,4}) of the laws of (?P<a>(?:1[89]|20)\d\d)"), re.I)
_PAMPHLET = re.compile(bounded(r"P\.?L\.? ?((?:1[89]|20)\d\d), ?c\. ?(\d{1,4})\b"))
_FEDERAL_NAMES = (
    ("us/irc", r"Internal Revenue Code(?: of (?:1986|1954|1939))?"),
    ("us/fre", r"Federal Rules of Evidence"),
    ("us/frcp", r"Federal Rules of Criminal Procedure"),
    ("us/ucmj", r"Uniform Code of Military Justice"),
)
_BY = r"(?:,? ?(?:of|in|to|under) (?:the )?|, ?(?:the )?| )"
# Names that mean a code only in their own bills.
_VAGUE = ("us-ct", "us-ma", "us-ri", "us-wi", "us-ia", "us-oh", "us-ne", "us-nc")


def code_first(s: str, at: int, place: str) -> CodeFirst | None:
    m = _FEDERAL_FIRST.match(s, at)
    if m is not None:
        base = f"us/{'cfr' if m['cfr'] else 'usc'}/{m['title']}"
        return _numbers(s, at, m.end(), base, "chapter" if m["chapter"] else "section")
    for pattern, form in ((_PUBLIC_LAW, "us/pl/{}"), (_PAMPHLET, place + "/pl/{}/{}"), (_MAINE, place + "/pl/{}/{}")):
        law = pattern.match(s, at)
        if law is not None:
            return CodeFirst(Phrase(at, law.end()), Anchor(form.format(*law.groups()), law.end()))
    session = _CHAPTER_LAW.match(s, at) if place == "us-ny" else None
    if session is not None:
        return CodeFirst(Phrase(at, session.end()), Anchor(f"us-ny/laws/{session['a']}/{session['b']}", session.end()))
    found = _firsts(place).match(s, at)
    if found is not None and found.lastgroup is not None:
        return _state_first(s, at, found, place)
    return _named_first(s, at, place) or _number_first(s, at, place)


def _state_first(s: str, at: int, m: re.Match[str], place: str) -> CodeFirst | None:
    code = STATES[next(int(name[1:]) for name, value in m.groupdict().items() if name[0] == "c" and value is not None)]
    title = m.groupdict().get(f"t{STATES.index(code)}")
    base = f"{code.place}/{code.slug}" + (f"/{title}" if title else "")
    sign = _CHAPTER.match(s, m.end())
    if sign is not None:
        return _numbers(s, at, sign.end(), base, "chapter")
    start = _SECTION.match(s, m.end())
    found = _numbers(s, at, start.end() if start else m.end(), base, "section", re.compile(code.number))
    if found is not None:
        _complete(s, found.phrase, code.place)
    return found if found is None else CodeFirst(found.phrase, Anchor(base, found.phrase.end))


def _complete(s: str, phrase: Phrase, place: str) -> None:
    """Louisiana: "R.S. 14:82, 83" are both of title 14. New Hampshire: "RSA 645:2, I(a)"."""
    group = phrase.groups[0]
    if place == "us-la":
        title = (group.items[0].number or "").partition(":")[0]
        group.items = [replace(i, number=f"{title}:{i.number}") if i.number and ":" not in i.number else i
                       for i in group.items]  # fmt: skip
    roman = _ROMAN.match(s, phrase.end) if place == "us-nh" else None
    if roman is not None:
        last = group.items[-1]
        group.items[-1] = replace(last, pins=(*last.pins, roman[1], *re.findall(r"\((\w{1,3})\)", roman[2] or "")))
        phrase.end = roman.end()


_ROMAN = re.compile(r",\s{1,9}([IVX]{1,6}(?:-[a-z])?)((?:\(\w{1,3}\)){0,3})(?![\w])")


_CHAPTER = re.compile(bounded(r",? ?(?:chapters?|ch\.|title) ?(?=\d)"), re.I)
_SIGNED = re.compile(bounded(rf",? ?{_SIGN.removesuffix('?')}|(?= \d)"), re.I)
_SECTION = re.compile(bounded(rf",? ?{_SIGN}"), re.I)


def _numbers(
    s: str, at: int, start: int, base: str, unit: str, number: re.Pattern[str] | None = None
) -> CodeFirst | None:
    phrase = numbers_at(s, unit, at, start)
    if phrase is None or (number is not None and number.fullmatch(phrase.groups[0].items[0].number or "") is None):
        return None
    return CodeFirst(phrase, Anchor(base, phrase.end))


@lru_cache(maxsize=64)
def _firsts(place: str) -> re.Pattern[str]:
    rows = []
    for i, code in enumerate(STATES):
        ways = [code.first] if code.first else []
        ways += [code.home] if code.home and code.place == place else []
        if ways:
            pattern = "|".join(ways).replace(r"(\d", f"(?P<t{i}>\\d")
            rows.append(rf"(?P<c{i}>(?:{pattern})(?=,?\s|\xa7|\d|\())")
    return re.compile(bounded("|".join(rows)), re.I)


def _named_first(s: str, at: int, place: str) -> CodeFirst | None:
    """ "Penal Code Section 647", "N.Y. Penal Law \xa7 230.00"."""
    state = _ABBREVIATED.match(s, at)
    start = at
    if state is not None:
        place = next(p for p in ABBREVIATED if state[p.replace("-", "_")] is not None)
        at = state.end()
    elif place not in GENERIC and place not in NAMED:
        return None
    names = _names(place)
    article = _ARTICLE.match(s, at)
    m = names.match(s, article.end() if article else at) if names is not None else None
    if m is None:
        return None
    if _ALTERED.match(s, m.end()):
        return CodeFirst(Phrase(start, m.end()), Anchor(_base(place, m), m.end()))
    sign = _SIGNED.match(s, m.end())
    return _numbers(s, start, sign.end(), _base(place, m), "section") if sign is not None else None


_INTO = re.compile(bounded(r" (?:of|in|to|under) "))
_ARTICLE = re.compile(r"the\s{1,9}", re.I)
_ALTERED = re.compile(bounded(r"(?:, as amended,)? (?:is|are|be) (?:hereby )?(?:amended|repealed)"))
_ABBREVIATED = re.compile(bounded("(?:" + "|".join(
    f"(?P<{place.replace('-', '_')}>{short})" for place, short in ABBREVIATED.items()) + ") "))  # fmt: skip


@lru_cache(maxsize=16)
def _names(place: str) -> re.Pattern[str] | None:
    """Names of the codes of a place, known ones first; the group says which."""
    rows = [f"(?P<n{i}>{name})" for i, (_, name) in enumerate(NAMED.get(place, ()))]
    known = "|".join(rows)
    generic = GENERIC.get(place)
    if not known and generic is None:
        return None
    pattern = f"(?i:{known})\\b" + (f"|(?P<generic>{generic})" if generic else "")
    return re.compile(bounded(pattern))


def _base(place: str, m: re.Match[str]) -> str:
    if m.lastgroup == "generic" or m.lastgroup is None:
        words = slug(re.sub(r"\s(?:law|Code|code|Article|Act|act)\b", "", m[0]), None)
        return f"{place}/{words}"
    return f"{place}/{NAMED[place][int(m.lastgroup[1:])][0]}"


def chained(s: str, phrase: Phrase, place: str) -> Anchor | None:
    """ "subsection b. of N.J.S.2C:34-1", "section 1 of P.L.2005, c.77": the code's own way of writing goes on."""
    link = _INTO.match(s, phrase.end)
    first = code_first(s, link.end(), place) if link is not None else None
    if first is None or (phrase.group("section") is not None and first.phrase.groups):
        return None
    phrase.groups += first.phrase.groups
    return first.anchor


def code_named(s: str, at: int, place: str) -> Anchor | None:
    """The place's code that is named shortly after: " to Chapter 2 of the Penal Code"."""
    names = _names(place)
    m = names.search(s, at, min(len(s), at + 120)) if names is not None else None
    return Anchor(_base(place, m), m.end()) if m is not None else None


def _number_first(s: str, at: int, place: str) -> CodeFirst | None:
    """ "18-7-201, C.R.S.", "944.30 of the statutes"."""
    if not s[at : at + 1].isdigit():
        return None
    phrase = numbers_at(s, "section", at, at)
    if phrase is None:
        return None
    anchor = code_after(s, phrase, place)
    return CodeFirst(phrase, anchor) if anchor is not None else None


def code_after(s: str, phrase: Phrase, place: str) -> Anchor | None:
    """The code whose name follows the phrase."""
    title = phrase.group("title")
    m = _after(place).match(s, phrase.end)
    if m is not None:
        return _anchor(m, phrase, place)
    if title is not None and title.items[0].number and title.items[0].number[0].isdigit():
        base = _titled(title, place)
        return Anchor(base, phrase.end, _taken(base)) if base is not None else None
    chapter = phrase.group("chapter")
    if place == "us-ma" and chapter is not None and phrase.group("section") is not None:
        return Anchor(f"us-ma/mgl/{chapter.items[0].number}", phrase.end, taken=("chapter",))
    return None


def _titled(title: Group, place: str) -> str | None:
    """ "section 1591 of title 18" alone: the United States Code in a federal bill, the state's own in a state's."""
    number = title.items[0].number
    if place == "us":
        return f"us/usc/{number}"
    own = next((code for code in STATES if code.place == place), None)
    if own is None:
        return None
    return f"{place}/{own.slug}/{number}" if own.titled else f"{place}/{own.slug}"


@lru_cache(maxsize=64)
def _after(place: str) -> re.Pattern[str]:
    rows = [
        r"(?P<usc>United States Code|U\.? ?S\.? ?C(?:ode)?\b\.?)",
        r"(?P<cfr>Code of Federal Regulations|C\.F\.R\.?)",
    ]
    rows += [f"(?P<f{i}>{name})" for i, (_, name) in enumerate(_FEDERAL_NAMES)]
    for i, code in enumerate(STATES):
        if code.last and (code.place == place or (not place.startswith("us-") and code.place not in _VAGUE)):
            rows.append(f"(?P<c{i}>{code.last})")
        elif code.place == place and not code.titled:
            rows.append(f"(?P<c{i}>(?:{code.first})(?![.,]? ?\\d))")
    named = [f"(?i:(?P<n{i}>{name}))" for i, (_, name) in enumerate(NAMED.get(place, ()))]
    generic = [f"(?P<generic>{GENERIC[place]})"] if place in GENERIC else []
    own = [*named, *([f"(?:(?:{ABBREVIATED[place]}) )?(?:{'|'.join(generic)})"] if generic else [])]
    pattern = "|".join([f"(?i:{'|'.join(rows)})", *own])
    return re.compile(bounded(f"{_BY}(?:{pattern})") + r"(?!\w)")


def _anchor(m: re.Match[str], phrase: Phrase, place: str) -> Anchor | None:
    name = next((n for n, v in m.groupdict().items() if v is not None), "")
    title = phrase.group("title")
    number = title.items[0].number if title is not None else None
    if name in ("usc", "cfr"):
        return Anchor(f"us/{name}/{number}", m.end(), ("title",)) if number else None
    if name[0] == "f":
        return Anchor(_FEDERAL_NAMES[int(name[1:])][0], m.end())
    if name[0] == "c":
        return _of_state(STATES[int(name[1:])], m.end(), phrase, number)
    if name == "generic":
        return _generic(m, place)
    return Anchor(f"{place}/{NAMED[place][int(name[1:])][0]}", m.end())


def _generic(m: re.Match[str], place: str) -> Anchor | None:
    words = re.split(r"\s+", m["generic"])
    if words[0].lower() in (
        "this",
        "such",
        "that",
        "existing",
        "any",
        "state",
        "federal",
        "other",
        "the",
        "as",
        "former",
    ):
        return None
    return Anchor(f"{place}/{slug(' '.join(words[:-1]), None)}", m.end())


def _of_state(code: Code, end: int, phrase: Phrase, title: str | None) -> Anchor | None:
    base = f"{code.place}/{code.slug}"
    if not code.titled:
        return Anchor(base, end)
    if code.place == "us-ma":
        chapter = phrase.group("chapter")
        title = chapter.items[0].number if chapter is not None else None
        return Anchor(f"{base}/{title}", end, taken=("chapter",)) if title else None
    return Anchor(f"{base}/{title}", end, ("title",)) if title else None


def _taken(base: str) -> tuple[str, ...]:
    """A base of three segments holds the title."""
    return ("title",) if base.count("/") == 2 else ()


def own_code(number: str, place: str) -> str | None:
    """In the place's own bills a section in the code's own manner needs no name."""
    if place in ALONE and re.fullmatch(ALONE[place][0], number):
        return ALONE[place][1]
    for code in STATES:
        if code.place == place and code.bare and re.fullmatch(code.number, number) and not number.isdigit():
            return f"{code.place}/{code.slug}"
    return None


def own_chapter(s: str, phrase: Phrase, place: str) -> str | None:
    """ "chapter 22-23" in South Dakota: a chapter whose number begins that of its sections."""
    group = phrase.groups[0]
    number = group.items[0].number or ""
    plain = place in _PLAIN_CHAPTERS
    if len(phrase.groups) != 1 or group.unit != "chapter" or not (plain or "-" in number) or not number[-1:].isdigit():
        return None
    if _SESSION_LAW.search(s[max(0, phrase.start - 12) : phrase.start]) or _OF_SESSION.match(s, phrase.end):
        return None
    return next((base for tail in ("-1", ".01", ".001") if (base := own_code(number + tail, place)) is not None), None)


_PLAIN_CHAPTERS = ("us-fl", "us-hi", "us-mn")
_SESSION_LAW = re.compile(r"(?i)laws\s(?:of\s)?(?:\d{4})?,?\s{0,3}$")
_OF_SESSION = re.compile(
    r",?\s(?:of\s)?(?:the\s|this\s|[A-Z][a-z]+\s)?(?:[Ll]aws|title)|,\s(?:article|section)|,?\s\d|-\d{3}")  # fmt: skip


def home_code(number: str, home: str, place: str, highest: int) -> str | None:
    """The law being amended, unless the number may be one of the bill's own sections."""
    digits = re.match(r"\d+", number)
    own = next((code for code in STATES if code.place == place), None)
    if own is not None and own.bare:
        return None  # its numbers look otherwise: this is a section of the bill, or of a session's laws
    if digits is None or int(digits[0]) <= max(highest, _LEAST if own is not None and own.titled else 0):
        return None
    return root(home)


_LEAST = 99  # below that, a number in a bill of a state with titles is seldom the code's


def fits(base: str, number: str) -> bool:
    """Whether a section of the code to which `base` belongs can bear this number."""
    code = _COMPILATIONS.get(root(base))
    return code is None or re.fullmatch(code.number, number) is not None


_COMPILATIONS = {f"{code.place}/{code.slug}": code for code in STATES if code.bare}


def alone(plain: str, place: str) -> str | None:
    """A bare number that someone typed: "13-3214" in Arizona."""
    m = _ALONE.fullmatch(plain)
    if m is None:
        return None
    base = own_code(m["num"], place)
    if base is None:
        return None
    pins = re.findall(r"\(([^()]+)\)", m["pins"] or "")
    return "/".join((base, m["num"], *pins))


_ALONE = re.compile(rf"(?:\xa7+\s?)?(?P<num>{NUMBER})(?P<pins>{PINS})?")


def past_pointer(s: str, at: int) -> int:
    """ "That chapter 22-23 be amended": the word points at nothing that was said before."""
    m = _POINTER.match(s, at)
    return m.end() if m is not None else at


_POINTER = re.compile(bounded(r"(?:such|that|said|the same) "), re.I)


def said(s: str, at: int) -> Said | None:
    m = _SAID.match(s, at)
    return Said(m[1].lower(), m[2].lower(), m.end()) if m is not None else None


__all__ = ["Anchor", "CodeFirst", "Said", "code_after", "code_first", "depth_of_root"]
