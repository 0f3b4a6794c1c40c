"""Each secret of a link has one purpose: tried at every door, it opens its own."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from litestar.testing import TestClient

from digests.readers.links import LINKS, as_markdown
from digests.readers.sealing import leave_token
from tests.tracker.web.test_web_readers import confirmed, sign_up
from tracker.app import Services

ROOT = Path(__file__).resolve().parents[3]
OPENS = {  # secret -> what happens at each door that lets somebody see or do something
    "confirm": {"POST /confirm/{}"},
    "manage": {"GET /manage/{}", "GET /manage/{}/data", "POST /manage/{}", "POST /manage/{}/leave", "POST /u/{}"},
    "leave": {"POST /u/{}"},
}
DOORS = ("GET /confirm/{}", "POST /confirm/{}", "GET /manage/{}", "GET /manage/{}/data", "POST /manage/{}",
         "POST /manage/{}/leave", "GET /u/{}", "POST /u/{}", "GET /digest/{}")
SHOWS_NOTHING = {"GET /confirm/{}", "GET /u/{}"}  # a button, whatever the secret


def state(services: Services) -> list[object]:
    """Of the subscription that the secret is of."""
    return [(row.id, row.cadence, row.confirmed_at) for row in services.ledger.confirmed()]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("secret", sorted(OPENS))
def test_a_secret_opens_its_own_door_and_no_other(
        client: TestClient, services: Services, secret: str, door: str) -> None:
    if secret == "confirm":
        token = sign_up(client, services)
    else:
        manage = confirmed(client, services)
        token = manage if secret == "manage" else leave_token(manage)
    before = state(services)
    method, path = door.split()
    answer = client.request(method, path.format(token), data={"cadence": "daily"} if method == "POST" else None)
    shown = answer.status_code == 200 and method == "GET" and door not in SHOWS_NOTHING
    assert (shown or state(services) != before) == (door in OPENS[secret])


def test_each_secret_is_as_long_as_the_table_says_and_nowhere_in_the_row(
        client: TestClient, services: Services) -> None:
    asked = sign_up(client, services)
    manage = confirmed(client, services, cadence="daily")
    row = next(services.ledger.confirmed())
    renew = services.keys.renewal_token(row.id, "2031-05-06")
    for token in (asked, manage, leave_token(manage), renew):
        raw = base64.urlsafe_b64decode(token + "=")
        assert len(raw) * 8 == 256 == {x.bits for x in LINKS}.pop()
        assert raw not in repr(row).encode() and token not in repr(row) and raw not in (row.manage_token, b"")
    assert len({asked, manage, leave_token(manage), renew}) == 4


def test_the_document_shows_the_table(request: pytest.FixtureRequest) -> None:
    path = ROOT / "docs/privacy.md"
    head, _, rest = path.read_text().partition("<!-- links -->\n")
    held, _, tail = rest.partition("\n<!-- /links -->")
    if request.config.getoption("--update-golden"):
        path.write_text(f"{head}<!-- links -->\n{as_markdown()}\n<!-- /links -->{tail}")
    assert held == as_markdown(), "run this test with --update-golden and read the difference"
