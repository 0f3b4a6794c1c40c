"""The texts of a bill's versions: asked for, proven to be this bill's, or told why there is none yet."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from spiders import fronts
from spiders.contract import LegislatureSpider
from spiders.fronts import ABSENT, FOREIGN, SCANNED
from spiders.guard import Missing
from tracker import ids
from tracker.errors import LayoutChanged, SourceError
from tracker.model import Bill, FetchedText, Harvest, Link, Page, PendingText, Version


@dataclass(frozen=True, slots=True)
class Found:
    """A bill with what is said of its texts: those that came inside the record, and when others were last issued."""

    bill: Bill
    inline: Mapping[str, bytes] = field(default_factory=dict)  # link.url (with a "#") -> the text's bytes
    issued: Mapping[str, str] = field(default_factory=dict)  # link.url -> any stamp that moves when the text does


class Texts(LegislatureSpider):
    """What asks for texts. Absent, scanned and foreign ones keep the bill, and are asked for again."""

    spoken: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # {"LB": ("Lamp Bill",)}: letters as texts spell them out
    nameless: ClassVar[bool] = False  # texts do not name their bill, or not in words: `lacking` proves whose they are
    inert: ClassVar[frozenset[str]] = frozenset()  # media types that are linked but never fetched
    _tried: set[tuple[str, str]]  # (bill id, version) of texts that were asked for in this crawl

    # --- what a legislature writes ---

    def names(self, words: str, bill: Bill) -> bool:
        """Whether a text's first words name the bill. `bill` has only its number when a text is asked for again."""
        return self.nameless or fronts.names_bill(words, bill.identifier, self.spoken)

    def lacking(self, words: str, body: bytes, link: Link) -> str | None:
        """Why this is no text though it came whole: fronts.COVER_ONLY, or words of the legislature's own."""
        return None

    # --- the way of a text ---

    async def _text(self, bill_id: str, bill: Bill, version: Version, found: Found) -> FetchedText | None:
        """None: held, and nothing says that it was issued anew."""
        links = self._worth_asking(version.links)
        before = [(link, self.memory.get(link.url)) for link in links]
        held = [(link, trace) for link, trace in before if trace is not None]
        pending = (bill_id, version.code) in self._missing
        if held and not pending and all(
                link.url not in found.inline and found.issued.get(link.url) in (None, trace.lastmod)
                for link, trace in held):
            return None
        self._tried.add((bill_id, version.code))
        return await self._first_good(bill, version.code, links, found, again=pending)

    @cached_property
    def _missing(self) -> frozenset[tuple[str, str]]:
        """(bill id, version) of texts that were missing before this crawl."""
        return frozenset((pending.bill_id, pending.version) for pending in self.memory.pending)

    @cached_property
    def awaited_links(self) -> frozenset[str]:
        """Addresses of texts that were missing before this crawl."""
        return frozenset(link.url for pending in self.memory.pending for link in pending.links)

    def lacks(self, bill: Bill, version: Version) -> bool:
        """Whether we do not hold this version's text, for spiders that fetch texts themselves (`inline`)."""
        if (ids.bill_id(self.name, bill.session, bill.identifier), version.code) in self._missing:
            return True
        return not any(link.url in self.memory for link in version.links)

    def _worth_asking(self, links: tuple[Link, ...]) -> tuple[Link, ...]:
        return tuple(link for link in links if link.media_type not in self.inert)

    async def _first_good(self, bill: Bill, code: str, links: tuple[Link, ...], found: Found,
                          again: bool = False) -> FetchedText | None:
        """The first link that gives this version's text, or why none does.

        A text that is not there is looked for at the next link. One that is there and wrong is asked once more in the
        next crawl (`again`) before the next link is taken for it.
        """
        failed = FetchedText(code, links[0].url if links else "", links[0].media_type if links else "text/html",
                             error=ABSENT)
        for link in links:
            page: Page | None = None
            try:
                page, body = await self._bytes(link, found, again)
                if page is None:
                    return None
                await self._check(body, link, bill)
            except Missing as problem:
                failed = FetchedText(code, link.url, link.media_type, error=f"{ABSENT}: {_brief(problem)}")
            except _NoText as problem:
                failed = FetchedText(code, link.url, link.media_type, page, str(problem))
            except LayoutChanged as problem:
                self.note(problem)
                failed = FetchedText(code, link.url, link.media_type, page, _brief(problem))
                if not again:
                    break
            except SourceError as problem:
                self.note(problem)
                return FetchedText(code, link.url, link.media_type, error=_brief(problem))
            else:
                self.count("texts")
                return FetchedText(code, link.url, link.media_type, page)
        self.count("texts_missing")
        return failed

    async def _bytes(self, link: Link, found: Found, again: bool) -> tuple[Page | None, bytes]:
        """The text's page and bytes; no page if it is the one that we hold."""
        before, stamp = self.memory.get(link.url), found.issued.get(link.url)
        if "#" in link.url:
            body = found.inline.get(link.url)
            if body is None:
                raise Missing("expected the text in the record, got none", source=self.name, url=link.url)
            if before is not None and before.sha256 == hashlib.sha256(body).hexdigest() and not again:
                return None, b""
            page = self.keep(link.url, body, stamp)
        else:
            answer = await self.ask(link.url, "text", lastmod=stamp,
                                    since=before.last_modified if before and not again else None)
            page, body = answer.page, answer.body
            if not answer.fresh:
                return None, b""
        same = before is not None and before.sha256 == page.sha256 and before.lastmod == page.lastmod
        return (None, b"") if same and not again else (page, body)

    async def _check(self, body: bytes, link: Link, bill: Bill) -> None:
        """Raises LayoutChanged if this is not the bill's text, _NoText if it is one without words."""
        if link.media_type == "application/pdf":
            words = await asyncio.to_thread(fronts.front, body, link.media_type, link.url)
        else:
            words = fronts.front(body, link.media_type, link.url)
        if len(words.split()) < 3:
            raise _NoText(SCANNED if link.media_type == "application/pdf" else ABSENT)
        if not self.names(words, bill):
            raise LayoutChanged(f"{FOREIGN}: expected one that names {bill.identifier}", source=self.name, url=link.url)
        if reason := self.lacking(words, body, link):
            raise _NoText(reason)

    def _pending(self) -> Iterator[PendingText]:
        """Texts that are still missing. Lazy: those that came with their bill in this crawl are left out."""
        return (p for p in self.memory.pending if (p.bill_id, p.version) not in self._tried)

    async def _missing_text(self, pending: PendingText) -> Harvest | None:
        links = tuple(k for k in self._worth_asking(pending.links) if "#" not in k.url)
        if not links:
            return None
        _, session, slug = (pending.bill_id + "//").split("/")[:3]
        stub = Bill(self.name, session, slug.upper().replace("-", " "))
        text = await self._first_good(stub, pending.version, links, Found(stub), again=True)
        return Harvest(pending.bill_id, texts=(text,)) if text and text.error is None else None


class _NoText(Exception):
    """What came is right, and holds no text."""


def _brief(problem: SourceError) -> str:
    """An error without its address, which is stored beside it."""
    return str(problem).rpartition(" [")[0] or str(problem)
