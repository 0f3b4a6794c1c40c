"""Runs of a source to its health: when we last saw it well, and since when we may have been blind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.model import Run, VerdictKind
from tracker.ports import Store
from tracker.web.wording import VERDICT_WORDS, jurisdiction_name, moment

SHOWN_RUNS = 10
CLOCK_SLIP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """`well_at`: end of the last good run among those looked at; `failing`: the last judged run was not good."""

    source: str
    runs: tuple[Run, ...]  # newest first
    last: Run | None  # the newest run that was judged
    well_at: datetime | None
    failing: bool
    stale: bool

    @property
    def healthy(self) -> bool:
        return not (self.failing or self.stale)

    @property
    def summary(self) -> str:
        """One sentence for a banner."""
        name = jurisdiction_name(self.source)
        if self.last is None:
            return f"{name}: never checked yet."
        blind = f"last complete check {moment(self.well_at)}" if self.well_at else "no complete check yet"
        if self.failing and self.last.verdict:
            return f"{name}: {VERDICT_WORDS[self.last.verdict.kind]}; {blind}. What happened since may be missing here."
        if self.stale:
            return f"{name}: not checked for too long; {blind}. What happened since may be missing here."
        return f"{name}: checked {moment(self.well_at)}."


def judge(source: str, runs: Sequence[Run], now: datetime, stale_after: timedelta) -> SourceHealth:
    """`runs` are the source's newest, newest first. A run that is still going, died unjudged, or was only asked for a
    part proves nothing; one that ended in the future proves that a clock was wrong."""
    judged = [r for r in runs if r.verdict is not None and not r.counts.get("partial")]
    last = judged[0] if judged else None
    well = next((r for r in judged if r.verdict and r.verdict.kind is VerdictKind.OK), None)
    well_at = (well.finished_at or well.started_at) if well else None
    failing = bool(last and last.verdict and last.verdict.kind is not VerdictKind.OK)
    stale = well_at is None or not -CLOCK_SLIP <= now - well_at <= stale_after
    return SourceHealth(source, tuple(runs), last, well_at, failing, stale)


def survey(store: Store, sources: Iterable[str], now: datetime, stale_after: timedelta) -> list[SourceHealth]:
    """Every source we ever crawled or were told to crawl, by name."""
    known = {*sources, *(run.source for run in store.runs(limit=200))}
    return [judge(s, store.runs(s, SHOWN_RUNS), now, stale_after) for s in sorted(known)]
