"""Offices of members and committees as a legislature's own page prints them: whom a call to act can name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Office:
    """Only what belongs to the office: no home address, no private telephone, no party, no picture. `id` is the
    legislature's own, as its bills carry it. Empty: the page did not say."""

    name: str
    role: str
    district: str = ""
    phone: str = ""
    mail: str = ""
    url: str = ""
    id: str = ""
