"""The subtopics of each topic by name, and other words under which a topic goes: tables for people to review."""

from __future__ import annotations

from tracker.model import Topic

# As the rules give them (tests compare). A flag may have another one, or none: who takes the whole topic gets it.
SUBTOPICS: dict[Topic, tuple[tuple[str, str], ...]] = {
    Topic.DECRIMINALIZATION: (
        ("full", "Full decriminalization"),
        ("penalty", "Lower penalties"),
        ("legalization", "Legalization and licensing"),
        ("condoms", "Condoms as evidence"),
        ("immunity", "Immunity when reporting a crime"),
        ("record-relief", "Clearing of records"),
        ("safe-harbor", "Safe harbor for minors"),
    ),
    Topic.CRIMINALIZATION: (
        ("selling", "Selling"),
        ("buying", "Buying"),
        ("third-party", "Third parties (promoting, renting, profiting)"),
        ("loitering", "Loitering"),
        ("premises", "Premises and licenses"),
        ("registration", "Registration"),
    ),
    Topic.PLATFORM_LIABILITY: (
        ("section-230", "Section 230"),
        ("promotion", "Promotion online"),
        ("advertising", "Advertising"),
        ("age-verification", "Age verification"),
        ("consent-verification", "Consent verification"),
        ("csam", "Abuse material of children"),
        ("financial", "Banks and payments"),
        ("study", "Studies"),
    ),
    Topic.ANTI_TRAFFICKING: (
        ("offence", "Offenses and penalties"),
        ("victim-services", "Services for victims"),
        ("training", "Training"),
        ("signage", "Signs and hotlines"),
        ("task-force", "Task forces"),
        ("data", "Data and reports"),
        ("immigration", "Immigration"),
        ("labour", "Forced labor"),
        ("money", "Money"),
        ("international", "Other countries"),
    ),
    Topic.FUNDING_CONDITION: (
        ("pledge", "Anti-prostitution pledge"),
        ("use-ban", "Bans on use of money"),
        ("state-incentive", "Incentives for states"),
        ("sanctions", "Sanctions and rankings"),
        ("contractor", "Contractors"),
        ("repeal", "Repeal of a condition"),
    ),
    Topic.WORKER_RIGHTS: (
        ("entertainer-safety", "Safety of entertainers"),
        ("labour", "Labor rights"),
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
