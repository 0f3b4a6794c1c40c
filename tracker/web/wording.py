"""Keys of the model to the words that pages show, beside those of digests; and the Jinja filters for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from digests.speech import ENGLISH, N_, Speech
from digests.wording.outages import summary, verdict_words
from digests.wording.places import place_name
from digests.wording.votes import vote_outcome
from digests.wording.words import chamber_name, day, effect_words, stage_name, topic_name
from tracker.model import Effect, Topic
from tracker.polling.watching import name_of
from tracker.subjects import SUBTOPIC_NAMES
from tracker.web.excerpts import anchor_of

TOPIC_MEANINGS: dict[Topic, str] = {
    Topic.DECRIMINALIZATION: N_(
        "Removes, narrows or lowers liability for selling, buying or taking part in adult consensual sexual services, "
        "or shields people from it: repeal, lower grade, licensing, immunity when reporting a crime, condoms not used "
        "as evidence, clearing of records, safe harbour."),
    Topic.CRIMINALIZATION: N_(
        "Creates, widens or raises liability for selling, buying, soliciting, promoting, profiting from or hosting "
        "sexual services: also loitering, nuisance and premises rules aimed at them."),
    Topic.PLATFORM_LIABILITY: N_(
        "Puts a duty or liability on online services, hosts, publishers of advertising, app stores or payment firms "
        "for sexual or trafficking content by others, or changes their immunity; age and consent verification too."),
    Topic.ANTI_TRAFFICKING: N_(
        "Acts against human trafficking, sexual or labour, or for its victims: offences, penalties, training, "
        "services, task forces, data, immigration relief, money."),
    Topic.FUNDING_CONDITION: N_(
        "Makes public money, aid, grants or contracts depend on a position or conduct about sex work or trafficking, "
        "or repeals such a condition."),
    Topic.WORKER_RIGHTS: N_(
        "Gives labour, safety, health, housing, banking or anti-discrimination protection to sex workers, adult "
        "entertainers or people in the sex trade."),
}

# What a reader of a source was held against (spiders.discovery.PROOFS), as far as a reader of bills must know it.
PROOF_WORDS = {
    "our own pages": N_("Our reader of this source was tried on pages that we wrote after its documentation, not yet "
                        "on its own. Trust it less."),
    "recordings": N_("Our reader of this source was tried on recorded pages of the source itself."),
    "live": N_("Our reader of this source was tried on the source itself."),
}

_MEDIA = {"text/xml": "XML", "application/xml": "XML", "text/html": N_("web page"), "application/pdf": "PDF",
          "text/plain": N_("plain text")}


def effects(speech: Speech) -> dict[Effect, str]:
    return {effect: effect_words(effect, None, speech) for effect in Effect}


def under(key: str, topic: str) -> str:
    """A subtopic's key in forms and filters."""
    return f"{topic}/{key}"


def iso(value: date | datetime) -> str:
    return value.isoformat()


def thousands(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")


def is_web(url: str) -> bool:
    """Scraped addresses become links only if they can do no more than open a page."""
    return url.startswith(("https://", "http://"))


def dialable(phone: str) -> str:
    """``"+1 (555) 010-0199"`` -> ``"+15550100199"``; with anything but digits and their layout in it, nothing."""
    if not re.fullmatch(r"\+?[\d\s().\u2010-\u2013/-]{5,30}", phone.strip()):
        return ""
    return ("+" if phone.strip().startswith("+") else "") + "".join(c for c in phone if c in "0123456789")


def postable(mail: str) -> str:
    """The address, if it is nothing but one: none that brings a subject, a second address or a quoted name."""
    return mail if re.fullmatch(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", mail) else ""


def media_name(media_type: str, speech: Speech = ENGLISH) -> str:
    return speech._(_MEDIA[media_type]) if media_type in _MEDIA else media_type


def jurisdiction_name(code: str, speech: Speech = ENGLISH) -> str:
    """``"us-ny"`` -> ``"New York"``, in Spanish ``"Nueva York"``"""
    return place_name(name_of(code), speech)


def subtopic_name(key: str | None, topic: str, speech: Speech = ENGLISH) -> str:
    """By its topic's table, else another's: to repeal a loitering law is about loitering, too. Nothing for a key that
    only rules know."""
    names = (name for whole, name in SUBTOPIC_NAMES.items() if key and whole.endswith(f"/{key}"))
    name = SUBTOPIC_NAMES.get(under(key or "", topic)) or next(names, "")
    return speech._(name) if name else ""


FILTERS: dict[str, Callable[..., Any]] = {
    "anchor": anchor_of,  # of the first provision of this path
    "dialable": dialable,
    "is_web": is_web,
    "iso": iso,
    "postable": postable,
    "under": under,
    "thousands": thousands,
}
# These take the language by name.
SPOKEN: dict[str, Callable[..., Any]] = {
    "jurisdiction_name": jurisdiction_name,
    "effect_words": effect_words,
    "topic_name": topic_name,
    "subtopic_name": subtopic_name,
    "stage_name": stage_name,
    "verdict_words": verdict_words,
    "day": day,
    "summary": summary,
    "media_name": media_name,
    "chamber_name": chamber_name,
    "vote_outcome": vote_outcome,
}


def filters(speech: Speech) -> dict[str, Callable[..., Any]]:
    """`translated` is for words of a table, marked with N_ where they stand."""
    return {**FILTERS, **{name: partial(teller, speech=speech) for name, teller in SPOKEN.items()},
            "moment": speech.moment, "month": speech.month, "translated": speech._,
            "quoted": speech.quoted}
