"""Why a message came, in words."""

from __future__ import annotations

import pytest

from digests.speech import speech_of
from digests.wording.reasons import MOST, reasons
from tracker.model import Effect, Filter, Topic


@pytest.mark.parametrize(("wanted", "words"), [
    (Filter(), "You asked for every flagged bill."),
    (Filter(topics=(Topic.DECRIMINALIZATION, Topic.WORKER_RIGHTS), jurisdictions=("us", "us-wa")),
     "You asked for: topics: Decriminalization or Worker rights; legislatures: US or US-WA."),
    (Filter(subtopics=("worker-rights/labour", "worker-rights/unheard-of"), effects=(Effect.REVERSES,)),
     "You asked for: subtopics: Worker rights, Labor rights or Worker rights, unheard-of; "
     "effects: would repeal or weaken."),
    (Filter(bills=("xx/31/hb-7",), stages=("became-law",), sponsors=("A. Lamp",), committees=("Light",)),
     "You asked for: bills: xx/31/hb-7; stages: Became law; sponsors: A. Lamp; committees: Light."),
    (Filter(words='"red lantern"\r\nBcc:'), "You asked for: words: “\"red lantern\" Bcc:”."),
])
def test_every_kind_of_wish_is_told(wanted: Filter, words: str) -> None:
    assert reasons(wanted) == words


def test_many_are_counted() -> None:
    told = reasons(Filter(bills=tuple(f"xx/31/hb-{n}" for n in range(MOST + 5))))
    assert told.endswith("or 5 more.")


def test_in_spanish() -> None:
    assert reasons(Filter(topics=(Topic.WORKER_RIGHTS,)), speech_of("es")) == "Pediste: temas: Derechos laborales."


def test_an_effect_on_decriminalization_is_never_told_as_more_punishment() -> None:
    wanted = Filter(topics=(Topic.DECRIMINALIZATION, Topic.CRIMINALIZATION), effects=(Effect.ADVANCES,))
    assert "effects: would advance its topic." in reasons(wanted)
    assert "effects: would relax the law." in reasons(Filter(topics=(Topic.DECRIMINALIZATION,),
                                                             effects=(Effect.ADVANCES,)))
