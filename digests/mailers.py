"""Messages to a mail server, or to files in a folder: the two ways out."""

from __future__ import annotations

import os
import re
import secrets
import smtplib
import ssl
import threading
import time
from contextlib import suppress
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Literal

from tracker.errors import ConfigError, DeliveryError, RecipientRefused, TransientDelivery

Security = Literal["starttls", "tls", "opportunistic", "off"]

IDLE_SECONDS = 5.0  # after this, ask whether the connection still lives before using it
PER_CONNECTION = 100  # messages; many servers close after as many


class ServerAway(TransientDelivery):
    """No connection, no encryption or no login: true for everybody, so no message is to blame."""


class SmtpMailer:
    """One connection, used again and again; safe to share between threads.

    `security`: "starttls" (must be offered), "tls" (from the first byte), "opportunistic" (if offered), "off". The
    server's certificate is always checked. A password is never sent in the clear to another machine. Error texts hold
    the server's codes only, as its words may hold an address.
    """

    def __init__(self, host: str, port: int, *, username: str = "", password: str = "",
                 security: Security = "starttls", timeout: float = 30.0, context: ssl.SSLContext | None = None) -> None:
        if username and security == "off" and not _is_here(host):
            raise ConfigError('setting smtp_security: "off" would send the password in the clear; expected "starttls"')
        self._host, self._port, self._timeout = host, port, timeout
        self._username, self._password, self._security = username, password, security
        self._context = context or ssl.create_default_context()
        self._smtp: smtplib.SMTP | None = None
        self._used_at, self._count = 0.0, 0
        self._lock = threading.Lock()

    def send(self, message: EmailMessage, recipient: str) -> None:
        sender = parseaddr(str(message["From"]))[1]
        with self._lock:
            smtp = self._connection()
            try:
                smtp.send_message(message, sender, [recipient])
            except (smtplib.SMTPException, OSError, ValueError) as problem:
                if not isinstance(problem, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
                    self._drop()
                raise _verdict(problem) from None
            self._used_at, self._count = time.monotonic(), self._count + 1

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _connection(self) -> smtplib.SMTP:
        if self._smtp is not None and (self._count >= PER_CONNECTION or not self._lives(self._smtp)):
            self._drop()
        if self._smtp is None:
            try:
                self._smtp = self._connect()
            except (smtplib.SMTPException, OSError) as problem:
                raise ServerAway(f"mail server: {_code(problem)}") from None
            self._count = 0
        return self._smtp

    def _lives(self, smtp: smtplib.SMTP) -> bool:
        if smtp.sock is None:
            return False
        if time.monotonic() - self._used_at < IDLE_SECONDS:
            return True
        try:
            return smtp.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _connect(self) -> smtplib.SMTP:
        if self._security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout,
                                                  context=self._context)
        else:
            smtp = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            smtp.ehlo_or_helo_if_needed()
            encrypted = self._security == "tls" or self._encrypt(smtp)
            if self._username:
                if not encrypted and not _is_here(self._host):
                    raise ServerAway("mail server: offers no encryption, so the password was not sent")
                smtp.login(self._username, self._password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _encrypt(self, smtp: smtplib.SMTP) -> bool:
        wanted = self._security == "starttls" or (self._security == "opportunistic" and smtp.has_extn("starttls"))
        if wanted:
            smtp.starttls(context=self._context)  # raises if it is not offered, or refused
            smtp.ehlo_or_helo_if_needed()
        return wanted

    def _drop(self) -> None:
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._smtp.close()
        self._smtp = None


# RFC 3463: X.7.* is policy (relaying denied, host blocked), X.5.* protocol, X.1.7 and X.1.8 the sender's address.
_OUR_FAULT = re.compile(r"\b5\.(?:7\.\d+|1\.[78])\b")


def _is_here(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _verdict(problem: Exception) -> DeliveryError:
    """5xx for this recipient or this message is for good; all else is tried again."""
    code = 0
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code = next(iter(problem.recipients.values()))[0]
    elif isinstance(problem, smtplib.SMTPSenderRefused):
        return ServerAway(f"{_code(problem)}: the mail server refuses this sender, not this recipient")
    elif isinstance(problem, smtplib.SMTPDataError):
        code = problem.smtp_code
    if isinstance(problem, smtplib.SMTPRecipientsRefused) and _OUR_FAULT.search(str(problem)):
        return TransientDelivery(f"{_code(problem)}: the mail server refuses this sender, or for now this recipient")
    # The recipient's name needs SMTPUTF8, or cannot be written as ASCII: waiting changes nothing.
    if 500 <= code < 600 or isinstance(problem, smtplib.SMTPNotSupportedError | ValueError):
        return RecipientRefused(_code(problem))
    return TransientDelivery(_code(problem))


def _code(problem: Exception) -> str:
    """``"SMTP 550 5.1.1"``: the server's codes, or the kind of failure, and nothing else."""
    words: bytes | str
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(problem.recipients.values()))
    elif isinstance(problem, smtplib.SMTPResponseException):
        code, words = problem.smtp_code, problem.smtp_error
    else:
        return type(problem).__name__
    raw = words if isinstance(words, bytes) else str(words).encode()
    enhanced = re.match(rb"[245]\.\d{1,3}\.\d{1,3}\b", raw)
    return f"SMTP {code}" + (f" {enhanced[0].decode()}" if enhanced else "")


class FolderMailer:
    """One `.eml` a message, named after its date and Message-ID: sent again, it replaces itself.

    The files hold addresses, so only their owner may read them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage, recipient: str) -> None:
        name = f"{parsedate_to_datetime(message['Date']):%Y%m%dT%H%M%SZ}-{_file_name(str(message['Message-ID']))}.eml"
        part = self._folder / f".{name}.{secrets.token_hex(4)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(message.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._folder / name)
        except OSError as problem:
            raise ServerAway(f"folder for messages: {type(problem).__name__} {problem.errno}") from None
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _file_name(message_id: str) -> str:
    return re.sub(r"[^\w.-]+", "-", message_id.strip("<>").partition("@")[0])
