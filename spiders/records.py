"""A page to its records: JSON objects and XML elements asked by path in one way, each with the address errors name.

`row["a.b"]` must say something; `row.get("a", "b")` is the first that does, or None. XML paths are ElementPaths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from lxml import etree

from spiders.selectors import maybe, maybe_day, must_say, need, read_json, read_plain_xml, rows, said

It = TypeVar("It")
R = TypeVar("R", bound="Record[Any]")


@dataclass(frozen=True, slots=True)
class Record(Generic[It]):
    """`it` as it came, the address of its page, and the zone in which its moments are days (if they need one)."""

    it: It
    url: str
    zone: str | None = None

    def __getitem__(self, path: str) -> str:
        """The words at a path. Raises LayoutChanged if there are none."""
        raise NotImplementedError

    def maybe(self, path: str) -> str | None:
        raise NotImplementedError

    def each(self: R, path: str = "", least: int = 0) -> list[R]:
        """The records at a path, perhaps none. Raises LayoutChanged if there are fewer than `least`."""
        raise NotImplementedError

    def flag(self, path: str) -> bool | None:
        raise NotImplementedError

    def get(self, *paths: str) -> str | None:
        """The words at the first path that has some."""
        return next((words for path in paths if (words := self.maybe(path))), None)

    def tail(self, path: str) -> str:
        """The last part of the address at a path; "" if there is none."""
        return (self.get(path) or "").rpartition("/")[2]

    def day(self, *paths: str) -> date | None:
        """The day at the first path that says anything. Raises LayoutChanged if what it says is none."""
        return maybe_day(self.get(*paths), self.url, self.zone)

    def all(self, path: str, inner: str) -> Iterator[str]:
        """The words at `inner` of each record at a path, without those that say nothing."""
        return (words for row in self.each(path) if (words := row.get(inner)))


class Json(Record[Any]):
    """A JSON object; paths are keys with dots. A number may stand for words."""

    @classmethod
    def read(cls, body: bytes, url: str, zone: str | None = None) -> Json:
        return cls(read_json(body, url), url, zone)

    @classmethod
    def read_all(cls, body: bytes, url: str, least: int = 0) -> list[Json]:
        """A page that is a list of objects."""
        return [cls(row, url) for row in rows(read_json(body, url, list), "", url, least)]

    def __getitem__(self, path: str) -> str:
        return need(self.it, path, str, self.url)

    def maybe(self, path: str) -> str | None:
        return maybe(self.it, path, str, self.url)

    def each(self, path: str = "", least: int = 0) -> list[Json]:
        return [Json(row, self.url, self.zone) for row in rows(self.it, path, self.url, least)]

    def every(self, path: str) -> list[Json]:
        """`each` of a list that must be there, empty perhaps."""
        need(self.it, path, list, self.url)
        return self.each(path)

    def flag(self, path: str) -> bool | None:
        return maybe(self.it, path, bool, self.url)

    def number(self, path: str) -> int:
        return need(self.it, path, int, self.url)

    def truth(self, path: str) -> bool:
        return need(self.it, path, bool, self.url)

    def at(self, path: str) -> Json:
        """The object at a path; one that is absent says nothing, and is false."""
        return Json(maybe(self.it, path, dict, self.url) or {}, self.url, self.zone)

    def __bool__(self) -> bool:
        return bool(self.it)


class Xml(Record[etree._Element]):
    """An XML or HTML element; white space in words is folded."""

    @classmethod
    def read(cls, body: bytes, url: str, root: str, zone: str | None = None) -> Xml:
        """A page of plain XML (namespaces are left out). Raises LayoutChanged if its root has another tag."""
        return cls(read_plain_xml(body, url, root), url, zone)

    def __getitem__(self, path: str) -> str:
        return must_say(self.it, path, self.url)

    def maybe(self, path: str) -> str | None:
        return said(self.it, path)

    def each(self, path: str = "*", least: int = 0) -> list[Xml]:
        return [Xml(node, self.url, self.zone) for node in self.it.iterfind(path)]

    def flag(self, path: str) -> bool | None:
        return {"true": True, "false": False}.get(self.maybe(path) or "")

    @property
    def within(self) -> str:
        """The tag of the element around it."""
        around = self.it.getparent()
        return "" if around is None else str(around.tag)
