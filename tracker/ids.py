"""Identifier normalising: the many ways to write a bill's number into one id that is also its URL path."""

from __future__ import annotations

import re

_LETTERS_NUMBER = re.compile(r"([a-z]+(?:\d+[a-z]+)?)[\s.\-]*0*(\d+[a-z]*)")


def slug(identifier: str) -> str:
    """``"H.R. 1865"`` or ``"HR1865"`` -> ``"hr-1865"``; ``"HB 0042"`` -> ``"hb-42"``.

    Letters and number are parted by one hyphen, dots dropped, leading zeros dropped, anything else hyphenated.
    """
    plain = re.sub(r"(?<=[a-z])[.\s]+(?=[a-z])", "", identifier.strip().lower())
    plain = re.sub(r"[^a-z0-9]+", " ", plain).strip()
    if m := _LETTERS_NUMBER.fullmatch(plain):
        return f"{m[1]}-{m[2]}"
    return plain.replace(" ", "-")


def bill_id(jurisdiction: str, session: str, identifier: str) -> str:
    """``("us", "119", "HR 1865")`` -> ``"us/119/hr-1865"``: the key of a bill everywhere, and the path of its page."""
    return f"{jurisdiction}/{slug_of_session(session)}/{slug(identifier)}"


def read_bill_id(written: str) -> str:
    """What a person writes for a bill's id to the id: ``"US/119/H.R. 1865"`` -> ``"us/119/hr-1865"``. What has
    not three parts stays as it is."""
    parts = written.strip().strip("/").split("/")
    if len(parts) != 3 or not all(part.strip() for part in parts):
        return written.strip()
    return bill_id(parts[0].strip().lower(), parts[1], parts[2])


def slug_of_session(session: str) -> str:
    """``"89th Legislature, R.S."`` -> ``"89th-legislature-r-s"``"""
    return re.sub(r"[^a-z0-9]+", "-", session.lower()).strip("-")
