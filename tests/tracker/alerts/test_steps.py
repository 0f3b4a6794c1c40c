"""What may be done with an alert, by whom, and when: the pure state machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tracker.alerts.sample import BOTH, DEADLINE, EDITOR, RELEASER, TEXT, WORDS, text
from tests.tracker.web.sample import NOW
from tracker.alerts import steps
from tracker.alerts.records import Alert, AlertState, Standing, standing
from tracker.errors import AlertError
from tracker.model import Account, Role

OTHER = replace(TEXT, deadline_words="Friday 4 pm")
FIXED = replace(TEXT, words={k: replace(w, corrected="The hour was wrong.") for k, w in TEXT.words.items()})


def submitted(**changes: object) -> Alert:
    return steps.submit(steps.write("a1", text(**changes), EDITOR, NOW), EDITOR, NOW)


def test_an_alert_goes_from_draft_to_the_public_by_two_people() -> None:
    alert = steps.release(submitted(), RELEASER, NOW)
    assert (alert.state, alert.public, standing(alert, NOW)) == (AlertState.RELEASED, 1, Standing.OPEN)


def test_nobody_releases_what_they_wrote() -> None:
    alert = steps.submit(steps.write("a1", TEXT, BOTH, NOW), EDITOR, NOW)
    with pytest.raises(AlertError, match="somebody else"):
        steps.release(alert, BOTH, NOW)


def test_nobody_releases_what_they_changed_even_if_somebody_changed_it_again() -> None:
    alert = steps.edit(steps.write("a1", TEXT, EDITOR, NOW), OTHER, BOTH, NOW)
    alert = steps.submit(steps.edit(alert, TEXT, EDITOR, NOW), EDITOR, NOW)
    with pytest.raises(AlertError, match="somebody else"):
        steps.release(alert, BOTH, NOW)


@pytest.mark.parametrize("account", [EDITOR, Account("op", (Role.OPERATOR,), NOW), replace(RELEASER, disabled_at=NOW)])
def test_only_a_releaser_who_may_act_releases(account: Account) -> None:
    with pytest.raises(AlertError, match="role"):
        steps.release(submitted(), account, NOW)


def test_a_change_after_submission_is_a_draft_again() -> None:
    alert = steps.edit(submitted(), OTHER, EDITOR, NOW)
    assert alert.state is AlertState.DRAFT
    with pytest.raises(AlertError, match="submitted"):
        steps.release(alert, RELEASER, NOW)


def test_a_correction_leaves_what_is_public_until_it_is_released() -> None:
    public = steps.release(submitted(), RELEASER, NOW)
    draft = steps.edit(public, FIXED, EDITOR, NOW)
    assert (draft.shown, standing(draft, NOW)) == (public.shown, Standing.OPEN)
    again = steps.release(steps.submit(draft, EDITOR, NOW), RELEASER, NOW + timedelta(hours=1))
    assert (again.public, again.is_corrected) == (2, True)


def test_a_correction_says_what_was_wrong() -> None:
    with pytest.raises(AlertError, match="wrong before"):
        steps.edit(steps.release(submitted(), RELEASER, NOW), OTHER, EDITOR, NOW)


def test_one_person_withdraws_and_nothing_follows() -> None:
    alert = steps.withdraw(steps.release(submitted(), RELEASER, NOW), EDITOR, NOW)
    assert standing(alert, NOW) is Standing.WITHDRAWN
    for deed in (lambda: steps.edit(alert, FIXED, EDITOR, NOW), lambda: steps.submit(alert, EDITOR, NOW),
                 lambda: steps.release(alert, RELEASER, NOW), lambda: steps.withdraw(alert, EDITOR, NOW)):
        with pytest.raises(AlertError):
            deed()


def test_what_is_over_is_neither_submitted_nor_released() -> None:
    with pytest.raises(AlertError, match="window"):
        steps.release(submitted(), RELEASER, DEADLINE)
    with pytest.raises(AlertError, match="window"):
        steps.submit(steps.write("a1", TEXT, EDITOR, NOW), EDITOR, DEADLINE)


def test_the_window_begins_with_the_embargo_and_ends_with_the_earlier_of_expiry_and_deadline() -> None:
    begins, ends = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    alert = steps.release(submitted(not_before=begins, not_after=ends), RELEASER, NOW)
    seen = [standing(alert, at) for at in (begins - timedelta(seconds=1), begins, ends - timedelta(seconds=1), ends)]
    assert seen == [Standing.EMBARGOED, Standing.OPEN, Standing.OPEN, Standing.EXPIRED]


def test_the_same_text_is_no_change() -> None:
    with pytest.raises(AlertError, match="nothing"):
        steps.edit(submitted(), replace(TEXT, words={**TEXT.words, "en": replace(WORDS)}), EDITOR, NOW)
