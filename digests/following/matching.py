"""Many filters and one event to the readers that it is for, without asking each filter.

The broad part of filters (subject, place, stage) is answered by bitmaps over the distinct ones, once for all events
that are alike. A filter that names bills or people is filed under these, and answered once for all events of a bill
that say the same of it. One with words is filed under what must stand in a text for its query to hold; one pass of
Aho-Corasick finds all words of all readers in a text, and most queries are then a question about sets of numbers. The
answer is the one that `digests.following.filters.matches` gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain
from operator import or_
from typing import TypeVar

from ahocorasick_rs import AhoCorasick, Implementation

from digests.following.facets import Facets, Said, facets_of, material_of, said, texts_of
from digests.following.filters import Broad, broad_of, names, passes, tree_of
from tracker.model import Event, Filter
from tracker.query import Tree
from tracker.query.tree import And, Not, Or, Words

K = TypeVar("K")
V = TypeVar("V")
Ids = tuple[str, ...]
KEPT_BROAD = 4096  # answers; bills that are alike share one
KEPT_BILLS = 512  # a bill's events come one after the other


class Index:
    """Over the filters of all readers; built anew where they change."""

    def __init__(self, wishes: Iterable[tuple[str, Filter]]) -> None:
        """`wishes`: the id of each subscription and its filter."""
        readers: dict[Filter, list[str]] = {}
        for identity, wanted in wishes:
            readers.setdefault(wanted, []).append(identity)
        self._broads, self._texts = _Broads(), _Texts()
        self._bills: dict[str, list[_Named]] = {}
        sponsors, committees = list[_Named](), list[_Named]()
        by_broad: dict[int, list[str]] = {}
        for wanted, ids in readers.items():
            broad = self._broads.add(broad_of(wanted))
            if wanted.words:
                self._texts.add(_Worded(wanted, tuple(ids), broad, tree_of(wanted.words)))
            elif wanted.bills or wanted.sponsors or wanted.committees:
                entry = _Named(wanted, tuple(ids), broad)
                for bill in wanted.bills:
                    self._bills.setdefault(bill, []).append(entry)
                if not wanted.bills:
                    (sponsors if wanted.sponsors else committees).append(entry)
            else:
                by_broad.setdefault(broad, []).extend(ids)
        self._groups = {broad: tuple(ids) for broad, ids in by_broad.items()}
        self._sponsors = _People((entry, entry.wanted.sponsors) for entry in sponsors)
        self._committees = _People((entry, entry.wanted.committees) for entry in committees)
        self._broads.close()
        self._texts.close()
        self._broad_answers: dict[Hashable, tuple[bytes, tuple[Ids, ...]]] = {}
        self._named_answers: dict[Facets, Ids] = {}

    def match(self, event: Event) -> list[str]:
        """The ids whose filter lets this event through, each once, in no order that means anything."""
        return list(chain.from_iterable(self.groups(event)))

    def groups(self, event: Event) -> list[Ids]:
        """The same, in groups; readers who wish the same are in one."""
        facets = facets_of(event)
        if not facets.alerts:
            return []
        allowed, groups = self._by_broad(facets)
        named = self._by_name(facets, allowed)
        return [*groups, *((named,) if named else ()), *self._texts.matching(event, facets, allowed)]

    def _by_broad(self, facets: Facets) -> tuple[bytes, tuple[Ids, ...]]:
        """(which distinct broad parts let it through, as bits; the groups that ask for nothing else)."""
        answer = self._broad_answers.get(facets.broad)
        if answer is None:
            bits = self._broads.letting(facets)
            answer = bits, tuple(self._groups[n] for n in _numbers(bits) if n in self._groups)
            _keep(self._broad_answers, facets.broad, answer, KEPT_BROAD)
        return answer

    def _by_name(self, facets: Facets, allowed: bytes) -> Ids:
        answer = self._named_answers.get(facets)
        if answer is None:
            near = (*self._bills.get(facets.bill_id, ()), *self._sponsors.near(facets.sponsors),
                    *self._committees.near(facets.committees))
            answer = tuple(chain.from_iterable(
                e.ids for e in near if allowed[e.broad >> 3] >> (e.broad & 7) & 1 and e.lets(facets)))
            _keep(self._named_answers, facets, answer, KEPT_BILLS)
        return answer


def _keep(answers: dict[K, V], key: K, answer: V, most: int) -> None:
    if len(answers) >= most:
        answers.clear()
    answers[key] = answer


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
        found = self._free
        for topic, effect, subtopic in facets.findings:
            subject = self._subjects.having(topic) | self._subjects.by_value.get((topic, subtopic), 0)
            found |= self._needs_finding & subject & self._effects.having(effect)
        found &= self._places.having(facets.jurisdiction) & self._stages.having(facets.stage)
        return found.to_bytes((len(self._numbers) >> 3) + 1, "little")

    def close(self) -> None:
        """Nothing is added after this. All at once: bit by bit, an int of many bits would be copied each time."""
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


# --- bills and people -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Named:
    """A filter that names bills, sponsors or committees, and no words."""

    wanted: Filter
    ids: Ids
    broad: int

    def lets(self, facets: Facets) -> bool:
        """Whatever it was filed under holds already."""
        return _named(self.wanted, facets)


def _named(wanted: Filter, facets: Facets) -> bool:
    return ((not wanted.bills or facets.bill_id in wanted.bills)
            and (not wanted.sponsors or any(names(said(one), facets.sponsors) for one in wanted.sponsors))
            and (not wanted.committees or any(names(said(one), facets.committees) for one in wanted.committees)))


class _People:
    """Wished names, each under that word of it which the fewest have: "judiciary" and not "committee"."""

    def __init__(self, wishes: Iterable[tuple[_Named, Sequence[str]]]) -> None:
        self._entries: dict[Said, list[_Named]] = {}
        for entry, wanted in wishes:
            for name in {said(one) for one in wanted}:
                self._entries.setdefault(name, []).append(entry)
        often = Counter(word for name in self._entries for word in name)
        self._by_word: dict[str, list[Said]] = {}
        for name in self._entries:
            if name:
                self._by_word.setdefault(min(name, key=lambda w: (often[w], w)), []).append(name)

    def near(self, people: Sequence[Said]) -> Iterable[_Named]:
        """Those who wished for one of these people, each once."""
        if not self._by_word or not people:
            return ()
        asked = chain.from_iterable(self._by_word.get(word, ()) for word in set().union(*people))
        found = chain.from_iterable(self._entries[name] for name in asked if names(name, people))
        return {id(entry): entry for entry in found}.values()


# --- words ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Worded:
    """A filter with words. `all`, `any` and `none` are numbers of needles; `rest`: what they cannot say of its tree."""

    wanted: Filter
    ids: Ids
    broad: int
    tree: Tree
    all: frozenset[int] = frozenset()
    any: tuple[frozenset[int], ...] = ()
    none: frozenset[int] = frozenset()
    rest: bool = False
    names: bool = False

    def lets(self, found: Set[int], facets: Facets, event: Event) -> bool:
        if not (self.all <= found and self.none.isdisjoint(found)):
            return False
        if self.any and any(some.isdisjoint(found) for some in self.any):
            return False
        if self.names and not _named(self.wanted, facets):
            return False
        return not self.rest or passes(self.wanted, broad_of(self.wanted), facets, lambda: material_of(event))


class _Texts:
    """Queries, filed under needles of which one must stand in a text."""

    def __init__(self) -> None:
        self._needles: dict[str, int] = {}
        self._by_needle: dict[int, list[_Worded]] = {}
        self._unkeyed: list[_Worded] = []  # "not this word": asked every time
        self._automaton: AhoCorasick | None = None

    def add(self, entry: _Worded) -> None:
        wanted = entry.wanted
        entry.names = bool(wanted.bills or wanted.sponsors or wanted.committees)
        self._part(entry, entry.tree.parts if isinstance(entry.tree, And) else (entry.tree,))
        must = needles(entry.tree)
        if must is None:
            self._unkeyed.append(entry)
        for needle in must or ():
            self._by_needle.setdefault(self._number(needle), []).append(entry)

    def close(self) -> None:
        """Nothing is added after this."""
        if self._needles:
            # The kind with the least memory: there are as many words as there are readers.
            self._automaton = AhoCorasick(list(self._needles), implementation=Implementation.ContiguousNFA)
        self._needles = {}

    def _part(self, entry: _Worded, parts: Iterable[Tree]) -> None:
        for part in parts:
            match part:
                case Words(_, _, False):
                    entry.all |= {self._number(_needle(part))}
                case Not(Words(_, _, False) as denied):
                    entry.none |= {self._number(_needle(denied))}
                case Or(others) if all(isinstance(x, Words) and not x.title_only for x in others):
                    some = frozenset(self._number(_needle(x)) for x in others if isinstance(x, Words))
                    entry.any = (*entry.any, some)
                case _:
                    entry.rest = True

    def _number(self, needle: str) -> int:
        return self._needles.setdefault(needle, len(self._needles))

    def matching(self, event: Event, facets: Facets, allowed: bytes) -> Iterator[Ids]:
        if not self._by_needle and not self._unkeyed:
            return
        found = self._found(texts_of(event))
        near = {id(e): e for number in found for e in self._by_needle.get(number, ())}
        for entry in chain(near.values(), self._unkeyed):
            if allowed[entry.broad >> 3] >> (entry.broad & 7) & 1 and entry.lets(found, facets, event):
                yield entry.ids

    def _found(self, texts: Iterable[str]) -> set[int]:
        if self._automaton is None:
            return set()
        find = self._automaton.find_matches_as_indexes
        return {hit[0] for text in texts for hit in find(text, overlapping=True)}


def _needle(leaf: Words) -> str:
    return f" {' '.join(leaf.words)}{'' if leaf.prefix else ' '}"


def needles(tree: Tree) -> frozenset[str] | None:
    """Strings one of which must stand in `texts_of` for the tree to hold; None: none must. No string: it never
    holds."""
    match tree:
        case Words():
            return frozenset((_needle(tree),))
        case And(parts):
            found = [must for part in parts if (must := needles(part)) is not None]
            return min(found, key=lambda must: (len(must), -min(map(len, must), default=0), sorted(must)), default=None)
        case Or(parts):
            each = [needles(part) for part in parts]
            known = [must for must in each if must is not None]
            return reduce(or_, known, frozenset[str]()) if len(known) == len(each) else None
        case _:
            return None
