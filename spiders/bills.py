"""What most legislatures say of a bill, in their words, to the parts of its record in ours.

Nothing here knows a source. What a spider does not map stays empty; what it maps and cannot be read raises.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, ClassVar
from urllib.parse import quote

from spiders.contract import LegislatureSpider
from spiders.labels import Labels
from spiders.records import Record
from spiders.tallies import counted
from spiders.tallies import tally as tally
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, HearingStatus, Link, RelatedBill, Sponsorship, Title, VoteEvent

XML, HTML, PLAIN, PDF = "text/xml", "text/html", "text/plain", "application/pdf"
_CHAMBERS = {"H": "lower", "A": "lower", "S": "upper", "J": "legislature", "G": "executive", "E": "executive"}
_OUTCOMES = {"passage": True, "veto-override-passage": True, "failure": False, "veto-override-failure": False}
_NUMBER = re.compile(r"([A-Z][A-Z.]*?)\.?\s?0*(\d+)")
_MENTIONED = re.compile(r"\b([AHS](?:[BCFR]|CR|JR)?)[ -]*0*(\d+)(?!\d)")
# What follows the letter of the chamber in a number: "HB 1", "H 1" and Minnesota's "HF 1" are bills.
KINDS = {"": "bill", "B": "bill", "F": "bill", "R": "resolution", "CR": "concurrent resolution",
         "JR": "joint resolution"}


def chamber_of(words: str | None) -> str | None:
    """By the first letter: House, H, Assembly, A · Senate, S · Joint, J · Governor, G, Executive, E."""
    return _CHAMBERS.get((words or " ")[0].upper())


def clock(moment: str | None) -> str | None:
    """``2026-01-20 09:05:00.000`` -> ``09:05``; midnight means that no time was said."""
    found = re.search(r"[ T](\d\d:\d\d)", moment or "")
    return found[1] if found and found[1] != "00:00" else None


class Bills(LegislatureSpider):
    """What puts a record together."""

    actions: ClassVar[Labels]  # the table of action labels
    kinds: ClassVar[Mapping[str, str]] = {}  # letters of this legislature's own, besides KINDS or instead of them

    def step(self, words: str, on: date | None, chamber: str | None = None, **more: Any) -> Action:
        """An action with its class; an unknown label stays raw (and is counted by the base)."""
        return Action(words, on, classification=self.actions.classify(words) or (), chamber=chamber, **more)

    def numbered(self, text: str, url: str) -> tuple[str, str]:
        """``"J.R.H.3"``, ``"H. 190"`` or ``"HB0190"`` -> ``("HB", "190")``. Raises LayoutChanged: unknown letters."""
        found = _NUMBER.fullmatch(text.strip().upper())
        letters = found[1].replace(".", "") if found else ""
        if not found or self.kind(letters) is None:
            raise LayoutChanged(f"expected a bill's number, got {text[:40]!r}", url=url)
        return letters, found[2]

    def kind(self, letters: str) -> str | None:
        """What the letters of a number stand for. The letter of the chamber may stand first or last: HB, JRH."""
        return {**KINDS, **self.kinds}.get(re.sub("[AHS]", "", letters, count=1))

    def bill(self, session: str, identifier: str, title: str | None, steps: Iterable[Action], url: str,
             **more: Any) -> Bill:
        """A bill whose number tells its chamber and kind ("HJR 5"), introduced with its first step, before the
        committees of its steps; `more` says otherwise. Raises LayoutChanged for letters of no known kind."""
        letters, told = re.sub(r"[^A-Z].*", "", identifier), tuple(steps)
        if "classification" not in more and self.kind(letters) is None:
            raise LayoutChanged(f"expected the number of a bill, got {identifier[:20]!r}", url=url)
        facts = {"classification": (self.kind(letters),), "actions": told,
                 "chamber": chamber_of(next((c for c in letters if c in "AHS"), None)),
                 "introduced_on": told[0].date if told else None,
                 "committees": dict.fromkeys(c for a in told for c in a.committees), **more}
        parts: dict[str, Any] = {name: it if it is None or isinstance(it, str | date) else tuple(it)
                                 for name, it in facts.items()}
        return Bill(self.name, session, identifier, title, **parts)


def by_day(steps: Iterable[Action], undated_last: bool = False) -> list[Action]:
    """Oldest first; those of one day, and those without one, as they came."""
    return sorted(steps, key=lambda action: action.date or (date.max if undated_last else date.min))


def first_day(steps: Iterable[Action], *classes: str) -> date | None:
    """Of the first step that is of one of the classes."""
    return next((a.date for a in steps if {*classes} & {*a.classification}), None)


def titles(row: Record[Any], kinds: Mapping[str, str]) -> Iterator[Title]:
    """`kinds`: path -> what the title there is called."""
    return (Title(words, kind) for path, kind in kinds.items() if (words := row.get(path)))


def sponsors(listed: Iterable[Record[Any]], *name: str, lead: Callable[[Record[Any]], bool] | bool | None = None,
             person: str = "?", party: str = "?", area: str = "?", form: str = "{}") -> Iterator[Sponsorship]:
    """Those who have a name. `lead`: whether one leads, or all do; else the first one does. The rest are paths; `form`
    is how an area is said."""
    for place, row in enumerate(listed):
        if named := row.get(*name):
            leads = place == 0 if lead is None else lead if isinstance(lead, bool) else lead(row)
            seat = row.get(area)
            yield Sponsorship(named, leads, row.get(person), row.get(party), seat and form.format(seat))


def once(found: Iterable[Sponsorship]) -> tuple[Sponsorship, ...]:
    """Each name once: as what it is first, where it stands last."""
    return tuple({one.name: one for one in reversed([*found])}.values())[::-1]


def links(*addresses: tuple[str | None, str]) -> tuple[Link, ...]:
    """(address, media type) in order of preference; addresses that are absent are left out."""
    return tuple(Link(secure(address), media) for address, media in addresses if address)


def secure(address: str) -> str:
    """A whole address: sites that write "http", or no protocol at all, answer "https"; blanks are quoted."""
    whole = address if "://" in address else f"https://{address}"
    return quote(whole.replace("http://", "https://", 1), safe="%/:=&?~#+!$,;'@()*[]")


def mentioned(words: str | None, session: str, relation: str, gap: str = " ") -> Iterator[RelatedBill]:
    """Bills whose numbers stand in words: "HB 12", "S-1270", "SF0012". `gap` parts letters and digits in print."""
    return (RelatedBill(session, f"{letters.upper()}{gap}{digits}", relation)
            for letters, digits in _MENTIONED.findall(words or ""))


def vote(action: Action, key: str, passed: bool | None, motion: str | None = None, url: str | None = None,
         told: Mapping[str, Any] | str | None = None) -> VoteEvent:
    """A roll call that the history tells. `told`: what says its counts, if it is not the words of the step."""
    return VoteEvent(key, action.date, action.chamber, motion or action.description, passed, url,
                     counted(action.description if told is None else told))


def ordinal(number: int) -> str:
    """``111 -> "111th"``, ``121 -> "121st"``, ``122 -> "122nd"``."""
    teens = 10 <= number % 100 <= 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def standing(cancelled: bool) -> HearingStatus:
    return HearingStatus.CANCELLED if cancelled else HearingStatus.SCHEDULED


def outcome(action: Action) -> bool | None:
    """Whether a step carried, by its class; None if it is no decision."""
    return next((found for c in action.classification if (found := _OUTCOMES.get(c)) is not None), None)


def code_of(words: str) -> str:
    """``"House Judiciary Engrossed"`` -> ``"house-judiciary-engrossed"``."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def apart(codes: Iterable[str]) -> Iterator[str]:
    """Codes that are told apart: the second "amended" is "amended-2"."""
    seen: Counter[str] = Counter()
    for code in codes:
        seen[code] += 1
        yield code if seen[code] == 1 else f"{code}-{seen[code]}"
