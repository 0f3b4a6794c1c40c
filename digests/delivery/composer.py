"""Deliveries to messages as bytes: what many readers share is rendered once, what is one reader's is spliced in.

A digest is written once with marks where a reader's own words go. Lines without a mark are encoded for mail once; only
the few with a mark are filled and encoded a reader. The bytes are those of `mail.compose`, which tests hold.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, date
from email.quoprimime import body_encode
from html import escape
from typing import TypeVar

from digests.delivery.builder import BillNews, Digest, bill_news, build
from digests.delivery.mail import (
    Person,
    bill_bodies,
    bodies,
    boundary_of,
    compose,
    envelope,
    fill,
    person_of,
    subject_of,
)
from digests.following.facets import Facets, facets_of
from digests.following.news import news
from digests.readers.sealing import Keys
from digests.site import Site
from digests.speech import Speech, speech_of
from digests.wording.changed_words import Changes
from digests.wording.outages import lines
from tracker.model import Cadence, Delivery, Event, Subscription
from tracker.polling.sources import Outage
from tracker.ports import Log

KEPT = 2000  # digests and bodies; those of one hour are mostly a few hundred
_WIDTH = 78  # as the standard library's message object encodes
_TEXT, _HTML = "TEXTBODY", "HTMLBODY"

# As sign-up takes them. Any other goes the long way, where the standard library judges it.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]{1,255}")

T = TypeVar("T")
Piece = bytes | tuple[str, bool]  # encoded for good, or a line with marks and whether it is HTML


@dataclass(frozen=True, slots=True)
class Mould:
    """A digest without its reader. `head` is split at marks: even pieces are bytes, odd ones names of a Person."""

    head: tuple[bytes | str, ...]
    pieces: tuple[Piece, ...]


class Composer:
    """For one round of sending: what it has read of the log, told or rendered it does not do again.

    Of digests that differ, the bills that are told alike are shared. `write` gives None when there is nothing to say
    (any more).
    """

    def __init__(self, log: Log, keys: Keys, site: Site, outages: Sequence[Outage] = (),
                 changes: Changes = lambda _: None) -> None:
        self._changes = changes
        self._log, self._keys, self._site, self._outages = log, keys, site, outages
        self._digests: _Kept[Digest] = _Kept()
        self._moulds: _Kept[Mould] = _Kept()
        self._news: _Kept[BillNews] = _Kept()
        self._facets: _Kept[Facets] = _Kept()
        self._bills: _Kept[tuple[bytes, bytes]] = _Kept()
        self._skeletons: _Kept[tuple[tuple[bytes | str, ...], bytes, bytes]] = _Kept()
        secret = keys.mark()  # nobody who writes a bill's title knows it
        self._marks = Person(*(f"{secret}{letter}" for letter in "abcdefg"[:len(fields(Person))]))
        self._names = {mark: f.name for f, mark in zip(fields(Person), astuple(self._marks), strict=True)}
        self._pattern = re.compile(f"({secret}[a-g])")
        self._bill_mark = f"{secret}z"

    def write(self, subscription: Subscription, delivery: Delivery, address: str) -> bytes | None:
        today = delivery.created_at.astimezone(UTC).date()
        digest = self._digests.of((subscription.filter, delivery.from_seq, delivery.to_seq, subscription.language,
                                   today), lambda: self._digest(subscription, delivery, today))
        if not digest.count and not (subscription.heartbeat and subscription.cadence is not Cadence.INSTANT):
            return None
        notices = lines(self._outages, subscription.filter, delivery.created_at, speech_of(subscription.language))
        if not _PLAIN_ADDRESS.fullmatch(address):
            return compose(subscription, digest, delivery, address, self._site, self._keys, notices).as_bytes()
        key = (digest.id, digest.first, subscription.filter, subscription.language, subscription.cadence,
               subscription.telling_subject, delivery.created_at, today, notices)
        mould = self._moulds.of(key, lambda: self._mould(subscription, digest, delivery, notices))
        return _cast(mould, person_of(subscription, delivery, address, self._site, self._keys), self._pattern,
                     self._names)

    def _digest(self, subscription: Subscription, delivery: Delivery, today: date) -> Digest:
        found = news(self._log, subscription.filter, delivery.from_seq, delivery.to_seq,
                     lambda event: self._facets.of(event.seq, lambda: facets_of(event)))
        return build(found, speech=speech_of(subscription.language), today=today, tell=self._tell)

    def _tell(self, events: list[Event], total: int, speech: Speech) -> BillNews:
        return self._news.of((tuple(e.seq for e in events), total, speech.language),
                             lambda: bill_news(events, total, speech, self._changes))

    def _mould(self, subscription: Subscription, digest: Digest, delivery: Delivery, notices: tuple[str, ...]) -> Mould:
        subject = subject_of(subscription, digest)
        head, between, after = self._skeletons.of(
            (subject, subscription.language, delivery.created_at),
            lambda: self._skeleton(subscription, digest, delivery))
        text, html = bodies(subscription, digest, self._site, self._marks, notices,
                            tuple(f"{self._bill_mark}{n}" for n in range(len(digest.bills))))
        speech = speech_of(subscription.language)
        bills = [self._bills.of((bill, speech.language), lambda bill=bill: self._bill(bill, speech))  # type: ignore[misc]
                 for bill in digest.bills]
        return Mould(head, (*self._encoded(text, False, [text for text, _ in bills]), between,
                            *self._encoded(html, True, [html for _, html in bills]), after))

    def _skeleton(self, subscription: Subscription, digest: Digest,
                  delivery: Delivery) -> tuple[tuple[bytes | str, ...], bytes, bytes]:
        """What stands before, between and after the bodies."""
        marks = self._marks
        stamped = Person(f"{marks.address}@example.org", f"<{marks.message_id}@example.org>", *astuple(marks)[2:])
        message = envelope(subscription, digest, delivery.created_at, self._site, stamped)
        fill(message, _TEXT, _HTML, subscription.language)
        raw = message.as_bytes().replace(f"{marks.address}@example.org".encode(), marks.address.encode())
        raw = raw.replace(stamped.message_id.encode(), marks.message_id.encode())
        skeleton = raw.replace(boundary_of(stamped.message_id).encode(), b"\0").decode()
        before, rest = skeleton.split(f"{_TEXT}\r\n")
        between, after = rest.split(f"{_HTML}\r\n")
        head = tuple(part.encode() if n % 2 == 0 else self._names[part]
                     for n, part in enumerate(self._pattern.split(before)))
        return head, between.encode(), after.encode()

    def _bill(self, bill: BillNews, speech: Speech) -> tuple[bytes, bytes]:
        text, html = bill_bodies(bill, self._site, speech)
        return encoded(text), encoded(html)

    def _encoded(self, body: str, is_html: bool, bills: Sequence[bytes]) -> list[Piece]:
        found: list[Piece] = []
        plain: list[str] = []
        for line in body.encode().splitlines():
            words = line.decode()
            if words.startswith(self._bill_mark):
                found += [encoded("".join(plain)), bills[int(words.removeprefix(self._bill_mark))]]
                plain = []
            elif self._pattern.search(words):
                found += [encoded("".join(plain)), (words, is_html)]
                plain = []
            else:
                plain.append(f"{words}\n")
        return [*found, encoded("".join(plain))]


def encoded(body: str) -> bytes:
    """Whole lines of a body in quoted-printable. Each line is encoded by itself, so pieces can be joined."""
    whole = "".join(f"{line.decode()}\n" for line in body.encode().splitlines())
    return body_encode(whole.encode().decode("latin-1"), _WIDTH).replace("\n", "\r\n").encode("ascii")


def _cast(mould: Mould, person: Person, pattern: re.Pattern[str], names: dict[str, str]) -> bytes:
    parts = [piece if isinstance(piece, bytes) else getattr(person, piece).encode() for piece in mould.head]
    for piece in mould.pieces:
        if isinstance(piece, bytes):
            parts.append(piece)
            continue
        line, is_html = piece

        def own(found: re.Match[str], is_html: bool = is_html) -> str:
            value = str(getattr(person, names[found[1]]))
            return escape(value) if is_html else value

        parts.append(encoded(pattern.sub(own, line) + "\n"))
    return b"".join(parts).replace(b"\0", boundary_of(person.message_id).encode())


class _Kept(OrderedDict[Hashable, T]):
    """The last few values, made when first asked for."""

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        if key in self:
            self.move_to_end(key)
            return self[key]
        value = self[key] = make()
        if len(self) > KEPT:
            self.popitem(last=False)
        return value
