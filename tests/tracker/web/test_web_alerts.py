"""Alerts on the web: public pages, feed and calendar only inside the window; and a reader's no."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from lxml import etree
from lxml import html as lxml_html

from tests.tracker.alerts.sample import (
    DEADLINE,
    corrected,
    people,
    released,
    submitted,
    text,
    withdrawn,
    written,
)
from tests.tracker.web.sample import NASTY, NOW, PLAIN
from tests.tracker.web.test_web_readers import confirmed
from tracker.app import Services
from tracker.web.wording import dialable, postable


@pytest.fixture
def services(services: Services) -> Services:
    people(services)
    return services


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


@pytest.mark.parametrize("mail", [
    "ada@house.example?subject=x", "ada@house.example,bo@house.example", "ada@house.example%0ABcc:x",
    "Ada <a@b.example>", "a b@house.example", "javascript:alert(1)@house.example", "ada@localhost", ""])
def test_a_touch_writes_to_an_office_only_if_its_address_is_nothing_but_one(mail: str):
    plain = "ada.sample+desk@mail.house.example"
    assert (postable(mail), postable(plain)) == ("", plain)


def test_an_office_is_called_or_written_to_by_a_touch(client, services):
    page = lxml_html.fromstring(client.get(f"/alerts/{released(services).id}").text)
    assert page.xpath("//ul[@class='offices']//a/@href")[:2] == ["tel:+15550100", "mailto:sample@house.example.org"]
