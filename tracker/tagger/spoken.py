"""A pattern of a rule file to what a person would read aloud: "(is/are) repealed", "prostitut…", "section[s]".

`…` stands for any words or any ending, `[ ]` for what may be missing, `a/b` for one or the other, `#` for a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUANTIFIER = re.compile(r"\?|\*|\+|\{\d*(?:,\d*)?\}")
_NAME = re.compile(r"\{([A-Za-z][A-Za-z0-9/_.:\-]*)\}")
_US_CODE = re.compile(r"cite/us/(\d+)/(\w+)$")
_OPENED = re.compile(r"\((?:\?(?:[a-zA-Z\-]*:|P?<\w+>))?")
_ANY = "…"
_LEFT, _RIGHT = "\ue000", "\ue001"  # round brackets of ours, told from those that the pattern looks for
_ESCAPES = {"w": _ANY, "W": _ANY, "S": _ANY, "d": "#", "D": _ANY, "s": " ", "b": "", "B": "", "A": "", "z": "",
            "n": " ", "t": " "}  # fmt: skip


def spoken(pattern: str) -> str:
    """Any pattern gives some words; what is no pattern is given back as far as it can be read."""
    words, _ = _either(pattern, 0)
    return _tidy(words)


def spoken_list(patterns: Iterable[str], most: int | None = None) -> str:
    """Quoted, with commas; a term counts as its alternatives; past `most` of them, how many more there are."""
    words = list(dict.fromkeys(spoken(one) for p in patterns for one in alternatives(p)))
    shown = words if most is None else words[:most]
    rest = len(words) - len(shown)
    return ", ".join(f"“{w}”" for w in shown) + (f" and {rest} more" if rest else "")


def alternatives(pattern: str) -> list[str]:
    """The options of a pattern that is one group of options, as an expanded term is; else the pattern alone."""
    if not (pattern.startswith("(?:") and pattern.endswith(")")):
        return [pattern]
    found, depth, at, begun = [], 0, 0, 3
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif char == "[":
            at = max(at, pattern.find("]", at + 2))
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0 and at < len(pattern) - 1:
                return [pattern]  # the group ends before the pattern does
        elif char == "|" and depth == 1:
            found.append(pattern[begun:at])
            begun = at + 1
        at += 1
    return [option for one in (*found, pattern[begun:-1]) for option in alternatives(one)]


def _tidy(words: str) -> str:
    words = words.replace(_LEFT, "(").replace(_RIGHT, ")")
    words = re.sub(r"#+(?:…)?", "#", words)
    words = re.sub(r"(?:… ?){2,}", "… ", words)
    return re.sub(r"\s+", " ", words).strip()


def _either(pattern: str, at: int) -> tuple[str, int]:
    """Alternatives up to the end or an unmatched ")": their words, and where they end."""
    options, at = [], at
    while True:
        words, at = _sequence(pattern, at)
        options.append(words)
        if at < len(pattern) and pattern[at] == "|":
            at += 1
            continue
        kept = list(dict.fromkeys(o for o in options if o.strip()))
        joined = "/".join(kept)
        return (_optional(joined) if kept and "" in options else joined), at


def _sequence(pattern: str, at: int) -> tuple[str, int]:
    words = ""
    while at < len(pattern) and pattern[at] not in "|)":
        atom, at = _atom(pattern, at)
        times = _QUANTIFIER.match(pattern, at)
        if times is not None:
            at = times.end()
            if at < len(pattern) and pattern[at] == "?":  # lazy: how it searches, not what it finds
                at += 1
            atom = _repeated(atom, times[0])
        words += atom
    return words, at


def _atom(pattern: str, at: int) -> tuple[str, int]:
    char = pattern[at]
    if char == "(":
        return _group(pattern, at)
    if char == "[":
        return _class(pattern, at)
    if char == "\\" and at + 1 < len(pattern):
        return _ESCAPES.get(pattern[at + 1], pattern[at + 1]), at + 2
    if char == ".":
        return _ANY, at + 1
    if char in "^$":
        return "", at + 1
    if char == "{" and (name := _NAME.match(pattern, at)):
        return _named(name[1]), name.end()
    return char, at + 1


def _group(pattern: str, at: int) -> tuple[str, int]:
    opened = _OPENED.match(pattern, at)
    inner, end = _either(pattern, opened.end() if opened else at + 1)
    end = min(end + 1, len(pattern))
    lead, tail = " " * inner.startswith(" "), " " * inner.endswith(" ")
    inner = re.sub(r" ?/ ?", "/", inner.strip())
    return (f"{lead}{_LEFT}{inner}{_RIGHT}{tail}" if "/" in inner else f"{lead}{inner}{tail}"), end


def _class(pattern: str, at: int) -> tuple[str, int]:
    end = pattern.find("]", at + 2)
    if end < 0:
        return pattern[at:], len(pattern)
    inside = pattern[at + 1 : end]
    if inside.startswith("^"):
        return _ANY, end + 1
    inside = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), inside)
    if inside == " -":
        return "-", end + 1
    if re.search(r"\w-\w", inside):
        inside = inside.replace("-", "–")
        return (f"{_LEFT}{inside}{_RIGHT}" if inside[0].isdigit() else inside), end + 1
    return (f"{_LEFT}{'/'.join(inside)}{_RIGHT}" if len(inside) > 1 else inside), end + 1


def _repeated(atom: str, times: str) -> str:
    if _ANY in atom and not atom.strip(f" {_ANY}"):
        return f" {_ANY} " if atom != _ANY or times.startswith("{") else _ANY
    if atom in ("#", " ", "-", ""):
        return atom
    if times in ("?", "*", "{0,1}") or times.startswith("{0,"):
        return _optional(atom)
    return atom


def _optional(words: str) -> str:
    lead, tail, core = " " * words.startswith(" "), " " * words.endswith(" "), words.strip()
    if core.startswith(_LEFT) and core.endswith(_RIGHT) and core.count(_LEFT) == 1:
        core = core[1:-1]
    return f"{lead}[{core}]{tail}"


def _named(name: str) -> str:
    """A term of terms.toml by its name; a statute as lawyers write it."""
    code = _US_CODE.match(name)
    if code:
        return f"{code[1]} U.S.C. {code[2]}"
    return f"‹{name.removeprefix('cite/')}›"
