"""What most legislatures say of a bill, in their words, to the parts of its record in ours.

Nothing here knows a source. What a spider does not map stays empty; what it maps and cannot be read raises.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, ClassVar

from spiders.contract import LegislatureSpider
from spiders.labels import Labels
from spiders.records import Record
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Link, Sponsorship, Title, VoteEvent

XML, HTML, PLAIN, PDF = "text/xml", "text/html", "text/plain", "application/pdf"
_CHAMBERS = {"H": "lower", "A": "lower", "S": "upper", "J": "legislature", "G": "executive", "E": "executive"}
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

    def bill(self, session: str, identifier: str, title: str | None, steps: Iterable[Action], url: str,
             **more: Any) -> Bill:
        """A bill whose number tells its chamber and kind ("HJR 5"), introduced with its first step, before the
        committees of its steps; `more` says otherwise. Raises LayoutChanged for letters of no known kind."""
        letters = re.sub(r"[^A-Z].*", "", identifier)
        kind = {**KINDS, **self.kinds}.get(letters[1:])
        if kind is None or chamber_of(letters) is None:
            raise LayoutChanged(f"expected the number of a bill, got {identifier[:20]!r}", url=url)
        told = tuple(steps)
        facts: dict[str, Any] = {"classification": (kind,), "chamber": chamber_of(letters), "actions": told,
                 "introduced_on": told[0].date if told else None,
                 "committees": dict.fromkeys(c for a in told for c in a.committees), **more}
        parts: dict[str, Any] = {name: it if it is None or isinstance(it, str | date) else tuple(it)
                                 for name, it in facts.items()}
        return Bill(self.name, session, identifier, title, **parts)


def first_day(steps: Iterable[Action], *classes: str) -> date | None:
    """Of the first step that is of one of the classes."""
    return next((a.date for a in steps if {*classes} & {*a.classification}), None)


def titles(row: Record[Any], kinds: Mapping[str, str]) -> Iterator[Title]:
    """`kinds`: path -> what the title there is called."""
    return (Title(words, kind) for path, kind in kinds.items() if (words := row.get(path)))


def sponsors(listed: Iterable[Record[Any]], *name: str, lead: Callable[[Record[Any]], bool] | None = None,
             person: str | None = None, party: str | None = None, area: str | None = None) -> Iterator[Sponsorship]:
    """Those who have a name. `lead`: whether one leads; else the first one does. The rest are paths."""
    paths = {"person_id": person, "party": party, "area": area}
    for place, row in enumerate(listed):
        if named := row.get(*name):
            more: dict[str, Any] = {key: row.get(path) for key, path in paths.items() if path}
            yield Sponsorship(named, lead(row) if lead else place == 0, **more)


def links(*addresses: tuple[str | None, str]) -> tuple[Link, ...]:
    """(address, media type) in order of preference; addresses that are absent are left out."""
    return tuple(Link(address, media) for address, media in addresses if address)


def vote(action: Action, key: str, passed: bool | None, motion: str | None = None, url: str | None = None) -> VoteEvent:
    """A roll call that the history tells."""
    return VoteEvent(key, action.date, action.chamber, motion or action.description, passed, url)


def apart(codes: Iterable[str]) -> Iterator[str]:
    """Codes that are told apart: the second "amended" is "amended-2"."""
    seen: Counter[str] = Counter()
    for code in codes:
        seen[code] += 1
        yield code if seen[code] == 1 else f"{code}-{seen[code]}"
