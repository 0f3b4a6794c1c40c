"""The secrets in a reader's links: what each is made of, what is kept of it, what it can do, and when it ends.

docs/privacy.md shows this table, and a test tries each secret at every door.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """`door`: the address it opens. `bits` that somebody who guesses must hit."""

    name: str
    door: str
    made: str
    bits: int
    kept: str
    can: str
    ends: str


LINKS: tuple[Link, ...] = (
    Link("confirm", "/confirm/…", "random", 256, "SHA-256", "start a subscription", "when used, or after 7 days"),
    Link("renew", "/confirm/…", "HMAC-SHA-256 of the row and the day it was confirmed", 256, "SHA-256",
         "keep a subscription for another year", "when used, or after 30 days"),
    Link("manage", "/manage/…", "HMAC-SHA-256 of the row", 256, "SHA-256 of the leave secret that follows from it",
         "see and change what is followed; take the data along; leave, with all of the address",
         "with the subscription"),
    Link("leave", "/u/…", "SHA-256 of the manage secret", 256, "SHA-256", "leave, and nothing else",
         "with the subscription"),
)


def as_markdown() -> str:
    rows = [f"| {x.name} | `{x.door}` | {x.made} | {x.bits} | {x.kept} | {x.can} | {x.ends} |" for x in LINKS]
    return "\n".join(["| secret | opens | made | bits | kept | can | ends |", "|---|---|---|---|---|---|---|", *rows])
