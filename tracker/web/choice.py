"""A form to what a reader wants, and when; and what could not be understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from digests.following.filters import cannot_be_followed
from digests.speech import ENGLISH, LANGUAGES, N_, SOURCE, Speech
from tracker.model import Cadence, Effect, Filter, Subscription, Topic
from tracker.query import QueryError, parse
from tracker.query import words as query_words
from tracker.query.tree import LONGEST
from tracker.stage import STAGE_NAMES
from tracker.subjects import SUBTOPIC_NAMES

Form = dict[str, list[str]]
MAX_BILLS = 50
MAX_NAMES = 20  # sponsors, and as many committees
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """What the forms show and send."""

    topics: tuple[Topic, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    bills: tuple[str, ...] = ()
    cadence: Cadence = Cadence.DAILY
    zone: str = "UTC"
    hour: int = 8
    weekday: int = 0
    language: str = SOURCE
    heartbeat: bool = False
    telling_subject: bool = False
    subtopics: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    sponsors: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    words: str | None = None
    no_alerts: bool = False

    @property
    def filter(self) -> Filter:
        return Filter(self.topics, self.jurisdictions, self.bills, self.subtopics, self.effects, self.sponsors,
                      self.committees, self.stages, self.words)

    @property
    def is_fine(self) -> bool:
        """More than topics, places and a bill: the part of the form for that is shown open."""
        return bool(self.subtopics or self.effects or self.sponsors or self.committees or self.stages or self.words)

    def fields(self) -> list[tuple[str, str]]:
        """As a form would send them."""
        many = {"topics": self.topics, "jurisdictions": self.jurisdictions, "bills": self.bills,
                "subtopics": self.subtopics, "effects": self.effects, "sponsors": self.sponsors,
                "committees": self.committees, "stages": self.stages}
        one = {"words": self.words or "", "cadence": self.cadence, "zone": self.zone, "hour": str(self.hour),
               "weekday": str(self.weekday), "language": self.language, "heartbeat": "1" if self.heartbeat else "",
               "telling_subject": "1" if self.telling_subject else "", "no_alerts": "1" if self.no_alerts else ""}
        return [*((name, str(value)) for name, values in many.items() for value in values),
                *((name, str(value)) for name, value in one.items() if value)]


def choice_of(subscription: Subscription) -> Choice:
    kept = subscription.filter
    return Choice(kept.topics, kept.jurisdictions, kept.bills, subscription.cadence, subscription.zone,
                  subscription.hour, subscription.weekday, subscription.language, subscription.heartbeat,
                  subscription.telling_subject, kept.subtopics, kept.effects, kept.sponsors, kept.committees,
                  kept.stages, kept.words, not subscription.alerts)


def read_choice(form: Form, jurisdictions: Sequence[str],
                speech: Speech = ENGLISH) -> tuple[Choice, list[str]]:
    """The choice as far as it can be understood, and in words what cannot be."""
    problems: list[str] = []
    choice = Choice(
        topics=tuple(t for t in Topic if t.value in form.get("topics", ())),
        jurisdictions=tuple(j for j in jurisdictions if j in form.get("jurisdictions", ())),
        bills=_lines(form, "bills"),
        subtopics=tuple(s for s in SUBTOPIC_NAMES if s in form.get("subtopics", ())),
        effects=tuple(e for e in Effect if e.value in form.get("effects", ())),
        stages=tuple(s for s in STAGE_NAMES if s in form.get("stages", ())),
        sponsors=_lines(form, "sponsors"), committees=_lines(form, "committees"),
        words=_one(form, "words")[:LONGEST + 1] or None)
    if any({*form.get(name, ())} - {*known} for name, known in (
            ("topics", Topic), ("jurisdictions", jurisdictions), ("subtopics", SUBTOPIC_NAMES), ("effects", Effect),
            ("stages", STAGE_NAMES))):
        # Dropping it in silence would widen the choice to "all": the reader must know.
        problems.append(speech._("A topic or legislature in the form is not one of ours."))
    problems += _problems_of_names(choice, speech)
    if len(choice.bills) > MAX_BILLS or any(len(b) > 100 or b.count("/") != 2 for b in choice.bills):
        problems.append(speech._("A bill is named like us/119/hr-1, and at most {most} fit.", most=MAX_BILLS))
    cadence, zone = _one(form, "cadence"), _one(form, "zone")
    if cadence in {*Cadence}:
        choice = replace(choice, cadence=Cadence(cadence))
    elif cadence:
        problems.append(speech._("How often: choose at once, daily or weekly."))
    if zone in zone_names():
        choice = replace(choice, zone=zone)
    elif zone:
        problems.append(speech._("That time zone is not known here. Choose one of the list."))
    language = _one(form, "language") or speech.language
    choice = replace(choice, language=language if language in LANGUAGES else speech.language,
                     heartbeat=bool(_one(form, "heartbeat")), telling_subject=bool(_one(form, "telling_subject")),
                     no_alerts=bool(_one(form, "no_alerts")))
    for name, top, wrong in (("hour", 23, N_("The hour must be a number from 0 to {top}.")),
                             ("weekday", 6, N_("The weekday must be a number from 0 to {top}."))):
        raw = _one(form, name)
        if raw.isascii() and raw.isdigit() and len(raw) <= 2 and int(raw) <= top:
            choice = replace(choice, **_number(name, int(raw)))
        elif raw:
            problems.append(speech._(wrong, top=top))
    return choice, problems


def _problems_of_names(choice: Choice, speech: Speech) -> list[str]:
    """Of what a reader wrote by hand."""
    problems = []
    for name in (*choice.sponsors, *choice.committees):
        if len(name) > LONGEST_NAME or not query_words(name):
            problems.append(speech._("“{name}” is no name: write at least one word of it, one name a line.",
                                     name=name[:LONGEST_NAME]))
    if len(choice.sponsors) > MAX_NAMES or len(choice.committees) > MAX_NAMES:
        problems.append(speech._("At most {most} sponsors and {most} committees fit.", most=MAX_NAMES))
    if choice.words:
        try:
            if cannot_be_followed(parse(choice.words)):
                problems.append(speech._("“cite:” can be searched for, but not followed: news of a bill do not say "
                                         "what its text cites. Leave it out, or follow a topic."))
        except QueryError as wrong:
            problems.append(speech._("Your words, from character {place} on: {problem}", place=wrong.start + 1,
                                     problem=speech._(wrong.message, **wrong.values)))
            if wrong.suggestion:
                problems.append(speech._("Perhaps you mean: {words}", words=wrong.suggestion))
    return problems


def _lines(form: Form, name: str) -> tuple[str, ...]:
    """From boxes to tick and from fields with one on each line; each once."""
    found = (" ".join(line.split()) for value in form.get(name, ()) for line in value.splitlines())
    return tuple(sorted({line for line in found if line}))


def _number(name: str, value: int) -> dict[str, Any]:
    return {name: value}


def _one(form: Form, name: str) -> str:
    return (form.get(name) or [""])[0].strip()


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    return frozenset(z for z in available_timezones() if "/" in z or z == "UTC")


@lru_cache(maxsize=1)
def zone_groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """For a select: UTC, then the regions. Old aliases are understood but not offered."""
    regions = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian",
               "Pacific")
    groups: list[tuple[str, tuple[str, ...]]] = [("", ("UTC",))]
    for region in regions:
        groups.append((region, tuple(sorted(z for z in zone_names() if z.startswith(region + "/")))))
    return tuple(groups)
