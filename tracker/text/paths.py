"""Labels of provisions to stable paths that are unique in their text: "Sec. 3" and "(b)" to "Sec. 3(b)"."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[^\W_]+(?:[.\-–:][^\W_]+)*")


class Paths:
    """Gives each provision of one text its path; the second of a name is "Sec. 3 [2]"."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def keep(self, path: str) -> None:
        """A path that is taken."""
        self._seen.setdefault(path, 1)

    def name(self, parent: str | None, label: str) -> str:
        path = join(parent, label)
        count = self._seen.get(path, 0) + 1
        self._seen[path] = count
        while count > 1:
            numbered = f"{path} [{count}]"
            if numbered not in self._seen:
                self._seen[numbered] = 1
                self._seen[path] = count
                return numbered
            count += 1
        return path


def join(parent: str | None, label: str) -> str:
    """Sections are numbered through a bill, whatever title they are in; what is smaller follows its parent."""
    if parent is None or label.startswith("Sec."):
        return label
    return parent + label if label.startswith("(") else f"{parent}, {label}"


def number(raw: str) -> str:
    """``"“(a) "`` -> ``"a"``; ``"SEC. 3."`` -> ``"3"``; ``"TITLE IV—"`` -> ``"IV"``; no number -> ``""``."""
    bare = raw.strip("().“ ")
    if bare.isalnum():
        return bare[:24]
    found = _NUMBER.findall(raw)
    return found[-1][:24] if found else ""


def label(level: str, num: str) -> str:
    """("section", "3") -> "Sec. 3"; ("title", "IV") -> "Title IV"; ("subsection", "b") -> "(b)"."""
    if level == "section":
        return f"Sec. {num}" if num else "Text"
    if level in CONTAINERS:
        return f"{level.capitalize()} {num}".rstrip()
    return f"({num})" if num else f"({level})"


CONTAINERS = ("division", "title", "subtitle", "part", "subpart", "chapter", "subchapter", "article", "preamble")
