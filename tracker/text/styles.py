"""What a page's own style sheets and attributes say of its words: struck, underlined, hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.model import MarkKind
from tracker.text.conventions import Convention

_SHEET = re.compile(r"<style\b[^>]{0,300}>(.*?)(?:</style|\Z)", re.S | re.I)
_SELECTOR = re.compile(r"(?:[a-z][a-z0-9]{0,10})?\.([\w-]{1,60})", re.I)  # span.scinsert; no descendants, no states
_COMMENT = re.compile(r"<!--|-->|/\*.*?(?:\*/|\Z)", re.S)
_STRUCK = re.compile(r"text-decoration(?:-line)?\s{0,5}:[^;]{0,40}line-through", re.I)
_UNDERLINED = re.compile(r"text-decoration(?:-line)?\s{0,5}:[^;]{0,40}underline", re.I)
_HIDDEN = re.compile(r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden", re.I)

_INSERTS = frozenset(("ins", "u"))
_STRIKES = frozenset(("del", "s", "strike"))
# Names that speak for themselves, wherever they stand.
_NAMED = {"amenddelete": MarkKind.STRUCK, "deleted": MarkKind.STRUCK, "strike": MarkKind.STRUCK,
          "strikethrough": MarkKind.STRUCK, "strikeout": MarkKind.STRUCK, "line-through": MarkKind.STRUCK,
          "amendadd": MarkKind.INSERTED, "inserted": MarkKind.INSERTED, "msoins": MarkKind.INSERTED,
          "msodel": MarkKind.STRUCK}  # fmt: skip
_STYLED = frozenset(("span", "font", "p", "td", "div", "b", "i", "em", "strong", "a"))


@dataclass(frozen=True, slots=True)
class Look:
    mark: MarkKind | None = None
    hidden: bool = False


PLAIN, HIDDEN = Look(), Look(hidden=True)
_LOOKS = {MarkKind.STRUCK: Look(MarkKind.STRUCK), MarkKind.INSERTED: Look(MarkKind.INSERTED)}


class Looks:
    """How one page's elements look. Asked for each element; answers are kept by what decides them."""

    __slots__ = ("_classes", "_kept", "own")

    def __init__(self, document: str, own: Convention) -> None:
        self.own = own
        self._classes = sheet(document)
        self._kept: dict[tuple[str, str, str], Look] = {}

    def of(self, name: str, attributes: Mapping[Any, Any]) -> Look:
        style = attributes.get("style") or ""
        classes = attributes.get("class") or ""
        key = (name, str(classes), str(style))
        look = self._kept.get(key)
        if look is None:
            look = self._kept[key] = self._look(name, key[1].lower().split(), key[2])
        return look

    def is_soft(self, attributes: Mapping[Any, Any]) -> bool:
        """A line break of the printed page within a paragraph."""
        return bool(self.own.soft) and not self.own.soft.isdisjoint((attributes.get("class") or "").lower().split())

    def _look(self, name: str, classes: list[str], style: str) -> Look:
        if _HIDDEN.search(style) or not self.own.skips.isdisjoint(classes):
            return HIDDEN
        mark = self._by_class(name, classes, style)
        if name in _STRIKES:
            mark = MarkKind.STRUCK
        elif name in _INSERTS and mark is None:
            mark = MarkKind.INSERTED
        if mark is MarkKind.INSERTED and not self.own.plain.isdisjoint(classes):
            return PLAIN
        return PLAIN if mark is None else _LOOKS[mark]

    def _by_class(self, name: str, classes: list[str], style: str) -> MarkKind | None:
        if name not in _STYLED and name not in _INSERTS:
            return None
        if _STRUCK.search(style):
            return MarkKind.STRUCK
        kinds = [kind for c in classes if (kind := self._class(c)) is not None]
        if MarkKind.STRUCK in kinds:
            return MarkKind.STRUCK
        if kinds or (_UNDERLINED.search(style) and name != "a"):
            return MarkKind.INSERTED
        return None

    def _class(self, name: str) -> MarkKind | None:
        if name in self.own.strikes:
            return MarkKind.STRUCK
        if name in self.own.inserts:
            return MarkKind.INSERTED
        return _NAMED.get(name) or self._classes.get(name)


def sheet(document: str) -> dict[str, MarkKind]:
    """Classes that the page's own <style> underlines or strikes through."""
    found: dict[str, MarkKind] = {}
    for style in _SHEET.finditer(document):
        if "underline" not in style[1] and "line-through" not in style[1]:
            continue
        for rule in _COMMENT.sub("", style[1]).split("}")[:-1]:  # by splitting: sheets may be long, and hostile
            selectors, _, looks = rule.rpartition("{")
            kind = (MarkKind.STRUCK if _STRUCK.search(looks) else
                    MarkKind.INSERTED if _UNDERLINED.search(looks) else None)  # fmt: skip
            if kind is None:
                continue
            for selector in selectors.rpartition("{")[2].split(","):
                if m := _SELECTOR.fullmatch(selector.strip()):
                    found[m[1].lower()] = kind
    return found
