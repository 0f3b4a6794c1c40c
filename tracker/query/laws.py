"""A citation of law as people type it to normal forms: sections alone, by nickname, out of order, several at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tracker.citations import citations, owners, parse
from tracker.citations.normal import within

MOST_LAWS = 20  # of one `cite:`
_FOSTA = "Allow States and Victims to Fight Online Sex Trafficking Act"
NICKNAMES = {"section 230": "47 U.S.C. 230", "sec 230": "47 U.S.C. 230", "cda 230": "47 U.S.C. 230", "fosta": _FOSTA,
             "fosta sesta": _FOSTA, "sesta fosta": _FOSTA, "tvpa": "Trafficking Victims Protection Act"}
COUNTRIES = ("gb", "ca", "ie")  # whose statutes are cited by their titles
_RUN_ON = re.compile(r"^(\d{1,2}) ?u\.? ?s\.? ?c\.?(?:a\.?)? ?(?=\d|§)", re.I)  # 47usc230
_BLUEBOOK = re.compile(r"^wash(?:\.|ington)? rev(?:\.|ised)? code(?: ann\.?)?,? (?:§ ?)?", re.I)
_TAIL = re.compile(r"^(?P<law>.*?\D.*?),? +(?:sections?|secs?\.?|ss?\.|§+) ?(?P<number>\d.*)$", re.I)
_CHAPTER = re.compile(r"^(?P<code>[A-Z][A-Z.]{1,7}) +(?P<number>\d[\w.-]*)$")  # RCW 9A.88, ORS 167
_USC = re.compile(r"us/usc/(\w+)/([\w.-]+)((?:/\w+)*)")


class TooManyLaws(ValueError):
    """A range of more sections than one query may name."""


def laws(written: str, places: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """(normal form, how to write it) of each law named; empty if it cannot be read. Raises TooManyLaws.

    `places`: legislatures whose own words are meant where nothing says whose ("Penal Code 647", jurisdiction:us-ca).
    """
    text = " ".join(written.split())
    text = NICKNAMES.get(re.sub(r"[\W_]+", " ", text.lower()).strip(), text)
    named = tuple(place for place in places if "*" not in place)
    for place in (*(p for p in named if not p.startswith("us")), "us", *named, *COUNTRIES):
        for form in _forms(text):
            norms = _norms(form, place)
            if norms and (place in named or place == _home(norms[0], form, place)):
                if len(norms) == 1:
                    alone = form is text and place not in named
                    return ((norms[0], text if alone else _spelt(norms[0])),)
                return tuple((norm, _spelt(norm)) for norm in norms)
    return ()


def _forms(text: str) -> Iterator[str]:
    whole = _BLUEBOOK.sub("RCW ", _RUN_ON.sub(r"\1 U.S.C. ", text))
    if tail := _TAIL.match(whole):  # "Sexual Offences Act 2003, section 53A": else the section would be passed over
        yield f"section {tail['number']} of {tail['law'].strip(' ,')}"
    yield text
    if whole != text:
        yield whole
    if chapter := _CHAPTER.match(text):
        yield f"chapter {chapter['number']} {chapter['code']}"
        yield f"{chapter['code']} chapter {chapter['number']}"


def _norms(text: str, place: str) -> tuple[str, ...]:
    first = parse(text, place)
    if first is None:
        return ()
    found = citations(text, place)
    named = dict.fromkeys((first, *(c.norm for c in found)))
    if len(named) > MOST_LAWS or any(c.through and c.through not in named for c in found):
        raise TooManyLaws
    if first.startswith("us/usc/"):  # beside its place in the Code an Act's own section is the same law
        named = dict.fromkeys(n for n in named if not n.startswith("us/act/"))
    return tuple(n for n in named if not any(n != other and within(other, n) for other in named))


def _home(norm: str, text: str, place: str) -> str:
    """Whose it is: any "... Act" is taken for one of whoever is asked, but some names are known to be another's."""
    known = owners(text)
    if place != "us":
        return place if known[:1] == (place,) else ""
    return known[0] if known and norm.startswith("us/act/") else "us"


def _spelt(norm: str) -> str:
    """What is read as this normal form and nothing else."""
    if found := _USC.fullmatch(norm):
        below = "".join(f"({part})" for part in found[3].split("/") if part)
        usual = f"{found[1]} U.S.C. {found[2]}{below}"
        if parse(usual) == norm:
            return usual
    return norm
