"""What the privacy page states is what the database holds: no column without words, no words without a column."""

from __future__ import annotations

from pathlib import Path

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html
from sqlalchemy import inspect

from digests.retention import PERIODS
from digests.speech import speech_of
from tests.tracker.web.test_web_readers import confirmed
from tracker.app import Services
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
