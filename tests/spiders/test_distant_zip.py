"""A zip that stays where it is: what is asked of it, and what it refuses."""

from __future__ import annotations

import asyncio
import io
import random
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spiders import distant
from spiders.contract import Span
from spiders.distant import Distant
from tracker.errors import LayoutChanged
from tracker.model import Page

URL = "https://jar.example/all.zip"
PAGE = Page(URL, "", datetime(2026, 3, 1, tzinfo=UTC))


@dataclass
class Server:
    body: bytes
    asked: list[tuple[int, int]] = field(default_factory=list)

    def span(self, first: int, last: int) -> Span:
        self.asked.append((first, last))
        return Span(self.body[first:last + 1], PAGE, len(self.body), "tag", False)

    async def ask(self, first: int, last: int) -> Span:
        return self.span(first, last)

    def open(self, folder: Path) -> Distant:
        return asyncio.run(Distant.begin(folder / "sparse", URL, self.span(0, distant.HEAD - 1), self.ask))


def packed(count: int, size: int) -> bytes:
    out, noise = io.BytesIO(), random.Random(7)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"{number:05}.lob", noise.randbytes(size))
    return out.getvalue()


def test_only_the_directory_and_the_wanted_members_are_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distant, "TAIL", 4096)
    server = Server(packed(40, 90_000))
    zipped = server.open(tmp_path)
    assert len(zipped.names()) == 40
    asyncio.run(zipped.load(["00007.lob", "00008.lob", "00030.lob"]))
    assert len(server.asked) == 4 and sum(b - a for a, b in server.asked) < 400_000
    with zipfile.ZipFile(io.BytesIO(server.body)) as whole:
        assert [zipped.read(n) == whole.read(n) for n in ("00007.lob", "00008.lob", "00030.lob")] == [True] * 3
    asyncio.run(zipped.load(["00007.lob", "00030.lob"]))
    assert len(server.asked) == 4, "what is here is not asked again"
    zipped.close()


def test_a_directory_longer_than_the_tail_is_fetched_in_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distant, "TAIL", 1000)
    monkeypatch.setattr(distant, "HEAD", 2000)
    server = Server(packed(60, 300))
    zipped = server.open(tmp_path)
    assert len(zipped.names()) == 60 and len(server.asked) > 2


def test_a_member_that_was_not_fetched_is_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distant, "TAIL", 4096)
    zipped = Server(packed(4, 90_000)).open(tmp_path)
    with pytest.raises(LayoutChanged, match="expected a whole member"):
        zipped.read("00002.lob")


@pytest.mark.parametrize("body", [b"<html>not a zip</html>" * 9000, b"PK\3\4" * 40_000], ids=["page", "cut"])
def test_what_is_no_zip_is_refused(body: bytes, tmp_path: Path) -> None:
    with pytest.raises(LayoutChanged, match="expected a zip"):
        Server(body).open(tmp_path)


def test_a_member_that_the_zip_does_not_have_is_told(tmp_path: Path) -> None:
    zipped = Server(packed(2, 50)).open(tmp_path)
    with pytest.raises(LayoutChanged, match=r"expected member 'x\.lob', got none"):
        asyncio.run(zipped.load(["x.lob"]))


def test_a_part_that_came_short_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distant, "TAIL", 4096)
    server = Server(packed(4, 90_000))
    zipped = server.open(tmp_path)
    server.body = server.body[:200_000]
    with pytest.raises(LayoutChanged, match="expected 9"):
        asyncio.run(zipped.load(["00002.lob"]))
