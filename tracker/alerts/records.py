"""The records of action alerts: what an editor wrote, who may still act on it, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tracker.marking import N_
from tracker.model import Delivery, Topic

KEPT_FOR = timedelta(days=30)  # after its end: then nobody can tell any more who got an alert


class AlertState(StrEnum):
    """Of the newest revision. What readers see hangs on `Alert.public` and the clock (`standing`)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class Standing(StrEnum):
    """What an alert is at one moment."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    EMBARGOED = "embargoed"  # released, its window has not begun
    OPEN = "open"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Notice(StrEnum):
    """What a message about an alert is."""

    ALERT = "alert"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who decides, with the contact of the office as its source printed it; never a private one."""

    name: str
    role: str = ""
    district: str = ""
    phone: str = ""
    mail: str = ""
    url: str = ""
    source: str = ""  # address of the page that says so
    fetched_on: date | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A row of a legislature's own list of members or committees. `id` is the legislature's, as bills carry it."""

    jurisdiction: str
    contact: Addressee
    id: str = ""


@dataclass(frozen=True, slots=True)
class AlertWords:
    """The words of an alert in one language. Lines and empty lines are kept."""

    headline: str
    happens: str
    why: str
    decides: str
    reach: str
    script: str
    corrected: str = ""  # what was wrong before; needed as soon as readers have seen an earlier revision


WORD_NAMES = {"headline": N_("In one line"), "happens": N_("What happens"), "why": N_("Why it matters"),
              "decides": N_("Who decides"), "reach": N_("How to reach them"), "script": N_("What you can say"),
              "corrected": N_("What was wrong before")}


@dataclass(frozen=True, slots=True)
class AlertText:
    """One revision of an alert, whole."""

    words: dict[str, AlertWords]  # by language; English is always there
    jurisdiction: str
    topics: tuple[Topic, ...]
    bills: tuple[str, ...]
    deadline: datetime | None  # aware UTC
    zone: str  # IANA zone of the venue
    deadline_words: str  # as the legislature put it: "Friday 5 pm or upon adjournment"
    not_before: datetime | None  # embargo
    not_after: datetime | None  # expiry; None: the deadline
    addressees: tuple[Addressee, ...] = ()

    @property
    def ends_at(self) -> datetime:
        """From here on nothing of it is sent or shown: who cannot act in time any more must not be told to."""
        return min(moment for moment in (self.deadline, self.not_after) if moment is not None)


@dataclass(frozen=True, slots=True)
class Revision:
    number: int
    by: str  # an account; never leaves the desk
    at: datetime
    text: AlertText


@dataclass(frozen=True, slots=True)
class Alert:
    """`revisions` are all, oldest first. `public` is the number of the one that a second person released last."""

    id: str
    state: AlertState
    revisions: tuple[Revision, ...]
    created_at: datetime
    public: int | None = None
    released_at: datetime | None = None  # the public revision
    first_released_at: datetime | None = None
    queued: int = 0  # the last revision that was put into the outbox for everybody whom it is for
    withdrawn_at: datetime | None = None

    @property
    def newest(self) -> Revision:
        return self.revisions[-1]

    @property
    def shown(self) -> Revision | None:
        """What readers may see if the clock lets them."""
        return self.revisions[self.public - 1] if self.public else None

    @property
    def is_corrected(self) -> bool:
        return self.released_at != self.first_released_at

    @property
    def writers(self) -> frozenset[str]:
        return frozenset(revision.by for revision in self.revisions)


@dataclass(frozen=True, slots=True)
class AlertStep:
    """One thing that happened to an alert. `by=None`: the clock."""

    alert_id: str
    revision: int
    step: str  # "written", "edited", "submitted", "returned", "released", "corrected", "withdrawn", "sent", "expired"
    at: datetime
    by: str | None = None
    note: str | None = None  # for the desk only


@dataclass(frozen=True, slots=True)
class AlertDelivery(Delivery):
    """An outbox row of an alert: which revision as what kind of message, to whom. `from_seq` and `to_seq` are 0."""

    alert_id: str = ""
    notice: Notice = Notice.ALERT
    revision: int = 0


def standing(alert: Alert, now: datetime) -> Standing:
    """A correction in the making leaves what is public as it is."""
    if alert.state is AlertState.WITHDRAWN:
        return Standing.WITHDRAWN
    if alert.shown is None:
        return Standing.SUBMITTED if alert.state is AlertState.SUBMITTED else Standing.DRAFT
    if now >= alert.shown.text.ends_at:
        return Standing.EXPIRED
    begins = alert.shown.text.not_before
    return Standing.EMBARGOED if begins and now < begins else Standing.OPEN


def may_leave(alert: Alert, delivery: AlertDelivery, now: datetime) -> bool:
    """At this very moment: the window of the released revision is open, or it is a withdrawal."""
    if delivery.notice is Notice.WITHDRAWAL:
        return alert.state is AlertState.WITHDRAWN
    return standing(alert, now) is Standing.OPEN and delivery.revision == alert.public
