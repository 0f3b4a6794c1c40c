"""The desk: off until somebody can log in, one cookie, forms that only our own pages can send, no name in public."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from litestar.exceptions import ServiceUnavailableException
from litestar.testing import TestClient
from lxml import html as lxml_html

from digests.channels.feeds import FeedSpec, render_feed
from tests.tracker.web.sample import FLAGS, NASTY, NOW, PLAIN, open_sample
from tracker.app import Services
from tracker.desk import accounts
from tracker.model import Role, Topic
from tracker.store.reviews import QueueQuery
from tracker.web import desk_gate
from tracker.web.app import create_app
from tracker.web.desk_gate import TRIES_A_NAME, TRIES_A_NETWORK, Gate
from tracker.web.press import Press

PASSWORD = "seven lanterns at dusk"
NAME = "ada-of-the-desk"
LIGHT = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setattr(accounts, "_hasher", lambda: LIGHT)
    made = open_sample(tmp_path / "home", clock)
    made.entrance.add(NAME, [Role.EDITOR], PASSWORD, NOW)
    yield made
    made.store.close()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), raise_server_exceptions=False) as made:
        made.follow_redirects = False
        yield made


def proof(client: TestClient, path: str = "/desk/login") -> str:
    return re.search(r'name="proof" value="(\w+)"', client.get(path).text)[1]


def log_in(client: TestClient, name: str = NAME, password: str = PASSWORD, code: str = ""):
    return client.post("/desk/login", data={"name": name, "password": password, "code": code, "proof": proof(client)})


@pytest.fixture
def desk(client: TestClient) -> TestClient:
    assert log_in(client).headers["location"] == "/desk"
    return client


def first(services: Services, bill: str = NASTY) -> str:
    return next(row.key for row in services.reviews.queue(QueueQuery(state="all")).rows if row.bill_id == bill)


def decide(client: TestClient, key: str, verdict: str = "reject", **more: str):
    page = lxml_html.fromstring(client.get(f"/desk/flags/{key}").text)
    known = page.xpath("//input[@name='known']/@value")[0]
    return client.post(f"/desk/flags/{key}", data={
        "verdict": verdict, "reason": "It only names streets.", "known": known,
        "proof": page.xpath("//input[@name='proof']/@value")[0], **more})


# --- coming in --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/desk", "/desk/login", "/desk/flags/abcdef", "/desk/account"])
def test_without_an_account_that_can_log_in_there_is_nothing_at_the_desk(client: TestClient, services: Services, path):
    services.entrance.disable(NAME, NOW)
    services.entrance.add("quiet", [Role.OPERATOR], None, NOW)
    missing = client.get("/nowhere/at/all")
    answer = client.get(path)
    assert (answer.status_code, answer.text) == (404, missing.text) and "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/desk", "/desk?show=all", "/desk/flags/abcdef", "/desk/account"])
def test_a_stranger_is_sent_to_the_log_in_without_a_cookie(client: TestClient, path: str):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/login")
    assert "set-cookie" not in answer.headers and answer.headers["cache-control"] == "no-store"


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_other_pages(client: TestClient):
    made = client.get("/desk/login").headers["set-cookie"]
    assert {"HttpOnly", "Path=/desk", "SameSite=strict"} <= {part.strip() for part in made.split(";")}
    assert "Max-Age" not in made and "expires" not in made.lower()


def test_over_tls_the_cookie_is_bound_to_this_host(services: Services):
    public = Services(services.settings.model_copy(update={"base_url": "https://watch.example"}), services.clock)
    with TestClient(create_app(public), base_url="https://watch.example") as client:
        made = client.get("/desk/login").headers["set-cookie"]
        assert made.startswith("__Host-desk=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= {part.strip() for part in made.split(";")}
        assert "Domain" not in made
        client.follow_redirects = False
        assert log_in(client).status_code == 303 and client.get("/desk").status_code == 200
    public.store.close()


def test_public_pages_stay_without_a_cookie_even_for_who_is_signed_in(desk: TestClient):
    for path in ("/", "/bills", f"/{PLAIN}", "/feeds/all.atom", "/api/v1/bills", "/privacy", "/subscribe"):
        answer = desk.get(path)
        assert answer.status_code == 200 and "set-cookie" not in answer.headers, path


def test_a_log_in_changes_the_token(client: TestClient):
    client.get("/desk/login")
    before = client.cookies["desk"]
    log_in(client)
    assert client.cookies["desk"] != before


@pytest.mark.parametrize(("name", "password", "code"), [
    (NAME, "wrong password", ""), ("nobody", PASSWORD, ""), ("quiet", "", ""), (NAME, "", ""), ("", "", ""),
    ("gone", PASSWORD, ""), ("coded", PASSWORD, ""), ("coded", PASSWORD, "000000"), ("x" * 3000, "y" * 3000, "z" * 99)])
def test_every_refusal_is_the_same(client: TestClient, services: Services, name: str, password: str, code: str):
    services.entrance.add("quiet", [Role.OPERATOR], None, NOW)
    services.entrance.add("gone", [Role.EDITOR], PASSWORD, NOW)
    services.entrance.disable("gone", NOW)
    services.entrance.add("coded", [Role.EDITOR], PASSWORD, NOW)
    services.entrance.set_totp("coded", "A" * 32)
    refused = log_in(client, "somebody-else", "not it at all")
    answer = log_in(client, name, password, code)
    assert (answer.status_code, answer.text) == (refused.status_code, refused.text) == (400, refused.text)
    assert "Name, password or code is not right." in answer.text
    assert name not in answer.text or len(name) < 3


def test_tries_are_few_for_any_name_whether_it_exists_or_not(client: TestClient):
    for name in (NAME, "nobody"):
        tried = [log_in(client, name, "wrong password").status_code for _ in range(TRIES_A_NAME + 2)]
        assert tried == [400] * TRIES_A_NAME + [429] * 2
    assert log_in(client).status_code == 429  # the right password, too


def test_tries_are_few_for_any_network(client: TestClient, clock: Clock):
    tried = [log_in(client, f"name-{n}", "wrong password").status_code for n in range(TRIES_A_NETWORK + 1)]
    assert tried == [400] * TRIES_A_NETWORK + [429]
    clock.now += timedelta(minutes=10)
    assert log_in(client).status_code == 303


def test_many_strangers_do_not_keep_a_reviewer_out(services: Services):
    gate = Gate(Press(services))
    tried = [gate.may_try(f"203.0.{n // 250}.{n % 250}", f"name-{n}-{k}", NOW)
             for n in range(200) for k in range(TRIES_A_NETWORK)]
    assert all(tried) and gate.may_try("192.0.2.1", NAME, NOW)


def test_in_a_crowd_a_log_in_waits_and_is_not_refused(services: Services, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(desk_gate, "UNHURRIED", 2)
    monkeypatch.setattr(desk_gate, "PAUSE", 1.0)
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        client.follow_redirects = False
        took = []
        for password in ("wrong password", "wrong password", PASSWORD):
            before = time.monotonic()
            status = log_in(client, password=password).status_code
            took.append(time.monotonic() - before >= 1.0)
    assert (status, took) == (303, [False, False, True])


def test_few_check_a_password_at_a_time_and_a_queue_has_an_end(services: Services, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(desk_gate, "MOST_WAITING", 5)
    gate, inside, most, refused = Gate(Press(services)), 0, 0, 0

    async def enter() -> None:
        nonlocal inside, most, refused
        try:
            async with gate.turn(NOW):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.01)
                inside -= 1
        except ServiceUnavailableException:
            refused += 1

    async def crowd() -> None:
        await asyncio.gather(*(enter() for _ in range(8)))
        await enter()

    asyncio.run(crowd())
    assert (most, refused, gate._waiting) == (desk_gate.AT_ONCE, 3, 0)


def test_a_session_ends_when_it_was_idle_and_says_so(desk: TestClient, clock: Clock):
    clock.now += timedelta(hours=8)
    assert desk.get("/desk").status_code == 200
    clock.now += timedelta(hours=8, seconds=1)
    answer = desk.get("/desk")
    assert answer.headers["location"] == "/desk/login?again=1"
    assert "You were signed out" in desk.get("/desk/login?again=1").text


def test_signing_out_ends_the_session_on_the_server(desk: TestClient):
    token, given = desk.cookies["desk"], proof(desk, "/desk")
    answer = desk.post("/desk/logout", data={"proof": given})
    assert answer.status_code == 303 and "Max-Age=0" in answer.headers["set-cookie"]
    desk.cookies.set("desk", token, path="/desk")
    assert desk.get("/desk").status_code == 303


# --- forged forms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/desk/login", "/desk/logout", "/desk/flags/{key}", "/desk/account/password",
                                  "/desk/account/totp"])
@pytest.mark.parametrize("given", ["", "0" * 64, "é"])
def test_a_form_without_the_proof_is_refused(desk: TestClient, services: Services, path: str, given: str):
    last = services.store.last_seq()
    data = {"verdict": "reject", "reason": "x", "known": "0", "name": NAME, "password": PASSWORD, "new": "another one",
            "again": "another one", "proof": given}
    assert desk.post(path.format(key=first(services)), data=data).status_code == 403
    assert services.store.last_seq() == last and desk.get("/desk").status_code == 200


def test_the_proof_of_another_visitor_is_worth_nothing(desk: TestClient, services: Services):
    with TestClient(create_app(services)) as other:
        foreign = proof(other)
    assert desk.post(f"/desk/flags/{first(services)}", data={
        "verdict": "confirm", "known": "0", "proof": foreign}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_form_that_a_browser_says_came_from_elsewhere_is_refused(desk: TestClient, services: Services, site: str):
    data = {"verdict": "confirm", "known": "0", "proof": proof(desk, "/desk")}
    assert desk.post(f"/desk/flags/{first(services)}", data=data,
                     headers={"sec-fetch-site": site}).status_code == 403


def test_a_log_in_cannot_be_forged_without_a_cookie(client: TestClient):
    given = proof(client)
    client.cookies.clear()
    assert client.post("/desk/login", data={"name": NAME, "password": PASSWORD, "proof": given}).status_code == 403


# --- reviewing --------------------------------------------------------------------------------------------------------


def test_the_queue_leads_to_a_flag_in_its_section(desk: TestClient, services: Services):
    page = lxml_html.fromstring(desk.get("/desk").text)
    link = page.xpath("//ol[@class='flags']//a/@href")[0]
    shown = desk.get(link)
    text = lxml_html.fromstring(shown.text)
    assert text.xpath("//blockquote//mark")[0].text_content() == FLAGS[0].quote
    assert text.xpath("//blockquote//del")[0].text_content() == "Whoever loiters"
    assert "<script>alert" not in shown.text and "<b>90</b>" not in shown.text


def test_a_rejected_flag_is_gone_from_every_public_place_and_readers_are_told(desk: TestClient, services: Services):
    key = first(services)
    assert "No section" not in desk.get(f"/{NASTY}").text
    answer = decide(desk, key)
    assert answer.status_code == 303 and f"done={key}" in answer.headers["location"]
    assert desk.get(f"/api/v1/bills/{NASTY}").json()["versions"][0]["flags"] == []
    listed = desk.get("/topics/decriminalization").text
    assert NASTY not in listed and PLAIN in listed
    assert "No section of this text is flagged" in desk.get(f"/{NASTY}/text/ih").text
    for place in ("/", f"/{NASTY}", "/feeds/all.atom", "/feeds/topic/decriminalization.json"):
        said = desk.get(place).text
        assert "We flagged this by mistake" in said and "It only names streets" in said, place
        assert NAME not in said, place
    assert services.catalogue.row(NASTY).topics == ()
    assert "Rejected" in desk.get("/desk?show=rejected").text and key in desk.get("/desk?show=rejected").text


def test_a_correction_shows_what_the_rule_had_found(desk: TestClient, services: Services):
    decide(desk, first(services), "correct", topic="worker-rights", effect="reverses", reason="A <b>work</b> place.")
    page = desk.get(f"/{NASTY}").text
    assert "corrected by a reader of the text" in page and "Rule rule-1 had found: Decriminalization" in page
    assert "&lt;b&gt;work" in page and "<b>work" not in page
    flag = desk.get(f"/api/v1/bills/{NASTY}").json()["versions"][0]["flags"][0]
    assert (flag["topic"], flag["rule"], flag["review"]["rule"]) == ("worker-rights", "review", "rule-1")
    assert NASTY in desk.get("/topics/worker-rights").text
    feed = render_feed(FeedSpec("topic", Topic.WORKER_RIGHTS.value), "atom", services.store, services.site).body
    assert b"Corrected by a reader of the text" in feed


def test_a_confirmed_flag_says_so_and_goes_to_nobody(desk: TestClient, services: Services):
    decide(desk, first(services), "confirm", reason="")
    page = desk.get(f"/{NASTY}").text
    assert "confirmed by a reader of the text" in page and NAME not in page
    assert "Confirmed by" not in desk.get("/feeds/all.atom").text and "Confirmed by" not in desk.get("/").text


def test_a_decision_can_be_taken_back(desk: TestClient, services: Services):
    key = first(services)
    decide(desk, key)
    assert "take back" in desk.get(f"/desk/flags/{key}").text
    decide(desk, key, "withdraw", reason="")
    assert len(desk.get(f"/api/v1/bills/{NASTY}").json()["versions"][0]["flags"]) == 1
    history = lxml_html.fromstring(desk.get(f"/desk/flags/{key}").text).xpath("//ol[@class='timeline']/li")
    assert len(history) == 2 and NAME in history[0].text_content()


@pytest.mark.parametrize(("form", "said"), [
    ({"verdict": ""}, "Choose what you say"), ({"verdict": "burn"}, "Choose what you say"),
    ({"verdict": "reject", "reason": " "}, "Give the reason"),
    ({"verdict": "reject", "reason": "x" * 1001}, "at most 1000"),
    ({"verdict": "reject", "reason": "Only streets, says Ada of the Desk."}, "leave the name of your account"),
    ({"verdict": "correct", "topic": "weather", "effect": "advances"}, "right topic and effect"),
    ({"verdict": "correct", "topic": "decriminalization", "effect": "advances"}, "just what the rule found"),
])
def test_a_form_that_says_too_little_is_shown_again_with_what_was_typed(
        desk: TestClient, services: Services, form: dict, said: str):
    last = services.store.last_seq()
    answer = decide(desk, first(services), **{"reason": "My long thought.", **form})
    assert answer.status_code == 400 and said in answer.text and services.store.last_seq() == last
    assert form.get("reason", "My long thought.").strip() in answer.text


def test_a_decision_on_a_page_that_is_out_of_date_is_asked_again(desk: TestClient, services: Services):
    key = first(services)
    decide(desk, key, "confirm")
    answer = decide(desk, key, known="0")
    assert answer.status_code == 409 and "Somebody decided on this flag meanwhile" in answer.text
    assert "It only names streets." in answer.text and len(services.reviews.decisions(key)) == 1


def test_of_eight_forms_sent_at_once_one_is_kept(desk: TestClient, services: Services):
    key = first(services)
    form = {"verdict": "reject", "known": "0", "proof": proof(desk, f"/desk/flags/{key}")}
    start = threading.Barrier(8)

    def send(n: int) -> int:
        start.wait()
        return desk.post(f"/desk/flags/{key}", data={**form, "reason": f"Street {n}."}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(send, range(8))) == [303] + [409] * 7
    assert len(services.reviews.decisions(key)) == 1


def test_the_next_flag_of_the_same_list_follows_and_the_list_ends(desk: TestClient, services: Services):
    for left in (2, 1, 0):
        rows = services.reviews.queue(QueueQuery()).rows
        answer = decide(desk, rows[0].key)
        assert ("/desk/flags/" in answer.headers["location"]) is (left > 0)
    assert "Nothing else waits here" in desk.get(answer.headers["location"]).text


@pytest.mark.parametrize("key", ["000000000000", "zzzzzz", "a", "%25%25%25%25%25%25", "0" * 64])
def test_a_flag_that_does_not_exist_is_a_404(desk: TestClient, key: str):
    assert desk.get(f"/desk/flags/{key}").status_code == 404


@pytest.mark.parametrize("query", ["?page=99999999999", "?page=-3", "?topic=weather", "?jurisdiction=%00%27--",
                                   "?show=secret"])
def test_an_odd_question_to_the_queue_is_no_failure(desk: TestClient, query: str):
    assert desk.get(f"/desk{query}").status_code == 200


def test_the_audit_log_knows_who_decided(desk: TestClient, services: Services):
    key = first(services)
    decide(desk, key)
    entry = services.accounts.audit()[0]
    assert (entry.account, entry.action, entry.subject) == (NAME, "flag-reject", key)


def test_nothing_of_the_desk_reaches_the_logs(desk: TestClient, services: Services, capfd, caplog):
    decide(desk, first(services))
    log_in(desk, NAME, "wrong password")
    seen = "".join(capfd.readouterr()) + caplog.text
    assert not any(word in seen for word in (NAME, PASSWORD, desk.cookies["desk"], "streets"))


@pytest.mark.parametrize("path", ["/desk", "/desk/login", "/desk/account", "/desk?show=all"])
def test_pages_of_the_desk_are_neither_kept_nor_indexed_and_run_nothing(desk: TestClient, path: str):
    answer = desk.get(path)
    assert answer.headers["cache-control"] == "no-store" and "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    page = lxml_html.fromstring(answer.text)
    assert not page.xpath("//script | //@style | //style | //*[starts-with(name(@*),'on')]")
    assert all(page.xpath(f"//label[@for='{field.get('id')}']") or field.get("hidden") is not None
               or field.get("type") == "hidden" for field in page.xpath("//input | //select | //textarea"))


# --- one's own account ------------------------------------------------------------------------------------------------


def test_a_code_generator_is_set_up_and_its_codes_work_once(desk: TestClient, services: Services, clock: Clock):
    page = lxml_html.fromstring(desk.get("/desk/account").text)
    secret = page.xpath("//input[@name='secret']/@value")[0]
    assert page.xpath("//*[local-name()='svg']") and secret in page.text_content()
    form = {"secret": secret, "proof": proof(desk, "/desk/account"), "password": PASSWORD}
    code = pyotp.TOTP(secret).at(clock.now)
    wrong = desk.post("/desk/account/totp", data={**form, "code": "000000"})
    assert wrong.status_code == 400 and secret in wrong.text
    assert desk.post("/desk/account/totp", data={**form, "code": code, "password": "not it"}).status_code == 400
    assert desk.post("/desk/account/totp", data={**form, "code": code}).headers["location"] == "/desk/login"
    assert desk.get("/desk").status_code == 303
    assert log_in(desk).status_code == 400
    assert log_in(desk, code=code).status_code == 400  # used up when it was set
    clock.now += timedelta(seconds=30)
    assert log_in(desk, code=pyotp.TOTP(secret).at(clock.now)).status_code == 303


@pytest.mark.parametrize("secret", ["", "short", "a" * 32, "<b>" + "A" * 29, "A" * 5000])
def test_a_secret_that_is_not_ours_is_not_taken_nor_shown(desk: TestClient, services: Services, secret: str):
    answer = desk.post("/desk/account/totp", data={"secret": secret, "proof": proof(desk, "/desk/account"),
                                                   "password": PASSWORD, "code": "123456"})
    assert answer.status_code == 400 and services.entrance.get(NAME).totp_sealed is None
    assert not secret or secret not in answer.text


def test_a_password_is_changed_by_who_knows_the_present_one(desk: TestClient):
    given = proof(desk, "/desk/account")
    for form in ({"password": "not it", "new": "twelve more lanterns", "again": "twelve more lanterns"},
                 {"password": PASSWORD, "new": "twelve more lanterns", "again": "other"},
                 {"password": PASSWORD, "new": "short", "again": "short"}):
        assert desk.post("/desk/account/password", data={**form, "proof": given}).status_code == 400
    changed = desk.post("/desk/account/password", data={
        "password": PASSWORD, "new": "twelve more lanterns", "again": "twelve more lanterns", "proof": given})
    assert changed.status_code == 303 and desk.get("/desk").status_code == 303
    assert log_in(desk).status_code == 400 and log_in(desk, password="twelve more lanterns").status_code == 303
