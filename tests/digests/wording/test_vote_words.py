"""How a vote went, in plain words of each language."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digests.speech import speech_of
from digests.wording.votes import outcome
from digests.wording.words import describe
from tracker.model import Event, EventKind, IngestMode

SAID = [
    (True, {"yes": 57, "no": 40, "excused": 2}, "passed 57 to 40, 2 excused", "aprobada por 57 a 40, 2 con excusa"),
    (False, {"yes": 28, "no": 31, "absent": 1}, "failed 28 to 31, 1 absent", "rechazada por 28 a 31, 1 ausente"),
    (None, {"yes": 1204, "no": 3, "other": 2}, "1,204 to 3, 2 other votes", "1.204 a 3, 2 otros votos"),
    (True, {"yes": 9, "no": 0, "absent": 0}, "passed 9 to 0", "aprobada por 9 a 0"),  # none was absent: not told
    (None, {"yes": 2, "excused": 1}, "2 yes, 1 excused", "2 a favor, 1 con excusa"),  # no noes were told: not "2 to 0"
    (True, {}, "passed", "aprobada"),
    (False, {}, "not passed", "no aprobada"),
    (None, {}, "", ""),
    (True, {"yes": 3, "no": 1, "paired": 2, "not voting": 4, "abstain": 1},
     "passed 3 to 1, 1 abstained, 4 not voting, 2 paired",
     "aprobada por 3 a 1, 1 abstención, 4 sin votar, 2 pareados"),
]


@pytest.mark.parametrize(("passed", "counts", "english", "spanish"), SAID)
def test_an_outcome_is_told_with_its_counts(passed: bool | None, counts: dict[str, int], english: str,
                                            spanish: str) -> None:
    assert outcome(passed, counts) == english
    assert outcome(passed, counts, speech_of("es")) == spanish


def step(**data: object) -> Event:
    moment = datetime(2031, 3, 7, tzinfo=UTC)
    return Event(1, "k", EventKind.ACTION_RECORDED, "xx/31/hb-1", "xx", date(2031, 3, 6), moment, IngestMode.LIVE, (),
                 {"description": "Third reading", "chamber": "upper", **data})


def test_a_message_tells_how_a_step_was_voted_on() -> None:
    told = step(vote={"passed": True, "counts": {"yes": 57, "no": 40, "excused": 2}})
    assert describe(told).detail == "Senate; passed 57 to 40, 2 excused."
    assert describe(told, speech_of("es")).detail == "Cámara alta; aprobada por 57 a 40, 2 con excusa."


def test_events_recorded_before_votes_had_counts_are_told_as_before() -> None:
    assert describe(step()).detail == "Senate."
