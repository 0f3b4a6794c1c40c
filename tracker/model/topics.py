"""What a flag is about, and what it would do; and the words for both, the same wherever people read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from tracker.marking import N_


class Topic(StrEnum):
    DECRIMINALIZATION = "decriminalization"
    CRIMINALIZATION = "criminalization"
    PLATFORM_LIABILITY = "platform-liability"
    ANTI_TRAFFICKING = "anti-trafficking"
    FUNDING_CONDITION = "funding-condition"
    WORKER_RIGHTS = "worker-rights"


TOPIC_NAMES: dict[Topic, str] = {
    Topic.DECRIMINALIZATION: N_("Decriminalization"),
    Topic.CRIMINALIZATION: N_("Criminalization"),
    Topic.PLATFORM_LIABILITY: N_("FOSTA-style (platform liability)"),
    Topic.ANTI_TRAFFICKING: N_("Anti-trafficking"),
    Topic.FUNDING_CONDITION: N_("Funding condition"),
    Topic.WORKER_RIGHTS: N_("Worker rights"),
}


class Effect(StrEnum):
    ADVANCES = "advances"
    REVERSES = "reverses"
    NON_BINDING = "non-binding"


EFFECT_WORDS: dict[Effect, str] = {
    Effect.ADVANCES: N_("would add or strengthen"),
    Effect.REVERSES: N_("would repeal or weaken"),
    Effect.NON_BINDING: N_("study or statement only"),
}
# Decriminalization is a direction of its own: "add or strengthen" would read as more punishment.
EFFECT_WORDS_BY_TOPIC: dict[tuple[Topic, Effect], str] = {
    (Topic.DECRIMINALIZATION, Effect.ADVANCES): N_("would relax the law"),
    (Topic.DECRIMINALIZATION, Effect.REVERSES): N_("would undo or narrow a relaxation"),
}
# Of any topic: what "adds or strengthens" decriminalization relaxes the law, so no topic's own words may stand here.
EFFECT_WORDS_OF_ANY: dict[Effect, str] = {
    **EFFECT_WORDS, Effect.ADVANCES: N_("would advance its topic"), Effect.REVERSES: N_("would reverse its topic"),
}


def effect_name(effect: str, topic: str | None = None) -> str:
    """In English; without a topic, of any."""
    known = Effect(effect)
    if not topic:
        return EFFECT_WORDS_OF_ANY[known]
    return EFFECT_WORDS_BY_TOPIC.get((Topic(topic), known)) or EFFECT_WORDS[known]


def effect_names(effects: Iterable[str], topics: Sequence[str]) -> list[str]:
    """Of one finding each, that has one of the topics: in the words of these, where they agree."""
    alike = ((effect, {effect_name(effect, topic) for topic in topics}) for effect in effects)
    return [one.pop() if len(one) == 1 else effect_name(effect) for effect, one in alike]
