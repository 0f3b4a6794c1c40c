"""Alerts on the web: public pages, feed and calendar only inside the window; the desk from draft to withdrawal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from icalendar import Calendar
from litestar.testing import TestClient
from lxml import etree
from lxml import html as lxml_html

from tests.tracker.alerts.sample import (
    DEADLINE,
    TEXT,
    corrected,
    people,
    released,
    submitted,
    text,
    withdrawn,
    written,
)
from tests.tracker.web.sample import NASTY, NOW, PLAIN, open_sample
from tests.tracker.web.test_web_readers import confirmed
from tracker.alerts.records import Addressee, Member
from tracker.alerts.writing import as_given
from tracker.app import Services
from tracker.desk import accounts
from tracker.web.app import create_app
from tracker.web.wording import dialable

PASSWORD = "seven lanterns at dusk"
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
    people(made)
    for name in ("ada", "bo", "cy"):
        made.entrance.set_password(name, PASSWORD)
    yield made
    made.store.close()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), raise_server_exceptions=False) as made:
        made.follow_redirects = False
        yield made


def proof(client: TestClient, path: str) -> str:
    return re.search(r'name="proof" value="(\w+)"', client.get(path).text)[1]


def sign_in(client: TestClient, name: str) -> None:
    client.cookies.clear()
    answer = client.post("/desk/login", data={"name": name, "password": PASSWORD, "code": "",
                                              "proof": proof(client, "/desk/login")})
    assert answer.headers["location"] == "/desk"


def send(client: TestClient, path: str, **fields):
    return client.post(path, data={"proof": proof(client, path), **fields})


def do(client: TestClient, alert_id: str, deed: str, known: int = 1, **more: str):
    path = f"/desk/alerts/{alert_id}"
    return client.post(path, data={"proof": proof(client, path), "known": str(known), "deed": deed, **more})


# --- what readers see -------------------------------------------------------------------------------------------------


def test_an_open_alert_has_a_page_with_a_countdown_in_the_venues_words(client, services):
    alert = released(services)
    page = client.get(f"/alerts/{alert.id}")
    assert page.status_code == 200 and "set-cookie" not in page.headers
    words = " ".join(lxml_html.fromstring(page.text).xpath("//main")[0].text_content().split())
    for said in ("Closes in 3 days, Friday 17:00 (Pacific Time)", "Friday 5 pm or upon adjournment",
                 "Hello, I ask you to vote", "Telephone of the office: +1 555 0100", "read on 1 May 2031"):
        assert said in words, said
    assert "<b>to</b>" not in page.text and "&lt;b&gt;to" in page.text
    assert "<script" not in page.text and "ada" not in words.split() and "bo" not in words.split()
    assert f"/alerts/{alert.id}" in client.get("/alerts").text
    spanish = client.get(f"/alerts/{alert.id}?lang=es").text
    assert "Pida al comité" in spanish and "viernes" in spanish


def test_an_open_alert_stands_where_readers_look_as_long_as_it_is_open_and_not_on_pages_of_the_past(
        client, services, clock):
    alert = released(services)
    pages = ("/", f"/{NASTY}", "/xx", "/topics/decriminalization")
    link = f'href="/alerts/{alert.id}"'
    assert [path for path in pages if link not in client.get(path).text] == []
    for path in ("/topics/criminalization", f"/{PLAIN}", "/?as-of=2031-05-06", f"/{NASTY}?as-of=2031-05-06"):
        answer = client.get(path)
        assert answer.status_code == 200 and link not in answer.text, path
    clock.now = DEADLINE - timedelta(seconds=1)
    assert [path for path in pages if link not in client.get(path).text] == []
    clock.now = DEADLINE  # ends are whole minutes, and no page is kept beyond its minute
    assert [path for path in pages if link in client.get(path).text] == []
    clock.now = DEADLINE - timedelta(minutes=5)
    assert link in client.get("/").text
    withdrawn(services, alert)
    assert [path for path in pages if link in client.get(path).text] == []


@pytest.mark.parametrize(("before", "words"), [
    (timedelta(hours=30), "Closes in 1 day, Friday"), (timedelta(hours=5, minutes=59), "Closes in 5 hours"),
    (timedelta(minutes=59), "Closes in 59 minutes"), (timedelta(minutes=1, seconds=30), "Closes in 1 minute,")])
def test_the_countdown_never_promises_more_time_than_there_is(client, services, clock, before, words):
    alert = released(services)
    clock.now = DEADLINE - before
    assert words in client.get(f"/alerts/{alert.id}").text


def public_traces(client, alert_id):
    return [path for path in ("/alerts", f"/alerts/{alert_id}", "/feeds/alerts.atom", "/feeds/alerts.rss",
                              "/feeds/alerts.json", f"/alerts/{alert_id}.ics", "/")
            if "Ask the committee" in client.get(path).text or "loitering." in client.get(path).text]


def test_nothing_of_a_draft_or_a_submitted_alert_is_public(client, services):
    alert = written(services)
    assert public_traces(client, alert.id) == [] and client.get(f"/alerts/{alert.id}").status_code == 404
    submitted(services, alert)
    assert public_traces(client, alert.id) == [] and client.get(f"/alerts/{alert.id}.ics").status_code == 404


def test_before_the_embargo_ends_it_does_not_exist(client, services, clock):
    alert = released(services, text(not_before=NOW + timedelta(hours=1)))
    assert public_traces(client, alert.id) == [] and client.get(f"/alerts/{alert.id}").status_code == 404
    assert client.get(f"/alerts/{alert.id}.ics").status_code == 404
    clock.now = NOW + timedelta(hours=1)
    assert len(public_traces(client, alert.id)) >= 4


def test_from_its_end_on_the_page_is_gone_and_shows_none_of_its_words(client, services, clock):
    alert = released(services)
    clock.now = DEADLINE
    page = client.get(f"/alerts/{alert.id}")
    assert page.status_code == 410 and "This is over" in page.text and public_traces(client, alert.id) == []


def test_nobody_may_keep_a_copy_beyond_the_window_unasked(client, services):
    alert = released(services)
    for path in ("/alerts", f"/alerts/{alert.id}", "/feeds/alerts.atom", f"/alerts/{alert.id}.ics"):
        assert client.get(path).headers["cache-control"] == "no-cache", path


def test_a_withdrawn_alert_is_one_sentence_everywhere(client, services, clock):
    alert = withdrawn(services, released(services))
    page = client.get(f"/alerts/{alert.id}")
    assert page.status_code == 410 and "This was withdrawn" in page.text and public_traces(client, alert.id) == []
    (item,) = json.loads(client.get("/feeds/alerts.json").text)["items"]
    assert item["title"] == "Withdrawn" and "HB 13" not in str(item)
    calendar = Calendar.from_ical(client.get(f"/alerts/{alert.id}.ics").content)
    assert str(calendar.walk("VEVENT")[0]["STATUS"]) == "CANCELLED"
    clock.now = NOW + timedelta(days=15)
    assert json.loads(client.get("/feeds/alerts.json").text)["items"] == []


def test_an_alert_that_was_withdrawn_under_embargo_was_never_there(client, services):
    alert = withdrawn(services, released(services, text(not_before=NOW + timedelta(hours=1))))
    assert client.get(f"/alerts/{alert.id}").status_code == 404
    assert json.loads(client.get("/feeds/alerts.json").text)["items"] == []


def test_a_corrected_alert_keeps_its_entry_and_says_what_was_wrong(client, services, clock):
    alert = released(services)
    first = json.loads(client.get("/feeds/alerts.json").text)["items"][0]
    clock.now = NOW + timedelta(hours=1)
    corrected(services, alert)
    second = json.loads(client.get("/feeds/alerts.json").text)["items"][0]
    assert first["id"] == second["id"] and second["title"].startswith("Corrected: ")
    assert "The hour was wrong." in client.get(f"/alerts/{alert.id}").text
    assert second["date_published"] > first["date_published"]


@pytest.mark.parametrize("fmt", ["atom", "rss"])
def test_the_feed_is_well_formed_and_answers_304(client, services, fmt):
    released(services)
    answer = client.get(f"/feeds/alerts.{fmt}")
    assert b"Ask the committee" in etree.tostring(etree.fromstring(answer.content))
    again = client.get(f"/feeds/alerts.{fmt}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_calendar_has_two_alarms_in_the_venues_zone_and_neutral_words(client, services):
    alert = released(services)
    answer = client.get(f"/alerts/{alert.id}.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    assert event["DTSTART"].dt == DEADLINE and event["DTSTART"].params["TZID"] == "America/Los_Angeles"
    assert len(calendar.walk("VTIMEZONE")) == 1 and event["SEQUENCE"] == 0
    assert [a["TRIGGER"].dt for a in event.walk("VALARM")] == [timedelta(days=-1), timedelta(hours=-2)]
    assert not re.search(rb"HB|loiter|committee|Decrim|repeal", answer.content)
    again = corrected(services, alert, deadline=DEADLINE - timedelta(hours=1))
    (event,) = Calendar.from_ical(client.get(f"/alerts/{again.id}.ics").content).walk("VEVENT")
    assert event["SEQUENCE"] == 1 and event["DTSTART"].dt == DEADLINE - timedelta(hours=1)


# --- the desk ---------------------------------------------------------------------------------------------------------


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


# --- a reader's no ----------------------------------------------------------------------------------------------------


def test_a_reader_can_say_no_to_alerts_and_yes_again(client, services):
    token = confirmed(client, services)
    subscription = next(iter(services.ledger.confirmed()))
    assert subscription.alerts
    client.post(f"/manage/{token}", data={"cadence": "daily", "zone": "UTC", "hour": "8", "no_alerts": "1"})
    assert not services.ledger.get(subscription.id).alerts
    box = lxml_html.fromstring(client.get(f"/manage/{token}").text).xpath("//input[@name='no_alerts']")[0]
    assert box.get("checked") is not None
    client.post(f"/manage/{token}", data={"cadence": "daily", "zone": "UTC", "hour": "8"})
    assert services.ledger.get(subscription.id).alerts


@pytest.mark.parametrize(("phone", "digits"), [
    ("+1 (555) 010-0199", "+15550100199"), ("555 0100", "5550100"), ("555 0100 ext. 12", ""), ("*31#5550100", ""),
    ("javascript:alert(1)", ""), ("", "")])
def test_a_number_is_dialled_by_a_touch_only_if_it_is_nothing_but_a_number(phone: str, digits: str):
    assert dialable(phone) == digits
