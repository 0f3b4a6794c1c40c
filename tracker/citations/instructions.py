"""Amending prose to what it changes: each operative verb with the provisions that it strikes, adds or puts in place.

Bills nest: "Section 3 of the X Act is amended— (1) in subsection (b)— (A) by striking paragraph (2)". Every
enumerator opens a frame that inherits what its holder spoke of; a verb acts on what its own words name inside it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import chain

from tracker.citations import forms
from tracker.citations.context import headings
from tracker.citations.deeds import Instruction, deed
from tracker.citations.forms import Anchor
from tracker.citations.frames import enumerators
from tracker.citations.grammar import Reference, expand, references
from tracker.citations.normal import depth_of_root
from tracker.citations.patterns import DASH, bounded, shadow
from tracker.citations.places import ASIDE, Places
from tracker.citations.quoted import blocks, is_open
from tracker.citations.verbs import Verb, verbs

_ABBREVIATED = "".join(rf"(?<!\b{short}\.)" for short in ("Sec", "U.S.C", "No", "s", "ch", "subd", "art"))
_SENTENCE = re.compile(rf"\n|\.{_ABBREVIATED}\)?\s{{1,9}}(?=[A-Z\"(\xa7])")
_STOP = re.compile(bounded(
    r",? as (?:so |last |most recently |further )?"
    r"(?:amended|added|enacted|redesignated|designated|proposed|contained|appearing)\b"
    r"|\(being\b|, being\b|, relating to\b"), re.I)  # fmt: skip
_SPEAKS = re.compile(r"\b[Ii]n (?:the (?:matter|heading)[^,;.]{0,60})?$")
_IN = re.compile(r"\b[Ii]n $")
_OPENS = re.compile(rf",?\s{{0,3}}(?:{DASH}|--)\s{{0,3}}(?:\n|\()")
_LISTED = re.compile(r"\bfollowing\b", re.I)
_OLD_WORDING = re.compile(r"\b(?:existing|original)\b", re.I)
_FORMAL = ("us-ks", "us-oh", "us-ne", "us-mo")  # they repeal the old wording of what they amend
_COMPILED, _ENACTED = ("us/usc/", "us-nj/njs/"), ("us/act/", "us-nj/pl/")  # where a law stands, where it was made
MOST_SUBJECTS = 80  # of one verb
FARTHEST = 4000  # characters from a subject to its verb
ASIDE_REACH = 240  # characters of a parenthesis


def instructions(text: str, jurisdiction: str = "us") -> tuple[Instruction, ...]:
    """In order of offset. Never raises; `jurisdiction` is whose bill the text is."""
    found = _Walk(text, jurisdiction).walk()
    if jurisdiction in _FORMAL:
        found = _without_formal_repeals(found)
    return tuple(sorted(found, key=lambda i: (i.start, i.end)))


def _without_formal_repeals(found: list[Instruction]) -> list[Instruction]:
    kept = {target for i in found if i.kind == "replace" for target in i.targets}
    return [replace(i, kind="amend") if i.kind == "repeal" and set(i.targets) <= kept else i for i in found]


@dataclass(slots=True)
class _Subject:
    norms: tuple[str, ...]
    start: int
    end: int
    ref: Reference


class _Walk:
    """One text from its first word to its last."""

    def __init__(self, text: str, place: str) -> None:
        self.plain, self.place = shadow(text), place
        refs = references(self.plain, place)
        self.places = Places(text, self.plain, refs, [ref.start for ref in refs])
        self.frames = self.places.frames
        self.headings = [at for at, _ in headings(self.plain)]
        self.blocks = blocks(text, self.headings)
        self.block_starts = [start for start, _ in self.blocks]
        self.subjects: list[_Subject] = []
        self.found: list[Instruction] = []
        self.vague: Instruction | None = None  # "is amended", until a finer instruction follows
        self.listing: Verb | None = None  # "the following are repealed:"
        self.done = 0

    def walk(self) -> list[Instruction]:
        steps: list[tuple[int, int, Reference | Verb | str | None]] = sorted(chain(
            ((at, 0, None) for at in self.headings),
            ((at, 1, marks) for at, marks in enumerators(self.plain)),
            ((ref.start, 2, ref) for ref in self.places.refs),
            ((verb.start, 3, verb) for verb in verbs(self.plain, self.place)),
        ), key=lambda step: step[:2])  # fmt: skip
        at = 0
        for start, _, what in steps:
            if start < self.done or self._quoted(start):
                continue
            if _SENTENCE.search(self.plain, at, start):
                self.subjects = []
            at = max(at, what.end if isinstance(what, Reference) else start)
            self._step(what, start)
        self._close()
        return self.found

    def _step(self, what: Reference | Verb | str | None, at: int) -> None:
        match what:
            case Reference():
                self._refer(what)
            case Verb(passive=True):
                self._passive(what)
            case Verb():
                instruction, self.done = deed(self.places, what)
                self._say(instruction)
            case str():
                self.subjects = []
                self.frames.enter(what, self.plain[max(0, at - 12) : at].rstrip().endswith((DASH, "--", ":")))
            case None:
                self._close()
                self.subjects, self.listing = [], None
                self.frames.begin()

    def _quoted(self, at: int) -> bool:
        block = bisect_right(self.block_starts, at) - 1
        return block >= 0 and at < self.blocks[block][1]

    def _close(self) -> None:
        if self.vague is not None:
            self.found.append(self.vague)
            self.vague = None

    def _say(self, instruction: Instruction | None) -> None:
        if instruction is not None and instruction.targets:
            self.vague = None
            self.found.append(instruction)

    def _refer(self, ref: Reference) -> None:
        """A reference may become a verb's subject, tell where the next verbs act, or be an entry of a list."""
        before = self.plain[max(0, ref.start - 90) : ref.start]
        if is_open(self.places.text, ref.start):
            return  # "Chapter 11-67.1 entitled "Uniform Act on ...""
        if self._in_parentheses(ref):
            if before.rstrip().endswith("("):
                self._twin(ref)
            return
        norms = self.places.norms(ref)
        if self.plain.startswith(" rep.)", ref.end):  # Illinois
            self._say(Instruction("repeal", norms, ref.start, ref.end + 5))
        elif ASIDE.search(before):
            return
        elif self.listing is not None and norms:
            self.subjects = [_Subject(norms, ref.start, ref.end, ref)]
            self._say(Instruction(self.listing.kind, norms, ref.start, ref.end))
        elif norms or (ref.phrase is not None and ref.bare):
            self._speak(_Subject(norms, ref.start, ref.end, ref), before)

    def _speak(self, subject: _Subject, before: str) -> None:
        if self.subjects and self.subjects[-1].ref.bare and self.plain[self.subjects[-1].end : subject.start].isspace():
            self.subjects.pop()  # "Section 116 Section 116(d) of": a heading, then the sentence
        del self.subjects[: -MOST_SUBJECTS + 1]
        self.subjects.append(subject)
        if (subject.norms and _OPENS.match(self.plain, subject.end)) or _SPEAKS.search(before):
            self.frames.speak_of(subject.norms or self.places.about)

    def _in_parentheses(self, ref: Reference) -> bool:
        """An aside to the subject before it: "(22 U.S.C. 7631)", "(commonly known as ...)"."""
        if not self.subjects or ref.start - self.subjects[-1].end > ASIDE_REACH:
            return False
        gap = self.plain[self.subjects[-1].end : ref.start]
        return gap.count("(") > gap.count(")")

    def _twin(self, ref: Reference) -> None:
        """ "(22 U.S.C. 7631)", "(C.2C:13-8)" after an Act's own section: the code's number, kept as deep."""
        last = self.subjects[-1]
        codes = [norm for norm, _ in ref.norms if norm.startswith(_COMPILED) and not norm.endswith("/note")]
        if not codes or ref.start - last.end > 48 or self.plain.startswith("et seq", ref.end + 1):
            return
        section = depth_of_root(codes[0]) + 1
        if len(codes) == 1 and codes[0].count("/") >= section - 1:
            head, tail = codes[0].split("/")[:section], codes[0].split("/")[section:]
            acts = [norm for norm in last.norms if norm.startswith(_ENACTED)] or [_local(last.ref)]
            deeper = [norm.split("/")[depth_of_root(norm) + 1 :] for norm in acts]
            codes = ["/".join(head + (d if d[: len(tail)] == tail else tail)) for d in deeper]
        if self.listing is not None and self.found and self.found[-1].start == last.start:
            self.found[-1] = replace(self.found[-1], targets=tuple(dict.fromkeys(codes)))
        spoken = self.places.about == last.norms
        last.norms, last.end = tuple(dict.fromkeys(codes)), ref.end
        if spoken or _IN.search(self.plain, max(0, last.start - 4), last.start):
            self.frames.speak_of(last.norms)

    def _passive(self, verb: Verb) -> None:
        spoken = self._spoken(verb)
        norms = tuple(dict.fromkeys(chain.from_iterable(s.norms for s in spoken)))
        if verb.kind == "insert" and not norms:
            norms = self._added(verb, spoken)
        if self._announces(verb, norms):
            self._close()
            self.listing = verb
            self.frames.speak_of(norms or self.places.about)
        elif norms:
            self._close()
            if self.listing is not None and spoken and self.found and self.found[-1].start == spoken[-1].start:
                self.found.pop()  # no entry of the list, but this verb's subject
            self.listing, self.subjects = None, []
            self._change(verb, norms, spoken)

    def _change(self, verb: Verb, norms: tuple[str, ...], spoken: list[_Subject]) -> None:
        if verb.opens:
            if verb.whole:
                self.frames.speak_to_siblings_of(norms)
            self.frames.speak_of(norms)
            self.vague = Instruction("amend", norms, verb.start, verb.end)
            return
        first = spoken[0].start if spoken else verb.start
        old = _OLD_WORDING.search(self.plain, max(0, first - 24), first) is not None
        kind = "amend" if verb.kind == "repeal" and old else verb.kind
        self._say(Instruction(kind, norms, verb.start, verb.end))
        self.done = verb.end
        self.frames.speak_of(norms)

    def _announces(self, verb: Verb, norms: tuple[str, ...]) -> bool:
        """ "The following provisions of the Penal Code are repealed:", of which only the code is named yet."""
        if verb.kind != "repeal":
            return False
        only_code = not norms or norms[0].count("/") < depth_of_root(norms[0])
        listed = _LISTED.search(self.plain, max(0, verb.start - 120), verb.start) is not None
        return verb.listed or (only_code and listed)

    def _spoken(self, verb: Verb) -> list[_Subject]:
        """The subjects of a passive verb: what the sentence named before it turned aside."""
        if not self.subjects:
            return []
        stop = _STOP.search(self.plain, max(self.subjects[0].end, verb.start - FARTHEST), verb.start)
        limit = stop.start() if stop is not None else verb.start
        spoken = [s for s in self.subjects if s.end <= limit and verb.start - s.end < 400]
        named = [s for s in spoken if _IN.search(self.plain, max(0, s.start - 4), s.start) is None] or spoken
        if any(s.ref.bare and not s.norms for s in named):
            named = [s for s in named if not s.norms or s.norms[0].count("/") >= depth_of_root(s.norms[0])]
        return [s for s in named if any(n.count("/") >= depth_of_root(n) for n in s.norms)] or named

    def _added(self, verb: Verb, spoken: list[_Subject]) -> tuple[str, ...]:
        """ "A new section is added to chapter 9A.88 RCW", "Section 653.29 is added to the Penal Code"."""
        bare = [s.ref.phrase for s in spoken if s.ref.phrase is not None]
        refs, starts = self.places.refs, self.places.starts
        following = bisect_right(starts, verb.end - 1)
        if not bare and following < len(refs) and starts[following] - verb.end < 60:
            return tuple(norm for norm, _ in refs[following].norms)
        anchor = forms.code_named(self.plain, verb.end, self.place)
        return tuple(norm for norm, _ in expand(bare[0], anchor)) if anchor is not None and bare else ()


def _local(ref: Reference) -> str:
    """A section whose Act only the context names: its enumerators, under a root that stands for the Act."""
    paths = expand(ref.phrase, Anchor("?/?", ref.end)) if ref.phrase is not None else iter(())
    return next((path for path, _ in paths), "?/?/?")
