"""A flag, its text and its decisions to what a reviewer must see; a form to a judgment. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from tracker.desk.review import as_tagged, finding_of
from tracker.desk.reviewing import Judgment
from tracker.errors import ReviewError
from tracker.model import Decision, Effect, Finding, MarkedText, ReviewVerdict, Role, Topic
from tracker.store.reviews import STATES, QueueQuery, QueueRow
from tracker.tagger.sections import cut
from tracker.web.choice import Form
from tracker.web.excerpts import mark_up

FLAGS_A_PAGE = 20
REACH = 4_000  # characters of the section shown on each side of the quote

STATE_NAMES = {"open": "Waiting", "confirmed": "Confirmed", "corrected": "Corrected", "rejected": "Rejected",
               "all": "All"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the queue, as its form shows it again."""

    jurisdiction: str = ""
    topic: str = ""
    show: str = "open"
    page: int = 1

    @property
    def query(self) -> QueueQuery:
        return QueueQuery(self.jurisdiction or None, Topic(self.topic) if self.topic else None, self.show,
                          FLAGS_A_PAGE, (self.page - 1) * FLAGS_A_PAGE)

    def url(self, path: str = "/desk", **more: str | int) -> str:
        given = {"jurisdiction": self.jurisdiction, "topic": self.topic,
                 "show": self.show if self.show != "open" else "", **more}
        asked = urlencode({name: value for name, value in given.items() if value})
        return f"{path}?{asked}" if asked else path


def read_wanted(jurisdiction: str | None, topic: str | None, show: str | None, page: int | None = None) -> Wanted:
    """What is not known is as if it had not been asked: this is a form of ours, not an interface."""
    return Wanted((jurisdiction or "")[:40], topic if topic in {*Topic} and topic else "",
                  show if show in STATES and show else "open", max(1, min(page or 1, 10_000)))


@dataclass(frozen=True, slots=True)
class Context:
    """The section around a flag, marked up. `cut_before`, `cut_after`: it goes on beyond what is shown."""

    html: Markup
    cut_before: bool
    cut_after: bool


def context(text: MarkedText, row: QueueRow) -> Context:
    start, end = next(((a, b) for _, a, b, *_ in cut(text) if a <= row.flag.start < b), (0, len(text.text)))
    low, high = max(start, row.flag.start - REACH), min(max(end, row.flag.end), row.flag.end + REACH)
    return Context(mark_up(text.text, low, high, text.marks, [(row.flag.start, row.flag.end)]), low > start, high < end)


@dataclass(frozen=True, slots=True)
class Said:
    """The form of a judgment, as far as it was filled in."""

    verdict: str = ""
    reason: str = ""
    topic: str = ""
    effect: str = ""
    subtopic: str = ""
    known: str = ""  # how many decisions there were when the form was shown


def read_said(form: Form) -> Said:
    return Said(*((form.get(name) or [""])[0].strip() for name in Said.__slots__))


def judgment_of(said: Said, bill_id: str, key: str, was: Finding, by: str, roles: Sequence[Role],
                known: int | None = None) -> Judgment:
    """Raises ReviewError that says what is missing. `was`: what the rule found."""
    if said.verdict not in {*ReviewVerdict}:
        raise ReviewError("Choose what you say of this flag.")
    verdict = ReviewVerdict(said.verdict)
    if verdict in (ReviewVerdict.REJECT, ReviewVerdict.CORRECT) and not said.reason:
        raise ReviewError("Give the reason: whoever was told of this flag is told why it was wrong.")
    corrected = None
    if verdict is ReviewVerdict.CORRECT:
        if said.topic not in {*Topic} or said.effect not in {*Effect}:
            raise ReviewError("Choose the right topic and effect.")
        corrected = Finding(Topic(said.topic), Effect(said.effect), said.subtopic[:60] or None)
        if (corrected.topic, corrected.effect) == (was.topic, was.effect):
            raise ReviewError("Topic and effect are just what the rule found. If they are right, say so.")
    return Judgment(bill_id, key, verdict, by, roles[0], said.reason, corrected, known)


def found_by_rule(row: QueueRow | None, decisions: Sequence[Decision]) -> Finding:
    return finding_of(as_tagged(row.flag) if row else decisions[-1].flag)
