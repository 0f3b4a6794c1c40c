"""A loopback SMTP server for figures: says 4xx at random, writes down what it took. Not for real mail.

    python -m bench._sink FILE [--refuse 0.1]

Prints its port. FILE gets a line for each message that it accepted, before it says so: recipient, Message-ID.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys

MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(\S+)")
OFFERS = b"250-sink\r\n250-SIZE 10000000\r\n250 8BITMIME\r\n"


class Sink:
    def __init__(self, file: int, refuse: float, seed: int) -> None:
        self._file, self._refuse, self._chance = file, refuse, random.Random(seed)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = b""
        try:
            writer.write(b"220 sink\r\n")
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"RCPT":
                    recipient = line[line.index(b"<") + 1:line.index(b">")]
                answer = self._answer(verb)
                writer.write(answer)
                if verb == b"DATA" and answer[:1] == b"3":
                    writer.write(self._take(recipient, await reader.readuntil(b"\r\n.\r\n")))
                await writer.drain()
                if verb == b"QUIT":
                    return
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass  # a sender that was killed
        finally:
            writer.close()

    def _answer(self, verb: bytes) -> bytes:
        if verb == b"EHLO":
            return OFFERS
        if verb in (b"RCPT", b"DATA") and self._chance.random() < self._refuse / 2:
            return b"450 4.2.0 not now\r\n"
        return {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n")

    def _take(self, recipient: bytes, raw: bytes) -> bytes:
        if self._chance.random() < self._refuse / 2:
            return b"451 4.2.0 not now either\r\n"
        found = MESSAGE_ID.search(raw)
        os.write(self._file, recipient + b" " + (found[1] if found else b"-") + b"\n")
        return b"250 kept\r\n"


async def run(path: str, refuse: float, seed: int) -> None:
    sink = Sink(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), refuse, seed)
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, limit=10_000_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


def main() -> int:
    parser = argparse.ArgumentParser(description="A loopback SMTP server for figures.")
    parser.add_argument("file")
    parser.add_argument("--refuse", type=float, default=0.0, help="Share of messages that are put off with 4xx.")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    asyncio.run(run(chosen.file, chosen.refuse, chosen.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
