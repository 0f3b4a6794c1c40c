"""Actions to a stage: how far a bill has come, in one word of a fixed scale."""

from __future__ import annotations

from tracker.model import Bill

STAGES: tuple[tuple[str, str], ...] = (
    ("introduced", "Introduced"),
    ("in-committee", "In committee"),
    ("reported", "Out of committee"),
    ("passed-one", "Passed one chamber"),
    ("passed-both", "Passed both chambers"),
    ("to-executive", "Sent to be signed"),
    ("became-law", "Became law"),
    ("adopted", "Adopted"),
    ("failed", "Failed"),
    ("vetoed", "Vetoed"),
    ("withdrawn", "Withdrawn"),
)
STAGE_NAMES = dict(STAGES)


def stage_of(bill: Bill) -> str:
    """The furthest stage that the classified actions show; a later failure, veto or withdrawal wins."""
    stage, passed = "introduced", set[str]()
    simple_resolution = "resolution" in bill.classification
    for action in bill.actions:
        labels = action.classification
        if "became-law" in labels:
            stage = "became-law"
        if stage == "became-law":
            continue
        if "failure" in labels:
            stage = "failed"
        elif "executive-veto" in labels:
            stage = "vetoed"
        elif "withdrawal" in labels:
            stage = "withdrawn"
        elif "executive-receipt" in labels:
            stage = "to-executive"
        elif "passage" in labels:
            passed.add(action.chamber or "?")
            stage = "adopted" if simple_resolution else "passed-both" if len(passed) > 1 else "passed-one"
        elif "committee-passage" in labels and stage in ("introduced", "in-committee"):
            stage = "reported"
        elif "referral-committee" in labels and stage == "introduced":
            stage = "in-committee"
    return stage
