"""Once a year each reader is asked whether the updates are still wanted; silence ends them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fakes.happenings import KEYS, NOW, SITE, reader
from fakes.memory import MemoryLedger, PostBox

from digests.delivery.mailers import ServerAway
from digests.readers import subscriptions
from digests.readers.renewal import YEAR, Asked, ask_due
from tracker.errors import RecipientRefused, TransientDelivery
from tracker.post import ReturnKind

HERE = replace(SITE, bounces="bounces@watch.example.org")
LATER = NOW - timedelta(days=8) + YEAR  # readers were confirmed eight days ago


def house(*names: str) -> MemoryLedger:
    ledger = MemoryLedger()
    for name in names or ("a",):
        ledger.add(reader(name))
    return ledger


def token(box: PostBox) -> str:
    body = box.sent[-1][1].get_body(("plain",))
    return body.get_content().partition("/confirm/")[2].split()[0] if body else ""


def test_nobody_is_asked_before_the_year_is_over_and_then_once() -> None:
    ledger, box = house(), PostBox()
    assert ask_due(ledger, box, KEYS, HERE, LATER - timedelta(seconds=1)) == Asked()
    assert ask_due(ledger, box, KEYS, HERE, LATER) == Asked(asked=1)
    assert ask_due(ledger, box, KEYS, HERE, LATER + timedelta(hours=1)) == Asked()
    [(to, message)] = box.sent
    assert to == "a@example.org" and message["Subject"] == "Please confirm"
    assert box.senders[0].startswith("bounces+") and len(token(box)) == 43


def test_an_answer_keeps_all_as_it_is_for_another_year() -> None:
    ledger, box = house(), PostBox()
    before = ledger.rows["a"]
    ask_due(ledger, box, KEYS, HERE, LATER)
    found = subscriptions.confirm(ledger, token(box), LATER + timedelta(days=3), 99)
    assert found == replace(before, confirmed_at=LATER + timedelta(days=3)) and ledger.ends == {}
    assert subscriptions.confirm(ledger, token(box), LATER, 99) is None  # used up
    assert ask_due(ledger, box, KEYS, HERE, LATER + timedelta(days=300)) == Asked()
    first = token(box)
    assert ask_due(ledger, box, KEYS, HERE, LATER + timedelta(days=3) + YEAR) == Asked(asked=1)
    assert token(box) != first


def test_silence_ends_it_in_a_month() -> None:
    ledger, box = house(), PostBox()
    ask_due(ledger, box, KEYS, HERE, LATER)
    midnight = LATER.replace(hour=0, minute=0, second=0, microsecond=0)
    assert ledger.ends == {"a": midnight + timedelta(days=30)}
    text = box.sent[0][1].get_body(("plain",))
    assert text and f"{midnight + timedelta(days=30):%-d %B %Y}" in text.get_content()


def test_the_digest_still_comes_and_the_links_still_work_while_the_question_is_open() -> None:
    ledger, box = house(), PostBox()
    ask_due(ledger, box, KEYS, HERE, LATER)
    assert [s.id for s in ledger.confirmed()] == ["a"]
    assert subscriptions.by_manage_token(ledger, KEYS.manage_token("a"))


def test_a_question_that_is_put_again_after_a_crash_is_the_same_message() -> None:
    ledger, box = house(), PostBox()
    ask_due(ledger, box, KEYS, HERE, LATER)
    ledger.ends.clear()
    ask_due(ledger, box, KEYS, HERE, LATER + timedelta(minutes=5))
    one, two = (m.as_bytes() for _, m in box.sent)
    assert one == two


def test_one_that_is_put_off_is_asked_again_and_one_that_is_refused_is_left_alone() -> None:
    ledger, box = house("a", "b", "c"), PostBox(TransientDelivery("SMTP 451"), RecipientRefused("SMTP 550 5.1.1"))
    assert ask_due(ledger, box, KEYS, HERE, LATER) == Asked(asked=1, put_off=1, refused=1)
    alone = ledger.suppression(KEYS.blind_index("b@example.org"))
    assert alone and alone.reason is ReturnKind.HARD
    assert ask_due(ledger, box, KEYS, HERE, LATER + timedelta(hours=1)) == Asked(asked=1)
    assert [to for to, _ in box.sent] == ["c@example.org", "a@example.org"]


def test_a_server_that_is_away_ends_nobody() -> None:
    ledger = house("a", "b")
    assert ask_due(ledger, PostBox(ServerAway("gone")), KEYS, HERE, LATER) == Asked()
    assert ledger.ends == {}
