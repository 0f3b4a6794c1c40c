"""What an event does not say, or says in words of another billwatch, is told plainly: no page, feed or mail fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from digests.channels.agenda import _calendar
from digests.channels.entries import entry_of
from digests.channels.meetings import fold
from digests.channels.specs import FeedSpec
from digests.channels.webhooks import body_of
from digests.delivery.builder import bill_news
from digests.following.facets import facets_of, material_of, texts_of
from digests.speech import speech_of
from digests.wording.words import describe
from tests.digests.fakes.happenings import DATA, SITE, happening
from tracker.model import Event, EventKind
from tracker.web.latest import by_day

Data = dict[str, Any]
UNKNOWN = ("topic", "effect", "of", "stage", "status", "mark", "chamber")


def odd(kind: EventKind) -> list[Data]:
    """Nothing; without its bill; without each of its facts in turn; with each unknown; with a fact of tomorrow."""
    whole: Data = {"bill": {}, **DATA[kind]}
    return [{}, DATA[kind], *({k: v for k, v in whole.items() if k != name} for name in whole),
            *({**whole, name: "of tomorrow"} for name in UNKNOWN), *({**whole, name: None} for name in whole),
            {**whole, "tomorrow": {"a": [1]}}]


@pytest.mark.parametrize("kind", list(EventKind))
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_odd_payload_stops_a_page_a_feed_or_a_mail(kind: EventKind, language: str) -> None:
    speech = speech_of(language)
    for number, data in enumerate(odd(kind), 1):
        event: Event = replace(happening(number, kind), data=data)
        assert describe(event, speech).headline, data
        assert "HB 7" in entry_of(event, SITE, speech).title or "xx/31/hb-7" in entry_of(event, SITE, speech).title
        [day] = by_day([event], speech)
        assert day.bills[0].identifier and day.bills[0].session
        assert bill_news([event], 1, speech).identifier
        assert facets_of(event).bill_id == material_of(event).bill_id == "xx/31/hb-7"
        assert isinstance(texts_of(event), tuple) and body_of(event, SITE)
        assert _calendar(FeedSpec("all"), list(fold([event])), SITE, speech).to_ical()


def test_a_payload_that_says_nothing_of_its_bill_is_told_by_its_address() -> None:
    bare = replace(happening(1, EventKind.BILL_INTRODUCED), data={})
    [day] = by_day([bare])
    assert (day.bills[0].identifier, day.bills[0].session, day.bills[0].title) == ("xx/31/hb-7", "31", None)


def test_a_finding_of_another_billwatch_is_given_back_as_written_and_a_missing_one_is_said_to_be_missing() -> None:
    new = happening(1, EventKind.FLAG_RAISED, topic="lanterns", effect="dims")
    assert describe(new).headline == "Sec. 2(a): lanterns, dims"
    bare = replace(new, data={"provision": "Sec. 3"})
    assert describe(bare).headline == "Sec. 3: topic not told, direction not told"
    assert describe(bare, speech_of("es")).headline == "Sec. 3: tema no indicado, sentido no indicado"
