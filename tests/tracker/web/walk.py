"""A filled site, an empty one and one in trouble to every page that anybody can see, in each state of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from httpx import Response
from litestar.testing import TestClient
from lxml import html as lxml_html
from markupsafe import Markup

from digests.delivery.permalink import token_of, told_of
from tests.tracker.alerts.sample import DEADLINE, corrected, people, released, text, withdrawn, written
from tests.tracker.web.meeting import MEETING, add_meetings
from tests.tracker.web.revised import REVISED, add_revised
from tests.tracker.web.sample import NASTY, NOW, PLAIN, Postbox, bad_run, open_sample
from tests.tracker.web.test_web_readers import FORM, confirmed, sign_up
from tracker.app import Services
from tracker.history.comparing import compare_versions
from tracker.jobs import export_job
from tracker.model import Cadence, Delivery, Filter, Subscription
from tracker.settings import Settings
from tracker.store.reviews import QueueQuery
from tracker.web.app import create_app
from tracker.web.limits import PER_CLIENT
from tracker.web.press import HERE, Press
from tracker.web.redlines import matter

PASSWORD = "seven lanterns at dusk"
# What other templates take in; each is seen on the pages of those.
PARTS = {"base.html", "private.html", "desk.html", "parts.html", "charts.html", "choices.html", "alert_parts.html",
         "compare_body.html"}
TEMPLATES = {p.name for p in (HERE / "templates").glob("*.html")}

Pages = dict[str, str]  # what it is -> its HTML

PUBLIC = (
    "/", "/?as-of=2031-05-06", "/week", "/overview", "/overview?topic=decriminalization&at=open",
    "/calendar?month=2031-05", "/calendar?month=2031-05&jurisdiction=xx", "/xx", "/xx?session=7", "/bills",
    "/bills?show=all", "/bills?words=nosuchword", "/bills?topic=decriminalization&effect=advances", f"/{PLAIN}",
    f"/{NASTY}", f"/{MEETING}", f"/{REVISED}", f"/{PLAIN}?as-of=2031-05-06", f"/{PLAIN}/text/ih",
    f"/{REVISED}/compare/ih..eh", f"/{REVISED}/compare/ih..eh?show=side", f"/{PLAIN}/compare/ih..ih", "/topics",
    "/topics/decriminalization", "/topics/worker-rights", "/search", "/search?q=loiter*", "/search?q=nosuchword",
    "/search?q=loiter*&as-of=2031-05-06",
    "/search?q=topc:(", "/feeds", "/subscribe", "/subscribe?topics=decriminalization&words=%22a%20b%22",
    "/saved", "/sources", "/data", "/about", "/privacy", "/protection", "/alerts", "/changes",
    "/changes?from=2031-05-01&to=2031-05-06", "/nope", "/bills?topic=nope", "/?as-of=nope",
    f"/{NASTY}?as-of=2030-01-01", "/confirm/abc", "/manage/abc", "/u/abc", "/unsave/abc")


def walk(home: Path, language: str) -> Pages:
    """Every page by the way that leads to it, in this language."""
    found = Pages()
    with _site(home / "full") as (services, client):
        add_revised(services.store)
        add_meetings(services.store)
        services.store.save_run(bad_run())
        _act(services, found, client, language)
    with _site(home / "empty", filled=False, mail="off") as (_, client):
        for path in ("/", "/week", "/overview", "/calendar", "/bills", "/topics", "/topics/criminalization", "/search",
                     "/feeds", "/alerts", "/data", "/sources", "/changes", "/subscribe", "/xx"):
            found[f"empty {path}"] = _get(client, path, language)
        _fail(found, 503, client.post("/subscribe", data=FORM, params={"lang": language}))
    with _site(home / "broken") as (services, client):
        services.__dict__["catalogue"] = None
        _fail(found, 500, client.get("/bills", params={"lang": language}))
        del services.__dict__["catalogue"]
        _fail(found, 413, client.post("/subscribe", data={"words": "a" * 70_000}, params={"lang": language}))
        for _ in range(PER_CLIENT):
            client.post("/subscribe", data=FORM)
        _fail(found, 429, client.post("/subscribe", data=FORM, params={"lang": language}))
    assert "Traceback" not in "".join(found.values())
    return found


@contextmanager
def _site(home: Path, *, filled: bool = True, **settings: Any) -> Iterator[tuple[Services, TestClient]]:
    if filled:
        services = open_sample(home)
    else:
        services = Services(Settings(home=home, base_url="http://testserver.local", sources=("xx",),
                                     contact="https://contact.example/", **settings), lambda: NOW)
        services.__dict__["mailer"] = Postbox()
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        yield services, client
    services.store.close()


def _fail(found: Pages, status: int, answer: Response) -> None:
    assert answer.status_code == status
    found[f"failure {status}"] = answer.text


def _get(client: TestClient, path: str, language: str) -> str:
    answer = client.get(path, headers={"accept-language": language})
    assert answer.headers["content-type"].startswith("text/html"), path
    return answer.text


def _act(services: Services, found: Pages, client: TestClient, language: str) -> None:
    people(services)
    open_one, gone, fixed = released(services), withdrawn(services, released(services)), released(services)
    corrected(services, fixed)
    export_job(services)
    for path in PUBLIC:
        found[path] = _get(client, path, language)
    for alert in (open_one, gone, fixed):
        found[f"alert {alert.id}"] = _get(client, f"/alerts/{alert.id}", language)
    _read(services, found, client, language)
    if language == "en":  # the desk and the command speak nothing else
        press, state = Press(services), services.store.bill(REVISED)
        assert state
        compared = compare_versions(REVISED, state, press.text_of(REVISED), "ih", "eh")
        css = Markup(press.assets["site.css"].body.decode())  # noqa: S704 - our own
        found["what `billwatch diff --html` writes"] = press.html(
            "compare_file.html", css=css, **matter(press, compared, beside=False))
        _review(services, found, client, open_one.id)
    services_late = replace(services, clock=lambda: DEADLINE + timedelta(hours=1))
    with TestClient(create_app(services_late), raise_server_exceptions=False) as late:
        found["alert that is over"] = _get(late, f"/alerts/{open_one.id}", language)


def _read(services: Services, found: Pages, client: TestClient, language: str) -> None:
    """What one reader sees: signing up, looking, choosing, a message, leaving; a feed of one's own."""
    asked = {"lang": language}

    def send(name: str, path: str, **form: Any) -> str:
        found[name] = client.post(path, data=form, params=asked).text
        return found[name]

    fine = {**FORM, "words": '"sex work" OR fosta', "sponsors": "Sample", "step": "preview"}
    send("look before signing up", "/subscribe", **fine)
    send("change before signing up", "/subscribe", **{**fine, "step": "edit"})
    send("sign-up with mistakes", "/subscribe", **{**fine, "address": "nobody", "words": '"open', "zone": "Mars/Base"})
    send("check your mail", "/subscribe", **FORM)
    token = sign_up(client, services, address="bo@reader.example")
    found["confirm"] = _get(client, f"/confirm/{token}", language)
    send("confirmed", f"/confirm/{token}")
    token = confirmed(client, services, address="cy@reader.example")
    found["choices"] = manage = _get(client, f"/manage/{token}", language)
    send("look before changing", f"/manage/{token}", **fine)
    send("choices with mistakes", f"/manage/{token}", **{**fine, "words": '"open'})
    send("choices saved", f"/manage/{token}", **{**FORM, "cadence": "daily"})
    leave = lxml_html.fromstring(manage).xpath("//form[starts-with(@action,'/u/')]/@action")[0].partition("?")[0]
    found["leave"] = _get(client, leave, language)
    send("left", leave)
    send("look before saving a feed", "/saved", words="streets", step="preview")
    send("feed with a mistake", "/saved", words='"open')
    saved = send("feed saved", "/saved", words="streets OR loitering")
    end = re.search(r"/unsave/[\w.~-]+", saved)
    assert end
    found["end a feed"] = _get(client, end[0], language)
    send("feed ended", end[0])
    found["message on the web"] = _get(client, _digest(services, language), language)


def _digest(services: Services, language: str) -> str:
    keys, now = services.keys, services.clock()
    row = Subscription("w1", keys.seal("ada@reader.example", "w1"), keys.blind_index("ada@reader.example"), Filter(),
                       Cadence.WEEKLY, "UTC", 8, 0, 0, now, now, None, keys.stored_token("w1"), language=language)
    return f"/digest/{token_of(told_of(row, Delivery('d1', row.id, 0, services.store.last_seq(), now)), keys)}"


def _review(services: Services, found: Pages, client: TestClient, alert_id: str) -> None:
    """What an editor sees at the desk."""
    services.entrance.set_password("cy", PASSWORD)
    client.follow_redirects = True

    def proof(html: str) -> str:
        return str(lxml_html.fromstring(html).xpath("//input[@name='proof']/@value")[0])

    def look(name: str, path: str) -> str:
        found[name] = client.get(path).text
        return found[name]

    def send(title: str, page: str, path: str, **form: str) -> str:
        found[title] = client.post(path, data={"proof": proof(found[page]), **form}).text
        return found[title]

    look("desk sign-in", "/desk/login")
    send("desk sign-in refused", "desk sign-in", "/desk/login", name="cy", password="wrong", code="")
    send("desk queue", "desk sign-in", "/desk/login", name="cy", password=PASSWORD, code="")
    look("desk queue of all", "/desk?show=all")
    look("desk queue without any", "/desk?topic=worker-rights")
    key = next(row.key for row in services.reviews.queue(QueueQuery(state="all")).rows if row.bill_id == NASTY)
    look("desk flag", f"/desk/flags/{key}")
    send("desk flag with a mistake", "desk flag", f"/desk/flags/{key}", verdict="reject", reason="", known="0")
    send("desk flag decided", "desk flag", f"/desk/flags/{key}", verdict="reject", reason="It only names.", known="0")
    look("desk flag with a history", f"/desk/flags/{key}?show=all")
    look("desk account", "/desk/account")
    send("desk account with a mistake", "desk account", "/desk/account/password", password="x", new="y", again="z")
    send("desk account with a wrong code", "desk account", "/desk/account/totp", password="x", code="1",
         secret="A" * 32)
    draft = written(services, text())
    look("desk alerts", "/desk/alerts")
    look("desk new alert", "/desk/alerts/new")
    send("desk new alert with mistakes", "desk new alert", "/desk/alerts/new", jurisdiction="xx", bills="nonsense")
    for name, path in (("draft", draft.id), ("open alert", alert_id)):
        look(f"desk {name}", f"/desk/alerts/{path}")
        look(f"desk {name} in the form", f"/desk/alerts/{path}/edit")
        look(f"desk {name} as seen", f"/desk/alerts/{path}/preview")
        look(f"desk {name} as mail", f"/desk/alerts/{path}/mail")
    send("desk draft with a mistake", "desk draft", f"/desk/alerts/{draft.id}", deed="release", known="1", note="")
    send("desk draft submitted", "desk draft", f"/desk/alerts/{draft.id}", deed="submit", known="1", note="")
    send("desk signed out", "desk queue", "/desk/logout")
