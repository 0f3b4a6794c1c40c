"""What is open leaves: over several connections, at the pace of its domain, and not if its reader left a moment ago."""

from __future__ import annotations

import threading
from datetime import timedelta
from email.message import EmailMessage

import pytest
from fakes.happenings import KEYS, NOW, SITE, happening, reader
from fakes.memory import MemoryLedger, MemoryLog, PostBox

from digests.delivery import deliver
from digests.delivery.domains import PAUSE_AFTER, PAUSES, Pacer
from digests.delivery.mailers import ServerAway
from digests.delivery.sending import GIVE_UP, Sent, send_open
from tracker.errors import StoreError, TransientDelivery
from tracker.model import DeliveryStatus


def queued(count: int, domain: str = "example.org") -> tuple[MemoryLedger, MemoryLog]:
    ledger, log = MemoryLedger(), MemoryLog([happening(1)])
    for n in range(count):
        ledger.add(reader(f"s{n:04d}", address=f"s{n}@{domain}"))
    assert deliver.queue_due(ledger, log, NOW) == count
    return ledger, log


def test_several_connections_send_each_message_once() -> None:
    ledger, log = queued(205)
    box = PostBox()
    assert send_open(ledger, log, box, KEYS, SITE, NOW, connections=4) == Sent(sent=205)
    assert len({to for to, _ in box.sent}) == len(box.sent) == 205
    assert {d.status for d in ledger.deliveries(limit=999)} == {DeliveryStatus.SENT}


@pytest.mark.parametrize("connections", [1, 4])
def test_a_reader_who_leaves_while_a_round_is_under_way_gets_nothing_more(connections: int) -> None:
    ledger, log = queued(100)

    class Leaving(PostBox):
        def send(self, message: EmailMessage | bytes, recipient: str, sender: str = "") -> None:
            super().send(message, recipient, sender)
            if len(self.sent) == 3:
                for row in list(ledger.rows):
                    ledger.delete(row)

    box = Leaving()
    sent = send_open(ledger, log, box, KEYS, SITE, NOW, connections=connections)
    assert 3 <= sent.sent <= 3 + connections - 1 and ledger.outbox == {}


@pytest.mark.parametrize("connections", [1, 3])
def test_a_server_that_goes_away_in_the_middle_leaves_the_rest_open_without_a_try_lost(connections: int) -> None:
    ledger, log = queued(90)
    box = PostBox(*[None] * 30, *[ServerAway("mail server: gone")] * 90)
    first = send_open(ledger, log, box, KEYS, SITE, NOW, connections=connections)
    assert first == Sent(sent=30, waiting=60)
    assert {d.attempts for d in ledger.open_deliveries(NOW)} == {0}
    box.failures = []
    assert send_open(ledger, log, box, KEYS, SITE, NOW, connections=connections) == Sent(sent=60)
    assert len({to for to, _ in box.sent}) == 90


@pytest.mark.parametrize("connections", [1, 3])
def test_a_ledger_that_cannot_note_a_sending_stops_the_round(connections: int) -> None:
    """A full disk: what cannot be noted would be sent again every minute."""
    ledger, log = queued(100)

    def full(*_: object) -> None:
        raise StoreError("disk full")

    ledger.mark_sent = full  # type: ignore[method-assign]
    box = PostBox()
    with pytest.raises(StoreError):
        send_open(ledger, log, box, KEYS, SITE, NOW, connections=connections)
    assert len(box.sent) <= connections
    ledger.claim = full  # type: ignore[method-assign,assignment]
    with pytest.raises(StoreError):
        send_open(ledger, log, box, KEYS, SITE, NOW, connections=connections)
    assert len(box.sent) <= connections


def test_a_stop_ends_the_round_after_the_message_under_way() -> None:
    ledger, log = queued(100)
    stopping = threading.Event()

    class Stopping(PostBox):
        def send(self, message: EmailMessage | bytes, recipient: str, sender: str = "") -> None:
            super().send(message, recipient, sender)
            if len(self.sent) == 5:
                stopping.set()

    sent = send_open(ledger, log, Stopping(), KEYS, SITE, NOW, stopping=stopping)
    assert sent == Sent(sent=5, waiting=95)


def test_a_domain_gets_no_more_a_minute_than_it_may_and_nothing_is_lost() -> None:
    ledger, log = queued(50)
    ledger.add(reader("other", address="x@elsewhere.example"))
    deliver.queue_due(ledger, log, NOW)
    box, now, rounds = PostBox(), NOW, []
    while ledger.open_deliveries(now + timedelta(days=1)):
        sent = send_open(ledger, log, box, KEYS, SITE, now, pacer=Pacer(ledger.paces(), per_minute=20))
        rounds.append(sent.sent)
        now += timedelta(minutes=1)
    assert rounds == [21, 20, 10]
    assert {d.attempts for d in ledger.deliveries(limit=99)} == {1}


def test_a_domain_that_puts_us_off_rests_while_others_get_theirs_and_its_messages_lose_no_try() -> None:
    ledger, log = queued(50, "slow.example")
    ledger.add(reader("zz", address="zz@elsewhere.example"))
    deliver.queue_due(ledger, log, NOW)

    class Slow(PostBox):
        def send(self, message: EmailMessage | bytes, recipient: str, sender: str = "") -> None:
            if recipient.endswith("slow.example"):
                raise TransientDelivery("SMTP 451 4.7.1")
            super().send(message, recipient, sender)

    sent = send_open(ledger, log, Slow(), KEYS, SITE, NOW)
    assert sent.sent == 1 and sent.retried + sent.held == 50 and sent.retried < 25
    assert sum(d.attempts for d in ledger.deliveries(limit=99)) == sent.retried + 1
    held = [d.next_attempt_at for d in ledger.deliveries(limit=99) if d.attempts == 0]
    assert set(held) == {NOW + PAUSES[0]}
    assert sent.retried >= PAUSE_AFTER


def test_a_full_mailbox_says_nothing_of_its_domain() -> None:
    ledger, log = queued(30)
    box = PostBox(*[TransientDelivery("SMTP 452 4.2.2")] * 10)
    assert send_open(ledger, log, box, KEYS, SITE, NOW) == Sent(sent=20, retried=10)


def test_what_a_domain_took_not_for_days_is_given_up_at_last() -> None:
    ledger, log = queued(1)
    index = KEYS.domain_index("example.org")
    pacer = Pacer()
    for _ in range(PAUSE_AFTER):
        pacer.put_off(index, NOW + GIVE_UP)
    ledger.save_paces(pacer.changed())
    assert send_open(ledger, log, PostBox(), KEYS, SITE, NOW + GIVE_UP) == Sent(given_up=1)
    assert [d.status for d in ledger.deliveries()] == [DeliveryStatus.FAILED]


def test_the_next_messages_are_written_while_one_is_on_its_way() -> None:
    """A sender that waits for the network must not keep the pen idle."""
    ledger, log = queued(60)
    written = threading.Event()
    real = ledger.get
    asked: list[str] = []

    def get(identity: str) -> object:
        asked.append(identity)
        if len(asked) == 40:  # the second batch, while the first message is still being handed over
            written.set()
        return real(identity)

    ledger.get = get  # type: ignore[method-assign,assignment]

    class Waiting(PostBox):
        def send(self, message: EmailMessage | bytes, recipient: str, sender: str = "") -> None:
            assert written.wait(30)
            super().send(message, recipient, sender)

    assert send_open(ledger, log, Waiting(), KEYS, SITE, NOW) == Sent(sent=60)
