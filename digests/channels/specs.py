"""An address under /feeds/ to what its feed and its calendar are about, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from digests import plain
from digests.speech import ENGLISH, Speech
from digests.wording.words import effect_words, stage_name, topic_name
from tracker import query
from tracker.model import Effect, Event, Filter, Topic
from tracker.ports import EventQuery
from tracker.stage import STAGE_NAMES
from tracker.subjects import SUBTOPIC_NAMES, SUBTOPICS, topic_of

FORMATS = ("atom", "rss", "json")
CALENDAR = "ics"
LONGEST_NAME = 100


def _one_of(values: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(v) for v in values))


_PLACE = r"[a-z]{2,3}(-[a-z0-9]{1,8})*"
_NAMED = re.compile(rf"{_PLACE}/[^\W_]+(-[^\W_]+)*")

_VALUES: dict[str, re.Pattern[str]] = {
    "all": re.compile(r""),
    "topic": _one_of(Topic),
    "subtopic": _one_of(SUBTOPIC_NAMES),
    "jurisdiction": re.compile(_PLACE),
    "bill": re.compile(r"[a-z0-9-]{1,20}/[a-z0-9-]{1,60}/[a-z0-9-]{1,100}"),
    "sponsor": _NAMED,  # "us-wa/jane-doe", or the source's id of the person for the name
    "committee": _NAMED,
    "stage": _one_of(STAGE_NAMES),
    "effect": _one_of(Effect),
    "saved": re.compile(r"[A-Za-z0-9_-]{43}"),  # the token of a saved search
}
NARROW = frozenset(("subtopic", "sponsor", "committee", "stage", "effect", "saved"))  # the log has no index for these


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """Which events a feed carries. Raises ValueError for a feed that cannot exist.

    Of a saved search, `value` is the token of its address; `wanted` and `name` (for ids, which must tell nothing) come
    from its row.
    """

    kind: str  # a key of _VALUES
    value: str = ""
    wanted: Filter | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if (self.kind not in _VALUES or not _VALUES[self.kind].fullmatch(self.value)
                or (self.kind in ("sponsor", "committee") and len(self.value) > LONGEST_NAME)):
            raise ValueError(f"expected one of {', '.join(_VALUES)} with a fitting value, got {self.kind!r}")

    @property
    def path(self) -> str:
        """Without the ending that names the format: ``"/feeds/topic/decriminalization"``."""
        if self.is_private:
            return f"/saved/{self.value}"
        return f"/feeds/{self.kind}/{quote(self.value)}".rstrip("/")

    @property
    def is_private(self) -> bool:
        return self.kind == "saved"

    @property
    def is_narrow(self) -> bool:
        return self.kind in NARROW

    @property
    def tag(self) -> str:
        """For ids; the path of what is public."""
        return f"saved/{self.name}" if self.is_private else self.path.strip("/")

    @property
    def filter(self) -> Filter:
        place, _, words = self.value.partition("/")
        match self.kind:
            case "topic":
                return Filter(topics=(Topic(self.value),))
            case "subtopic":
                return Filter(subtopics=(self.value,))
            case "jurisdiction":
                return Filter(jurisdictions=(self.value,))
            case "bill":
                return Filter(bills=(self.value,))
            case "sponsor":
                return Filter(jurisdictions=(place,), sponsors=(words.replace("-", " "),))
            case "committee":
                return Filter(jurisdictions=(place,), committees=(words.replace("-", " "),))
            case "stage":
                return Filter(stages=(self.value,))
            case "effect":
                return Filter(effects=(Effect(self.value),))
        return self.wanted or Filter()

    @property
    def query(self) -> EventQuery:
        """Live events only. A bill's own feed has them all; the others those of flagged bills."""
        return EventQuery(self.filter, flagged=self.kind != "bill", alerting=True)

    @property
    def page_path(self) -> str:
        """The page for people that says the same, or nearly."""
        match self.kind:
            case "topic" | "subtopic":
                return f"/topics/{self.value.partition('/')[0]}"
            case "bill":
                return f"/{self.value}"
            case "jurisdiction" | "stage" | "effect":
                return f"/bills?{self.kind}={self.value}"
            case "sponsor" | "committee":
                return f"/bills?jurisdiction={self.source}"
            case "saved":
                return "/feeds"
        return "/"

    @property
    def source(self) -> str | None:
        """The one legislature that it is about; None: all, or several."""
        if self.is_private:
            places = self.filter.jurisdictions
            return places[0] if len(places) == 1 else None
        if self.kind in ("jurisdiction", "bill", "sponsor", "committee"):
            return self.value.partition("/")[0]
        return None

    def title(self, events: Iterable[Event] = (), speech: Speech = ENGLISH) -> str:
        match self.kind:
            case "topic":
                return topic_name(self.value, speech)
            case "subtopic":
                return speech._("{topic}: {part}", topic=topic_name(topic_of(self.value), speech),
                                part=speech._(SUBTOPIC_NAMES[self.value]))
            case "jurisdiction":
                return speech._("Flagged bills in {place}", place=self.value.upper())
            case "bill":
                cards = (e.data.get("bill") or {} for e in events)
                return next((plain.line(c["identifier"]) for c in cards if c.get("identifier")), self.value)
            case "sponsor":
                return speech._("Bills of the sponsor {name}, {place}", name=self._person(events), place=self._place)
            case "committee":
                return speech._("Bills in the committee {name}, {place}", name=self._committee(events),
                                place=self._place)
            case "stage":
                return speech._("Bills at the stage “{stage}”", stage=stage_name(self.value, speech))
            case "effect":
                return speech._("Bills with a section that {effect}", effect=effect_words(self.value, None, speech))
            case "saved":
                return speech._("Saved search")
        return speech._("All flagged bills")

    @property
    def _place(self) -> str:
        return self.value.partition("/")[0].upper()

    def _person(self, events: Iterable[Event]) -> str:
        return self._named((str(named[0]), " ".join(map(str, named))) for e in events
                           for named in (e.data.get("bill") or {}).get("sponsors") or () if named)

    def _committee(self, events: Iterable[Event]) -> str:
        return self._named((str(name), str(name)) for e in events
                           for name in (e.data.get("bill") or {}).get("committees") or ())

    def _named(self, people: Iterable[tuple[str, str]]) -> str:
        """As the legislature writes the name, where it was said; else the words of the address."""
        asked = self.value.partition("/")[2].replace("-", " ")
        wanted = frozenset(query.words(asked))
        return next((plain.line(name) for name, said in people if wanted <= frozenset(query.words(said))), asked)


def named_spec(kind: str, place: str, name: str) -> FeedSpec | None:
    """The feed of a sponsor or a committee; None for a name that no address can hold."""
    try:
        return FeedSpec(kind, f"{place}/{'-'.join(query.words(name))}")
    except ValueError:
        return None


def all_specs(topics: Iterable[Topic], jurisdictions: Iterable[str]) -> tuple[FeedSpec, ...]:
    """The feeds of a directory; every bill, sponsor and committee has one besides."""
    topics = tuple(topics)
    return (FeedSpec("all"), *(FeedSpec("topic", t.value) for t in topics),
            *(FeedSpec("subtopic", f"{t.value}/{key}") for t in topics for key, _ in SUBTOPICS[t]),
            *(FeedSpec("jurisdiction", j) for j in jurisdictions),
            *(FeedSpec("stage", s) for s in STAGE_NAMES), *(FeedSpec("effect", e.value) for e in Effect))


_PATH = re.compile(r"/(?:feeds/(?P<kind>[a-z]+)(?:/(?P<value>[\w/-]+?))??|saved/(?P<token>[A-Za-z0-9_-]{43}))"
                   rf"(?:/archive/(?P<archive>0|[1-9]\d{{0,17}}))?\.(?P<fmt>{'|'.join((*FORMATS, CALENDAR))})")


def parse_path(path: str) -> tuple[FeedSpec, str, int | None]:
    """``"/feeds/topic/worker-rights/archive/120.atom"`` -> (spec, ``"atom"``, 120). Raises ValueError."""
    found = _PATH.fullmatch(path)
    if not found or (found["archive"] and found["fmt"] == CALENDAR) or found["kind"] == "saved":
        raise ValueError("expected /feeds/KIND/VALUE.FORMAT")
    number = found["archive"]
    spec = FeedSpec("saved", found["token"]) if found["token"] else FeedSpec(found["kind"], found["value"] or "")
    return spec, found["fmt"], int(number) if number else None
