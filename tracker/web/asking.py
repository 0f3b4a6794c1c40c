"""Addresses and query strings to what is asked for: a bill's id, the filters of a list."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from litestar.di import NamedDependency, Provide
from litestar.exceptions import ValidationException
from litestar.params import FromPath, FromQuery, QueryParameter, SkipValidation

from tracker.model import Effect, Topic
from tracker.query.places import CODES, is_no_state
from tracker.stage import STAGE_NAMES
from tracker.store.catalogue import BillQuery

Text = FromQuery[str | None]
Part = FromPath[str]
Choice = TypeVar("Choice", bound=StrEnum)
SHOWN = ("flagged", "all")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of a list, as the form shows them again."""

    jurisdiction: str | None
    session: str | None
    topic: Topic | None
    effect: Effect | None
    stage: str | None
    words: str
    flagged: bool
    cursor: str | None

    def query(self, limit: int) -> BillQuery:
        return BillQuery(jurisdiction=self.jurisdiction, session=self.session, topic=self.topic, effect=self.effect,
                         stage=self.stage, words=self.words, flagged=self.flagged, limit=limit, cursor=self.cursor)

    def url(self, cursor: str, path: str = "/bills") -> str:
        given = {"jurisdiction": self.jurisdiction, "session": self.session, "topic": self.topic,
                 "effect": self.effect, "stage": self.stage, "words": self.words,
                 "show": None if self.flagged else "all", "cursor": cursor}
        asked = urlencode({k: v for k, v in given.items() if v})
        return f"{path}?{asked}" if asked else path


def ask(jurisdiction: Text = None, session: Text = None, topic: Text = None, effect: Text = None, stage: Text = None,
        words: Annotated[str | None, QueryParameter(description="Each must be part of the title or number")] = None,
        show: Annotated[str | None, QueryParameter(description="`all`: also bills without a flag")] = None,
        cursor: Text = None) -> Asked:
    """Empty is absent, as forms send it. An unknown key is an error: dropping it would answer another question."""
    for name, value, known in (("topic", topic, tuple(Topic)), ("effect", effect, tuple(Effect)),
                               ("stage", stage, tuple(STAGE_NAMES)), ("show", show, SHOWN)):
        if value and value not in known:
            raise ValidationException(f"{name}: expected one of {', '.join(known)}")
    return Asked(place(jurisdiction), session or None, Topic(topic) if topic else None,
                 Effect(effect) if effect else None, stage or None, (words or "").strip()[:200], show != "all",
                 cursor or None)


def place(jurisdiction: str | None) -> str | None:
    """A code in small letters; empty is absent. Raises 400 for what is no code but means one ("wa"), and for a state
    that there is none of: it would find nothing, as if there were nothing."""
    code = (jurisdiction or "").strip().lower()
    if meant := CODES.get(code.replace("-", " ")):
        raise ValidationException(f"jurisdiction: expected a code like {meant}")
    if is_no_state(code):
        raise ValidationException("jurisdiction: expected a code like us-wa")
    return code or None


def one_of(kind: type[Choice], name: str, value: str | None) -> Choice | None:
    """Empty is absent here, too. The framework would read the word `null` as nothing, and answer for all."""
    if not value:
        return None
    if value not in tuple(kind):
        raise ValidationException(f"{name}: expected one of {', '.join(kind)}")
    return kind(value)


def identify(jurisdiction: Part, session: Part, number: Part) -> str:
    return f"{jurisdiction}/{session}/{number}"


# Handlers name them `asked` and `identity`.
AskedDep = NamedDependency[SkipValidation[Asked]]
IdentityDep = NamedDependency[str]
PROVIDERS = {"asked": Provide(ask, sync_to_thread=False), "identity": Provide(identify, sync_to_thread=False)}
