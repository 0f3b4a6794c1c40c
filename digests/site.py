"""How this installation names itself to readers: addresses, names, ids."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

TAG_YEAR = "2026"  # RFC 4151 asks for a date on which the authority held its name; it never moves


@dataclass(frozen=True, slots=True)
class Site:
    """`tag_authority` is a domain, or domain and date ("example.org,2026"). Ids rest on it: it must never change."""

    base_url: str
    name: str
    contact: str
    tag_authority: str
    sender: str = ""  # mail address in From; empty: noreply at our domain
    hub: str = ""  # WebSub hub that tells readers' programs of news; empty: none
    bounces: str = ""  # mail address that bounces come back to, each with a token of its own; empty: the sender

    def url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/{path.lstrip('/')}"

    def tag(self, what: str) -> str:
        """``"event/12"`` -> ``"tag:example.org,2026:event/12"``"""
        authority = self.tag_authority if "," in self.tag_authority else f"{self.tag_authority},{TAG_YEAR}"
        return f"tag:{authority}:{what}"

    @property
    def domain(self) -> str:
        """The right side of Message-IDs and list ids."""
        return self.tag_authority.split(",")[0] or urlsplit(self.base_url).hostname or "localhost"

    @property
    def sender_address(self) -> str:
        return parseaddr(self.sender)[1] or f"noreply@{self.domain}"

    @property
    def sender_name(self) -> str:
        return parseaddr(self.sender)[0] or self.name
