"""An alert and what somebody wants to do with it to the alert afterwards, or why not. Pure; the store repeats it under
the writers' lock, and the database refuses a release by a writer whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.alerts.records import Alert, AlertState, AlertText, Revision
from tracker.errors import AlertError
from tracker.model import Account, Role


def write(identity: str, text: AlertText, by: Account, now: datetime) -> Alert:
    _need(by, Role.EDITOR)
    return Alert(identity, AlertState.DRAFT, (Revision(1, by.name, now, text),), now)


def edit(alert: Alert, text: AlertText, by: Account, now: datetime) -> Alert:
    """Whatever was submitted is a draft again; what readers see stays until somebody else releases this."""
    _need(by, Role.EDITOR)
    _alive(alert)
    if text == alert.newest.text:
        raise AlertError("nothing was changed")
    if alert.public and not all(words.corrected for words in text.words.values()):
        raise AlertError("readers have seen this alert: say in each language what was wrong before")
    revision = Revision(alert.newest.number + 1, by.name, now, text)
    return replace(alert, state=AlertState.DRAFT, revisions=(*alert.revisions, revision))


def submit(alert: Alert, by: Account, now: datetime) -> Alert:
    _need(by, Role.EDITOR)
    _alive(alert)
    if alert.state is not AlertState.DRAFT:
        raise AlertError(f"expected a draft, this alert is {alert.state}")
    _in_time(alert, now)
    return replace(alert, state=AlertState.SUBMITTED)


def send_back(alert: Alert, by: Account, now: datetime) -> Alert:
    """Who was to release it wants it changed."""
    _need(by, Role.RELEASER, Role.EDITOR)
    if alert.state is not AlertState.SUBMITTED:
        raise AlertError(f"expected a submitted alert, this one is {alert.state}")
    return replace(alert, state=AlertState.DRAFT)


def release(alert: Alert, by: Account, now: datetime) -> Alert:
    """A second person, always: never one who wrote any of its revisions."""
    _need(by, Role.RELEASER)
    if alert.state is not AlertState.SUBMITTED:
        raise AlertError(f"expected a submitted alert, this one is {alert.state}")
    if by.name in alert.writers:
        raise AlertError("who wrote or changed an alert cannot release it: somebody else must")
    _in_time(alert, now)
    return replace(alert, state=AlertState.RELEASED, public=alert.newest.number, released_at=now,
                   first_released_at=alert.first_released_at or now)


def withdraw(alert: Alert, by: Account, now: datetime) -> Alert:
    """One person is enough: stopping must be quick. Readers are told in fixed words, which need no second pair of
    eyes."""
    _need(by, Role.EDITOR, Role.RELEASER)
    _alive(alert)
    return replace(alert, state=AlertState.WITHDRAWN, withdrawn_at=now)


@dataclass(frozen=True, slots=True)
class Deed:
    """What may be done with an alert as it is, and what the step is called afterwards."""

    do: Callable[[Alert, Account, datetime], Alert]
    step: str


DEEDS = {"submit": Deed(submit, "submitted"), "return": Deed(send_back, "returned"),
         "release": Deed(release, "released"), "withdraw": Deed(withdraw, "withdrawn")}


def possible(alert: Alert, by: Account, now: datetime) -> dict[str, str]:
    """Each deed, and why it is not possible; empty: it is."""
    found = {}
    for name, deed in DEEDS.items():
        try:
            deed.do(alert, by, now)
        except AlertError as problem:
            found[name] = str(problem)
        else:
            found[name] = ""
    return found


def _need(by: Account, *roles: Role) -> None:
    if by.disabled_at is not None or not {*roles} & {*by.roles}:
        raise AlertError(f"this needs the role {' or '.join(roles)}, which {by.name!r} has not")


def _alive(alert: Alert) -> None:
    if alert.state is AlertState.WITHDRAWN:
        raise AlertError("this alert was withdrawn: write another")


def _in_time(alert: Alert, now: datetime) -> None:
    if now >= alert.newest.text.ends_at:
        raise AlertError("its window is over: nothing of it would ever be sent")
