"""What a flag is about, and what it would do."""

from __future__ import annotations

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
