"""The desk: off until somebody can log in, one cookie, forms that only our own pages can send, no name in public."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pyotp
import pytest
from litestar.exceptions import ServiceUnavailableException
from litestar.testing import TestClient
from lxml import html as lxml_html

from tests.tracker.web.desk.hands import NAME, PASSWORD, first, log_in, proof
from tests.tracker.web.sample import NOW, PLAIN, Clock
from tracker.app import Services
from tracker.model import Role
from tracker.web import desk_gate
from tracker.web.app import create_app
from tracker.web.desk_gate import TRIES_A_NAME, TRIES_A_NETWORK, Gate
from tracker.web.press import Press

# --- coming in --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/desk", "/desk/login", "/desk/flags/abcdef", "/desk/account"])
def test_without_an_account_that_can_log_in_there_is_nothing_at_the_desk(client: TestClient, services: Services, path):
    services.entrance.disable(NAME, NOW)
    services.entrance.add("quiet", [Role.OPERATOR], None, NOW)
    missing = client.get("/nowhere/at/all/of/it")  # three parts would be a bill that is not held, of which more is said
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
