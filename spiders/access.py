"""Keys and quotas: what a source asks of whoever asks it, kept out of every address, archive and log."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from tracker.errors import ConfigError

STAND_IN = "loopback"  # the key of mirrors on this machine, which ask for none
HIDDEN = "(key)"


@dataclass(frozen=True, slots=True)
class Key:
    """How an operator's own key travels: as a query parameter or as a header, never both."""

    where: str  # the page that gives it
    parameter: str = ""
    header: str = ""
    platform: str = ""  # whose key serves every legislature that it reads: BILLWATCH_KEY_LEGISCAN


@dataclass(frozen=True, slots=True)
class Quota:
    """The most requests that the source allows. None: it does not say."""

    day: int | None = None
    month: int | None = None


def variable(source: str) -> str:
    """``us-ny`` -> ``BILLWATCH_KEY_US_NY``."""
    return "BILLWATCH_KEY_" + source.upper().replace("-", "_")


def secret_of(source: str, key: Key | None, local: bool, environment: Mapping[str, str] = os.environ) -> str:
    """The operator's key: of this legislature, else of its platform; "" where none is needed. Raises ConfigError that
    says where to get it."""
    if key is None:
        return ""
    named = [variable(name) for name in (source, key.platform) if name]
    found = next((value for name in named if (value := environment.get(name, "").strip())), "")
    if not found and not local:
        raise ConfigError(f"{source} needs a key of your own (free): get it at {key.where} and set {named[-1]}")
    return found or STAND_IN


def with_secret(url: str, key: Key | None, secret: str) -> str:
    """The address that is asked."""
    if not key or not key.parameter or not secret:
        return url
    return f"{url}{'&' if '?' in url else '?'}{key.parameter}={quote(secret, safe='')}"


def without_secret(url: str, key: Key | None) -> str:
    """The address that is stored: no parameter of the key's name is in it, wherever it came from."""
    if not key or not key.parameter or f"{key.parameter}=" not in url:
        return url
    parts = urlsplit(url)
    kept = [p for p in parts.query.split("&") if p and not p.startswith(f"{key.parameter}=")]
    return urlunsplit(parts._replace(query="&".join(kept)))


class Discreet(logging.Formatter):
    """Another formatter's lines without the key, wherever in a message or a traceback it stands."""

    def __init__(self, inner: logging.Formatter, secret: str) -> None:
        super().__init__()
        self._inner, self._secret = inner, secret

    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        for form in (self._secret, quote(self._secret, safe="")):
            line = line.replace(form, HIDDEN)
        return line


def hush(secret: str) -> None:
    """From now on no log line of this process holds the key."""
    if secret and secret != STAND_IN:
        for handler in logging.root.handlers:
            handler.setFormatter(Discreet(handler.formatter or logging.Formatter(), secret))
