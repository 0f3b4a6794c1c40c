"""The subtopics of each topic by name, and other words under which a topic goes: tables for people to review."""

from __future__ import annotations

from tracker.marking import N_
from tracker.model import Topic

# As the rules give them (tests compare). A flag may have another one, or none: who takes the whole topic gets it.
SUBTOPICS: dict[Topic, tuple[tuple[str, str], ...]] = {
    Topic.DECRIMINALIZATION: (
        ("full", N_("In full")),
        ("penalty", N_("Lower penalties")),
        ("legalization", N_("Legalization and licensing")),
        ("condoms", N_("Condoms as evidence")),
        ("immunity", N_("Immunity when reporting a crime")),
        ("record-relief", N_("Clearing of records")),
        ("safe-harbor", N_("Safe harbor for minors")),
    ),
    Topic.CRIMINALIZATION: (
        ("selling", N_("Selling")),
        ("buying", N_("Buying")),
        ("third-party", N_("Third parties (promoting, renting, profiting)")),
        ("loitering", N_("Loitering")),
        ("premises", N_("Premises and licenses")),
        ("registration", N_("Registration")),
    ),
    Topic.PLATFORM_LIABILITY: (
        ("section-230", N_("Section 230")),
        ("promotion", N_("Promotion online")),
        ("advertising", N_("Advertising")),
        ("age-verification", N_("Age verification")),
        ("consent-verification", N_("Consent verification")),
        ("csam", N_("Abuse material of children")),
        ("financial", N_("Banks and payments")),
        ("study", N_("Studies")),
    ),
    Topic.ANTI_TRAFFICKING: (
        ("offence", N_("Offenses and penalties")),
        ("victim-services", N_("Services for victims")),
        ("training", N_("Training")),
        ("signage", N_("Signs and hotlines")),
        ("task-force", N_("Task forces")),
        ("data", N_("Data and reports")),
        ("immigration", N_("Immigration")),
        ("labour", N_("Forced labor")),
        ("money", N_("Money")),
        ("international", N_("Other countries")),
    ),
    Topic.FUNDING_CONDITION: (
        ("pledge", N_("Anti-prostitution pledge")),
        ("use-ban", N_("Bans on use of money")),
        ("state-incentive", N_("Incentives for states")),
        ("sanctions", N_("Sanctions and rankings")),
        ("contractor", N_("Contractors")),
        ("repeal", N_("Repeal of a condition")),
    ),
    Topic.WORKER_RIGHTS: (
        ("entertainer-safety", N_("Safety of entertainers")),
        ("labour", N_("Labor rights")),
    ),
}

SUBTOPIC_NAMES: dict[str, str] = {f"{topic.value}/{key}": name
                                  for topic, rows in SUBTOPICS.items() for key, name in rows}

# Legislatures say the same thing in many words. Who asks for one of these is told of the topic, which knows them all.
SYNONYMS: dict[Topic, tuple[str, ...]] = {
    Topic.DECRIMINALIZATION: (
        "decriminalization", "decriminalize", "legalization", "repeal of loitering", "condoms as evidence", "vacatur",
        "expungement", "safe harbor", "immunity from prosecution"),
    Topic.CRIMINALIZATION: (
        "prostitution", "prostitute", "solicitation", "patronizing", "sexual services", "commercial sexual activity",
        "commercial sexual exploitation", "commercial sex act", "sex trade", "john school", "promoting prostitution",
        "brothel", "pimping", "pandering"),
    Topic.PLATFORM_LIABILITY: (
        "FOSTA", "SESTA", "section 230", "2421A", "online promotion", "age verification",
        "interactive computer service", "material harmful to minors"),
    Topic.ANTI_TRAFFICKING: (
        "trafficking", "human trafficking", "sex trafficking", "trafficking in persons", "severe forms of trafficking",
        "forced labor", "modern slavery"),
    Topic.FUNDING_CONDITION: (
        "anti-prostitution pledge", "pledge", "Tier 3", "withhold assistance", "debarment"),
    Topic.WORKER_RIGHTS: (
        "sex work", "sex worker", "sex workers", "adult entertainer", "stripper", "dancers", "panic button"),
}


def topic_of(subtopic: str) -> Topic:
    """Of "worker-rights/labour"."""
    return Topic(subtopic.partition("/")[0])
