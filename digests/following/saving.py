"""A filter to a saved search: a private feed and calendar under an address that only its owner has.

Its two tokens hang on the stored hash in a chain that can be walked one way only, as those of a subscription do
(digests.readers.sealing): the end token gives the feed token, and that one gives the hash. So a feed reader on
somebody else's server, which must know the address of the feed, cannot end it.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import date

from digests.channels.specs import FeedSpec
from digests.readers.sealing import new_token, token_hash
from tracker.model import Filter, SavedSearch


@dataclass(frozen=True, slots=True)
class Fresh:
    """What its owner is shown once; of the tokens only a hash is stored."""

    row: SavedSearch
    feed_token: str
    end_token: str

    @property
    def spec(self) -> FeedSpec:
        return spec_of(self.row, self.feed_token)


def save(wanted: Filter, today: date) -> Fresh:
    end = new_token()
    feed = feed_token(end)
    return Fresh(SavedSearch(secrets.token_urlsafe(16), token_hash(feed), wanted, today), feed, end)


def spec_of(row: SavedSearch, token: str) -> FeedSpec:
    return FeedSpec("saved", token, row.filter, row.id)


def feed_token(end_token: str) -> str:
    raw = hashlib.sha256(b"feed|" + end_token.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
