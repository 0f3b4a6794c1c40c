"""`name:value` to a leaf of the tree, or an error that names what may stand there."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from types import MappingProxyType

from tracker.ids import slug
from tracker.marking import N_
from tracker.model import TOPIC_NAMES, Effect, Topic
from tracker.query.folding import words
from tracker.query.laws import MOST_LAWS, TooManyLaws, laws
from tracker.query.lexer import Piece
from tracker.query.places import CODES, is_no_state
from tracker.query.tree import SHORTEST_PREFIX, Among, Cites, Flagged, Leaf, Named, Or, QueryError, Tree, When, Words
from tracker.stage import STAGE_GROUPS, STAGES

MOST_VALUES = 70  # of one field: all states and more
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_CODE = re.compile(r"[a-z]{2}(?:-[a-z0-9]{1,4})?|[a-z]{2}-?\*")
_PLACES = re.compile(r'(?<![a-z])(?:jurisdiction|in|state|place|legislature|country):"?([a-z0-9,-]+)')
_STAR_WITHIN = re.compile(r"\*+(?=\w)")
_SPACES = re.compile(r"[\s_]+")


class _Wrong(Exception):
    """`better`: a value that would do."""

    def __init__(self, message: str, better: str | None = None, **values: object) -> None:
        super().__init__(message)
        self.message, self.better, self.values = message, better, values


@dataclass(frozen=True, slots=True)
class Field:
    """`example` is a whole `name:value`; `meaning` is for help pages, and a key of the catalogues."""

    read: Callable[[str], Tree]
    example: str
    meaning: str


def leaf(piece: Piece, query: str) -> Tree:
    """Raises QueryError for a field that is none of ours or a value that it cannot have."""
    name = ALIASES.get(piece.name, piece.name)
    field = FIELDS.get(name)
    if field is None:
        value, near = query[piece.start + len(piece.name) + 1 : piece.end], _near(piece.name)
        better = value if piece.name in TEXTS and value else f"{near}:{value}" if near else \
            '"' + query[piece.start : piece.end].replace('"', "") + '"'
        raise QueryError(N_("there is no field “{name}”. Fields are: {fields}. Words with a colon go into quotation "
                            "marks."), piece.start, piece.end, _mended(query, piece, better), name=piece.name,
                         fields=", ".join(FIELDS))
    if not piece.text.strip():
        raise QueryError(N_("“{name}:” needs a value right after the colon."), piece.start, piece.end,
                         _mended(query, piece, field.example), name=piece.name)
    try:
        if name == "cite":  # whose Penal Code is meant, the rest of the query may say
            return _cite(piece.text.strip(), _places(query))
        return field.read(piece.text.strip())
    except _Wrong as wrong:
        better = f"{name}:{_quoted(wrong.better)}" if wrong.better else field.example
        raise QueryError(wrong.message, piece.start, piece.end, _mended(query, piece, better),
                         **wrong.values) from None


def _near(name: str) -> str | None:
    """The field that a mistyped or shortened name means."""
    known = [*FIELDS, *ALIASES]
    near = get_close_matches(name, known, 1, 0.6)
    return near[0] if near else next((k for k in known if len(name) > 2 and k.startswith(name)), None)


def _places(query: str) -> list[str]:
    """Codes of legislatures that the query names anywhere."""
    found = _PLACES.findall(query.lower())
    return [code for codes in found for code in codes.split(",") if _CODE.fullmatch(code)]


def _mended(query: str, piece: Piece, better: str) -> str:
    return f"{query[: piece.start]}{better}{query[piece.end :]}"


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s()]", value) else value


def _list(value: str) -> list[str]:
    found = [one.strip() for one in value.split(",") if one.strip()]
    if not found:
        raise _Wrong(N_("there is nothing between the commas."))
    if len(found) > MOST_VALUES:
        raise _Wrong(N_("more than {most} values in one field."), most=MOST_VALUES)
    return found


def _of(names: dict[str, str], wrong: str,
        groups: Mapping[str, tuple[str, ...]] = MappingProxyType({})) -> Callable[[str], tuple[str, ...]]:
    """Values of a fixed scale by their code or by their name in words; a group's name stands for several."""
    known = {_key(code): code for code in (*names, *groups)} | {_key(name): code for code, name in names.items()}

    def read(value: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for one in _list(value):
            code = known.get(_key(one))
            if code is None:
                near = get_close_matches(_key(one), known, 1, 0.5)
                raise _Wrong(wrong, known[near[0]] if near else None, value=one, names=", ".join((*groups, *names)))
            found |= dict.fromkeys(groups.get(code, (code,)))
        return tuple(code for code in names if code in found)

    return read


def _key(text: str) -> str:
    return " ".join(words(text))


_topics = _of({t.value: TOPIC_NAMES[t] for t in Topic}, N_("“{value}” is no topic. It may be: {names}."))
_effects = _of({e.value: e.value for e in Effect}, N_("“{value}” is no effect. It may be: {names}."))
_stages = _of(dict(STAGES), N_("“{value}” is no stage. It may be: {names}."), STAGE_GROUPS)


def _jurisdiction(value: str) -> Leaf:
    codes = [_SPACES.sub("-", one.lower()) for one in _list(value)]
    for code in codes:
        called = code.replace("-", " ")
        # "wa" would be a country of that code, of which nothing is known: found nothing, and nobody told.
        if called in CODES or not _CODE.fullmatch(code) or is_no_state(code):
            near = get_close_matches(called, CODES, 1, 0.7)
            meant = CODES[near[0]] if near else None
            better = ",".join(filter(None, (meant if c == code else c for c in codes))) or None
            raise _Wrong(N_("“{code}” is no code of a legislature. Codes look like us, us-wa, gb, ca; us-* is every "
                            "state."), better, code=code)
    return Among("jurisdiction", tuple(sorted(set(codes))))


def _session(value: str) -> Leaf:
    slugs = [re.sub(r"[^a-z0-9*]+", "-", one.lower()).strip("-") for one in _list(value)]
    if not all(s.strip("*") for s in slugs):
        raise _Wrong(N_("a session is written as in a bill's address: 119, 2025-2026."))
    return Among("session", tuple(sorted(set(slugs))))


def _bill(value: str) -> Leaf:
    found = []
    for one in _list(value):
        stem = one.rstrip("*").lower()
        made = "/".join([*stem.split("/")[:-1], slug(stem.split("/")[-1])]) if "/" in stem else slug(stem)
        if not made.strip("/"):
            raise _Wrong(N_("a bill is named by its number (HR 1865) or its address (us/119/hr-1865)."))
        found.append(made + ("*" if one.endswith("*") else ""))
    return Among("bill", tuple(sorted(set(found))))


def _title(value: str) -> Leaf:
    return read_words(value, title_only=True)


def _named(field: str) -> Callable[[str], Leaf]:
    def read(value: str) -> Leaf:
        said = words(value)
        if not said:
            raise _Wrong(N_("what stands after “{field}:” is a name."), field=field)
        return Named(field, said, _may_go_on(value, said))

    return read


def _cite(value: str, places: Iterable[str] = ()) -> Tree:
    """Several laws in one citation ("47 U.S.C. 230, 231"): one of them."""
    try:
        found = laws(value.replace('"', ""), places)
    except TooManyLaws:
        raise _Wrong(N_("“{value}” names more than {most} laws, or a range that cannot be counted. Write fewer, or the "
                        "chapter they stand in."), value=value, most=MOST_LAWS) from None
    if not found:
        raise _Wrong(N_("“{value}” could not be read as a citation of law. Write it as bills do, in quotation marks: "
                        "“47 U.S.C. 230”, “RCW 9A.88.030”, “title 18, section 1591”."), value=value)
    cited = tuple(Cites(norm, written) for norm, written in found)
    return cited[0] if len(cited) == 1 else Or(cited)


def read_words(value: str, title_only: bool = False) -> Words:
    said = words(value)
    if not said:
        raise _Wrong(N_("“{value}” has neither letters nor digits."), value=value)
    return Words(said, _may_go_on(value, said), title_only)


def _may_go_on(value: str, said: tuple[str, ...]) -> bool:
    if _STAR_WITHIN.search(value):
        raise _Wrong(N_("“{value}”: a * stands at the end of a word. What a word ends with cannot be looked for."),
                     value.lstrip("*") if value.startswith("*") else value[:value.index("*") + 1], value=value)
    prefix = value.endswith("*")
    if prefix and len(said[-1]) < SHORTEST_PREFIX:
        raise _Wrong(N_("“{value}”: at least {fewest} letters must stand before the *."), value.rstrip("*"),
                     value=value, fewest=SHORTEST_PREFIX)
    return prefix


def _dated(field: str) -> Callable[[str], Leaf]:
    def read(value: str) -> Leaf:
        if ".." in value:
            low, _, high = value.partition("..")
            first, last = (_span(low)[0] if low else None), (_span(high)[1] if high else None)
            if first and last and first > last:
                raise _Wrong(N_("{value}: the range ends before it begins."), f"{high}..{low}", value=value)
            if first is None and last is None:
                raise _Wrong(N_("a range needs a date on one side of the dots at least."))
            return When(field, first, last)
        sign = re.match(r"[<>]=?|=", value)
        first, last = _span(value[sign.end() if sign else 0 :])
        day = timedelta(days=1)
        match sign[0] if sign else "=":
            case ">":
                return When(field, last + day, None)
            case ">=":
                return When(field, first, None)
            case "<":
                return When(field, None, first - day)
            case "<=":
                return When(field, None, last)
            case _:
                return When(field, first, last)

    return read


def _span(written: str) -> tuple[date, date]:
    """First and last day of "2025", "2025-03" or "2025-03-04"."""
    found = _DATE.fullmatch(written.strip())
    try:
        if found is None:
            raise ValueError
        year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
        if not 1000 < year < 9999:
            raise ValueError
        if not found[2]:
            return date(year, 1, 1), date(year, 12, 31)
        if not found[3]:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except ValueError:
        raise _Wrong(N_("“{value}” is no date. Write 2025, 2025-03 or 2025-03-04; >2025-01-01 is after, "
                        "2025-01-01..2025-06-30 is a range."), value=written) from None


FIELDS: dict[str, Field] = {
    "jurisdiction": Field(_jurisdiction, "jurisdiction:us-wa", N_("the legislature; us-* is every state")),
    "topic": Field(lambda v: Flagged(topics=_topics(v)), "topic:platform-liability",
                   N_("what a flagged section is about")),
    "effect": Field(lambda v: Flagged(effects=_effects(v)), "effect:reverses",
                    N_("whether a flagged section advances or reverses that")),
    "stage": Field(lambda v: Among("stage", _stages(v)), "stage:became-law",
                   N_("how far the bill has come; alive, in-force or ended stand for several")),
    "session": Field(_session, "session:119", N_("the session, as in the bill's address")),
    "bill": Field(_bill, "bill:hr-1865", N_("the bill's number")),
    "introduced": Field(_dated("introduced"), "introduced:>2025-01-01", N_("when it was introduced")),
    "action": Field(_dated("action"), "action:2025-03", N_("the day of its newest step, taken or scheduled")),
    "sponsor": Field(_named("sponsor"), "sponsor:wagner", N_("a sponsor's name")),
    "committee": Field(_named("committee"), "committee:judiciary", N_("a committee's name")),
    "cite": Field(_cite, 'cite:"47 U.S.C. 230"', N_("law that its text cites, in any way of writing")),
    "title": Field(_title, "title:trafficking", N_("words of a title only")),
}
ALIASES = {"in": "jurisdiction", "state": "jurisdiction", "sponsors": "sponsor", "cites": "cite", "number": "bill",
           "topics": "topic", "date": "introduced", "place": "jurisdiction", "legislature": "jurisdiction",
           "country": "jurisdiction", "author": "sponsor", "law": "cite", "citation": "cite", "status": "stage"}
TEXTS = {"text", "texts", "fulltext", "body", "word", "words"}  # where words without a field are looked for anyway
Wrong = _Wrong
