"""A verb whose object follows ("by striking ...", "omit ...", "the substitution of ...") to the change it makes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tracker.citations.grammar import Reference
from tracker.citations.normal import parent
from tracker.citations.patterns import bounded
from tracker.citations.places import ASIDE, INSIDE, Places
from tracker.citations.quoted import Quotation, quotation
from tracker.citations.verbs import Verb

_THEN = re.compile(bounded(
    r",? ?and (?:(?:by|in) )?(?:(?:lieu|place) thereof )?"
    r"(?:inserting|substituting|adding|replacing|by inserting|insert|substitute)"
    r"(?: in (?:lieu|place) thereof)?(?: the following)?"), re.I)  # fmt: skip
_DIRECT = re.compile(bounded(
    r" ?(?:(?:the|all of|existing|a|an|new|following|thereto|to read as follows|the following|such|each of) ){0,4}"
), re.I)  # fmt: skip
_AFTER = re.compile(bounded(r"(?:after|before|following|preceding|immediately (?:after|before)) (?:the )?$"), re.I)
_MADE = re.compile(bounded(r"(?:adding|enacting|creating|inserting|a|an|new|following|the|as) $|^ ?$"), re.I)
_TO_READ = re.compile(bounded(r",? ?(?:(?:so as )?to read|as follows)"), re.I)
_HEADING = re.compile(bounded(
    r" ?the (?:[\w-]{1,16} ){0,3}(?:heading|sentence|text|matter)[^,;.\n]{0,60} to read(?: as follows)?"
), re.I)  # fmt: skip
_AND = re.compile(r",?\s{1,9}(?:and\s{1,9}|or\s{1,9})?")
_FOR = re.compile(r"\bfor\s")
NEAR = 160  # characters from the words struck to "and inserting"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One change of the law.

    A whole provision that is struck with nothing in its place is a "repeal"; "strike" is for words. `start` and `end`
    hold the operative words, or the entry of a list that they announced.
    """

    kind: str  # repeal | strike | insert | replace | redesignate | amend
    targets: tuple[str, ...]  # normal forms, as deep as the text says
    start: int
    end: int
    old: tuple[int, int] | None = None  # the quoted words that go
    new: tuple[int, int] | None = None  # the quoted words that come


def deed(places: Places, verb: Verb) -> tuple[Instruction | None, int]:
    """The change, None where its place is unknown; and the offset from which to read on."""
    instruction, done = _DEEDS[verb.kind](places, verb)
    return (instruction if instruction is not None and instruction.targets else None), done


def _strike(places: Places, verb: Verb) -> tuple[Instruction | None, int]:
    refs, end = places.clause(verb.end)
    if refs and refs[0].start == _object(places, verb):
        return _strike_provisions(places, verb, refs)
    quote = quotation(places.text, verb.end, end)
    if quote is None and not refs and not verb.by:
        return None, verb.end  # "enticing or removing a minor"
    then = _THEN.search(places.plain, verb.end, end)
    if quote is None or (then is not None and then.start() < quote.start):  # "the period at the end"
        quote, since = None, verb.end
    else:
        since = quote.after
        then = _THEN.search(places.plain, since, min(end, since + NEAR))
    new = quotation(places.text, then.end(), max(end, then.end() + 60)) if then is not None else None
    near = [ref for ref in refs if ref.start >= since and (then is None or ref.end <= then.start())]
    found = new.after if new is not None else then.end() if then is not None else None
    last = found if found is not None else quote.after if quote is not None else end
    kind = "strike" if then is None else "replace"
    done = last if then is not None or quote is not None else verb.end
    return Instruction(kind, places.where(near, since), verb.start, last, _words(quote), _words(new)), done


def _strike_provisions(places: Places, verb: Verb, refs: list[Reference]) -> tuple[Instruction | None, int]:
    last, targets = refs[0], list(places.norms(refs[0]))
    for ref in refs[1:]:
        if _AND.fullmatch(places.plain[last.end : ref.start]) is None:
            break
        targets += places.norms(ref)
        last = ref
    then = _THEN.search(places.plain, last.end, min(len(places.plain), last.end + NEAR))
    if then is not None and re.search(r"[;\n]", places.plain[last.end : then.start()]):
        then = None
    new = quotation(places.text, then.end(), min(len(places.text), then.end() + 60)) if then is not None else None
    end = last.end if then is None else then.end() if new is None else new.after
    kind = "repeal" if then is None else "replace"
    return Instruction(kind, tuple(dict.fromkeys(targets)), verb.start, end, None, _words(new)), end


def _insert(places: Places, verb: Verb) -> tuple[Instruction | None, int]:
    refs, end = places.clause(verb.end)
    quote = quotation(places.text, verb.end, end)
    if quote is not None and _AFTER.search(places.plain, max(verb.end, quote.start - 40), quote.start - 1):
        quote = quotation(places.text, quote.after, end)  # 'after "X"' says where
    if quote is None and not refs and not verb.by and not verb.imperative:
        return None, verb.end
    targets = places.about
    for ref in refs:
        before = places.plain[max(verb.start, ref.start - 60) : ref.start]
        if (quote is not None and quote.start <= ref.start < quote.end) or ASIDE.search(before):
            continue
        targets = _beside(places, ref, before)
        break
    return Instruction("insert", targets, verb.start, quote.after if quote else end, None, _words(quote)), (
        quote.after if quote else verb.end)  # fmt: skip


def _beside(places: Places, ref: Reference, before: str) -> tuple[str, ...]:
    """What grows: the holder of "after paragraph (3)", the place of "at the end of", or the new provision itself."""
    if _AFTER.search(before):
        if _names_section(ref) and places.about:
            return places.about
        return tuple(dict.fromkeys(parent(norm) for norm in places.norms(ref)))
    if INSIDE.search(before) or _MADE.search(before):
        return places.norms(ref) or places.about
    return places.about


def _replace(places: Places, verb: Verb) -> tuple[Instruction | None, int]:
    """ "for X substitute Y" and "substituting Y for X"."""
    refs, end = places.clause(verb.end)
    first = quotation(places.text, verb.end, end)
    if refs and refs[0].start == _object(places, verb) and (first is None or refs[0].start < first.start):
        return Instruction("replace", places.norms(refs[0]), verb.start, end, None, _words(first)), verb.end
    if first is None and not refs and not verb.by:
        return None, verb.end
    if first is None:
        said = places.norms(refs[-1]) if refs else places.about
        return Instruction("replace", said, verb.start, end), verb.end
    second = quotation(places.text, first.after, end)
    swapped = not verb.imperative and second is not None and _FOR.search(places.plain[first.after : second.start])
    old, new = (second, first) if swapped or (second is None and not verb.imperative) else (first, second)
    near = [ref for ref in refs if ref.start >= first.after]
    last = (second or first).after
    return Instruction("replace", places.where(near, first.after), verb.start, last, _words(old), _words(new)), last


def _redesignate(places: Places, verb: Verb) -> tuple[Instruction | None, int]:
    refs, end = places.clause(verb.end)
    mark = re.search(r"\sas\s", places.plain[verb.end : end])
    limit = verb.end + mark.start() if mark is not None else end
    targets = dict.fromkeys(norm for ref in refs if ref.end <= limit for norm in places.norms(ref))
    names = [ref for ref in refs if limit < ref.start <= limit + 60]
    return Instruction("redesignate", tuple(targets), verb.start, end), names[0].end if names else verb.end


def _amend(places: Places, verb: Verb) -> tuple[Instruction | None, int]:
    """ "by amending paragraph (1) to read" replaces; "by amending paragraph (1) by ..." only says where."""
    refs, _ = places.clause(verb.end)
    heading = _HEADING.match(places.plain, verb.end)
    if heading is not None:
        return Instruction("replace", places.about, verb.start, heading.end()), heading.end()
    named = next((ref for ref in refs if not ASIDE.search(places.plain, max(0, ref.start - 60), ref.start)), None)
    if named is None:
        return None, verb.end
    norms = places.norms(named)
    read = _TO_READ.search(places.plain, named.end, min(len(places.plain), named.end + 80))
    if read is not None:
        return Instruction("replace", norms, verb.start, read.end()), read.end()
    places.frames.speak_of(norms or places.about)
    return None, verb.end


def _object(places: Places, verb: Verb) -> int:
    """Where the object begins: after "the", "all of the", "a new"."""
    direct = _DIRECT.match(places.plain, verb.end)
    return direct.end() if direct is not None else verb.end


def _words(quote: Quotation | None) -> tuple[int, int] | None:
    return (quote.start, quote.end) if quote is not None else None


def _names_section(ref: Reference) -> bool:
    return ref.phrase is None or not ref.phrase.groups or ref.phrase.groups[0].unit == "section"


_DEEDS: dict[str, Callable[[Places, Verb], tuple[Instruction | None, int]]] = {
    "strike": _strike, "repeal": _strike, "insert": _insert, "replace": _replace, "redesignate": _redesignate,
    "amend": _amend,
}  # fmt: skip
