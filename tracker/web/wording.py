"""Keys of the model to the words that pages show, beside those of digests; and the Jinja filters for all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from digests.outages import VERDICT_WORDS, moment, summary
from digests.words import day, effect_words
from tracker.model import TOPIC_NAMES, Topic, VerdictKind
from tracker.stage import STAGE_NAMES
from tracker.watching import name_of

TOPIC_MEANINGS: dict[Topic, str] = {
    Topic.DECRIMINALIZATION:
        "Removes, narrows or lowers liability for selling, buying or taking part in adult consensual sexual services, "
        "or shields people from it: repeal, lower grade, licensing, immunity when reporting a crime, condoms not used "
        "as evidence, clearing of records, safe harbour.",
    Topic.CRIMINALIZATION:
        "Creates, widens or raises liability for selling, buying, soliciting, promoting, profiting from or hosting "
        "sexual services: also loitering, nuisance and premises rules aimed at them.",
    Topic.PLATFORM_LIABILITY:
        "Puts a duty or liability on online services, hosts, publishers of advertising, app stores or payment firms "
        "for sexual or trafficking content by others, or changes their immunity; age and consent verification too.",
    Topic.ANTI_TRAFFICKING:
        "Acts against human trafficking, sexual or labour, or for its victims: offences, penalties, training, "
        "services, task forces, data, immigration relief, money.",
    Topic.FUNDING_CONDITION:
        "Makes public money, aid, grants or contracts depend on a position or conduct about sex work or trafficking, "
        "or repeals such a condition.",
    Topic.WORKER_RIGHTS:
        "Gives labour, safety, health, housing, banking or anti-discrimination protection to sex workers, adult "
        "entertainers or people in the sex trade.",
}

_MEDIA = {"text/xml": "XML", "application/xml": "XML", "text/html": "web page", "application/pdf": "PDF",
          "text/plain": "plain text"}


def topic_name(topic: str) -> str:
    return TOPIC_NAMES[Topic(topic)]


def stage_name(stage: str) -> str:
    return STAGE_NAMES.get(stage, stage)


def verdict_words(kind: VerdictKind) -> str:
    return VERDICT_WORDS[kind]


def iso(value: date | datetime) -> str:
    return value.isoformat()


def thousands(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")


def is_web(url: str) -> bool:
    """Scraped addresses become links only if they can do no more than open a page."""
    return url.startswith(("https://", "http://"))


def media_name(media_type: str) -> str:
    return _MEDIA.get(media_type, media_type)


FILTERS: dict[str, Callable[..., Any]] = {
    "effect_words": effect_words,
    "topic_name": topic_name,
    "stage_name": stage_name,
    "jurisdiction_name": name_of,
    "verdict_words": verdict_words,
    "day": day,
    "moment": moment,
    "summary": summary,
    "is_web": is_web,
    "media_name": media_name,
    "iso": iso,
    "thousands": thousands,
}
