"""A bill's steps to the picture of its way: five stations, which of them it reached and when, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from markupsafe import Markup, escape

from digests.speech import Speech
from digests.wording.words import stage_name
from tracker.model import Action, Bill
from tracker.stage import stage_of

WAY = ("introduced", "in-committee", "passed-one", "passed-both", "became-law")
SIMPLE_WAY = ("introduced", "in-committee", "adopted")  # a resolution of one chamber
# How far along the way each stage is; what is not here ended it where it was.
_FAR = {"introduced": 0, "in-committee": 1, "reported": 1, "passed-one": 2, "passed-both": 3, "to-executive": 3,
        "signed": 4, "became-law": 4, "adopted": 4, "override-one": 3, "overridden": 4}
_ENDED = ("failed", "died", "withdrawn", "vetoed", "vetoed-in-part")
STEP, HIGH = 120, 32


@dataclass(frozen=True, slots=True)
class Station:
    name: str
    reached: bool
    here: bool
    on: date | None


@dataclass(frozen=True, slots=True)
class StagePicture:
    stations: tuple[Station, ...]
    ended: str | None  # how, in words, if it is over without having arrived
    svg: Markup


def picture(bill: Bill, speech: Speech) -> StagePicture:
    """Only steps whose kind is known move a bill; a station that was jumped over counts as reached, without a date.

    Where it is now bears the name that the status line says, too: "out of committee" stands at the committee's place.
    """
    way = SIMPLE_WAY if stage_of(bill) == "adopted" else WAY
    reached: dict[int, date | None] = {0: bill.introduced_on}
    furthest, steps, stood, since = 0, list[Action](), "", bill.introduced_on
    for action in bill.actions:
        if not action.classification:
            continue
        steps.append(action)
        then = stage_of(replace(bill, actions=tuple(steps)))
        place = min(_FAR.get(then, -1), len(way) - 1)
        if then != stood:
            stood, since = then, action.date
        if place > furthest:
            reached[place], furthest = action.date, place
    stage = stage_of(bill)
    ended = stage_name(stage, speech) if stage in _ENDED else None
    names = list(way)
    if stage == stood != way[furthest] and min(_FAR.get(stage, -1), len(way) - 1) == furthest:
        names[furthest], reached[furthest] = stage, since
    stations = tuple(Station(stage_name(name, speech), n <= furthest, n == furthest, reached.get(n))
                     for n, name in enumerate(names))
    return StagePicture(stations, ended, _svg(stations, ended, stage_name(stage, speech), speech))


def _svg(stations: tuple[Station, ...], ended: str | None, now: str, speech: Speech) -> Markup:
    wide, at = STEP * len(stations), next(n for n, s in enumerate(stations) if s.here)
    title = speech._("How far it has come: {stage}", stage=now)
    told = [f"{s.name}: {speech.day(s.on)}" if s.on else f"{s.name}" for s in stations if s.reached]
    desc = speech._("Reached: {stations}.", stations=speech.listed(told))
    middle = [STEP // 2 + n * STEP for n in range(len(stations))]
    parts = [f'<line class="way" x1="{middle[0]}" y1="16" x2="{middle[-1]}" y2="16"/>',
             f'<line class="gone" x1="{middle[0]}" y1="16" x2="{middle[at]}" y2="16"/>']
    for x, station in zip(middle, stations, strict=True):
        kind = "over" if station.here and ended else "here" if station.here else "gone" if station.reached else "way"
        parts.append(f'<circle class="{kind}" cx="{x}" cy="16" r="{11 if station.here else 8}"/>')
    if ended:
        x = middle[at]
        parts.append(f'<path class="cross" d="M{x - 5} 11L{x + 5} 21M{x + 5} 11L{x - 5} 21"/>')
    named = 'role="img" aria-labelledby="way-title" aria-describedby="way-desc"'
    return Markup(f'<svg viewBox="0 0 {wide} {HIGH}" {named}>'  # noqa: S704 - of numbers and escaped words
                  f'<title id="way-title">{escape(title)}</title><desc id="way-desc">{escape(desc)}</desc>'
                  f'{"".join(parts)}</svg>')
