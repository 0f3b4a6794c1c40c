"""Sign up, confirm, change, leave: and nobody learns who is known here."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.happenings import KEYS, NOW, SITE
from fakes.memory import MemoryLedger, PostBox

from digests.readers import subscriptions
from digests.readers.sealing import token_hash
from tracker.errors import TransientDelivery
from tracker.model import Cadence, Filter, Subscription, Topic

WISH: dict[str, Any] = {"filter": Filter(), "cadence": Cadence.WEEKLY, "zone": "UTC", "hour": 8, "weekday": 0}


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture
def box() -> PostBox:
    return PostBox()


def sign_up(ledger: MemoryLedger, box: PostBox, address: str = "reader@example.org", now: datetime = NOW,
            **wish: Any) -> None:
    subscriptions.subscribe(ledger, box, KEYS, SITE, address=address, **{**WISH, **wish}, now=now, cursor=5)


def token(box: PostBox) -> str:
    body = box.sent[-1][1].get_body(("plain",))
    found = re.search(r"/confirm/([\w-]{43})\b", body.get_content() if body else "")
    assert found
    return found[1]


def confirmed(ledger: MemoryLedger, box: PostBox, **more: Any) -> Subscription:
    sign_up(ledger, box, **more)
    row = subscriptions.confirm(ledger, token(box), NOW + timedelta(minutes=1), 42)
    assert row
    return row


def test_nothing_starts_before_the_owner_of_the_address_agrees(ledger: MemoryLedger, box: PostBox) -> None:
    sign_up(ledger, box)
    assert [to for to, _ in box.sent] == ["reader@example.org"]
    assert list(ledger.confirmed()) == []
    row = subscriptions.confirm(ledger, token(box), NOW + timedelta(hours=1), 42)
    assert row and list(ledger.confirmed()) == [row]
    assert (row.cursor, row.confirm_token) == (42, None)
    assert row.next_due_at == datetime.fromisoformat("2031-03-10T08:00+00:00")


def test_what_is_stored_holds_neither_address_nor_token(ledger: MemoryLedger, box: PostBox) -> None:
    sign_up(ledger, box)
    stored = repr(ledger.rows)
    assert "reader" not in stored and token(box) not in stored


def test_a_confirmation_is_used_up(ledger: MemoryLedger, box: PostBox) -> None:
    confirmed(ledger, box)
    assert subscriptions.confirm(ledger, token(box), NOW, 50) is None
    assert subscriptions.confirm(ledger, "unknown", NOW, 50) is None
    assert subscriptions.confirm(ledger, "\ud800", NOW, 50) is None


def test_signing_up_again_asks_again_only_after_a_growing_pause(ledger: MemoryLedger, box: PostBox) -> None:
    asked = []
    for minute in range(60 * 24 * 2):
        before = len(box.sent)
        sign_up(ledger, box, address="Reader@Example.org", now=NOW + timedelta(minutes=minute))
        if len(box.sent) > before:
            asked.append(minute)
    assert asked == [0, 10, 70, 430, 430 + 1440]


def test_a_known_reader_can_sign_up_for_something_else_and_is_asked_like_a_stranger(ledger: MemoryLedger,
                                                                                    box: PostBox) -> None:
    confirmed(ledger, box)
    known = box.sent[-1][1]
    sign_up(ledger, box, filter=Filter(topics=(Topic.WORKER_RIGHTS,)))
    assert len(box.sent) == 2
    assert box.sent[-1][1].keys() == known.keys()
    assert subscriptions.confirm(ledger, token(box), NOW, 50)
    assert len(list(ledger.confirmed())) == 2


def test_the_same_wish_confirmed_twice_is_one_subscription(ledger: MemoryLedger, box: PostBox) -> None:
    first = confirmed(ledger, box)
    assert confirmed(ledger, box).id == first.id
    assert list(ledger.rows) == [first.id]



def test_of_two_sign_ups_that_overtake_each_other_one_asks(ledger: MemoryLedger, box: PostBox) -> None:
    sign_up(ledger, box, now=NOW + timedelta(milliseconds=5))
    sign_up(ledger, box, now=NOW)
    assert len(box.sent) == 1

def test_a_question_that_could_not_be_sent_leaves_nothing_behind(ledger: MemoryLedger) -> None:
    box = PostBox(TransientDelivery("SMTP 451"))
    with pytest.raises(TransientDelivery):
        sign_up(ledger, box)
    assert ledger.rows == {}
    sign_up(ledger, box)
    assert len(box.sent) == 1


def test_unconfirmed_sign_ups_expire_after_a_week(ledger: MemoryLedger, box: PostBox) -> None:
    sign_up(ledger, box)
    almost = NOW + timedelta(days=7) - timedelta(seconds=1)
    assert subscriptions.expire(ledger, almost) == 0
    assert subscriptions.confirm(ledger, token(box), NOW + timedelta(days=7), 1) is None
    assert subscriptions.expire(ledger, NOW + timedelta(days=7)) == 1
    assert ledger.rows == {}


def test_confirmed_subscriptions_do_not_expire(ledger: MemoryLedger, box: PostBox) -> None:
    confirmed(ledger, box)
    assert subscriptions.expire(ledger, NOW + timedelta(days=900)) == 0


def test_a_reader_changes_wishes_by_link(ledger: MemoryLedger, box: PostBox) -> None:
    row = confirmed(ledger, box)
    manage = KEYS.manage_token(row.id)
    assert subscriptions.by_manage_token(ledger, manage) == row
    changed = subscriptions.change(ledger, manage, **{**WISH, "cadence": Cadence.DAILY, "hour": 20}, now=NOW)
    assert changed and (changed.cadence, changed.hour) == (Cadence.DAILY, 20)
    assert changed.next_due_at == datetime.fromisoformat("2031-03-06T20:00+00:00")
    assert ledger.get(row.id) == changed
    assert subscriptions.change(ledger, "unknown", **WISH, now=NOW) is None


def test_the_link_in_the_header_can_leave_but_not_read_wishes(ledger: MemoryLedger, box: PostBox) -> None:
    row = confirmed(ledger, box)
    leave = KEYS.unsubscribe_token(row.id)
    assert subscriptions.by_manage_token(ledger, leave) is None
    assert subscriptions.unsubscribe(ledger, leave)
    assert ledger.rows == {} and not subscriptions.unsubscribe(ledger, leave)


def test_the_manage_link_can_leave_too(ledger: MemoryLedger, box: PostBox) -> None:
    row = confirmed(ledger, box)
    assert subscriptions.unsubscribe(ledger, KEYS.manage_token(row.id))
    assert ledger.rows == {}


def test_the_stored_hash_is_no_key(ledger: MemoryLedger, box: PostBox) -> None:
    row = confirmed(ledger, box)
    assert row.manage_token
    assert not subscriptions.unsubscribe(ledger, row.manage_token.hex())
    assert row.manage_token == token_hash(KEYS.unsubscribe_token(row.id))


@pytest.mark.parametrize("address", [
    "", "reader", "@example.org", "reader@", "reader@localhost", "a b@example.org", "a@b@example.org",
    "a..b@example.org",
    ".a@example.org", "a@exa mple.org", "a@-x.org", "a@example..org", "a@example.org\nBcc: b@example.org",
    "a\r\nBcc: b@example.org@example.org", "<a@example.org>", "A <a@example.org>", "a@example.org,b@example.org",
    "a@[127.0.0.1]", "ä@example.org", "a" * 65 + "@example.org", "a@" + "b" * 64 + ".org", "a@" + "bb." * 90 + "org",
    "a@example.org\x00", "\ud800@example.org", "a@\ud800.org"])
def test_what_is_no_address_is_refused(address: str, ledger: MemoryLedger, box: PostBox) -> None:
    with pytest.raises(ValueError, match="mail address"):
        sign_up(ledger, box, address=address)
    assert not ledger.rows and not box.sent


@pytest.mark.parametrize(("given", "kept"), [
    (" a.b+c@Example.ORG ", "a.b+c@example.org"), ("O'Neil@example.org", "O'Neil@example.org"),
    ("a@bücher.example", "a@xn--bcher-kva.example")])
def test_an_address_is_kept_in_the_form_that_mail_servers_understand(given: str, kept: str) -> None:
    assert subscriptions.check_address(given) == kept


@pytest.mark.parametrize("wish", [{"zone": "Mars/Olympus"}, {"zone": "../etc/passwd"}, {"zone": ""}, {"hour": 24},
                                  {"hour": -1}, {"weekday": 7}])
def test_impossible_times_are_refused(wish: dict[str, Any], ledger: MemoryLedger, box: PostBox) -> None:
    with pytest.raises(ValueError, match=r"Expected|zone"):
        sign_up(ledger, box, **wish)
