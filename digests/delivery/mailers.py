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
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Literal

from tracker.errors import ConfigError, DeliveryError, RecipientRefused, TransientDelivery

Security = Literal["starttls", "tls", "opportunistic", "off"]

IDLE_SECONDS = 5.0  # after this, ask whether the connection still lives before using it
PER_CONNECTION = 100  # messages; many servers close after as many


class ServerAway(TransientDelivery):
    """No connection, no encryption or no login: true for everybody, so no message is to blame."""


@dataclass(slots=True)
class _Line:
    """An open connection."""

    smtp: smtplib.SMTP
    used_at: float
    count: int = 0


class SmtpMailer:
    """Connections that are used again and again; as many as there are threads that send at once.

    `security`: "starttls" (must be offered), "tls" (from the first byte), "opportunistic" (if offered), "off". The
    server's certificate is always checked. A password is never sent in the clear to another machine. Error texts hold
    the server's codes only, as its words may hold an address.
    """

    def __init__(self, host: str, port: int, *, username: str = "", password: str = "",
                 security: Security = "starttls", timeout: float = 30.0, context: ssl.SSLContext | None = None,
                 per_connection: int = PER_CONNECTION) -> None:
        if username and security == "off" and not _is_here(host):
            raise ConfigError('setting smtp_security: "off" would send the password in the clear; expected "starttls"')
        self._host, self._port, self._timeout = host, port, timeout
        self._username, self._password, self._security = username, password, security
        self._context = context or ssl.create_default_context()
        self._per_connection = per_connection
        self._free: list[_Line] = []
        self._lock = threading.Lock()

    def send(self, message: EmailMessage | bytes, recipient: str, sender: str = "") -> None:
        raw = message if isinstance(message, bytes) else message.as_bytes()
        sender = sender or _sender_of(message)
        line = self._line()
        try:
            try:
                _address(line.smtp, sender, recipient, len(raw))
            except (smtplib.SMTPServerDisconnected, ConnectionError):
                if not line.count:
                    raise
                # It had died since its last message, before this one was begun: a new one, without a try lost.
                line.smtp.close()
                line = self._line(fresh=True)
                _address(line.smtp, sender, recipient, len(raw))
            _hand_over(line.smtp, raw)
        except (smtplib.SMTPException, OSError, ValueError) as problem:
            if isinstance(problem, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused | ValueError):
                self._put_back(line)
            else:
                line.smtp.close()
            raise _verdict(problem) from None
        except BaseException:
            line.smtp.close()
            raise
        line.used_at, line.count = time.monotonic(), line.count + 1
        self._put_back(line)

    def close(self) -> None:
        with self._lock:
            lines, self._free = self._free, []
        for line in lines:
            _hang_up(line.smtp)

    def _line(self, fresh: bool = False) -> _Line:
        while not fresh:
            with self._lock:
                line = self._free.pop() if self._free else None
            if line is None:
                break
            if line.count < self._per_connection and _lives(line):
                return line
            _hang_up(line.smtp)
        try:
            return _Line(self._connect(), time.monotonic())
        except (smtplib.SMTPException, OSError) as problem:
            raise ServerAway(f"mail server: {_code(problem)}") from None

    def _put_back(self, line: _Line) -> None:
        if line.smtp.sock is not None:
            with self._lock:
                self._free.append(line)

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


def _lives(line: _Line) -> bool:
    if line.smtp.sock is None:
        return False
    if time.monotonic() - line.used_at < IDLE_SECONDS:
        return True
    try:
        return line.smtp.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _hang_up(smtp: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()
    smtp.close()


def _sender_of(message: EmailMessage | bytes) -> str:
    head = BytesHeaderParser().parsebytes(message) if isinstance(message, bytes) else message
    return parseaddr(str(head["From"]))[1]


def _address(smtp: smtplib.SMTP, sender: str, recipient: str, size: int) -> None:
    """MAIL and RCPT. An answer that refuses leaves the connection fit for the next message."""
    recipient.encode("ascii"), sender.encode("ascii")  # else SMTPUTF8 would be needed all the way
    code, words = smtp.mail(sender, [f"size={size}"] if smtp.has_extn("size") else [])
    if code != 250:
        _clear(smtp, code)
        raise smtplib.SMTPSenderRefused(code, words, sender)
    code, words = smtp.rcpt(recipient)
    if code not in (250, 251):
        _clear(smtp, code)
        raise smtplib.SMTPRecipientsRefused({recipient: (code, words)})


def _hand_over(smtp: smtplib.SMTP, raw: bytes) -> None:
    """DATA. Only its 250 means that the message is theirs; a connection lost before that leaves it ours."""
    try:
        code, words = smtp.data(raw)
    except smtplib.SMTPDataError as problem:
        _clear(smtp, problem.smtp_code)
        raise
    if code != 250:
        _clear(smtp, code)
        raise smtplib.SMTPDataError(code, words)


def _clear(smtp: smtplib.SMTP, code: int) -> None:
    if code == 421:  # the server hangs up now
        smtp.close()
        return
    try:
        smtp.rset()
    except (smtplib.SMTPException, OSError):
        smtp.close()


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
        refused = RecipientRefused(_code(problem))
        refused.at_recipient = not isinstance(problem, smtplib.SMTPDataError)
        return refused
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

    def send(self, message: EmailMessage | bytes, recipient: str, sender: str = "") -> None:
        raw = message if isinstance(message, bytes) else message.as_bytes()
        head = BytesHeaderParser().parsebytes(raw)
        name = f"{parsedate_to_datetime(head['Date']):%Y%m%dT%H%M%SZ}-{_file_name(str(head['Message-ID']))}.eml"
        part = self._folder / f".{name}.{secrets.token_hex(4)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
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
