"""What is rendered once and spliced is, byte for byte, what the straightforward way sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fakes.happenings import KEYS, NOW, SITE, happening, one_of_each, reader
from fakes.memory import MemoryLog
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.delivery import composer as composers
from digests.delivery.builder import build
from digests.delivery.composer import Composer, encoded
from digests.delivery.mail import compose
from digests.following.news import news
from digests.site import Site
from digests.speech import LANGUAGES, speech_of
from digests.wording.outages import lines
from tracker.model import Cadence, Delivery, Event, EventKind, Filter, Subscription, Topic, VerdictKind
from tracker.polling.sources import Outage, SourceState

OUTAGE = Outage("xx", NOW - timedelta(days=3), "Lantern House — «Ñ»", SourceState.BLIND, VerdictKind.BLOCKED, None,
                None, NOW - timedelta(days=2))


def delivery_to(row: Subscription, to: int = 99, at: datetime = NOW) -> Delivery:
    return Delivery(f"d-{row.id}", row.id, row.cursor, to, at)


def straight(row: Subscription, delivery: Delivery, events: list[Event], site: Site = SITE,
             outages: tuple[Outage, ...] = ()) -> bytes:
    speech = speech_of(row.language)
    digest = build(news(MemoryLog(events), row.filter, delivery.from_seq, delivery.to_seq), speech=speech,
                   today=delivery.created_at.astimezone(UTC).date())
    notices = lines(outages, row.filter, delivery.created_at, speech)
    return compose(row, digest, delivery, KEYS.open(row.address_sealed, row.id), site, KEYS, notices).as_bytes()


def address_of(row: Subscription) -> str:
    return KEYS.open(row.address_sealed, row.id)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cadence", list(Cadence))
def test_spliced_bytes_are_the_straightforward_ones(language: str, cadence: Cadence) -> None:
    events = one_of_each()
    made = Composer(MemoryLog(events), KEYS, SITE, (OUTAGE,))
    for name in ("s1", "s2", "a-reader-with-a-longer-name"):
        for telling in (False, True):
            row = replace(reader(name, cadence=cadence), language=language, telling_subject=telling)
            delivery = delivery_to(row)
            assert made.write(row, delivery, address_of(row)) == straight(row, delivery, events, outages=(OUTAGE,))


def test_readers_who_confirmed_on_other_days_follow_other_things_or_have_other_addresses() -> None:
    topics = (Topic.WORKER_RIGHTS, Topic.CRIMINALIZATION)
    events = [happening(n, kind, bill=f"xx/31/hb-{n % 4}", topics=(topics[n % 2],))
              for n, kind in enumerate(list(EventKind) * 2, 1)]
    made = Composer(MemoryLog(events), KEYS, SITE)
    wishes = (Filter(), Filter(topics=(Topic.WORKER_RIGHTS,)), Filter(bills=("xx/31/hb-1",)), Filter(words="lantern"))
    for n, wanted in enumerate(wishes * 3):
        row = replace(reader(f"r{n}", wanted=wanted, cursor=n, address=f"o'brien+{n}.x=y@mail{n}.example.org"),
                      confirmed_at=NOW - timedelta(days=40 * n))
        delivery = delivery_to(row, to=30, at=NOW + timedelta(hours=n % 2))
        assert made.write(row, delivery, address_of(row)) == straight(row, delivery, events)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80) | st.sampled_from(["\0", "m" * 40, "{{ x }}", "=_", ".\n.", "\x85\u2028", "\ud800",
                                               "é" * 90]),
       st.sampled_from(["https://watch.example.org", "http://" + "a" * 56 + ".onion/deep/er",
                        "https://x.example/?a=1&b"]))
def test_whatever_stands_on_a_page(words: str, base: str) -> None:
    events = [happening(1, description=words, also=[words]),
              happening(2, EventKind.FLAG_RAISED, quote=words, note=words)]
    site = replace(SITE, base_url=base, name="Wächter & Söhne")
    row = replace(reader(), language="es")
    delivery = delivery_to(row)
    assert Composer(MemoryLog(events), KEYS, site).write(row, delivery, address_of(row)) == straight(
        row, delivery, events, site)


def test_equal_wishes_are_read_and_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = []
    monkeypatch.setattr(composers, "bodies", lambda *a, inner=composers.bodies: rendered.append(1) or inner(*a))
    log = MemoryLog(one_of_each())
    made = Composer(log, KEYS, SITE)
    found = set()
    for n in range(50):
        row = reader(f"r{n}")
        found.add(made.write(row, delivery_to(row), address_of(row)))
    assert len(found) == 50 and len(rendered) == 1
    assert log.rows < 3 * len(EventKind)


def test_a_mark_that_a_page_has_guessed_wrongly_is_nothing() -> None:
    row = reader()
    words = KEYS.mark()[:-1] + "x" + "a"
    made = Composer(MemoryLog([happening(1, description=words)]), KEYS, SITE)
    raw = made.write(row, delivery_to(row), "s1@example.org")
    assert raw and words.encode() in raw.replace(b"=\r\n", b"")


def test_nothing_to_say_is_no_message_unless_a_sign_of_life_was_asked_for() -> None:
    made = Composer(MemoryLog([]), KEYS, SITE)
    daily = reader(cadence=Cadence.DAILY)
    assert made.write(daily, delivery_to(daily), "s1@example.org") is None
    raw = made.write(replace(daily, heartbeat=True), delivery_to(daily), "s1@example.org")
    assert raw and b"sign of life" in raw and b"/digest/" not in raw
    assert raw == straight(replace(daily, heartbeat=True), delivery_to(daily), [])
    instant = replace(reader(), heartbeat=True)
    assert made.write(instant, delivery_to(instant), "s1@example.org") is None


def test_an_address_that_sign_up_would_not_take_begins_no_header() -> None:
    made = Composer(MemoryLog([happening(1)]), KEYS, SITE)
    row = reader()
    with pytest.raises(ValueError):
        made.write(row, delivery_to(row), "a@example.org\r\nBcc: b@example.org")


@given(st.lists(st.text(max_size=120), max_size=6))
def test_lines_can_be_encoded_one_by_one(texts: list[str]) -> None:
    clean = ["".join(c for c in t if c not in "\r\n" and not 0xD800 <= ord(c) < 0xE000) for t in texts]
    whole = encoded("".join(f"{t}\n" for t in clean))
    assert whole == b"".join(encoded(f"{t}\n") for t in clean)
    assert max(map(len, whole.split(b"\r\n"))) <= 78
