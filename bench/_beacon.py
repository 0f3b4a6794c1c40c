"""The site of Beacon Reef, a fictional legislature of any size, on loopback: ``python -m bench._beacon BILLS``.

It prints its port. Every page is made from its number alone, so the server holds none. `/_change/N` moves N bills
(every fifth of them with a new text), `/_asked` answers what was asked since it was last asked itself.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
from collections import Counter
from email.utils import formatdate
from functools import cache

ROWS = 500  # of one listing page
MEDIAN, SPREAD, LONGEST = 8_000, 0.8, 400_000  # bytes of a text, log-normal
ON_TOPIC = 0.02  # of the bills: 311 of 16,310 in the 119th Congress
NEW_TEXT = 5  # every fifth changed bill has one
DAY, START = 86_400, 6_790_000_000  # its session is held in 2185

NOUNS = (
    "harbour", "lantern", "keeper", "reef", "signal", "fund", "board", "district", "officer", "pier", "vessel",
    "permit", "record", "school", "road", "ferry", "council", "water", "storm", "shelter", "market", "report",
    "licence", "survey", "bridge", "garden", "library", "fishery", "pilot", "office", "budget", "tide",
)
VERBS = (
    "establish", "maintain", "inspect", "publish", "repair", "license", "register", "review", "extend", "limit",
    "fund", "repeal",
)
TOPICAL = (
    "A person who engages in prostitution is guilty of a misdemeanor.",
    "An adult who offers or sells sexual services by agreement commits no offense.",
    "Section 12 of the Brothel Code is repealed.",
    "A court shall vacate a conviction for prostitution of a victim of human trafficking.",
    "A person who pays another for a commercial sex act is guilty of a gross misdemeanor.",
    "The attorney general shall post a notice on human trafficking with a hotline number in every lodging.",
)
_REQUEST = re.compile(rb"^GET (\S+) HTTP/1\.1\r\n", re.MULTILINE)


@cache
def paragraphs() -> tuple[str, ...]:
    chance = random.Random(7)

    def clause() -> str:
        return (f"the {chance.choice(NOUNS)} {chance.choice(NOUNS)} shall {chance.choice(VERBS)} each "
                f"{chance.choice(NOUNS)} of the {chance.choice(NOUNS)} {chance.choice(NOUNS)}")

    return tuple(f"({n % 9 + 1}) Not later than {chance.randrange(10, 400)} days after the effective date of this act, "
                 + ", and ".join(clause() for _ in range(chance.randrange(1, 5))) + "." for n in range(3000))


class Reef:
    """Pages of a session of `bills` bills. `moved`: bill -> how often it changed."""

    def __init__(self, bills: int) -> None:
        self.bills = bills
        self.moved: Counter[int] = Counter()
        self.asked: Counter[str] = Counter()

    def number(self, n: int) -> str:
        return f"{'HB' if n % 3 else 'SB'} {n // 3 * 2 + n % 3 if n % 3 else n // 3 + 1}"

    def versions(self, n: int) -> int:
        return 1 + (0 if n % NEW_TEXT else self.moved[n])

    def change(self, many: int) -> None:
        stride = max(NEW_TEXT, self.bills // many // NEW_TEXT * NEW_TEXT) + 1
        for k in range(many):
            self.moved[k * stride % self.bills] += 1

    def listing(self, page: int) -> bytes:
        first, last = page * ROWS, min((page + 1) * ROWS, self.bills)
        rows = [{"session": "2185", "number": self.number(n), "path": f"/bill/{n}.json",
                 "updated": self.stamp(n)} for n in range(first, last)]
        following = f"/list/{page + 1}.json" if last < self.bills else None
        return json.dumps({"bills": rows, "next": following}).encode()

    def stamp(self, n: int) -> str:
        return f"2185-{n % 6 + 1:02}-{n % 28 + 1:02}T10:00:00.{self.moved[n]:03}"

    def record(self, n: int) -> bytes:
        chance = random.Random(n)
        steps = [("Filed", "2185-01-10"), ("Read a first time", "2185-01-11"),
                 (f"Referred to the Committee on {chance.choice(NOUNS).title()}s", "2185-01-12"),
                 ("Read a second time", "2185-02-03"), ("Passed by the chamber", "2185-02-20")]
        again = [("Referred again", f"2185-03-{k + 1:02}") for k in range(self.moved[n])]
        steps = steps[:chance.randrange(1, 6)] + again
        chamber = "lower" if n % 3 else "upper"
        title = f"Relating to the {chance.choice(NOUNS)} {chance.choice(NOUNS)} fund"
        return json.dumps({
            "session": "2185", "number": self.number(n), "title": title, "chamber": chamber,
            "sponsors": [{"name": f"{chance.choice(NOUNS).title()} {chance.choice(NOUNS).title()}", "chief": k == 0}
                         for k in range(chance.randrange(1, 6))],
            "history": [{"what": what, "date": on, "chamber": chamber} for what, on in steps],
            "texts": [{"name": "As filed" if v == 0 else f"Amendment {v}", "path": f"/text/{n}-{v}.html",
                       "issued": f"2185-01-{10 + v:02}"} for v in range(self.versions(n))]}).encode()

    def text(self, n: int, version: int) -> bytes:
        topic = random.Random(-1 - n).random() < ON_TOPIC
        chance = random.Random(n * 100 + version)
        size = min(LONGEST, int(chance.lognormvariate(0, SPREAD) * MEDIAN))
        parts: list[str] = []
        held, pool = 0, paragraphs()
        while held < size - 400:
            if len(parts) % 6 == 0:
                parts.append(f"<h3>Section {len(parts) // 6 + 1}. {chance.choice(NOUNS).title()}s.</h3>")
            parts.append(f"<p>{pool[int(chance.random() * len(pool))]}</p>")
            held += len(parts[-1])
        if topic:
            parts.insert(len(parts) // 2, f"<p>{chance.choice(TOPICAL)}</p>")
        return (f"<!DOCTYPE html><html><head><title>{self.number(n)}</title></head><body><h1>{self.number(n)}</h1>"
                f"<h2>An act of Beacon Reef</h2><p>Be it enacted:</p>{''.join(parts)}"
                "<p>This act takes effect when the lantern is lit.</p></body></html>").encode()

    def answer(self, path: str) -> tuple[str, bytes, str, int]:
        """(kind, body, media type, when it was last changed)."""
        if path == "/robots.txt":
            return "robots", b"User-agent: *\nDisallow: /search/\n", "text/plain", START
        if found := re.fullmatch(r"/list/(\d+)\.json", path):
            return "listing", self.listing(int(found[1])), "application/json", START
        if found := re.fullmatch(r"/bill/(\d+)\.json", path):
            n = int(found[1])
            return "record", self.record(n), "application/json", START + DAY * self.moved[n]
        if found := re.fullmatch(r"/text/(\d+)-(\d+)\.html", path):
            return "text", self.text(int(found[1]), int(found[2])), "text/html; charset=utf-8", START
        return "unknown", b"", "", START


class Desk(asyncio.Protocol):
    """Keep-alive HTTP/1.1 GETs without bodies, one after the other."""

    def __init__(self, reef: Reef) -> None:
        self._reef, self._rest = reef, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        *heads, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for head in heads:
            asked = _REQUEST.match(head + b"\r\n")
            self._transport.write(self.reply(asked[1].decode("latin-1") if asked else ""))

    def reply(self, path: str) -> bytes:
        reef = self._reef
        if path == "/_asked":
            kind, body, media, at = "", json.dumps(reef.asked).encode(), "application/json", START
            reef.asked.clear()
        elif path.startswith("/_change/"):
            reef.change(int(path.rpartition("/")[2]))
            kind, body, media, at = "", b"{}", "application/json", START
        else:
            kind, body, media, at = reef.answer(path)
            reef.asked[kind] += 1
        status = "404 Not Found" if kind == "unknown" else "200 OK"
        return (f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\nLast-Modified: {formatdate(at, usegmt=True)}\r\n"
                f"Server: beacon\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


async def serve(bills: int) -> None:
    reef = Reef(bills)
    paragraphs()
    server = await asyncio.get_running_loop().create_server(lambda: Desk(reef), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
