"""A legislature's own list of offices (CSV) to members; a bill to those whom it concerns. Nothing is guessed. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from tracker.alerts.records import Addressee, Member
from tracker.errors import AlertError
from tracker.model import Bill

COLUMNS = ("name", "role", "district", "phone", "mail", "url", "source", "fetched")
MORE = ("id",)
LONGEST = 300
# Offices only. An address at a provider of private mailboxes is none of a legislature.
_PRIVATE = re.compile(r"@(?:gmail|googlemail|yahoo|hotmail|outlook|live|icloud|me|aol|proton|protonmail|gmx|web)\.",
                      re.I)


def read_members(jurisdiction: str, table: str) -> tuple[Member, ...]:
    """Raises AlertError that names the line."""
    rows = csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))
    missing = {*COLUMNS} - {*(rows.fieldnames or ())}
    if missing:
        raise AlertError(f"members: the first line lacks {', '.join(sorted(missing))}; expected {', '.join(COLUMNS)}")
    found = tuple(_member(jurisdiction, row, rows.line_num) for row in rows)
    if not found:
        raise AlertError("members: the list is empty")
    return found


def members_of(jurisdiction: str, offices: Iterable[Mapping[str, str]], source: str,
               fetched: date) -> tuple[Member, ...]:
    """What a legislature's own page was read to, held to the same rules as a file. One person on several pages is one:
    the row that says most of the role stays. Raises AlertError that names the row."""
    found: dict[tuple[str, str], Member] = {}
    for number, row in enumerate(offices, 1):
        member = _member(jurisdiction, {**row, "source": source, "fetched": fetched.isoformat()}, number)
        key = (member.id, member.contact.name)
        if key not in found or len(member.contact.role) > len(found[key].contact.role):
            found[key] = member
    if not found:
        raise AlertError("members: the pages name nobody")
    return tuple(found.values())


def _member(jurisdiction: str, row: Mapping[str, str | None], line: int) -> Member:
    said = {name: " ".join((row.get(name) or "").split()) for name in (*COLUMNS, *MORE)}
    if not said["name"] or any(len(value) > LONGEST for value in said.values()):
        raise AlertError(f"members, line {line}: expected a name, and no value of more than {LONGEST} characters")
    for name in ("url", "source"):
        if said[name] and not re.fullmatch(r"https?://[^\s<>\"'`\\]+", said[name]):
            raise AlertError(f"members, line {line}: {name} is no web address")
    if not said["source"]:
        raise AlertError(f"members, line {line}: expected the page that says so as source, got none")
    if said["mail"] and (not re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+\.[a-z]{2,}", said["mail"], re.I)
                         or _PRIVATE.search(said["mail"])):
        raise AlertError(f"members, line {line}: expected the mail address of an office, got none or a private one")
    if said["phone"] and not re.fullmatch(r"[+0-9()./ x-]{3,40}", said["phone"]):
        raise AlertError(f"members, line {line}: this is no phone number")
    try:
        fetched = date.fromisoformat(said["fetched"])
    except ValueError:
        raise AlertError(f"members, line {line}: fetched is no date like 2031-05-01") from None
    return Member(jurisdiction, Addressee(said["name"], said["role"], said["district"], said["phone"], said["mail"],
                                          said["url"], said["source"], fetched), said["id"])


def propose(bill: Bill, members: Sequence[Member]) -> tuple[Addressee, ...]:
    """Sponsors, then committees, each with its office's contact if the list has exactly that one; else its name and
    the bill's official page."""
    page = bill.sources[0] if bill.sources else ""
    found = [*_sponsors(bill, members, page), *_committees(bill, members, page)]
    return tuple({one.name: one for one in reversed(found)}.values())[::-1]


def _sponsors(bill: Bill, members: Sequence[Member], page: str) -> Iterator[Addressee]:
    for sponsor in bill.sponsorships:
        if sponsor.withdrawn_on is None:
            same = [m for m in members if sponsor.person_id and m.id == sponsor.person_id] or _named(
                sponsor.name, (m for m in members if not (sponsor.person_id and m.id)))
            yield same[0].contact if len(same) == 1 else Addressee(
                sponsor.name, "sponsor" if sponsor.primary else "co-sponsor", sponsor.area or "", source=page)


def _committees(bill: Bill, members: Sequence[Member], page: str) -> Iterator[Addressee]:
    for committee in bill.committees:
        same = _named(committee, members)
        yield same[0].contact if len(same) == 1 else Addressee(committee, "committee", source=page)


def _named(name: str, members: Iterable[Member]) -> list[Member]:
    """The whole name, letter by letter but for capitals and blanks. "Rep. Smith" is nobody's whole name."""
    return [m for m in members if _fold(m.contact.name) == _fold(name)]


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())
