"""What people decide about flags at the desk, and where it shows."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html

from digests.channels.feeds import FeedSpec, render_feed
from tests.tracker.web.desk.hands import NAME, PASSWORD, decide, first, log_in, proof
from tests.tracker.web.sample import FLAGS, NASTY, PLAIN
from tracker.app import Services
from tracker.model import Topic
from tracker.store.reviews import QueueQuery

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
