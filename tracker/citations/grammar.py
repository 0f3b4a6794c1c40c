"""Text to citations: at every place where one may begin, the first form that fits is read and carried to its code."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from tracker.citations import forms
from tracker.citations.acts import TWINS
from tracker.citations.context import Context, articles, headings, highest_clause, highest_section, named_acts
from tracker.citations.forms import Anchor
from tracker.citations.normal import CONTAINERS, Citation, between
from tracker.citations.patterns import shadow
from tracker.citations.phrases import Group, Item, Path, Phrase, phrase_at
from tracker.citations.scan import cues

_NUMBERED_BELOW = ("ca", "gb", "ie", "us-sd", "us-ut", "us-ct")  # "subsection 279.01(1)": the number is the section's
MOST_NAMED = 200  # normal forms of one phrase


@dataclass(slots=True)
class Reference:
    """One phrase: what it names in a code (`norms`), or, where only deeper units are named, the phrase itself."""

    start: int
    end: int
    norms: tuple[tuple[str, str | None], ...] = ()  # (normal form, last of its range)
    phrase: Phrase | None = None
    base: str | None = None  # the code that was written after the phrase
    bare: bool = False  # the code was not written: it was understood from the context


def citations(text: str, jurisdiction: str = "us") -> tuple[Citation, ...]:
    """In order of offset. Never raises; `jurisdiction` ("us", "us-ny", "gb") is whose bill the text is."""
    found = []
    for ref in references(shadow(text), jurisdiction):
        found += [Citation(norm, ref.start, ref.end, through) for norm, through in ref.norms]
    return tuple(found)


def parse(written: str, jurisdiction: str = "us") -> str | None:
    """One citation as a person types it ("47 usc 230", "RCW 9A.88.030", "us/usc/47/230"), or None."""
    plain = shadow(written[:400]).strip()
    if forms.NORMAL.fullmatch(plain):
        return plain
    norms = [norm for ref in references(plain, jurisdiction) for norm, _ in ref.norms]
    if not norms:
        alone = forms.alone(plain, jurisdiction)
        return alone if alone is not None else _law(plain, jurisdiction)
    return next((n for n in norms if n.startswith("us/usc/")), norms[0])


def _law(plain: str, place: str) -> str | None:
    acts = named_acts(plain, place)
    return acts[0].root if acts else None


def references(plain: str, place: str) -> list[Reference]:
    return list(_Reader(plain, place).read())


class _Reader:
    """One text: its shadow, its Acts, and what has been named so far."""

    def __init__(self, plain: str, place: str) -> None:
        self.plain, self.place = plain, place
        own = headings(plain)
        self.headings = [at for at, _ in own]
        highest = highest_section([number for _, number in own]) if place.startswith("us") else highest_clause(plain)
        self.context = Context(place, highest)
        self.acts = named_acts(plain, place)
        self.act_ends = [act.end for act in self.acts]
        self.context.learn(plain, self.acts)
        self.articles = articles(plain, place)[::-1]

    def read(self) -> Iterator[Reference]:
        done, heading, act = 0, 0, 0
        waiting = _Waiting(self.plain)
        for at in self._places():
            if at < done:
                continue
            while heading < len(self.headings) and self.headings[heading] <= at + 12:
                if self.headings[heading] >= done:
                    self.context.turn()
                heading += 1
            while act < len(self.acts) and self.acts[act].end <= at:
                self._name(act)
                act += 1
            while self.articles and self.articles[-1][0] <= at:
                self.context.home = self.articles.pop()[1]
            if heading and at <= self.headings[heading - 1] <= at + 12:
                continue
            ref = self._at(at)
            if ref is None:
                continue
            done = ref.end
            if ref.norms:
                ref.norms = ref.norms[:MOST_NAMED]
                self.context.note(ref.norms[0][0], self.plain, ref.start, ref.end)
            yield from waiting.add(ref)
        yield from waiting.left()

    def _places(self) -> Iterator[int]:
        """Cues, and the Acts that are named alone."""
        starts = iter([act.start for act in self.acts])
        waiting = next(starts, None)
        for at in cues(self.plain, self.place):
            while waiting is not None and waiting < at:
                yield waiting
                waiting = next(starts, None)
            yield at
        while waiting is not None:
            yield waiting
            waiting = next(starts, None)

    def _name(self, index: int) -> None:
        act = self.acts[index]
        if act.year:
            self.context.years[act.year] = act.root
        self.context.act = act.root
        self.context.seen.add(act.root)

    def _at(self, at: int) -> Reference | None:
        first = forms.code_first(self.plain, at, self.place)
        if first is not None:
            return self._named(first.phrase, first.anchor)
        said = forms.said(self.plain, at)
        if said is not None:
            norm = self.context.referent(said.word, said.unit)
            if said.unit == "act" and forms.AMENDED.match(self.plain, said.end):
                norm = self.context.amended_act or norm  # not the Act that the quoted law named last
            return Reference(at, said.end, ((norm, None),) if norm else ())
        phrase = phrase_at(self.plain, forms.past_pointer(self.plain, at), self.place in _NUMBERED_BELOW)
        if phrase is None:
            return self._act_alone(at)
        anchor = forms.chained(self.plain, phrase, self.place) or self._anchor(phrase)
        if anchor is not None:
            ref = self._named(phrase, anchor)
            ref.base = anchor.base
            return ref
        chapter = forms.own_chapter(self.plain, phrase, self.place)
        if chapter is not None:
            return self._named(phrase, Anchor(chapter, phrase.end))
        if phrase.group("section") is None:
            return Reference(phrase.start, phrase.end, (), phrase)
        return self._bare(phrase)

    def _act_alone(self, at: int) -> Reference | None:
        index = bisect_left(self.act_ends, at + 1)
        if index < len(self.acts) and self.acts[index].start == at:
            act = self.acts[index]
            return Reference(at, act.end, ((act.root, None),))
        return None

    def _anchor(self, phrase: Phrase) -> Anchor | None:
        """The code that follows the phrase, by name or by a word that stands for it."""
        found = forms.code_after(self.plain, phrase, self.place)
        if found is not None:
            return found
        link = forms.LINK.match(self.plain, phrase.end)
        if link is None:
            return None
        index = bisect_left(self.act_ends, link.end() + 1)
        if index < len(self.acts) and self.acts[index].start <= link.end() and link.end() < self.acts[index].end:
            return Anchor(self.acts[index].root, self.acts[index].end)
        local = forms.LOCAL.match(self.plain, phrase.end)
        if local is not None:
            norm = self.context.local(local)
            return Anchor(norm, local.end()) if norm is not None else None
        return None

    def _bare(self, phrase: Phrase) -> Reference:
        """A section without a code: the place's only compilation, or the law that is being amended around it."""
        group = phrase.group("section")
        number = (group.items[0].number if group is not None else None) or ""
        base = forms.own_code(number, self.place)
        if base is None and self.context.home is not None and not forms.OWN.match(self.plain, phrase.end):
            base = forms.home_code(number, self.context.home, self.place, self.context.highest)
        if base is None:
            if not forms.TWIN.match(self.plain, phrase.end):
                self.context.section = None
            return Reference(phrase.start, phrase.end, (), phrase, bare=True)
        ref = self._named(phrase, Anchor(base, phrase.end))
        ref.phrase, ref.bare = phrase, True
        return ref

    def _named(self, phrase: Phrase, anchor: Anchor) -> Reference:
        norms = tuple(expand(phrase, anchor))
        note = forms.NOTE.match(self.plain, anchor.end) if anchor.base.startswith("us/usc/") else None
        if note is not None:
            norms = tuple((norm + "/note", through) for norm, through in norms)
            return Reference(phrase.start, note.end(), norms)
        if not forms.TWIN.match(self.plain, anchor.end):
            norms += tuple(_twins(norms))
        return Reference(phrase.start, anchor.end, norms)


class _Waiting:
    """Sections whose code follows at the end of the list: "section 1591, section 2421, or section 2423 of title 18"."""

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.held: list[Reference] = []

    def add(self, ref: Reference) -> Iterator[Reference]:
        if self.held and not self._goes_on(ref):
            yield from self.left()
        if ref.phrase is not None and ref.bare and not ref.norms and len(self.held) < MOST_NAMED:
            self.held.append(ref)
            return
        if ref.base is not None:
            for held in self.held:
                if held.phrase is not None:
                    held.norms = tuple(expand(held.phrase, Anchor(ref.base, held.end)))
        yield from self.left()
        yield ref

    def left(self) -> Iterator[Reference]:
        yield from self.held
        self.held = []

    def _goes_on(self, ref: Reference) -> bool:
        gap = self.plain[self.held[-1].end : ref.start]
        return len(gap) < 200 and forms.BETWEEN.fullmatch(gap) is not None


def expand(phrase: Phrase, anchor: Anchor) -> Iterator[tuple[str, str | None]]:
    """Normal forms of all that the phrase lists: what it counts by range is named one by one."""
    section = phrase.group("section")
    below = [g for g in phrase.groups if g.unit not in CONTAINERS and g.unit != "section"][::-1]
    if section is None and not below:
        yield from _containers([g for g in phrase.outermost_last() if g.unit not in anchor.taken], anchor)
        return
    if anchor.base.endswith("/cons") and (article := phrase.group("article")) is not None:
        anchor = Anchor(f"{anchor.base}/art-{article.items[0].number}", anchor.end)
    heads = list(_heads(section, anchor))
    for group in below:
        heads = [pair for base, _ in heads[:8] for item in group.items for pair in _range(base + "/", item)]
    yield from heads


def _containers(groups: list[Group], anchor: Anchor) -> Iterator[tuple[str, str | None]]:
    """ "part I of chapter 92": chapter before part."""
    if not groups:
        yield anchor.base, None
        return
    base = anchor.base + "/" if anchor.base else ""
    for outer in groups[:0:-1]:
        base += f"{CONTAINERS[outer.unit]}{outer.items[0].number}/"
    for item in groups[0].items:
        yield from _range(base + CONTAINERS[groups[0].unit], item)


def _heads(section: Group | None, anchor: Anchor) -> Iterator[tuple[str, str | None]]:
    if section is None:
        yield anchor.base, None
        return
    for item in section.items:
        yield from _range(anchor.base if anchor.base.endswith(".") else anchor.base + "/", item)


def _range(before: str, item: Item) -> Iterator[tuple[str, str | None]]:
    path: Path = ((item.number,) if item.number else ()) + item.pins
    if not path:
        return
    if before.startswith("us/usc/") and item.to_number is None and item.to_pins is None:
        item = _hyphenated(item) or item
        path = ((item.number,) if item.number else ()) + item.pins
    first = before + "/".join(path)
    if item.to_number is None and item.to_pins is None:
        yield first, None
        return
    last = ((item.to_number,) if item.to_number else ()) + (item.to_pins or ())
    if item.to_number is None and item.number is not None:  # "7631(e)-(f)"
        last = (item.number, *item.pins[: len(item.pins) - len(last)], *last)
    last = path[: max(0, len(path) - len(last))] + last
    through = before + "/".join(last)
    yield first, through
    if len(last) == len(path) and last[:-1] == path[:-1]:
        for name in between(path[-1], last[-1]):
            yield before + "/".join((*path[:-1], name)), None


def _hyphenated(item: Item) -> Item | None:
    """ "7101-7114" is a range: no section bears a number like that."""
    m = forms.HYPHENATED.fullmatch(item.number or "") if not item.pins else None
    return Item(m[1], (), m[2], ()) if m is not None and int(m[1]) < int(m[2]) else None


def _twins(norms: tuple[tuple[str, str | None], ...]) -> Iterator[tuple[str, str | None]]:
    for norm, _ in norms:
        parts = norm.split("/")
        if parts[:2] == ["us", "act"] and len(parts) > 3 and parts[2] in TWINS:
            base, sections = TWINS[parts[2]]
            if parts[3] in sections:
                yield "/".join((base, sections[parts[3]], *parts[4:])), None
