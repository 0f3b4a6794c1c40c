"""The error tree: every failure that this service expects, by who must act on it."""

from __future__ import annotations


class TrackerError(Exception):
    """Base of all expected errors. The message states expected, got and where."""


class ConfigError(TrackerError):
    """A setting is missing or wrong: refuse to start and name the setting."""


class SourceError(TrackerError):
    """A legislature's site did not answer as it must."""

    def __init__(self, message: str, *, source: str = "", url: str = "") -> None:
        super().__init__(f"{message} [{source or 'source'} {url}]" if url or source else message)
        self.source, self.url = source, url


class Unreachable(SourceError):
    """No answer, or a server error after all retries: try again later."""


class Blocked(SourceError):
    """The site refuses us (403, 429, challenge page, robots): stop, never evade."""


class LayoutChanged(SourceError):
    """Something that must be on the page is not there: stop, keep the page, be loud."""


class EmptyHarvest(SourceError):
    """Fewer bills than the floor, and the source did not say that nothing is in session."""


class TextError(TrackerError):
    """A version's text cannot be read: keep the bill, mark the text unavailable, ask again."""


class StoreError(TrackerError):
    """The database refused or contradicts itself."""


class StoreAway(StoreError):
    """The database does not answer just now, is locked, or has no room: the same is right a little later."""


class TooFarBack(StoreError):
    """So much has changed since that a search of then would take too long: ask of a later date, or of a list."""


class Conflict(StoreError):
    """Another writer changed the bill between our read and our write: read again and decide anew."""


class ReviewError(TrackerError):
    """A judgment at the desk is about nothing that we hold, or says too little."""


class DecidedMeanwhile(ReviewError):
    """Somebody decided on the flag between the look at it and the judgment: look again."""


class AlertError(TrackerError):
    """An alert says too little, is not where this could be done with it, or must be done by somebody else."""


class AlertMoved(AlertError):
    """Somebody changed the alert between the look at it and the deed: look again."""


class AccountError(TrackerError):
    """An account is missing, disabled or already there, or a password too easy."""


class DeliveryError(TrackerError):
    """A message could not be handed over."""


class TransientDelivery(DeliveryError):
    """The mail server says: later (4xx, connection lost)."""


class RecipientRefused(DeliveryError):
    """The mail server says: never (5xx for this recipient, or for this message)."""

    at_recipient = True  # False: it had taken the recipient and refused the message
