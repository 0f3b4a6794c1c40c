"""Alerts in both databases: a second person releases, whoever asks and however many at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from tests.tracker.alerts.sample import BOTH, EDITOR, RELEASER, TEXT, people, release, released, submitted, written
from tests.tracker.web.sample import NOW, fill
from tracker.alerts import steps
from tracker.alerts.records import AlertState
from tracker.app import Services
from tracker.errors import AlertError, AlertMoved, StoreError
from tracker.settings import Settings
from tracker.store.engine import writing


@pytest.fixture(params=["sqlite", "postgresql"])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    address = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    made = Services(Settings(home=tmp_path / "home", **({"database": address} if address else {})), clock=lambda: NOW)
    fill(made.store)
    people(made)
    yield made
    made.store.close()


def test_what_was_written_comes_back_whole(services: Services) -> None:
    alert = written(services)
    assert services.alerts.get(alert.id) == alert and alert.newest.text == TEXT
    assert services.alerts.find(alert.id[:6]) == alert and services.alerts.all() == [alert]


def test_every_step_is_in_the_audit_log(services: Services) -> None:
    alert = released(services)
    assert [(s.step, s.by) for s in services.alerts.steps(alert.id)] == [
        ("written", "ada"), ("submitted", "ada"), ("released", "bo")]
    assert [(e.action, e.account, e.subject) for e in services.accounts.audit(3)][::-1] == [
        ("alert-written", "ada", alert.id), ("alert-submitted", "ada", alert.id), ("alert-released", "bo", alert.id)]


def test_what_is_refused_leaves_no_trace(services: Services) -> None:
    alert = submitted(services, written(services, by=BOTH))
    with pytest.raises(AlertError):
        release(services, alert, BOTH)
    assert services.alerts.get(alert.id) == alert and len(services.alerts.steps(alert.id)) == 2


@pytest.mark.parametrize(("account", "words"), [
    ("cy", "who wrote"), ("ada", "only a releaser"), ("nobody", "only a releaser")])
def test_the_database_itself_refuses_a_release_by_a_writer_or_by_no_releaser(services: Services, account: str, words):
    alert = submitted(services, written(services, by=BOTH))
    with pytest.raises(StoreError, match=words), writing(services.store.engine) as connection:
        connection.execute(sql("INSERT INTO alert_release (alert_id, revision, account, at) "
                               "VALUES (:id, 1, :who, '2031-05-06 12:00:00')"), {"id": alert.id, "who": account})


def test_the_database_itself_refuses_a_public_revision_that_nobody_released(services: Services) -> None:
    alert = submitted(services, written(services))
    with pytest.raises(StoreError, match="only a released"), writing(services.store.engine) as connection:
        connection.execute(sql("UPDATE alert SET public = 1, state = 'released' WHERE id = :id"), {"id": alert.id})


def test_the_database_itself_refuses_to_release_a_draft(services: Services) -> None:
    alert = written(services)
    with pytest.raises(StoreError, match="only what is submitted"), writing(services.store.engine) as connection:
        connection.execute(sql("INSERT INTO alert_release (alert_id, revision, account, at) "
                               "VALUES (:id, 1, 'bo', '2031-05-06 12:00:00')"), {"id": alert.id})


@pytest.mark.parametrize("statement", [
    "UPDATE alert_revision SET account = 'x'", "DELETE FROM alert_revision", "UPDATE alert_release SET account = 'x'",
    "DELETE FROM alert_release", "DELETE FROM alert_step", "UPDATE alert_step SET account = 'x'"])
def test_what_was_written_released_and_done_stays(services: Services, statement: str) -> None:
    released(services)
    with pytest.raises(StoreError), writing(services.store.engine) as connection:
        connection.execute(sql(statement))


def test_a_change_that_looked_at_another_revision_keeps_nothing(services: Services) -> None:
    alert = written(services)
    other = replace(TEXT, deadline_words="x")
    services.alerts.change(alert.id, 1, lambda a: steps.edit(a, other, EDITOR, NOW), "edited", EDITOR, NOW)
    with pytest.raises(AlertMoved):
        services.alerts.change(alert.id, 1, lambda a: steps.edit(a, TEXT, BOTH, NOW), "edited", BOTH, NOW)
    assert services.alerts.get(alert.id).newest.number == 2


def test_of_an_edit_and_a_release_at_once_the_released_words_are_never_the_releasers_own(services: Services) -> None:
    """Cy edits while cy releases, many times over: either one wins, and what is public was not written by cy."""
    for round_ in range(12):
        alert = submitted(services, written(services, by=EDITOR))
        start, outcomes = threading.Barrier(2), []

        def run(deed, step, start=start, outcomes=outcomes, alert=alert):  # type: ignore[no-untyped-def]
            start.wait()
            try:
                outcomes.append(services.alerts.change(alert.id, None, deed, step, BOTH, NOW))
            except (AlertError, StoreError) as problem:
                outcomes.append(problem)

        body = replace(TEXT, deadline_words=f"x{round_}")
        both = [threading.Thread(target=run, args=(lambda a: steps.release(a, BOTH, NOW), "released")),
                threading.Thread(target=run, args=(lambda a, b=body: steps.edit(a, b, BOTH, NOW), "edited"))]
        for one in both:
            one.start()
        for one in both:
            one.join()
        found = services.alerts.get(alert.id)
        assert len(outcomes) == 2 and sum(isinstance(o, Exception) for o in outcomes) == 1
        if found.public:
            assert found.shown.by == "ada" and found.state is AlertState.RELEASED
        else:
            assert found.state is AlertState.DRAFT


def test_of_two_releases_at_once_one_is_kept(services: Services) -> None:
    alert = submitted(services, written(services))
    start, outcomes = threading.Barrier(2), []

    def run(who):  # type: ignore[no-untyped-def]
        start.wait()
        try:
            outcomes.append(services.alerts.change(alert.id, 1, lambda a: steps.release(a, who, NOW), "released", who,
                                                   NOW))
        except (AlertError, StoreError) as problem:
            outcomes.append(problem)

    both = [threading.Thread(target=run, args=(who,)) for who in (RELEASER, BOTH)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sum(isinstance(o, Exception) for o in outcomes) == 1
    assert [s.step for s in services.alerts.steps(alert.id)].count("released") == 1


def test_those_that_are_over_are_not_among_the_public_ones(services: Services) -> None:
    alert = released(services)
    assert services.alerts.released(NOW, NOW) == [alert]
    assert services.alerts.released(TEXT.ends_at, NOW) == []
    assert services.alerts.released(TEXT.ends_at - timedelta(seconds=1), NOW) == [alert]
