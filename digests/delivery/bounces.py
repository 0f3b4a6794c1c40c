"""A message that came back to its meaning: what kind, which code; nothing of the words or addresses in it.

RFC 3464 (delivery status) and RFC 5965 (feedback, "this is spam") are read by their fields; the many older forms by
flufl.bounce. What is neither, such as an answer from a holiday, means nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from flufl.bounce import all_failures

from tracker.post import ReturnKind

# It writes a stack trace of each detector that stumbles to the standard error of the mail server that runs us.
logging.getLogger("flufl.bounce").disabled = True

LARGEST = 1_000_000  # bytes that are looked at

# RFC 3463, the first row that fits. Class 5 only: class 4 is soft whatever follows.
KINDS: tuple[tuple[str, ReturnKind], ...] = (
    (r"5\.1\.(?:7|8|9)", ReturnKind.SOFT),  # the sender's address: our fault
    (r"5\.1\.\d+", ReturnKind.HARD),  # no such mailbox, host, or it has moved
    (r"5\.2\.1", ReturnKind.HARD),  # mailbox disabled
    (r"5\.4\.[14]", ReturnKind.HARD),  # no answer from, or no route to, its host; "access denied" of one large provider
    (r"5\.0\.0", ReturnKind.HARD),
    (r"5\.\d+\.\d+", ReturnKind.SOFT),  # full, too large, policy, content: the mailbox is there
)
NO_MAILBOX = (550, 551, 553)  # of RCPT, where no finer code is given

# RFC 5965 and its register; "not-spam", "auth-failure", "dkim" are no wish to leave.
COMPLAINTS = frozenset({"abuse", "fraud", "virus", "opt-out", "opt-out-list", "other"})


@dataclass(frozen=True, slots=True)
class Report:
    kind: ReturnKind
    code: str = ""  # "5.1.1"


def read_report(raw: bytes) -> Report | None:
    """None: it does not say that anything came back for good, or for now."""
    message = message_from_bytes(raw[:LARGEST])
    parts = list(message.walk())
    if any(part.get_content_type() == "message/feedback-report" for part in parts):
        return Report(ReturnKind.COMPLAINT) if _complains(parts) else None
    if any(part.get_content_type() == "message/delivery-status" for part in parts):
        return _of_status(parts)
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # its detectors stumble over mail without a sender and the like: such a mail is no bounce
        return None
    if permanent:
        return Report(ReturnKind.HARD)
    return Report(ReturnKind.SOFT) if temporary else None


def kind_of(enhanced: str, code: int = 0) -> ReturnKind:
    """`enhanced`: "5.1.1" or empty; `code`: that of RCPT, 0 if it was not there."""
    for pattern, kind in KINDS:
        if re.fullmatch(pattern, enhanced):
            return kind
    return ReturnKind.HARD if not enhanced and code in NO_MAILBOX else ReturnKind.SOFT


def _complains(parts: list[Message]) -> bool:
    return any(str(fields.get("Feedback-Type", "")).strip().lower() in COMPLAINTS
               for fields in _fields(parts, "message/feedback-report"))


def _of_status(parts: list[Message]) -> Report | None:
    """The gravest of what it says of its recipients. "delayed": the server goes on trying, so nothing came back."""
    found = []
    for fields in _fields(parts, "message/delivery-status"):
        if str(fields.get("Action", "")).strip().lower() != "failed":
            continue
        status = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", str(fields.get("Status", "")))
        code = status[1] if status else ""
        finer = re.search(r"\b([45]\.\d{1,3}\.\d{1,3})\b", str(fields.get("Diagnostic-Code", "")))
        if code in ("", "5.0.0") and finer:
            code = finer[1]
        found.append(Report(kind_of(code) if code else ReturnKind.HARD, code))
    return min(found, key=lambda report: (report.kind is not ReturnKind.HARD, report.code), default=None)


def _fields(parts: list[Message], content_type: str) -> Iterator[Message]:
    """The blocks of a report's machine-readable part. The library parses a delivery status; the other it may leave."""
    for part in parts:
        if part.get_content_type() != content_type:
            continue
        blocks = part.get_payload()
        if isinstance(blocks, list):
            yield from (block for block in blocks if isinstance(block, Message))
        else:
            words = part.get_payload(decode=True)
            yield message_from_bytes(words.lstrip() if isinstance(words, bytes) else b"")
