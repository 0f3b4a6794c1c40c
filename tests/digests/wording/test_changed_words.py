"""What changed in the words of a new text: in a few lines of a message, bounded, escaped, with a link to all of it."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC
from email.policy import SMTP

import pytest
from fakes.happenings import KEYS, NOW, SITE, happening, reader
from fakes.memory import MemoryLog

from digests.delivery.builder import MOST_COMPARED, bill_news, build
from digests.delivery.composer import Composer
from digests.delivery.mail import compose
from digests.following.news import news
from digests.speech import ENGLISH, LANGUAGES, speech_of
from digests.wording.changed_words import MOST_FLAGS, Changed, Found, lines
from tracker.model import Cadence, Delivery, Effect, Event, EventKind, Filter, Topic

CAME = Found(Topic.CRIMINALIZATION, Effect.ADVANCES, "Sec. 2 <b>")
WENT = Found(Topic.WORKER_RIGHTS, Effect.ADVANCES, "Sec. 9")
NASTY = "lamps <script>alert(1)</script> {name} %s \u202e \r\n.\r\nBcc: x@example.org"
CHANGED = Changed("Introduced <i>", (CAME,), (WENT,), 2, (3, 1, 0, 12), ((True, NASTY), (False, "old words")),
                  "xx/31/hb-7/compare/ih..rh")


def text_of(seq: int, bill: str = "xx/31/hb-7", kind: EventKind = EventKind.VERSION_PUBLISHED) -> Event:
    made = happening(seq, kind, bill=bill)
    return replace(made, data={**made.data, "version": "rh", "note": "Reported"})


def mail(events: list[Event], changed: Changed | None, language: str = "en", cadence: Cadence = Cadence.DAILY) -> bytes:
    row = replace(reader("s1", cadence=cadence, wanted=Filter()), language=language)
    delivery, log = Delivery("d", row.id, 0, 9999, NOW), MemoryLog(events)
    spliced = Composer(log, KEYS, SITE, changes=lambda _: changed).write(row, delivery, "a@example.org")
    digest = build(news(log, row.filter, 0, 9999), speech=speech_of(language), today=NOW.astimezone(UTC).date(),
                   tell=lambda found, total, speech: bill_news(found, total, speech, lambda _: changed))
    straight = compose(row, digest, delivery, "a@example.org", SITE, KEYS).as_bytes()
    assert spliced == straight
    assert spliced
    return spliced


def bodies(raw: bytes) -> tuple[str, str]:
    message = email.message_from_bytes(raw, policy=SMTP)
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text and html
    return text.get_content(), html.get_content()


def test_flags_that_came_and_went_come_first_then_sections_then_words() -> None:
    said = lines(CHANGED, ENGLISH)
    assert said[0] == "What changed in the words since “Introduced <i>”:"
    assert said[1].startswith("+ new in this text: Criminalization: ")
    assert said[2].startswith("− no longer in this text: Worker rights: ")
    assert said[3:5] == ("2 findings stay as they were.",
                         "Sections: 3 changed, 1 added, 0 removed; there are 12 now.")
    assert said[5].startswith("Added: “lamps <script>") and said[6] == "Taken out: “old words”"


@pytest.mark.parametrize("cadence", [Cadence.INSTANT, Cadence.DAILY])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_tells_it_escaped_with_a_link(language: str, cadence: Cadence) -> None:
    text, html = bodies(mail([text_of(1)], CHANGED, language, cadence))
    assert "<script>" not in html and "&lt;script&gt;" in html and "Sec. 2 &lt;b&gt;" in html
    assert "Bcc: x@example.org" in text and "\nBcc" not in text and "\u202e" not in text and "{name} %s" in text
    assert all(SITE.url(CHANGED.path) in body for body in (text, html))


def test_without_a_text_to_compare_with_nothing_is_said() -> None:
    text, html = bodies(mail([text_of(1)], None))
    assert "compare" not in text + html and "What changed" not in text + html


def test_of_one_bill_only_the_newest_text_is_compared() -> None:
    text, _ = bodies(mail([text_of(1), text_of(2, kind=EventKind.TEXT_ARRIVED)], CHANGED))
    assert text.count("What changed in the words") == 1


def test_lines_are_few_and_short_however_much_changed() -> None:
    much = replace(CHANGED, before="n" * 9999 + " x", came=(CAME,) * 99,
                   went=(replace(WENT, provision="p " * 999),) * 99, phrases=((True, "word " * 9999),) * 99)
    said = lines(much, ENGLISH)
    assert len(said) <= 14 and max(map(len, said)) < 400
    assert f"+ new in this text: {99 - MOST_FLAGS} more" in said


def test_a_message_stays_small_however_many_bills_have_new_texts() -> None:
    much = replace(CHANGED, came=(CAME,) * 9, went=(WENT,) * 9, phrases=((True, "<words> " * 99),) * 9)
    events = [text_of(n, f"xx/31/hb-{n}") for n in range(1, 60)]
    raw = mail(events, much)
    plain = bodies(mail(events, None))
    text, html = bodies(raw)
    assert text.count("What changed in the words") == html.count("What changed in the words") == MOST_COMPARED
    assert text.count("compare/ih..rh") == 59
    assert len(text + html) - len("".join(plain)) < 60_000
