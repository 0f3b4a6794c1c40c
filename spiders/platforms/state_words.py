"""Words that most statehouses use for a step, and LegiScan's marks of progress, to the classes of Open Civic Data.

A thin file has no table of its own: these rows are the ones that mean the same in every state. Where the words are a
state's own, the mark of progress of that day names the step (LegiScan API User Manual, "Bill Progress").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from spiders.labels import Labels
from tracker.model import Action

_WHO = r"(?:(?:the )?(?:house|senate|assembly|council|h|s)[.,:\s-]*)?(?:bill[.,:\s-]*)?"
_READ = _WHO + r"(?:bill )?(?:was )?"
ACTIONS = Labels((
    (_READ + r"(?:prefiled|pre-filed|filed|introduced|introduction|presented)\b.*\b(?:referred|assigned)\b",
     ("introduction", "referral-committee")),
    (_READ + r"(?:prefiled|pre-filed|prefile released)", ("filing",)),
    (_READ + r"(?:introduced|introduction)\b", ("introduction",)),
    (_READ + r"(?:read )?(?:the )?(?:first|1st) (?:reading|time)\b.*\b(?:referred|assigned|referrals|committee)\b",
     ("reading-1", "referral-committee")),
    (_READ + r"(?:read )?(?:the )?(?:first|1st) (?:reading|time)\b", ("reading-1",)),
    (_READ + r"(?:re-?referred|re-?committed|referred|assigned)(?: back)? (?:to|in)\b", ("referral-committee",)),
    (_WHO + r"(?:reported|returned by the committee|committee report|report)\b.*\b(?:do not pass|ought not to pass|"
            r"unfavorabl[ey]|inexpedient)", ("committee-passage-unfavorable",)),
    (_WHO + r"(?:reported|returned by the committee|committee report)\b.*\b(?:do pass|favorabl[ey]|ought to pass|"
            r"with amendments?|without amendment|as amended)", ("committee-passage", "committee-passage-favorable")),
    (_READ + r"(?:read )?(?:the )?(?:third|3rd) (?:reading|time)\b.*\b(?:passed|passage|agreed to)\b(?! over)",
     ("reading-3", "passage")),
    (_READ + r"(?:read )?(?:the )?(?:third|3rd) (?:reading|time)\b.*\b(?:failed|lost|defeated|rejected)\b",
     ("reading-3", "failure")),
    (_READ + r"(?:read )?(?:the )?(?:third|3rd) (?:reading|time)\b", ("reading-3",)),
    (_READ + r"(?:read )?(?:the )?(?:second|2nd) (?:reading|time)\b", ("reading-2",)),
    (r"(?:failed to pass|failed of passage|died in|indefinitely postponed|postponed indefinitely|"
     r"inexpedient to legislate)\b", ("failure",)),
    (r"(?:passed|adopted by) (?:the )?(?:house|senate|assembly)\b", ("passage",)),
    (r"withdrawn\b(?! from)", ("withdrawal",)),
    (r"(?:veto overridden|override of .*veto)\b", ("veto-override-passage",)),
    (r"(?:vetoed\b|governor vetoed|veto(?:ed)? by (?:the )?governor)", ("executive-veto",)),
    (r"(?:(?:approved|signed) by (?:the )?governor|governor(?:'s)? (?:signed|approved|action: signed)|signed into law)",
     ("executive-signature",)),
    (r"(?:became law|became (?:public )?chapter|chaptered|act no\. \d|public (?:act|chapter|law)\b|effective without)",
     ("became-law",)),
    (r"(?:(?:presented|sent|delivered|transmitted|transmittal) to (?:the )?governor|enrolled and presented to)",
     ("executive-receipt",)),
))

# LegiScan's number of an event -> classes. 11 ("report DNP") also marks reports that pass a bill on: it says nothing.
PROGRESS: Mapping[int, tuple[str, ...]] = {
    1: ("introduction",), 2: ("passage",), 5: ("executive-veto",), 6: ("failure",), 7: ("veto-override-passage",),
    8: ("became-law",), 9: ("referral-committee",), 10: ("committee-passage",),
}


def with_progress(actions: Sequence[Action], important: Sequence[bool],
                  marks: Sequence[tuple[date, int]]) -> tuple[Action, ...]:
    """Actions with the classes of their day's marks. A mark whose class one of the day's actions has already says
    nothing new; else it is of the day's last important action without a class, or the last important one."""
    found = list(actions)
    for on, event in marks:
        classes = PROGRESS.get(event, ())
        days = [n for n, action in enumerate(found) if action.date == on]
        if not classes or any(classes[0] in found[n].classification for n in days):
            continue
        weighty = [n for n in days if important[n]]
        if weighty:
            at = next((n for n in reversed(weighty) if not found[n].classification), weighty[-1])
            found[at] = replace(found[at], classification=(*found[at].classification, *classes))
    return tuple(found)
