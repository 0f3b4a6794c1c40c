"""The key file to one with a new sealing key, or without an old one. Whole or not at all, whoever is killed when.

Only sealing keys turn. The index key cannot: of an address that complained only its keyed hash is kept, which nobody
can compute anew. The token key cannot either: the links in every message that was ever sent hang on it.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from digests.readers.sealing import Keys, written
from tracker.errors import ConfigError

SETTLES = timedelta(minutes=10)  # a process that took the old key just before has written with it by then


def add_key(path: Path, now: datetime) -> str:
    """Make a new key the one that seals, beside the old ones. Its name."""
    content = _read(path)
    taken = [int(name[1:]) for name in content["sealing"] if name[1:].isdigit()]
    name = f"k{max(taken, default=0) + 1}"
    content["sealing"][name] = secrets.token_hex(32)
    content["current"], content["since"] = name, now.astimezone(UTC).isoformat()
    written(path, content, replace=True)
    return name


def drop_keys(path: Path, names: set[str], now: datetime) -> None:
    """For good: what they sealed opens no longer. Raises ConfigError for the current one, or too soon after a turn."""
    content = _read(path)
    if content["current"] in names:
        raise ConfigError(f"key {content['current']} is the one that seals: it cannot be retired")
    since = content.get("since")
    if since and timedelta(0) <= now - datetime.fromisoformat(since) < SETTLES:
        raise ConfigError("the new key is younger than ten minutes: a running service may still be writing with the "
                          "old one; try again later")
    content["sealing"] = {name: key for name, key in content["sealing"].items() if name not in names}
    written(path, content, replace=True)


def _read(path: Path) -> dict[str, Any]:
    Keys.load_or_create(path)  # checks who can read it, and that it is whole
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found
