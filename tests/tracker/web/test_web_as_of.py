"""As known on: pages and answers of a day, what they say of it, and what refuses to guess."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from litestar.testing import TestClient

from tests.tracker.web.sample import NOW, PLAIN, sample
from tracker.app import Services
from tracker.ingest import decide
from tracker.model import Harvest, IngestMode

BEFORE = f"{NOW - timedelta(hours=10):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def renamed(services: Services) -> Services:
    """The bill gets another title at NOW - 1 h."""
    with services.store.write() as writer:
        bill = replace(sample(12, "Fair Streets Act"), title="Unfair Streets Act")
        change = decide(writer.state(PLAIN), Harvest(PLAIN, bill, "other"), (), IngestMode.LIVE)
        assert change
        writer.apply(change, NOW - timedelta(hours=1))
    return services


def test_a_page_of_the_past_shows_what_was_known_and_says_so(renamed: Services, client: TestClient) -> None:
    now, then = client.get(f"/{PLAIN}").text, client.get(f"/{PLAIN}?as-of={BEFORE}").text
    assert "Unfair Streets Act" in now and "what we recorded later is left out" not in now
    assert "Unfair" not in then and f"As known on {BEFORE}" in then
    assert '<meta name="robots" content="noindex">' in then


def test_links_of_a_page_of_the_past_stay_on_that_day(renamed: Services, client: TestClient) -> None:
    then = client.get(f"/{PLAIN}?as-of={BEFORE}").text
    assert f'href="/{PLAIN}/text/ih?as-of={BEFORE}"' in then
    assert f'href="/bills?as-of={BEFORE}"' in then
    for path in re.findall(r'href="(/[^"#]*as-of=[^"#]*)', then):
        if "/page/" not in path:  # the sample has no archive
            assert client.get(path.replace("&amp;", "&")).status_code == 200, path


def test_lists_and_data_know_the_past(renamed: Services, client: TestClient) -> None:
    for path in ("/bills", "/api/v1/bills", "/topics", "/", "/sources", "/topics/decriminalization", "/api/v1/topics"):
        assert client.get(path, params={"as-of": BEFORE}).status_code == 200, path
    [found] = client.get("/api/v1/bills", params={"as-of": BEFORE, "words": "HB 12"}).json()["bills"]
    assert found["title"] == "Fair Streets Act"
    assert client.get(f"/{PLAIN}/evidence.zip", params={"as-of": BEFORE}).status_code == 200


def test_before_a_bill_was_known_its_page_says_since_when_it_is(client: TestClient) -> None:
    found = client.get(f"/{PLAIN}", params={"as-of": "2031-05-01"})
    assert found.status_code == 404
    assert "On 2031-05-01 we did not know this bill yet. We know it since 5 May 2031" in found.text
    assert "Known since 2031-05-05" in client.get(f"/api/v1/bills/{PLAIN}?as-of=2031-05-01").json()["detail"]


@pytest.mark.parametrize("asked", ["2031-05-07", "soon", "2031-13-01", "\u0662\u0660"])
def test_what_is_no_past_date_is_refused(client: TestClient, asked: str) -> None:
    found = client.get(f"/api/v1/bills/{PLAIN}", params={"as-of": asked})
    assert found.status_code == 400 and "as-of: expected a date" in found.json()["detail"]


@pytest.mark.parametrize("path", ["/search", "/subscribe", "/api/v1/search?q=act", "/feeds"])
def test_what_knows_only_today_refuses_a_date_instead_of_passing_it_over(client: TestClient, path: str) -> None:
    assert client.get(path, params={"as-of": "2031-05-05"} if "?" not in path else {"q": "act", "as-of": "2031-05-05"}
                      ).status_code == 400
