"""How long what is stored of a reader stays: one table for what deletes and for the page that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from digests.delivery.mail import ANSWER_IN
from digests.readers.key_notices import WAITS_FOR
from digests.readers.renewal import YEAR
from digests.readers.subscriptions import EXPIRES
from digests.speech import N_
from tracker.alerts.records import KEPT_FOR

DEAD_FOR = timedelta(days=30)  # then subscriptions of an address that bounced hard are deleted
SUPPRESSED_FOR = timedelta(days=730)
BOUNCES_FOR = timedelta(days=90)
PACES_FOR = timedelta(days=1)
DELIVERIES_FOR = timedelta(days=400)  # longer than `deliveries check` can look back


@dataclass(frozen=True, slots=True)
class Period:
    """`key` is what commands call it; `what` is in words for readers."""

    key: str
    what: str
    length: timedelta


PERIODS: tuple[Period, ...] = (
    Period("unconfirmed", N_("A sign-up that nobody confirmed"), EXPIRES),
    Period("unanswered", N_("A subscription after our yearly question, if nobody answers it"), ANSWER_IN),
    Period("yearly", N_("A subscription, until we ask whether it is still wanted"), YEAR),
    Period("dead", N_("A subscription whose mailbox no longer exists"), DEAD_FOR),
    Period("waiting", N_("A subscription whose OpenPGP key no longer works, after we said so"), WAITS_FOR),
    Period("deliveries", N_("That a message went, and when; never its words"), DELIVERIES_FOR),
    Period("alerts", N_("Which calls to act you got, after the end of each"), KEPT_FOR),
    Period("bounces", N_("That a message came back"), BOUNCES_FOR),
    Period("suppressed", N_("That an address wants no mail, or takes none, as a keyed hash"), SUPPRESSED_FOR),
    Period("paces", N_("How fast a mail provider takes messages, as a keyed hash of its name"), PACES_FOR),
)
