"""An event to the words that tell it, in the language of who reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from digests import plain
from digests.speech import ENGLISH, N_, Speech
from digests.wording.begun import last_begun
from digests.wording.votes import outcome
from tracker.model import TOPIC_NAMES, Effect, Event, EventKind, Filter, IngestMode, Topic, effect_name, effect_names
from tracker.stage import STAGE_NAMES

LATE_AFTER_DAYS = 7

CHAMBERS = {"lower": N_("House"), "upper": N_("Senate"), "legislature": N_("both chambers"),
            "executive": N_("executive")}
MARKS = {"inserted": N_("words to be added to the law"), "struck": N_("words to be removed from the law")}
# Whole sentences: "corrected" bends to its noun in many languages.
CORRECTED_WORDS = {
    "action": N_("Corrected step: {what}"), "hearing": N_("Corrected hearing: {what}"),
    "flag": N_("Corrected finding: {what}"), "version": N_("Corrected text: {what}"),
    "title": N_("Corrected title: {what}"), "sponsor": N_("Corrected sponsor: {what}"),
}
WITHDRAWN_WORDS = {
    "action": N_("Withdrawn by the legislature: step {what}"),
    "hearing": N_("Withdrawn by the legislature: hearing {what}"),
    "flag": N_("Withdrawn by the legislature: finding {what}"),
    "version": N_("Withdrawn by the legislature: text {what}"),
    "text": N_("Withdrawn by the legislature: text {what}"),
    "title": N_("Withdrawn by the legislature: title {what}"),
    "sponsor": N_("Withdrawn by the legislature: sponsor {what}"),
}

# What people decide at the desk is a correction only if it changes what was said.
_ALWAYS_CORRECTED = (EventKind.CORRECTION, EventKind.FLAG_REJECTED, EventKind.FLAG_CORRECTED)
_REVIEWED = (EventKind.FLAG_CONFIRMED, EventKind.REVIEW_WITHDRAWN)

LATE, CORRECTED, SCHEDULED, WITHDRAWN = N_("published late"), N_("corrected"), N_("scheduled"), N_("withdrawn")

Data = dict[str, Any]
Told = tuple[str, list[str], str | None]  # headline, parts of the detail, quote
Teller = Callable[[Data, Speech], Told]


@dataclass(frozen=True, slots=True)
class Line:
    """What happened, in plain words. Text only: every channel escapes it at its own rim."""

    headline: str
    detail: str | None = None
    quote: str | None = None
    badges: tuple[str, ...] = ()


def describe(event: Event, speech: Speech = ENGLISH) -> Line:
    headline, parts, quote = _TELLERS[event.kind](event.data, speech)
    if is_scheduled(event):
        headline = speech._("Scheduled for {day}: {what}", day=speech.day(event.occurred_on), what=headline)
    detail = "; ".join(part for part in parts if part)
    badges = tuple(speech._(badge) for badge in _badges(event))
    end = "" if detail.endswith((".", "!", "?", "…")) else "."  # a step's own words may end their own sentence
    return Line(headline, f"{detail[0].upper()}{detail[1:]}{end}" if detail else None, quote, badges)


def day(value: date | str | None, speech: Speech = ENGLISH) -> str:
    return speech.day(value)


def effect_words(effect: str, topic: str | None = None, speech: Speech = ENGLISH) -> str:
    return speech._(effect_name(effect, topic))


def wanted_effects(wanted: Filter, speech: Speech = ENGLISH) -> list[str]:
    """The effects of a filter, in the words of its topics where these agree."""
    topics = [*wanted.topics, *(s.partition("/")[0] for s in wanted.subtopics)]
    return [speech._(name) for name in effect_names(wanted.effects, topics)]


def topic_name(topic: str, speech: Speech = ENGLISH) -> str:
    return speech._(TOPIC_NAMES[Topic(topic)])


def stage_name(stage: str, speech: Speech = ENGLISH) -> str:
    """A stage that we do not know is given back as written."""
    return speech._(STAGE_NAMES[stage]) if stage in STAGE_NAMES else stage


def chamber_name(chamber: str, speech: Speech = ENGLISH) -> str:
    """A chamber that we do not know is given back as written."""
    return speech._(CHAMBERS[chamber]) if chamber in CHAMBERS else chamber


def is_scheduled(event: Event) -> bool:
    return (event.kind is EventKind.ACTION_RECORDED and event.occurred_on is not None
            and event.occurred_on > last_begun(event.jurisdiction, event.recorded_at))


def _badges(event: Event) -> tuple[str, ...]:
    """Labels only: nothing is decided by comparing the two times."""
    found = []
    live = event.mode is IngestMode.LIVE
    if live and event.occurred_on and (event.recorded_at.date() - event.occurred_on).days > LATE_AFTER_DAYS:
        found.append(LATE)
    if is_scheduled(event):
        found.append(SCHEDULED)
    if event.kind is EventKind.CORRECTION and event.data.get("after") is None:
        found.append(WITHDRAWN)
    elif event.kind in _ALWAYS_CORRECTED or (event.mode is IngestMode.REPAIR and event.kind not in _REVIEWED):
        found.append(CORRECTED)
    return tuple(found)


# --- one teller a kind ------------------------------------------------------------------------------------------------


def _introduced(data: Data, speech: Speech) -> Told:
    sponsors = ", ".join(plain.line(name) for name in data.get("sponsors") or ())
    title = plain.line(data.get("title"))
    return (speech._("Introduced: {title}", title=title) if title else speech._("Introduced"),
            [speech._("sponsor: {names}", names=sponsors) if sponsors else ""], None)


def _retitled(data: Data, speech: Speech) -> Told:
    return (speech._("New title: {title}", title=plain.line(data.get("after"))),
            [speech._("before: {what}", what=plain.line(data.get("before")))], None)


def _action(data: Data, speech: Speech) -> Told:
    """The step's own words stay as the legislature wrote them, in every language."""
    stage = data.get("stage") or ""
    also = "; ".join(plain.line(other) for other in data.get("also") or ())
    return plain.line(data.get("description")) or speech._("A step without words"), [
        _chamber(data, speech), plain.line(data.get("time")), _voted(data, speech),
        speech._("the bill now stands at: {stage}", stage=stage_name(stage, speech)) if stage in STAGE_NAMES else "",
        speech._("also recorded as: {what}", what=also) if also else ""], None


def _voted(data: Data, speech: Speech) -> str:
    vote = data.get("vote")
    return outcome(vote.get("passed"), vote.get("counts") or {}, speech) if vote else ""


def _published(data: Data, speech: Speech) -> Told:
    return speech._("New text published: {version}", version=_version(data)), [], None


def _arrived(data: Data, speech: Speech) -> Told:
    return speech._("The text “{version}” can now be read", version=_version(data)), [], None


def _raised(data: Data, speech: Speech) -> Told:
    return _finding(data, speech), _evidence(data, speech), _quote(data)


def _lowered(data: Data, speech: Speech) -> Told:
    """The quote is the older text's: the newest one no longer has it."""
    return speech._("No longer in the newest text, “{version}”: {finding}", version=_version(data),
                    finding=_finding(data, speech)), [], _quote(data)


def _confirmed(data: Data, speech: Speech) -> Told:
    return (speech._("Confirmed by a reader of the text: {finding}", finding=_finding(data, speech)),
            [_said_before(data, speech), _reason(data, speech)], _quote(data))


def _rejected(data: Data, speech: Speech) -> Told:
    """Told in the words in which it had been told before."""
    told = _finding({**data, **(data.get("before") or {})}, speech)
    return speech._("We flagged this by mistake: {finding}", finding=told), [_reason(data, speech)], _quote(data)


def _redirected(data: Data, speech: Speech) -> Told:
    mended = {**data, **(data.get("after") or {})}
    before = _said_before({**mended, "before": data.get("before") or data}, speech)
    return (speech._("Corrected by a reader of the text: {finding}", finding=_finding(mended, speech)),
            [before, _reason(data, speech)], _quote(data))


def _reopened(data: Data, speech: Speech) -> Told:
    """The rule's finding stands again, and nobody has judged it."""
    return (speech._("A review was taken back: {finding}", finding=_finding(data, speech)),
            [_said_before(data, speech), _reason(data, speech)], _quote(data))


def _said_before(data: Data, speech: Speech) -> str:
    """What was shown until now, if it was something else. `before` is None: it was withheld."""
    before = data.get("before")
    if before is None:
        return speech._("not shown until now")
    said = _about(before, speech)
    return speech._("we had said: {what}", what=said) if said != _about(data, speech) else ""


def _reason(data: Data, speech: Speech) -> str:
    reason = plain.line(data.get("reason")).rstrip(".")
    return speech._("reason: {words}", words=reason) if reason else ""


def _quote(data: Data) -> str | None:
    return plain.line(data.get("quote")) or None


def _sponsor_joined(data: Data, speech: Speech) -> Told:
    words = N_("New sponsor: {name}") if data.get("primary") else N_("New co-sponsor: {name}")
    return speech._(words, name=_person(data)), [], None


def _sponsor_left(data: Data, speech: Speech) -> Told:
    return speech._("Sponsor withdrew: {name}", name=_person(data)), [], None


def _hearing(words: str) -> Teller:
    def tell(data: Data, speech: Speech) -> Told:
        subject = plain.line(data.get("description")) or speech._("no subject given")
        before = data.get("before")
        return (speech._(words, moment=_moment(data, speech), subject=subject),
                [plain.line(data.get("committee")), plain.line(data.get("place")),
                 speech._("before: {moment}, {place}", moment=_moment(before, speech),
                          place=plain.line(before.get("place")) or speech._("no place given")) if before else ""],
                None)

    return tell


def _corrected(data: Data, speech: Speech) -> Told:
    thing = data.get("of") or ""
    before, after = data.get("before"), data.get("after")
    if after is None:
        words = WITHDRAWN_WORDS.get(thing, N_("Withdrawn by the legislature: entry {what}"))
        return speech._(words, what=_short(before, speech)), [], None
    if thing == "text":
        return speech._("The text {what} was published again with other words", what=_short(after, speech)), [], None
    words = CORRECTED_WORDS.get(thing, N_("Corrected entry: {what}"))
    return (speech._(words, what=_short(after, speech)),
            [speech._("before: {what}", what=_short(before, speech)) if before else ""], None)


_TELLERS: dict[EventKind, Teller] = {
    EventKind.BILL_INTRODUCED: _introduced,
    EventKind.TITLE_CHANGED: _retitled,
    EventKind.ACTION_RECORDED: _action,
    EventKind.VERSION_PUBLISHED: _published,
    EventKind.TEXT_ARRIVED: _arrived,
    EventKind.FLAG_RAISED: _raised,
    EventKind.FLAG_WITHDRAWN: _lowered,
    EventKind.FLAG_CONFIRMED: _confirmed,
    EventKind.FLAG_REJECTED: _rejected,
    EventKind.FLAG_CORRECTED: _redirected,
    EventKind.REVIEW_WITHDRAWN: _reopened,
    EventKind.SPONSOR_ADDED: _sponsor_joined,
    EventKind.SPONSOR_REMOVED: _sponsor_left,
    EventKind.HEARING_SCHEDULED: _hearing(N_("Hearing on {moment}: {subject}")),
    EventKind.HEARING_CHANGED: _hearing(N_("Hearing changed, now {moment}: {subject}")),
    EventKind.HEARING_CANCELLED: _hearing(N_("Hearing cancelled, was {moment}: {subject}")),
    EventKind.CORRECTION: _corrected,
}


# --- pieces -----------------------------------------------------------------------------------------------------------


def _finding(data: Data, speech: Speech) -> str:
    """Where, about what, in which direction: the three things that must not be mixed up."""
    place = plain.line(data.get("provision")) or speech._("This bill")
    return f"{place}: {_about(data, speech)}"


def _about(data: Data, speech: Speech) -> str:
    """A topic or a direction of another billwatch is given back as written; one that is missing is said to be so."""
    topic, effect = plain.line(data.get("topic")), plain.line(data.get("effect"))
    about = (topic_name(topic, speech) if topic in TOPIC_NAMES else topic) or speech._("topic not told")
    known = effect in list(Effect)
    does = effect_words(effect, topic if topic in TOPIC_NAMES else None, speech) if known else effect
    return f"{about}, {does}" if does else speech._("{topic}, direction not told", topic=about)


def _evidence(data: Data, speech: Speech) -> list[str]:
    mark = data.get("mark") or ""
    return [speech._("in the text “{version}”", version=_version(data)), speech._(MARKS.get(mark, ""))]


def _version(data: Data) -> str:
    return plain.line(data.get("note")) or plain.line(data.get("version"))


def _person(data: Data) -> str:
    facts = ", ".join(fact for fact in (plain.line(data.get("party")), plain.line(data.get("area"))) if fact)
    name = plain.line(data.get("name"))
    return f"{name} ({facts})" if facts and not name.endswith("]") else name  # "Rep. Doe, Jane [R-OK-2]" says it


def _chamber(data: Data, speech: Speech) -> str:
    return chamber_name(plain.line(data.get("chamber")), speech)


def _moment(data: Data, speech: Speech) -> str:
    """A hearing's time stays as the venue wrote it ("2 pm or upon adjournment"), with the venue's zone."""
    time, zone = plain.line(data.get("time")), plain.line(data.get("zone"))
    return speech.day(data.get("date")) + (f", {time}" if time else "") + (f" ({zone})" if time and zone else "")


def _short(data: Data | None, speech: Speech) -> str:
    data = data or {}
    words = next((plain.line(data[name]) for name in ("description", "note", "title", "name", "provision", "version")
                  if data.get(name)), speech._("without words"))
    return speech.quoted(words) + (f" ({speech.day(data['date'])})" if data.get("date") else "")
