"""What an editor filled in, field by field as words, to a text of an alert, or all that is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from tracker.alerts.records import Addressee, AlertText, AlertWords
from tracker.desk.reviewing import names
from tracker.errors import AlertError
from tracker.model import Topic

SOURCE = "en"
LANGUAGES = (SOURCE, "es")
NEEDED = ("headline", "happens", "why", "decides", "reach", "script")
LONGEST = {"headline": 120}
LONGEST_WORDS = 4_000  # of any other field
MOST_BILLS, MOST_ADDRESSEES = 20, 60
_BILL = re.compile(r"[a-z0-9-]{1,20}/[a-z0-9-]{1,60}/[a-z0-9-]{1,100}")
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

Given = Mapping[str, Sequence[str]]  # a form


def read_text(given: Given, by: str, jurisdictions: Collection[str],
              addressees: Sequence[Addressee] = ()) -> tuple[AlertText | None, list[str]]:
    """The text, or None and in words all that keeps it from being one. `by`: whose name must not stand in it."""
    problems: list[str] = []
    words = dict(_languages(given, by, problems))
    zone = one(given, "zone")
    if zone not in zones():
        problems.append("Time zone of the venue: choose one of the list.")
    deadline, not_before, not_after = (_moment(given, name, zone, problems)
                                       for name in ("deadline", "not_before", "not_after"))
    if deadline is None and not_after is None:
        problems.append("Give a deadline, or a moment after which nobody is told any more.")
    ends = min((m for m in (deadline, not_after) if m), default=None)
    if not_before and ends and not_before >= ends:
        problems.append("It may not be told before a moment at which it is over already.")
    jurisdiction = one(given, "jurisdiction")
    if jurisdiction not in jurisdictions:
        problems.append("Choose the legislature.")
    topics = tuple(t for t in Topic if t.value in given.get("topics", ()))
    if not topics:
        problems.append("Choose at least one topic: it decides who is told.")
    bills = _bills(given, jurisdiction, problems)
    if len(addressees) > MOST_ADDRESSEES:
        problems.append(f"At most {MOST_ADDRESSEES} addressees fit.")
    if problems:
        return None, problems
    return AlertText(words, jurisdiction, topics, bills, deadline, zone, one(given, "deadline_words")[:300],
                     not_before, not_after, tuple(addressees)), []


def field_name(name: str, language: str) -> str:
    return name if language == SOURCE else f"{name}_{language}"


def as_given(text: AlertText) -> dict[str, list[str]]:
    """A text as the form that would give it."""
    given: dict[str, list[str]] = {
        "jurisdiction": [text.jurisdiction], "topics": [t.value for t in text.topics],
        "bills": ["\n".join(text.bills)], "zone": [text.zone], "deadline_words": [text.deadline_words]}
    for name in ("deadline", "not_before", "not_after"):
        moment: datetime | None = getattr(text, name)
        given[name] = [f"{moment.astimezone(ZoneInfo(text.zone)):%Y-%m-%dT%H:%M}"] if moment else [""]
    for language, words in text.words.items():
        for f in fields(words):
            given[field_name(f.name, language)] = [getattr(words, f.name)]
    return given


def one(given: Given, name: str) -> str:
    return (given.get(name) or [""])[0].strip()


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _languages(given: Given, by: str, problems: list[str]) -> Iterator[tuple[str, AlertWords]]:
    """A language of which nothing is filled in is left out; half of one is a problem."""
    for language in LANGUAGES:
        said = {f.name: _lines(one(given, field_name(f.name, language))) for f in fields(AlertWords)}
        if language != SOURCE and not any(said.values()):
            continue
        tail = "" if language == SOURCE else f" ({language})"
        for name, value in said.items():
            if not value and name in NEEDED:
                problems.append(f"{_LABELS[name]}{tail}: this is missing.")
            if len(value) > LONGEST.get(name, LONGEST_WORDS):
                problems.append(f"{_LABELS[name]}{tail}: at most {LONGEST.get(name, LONGEST_WORDS)} characters.")
            if names(value, by):
                problems.append(f"{_LABELS[name]}{tail}: readers see this; leave the name of your account out of it.")
        said["headline"] = " ".join(said["headline"].split())
        yield language, AlertWords(**said)


_LABELS = {"headline": "In one line", "happens": "What happens", "why": "Why it matters", "decides": "Who decides",
           "reach": "How to reach them", "script": "What you can say", "corrected": "What was wrong before",
           "deadline": "Deadline", "not_before": "Not before", "not_after": "Not after"}


def _lines(value: str) -> str:
    """No control characters, no direction tricks; at most one empty line in a row."""
    kept = _UNFIT.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in kept.split("\n"))).strip()


def _moment(given: Given, name: str, zone: str, problems: list[str]) -> datetime | None:
    """Local time of the venue to UTC. One that the clocks skip or pass twice is refused: nobody guesses a deadline."""
    raw = one(given, name)
    if not raw or zone not in zones():
        return None
    try:
        local = datetime.fromisoformat(f"{raw[:16].replace(' ', 'T')}:00")
    except ValueError:
        problems.append(f"{_LABELS[name]}: expected a day and a time like 2031-05-09T17:00.")
        return None
    found = {local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    if len(found) > 1:
        problems.append(f"{_LABELS[name]}: on that day the clocks of {zone} skip this time or show it twice.")
        return None
    return found.pop()


def _bills(given: Given, jurisdiction: str, problems: list[str]) -> tuple[str, ...]:
    found = tuple(sorted({line for value in given.get("bills", ()) for line in value.lower().split()}))
    if len(found) > MOST_BILLS or not all(_BILL.fullmatch(bill) for bill in found):
        problems.append(f"Bills: one on each line like us/119/hr-1, at most {MOST_BILLS}.")
    elif any(bill.partition("/")[0] != jurisdiction for bill in found):
        problems.append("Bills: all of the legislature that the alert is about.")
    return found


def raise_for(problems: Sequence[str]) -> None:
    """Raises AlertError with all of them."""
    if problems:
        raise AlertError(" ".join(problems))
