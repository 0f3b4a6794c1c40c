"""Encrypted mail: GnuPG as the reader's mail program, keys that are refused, and keys that end."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from fakes.happenings import KEYS, NOW, SITE, happening, reader
from fakes.memory import MemoryLedger, MemoryLog, PostBox

from digests.delivery import deliver
from digests.delivery.sending import GIVE_UP, Sent, send_open
from digests.readers import key_notices, openpgp, renewal, subscriptions
from digests.readers.openpgp import KeyRefused, KeyUnusable, read_key
from digests.readers.reader_key import for_reader, key_state
from digests.readers.subscriptions import put_key, remove_key
from tracker.model import Cadence, Delivery, DeliveryStatus, Filter, Subscription

pytest.importorskip("pysequoia", reason="needs the extra openpgp")
IN_CLEAR = ("HB 7", "lantern", "law.example", "/manage/", "Your update", "Where it stands: In committee")


@dataclass(frozen=True)
class Person:
    """Somebody with GnuPG."""

    home: Path

    def gpg(self, *words: str, given: bytes = b"", at: str = "20310301T000000") -> bytes:
        done = subprocess.run(
            ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--passphrase", "", "--pinentry-mode",
             "loopback", "--faked-system-time", at, *words], input=given, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def make(self, name: str, kind: str = "default", use: str = "default", ends: str = "never",
             at: str = "20260101T000000") -> str:
        """The public key."""
        self.gpg("--quick-gen-key", f"{name}@reader.example", kind, use, ends, at=at)
        return self.public(name)

    def fingerprint(self, name: str) -> str:
        lines = self.gpg("--with-colons", "--list-keys", f"<{name}@reader.example>").decode().splitlines()
        return next(line.split(":")[9] for line in lines if line.startswith("fpr"))

    def public(self, name: str) -> str:
        return self.gpg("--armor", "--export", f"<{name}@reader.example>").decode()

    def read(self, message: bytes | EmailMessage) -> tuple[EmailMessage, EmailMessage]:
        """(outside, inside)"""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        outer = message_from_bytes(raw, policy=SMTP)
        version, sealed = outer.iter_parts()
        assert (outer.get_content_type(), outer.get_param("protocol")) == (
            "multipart/encrypted", "application/pgp-encrypted")
        assert (version.get_content_type(), version.get_content().strip()) == (
            "application/pgp-encrypted", b"Version: 1")
        assert sealed.get_content_type() == "application/octet-stream"
        return outer, message_from_bytes(self.gpg("--decrypt", given=sealed.get_content()), policy=SMTP)


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    home = tmp_path_factory.mktemp("g")
    home.chmod(0o700)
    try:
        subprocess.run(["gpg", "--version"], capture_output=True, check=True)
    except OSError:
        pytest.skip("GnuPG is not installed")
    yield Person(home)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


@pytest.fixture(scope="module")
def public(person: Person) -> str:
    return person.make("ada", "future-default")


@pytest.fixture
def row() -> Subscription:
    return reader()


@pytest.fixture
def ledger(row: Subscription) -> MemoryLedger:
    ledger = MemoryLedger()
    ledger.add(replace(row, manage_token=KEYS.stored_token(row.id)))
    return ledger


def link(row: Subscription) -> str:
    return KEYS.manage_token(row.id)


def send(ledger: MemoryLedger, box: PostBox, at=NOW) -> Sent:  # type: ignore[no-untyped-def]
    log = MemoryLog([happening(1)])
    deliver.queue_due(ledger, log, at)
    return send_open(ledger, log, box, KEYS, SITE, at)


# --- what a reader's mail program makes of it -------------------------------------------------------------------------


def test_a_digest_decrypts_in_gnupg_and_holds_nothing_of_the_bill_in_the_clear(
        ledger: MemoryLedger, row: Subscription, person: Person, public: str) -> None:
    plain, sealed = PostBox(), PostBox()
    bare = MemoryLedger()
    bare.add(row)
    assert send(bare, plain).sent == 1
    assert put_key(ledger, KEYS, link(row), public, NOW) and send(ledger, sealed).sent == 1
    message, expected = sealed.sent[0][1], plain.sent[0][1]
    raw = message.as_bytes()
    for word in IN_CLEAR:
        assert word in expected.as_string() and word.encode() not in raw
    outer, inner = person.read(raw)
    assert outer["Subject"] == "[...]" and inner["Subject"] == expected["Subject"]
    for kind in ("plain", "html"):
        assert inner.get_body((kind,)).get_content() == expected.get_body((kind,)).get_content()  # type: ignore[union-attr]
    for name in ("From", "To", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
                 "Precedence", "Auto-Submitted"):
        # Whatever the parser's folding left before it.
        assert outer[name].strip() == inner[name].strip() == expected[name].strip(), name
    assert outer["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and outer["Content-Language"] is None
    assert (inner.get_param("hp"), inner.get_param("protected-headers")) == ("cipher", "v1")
    assert "Subject: [...]" in inner.get_all("HP-Outer")
    assert not any(len(line) > 998 for line in raw.splitlines()) and raw.count(b"\n") == raw.count(b"\r\n")


def test_a_repeated_message_is_known_by_its_name(ledger: MemoryLedger, row: Subscription, public: str) -> None:
    put_key(ledger, KEYS, link(row), public, NOW)
    keyed, message = ledger.rows[row.id], EmailMessage(policy=SMTP)
    message["Message-ID"] = "<a@b>"
    message.set_content("words\n")
    once, twice = (for_reader(message, KEYS, keyed, NOW) for _ in "ab")
    assert once != twice
    assert message_from_bytes(bytes(once))["Message-ID"] == message_from_bytes(bytes(twice))["Message-ID"] == "<a@b>"  # type: ignore[arg-type]


def test_whatever_else_is_sent_is_encrypted_by_the_same_hand(
        ledger: MemoryLedger, row: Subscription, person: Person, public: str) -> None:
    class Alerts:
        def write(self, subscription: Subscription, delivery: Delivery, address: str) -> EmailMessage:
            message = EmailMessage(policy=SMTP)
            message["Subject"], message["Message-ID"], message["To"] = "A message that cannot wait", "<a@b>", address
            message.set_content("Call about HB 7.\n")
            return message

    put_key(ledger, KEYS, link(row), public, NOW)
    log, box = MemoryLog([happening(1)]), PostBox()
    deliver.queue_due(ledger, log, NOW)
    assert send_open(ledger, log, box, KEYS, SITE, NOW, writer=Alerts()).sent == 1
    outer, inner = person.read(box.sent[0][1])
    assert (outer["Subject"], inner["Subject"]) == ("[...]", "A message that cannot wait")
    assert "HB 7" in inner.get_content() and b"HB 7" not in box.sent[0][1].as_bytes()


def test_questions_are_encrypted_too_and_a_later_sign_up_of_the_address_takes_the_key(
        person: Person, public: str) -> None:
    ledger, box = MemoryLedger(), PostBox()

    def sign_up() -> None:
        subscriptions.subscribe(ledger, box, KEYS, SITE, address="ada@reader.example", filter=Filter(),
                                cadence=Cadence.DAILY, zone="UTC", hour=8, weekday=0, now=NOW, cursor=0)

    sign_up()
    (first,) = ledger.rows.values()
    ledger.update(replace(first, confirmed_at=NOW - timedelta(days=366), confirm_token=None))
    put_key(ledger, KEYS, link(first), public, NOW)
    sign_up()
    renewal.ask_due(ledger, box, KEYS, SITE, NOW)
    for _, message in box.sent[1:]:
        outer, inner = person.read(message)
        assert outer["Subject"] == "[...]" and "/confirm/" in inner.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert len(box.sent) == 3 and all(row.openpgp_sealed for row in ledger.rows.values())


# --- keys that are not taken ------------------------------------------------------------------------------------------


def test_what_is_no_fit_key_is_refused_in_words(person: Person, public: str) -> None:
    person.make("gone", "future-default")
    mark = person.fingerprint("gone")
    revocation = (person.home / "openpgp-revocs.d" / f"{mark}.rev").read_text().replace(":-----BEGIN", "-----BEGIN")
    person.gpg("--import", given=revocation.encode())
    other = person.make("other", "ed25519", "sign")
    refused = {
        "revoked": person.public("gone"),
        "has expired": person.make("old", "future-default", "default", "20270101T000000"),
        "no part for encryption": other,
        "private key": person.gpg("--armor", "--export-secret-keys", "<ada@reader.example>").decode(),
        "two keys": public + other,
        "not a public key": "words",
        "too long": public + "A" * 50_000,
        "cannot be read": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxsBN\n-----END PGP PUBLIC KEY BLOCK-----",
    }
    for words, pasted in refused.items():
        with pytest.raises(KeyRefused, match=words):
            read_key(pasted, NOW)
    both = person.gpg("--armor", "--export", "<ada@reader.example>", "<other@reader.example>").decode()
    with pytest.raises(KeyRefused, match="two keys"):
        read_key(both, NOW)
    hidden = person.gpg("--export-secret-keys", "<ada@reader.example>")
    with pytest.raises(KeyRefused, match="private key"):  # a private key under a public one's lines
        read_key(_armored(hidden), NOW)


def test_a_damaged_key_is_refused_or_taken_and_never_crashes_us(public: str) -> None:
    from pysequoia import Cert

    whole, chosen = bytes(Cert.from_bytes(public.encode())), random.Random(5)
    for _ in range(400):
        raw = bytearray(whole)
        for _ in range(chosen.randint(1, 6)):
            raw[chosen.randrange(len(raw))] = chosen.randrange(256)
        del raw[chosen.choice((len(raw), chosen.randrange(1, len(raw)))):]
        try:
            taken = read_key(_armored(bytes(raw)), NOW)
        except KeyRefused:
            continue
        assert openpgp.encrypted(b"words", taken.armored, NOW)


def _armored(raw: bytes) -> str:
    from pysequoia import ArmorKind, armor

    return str(armor(raw, ArmorKind.PublicKey))


def test_only_parts_that_are_valid_are_encrypted_to(person: Person) -> None:
    person.make("two", "ed25519", "sign")
    mark = person.fingerprint("two")
    person.gpg("--quick-add-key", mark, "cv25519", "encr", "20310401T000000", at="20260102T000000")
    key = read_key(person.public("two"), NOW)
    assert key.ends_at is not None and key.ends_at.date().isoformat() == "2031-04-01"
    assert openpgp.works(key.armored, NOW)
    later = NOW + timedelta(days=60)
    assert not openpgp.works(key.armored, later)
    with pytest.raises(KeyUnusable):
        openpgp.encrypted(b"words", key.armored, later)
    with pytest.raises(KeyRefused, match="no part for encryption"):
        read_key(key.armored, later)


def test_the_signatures_of_others_and_pictures_are_not_kept(person: Person, public: str) -> None:
    person.make("friend", "future-default")
    person.gpg("--default-key", "<friend@reader.example>", "--yes", "--quick-sign-key", person.fingerprint("ada"))
    signed = person.public("ada")
    assert len(signed) > len(public)
    assert read_key(signed, NOW).armored == read_key(public, NOW).armored


# --- keys that end, and a service that cannot encrypt -----------------------------------------------------------------


def test_mail_waits_when_a_key_ends_is_told_of_once_and_comes_whole_with_the_next_key(
        ledger: MemoryLedger, row: Subscription, person: Person, public: str) -> None:
    ending = person.make("ending", "future-default", "default", "20310310T000000")
    put_key(ledger, KEYS, link(row), ending, NOW)
    later, box = NOW + timedelta(days=30), PostBox()
    assert send(ledger, box, later) == Sent(held=1) and box.sent == []
    assert key_notices.tell_waiting(ledger, box, KEYS, SITE, later) == 1
    assert key_notices.tell_waiting(ledger, box, KEYS, SITE, later) == 0
    ((_, notice),) = box.sent
    text = notice.as_string()
    assert "/manage/" not in text and "/u/" in notice.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "HB 7" not in text and "antern" not in text and "OpenPGP" not in str(notice["Subject"])
    much_later = later + GIVE_UP * 3
    for hour in range(3):  # however often it is tried
        assert send(ledger, box, much_later + timedelta(hours=2 * hour)) == Sent(held=1)
    (waiting,) = ledger.outbox.values()
    assert waiting.status is DeliveryStatus.QUEUED and waiting.attempts == 0
    state = key_state(KEYS, ledger.rows[row.id], much_later)
    assert state.stored and not state.works
    put_key(ledger, KEYS, link(row), public, much_later)
    assert send(ledger, box, much_later + timedelta(hours=9)).sent == 1
    _, inner = person.read(box.sent[-1][1])
    assert "HB 7" in inner.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_without_the_library_nothing_is_sent_in_the_clear_and_nobody_is_blamed(
        ledger: MemoryLedger, row: Subscription, public: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put_key(ledger, KEYS, link(row), public, NOW)
    monkeypatch.setattr(openpgp, "find_spec", lambda _: None)
    box = PostBox()
    assert send(ledger, box) == Sent(held=1)
    assert key_notices.tell_waiting(ledger, box, KEYS, SITE, NOW) == 0
    with pytest.raises(KeyUnusable):
        put_key(ledger, KEYS, link(row), public, NOW)
    subscriptions.subscribe(ledger, box, KEYS, SITE, address="reader@example.org", filter=Filter(),
                            cadence=Cadence.DAILY, zone="UTC", hour=8, weekday=0, now=NOW, cursor=0)
    assert not [to for to, _ in box.sent if to != "reader@example.org"]
    assert remove_key(ledger, link(row)) and send(ledger, box, NOW + timedelta(hours=2)).sent == 1


def test_a_key_is_stored_sealed_and_bound_to_its_row(ledger: MemoryLedger, row: Subscription, public: str) -> None:
    put_key(ledger, KEYS, link(row), public, NOW)
    sealed = ledger.rows[row.id].openpgp_sealed
    assert sealed and b"PGP" not in sealed and b"reader.example" not in sealed
    assert KEYS.open(sealed, row.id, "openpgp").startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    moved = replace(ledger.rows[row.id], id="other")
    with pytest.raises(KeyUnusable):
        for_reader(b"Subject: a\r\n\r\n", KEYS, moved, NOW)
