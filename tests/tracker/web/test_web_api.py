"""The JSON API: same facts as the pages, a change feed that misses nothing, problems as problem+json."""

from __future__ import annotations

import pytest
from litestar.testing import TestClient

from tests.tracker.web.sample import DULL, FLAGS, NASTY, PLAIN, TEXT

BASE = "http://testserver.local"


def test_bills_are_listed_with_cursor_and_filters(client: TestClient):
    whole = client.get("/api/v1/bills?show=all").json()
    assert [b["id"] for b in whole["bills"]] == [NASTY, PLAIN, DULL] and whole["total"] == 3 and whole["next"] is None
    assert whole["bills"][1]["url"] == f"{BASE}/{PLAIN}" and whole["bills"][1]["stage"] == "in-committee"
    first = client.get("/api/v1/bills?limit=1").json()
    second = client.get("/api/v1/bills", params={"limit": 1, "cursor": first["next"]}).json()
    assert [b["id"] for b in first["bills"] + second["bills"]] == [NASTY, PLAIN] and second["next"] is None


def test_a_bill_comes_with_versions_flags_and_provenance(client: TestClient):
    body = client.get(f"/api/v1/bills/{PLAIN}").json()
    assert body["bill"]["identifier"] == "HB 12" and body["stage"] == "in-committee"
    assert [(v["code"], v["status"], len(v["flags"])) for v in body["versions"]] == [("ih", "available", 2),
                                                                                    ("rh", "pending", 0)]
    assert {p["sha256"] for p in body["pages"]} == {"c" * 64, "d" * 64}


def test_offsets_of_a_version_point_at_the_quotes(client: TestClient):
    body = client.get(f"/api/v1/bills/{PLAIN}/versions/ih").json()
    assert body["text"] == TEXT and len(body["version"]["flags"]) == len(FLAGS)
    assert all(body["text"][f["start"]:f["end"]] == f["quote"] for f in body["version"]["flags"])
    assert body["provisions"][1]["path"] == "Sec. 2" and body["marks"][0]["kind"] == "struck"
    pending = client.get(f"/api/v1/bills/{PLAIN}/versions/rh").json()
    assert pending["text"] is None and pending["version"]["status"] == "pending"


def test_the_change_feed_read_in_steps_is_the_whole_log(client: TestClient):
    seen, since = [], 0
    while True:
        body = client.get(f"/api/v1/events?since={since}&limit=4").json()
        seen += [e["seq"] for e in body["events"]]
        since = body["next"]
        if since == body["last"]:
            break
    assert seen == list(range(1, len(seen) + 1)) and seen
    assert client.get(f"/api/v1/events?since={since}").json() == {"events": [], "next": since, "last": since}


def test_a_filtered_change_feed_ends_at_the_end_of_the_log(client: TestClient):
    body = client.get(f"/api/v1/events?bill={PLAIN}&topic=platform-liability").json()
    assert {e["bill"] for e in body["events"]} == {PLAIN} and body["next"] == body["last"]


def test_topics_and_sources_are_told(client: TestClient):
    topics = {t["key"]: t for t in client.get("/api/v1/topics").json()}
    assert topics["decriminalization"]["bills"] == {"advances": 2, "reverses": 0, "non-binding": 0}
    source = client.get("/api/v1/sources").json()[0]
    assert (source["source"], source["healthy"], source["runs"][0]["verdict"]["kind"]) == ("xx", True, "ok")


@pytest.mark.parametrize(("path", "status"), [
    ("/api/v1/bills/xx/7/hb-99", 404), (f"/api/v1/bills/{PLAIN}/versions/zz", 404), ("/api/v1/nope", 404),
    ("/api/v1/events?since=-1", 400), ("/api/v1/events?since=x", 400), ("/api/v1/bills?topic=nope", 400),
    ("/api/v1/bills?limit=100000", 400), ("/api/v1/bills?cursor=%00", 400),
    ("/api/v1/bills?cursor=17~us/999/hr-1", 400), ("/api/v1/search?q=streets&cursor=17~2", 400),  # of an older order
    ("/api/v1/events?since=99999999999999999999999", 400),
    ("/api/v1/events?since=999999", 409),  # from before a restore: to wait in silence would lose events
])
def test_problems_are_problem_json(client: TestClient, path: str, status: int):
    answer = client.get(path)
    assert answer.status_code == status and answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["status"] == status and answer.json()["title"] and answer.json()["detail"]


def test_the_description_lists_the_api_and_nothing_of_readers(client: TestClient):
    paths = client.get("/api/openapi.json").json()["paths"]
    bill = "/api/v1/bills/{jurisdiction}/{session}/{number}"
    assert set(paths) == {"/api/v1/bills", bill, f"{bill}/versions", f"{bill}/versions/{{code}}",
                          f"{bill}/versions/{{code}}/provisions", f"{bill}/compare/{{pair}}", "/api/v1/flags",
                          "/api/v1/hearings", "/api/v1/changes", "/api/v1/search", "/api/v1/events", "/api/v1/topics",
                          "/api/v1/sources"}


def test_pages_of_others_may_read_the_api_but_not_the_pages(client: TestClient):
    assert client.get("/api/v1/topics").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client.get("/").headers


@pytest.mark.parametrize(("asked", "says"), [
    ("bills?limit=0", "limit: expected `int` >= 1"), ("bills?limit=many", "limit: expected `int`"),
    ("events?since=-1", "since: expected `int` >= 0"), ("search?q=", "q: expected"), ("search", "'q'"),
    ("flags?jurisdiction=wa", "a code like us-wa"), ("events?jurisdiction=us-uk", "a code like us-wa"),
    ("hearings?jurisdiction=wa", "expected a code like us-wa"), ("bills?jurisdiction=us-uk", "a code like us-wa")])
def test_a_refusal_says_which_parameter_and_what_it_may_be(client: TestClient, asked: str, says: str):
    found = client.get(f"/api/v1/{asked}")
    assert found.status_code == 400
    assert says in found.json()["detail"]


def test_lists_know_a_legislature_and_a_bill_as_people_write_them(client: TestClient):
    for address in ("bills?jurisdiction={}", "flags?jurisdiction={}", "events?jurisdiction={}"):
        usual = client.get(f"/api/v1/{address.format('xx')}").json()
        assert client.get(f"/api/v1/{address.format('XX')}").json() == usual and any(map(len, filter(None, (
            usual.get("bills"), usual.get("flags"), usual.get("events")))))
    for address in ("flags?bill={}", "events?bill={}"):
        assert client.get(f"/api/v1/{address.format('XX/7/HB12')}").json() == client.get(
            f"/api/v1/{address.format('xx/7/hb-12')}").json()


def test_who_strays_in_the_api_is_told_where_its_addresses_are(client: TestClient):
    for path in ("/api/v1", "/api/v1/nope", "/api/v2/bills"):
        found = client.get(path)
        assert found.status_code == 404 and "/api/openapi.json" in found.json()["detail"]
    posted = client.post("/api/v1/bills")
    assert posted.status_code == 405 and "GET and HEAD" in posted.json()["detail"] and "HEAD" in posted.headers["allow"]


@pytest.mark.parametrize(("asked", "begin", "end"), [
    ("from=2031-05-02&to=2031-05-01", "2031-05-01", "2031-05-02"), ("to=2031-05-01", "2031-01-31", "2031-05-01"),
    ("to=2031-05-20", "2031-05-06", "2031-05-20"), ("", "2031-05-06", "2031-08-04"),
    ("to=0001-01-02", "0001-01-01", "0001-01-02")])
def test_a_span_of_hearings_is_never_back_to_front(client: TestClient, asked: str, begin: str, end: str):
    found = client.get(f"/api/v1/hearings?{asked}").json()
    assert (found["begin"], found["end"]) == (begin, end)
