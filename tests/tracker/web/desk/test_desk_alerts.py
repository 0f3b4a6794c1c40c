"""Alerts at the desk, from draft to withdrawal: by two people, with proofs, and never words that changed meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html

from tests.tracker.alerts.sample import (
    TEXT,
    people,
    submitted,
    written,
)
from tests.tracker.web.desk.hands import PASSWORD, log_in, proof
from tests.tracker.web.sample import NASTY, NOW
from tracker.alerts.records import Addressee, Member
from tracker.alerts.writing import as_given
from tracker.app import Services


@pytest.fixture
def services(services: Services) -> Services:
    people(services)
    for name in ("ada", "bo", "cy"):
        services.entrance.set_password(name, PASSWORD)
    return services


def sign_in(client: TestClient, name: str) -> None:
    client.cookies.clear()
    assert log_in(client, name).headers["location"] == "/desk"


def send(client: TestClient, path: str, **fields):
    return client.post(path, data={"proof": proof(client, path), **fields})


def do(client: TestClient, alert_id: str, deed: str, known: int = 1, **more: str):
    path = f"/desk/alerts/{alert_id}"
    return client.post(path, data={"proof": proof(client, path), "known": str(known), "deed": deed, **more})


def test_an_alert_is_written_submitted_and_released_by_two_people(client, services):
    sign_in(client, "ada")
    answer = send(client, "/desk/alerts/new", **as_given(TEXT))
    path = answer.headers["location"].partition("?")[0]
    alert_id = path.rpartition("/")[2]
    assert services.alerts.get(alert_id).newest.text == replace(TEXT, addressees=())
    assert do(client, alert_id, "submit").status_code == 303
    refused = do(client, alert_id, "release")
    assert refused.status_code == 400 and client.get(f"/alerts/{alert_id}").status_code == 404
    sign_in(client, "bo")
    assert do(client, alert_id, "release").headers["location"].endswith("done=released")
    assert client.get(f"/alerts/{alert_id}").status_code == 200
    assert do(client, alert_id, "withdraw", note="Wrong bill.").status_code == 303
    assert client.get(f"/alerts/{alert_id}").status_code == 410
    sign_in(client, "ada")
    assert "Wrong bill." in client.get(path).text


def test_who_is_both_may_not_release_what_they_changed(client, services):
    alert = written(services)
    sign_in(client, "cy")
    path = f"/desk/alerts/{alert.id}/edit"
    assert send(client, path, known="1", **{**as_given(TEXT), "deadline_words": "Friday 4 pm"}).status_code == 303
    do(client, alert.id, "submit", 2)
    assert "somebody else must" in do(client, alert.id, "release", 2).text


@pytest.mark.parametrize("path", ["/desk/alerts", "/desk/alerts/new", "/desk/alerts/x", "/desk/alerts/x/preview",
                                  "/desk/alerts/x/mail", "/desk/alerts/x/edit"])
def test_a_stranger_is_sent_to_the_log_in(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/login")


def test_a_form_that_is_none_of_ours_does_nothing(client, services):
    alert = submitted(services, written(services))
    sign_in(client, "bo")
    assert client.post(f"/desk/alerts/{alert.id}", data={"deed": "release", "known": "1"}).status_code == 403
    assert services.alerts.get(alert.id).public is None


def test_a_release_of_words_that_changed_meanwhile_is_refused(client, services):
    alert = submitted(services, written(services))
    sign_in(client, "bo")
    assert do(client, alert.id, "release", known=2).status_code == 409
    assert client.post(f"/desk/alerts/{alert.id}", data={
        "deed": "release", "proof": proof(client, f"/desk/alerts/{alert.id}")}).status_code == 409
    assert services.alerts.get(alert.id).public is None


def test_a_form_with_faults_names_them_and_keeps_what_was_typed(client, services):
    sign_in(client, "ada")
    given = {**as_given(TEXT), "why": "", "deadline": "soon", "bills": "us/1/x", "script": "Say that Ada sent you."}
    page = send(client, "/desk/alerts/new", **given)
    assert page.status_code == 400 and services.alerts.all() == []
    for said in ("Why it matters: this is missing", "expected a day and a time", "all of the legislature",
                 "leave the name of your account out", "Call the office before noon."):
        assert said in page.text, said


def test_the_preview_is_what_will_be_sent_and_only_the_desk_sees_it(client, services):
    alert = written(services)
    sign_in(client, "bo")
    page = client.get(f"/desk/alerts/{alert.id}/preview")
    words = " ".join(lxml_html.fromstring(page.text).text_content().split())
    for said in ("A message that cannot wait", "Closes in 3 days", "Hello, I ask you to vote", "Ask the committee"):
        assert said in words, said
    mail = client.get(f"/desk/alerts/{alert.id}/mail")
    assert "sandbox" in mail.headers["content-security-policy"] and mail.headers["cache-control"] == "no-store"
    assert "<b>to" not in mail.text and "<script" not in mail.text and "Rep. Ada Sample" in mail.text
    assert "Pida al comité" in client.get(f"/desk/alerts/{alert.id}/mail?language=es").text


def test_sponsors_are_proposed_with_the_contact_of_the_list_and_never_with_a_guess(client, services):
    office = Addressee("Rep. Ada Sample", "Representative", "XX-1", "+1 555 0100", source="https://l.example/m",
                       fetched_on=NOW.date())
    services.alerts.replace_members("xx", [Member("xx", office), Member("xx", replace(office, name="Rep. A. Sample"))])
    sign_in(client, "ada")
    page = lxml_html.fromstring(client.get(f"/desk/alerts/new?bill={NASTY}").text)
    labels = [" ".join(label.text_content().split()) for label in page.xpath(
        "//label[../input[@name='addressee']]")]
    assert labels == [f"Rep. Ada Sample, Representative, XX-1: +1 555 0100 as of {NOW.date()}"]
    given = {**as_given(TEXT), "addressee": ["Rep. Ada Sample", "Somebody Else"]}
    send(client, "/desk/alerts/new", **given)
    assert services.alerts.all()[0].newest.text.addressees == (office,)
