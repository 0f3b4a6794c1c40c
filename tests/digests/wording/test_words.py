"""What readers are told of an event."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from fakes.happenings import DATA, NOW, happening, one_of_each
from hypothesis import given
from hypothesis import strategies as st

from digests import plain
from digests.speech import ENGLISH
from digests.wording.words import Line, describe, effect_words
from tracker.model import Effect, EventKind, IngestMode, Topic

KIND = EventKind


def test_every_kind_of_event_has_words() -> None:
    assert set(DATA) == set(EventKind)
    assert all(describe(event).headline for event in one_of_each())


@pytest.mark.parametrize(("kind", "data", "headline", "detail"), [
    (KIND.BILL_INTRODUCED, {}, "Introduced: An Act concerning lanterns", "Sponsor: A. Lamp, B. Wick."),
    (KIND.BILL_INTRODUCED, {"title": None, "sponsors": []}, "Introduced", None),
    (KIND.TITLE_CHANGED, {}, "New title: New name", "Before: Old name."),
    (KIND.ACTION_RECORDED, {}, "Referred to the Committee on Light",
     "House; the bill now stands at: In committee; also recorded as: Sent to Light."),
    (KIND.ACTION_RECORDED, {"stage": "", "also": [], "chamber": None}, "Referred to the Committee on Light", None),
    (KIND.VERSION_PUBLISHED, {}, "New text published: Introduced in House", None),
    (KIND.TEXT_ARRIVED, {}, "The text “Introduced in House” can now be read", None),
    (KIND.FLAG_RAISED, {}, "Sec. 2(a): Decriminalization, would relax the law",
     "In the text “Introduced in House”; words to be removed from the law."),
    (KIND.FLAG_RAISED, {"topic": "criminalization"}, "Sec. 2(a): Criminalization, would add or strengthen",
     "In the text “Introduced in House”; words to be removed from the law."),
    (KIND.FLAG_RAISED, {"topic": "criminalization", "effect": "reverses", "mark": None},
     "Sec. 2(a): Criminalization, would repeal or weaken", "In the text “Introduced in House”."),
    (KIND.FLAG_RAISED, {"effect": "reverses"}, "Sec. 2(a): Decriminalization, would undo or narrow a relaxation",
     "In the text “Introduced in House”; words to be removed from the law."),
    (KIND.FLAG_WITHDRAWN, {}, "No longer in the newest text, “Engrossed in House”: Sec. 3: Criminalization, would "
     "repeal or weaken", None),
    (KIND.FLAG_CONFIRMED, {}, "Confirmed by a reader of the text: Sec. 4: Criminalization, would add or strengthen",
     "Reason: The section only defines lanterns."),
    (KIND.FLAG_CONFIRMED, {"before": None, "reason": ""}, "Confirmed by a reader of the text: Sec. 4: Criminalization, "
     "would add or strengthen", "Not shown until now."),
    (KIND.FLAG_REJECTED, {}, "We flagged this by mistake: Sec. 4: Criminalization, would add or strengthen",
     "Reason: The section only defines lanterns."),
    (KIND.FLAG_REJECTED, {"before": {"topic": "worker-rights", "subtopic": None, "effect": "reverses"}, "reason": ""},
     "We flagged this by mistake: Sec. 4: Worker rights, would repeal or weaken", None),
    (KIND.FLAG_CORRECTED, {}, "Corrected by a reader of the text: Sec. 4: Decriminalization, would relax the law",
     "We had said: Criminalization, would add or strengthen; reason: The section only defines lanterns."),
    (KIND.FLAG_CORRECTED, {"before": None, "reason": None},
     "Corrected by a reader of the text: Sec. 4: Decriminalization, would relax the law",
     "We had said: Criminalization, would add or strengthen."),
    (KIND.REVIEW_WITHDRAWN, {"reason": "A slip"}, "A review was taken back: Sec. 4: Criminalization, would add or "
     "strengthen", "Not shown until now; reason: A slip."),
    (KIND.SPONSOR_ADDED, {}, "New co-sponsor: C. Glow (I, XX-2)", None),
    (KIND.SPONSOR_ADDED, {"primary": True}, "New sponsor: C. Glow (I, XX-2)", None),
    (KIND.SPONSOR_REMOVED, {}, "Sponsor withdrew: C. Glow", None),
    (KIND.HEARING_SCHEDULED, {}, "Hearing on 20 March 2031, 2 pm or upon adjournment (America/Chicago): Public "
     "hearing", "Light; Room 4."),
    (KIND.HEARING_CHANGED, {}, "Hearing changed, now 21 March 2031: Public hearing",
     "Room 5; before: 20 March 2031, 2 pm (America/Chicago), Room 4."),
    (KIND.HEARING_CANCELLED, {}, "Hearing cancelled, was 21 March 2031: Public hearing", None),
    (KIND.CORRECTION, {}, "Corrected step: “Passed as amended” (4 March 2031)", "Before: “Passed” (4 March 2031)."),
    (KIND.CORRECTION, {"after": None}, "Withdrawn by the legislature: step “Passed” (4 March 2031)", None),
    (KIND.CORRECTION, {"of": "text", "after": {"version": "ih", "note": "Introduced in House"}},
     "The text “Introduced in House” was published again with other words", None),
])
def test_the_words_of(kind: EventKind, data: dict[str, object], headline: str, detail: str | None) -> None:
    told = describe(happening(1, kind, **data))
    assert (told.headline, told.detail) == (headline, detail)


def test_a_finding_comes_with_its_quote() -> None:
    assert describe(happening(1, KIND.FLAG_RAISED)).quote == "Section 5 of the Lantern Act is repealed."


@pytest.mark.parametrize(("occurred", "recorded", "mode", "badges"), [
    (date(2031, 3, 1), datetime(2031, 3, 8, 23, tzinfo=UTC), IngestMode.LIVE, ()),
    (date(2031, 3, 1), datetime(2031, 3, 9, 0, tzinfo=UTC), IngestMode.LIVE, ("published late",)),
    (date(2031, 3, 1), datetime(2031, 3, 9, 0, tzinfo=UTC), IngestMode.BACKFILL, ()),
    (date(2031, 3, 9), datetime(2031, 3, 9, 0, tzinfo=UTC), IngestMode.REPAIR, ("corrected",)),
    (date(2031, 3, 10), datetime(2031, 3, 9, 0, tzinfo=UTC), IngestMode.LIVE, ("scheduled",)),
    (None, datetime(2031, 3, 9, 0, tzinfo=UTC), IngestMode.LIVE, ()),
])
def test_badges_label_late_future_and_corrected_steps(occurred: date | None, recorded: datetime, mode: IngestMode,
                                                       badges: tuple[str, ...]) -> None:
    assert describe(happening(1, occurred_on=occurred, recorded_at=recorded, mode=mode)).badges == badges


def test_a_step_that_is_dated_ahead_is_told_as_scheduled() -> None:
    told = describe(happening(1, occurred_on=date(2031, 3, 20), recorded_at=NOW))
    assert told.headline == "Scheduled for 20 March 2031: Referred to the Committee on Light"


def test_corrections_say_whether_something_is_left() -> None:
    assert describe(happening(1, KIND.CORRECTION)).badges == ("corrected",)
    assert describe(happening(1, KIND.CORRECTION, after=None)).badges == ("withdrawn",)


@pytest.mark.parametrize(("kind", "mode", "badges"), [
    (KIND.FLAG_REJECTED, IngestMode.LIVE, ("corrected",)), (KIND.FLAG_CORRECTED, IngestMode.REPAIR, ("corrected",)),
    (KIND.FLAG_CONFIRMED, IngestMode.REPAIR, ()), (KIND.REVIEW_WITHDRAWN, IngestMode.LIVE, ()),
])
def test_what_the_desk_decides_is_a_correction_if_it_takes_something_back(
        kind: EventKind, mode: IngestMode, badges: tuple[str, ...]) -> None:
    assert describe(happening(1, kind, mode=mode, occurred_on=None)).badges == badges


def test_details_end_in_one_full_stop_and_say_a_party_once() -> None:
    told = describe(happening(1, description="Passed.", also=["Agreed to in House."]))
    assert told.detail and told.detail.endswith("Agreed to in House.")
    joined = describe(happening(1, EventKind.SPONSOR_ADDED, name="Rep. Doe, Jane [I-OK-2]", party="I", area="OK-2"))
    assert joined.headline == "New co-sponsor: Rep. Doe, Jane [I-OK-2]"


def test_a_date_that_is_none_is_given_back_as_written() -> None:
    day = ENGLISH.day
    assert [day(None), day("2031-03-05"), day("soon")] == ["no date given", "5 March 2031", "soon"]


@given(st.text())
def test_plain_text_fits_every_channel(text: str) -> None:
    from lxml import etree

    found = plain.line(text)
    etree.Element("a").text = found
    assert found.encode() and "\n" not in found if found else True
    assert plain.line(found) == found


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_can_be_told(text: str) -> None:
    told = describe(happening(1, description=text, time=text, also=[text]))
    assert isinstance(told, Line) and told.headline


@pytest.mark.parametrize(("url", "kept"), [
    ("https://law.example/a?b=c", True), ("http://law.example/", True), ("javascript:alert(1)", False),
    ("https://law.example/\"onclick", False), ("//law.example", False), (None, False), ("data:text/html,x", False)])
def test_only_web_addresses_become_links(url: str | None, kept: bool) -> None:
    assert (plain.web_link(url) is not None) is kept


def test_the_effect_on_any_topic_is_not_told_in_words_that_are_wrong_for_one() -> None:
    any_topic = {effect_words(effect) for effect in (Effect.ADVANCES, Effect.REVERSES)}
    assert any_topic == {"would advance its topic", "would reverse its topic"}
    assert effect_words(Effect.ADVANCES, Topic.DECRIMINALIZATION) == "would relax the law"
    assert effect_words(Effect.ADVANCES, Topic.CRIMINALIZATION) == "would add or strengthen"
