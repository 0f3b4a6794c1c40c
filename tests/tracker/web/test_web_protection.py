"""What the privacy page states is what the database holds: no column without words, no words without a column."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html
from sqlalchemy import inspect

from digests.readers.retention import PERIODS
from digests.speech import speech_of
from tests.tracker.web.sample import NOW
from tests.tracker.web.test_web_readers import confirmed, sign_up
from tracker.app import Services
from tracker.cleaning import clean
from tracker.model import Delivery, DeliveryStatus
from tracker.store.schema import metadata
from tracker.web.statements import GROUPS, NOT_STORED, PUBLIC_TABLES, STATEMENTS, as_markdown

ROOT = Path(__file__).resolve().parents[3]


def test_every_column_that_holds_something_of_a_person_has_a_statement() -> None:
    columns = {(table.name, column.name) for table in metadata.sorted_tables if table.name not in PUBLIC_TABLES
               for column in table.columns}
    stated = [(s.table, column) for s in STATEMENTS for column in s.columns]
    assert columns - {*stated} == set(), "say in tracker/web/statements.py what these hold"
    assert {*stated} - columns == set(), "these are stored no longer"
    assert len(stated) == len({*stated})


def test_every_table_of_a_real_database_is_public_stated_or_an_index_of_bills(services: Services) -> None:
    found = {*inspect(services.store.engine).get_table_names()} - {*PUBLIC_TABLES} - {s.table for s in STATEMENTS}
    assert {name for name in found if not name.startswith(("search", "bill_", "alembic"))} == set()


def test_every_statement_is_in_one_group() -> None:
    tables = [table for group in GROUPS.values() for table in group]
    assert {*tables} == {s.table for s in STATEMENTS} and len(tables) == len({*tables})


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_shows_every_statement_in_the_language_of_the_reader(client: TestClient, language: str) -> None:
    speech = speech_of(language)
    text = " ".join(lxml_html.fromstring(client.get(f"/privacy?lang={language}").text).text_content().split())
    said = [words for s in STATEMENTS for words in (s.what, s.why, s.how)] + [p.what for p in PERIODS] + [*NOT_STORED]
    assert [words for words in said if speech._(words) not in text] == []


def test_the_document_states_the_same(request: pytest.FixtureRequest) -> None:
    path = ROOT / "docs/privacy.md"
    head, _, rest = path.read_text().partition("<!-- stored -->\n")
    held, _, tail = rest.partition("\n<!-- /stored -->")
    if request.config.getoption("--update-golden"):
        path.write_text(f"{head}<!-- stored -->\n{as_markdown()}\n<!-- /stored -->{tail}")
    assert held == as_markdown(), "run this test with --update-golden and read the difference"


PERSONAL = ("/subscribe", "/confirm/{}", "/manage/{}", "/u/{}")


@pytest.mark.parametrize("path", PERSONAL)
def test_personal_pages_are_stored_nowhere_and_say_nothing_to_other_sites(
        client: TestClient, services: Services, path: str) -> None:
    headers = client.get(path.format(confirmed(client, services))).headers
    assert headers["cache-control"] == "no-store" and headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"] and "script-src" not in \
        headers["content-security-policy"] and "noindex" in headers["x-robots-tag"]
    assert "set-cookie" not in headers


def test_the_advice_leads_to_what_is_stored_and_back(client: TestClient) -> None:
    assert 'href="/privacy"' in client.get("/protection").text
    assert 'href="/protection"' in client.get("/privacy").text
    assert 'href="/protection"' in client.get("/subscribe").text


# --- one's own data ---------------------------------------------------------------------------------------------------


def test_who_has_the_link_can_take_the_data_along_but_learns_no_address(client: TestClient, services: Services) -> None:
    token = confirmed(client, services)
    page = lxml_html.fromstring(client.get(f"/manage/{token}").text)
    (link,) = page.xpath("//a[@download]/@href")
    answer = client.get(link)
    assert answer.headers["content-type"].startswith("application/json") and "attachment" in \
        answer.headers["content-disposition"] and answer.headers["cache-control"] == "no-store"
    kept = answer.json()
    assert kept["subscription"]["zone"] == "Europe/Vienna" and kept["messages"] == []
    assert {*kept["subscription"]["filter"]["topics"]} == {"decriminalization", "worker-rights"}
    assert "reader.example" not in answer.text and token not in answer.text


def test_the_data_has_every_column_of_a_subscription_that_is_no_secret_of_ours(
        client: TestClient, services: Services) -> None:
    kept = client.get(f"/manage/{confirmed(client, services)}/data").json()["subscription"]
    # A public key names its owner; `openpgp` tells how its fingerprint ends.
    secrets = {"address_sealed", "address_index", "confirm_token", "manage_token", "openpgp_sealed"}
    assert {column.name for column in metadata.tables["subscription"].columns} - {*kept} == secrets


def test_one_press_ends_everything_of_an_address_and_of_no_other(client: TestClient, services: Services) -> None:
    confirmed(client, services)
    token = confirmed(client, services, cadence="daily")
    other = confirmed(client, services, address="bo@reader.example")
    page = lxml_html.fromstring(client.get(f"/manage/{token}").text)
    (action,) = page.xpath("//form[contains(@action, '/leave')]/@action")
    assert client.get(action).status_code == 405 and len([*services.ledger.confirmed()]) == 3
    assert client.post(action).status_code == 200
    assert client.get(f"/manage/{token}").status_code == 404 and client.get(f"/manage/{other}").status_code == 200
    assert client.post(action).status_code == 200  # a second press is no error
    assert len([*services.ledger.confirmed()]) == 1


def test_an_unknown_link_gets_nothing(client: TestClient) -> None:
    assert client.get("/manage/abc/data").status_code == 404
    assert client.post("/manage/abc/leave").status_code == 200


def test_cleaning_deletes_what_was_kept_long_enough_and_nothing_else(client: TestClient, services: Services) -> None:
    confirmed(client, services)
    sign_up(client, services, address="bo@reader.example")
    row = next(services.ledger.confirmed())
    for day, status in ((0, DeliveryStatus.SENT), (300, DeliveryStatus.FAILED), (1, DeliveryStatus.QUEUED)):
        made = Delivery(f"d{day}", row.id, day, day + 1, NOW + timedelta(days=day), status, 1)
        assert services.ledger.queue(replace(made, status=DeliveryStatus.SENT), None)
        with services.store.engine.begin() as connection:
            connection.execute(metadata.tables["delivery"].update().where(
                metadata.tables["delivery"].c.id == made.id).values(status=status.value))
    services.__dict__["clock"] = lambda: NOW + timedelta(days=6)
    assert clean(services).unconfirmed == 0
    services.__dict__["clock"] = lambda: NOW + timedelta(days=402)
    done = clean(services)
    assert (done.unconfirmed, done.messages) == (1, 1)
    assert {d.id for d in services.ledger.deliveries()} == {"d300", "d1"}
