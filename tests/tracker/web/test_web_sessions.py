"""The address of a session, which is that of a bill cut short, leads to the session's bills, then as now."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from litestar.testing import TestClient

from tests.tracker.web.sample import DULL, FLAGS, NASTY, NOW, PLAIN, change, sample
from tracker.app import Services
from tracker.ids import bill_id, slug_of_session
from tracker.model import IngestMode

LONG = "7th Legislature, 1st Called"


def sent_to(client: TestClient, path: str) -> dict[str, str]:
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code == 303, path
    found = urlsplit(answer.headers["location"])
    assert found.path == "/bills"
    return {name: values[0] for name, values in parse_qs(found.query).items()}


def test_a_bills_address_without_its_number_leads_to_all_bills_of_the_session(client: TestClient) -> None:
    assert sent_to(client, "/xx/7") == {"jurisdiction": "xx", "session": "7", "show": "all"}
    page = client.get("/xx/7").text
    assert all(f'href="/{bill}"' in page for bill in (PLAIN, NASTY, DULL))


@pytest.mark.parametrize("path", ["/XX/7", "/xx/7/"])
def test_it_may_be_written_otherwise(client: TestClient, path: str) -> None:
    assert sent_to(client, path)["session"] == "7"


def test_a_session_of_many_words_is_found_by_the_word_in_its_bills_addresses(
        services: Services, client: TestClient) -> None:
    bill = replace(sample(99, "Lantern Act"), session=LONG)
    with services.store.write() as writer:
        writer.apply(change(bill_id("xx", LONG, bill.identifier), bill, FLAGS, IngestMode.LIVE), NOW)
    assert sent_to(client, f"/xx/{slug_of_session(LONG)}")["session"] == LONG


@pytest.mark.parametrize("path", ["/xx/8", "/yy/7", "/xx/nothing", "/xx/7?as-of=2031-05-01"])
def test_a_session_of_which_nothing_is_or_was_held_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path, follow_redirects=False).status_code == 404


def test_the_date_and_the_language_are_kept(client: TestClient) -> None:
    asked = sent_to(client, "/xx/7?as-of=2031-05-05&lang=es")
    assert (asked["as-of"], asked["lang"]) == ("2031-05-05", "es")
