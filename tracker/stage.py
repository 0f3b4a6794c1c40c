"""Actions to a stage: how far a bill has come, in one word of a fixed scale. It never runs ahead of the record."""

from __future__ import annotations

import re

from tracker.marking import N_
from tracker.model import Action, Bill

STAGES: tuple[tuple[str, str], ...] = (
    ("introduced", N_("Introduced")),
    ("in-committee", N_("In committee")),
    ("reported", N_("Out of committee")),
    ("passed-one", N_("Passed one chamber")),
    ("passed-both", N_("Passed both chambers")),
    ("to-executive", N_("Sent to be signed")),
    ("signed", N_("Signed")),
    ("vetoed", N_("Vetoed")),
    ("vetoed-in-part", N_("Vetoed in part")),
    ("override-one", N_("Veto overridden in one chamber")),
    ("overridden", N_("Veto overridden")),
    ("became-law", N_("Became law")),
    ("adopted", N_("Adopted")),
    ("failed", N_("Failed")),
    ("died", N_("Died without a vote")),
    ("withdrawn", N_("Withdrawn")),
)
STAGE_NAMES = dict(STAGES)
CHAMBERS = ("lower", "upper")
# How records word that time ran out. (Such words on a bill that passed both chambers say nothing of that bill.)
RAN_OUT = re.compile(r"(?:bill )?(?:died\b|lapsed\b|fell\b)|.*\bsine die\b|.*\bupon (?:\w+ )*adjournment|.*\bdead\b"
                     r"|.*\bno further action|.*\bwithout further action|.*\bdied\b|.*\bend of session",
                     re.IGNORECASE | re.DOTALL)
FAR = ("passed-both", "to-executive", "signed", "vetoed", "vetoed-in-part", "override-one", "overridden", "adopted")
OVER = ("failed", "died")
EARLY = ("introduced", "in-committee", *OVER)
# Where a bill can end, for counts: it is in force (or adopted), or it will not be.
DONE = ("signed", "vetoed-in-part", "overridden", "became-law", "adopted")
ENDED = ("vetoed", *OVER, "withdrawn")
OPEN_STAGES = tuple(name for name, _ in STAGES if name not in (*DONE, *ENDED))
# What a query may say for several stages at once.
STAGE_GROUPS = {"alive": OPEN_STAGES, "in-force": DONE, "ended": ENDED}


def stage_of(bill: Bill) -> str:
    """The furthest stage that the classified actions show; a later failure, veto or withdrawal wins, and a step after
    a failure shows that the bill lives again."""
    stage, passed, overrode = "introduced", set[str](), set[str]()
    simple_resolution = "resolution" in bill.classification
    for action in bill.actions:
        labels = action.classification
        if "became-law" in labels:
            return "became-law"
        if "failure" in labels:
            stage = _ended(stage, action)
        elif "executive-veto" in labels:
            stage = "vetoed"
            overrode.clear()
        elif "executive-veto-line-item" in labels:
            stage = "vetoed-in-part"
            overrode.clear()
        elif "veto-override-passage" in labels:
            overrode.add(action.chamber or "")
            # Half of an override is no override; a record that names no chamber means the whole.
            stage = "overridden" if len(overrode) > 1 or not overrode <= {*CHAMBERS} else "override-one"
        elif "veto-override-failure" in labels:
            stage = "vetoed"
        elif "withdrawal" in labels:
            stage = "withdrawn"
        elif "executive-signature" in labels:
            stage = "signed"
        elif "executive-receipt" in labels:
            stage = "to-executive"
        elif "passage" in labels:
            passed.add(action.chamber or "")
            stage = "adopted" if simple_resolution else "passed-both" if passed >= {*CHAMBERS} else "passed-one"
        elif "committee-passage" in labels and stage in EARLY:
            stage = "passed-one" if passed else "reported"
        elif "referral-committee" in labels and stage in ("introduced", *OVER):
            stage = "passed-one" if passed else "in-committee"
    return stage


def _ended(stage: str, action: Action) -> str:
    if not RAN_OUT.match(action.description):
        return "failed"
    return stage if stage in FAR else "died"
