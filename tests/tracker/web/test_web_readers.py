"""Readers' pages: double opt-in, change, one click to leave; the same answer for everyone; nothing acts on GET."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html

from tests.tracker.web.sample import PLAIN, Postbox
from tracker.app import Services
from tracker.model import Cadence, Topic
from tracker.web.app import create_app

ADDRESS = "ada@reader.example"
FORM = {"address": ADDRESS, "topics": ["decriminalization", "worker-rights"], "jurisdictions": "xx",
        "cadence": "weekly", "weekday": "4", "hour": "7", "zone": "Europe/Vienna"}


def mails(services: Services) -> list:
    postbox = services.mailer
    assert isinstance(postbox, Postbox)
    return postbox.sent


def sign_up(client: TestClient, services: Services, **changes: object) -> str:
    """The token of the confirmation that was mailed."""
    assert client.post("/subscribe", data={**FORM, **changes}).status_code == 200
    message, _ = mails(services)[-1]
    return re.search(r"/confirm/([\w.~-]+)", message.get_body(("plain",)).get_content())[1]


def confirmed(client: TestClient, services: Services, **changes: object) -> str:
    """The token to change and leave."""
    page = lxml_html.fromstring(client.post(f"/confirm/{sign_up(client, services, **changes)}").text)
    return page.xpath("//a[starts-with(@href,'/manage/')]/@href")[0].removeprefix("/manage/")


def leave_path(client: TestClient, token: str) -> str:
    page = lxml_html.fromstring(client.get(f"/manage/{token}").text)
    return page.xpath("//form[starts-with(@action,'/u/')]/@action")[0]


def kept(services: Services) -> list:
    return list(services.ledger.confirmed())


def test_a_reader_signs_up_confirms_changes_and_leaves(client: TestClient, services: Services):
    token = sign_up(client, services)
    assert mails(services)[-1][1] == ADDRESS and kept(services) == []
    assert client.get(f"/confirm/{token}").status_code == 200 and kept(services) == []
    done = client.post(f"/confirm/{token}")
    assert done.status_code == 200
    (one,) = kept(services)
    assert (one.cadence, one.weekday, one.hour, one.zone) == (Cadence.WEEKLY, 4, 7, "Europe/Vienna")
    assert set(one.filter.topics) == {Topic.DECRIMINALIZATION, Topic.WORKER_RIGHTS}
    assert one.filter.jurisdictions == ("xx",) and one.cursor == services.store.last_seq()
    manage = lxml_html.fromstring(done.text).xpath("//a[starts-with(@href,'/manage/')]/@href")[0]
    page = lxml_html.fromstring(client.get(manage).text)
    assert set(page.xpath("//input[@checked]/@value")) == {"decriminalization", "worker-rights", "xx", "weekly"}
    saved = client.post(manage, data={"cadence": "daily", "hour": "21", "weekday": "0", "zone": "UTC"})
    assert saved.status_code == 200 and "Saved." in saved.text
    (one,) = kept(services)
    assert (one.cadence, one.hour, one.filter.topics, one.filter.jurisdictions) == (Cadence.DAILY, 21, (), ())
    leave = page.xpath("//form[starts-with(@action,'/u/')]/@action")[0]
    assert client.get(leave).status_code == 200 and len(kept(services)) == 1
    assert client.post(leave).status_code == 200 and kept(services) == []
    assert client.post(leave).status_code == 200


def test_one_click_leaves_without_cookie_token_or_login(client: TestClient, services: Services):
    leave = leave_path(client, confirmed(client, services))
    client.cookies.clear()
    answer = client.post(leave, content=b"List-Unsubscribe=One-Click",
                         headers={"content-type": "application/x-www-form-urlencoded", "origin": "https://mail.example"})
    assert answer.status_code == 200 and kept(services) == [] and "location" not in answer.headers


def test_one_click_as_multipart_and_with_nonsense_leaves_too(client: TestClient, services: Services):
    leave = leave_path(client, confirmed(client, services))
    answer = client.post(leave, content=b"\xff\x00", headers={"content-type": "multipart/form-data"})
    assert answer.status_code == 200 and kept(services) == []


def test_a_known_and_an_unknown_address_get_the_same_answer(client: TestClient, services: Services):
    confirmed(client, services)
    known = client.post("/subscribe", data=FORM)
    unknown = client.post("/subscribe", data={**FORM, "address": "bo@reader.example"})
    drop = {"date"}
    assert known.content == unknown.content and known.status_code == unknown.status_code
    assert ({k: v for k, v in known.headers.items() if k not in drop}
            == {k: v for k, v in unknown.headers.items() if k not in drop})
    assert "reader.example" not in known.text


def test_a_mail_server_that_fails_changes_nothing_in_the_answer(services: Services, client: TestClient):
    fine = client.post("/subscribe", data=FORM)

    class Broken:
        def send(self, message: object, recipient: str, sender: str = "") -> None:
            from tracker.errors import TransientDelivery

            raise TransientDelivery("421 try later")

    broken = replace(services)
    broken.__dict__.update(store=services.store, mailer=Broken())
    with TestClient(create_app(broken)) as other:
        assert other.post("/subscribe", data={**FORM, "address": "cy@reader.example"}).content == fine.content


@pytest.mark.parametrize(("change", "said"), [
    ({"address": "nonsense"}, None), ({"address": ""}, None), ({"address": "a@b.example\r\nBcc: x@y.example"}, None),
    ({"zone": "Mars/Olympus"}, "time zone"), ({"hour": "24"}, "hour"), ({"weekday": "-1"}, "weekday"),
    ({"cadence": "hourly"}, "How often"), ({"topics": ["worker-rights", "weather"]}, "not one of ours"),
    ({"jurisdictions": "yy"}, "not one of ours"), ({"bills": "../../etc"}, None), ({"bills": "x" * 200}, "A bill"),
    ({"hour": "٣"}, "hour"), ({"hour": "0009999"}, "hour"), ({"weekday": "00000000009"}, "weekday"),
    ({"hour": "0" * 5_000}, "hour"),
])
def test_a_form_that_cannot_be_understood_is_shown_again_and_mails_nothing(
        client: TestClient, services: Services, change: dict, said: str | None):
    answer = client.post("/subscribe", data={**FORM, **change})
    if answer.status_code == 200:
        assert change.get("bills") == "../../etc"  # shaped like a bill's name: it follows nothing
        return
    assert answer.status_code == 400 and "Please look again" in answer.text and mails(services) == []
    assert said is None or said in answer.text


@pytest.mark.parametrize("path", ["/confirm/{}", "/manage/{}", "/u/{}"])
def test_pages_behind_a_token_are_neither_kept_nor_indexed_and_have_a_neutral_title(
        client: TestClient, services: Services, path: str):
    token = confirmed(client, services)
    answer = client.get(path.format(token))
    assert answer.headers["cache-control"] == "no-store" and "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["referrer-policy"] == "no-referrer" and "etag" not in answer.headers
    title = lxml_html.fromstring(answer.text).find(".//title").text.lower()
    assert not any(word in title for word in ("bill", "crim", "sex", "traffick", "worker", services.settings.site_name))
    assert ADDRESS not in answer.text


@pytest.mark.parametrize("path", ["/confirm/{}", "/manage/{}"])
def test_a_wrong_token_changes_nothing_and_says_so(client: TestClient, services: Services, path: str):
    confirmed(client, services)
    for token in ("wrong", "0" * 64, "%00", "a%2Fb", "x" * 5000):
        answer = client.post(path.format(token), data={"cadence": "instant"})
        assert answer.status_code in (400, 404)
    assert kept(services)[0].cadence is Cadence.WEEKLY


def test_a_confirmation_works_once(client: TestClient, services: Services):
    token = sign_up(client, services)
    assert [client.post(f"/confirm/{token}").status_code for _ in range(2)] == [200, 404]


def test_a_bill_can_be_followed_from_its_page(client: TestClient, services: Services):
    page = lxml_html.fromstring(client.get(f"/subscribe?bill={PLAIN}").text)
    assert page.xpath("//input[@name='bills' and @checked]/@value") == [PLAIN]
    confirmed(client, services, bills=PLAIN, topics=[], jurisdictions=[])
    assert kept(services)[0].filter.bills == (PLAIN,)


def test_many_sign_ups_of_one_network_are_stopped(client: TestClient, services: Services):
    answers = [client.post("/subscribe", data={**FORM, "address": f"r{n}@reader.example"}).status_code
               for n in range(25)]
    assert answers == [200] * 20 + [429] * 5


def test_a_giant_form_is_refused(client: TestClient):
    assert client.post("/subscribe", data={**FORM, "address": "a" * 70_000}).status_code == 413


@pytest.mark.parametrize(("body", "kind"), [
    (b"\xff\xfe=%ff", "application/x-www-form-urlencoded"), (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
    (b"x", "multipart/form-data"), (b'{"address":1}', "application/json"), (b"", "text/plain"),
])
def test_a_broken_form_is_a_400(client: TestClient, services: Services, body: bytes, kind: str):
    assert client.post("/subscribe", content=body, headers={"content-type": kind}).status_code == 400
    assert mails(services) == []


def test_a_site_without_mail_says_so(services: Services):
    silent = Services(services.settings.model_copy(update={"mail": "off"}), services.clock)
    with TestClient(create_app(silent)) as client:
        assert "switched off" in client.get("/subscribe").text
        assert client.post("/subscribe", data=FORM).status_code == 503


def test_nothing_of_a_reader_reaches_the_logs(client: TestClient, services: Services, capfd, caplog):
    token = confirmed(client, services)
    client.post(leave_path(client, token))
    seen = "".join(capfd.readouterr()) + caplog.text
    assert token not in seen and ADDRESS not in seen


# --- a look before it is saved ----------------------------------------------------------------------------------------


FINE = {"subtopics": "criminalization/buying", "effects": "advances", "stages": "in-committee",
        "sponsors": "Sample\nBold", "committees": "Streets", "words": 'street* OR "fair streets"',
        "bills": ["xx/7/hb-12", "xx/7/hb-13\nxx/7/hb-14"]}


def test_a_look_at_the_choice_saves_and_mails_nothing(client: TestClient, services: Services):
    answer = client.post("/subscribe", data={**FORM, "step": "preview"})
    page = lxml_html.fromstring(answer.text)
    assert answer.status_code == 200 and mails(services) == []
    assert answer.headers["cache-control"] == "no-store"
    said = {d.text_content(): d.getnext().text_content() for d in page.xpath("//dl/dt")}
    assert said["About"] == "Decriminalization or Worker rights"
    assert page.xpath("//*[@class='amount']") and "Nothing is saved yet." in page.text_content()
    form = page.xpath("//main//form")[0]
    fields = [(i.get("name"), i.get("value")) for i in form.xpath(".//input")]
    client.post("/subscribe", data=_grouped(fields))
    token = re.search(r"/confirm/([\w.~-]+)", mails(services)[-1][0].get_body(("plain",)).get_content())[1]
    client.post(f"/confirm/{token}")
    (one,) = kept(services)
    assert set(one.filter.topics) == {Topic.DECRIMINALIZATION, Topic.WORKER_RIGHTS} and one.zone == "Europe/Vienna"


def _grouped(fields: list) -> dict:
    found: dict = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return found


def test_every_field_goes_through_look_change_and_save(client: TestClient, services: Services):
    token = confirmed(client, services)
    looked = lxml_html.fromstring(client.post(f"/manage/{token}", data={**FORM, **FINE, "step": "preview"}).text)
    fields = [(i.get("name"), i.get("value")) for i in looked.xpath("//main//form//input")]
    again = lxml_html.fromstring(client.post(f"/manage/{token}", data={**_grouped(fields), "step": "edit"}).text)
    ticked = set(again.xpath("//form[1]//input[@type='checkbox'][@checked]/@value"))
    assert {"criminalization/buying", "advances", "in-committee", "xx/7/hb-13", "xx"} <= ticked
    assert again.xpath("//input[@name='words']/@value") == [FINE["words"]]
    assert again.xpath("//textarea[@name='sponsors']")[0].text.split() == ["Bold", "Sample"]
    assert again.xpath("//details[@class='more']/@open") and kept(services)[0].filter.words is None
    assert client.post(f"/manage/{token}", data=_grouped(fields)).status_code == 200
    kept_filter = kept(services)[0].filter
    assert kept_filter.bills == ("xx/7/hb-12", "xx/7/hb-13", "xx/7/hb-14")
    assert kept_filter.sponsors == ("Bold", "Sample")
    assert (kept_filter.committees, kept_filter.stages, kept_filter.words) == (
        ("Streets",), ("in-committee",), FINE["words"])


@pytest.mark.parametrize(("change", "said"), [
    ({"words": "street ("}, "Your words, from character"),
    ({"words": "jurisdicton:xx"}, "Perhaps you mean: jurisdiction:xx"),
    ({"words": 'fair -(street OR cite:"47 U.S.C. 230")'}, "not followed"), ({"words": "x" * 700}, "longer than"),
    ({"sponsors": "!!"}, "is no name"), ({"stages": "lost"}, "not one of ours"),
    ({"subtopics": "criminalization/weather"}, "not one of ours"), ({"effects": "doubles"}, "not one of ours"),
    ({"committees": "\n".join(f"c{n}" for n in range(21))}, "At most 20"),
])
def test_what_was_written_wrongly_is_explained_and_kept_in_the_form(
        client: TestClient, services: Services, change: dict, said: str):
    answer = client.post("/subscribe", data={**FORM, **change, "step": "preview"})
    assert answer.status_code == 400 and said in lxml_html.fromstring(answer.text).text_content()
    assert mails(services) == []


def test_a_look_tells_how_much_and_what_we_may_miss(client: TestClient, services: Services):
    page = client.post("/subscribe", data={**FORM, "topics": [], "jurisdictions": [], "bills": "us-wa/1/hb-1",
                                           "step": "preview"}).text
    text = lxml_html.fromstring(page).text_content()
    assert "What we may miss" in text and "Not checked by this site: Washington" in text
    assert "Proven on recorded pages only" in text
    page = client.post("/subscribe", data={**FORM, "topics": [], "words": "fosta", "step": "preview"}).text
    assert "Your words belong to our topic" in page and "not in its whole text" in page


def test_a_bill_that_nobody_knows_is_named_before_it_is_waited_for(client: TestClient):
    page = client.post("/subscribe", data={**FORM, "bills": "xx/7/hb-12\nxx/7/hb-99999", "step": "preview"}).text
    said = lxml_html.fromstring(page).text_content()
    assert "Not known here yet: xx/7/hb-99999." in said


def test_hostile_words_are_shown_as_words(client: TestClient):
    page = client.post("/subscribe", data={**FORM, "words": '"<script>alert(1)</script>"', "sponsors": "<b>x",
                                           "step": "preview"}).text
    assert "<script>" not in page and "<b>x" not in page and "&lt;b&gt;x" in page


def test_a_link_can_bring_any_field_along(client: TestClient):
    page = lxml_html.fromstring(client.get("/subscribe", params={
        "words": "lantern", "bill": "xx/7/hb-12", "topics": "worker-rights", "stages": "became-law"}).text)
    assert page.xpath("//input[@name='words']/@value") == ["lantern"]
    assert {"xx/7/hb-12", "worker-rights", "became-law"} <= set(page.xpath("//input[@checked]/@value"))


def test_looking_is_not_for_free(client: TestClient, services: Services):
    codes = {client.post("/subscribe", data={**FORM, "step": "preview"}).status_code for _ in range(62)}
    assert codes == {200, 429}
    assert client.post("/subscribe", data=FORM).status_code == 200  # looking costs no sign-up
