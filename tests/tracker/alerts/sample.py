"""An alert about the sample's bill, and who writes and releases it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.tracker.web.sample import NASTY, NOW
from tracker.alerts import steps
from tracker.alerts.records import Addressee, Alert, AlertText, AlertWords
from tracker.app import Services
from tracker.model import Account, Cadence, Filter, Role, Subscription, Topic

EDITOR = Account("ada", (Role.EDITOR,), NOW)
RELEASER = Account("bo", (Role.RELEASER,), NOW)
BOTH = Account("cy", (Role.EDITOR, Role.RELEASER), NOW)
DEADLINE = datetime(2031, 5, 10, 0, 0, tzinfo=UTC)  # Friday 9 May, 17:00 in Los Angeles
WORDS = AlertWords("Ask the committee <b>to</b> repeal", "The committee votes on HB 13.\n\nIt would repeal loitering.",
                   "Arrests for loitering hurt people.", "The Committee on Streets.", "Call the office before noon.",
                   "Hello, I ask you to vote for HB 13.")
TEXT = AlertText({"en": WORDS, "es": replace(WORDS, headline="Pida al comité que derogue")}, "xx",
                 (Topic.DECRIMINALIZATION,), (NASTY,), DEADLINE, "America/Los_Angeles",
                 "Friday 5 pm or upon adjournment", None, None,
                 (Addressee("Rep. Ada Sample", "Representative", "XX-1", "+1 555 0100", "sample@house.example.org",
                            "https://legislature.example/sample", "https://legislature.example/members",
                            date(2031, 5, 1)),))


def text(**changes: Any) -> AlertText:
    return replace(TEXT, **changes)


def people(services: Services) -> None:
    for account in (EDITOR, RELEASER, BOTH):
        services.entrance.add(account.name, account.roles, None, NOW)


def written(services: Services, body: AlertText = TEXT, by: Account = EDITOR) -> Alert:
    now = services.clock()
    return services.alerts.add(lambda identity: steps.write(identity, body, by, now))


def submitted(services: Services, alert: Alert, by: Account = EDITOR) -> Alert:
    now = services.clock()
    return services.alerts.change(alert.id, None, lambda a: steps.submit(a, by, now), "submitted", by, now)


def released(services: Services, body: AlertText = TEXT) -> Alert:
    return release(services, submitted(services, written(services, body)))


def release(services: Services, alert: Alert, by: Account = RELEASER) -> Alert:
    now = services.clock()
    return services.alerts.change(alert.id, None, lambda a: steps.release(a, by, now), "released", by, now)


def corrected(services: Services, alert: Alert, **changes: Any) -> Alert:
    now = services.clock()
    words = {language: replace(said, corrected="The hour was wrong.") for language, said in TEXT.words.items()}
    body = replace(alert.newest.text, words=words, **changes)
    edited = services.alerts.change(alert.id, None, lambda a: steps.edit(a, body, EDITOR, now), "edited", EDITOR, now)
    return release(services, submitted(services, edited))


def withdrawn(services: Services, alert: Alert, by: Account = EDITOR) -> Alert:
    now = services.clock()
    return services.alerts.change(alert.id, None, lambda a: steps.withdraw(a, by, now), "withdrawn", by, now)


def reader(services: Services, name: str, wanted: Filter | None = None, address: str = "", **more: Any) -> Subscription:
    address = address or f"{name}@reader.example.org"
    row = Subscription(name, services.keys.seal(address, name), services.keys.blind_index(address),
                       wanted or Filter(topics=(Topic.DECRIMINALIZATION,)), Cadence.WEEKLY, "UTC", 8, 0,
                       services.store.last_seq(), NOW - timedelta(days=9), NOW - timedelta(days=8),
                       manage_token=services.keys.stored_token(name), next_due_at=NOW + timedelta(days=7), **more)
    services.ledger.add(row)
    return row
