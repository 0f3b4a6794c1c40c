"""Runs to what is left of each quota: all legislatures that draw on one key draw on one quota.

LegiScan and Open States ration a key, not a state, so what any thin file asked is counted against all of them. Counted
are our own runs, which the database keeps, of the last day and the last 31 days: such a window is never kinder than
the calendar's. A third of a shared quota is kept for changes; first crawls stop there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from spiders.access import Key, variable
from spiders.discovery import find, names, platform_of, thin
from tracker.errors import ConfigError
from tracker.model import IngestMode, Run

if TYPE_CHECKING:
    from tracker.app import Services
    from tracker.settings import Settings

PLATFORMS = ("legiscan", "openstates")
DAY, MONTH = timedelta(days=1), timedelta(days=31)
MOST_RUNS = 20_000  # of a month, of all sources
KEPT_SHARE = 3  # one in so many requests of a shared quota is kept for changes


@dataclass(frozen=True, slots=True)
class Ration:
    """What is left of one span of a quota. `frees_at`: when the oldest counted requests fall out of it."""

    pool: str  # a platform, or a legislature with a key of its own
    span: str  # "day" or "month"
    most: int
    used: int
    frees_at: datetime | None

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)


def rations(pool: str, most: Iterable[tuple[str, int | None]], runs: Iterable[Run],
            now: datetime) -> tuple[Ration, ...]:
    """One a span that has a limit. `runs` are the pool's; those of the future are a wrong clock's and do not count."""
    asked = sorted((r.started_at, r.counts.get("requests", 0)) for r in runs if r.started_at <= now)
    found = []
    for span, limit in most:
        if limit is not None:
            length = DAY if span == "day" else MONTH
            counted = [(at, n) for at, n in asked if n and now - length < at]
            found.append(Ration(pool, span, limit, sum(n for _, n in counted),
                                counted[0][0] + length if counted else None))
    return tuple(found)


def spendable(found: Iterable[Ration], mode: IngestMode, shared: bool) -> int | None:
    """The most that one crawl may ask; None: nothing is rationed."""
    left = [r.left - (r.most // KEPT_SHARE if shared and mode is IngestMode.BACKFILL else 0) for r in found]
    return max(0, min(left)) if left else None


# --- keys -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def key_of(source: str) -> Key | None:
    key: Key | None = find(source).key if source in names() else None
    return key


def key_names(source: str) -> tuple[str, ...]:
    """Under which a key is looked for: the legislature's own wins over its platform's."""
    key = key_of(source)
    return tuple(name for name in (source, key.platform) if name) if key else ()


def held(settings: Settings, name: str) -> bool:
    secret = settings.source_keys.get(name)
    return bool((secret and secret.get_secret_value().strip()) or os.environ.get(variable(name), "").strip())


def environment(settings: Settings, source: str) -> dict[str, str]:
    """The keys of the settings file, as a crawl's process looks for them."""
    return {variable(name): secret.get_secret_value() for name in key_names(source)
            if (secret := settings.source_keys.get(name))}


def wants_key(settings: Settings, source: str) -> str:
    """The variable that must be set before this source is asked; "" if it may be. A mirror wants none."""
    wanted = () if settings.crawl_base_url else key_names(source)
    return variable(wanted[-1]) if wanted and not any(held(settings, name) for name in wanted) else ""


def chosen(settings: Settings) -> tuple[str, ...]:
    """The setting `sources`, where a platform's name stands for every legislature that it reads."""
    named = (thin(name) if name in PLATFORMS else (name,) for name in settings.sources)
    return tuple(dict.fromkeys(source for some in named for source in some))


def insist_on_known(settings: Settings) -> None:
    """Raises ConfigError for a name of the setting `sources` that no file has: it would fail at every turn."""
    if strange := [source for source in chosen(settings) if source not in names()]:
        near = [f" (did you mean {n}?)" for n in get_close_matches(strange[0], (*names(), *PLATFORMS), 1)]
        raise ConfigError(f"setting sources: unknown source {strange[0]!r}{''.join(near)}; "
                          "`billwatch legislatures` lists all")


def awake(settings: Settings) -> tuple[str, ...]:
    """Those that are crawled. One that still wants a key is off: no run, no state, no banner."""
    return tuple(source for source in chosen(settings) if not wants_key(settings, source))


# --- quotas -----------------------------------------------------------------------------------------------------------


def pool_of(settings: Settings, source: str) -> str:
    """Whose quota this source draws on: its platform's, unless it has a key of its own."""
    platform = platform_of(source)
    return source if platform not in PLATFORMS or held(settings, source) else platform


def rations_of(services: Services, source: str, now: datetime) -> tuple[Ration, ...]:
    """What is left of the quota that this source draws on; () if there is none."""
    quota = find(source).quota if source in names() else None
    if quota is None:
        return ()
    pool = pool_of(services.settings, source)
    shared = pool != source
    runs = services.store.runs(None if shared else source, MOST_RUNS, since=now - MONTH)
    mine = [r for r in runs if not shared or pool_of(services.settings, r.source) == pool]
    return rations(pool, (("day", quota.day), ("month", quota.month)), mine, now)


def all_rations(services: Services) -> tuple[Ration, ...]:
    """Of every quota that the crawled sources draw on, by pool."""
    now = services.clock()
    first = {pool_of(services.settings, source): source for source in reversed(awake(services.settings))}
    return tuple(r for _, source in sorted(first.items()) for r in rations_of(services, source, now))


def ration_row(ration: Ration) -> dict[str, Any]:
    """As programs see it."""
    return {"quota": ration.pool, "span": ration.span, "most": ration.most, "used": ration.used, "left": ration.left,
            "frees_at": ration.frees_at}
