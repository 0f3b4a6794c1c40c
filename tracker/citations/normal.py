"""Normal forms: what a citation names, as a path of segments from the legislature down to the smallest unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MOST_OF_A_RANGE = 60  # members; a longer range is told by its first and last

# Which enumerator each level of a section bears, outermost first, by legislature.
_LEVELS: dict[str, tuple[tuple[str, str], ...]] = {
    "us": (("subsection", "lower"), ("paragraph", "digit"), ("subparagraph", "upper"), ("clause", "roman"),
           ("subclause", "ROMAN"), ("item", "lower"), ("subitem", "upper")),
    "us-ca": (("subdivision", "lower"), ("paragraph", "digit"), ("subparagraph", "upper"), ("clause", "roman"),
              ("subclause", "ROMAN")),
    "us-ny": (("subdivision", "digit"), ("paragraph", "lower"), ("subparagraph", "roman"), ("clause", "upper"),
              ("item", "roman")),
    "us-mn": (("subdivision", "digit"), ("paragraph", "lower"), ("clause", "digit"), ("item", "roman")),
    "us-me": (("subsection", "digit"), ("paragraph", "upper"), ("subparagraph", "digit"), ("division", "lower")),
    "us-tx": (("subsection", "lower"), ("subdivision", "digit"), ("paragraph", "upper"), ("subparagraph", "roman")),
    "us-fl": (("subsection", "digit"), ("paragraph", "lower"), ("subparagraph", "digit"), ("clause", "lower")),
    "us-wa": (("subsection", "digit"), ("subsection", "lower"), ("subsection", "roman"), ("subsection", "upper")),
    "us-md": (("subsection", "lower"), ("paragraph", "digit"), ("subparagraph", "roman"), ("clause", "digit")),
    "us-mi": (("subsection", "digit"), ("subdivision", "lower"), ("subparagraph", "roman"), ("clause", "upper")),
    "us-ia": (("subsection", "digit"), ("paragraph", "lower"), ("subparagraph", "digit"), ("subdivision", "lower")),
    "gb": (("subsection", "digit"), ("paragraph", "lower"), ("subparagraph", "roman"), ("clause", "upper")),
    "ca": (("subsection", "digit"), ("paragraph", "lower"), ("subparagraph", "roman"), ("clause", "upper")),
}  # fmt: skip
_LEVELS["ie"] = _LEVELS["gb"]
_KINDS = {
    "digit": re.compile(r"\d{1,3}[A-Za-z]{0,2}(?:\.\d+)?"),
    "roman": re.compile(r"[ivxlc]{1,7}(?:\.\d+)?"),
    "ROMAN": re.compile(r"[IVXLC]{1,7}"),
    "lower": re.compile(r"[a-z]{1,3}(?:\.\d+)?(?:-\d+)?"),
    "upper": re.compile(r"[A-Z]{1,3}"),
}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi",
           "xvii", "xviii", "xix", "xx")  # fmt: skip
_COUNTED = re.compile(r"(.*?)(\d{1,6})")
_HOLDER = re.compile(r"(us-[a-z]{2}/[a-z]+/)(?:title|ch|art)-([\w.:-]+)")
_PIECES = re.compile(r"\d+|[A-Za-z]+|[^\dA-Za-z]+")


@dataclass(frozen=True, slots=True)
class Citation:
    """One thing that a text cites. All that one phrase names share the phrase's span."""

    norm: str  # "us/usc/22/7631/f"
    start: int  # characters of the text
    end: int
    through: str | None = None  # the last of a range whose first this is; what lies between and can be counted follows


def within(norm: str, prefix: str) -> bool:
    """By whole segments: "us/usc/22/7631/f" is within "us/usc/22/7631", "us/usc/22/76310" is not.

    A state's chapter holds its sections where their numbers begin with its own: "us-wa/rcw/9A.88.030" is within
    "us-wa/rcw/ch-9A.88", "us-ny/pen/230.00" within "us-ny/pen/art-230".
    """
    prefix = prefix.rstrip("/")
    if norm == prefix or norm.startswith(prefix + "/"):
        return True
    return norm.startswith(holder(prefix))


def holder(norm: str) -> tuple[str, ...]:
    """Beginnings of the sections that a state's chapter holds: "us-wa/rcw/9A.88." for "us-wa/rcw/ch-9A.88"; or none."""
    found = _HOLDER.fullmatch(norm)
    return tuple(f"{found[1]}{found[2]}{sign}" for sign in ".-:") if found else ()


def reaches(citation: Citation, norm: str) -> bool:
    """The citation names this thing, a part of it, or a range in which it lies ("sections 2421 to 2423": 2421A)."""
    if within(citation.norm, norm):
        return True
    if citation.through is None:
        return False
    first, last, asked = (one.split("/") for one in (citation.norm, citation.through, norm))
    depth = len(first) - 1
    if len(last) != len(first) or len(asked) <= depth or first[:depth] != asked[:depth]:
        return False
    return order(first[depth]) <= order(asked[depth]) <= order(last[depth]) or asked[depth].startswith(last[depth])


def order(segment: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts "2", "10", "10A", "11" as people count."""
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in _PIECES.findall(segment))


@lru_cache(maxsize=4096)
def depth_of_root(norm: str) -> int:
    """How many leading segments name the code or Act: three of "us/usc/18/1591", two of "us-ny/pen/230.00"."""
    parts = norm.split("/")
    match parts:
        case ["us", "usc" | "cfr" | "pl", *_] | [_, "act" | "mrs" | "vsa" | "pacs" | "os" | "delcode" | "mgl", *_]:
            return 3
        case ["us-il", "ilcs", *_] | [_, "pl" | "laws", *_]:
            return 4
        case ["ie", year, _, *_] if year.isdigit():
            return 3
        case _:
            return 2


def root(norm: str) -> str:
    return "/".join(norm.split("/")[: depth_of_root(norm)])


def parent(norm: str) -> str:
    return norm.rpartition("/")[0] if norm.count("/") >= depth_of_root(norm) else norm


def levels(place: str) -> tuple[tuple[str, str], ...]:
    return _LEVELS.get(place) or _LEVELS["us"]


def join(base: str, unit: str, path: tuple[str, ...]) -> str:
    """What "paragraph (2)(A)" means inside `base`: deeper units of `base` at its level or below give way."""
    at = depth_of_root(base)
    parts = base.split("/")
    if unit == "section":
        return "/".join((*parts[:at], *path))
    if unit in CONTAINERS:
        return "/".join((*parts[:at], CONTAINERS[unit] + path[0].lower(), *path[1:]))
    if len(parts) <= at or parts[at].startswith(tuple(CONTAINERS.values())):
        return base  # of which section, nobody said
    system = levels(parts[0])
    rank = next((i for i, (name, kind) in enumerate(system) if name == unit and _KINDS[kind].fullmatch(path[0])), None)
    if rank is None:
        rank = next((i for i, (name, _) in enumerate(system) if name == unit), None)
    tail = parts[at + 1 :]
    if rank is not None:
        tail = tail[: _kept(tail, rank, system)]
    return "/".join((*parts[: at + 1], *tail, *path))


def _kept(tail: list[str], rank: int, system: tuple[tuple[str, str], ...]) -> int:
    """How many of a base's own enumerators stand above the level `rank`."""
    level = -1
    for n, segment in enumerate(tail):
        level = next((i for i in range(level + 1, len(system)) if _KINDS[system[i][1]].fullmatch(segment)), level + 1)
        if level >= rank:
            return n
    return len(tail)


# Outermost first, as a list of containers is read.
CONTAINERS = {"title": "title-", "subtitle": "subtitle-", "chapter": "ch-", "subchapter": "subch-", "article": "art-",
              "part": "part-", "subpart": "subpart-", "schedule": "sch-", "division": "div-"}  # fmt: skip


def between(first: str, last: str) -> list[str]:
    """The members of a range without its first: letters, roman and whole numbers; empty when they cannot be counted."""
    for cased in (str, str.upper):
        romans = [cased(r) for r in ROMANS]
        if first in romans and last in romans and (len(first) > 1 or len(last) > 1 or first in "iI"):
            return romans[romans.index(first) + 1 : romans.index(last) + 1]
    for alphabet in (_LETTERS, _LETTERS.upper()):
        if len(first) == len(last) == 1 and first in alphabet and last in alphabet:
            return list(alphabet[alphabet.index(first) + 1 : alphabet.index(last) + 1])
    a, b = _COUNTED.fullmatch(first), _COUNTED.fullmatch(last)
    if a is None or b is None or a[1] != b[1] or (len(a[2]) != len(b[2]) and "0" in (a[2][0], b[2][0])):
        return []
    low, high = int(a[2]), int(b[2])
    if not 0 < high - low < MOST_OF_A_RANGE:
        return []
    return [a[1] + str(n).zfill(len(a[2])) for n in range(low + 1, high + 1)]
