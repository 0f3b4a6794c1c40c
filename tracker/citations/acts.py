"""Acts by name: those that matter have a short slug and known places in a code, all others a slug of their words."""

from __future__ import annotations

import re
from functools import lru_cache

from tracker.citations.patterns import bounded

# (slug, pattern of the name as bills write it, any case), tried in order.
_FEDERAL: tuple[tuple[str, str], ...] = (
    ("wwtvpra2008", r"William Wilberforce Trafficking Victims Protection Reauthorization Act(?: of 2008)?"),
    ("tvpra2003", r"Trafficking Victims Protection Reauthorization Act of 2003"),
    ("tvpra2005", r"Trafficking Victims Protection Reauthorization Act of 2005"),
    ("tvpra2013", r"Trafficking Victims Protection Reauthorization Act of 2013"),
    ("tvpra2017", r"Trafficking Victims Protection Reauthorization Act of 2017"),
    ("tvpa2000", r"(?:Victims of )?Trafficking Victims Protection Act(?: of 2000)?"),
    ("vtvpa2000", r"Victims of Trafficking and Violence Protection Act(?: of 2000)?"),
    ("jvta2015", r"Justice for Victims of Trafficking Act(?: of 2015)?"),
    ("leadership2003",
     r"(?:United States )?Leadership Against HIV ?/ ?AIDS, Tuberculosis,? and Malaria Act(?: of 2003)?"),
    ("communications1934", r"Communications Act of 1934"),
    ("cda1996", r"Communications Decency Act(?: of 1996)?"),
    ("ina", r"Immigration and Nationality Act"),
    ("fosta2017", r"Allow States and Victims to Fight Online Sex Trafficking Act(?: of 2017)?"),
    ("vawa1994", r"Violence Against Women Act(?: of 1994)?"),
    ("mann1910", r"Mann Act|White-?slave traffic Act"),
    ("foreign-assistance-1961", r"Foreign Assistance Act(?: of 1961)?"),
    ("social-security", r"Social Security Act"),
)  # fmt: skip
_OTHERS: dict[str, tuple[tuple[str, str], ...]] = {
    "gb": (
        ("soa2003", r"Sexual Offences Act 2003"),
        ("soa1956", r"Sexual Offences Act 1956"),
        ("msa2015", r"Modern Slavery Act 2015"),
        ("street-offences-1959", r"Street Offences Act 1959"),
        ("osa2023", r"Online Safety Act 2023"),
    ),
    "ie": (
        ("2017/2", r"Criminal Law \(Sexual Offences\) Act,? 2017"),
        ("1993/20", r"Criminal Law \(Sexual Offences\) Act,? 1993"),
        ("2006/15", r"Criminal Law \(Sexual Offences\) Act,? 2006"),
        ("2008/8", r"Criminal Law \(Human Trafficking\) Act,? 2008"),
        ("2013/24", r"Criminal Law \(Human Trafficking\) \(Amendment\) Act,? 2013"),
        ("1998/22", r"Child Trafficking and Pornography Act,? 1998"),
        ("2001/18", r"Sex Offenders Act,? 2001"),
        ("1994/2", r"Criminal Justice \(Public Order\) Act,? 1994"),
    ),
    "ca": (
        ("c-46", r"Criminal Code"),
        ("c-47", r"Criminal Records Act"),
        ("c-5", r"Canada Evidence Act"),
        ("i-2.5", r"Immigration and Refugee Protection Act"),
        ("y-1.5", r"Youth Criminal Justice Act"),
        ("n-5", r"National Defence Act"),
        ("c-44.6", r"Corrections and Conditional Release Act"),
        ("h-6", r"Canadian Human Rights Act"),
    ),
}
# Sections of an Act that stand under another number in the United States Code, as the Code's own notes say.
TWINS: dict[str, tuple[str, dict[str, str]]] = {
    "tvpa2000": ("us/usc/22", {"102": "7101", "103": "7102", "105": "7103", "105A": "7103a", "106": "7104",
                               "107": "7105", "108": "7106", "110": "7107", "111": "7108", "112A": "7109a",
                               "112B": "7109b", "113": "7110"}),
    "leadership2003": ("us/usc/22", {"301": "7631", "402": "7672", "403": "7673"}),
    "communications1934": ("us/usc/47", {"223": "223", "230": "230", "231": "231"}),
    "ina": ("us/usc/8", {"101": "1101", "207": "1157", "208": "1158", "212": "1182", "214": "1184", "236": "1226",
                         "237": "1227", "240A": "1229b", "244": "1254a", "245": "1255", "274": "1324", "278": "1328"}),
    "wwtvpra2008": ("us/usc/8", {"235": "1232"}),
}  # fmt: skip
_LESSER = frozenset(("of", "the", "and", "for", "to", "in", "on", "by", "with", "from", "or", "at", "an", "a"))
_WORD = r"(?:[A-Z]\.){1,4}|(?:Jr|St|Dr|No)\.|[A-Z][\w'&/-]{0,30}|\([A-Z][\w'&./ -]{0,50}\)"
_SMALL = r"(?:of|and|the|for|to|in|on|by|with|from|against|or|at|end|a|an)"
_NAME = rf"(?:{_WORD})(?:,?\s{{1,9}}(?:{_SMALL}\s{{1,9}}){{0,3}}(?:{_WORD})){{0,18}}?"
# A capitalised name that ends in "Act", with its year as the place writes it.
NAME = re.compile(rf"(?P<name>{_NAME})\s{{1,9}}(?P<kind>Act|Code|Order|Measure)\b(?!\s{{1,9}}of\s{{1,9}}[A-Z])"
                  r"(?:,?\s{1,9}(?:of\s{1,9})?(?P<year>(?:1[89]|20)\d\d)\b)?")  # fmt: skip
# Words that begin a sentence or a reference, not the name of an Act.
LEADING = frozenset((
    "The", "This", "That", "Such", "Section", "Sections", "Subsection", "Part", "In", "Under", "Of", "For", "To", "A",
    "An", "And", "Or", "By", "See", "Chapter", "Title", "Schedule", "Notwithstanding", "SECTION", "SEC", "Amendments",
    "Each", "Amendment", "PART",
))  # fmt: skip


@lru_cache(maxsize=16)
def known(place: str) -> re.Pattern[str]:
    """One pattern of all Acts that have a slug of their own; the group's number leads to it."""
    rows = table(place)
    flags = re.I if place.startswith("us") else 0
    return re.compile("|".join("(" + bounded(name) + r")\b" for _, name in rows) or r"x\bx", flags)


def table(place: str) -> tuple[tuple[str, str], ...]:
    return _FEDERAL if place.startswith("us") else _OTHERS.get(place, ())


def owners(written: str) -> tuple[str, ...]:
    """Countries among whose Acts one of this name is known."""
    return tuple(place for place in ("us", *_OTHERS) if any(re.search(name, written) for _, name in table(place)))


def slug_of(place: str, matched: re.Match[str]) -> str:
    return table(place)[(matched.lastindex or 1) - 1][0]


def slug(name: str, year: str | None) -> str:
    """ "Foreign Assistance", "1961" -> "foreign-assistance-1961"."""
    words = [w for w in re.findall(r"[a-z0-9]+", name.lower().replace("'", "")) if w not in _LESSER]
    return "-".join(words + ([year] if year else []))[:80].strip("-") or "act"


def place_of_acts(place: str) -> str:
    """The prefix of an Act's normal form in this place."""
    return place + "/act" if place.startswith("us") else place or "xx"
