"""Messages out of the house: a real SMTP server over loopback, and a folder."""

from __future__ import annotations

import smtplib
import socket
import stat
from email.message import EmailMessage
from pathlib import Path

import pytest
from fakes.happenings import KEYS, SITE, letter, one_of_each, reader
from fakes.postoffice import Clerk, PostOffice, certify

from digests.delivery import mailers
from digests.delivery.builder import build
from digests.delivery.mail import compose, compose_confirmation
from digests.delivery.mailers import FolderMailer, ServerAway, SmtpMailer, _verdict
from tracker.errors import ConfigError, RecipientRefused, TransientDelivery

TO = "s1@example.org"


def message(name: str = "d1") -> EmailMessage:
    return compose(reader(), build(one_of_each()), letter(name), TO, SITE, KEYS)


def test_a_digest_arrives_whole() -> None:
    clerk = Clerk()
    with PostOffice(clerk) as office:
        SmtpMailer("127.0.0.1", office.port, security="off").send(message(), TO)
    assert clerk.received == [message().as_bytes()]
    assert clerk.envelopes == [("noreply@example.org", [TO])]
    [got] = clerk.messages
    plain = got.get_body(("plain",))
    assert plain and "would relax the law" in plain.get_content()


def test_a_digest_sent_twice_arrives_as_the_same_bytes() -> None:
    clerk = Clerk()
    with PostOffice(clerk) as office:
        mailer = SmtpMailer("127.0.0.1", office.port, security="off")
        mailer.send(message(), TO)
        mailer.send(message(), TO)
    assert clerk.received[0] == clerk.received[1]


def test_one_connection_carries_many_messages() -> None:
    clerk = Clerk()
    with PostOffice(clerk) as office:
        mailer = SmtpMailer("127.0.0.1", office.port, security="off")
        for n in range(20):
            mailer.send(message(f"d{n}"), TO)
        mailer.close()
    assert len(clerk.received) == 20 and len(clerk.connections) == 1


def test_a_connection_that_died_meanwhile_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailers, "IDLE_SECONDS", 0.0)
    clerk = Clerk()
    with PostOffice(clerk) as office:
        mailer = SmtpMailer("127.0.0.1", office.port, security="off")
        mailer.send(message("d1"), TO)
        assert mailer._free[0].smtp.sock
        mailer._free[0].smtp.sock.shutdown(socket.SHUT_RDWR)
        mailer.send(message("d2"), TO)
    assert len(clerk.received) == 2 and len(clerk.connections) == 2


def test_starttls_and_login(tmp_path: Path) -> None:
    server, client = certify(tmp_path)
    clerk = Clerk()
    with PostOffice(clerk, tls_context=server, require_starttls=True, auth_required=True) as office:
        SmtpMailer("127.0.0.1", office.port, username="us", password="right", context=client).send(message(), TO)
    assert clerk.encrypted == [True] and clerk.logins == ["us"]


def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    server, client = certify(tmp_path)
    clerk = Clerk()
    with PostOffice(clerk, ssl_context=server) as office:
        SmtpMailer("127.0.0.1", office.port, security="tls", context=client).send(message(), TO)
    assert len(clerk.received) == 1


@pytest.mark.parametrize("security", ["starttls", "opportunistic"])
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, security: mailers.Security) -> None:
    server, _ = certify(tmp_path)
    clerk = Clerk()
    with PostOffice(clerk, tls_context=server) as office, pytest.raises(ServerAway, match="SSLCertVerification"):
        SmtpMailer("127.0.0.1", office.port, security=security).send(message(), TO)
    assert clerk.received == []


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    server, client = certify(tmp_path, "mail.example.org")
    clerk = Clerk()
    with PostOffice(clerk, tls_context=server) as office, pytest.raises(ServerAway):
        SmtpMailer("127.0.0.1", office.port, context=client).send(message(), TO)
    assert clerk.received == []


def test_starttls_that_is_not_offered_sends_nothing_unless_it_is_optional() -> None:
    clerk = Clerk()
    with PostOffice(clerk) as office:
        with pytest.raises(ServerAway):
            SmtpMailer("127.0.0.1", office.port, security="starttls").send(message(), TO)
        assert clerk.received == []
        SmtpMailer("127.0.0.1", office.port, security="opportunistic").send(message(), TO)
    assert clerk.encrypted == [False]


def test_a_wrong_password_is_nobodys_bounce(tmp_path: Path) -> None:
    server, client = certify(tmp_path)
    office = PostOffice(Clerk(), tls_context=server, auth_required=True)
    with office, pytest.raises(ServerAway, match=r"SMTP 535") as caught:
        SmtpMailer("127.0.0.1", office.port, username="us", password="wrong", context=client).send(message(), TO)
    assert "wrong" not in str(caught.value)


def test_a_password_is_never_sent_in_the_clear_to_another_machine() -> None:
    with pytest.raises(ConfigError, match="smtp_security"):
        SmtpMailer("mail.example.org", 25, username="us", password="right", security="off")


@pytest.mark.parametrize(("stage", "answer", "error", "text"), [
    ("rcpt", "550 5.1.1 <s1@example.org> is unknown here", RecipientRefused, "SMTP 550 5.1.1"),
    ("rcpt", "553 no", RecipientRefused, "SMTP 553"),
    ("rcpt", "450 4.2.1 come back later, s1@example.org", TransientDelivery, "SMTP 450 4.2.1"),
    ("rcpt", "421 4.3.2 closing", TransientDelivery, "SMTP 421 4.3.2"),
    ("data", "554 5.7.1 rejected", RecipientRefused, "SMTP 554 5.7.1"),
    ("data", "451 4.3.0 disk full", TransientDelivery, "SMTP 451 4.3.0"),
])
def test_the_servers_answer_decides_between_never_and_later(stage: str, answer: str, error: type[Exception],
                                                            text: str) -> None:
    clerk = Clerk(**{stage: lambda _: answer})  # type: ignore[arg-type]
    with PostOffice(clerk) as office:
        mailer = SmtpMailer("127.0.0.1", office.port, security="off")
        with pytest.raises(error) as caught:
            mailer.send(message(), TO)
        assert type(caught.value) is error and str(caught.value) == text  # no address in it
        clerk.rcpt = clerk.data = lambda _: None
        mailer.send(message(), TO)
    assert len(clerk.received) == 1


def test_a_server_that_hangs_up_in_the_middle_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        import threading

        def hang_up() -> None:
            peer, _ = listener.accept()
            with peer, peer.makefile("rwb") as wire:
                for answer in (b"220 hi", b"250 hi", b"250 from", b"250 to", b"354 go on"):
                    wire.write(answer + b"\r\n")
                    wire.flush()
                    wire.readline()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(TransientDelivery) as caught:
            SmtpMailer("127.0.0.1", listener.getsockname()[1], security="off", timeout=5).send(message(), TO)
        thread.join()
    assert type(caught.value) is TransientDelivery


def test_no_server_at_all_is_nobodys_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ServerAway, match="ConnectionRefusedError"):
        SmtpMailer("127.0.0.1", port, security="off").send(message(), TO)


def test_a_folder_keeps_each_message_once_for_its_owner_only(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "mail")
    mailer.send(message(), TO)
    mailer.send(message(), TO)
    mailer.send(compose_confirmation(reader(), "t", TO, SITE), TO)
    files = sorted(p.name for p in (tmp_path / "mail").iterdir())
    assert len(files) == 2 and files[1] == "20310306T120000Z-digest.d1.eml"
    kept = tmp_path / "mail" / files[1]
    assert kept.read_bytes() == message().as_bytes()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_written_is_nobodys_fault(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    with pytest.raises(ServerAway):
        FolderMailer(tmp_path / "mail").send(message(), TO)


def test_a_policy_that_is_against_us_ends_nobodys_subscription() -> None:
    relaying = smtplib.SMTPRecipientsRefused({"r@example.org": (550, b"5.7.1 relaying denied")})
    nobody = smtplib.SMTPRecipientsRefused({"r@example.org": (550, b"5.1.1 no such user")})
    assert not isinstance(_verdict(relaying), RecipientRefused)
    assert isinstance(_verdict(nobody), RecipientRefused)
    assert isinstance(_verdict(smtplib.SMTPSenderRefused(550, b"5.1.8 bad sender", "x@example.org")), ServerAway)
