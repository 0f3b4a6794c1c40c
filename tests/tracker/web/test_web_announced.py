"""A step that is dated ahead: announced everywhere until its day has come, and never called the last step before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html
from typer.testing import CliRunner

from tests.tracker.web.sample import NOW, open_sample, sample
from tracker.app import Services
from tracker.cli import app
from tracker.ingest import decide
from tracker.model import Action, Bill, Harvest, IngestMode
from tracker.steps import steps
from tracker.web.app import create_app
from tracker.web.dossier import status_line

BILL = "xx/7/hb-12"
DAY = date(2031, 5, 20)
HEARING = Action("Hearing of the Committee on Streets", DAY, classification=("hearing",), chamber="lower")
ANNOUNCED = "Scheduled for 20 May 2031: Hearing of the Committee on Streets"
TAKEN = "Last step, on 2 April 2031: Referred to the Committee on Streets"


def announced(*ahead: Action) -> Bill:
    bill = sample(12, "Fair Streets Act")
    return replace(bill, actions=(*bill.actions, *ahead))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """The bill is given a hearing of 20 May an hour before NOW, 6 May."""
    made = open_sample(tmp_path / "home")
    with made.store.write() as writer:
        change = decide(writer.state(BILL), Harvest(BILL, announced(HEARING), "other"), (), IngestMode.LIVE)
        assert change
        writer.apply(change, NOW - timedelta(hours=1))
    yield made
    made.store.close()


def seen(services: Services, path: str, **headers: str) -> str:
    with TestClient(create_app(services)) as client:
        page = client.get(path, headers=headers)
        assert page.status_code == 200
        return " ".join(lxml_html.fromstring(page.text).text_content().split())


def on_the_day(services: Services) -> Services:
    return replace(services, clock=lambda: NOW + timedelta(days=14))


def test_steps_are_parted_by_the_day_and_the_announced_ones_stand_soonest_first() -> None:
    later = replace(HEARING, description="Vote", date=DAY + timedelta(days=1))
    undated = Action("Fiscal note filed")
    bill = announced(later, undated, HEARING)
    taken, ahead = steps(bill, DAY - timedelta(days=1))
    assert taken == (*bill.actions[:2], undated) and ahead == (HEARING, later)
    assert steps(bill, DAY) == ((*bill.actions[:2], undated, HEARING), (later,))


def test_the_status_tells_the_last_step_taken_and_the_next_one_announced() -> None:
    before = DAY - timedelta(days=1)
    bill = announced(replace(HEARING, description="Vote", date=date(2031, 6, 1)), HEARING)
    assert status_line(bill, before) == f"In committee. {TAKEN}. {ANNOUNCED}"
    assert status_line(announced(HEARING), DAY).endswith(
        "Last step, on 20 May 2031: Hearing of the Committee on Streets")
    only = replace(bill, actions=(HEARING,))
    assert status_line(only, before) == f"Introduced. {ANNOUNCED}"
    ended = replace(bill, actions=(Action("Filed."), HEARING))
    assert status_line(ended, before) == f"Introduced. Last step, without a date: Filed. {ANNOUNCED}"
    assert status_line(replace(bill, actions=()), before) == "Introduced. No step recorded yet."


def test_the_bill_page_announces_a_step_until_its_day_has_come(services: Services) -> None:
    page = seen(services, f"/{BILL}")
    assert TAKEN in page and ANNOUNCED in page and "Last step, on 20 May" not in page
    page = seen(on_the_day(services), f"/{BILL}")
    assert "Last step, on 20 May 2031: Hearing of the Committee on Streets" in page
    assert f"In committee. {ANNOUNCED}" not in page and TAKEN not in page


def test_as_of_a_day_before_it_a_step_is_announced_though_its_day_has_come(services: Services) -> None:
    page = seen(on_the_day(services), f"/{BILL}?as-of=2031-05-10")
    assert TAKEN in page and ANNOUNCED in page


def test_data_for_machines_dates_a_bill_by_what_was_done(services: Services) -> None:
    def modified(of: Services) -> str:
        with TestClient(create_app(of)) as client:
            [block] = lxml_html.fromstring(client.get(f"/{BILL}").text).xpath("//script[@type='application/ld+json']")
        return str(json.loads(block.text)["dateModified"])

    assert modified(services) == "2031-04-02"
    assert modified(on_the_day(services)) == "2031-05-20"


@pytest.mark.parametrize("path", ["/bills", "/topics/decriminalization", "/week"])
def test_lists_announce_it(services: Services, path: str) -> None:
    assert ANNOUNCED in seen(services, path)
    if path == "/bills":
        page = seen(on_the_day(services), path)
        assert "Scheduled for" not in page and "20 May 2031: Hearing of the Committee on Streets" in page


def test_a_search_and_a_related_bill_do_not_call_it_the_last_step(services: Services) -> None:
    for path in ("/search?q=loiters", "/xx/7/hb-13"):
        page = seen(services, path)
        assert "a step is scheduled for 20 May 2031" in page and "last step 20 May" not in page
        assert "last step 20 May 2031" in seen(on_the_day(services), path)


def test_in_spanish_it_is_announced_too(services: Services) -> None:
    said = "Previsto para el 20 de mayo de 2031: Hearing of the Committee on Streets"
    assert said in seen(services, f"/{BILL}", **{"accept-language": "es"})
    assert said in seen(services, "/bills", **{"accept-language": "es"})
    assert "hay un paso previsto para el 20 de mayo de 2031" in seen(
        services, "/search?q=loiters", **{"accept-language": "es"})


def test_the_command_line_announces_it(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLWATCH_HOME", str(services.settings.home))
    found = CliRunner().invoke(app, ["search", "loiters"]).output  # today is long before the year of the sample
    assert "scheduled for 2031-05-20: Hearing of the Committee on Streets" in found
    listed = CliRunner().invoke(app, ["bills", "--jurisdiction", "xx"]).output
    assert "In committee, scheduled for 2031-05-20: Hearing of the Committee on Streets" in listed
    told = CliRunner().invoke(app, ["history", "xx/7/hb-13"]).output
    assert "In committee, scheduled for 2031-05-20" in told
