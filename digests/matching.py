"""Many filters and one event to the readers that it is for, without asking each filter.

The broad part of filters (subject, place, stage) is answered by bitmaps over the distinct ones, once for all events
that are alike. A filter that names bills, people or words is filed under the rarest of these (of words: what must stand
in a text for the query to hold, all found in one pass by Aho-Corasick), and is asked only if that occurs. The answer is
the one that `digests.filters.matches` gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain
from operator import or_

from ahocorasick_rs import AhoCorasick, Implementation

from digests.facets import Facets, Said, facets_of, material_of, said
from digests.filters import Broad, broad_of, names, tree_of
from tracker import query
from tracker.model import Event, Filter
from tracker.query import Material, Tree
from tracker.query.tree import And, Or, Words

Ids = tuple[str, ...]
KEPT_ANSWERS = 4096  # of broad questions; events of one bill, and of bills alike, share one


@dataclass(slots=True)
class _Narrow:
    """A filter with more than a broad part. `is_exact`: what the automaton finds is all that its words ask for."""

    wanted: Filter
    ids: Ids
    broad: int
    sponsors: tuple[Said, ...]
    committees: tuple[Said, ...]
    tree: Tree | None
    is_exact: bool = False

    def lets(self, facets: Facets, material: Material | None) -> bool:
        if self.sponsors and not any(names(one, facets.sponsors) for one in self.sponsors):
            return False
        if self.committees and not any(names(one, facets.committees) for one in self.committees):
            return False
        return self.tree is None or self.is_exact or (material is not None and query.matches(self.tree, material))


class Index:
    """Over the filters of all readers; built anew where they change."""

    def __init__(self, wishes: Iterable[tuple[str, Filter]]) -> None:
        """`wishes`: the id of each subscription and its filter."""
        readers: dict[Filter, list[str]] = {}
        for identity, wanted in wishes:
            readers.setdefault(wanted, []).append(identity)
        self._broads = _Broads()
        by_broad: dict[int, list[str]] = {}
        narrow: list[_Narrow] = []
        for wanted, ids in readers.items():
            broad = self._broads.add(broad_of(wanted))
            if wanted.bills or wanted.sponsors or wanted.committees or wanted.words:
                narrow.append(_Narrow(wanted, tuple(ids), broad, tuple(map(said, wanted.sponsors)), tuple(
                    map(said, wanted.committees)), tree_of(wanted.words) if wanted.words else None))
            else:
                by_broad.setdefault(broad, []).extend(ids)
        self._groups = {broad: tuple(ids) for broad, ids in by_broad.items()}
        self._has_words = any(entry.tree for entry in narrow)
        self._file(narrow)
        self._answers: dict[Hashable, tuple[bytes, tuple[Ids, ...]]] = {}

    def _file(self, narrow: Sequence[_Narrow]) -> None:
        """Each under one kind of key: the bill, a sponsor, a committee, the words; or, if need be, under none."""
        self._bills: dict[str, list[_Narrow]] = {}
        self._unkeyed: list[_Narrow] = []
        sponsors, committees, texts = _People(), _People(), _Texts()
        for entry in narrow:
            if entry.wanted.bills:
                for bill in entry.wanted.bills:
                    self._bills.setdefault(bill, []).append(entry)
            elif entry.sponsors:
                sponsors.add(entry, entry.sponsors)
            elif entry.committees:
                committees.add(entry, entry.committees)
            elif not texts.add(entry):
                self._unkeyed.append(entry)
        self._sponsors, self._committees, self._texts = sponsors.filed(), committees.filed(), texts.filed()

    def match(self, event: Event) -> list[str]:
        """The ids whose filter lets this event through, each once, in no order that means anything."""
        return list(chain.from_iterable(self.groups(event)))

    def groups(self, event: Event) -> list[Ids]:
        """The same, in the groups in which readers wish the same."""
        facets = facets_of(event)
        if not facets.alerts:
            return []
        allowed, found = self._broad_answer(facets)
        groups = list(found)
        material = material_of(event) if self._has_words else None
        for entry in self._candidates(facets, material):
            if allowed[entry.broad >> 3] >> (entry.broad & 7) & 1 and entry.lets(facets, material):
                groups.append(entry.ids)
        return groups

    def _broad_answer(self, facets: Facets) -> tuple[bytes, tuple[Ids, ...]]:
        """(which distinct broad parts let it through, as bits; the groups that ask for nothing else)."""
        answer = self._answers.get(facets.broad)
        if answer is None:
            bits = self._broads.letting(facets)
            answer = bits, tuple(self._groups[n] for n in _numbers(bits) if n in self._groups)
            if len(self._answers) >= KEPT_ANSWERS:
                self._answers.clear()
            self._answers[facets.broad] = answer
        return answer

    def _candidates(self, facets: Facets, material: Material | None) -> Iterator[_Narrow]:
        """Each once: an entry is filed under one kind of key, and within it told apart by identity."""
        yield from self._bills.get(facets.bill_id, ())
        yield from self._sponsors.near(facets.sponsors)
        yield from self._committees.near(facets.committees)
        if material is not None:
            yield from self._texts.near(material)
        yield from self._unkeyed


# --- subject, place, stage --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Facet:
    """Bits of the broad parts that ask for a value, and of those that take any."""

    any: int = 0
    by_value: dict[object, int] = field(default_factory=dict)

    def having(self, value: object) -> int:
        return self.any | self.by_value.get(value, 0)


class _Broads:
    """Distinct broad parts, numbered; sets of them are the bits of one int."""

    def __init__(self) -> None:
        self._numbers: dict[Broad, int] = {}
        self._waiting: list[tuple[int, Broad]] = []
        self._places, self._stages, self._effects, self._subjects = _Facet(), _Facet(), _Facet(), _Facet()
        self._needs_finding = self._free = 0

    def add(self, broad: Broad) -> int:
        known = len(self._numbers)
        number = self._numbers.setdefault(broad, known)
        if number == known:
            self._waiting.append((number, broad))
        return number

    def letting(self, facets: Facets) -> bytes:
        self._take_in()
        found = self._free
        for topic, effect, subtopic in facets.findings:
            subject = self._subjects.having(topic) | self._subjects.by_value.get((topic, subtopic), 0)
            found |= self._needs_finding & subject & self._effects.having(effect)
        found &= self._places.having(facets.jurisdiction) & self._stages.having(facets.stage)
        return found.to_bytes((len(self._numbers) >> 3) + 1, "little")

    def _take_in(self) -> None:
        """All at once, at the first question: bit by bit, an int of many bits would be copied each time."""
        if not self._waiting:
            return
        sets: dict[tuple[str, object], bytearray] = {}
        size = (len(self._numbers) >> 3) + 1

        def note(kind: str, number: int, values: Iterable[object]) -> None:
            for value in tuple(values) or (None,):
                sets.setdefault((kind, value), bytearray(size))[number >> 3] |= 1 << (number & 7)

        for number, broad in self._waiting:
            note("place", number, broad.jurisdictions)
            note("stage", number, broad.stages)
            note("effect", number, broad.effects)
            note("subject", number, (*broad.whole, *broad.part))
            is_free = broad.unflagged and not (broad.whole or broad.part or broad.effects)
            note("free" if is_free else "needs", number, ())
        self._waiting.clear()
        kinds = {"place": self._places, "stage": self._stages, "effect": self._effects, "subject": self._subjects}
        for (kind, value), raw in sets.items():
            bits = int.from_bytes(raw, "little")
            if kind == "free":
                self._free |= bits
            elif kind == "needs":
                self._needs_finding |= bits
            elif value is None:
                kinds[kind].any |= bits
            else:
                kinds[kind].by_value[value] = kinds[kind].by_value.get(value, 0) | bits


def _numbers(bits: bytes) -> Iterator[int]:
    for place, byte in enumerate(bits):
        while byte:
            low = byte & -byte
            yield (place << 3) + low.bit_length() - 1
            byte ^= low


# --- people -----------------------------------------------------------------------------------------------------------


class _People:
    """Names, each under that word of it which the fewest wishes have: "judiciary" and not "committee"."""

    def __init__(self) -> None:
        self._wishes: list[tuple[_Narrow, tuple[Said, ...]]] = []
        self._by_word: dict[str, list[_Narrow]] = {}

    def add(self, entry: _Narrow, wanted: tuple[Said, ...]) -> None:
        self._wishes.append((entry, wanted))

    def filed(self) -> _People:
        often = Counter(word for _, wanted in self._wishes for name in wanted for word in name)
        for entry, wanted in self._wishes:
            for word in {min(name, key=lambda w: (often[w], w)) for name in wanted if name}:
                self._by_word.setdefault(word, []).append(entry)
        self._wishes.clear()
        return self

    def near(self, people: Sequence[Said]) -> Iterable[_Narrow]:
        if not self._by_word or not people:
            return ()
        found = (self._by_word.get(word, ()) for word in set().union(*people))
        return _each_once(chain.from_iterable(found))


def _each_once(entries: Iterable[_Narrow]) -> Iterable[_Narrow]:
    return {id(entry): entry for entry in entries}.values()


# --- words ------------------------------------------------------------------------------------------------------------


class _Texts:
    """Queries, under the words of which one must stand in a text."""

    def __init__(self) -> None:
        self._by_needle: dict[str, list[_Narrow]] = {}
        self._entries: list[list[_Narrow]] = []
        self._automaton: AhoCorasick | None = None

    def add(self, entry: _Narrow) -> bool:
        """False: nothing must stand in the text ("not this word"), so it has to be asked every time."""
        must = needles(entry.tree) if entry.tree is not None else None
        if must is None:
            return False
        entry.is_exact = isinstance(entry.tree, Words) and not entry.tree.title_only
        for needle in must:
            self._by_needle.setdefault(needle, []).append(entry)
        return True

    def filed(self) -> _Texts:
        if self._by_needle:
            # The automaton with the least memory: these are as many words as there are readers.
            self._automaton = AhoCorasick(list(self._by_needle), implementation=Implementation.ContiguousNFA)
            self._entries = list(self._by_needle.values())
        self._by_needle = {}
        return self

    def near(self, material: Material) -> Iterable[_Narrow]:
        if self._automaton is None:
            return ()
        found = {hit[0] for text in material.said
                 for hit in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        return _each_once(chain.from_iterable(self._entries[n] for n in found))


def needles(tree: Tree) -> frozenset[str] | None:
    """Strings one of which must stand in `Material.said` for the tree to hold; None: none must. No string: it never
    holds."""
    match tree:
        case Words(words, prefix, _):
            return frozenset((f" {' '.join(words)}{'' if prefix else ' '}",))
        case And(parts):
            found = [must for part in parts if (must := needles(part)) is not None]
            return min(found, key=lambda must: (len(must), -min(map(len, must), default=0), sorted(must)), default=None)
        case Or(parts):
            each = [needles(part) for part in parts]
            known = [must for must in each if must is not None]
            return reduce(or_, known, frozenset[str]()) if len(known) == len(each) else None
        case _:
            return None
