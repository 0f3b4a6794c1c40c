"""Requests of editors and releasers: alerts to write, look at as readers would, hand in, release, correct, withdraw."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.response import Redirect
from markupsafe import Markup

from digests.alerts.feed import entry
from digests.alerts.mail import preview
from digests.alerts.words import moment_words
from digests.speech import ENGLISH
from tracker.alerts import steps
from tracker.alerts.members import propose
from tracker.alerts.records import WORD_NAMES, Addressee, Alert, AlertText, standing
from tracker.alerts.writing import LANGUAGES, LONGEST, LONGEST_WORDS, as_given, field_name, one, read_text
from tracker.errors import AlertError, AlertMoved
from tracker.model import Account, Role
from tracker.web.alerts import shown
from tracker.web.asking import Part, Text
from tracker.web.choice import Form, zone_groups
from tracker.web.desk_gate import Visitor, VisitorDep
from tracker.web.press import PRIVATE_HEADERS, Press, PressDep
from tracker.web.readers import FormDep, read_form

FORM = {"form": Provide(read_form)}
HELP = {"headline": "At most 120 characters. It is the title of the page and of the feed entry.",
        "reach": "Offices that you tick below are listed under it.",
        "script": "A few sentences in plain words that somebody can say on the telephone.",
        "corrected": "Only for a correction: readers see it first."}
# A message brings its own styles, in its tags; nothing else may come with it.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; sandbox"


class DeskAlerts(Controller):
    path = "/alerts"

    @get(sync_to_thread=True)
    def listed(self, press: PressDep, visitor: VisitorDep) -> Response[str]:
        now = press.services.clock()
        rows = [(alert, standing(alert, now), _ends(alert)) for alert in press.services.alerts.all()]
        return _page(press, visitor, "desk_alerts.html", rows=rows, may_write=Role.EDITOR in visitor.account.roles)

    @get("/new", sync_to_thread=True)
    def ask(self, press: PressDep, visitor: VisitorDep, bill: Text = None) -> Response[str]:
        bill = bill or ""
        given = {"bills": [bill], "jurisdiction": [bill.partition("/")[0]], "zone": ["UTC"]}
        return _form(press, visitor, None, given, [])

    @post("/new", sync_to_thread=True, status_code=200, dependencies=FORM)
    def write(self, press: PressDep, visitor: VisitorDep, form: FormDep) -> Response[str]:
        services, now = press.services, press.services.clock()
        text, problems = _read(press, visitor, form)
        if text is None:
            return _form(press, visitor, None, form, problems)
        try:
            alert = services.alerts.add(lambda identity: steps.write(identity, text, visitor.account, now))
        except AlertError as problem:
            return _form(press, visitor, None, form, [str(problem)])
        return _go(f"/desk/alerts/{alert.id}?done=written")

    @get("/{alert_id:str}", sync_to_thread=True)
    def show(self, press: PressDep, visitor: VisitorDep, alert_id: Part, done: Text = None) -> Response[str]:
        return _show(press, visitor, _get(press, alert_id), done=done or "")

    @post("/{alert_id:str}", sync_to_thread=True, status_code=200, dependencies=FORM)
    def act(self, press: PressDep, visitor: VisitorDep, alert_id: Part, form: FormDep) -> Response[str]:
        alert, deed, note = _get(press, alert_id), one(form, "deed"), one(form, "note")[:1000] or None
        if deed not in steps.DEEDS:
            return _show(press, visitor, alert, "Choose what to do.", 400)
        try:
            press.services.alerts.act(alert.id, _known(form), deed, visitor.account, press.services.clock(), note)
        except AlertMoved as problem:
            return _show(press, visitor, _get(press, alert_id), f"{problem}. Look at it again.", 409)
        except AlertError as problem:
            return _show(press, visitor, alert, f"Not done: {problem}.", 400)
        return _go(f"/desk/alerts/{alert.id}?done={steps.DEEDS[deed].step}")

    @get("/{alert_id:str}/edit", sync_to_thread=True)
    def change(self, press: PressDep, visitor: VisitorDep, alert_id: Part) -> Response[str]:
        alert = _get(press, alert_id)
        return _form(press, visitor, alert, as_given(alert.newest.text), [])

    @post("/{alert_id:str}/edit", sync_to_thread=True, status_code=200, dependencies=FORM)
    def edit(self, press: PressDep, visitor: VisitorDep, alert_id: Part, form: FormDep) -> Response[str]:
        services, now, alert = press.services, press.services.clock(), _get(press, alert_id)
        text, problems = _read(press, visitor, form, alert)
        if text is None:
            return _form(press, visitor, alert, form, problems)
        try:
            services.alerts.change(alert.id, _known(form), lambda a: steps.edit(a, text, visitor.account, now),
                                   "edited", visitor.account, now)
        except AlertMoved as problem:
            return _form(press, visitor, alert, form, [f"{problem}. Open it again in another tab and compare."], 409)
        except AlertError as problem:
            return _form(press, visitor, alert, form, [f"Not kept: {problem}."])
        return _go(f"/desk/alerts/{alert.id}?done=edited")

    @get("/{alert_id:str}/preview", sync_to_thread=True)
    def look(self, press: PressDep, visitor: VisitorDep, alert_id: Part, language: Text = None) -> Response[str]:
        alert, services, now = _get(press, alert_id), press.services, press.services.clock()
        spoken = language if language in alert.newest.text.words else LANGUAGES[0]
        message = preview(alert, alert.newest, spoken, now, services.site)
        plain = message.get_body(("plain",))
        told = entry(alert, alert.newest, now, services.site, ENGLISH)
        return _page(press, visitor, "desk_alert_preview.html", alert=alert, shown=shown(press, alert, alert.newest),
                     language=spoken, outside=[(k, v) for k, v in message.items() if k in _SEEN],
                     text=plain.get_content() if plain else "", entry=told,
                     entry_html=Markup(told.html))  # noqa: S704 - escaped by its template

    @get("/{alert_id:str}/mail", sync_to_thread=True)
    def mail(self, press: PressDep, visitor: VisitorDep, alert_id: Part, language: Text = None) -> Response[str]:
        """The HTML part as it is sent, by itself."""
        alert, services = _get(press, alert_id), press.services
        spoken = language if language in alert.newest.text.words else LANGUAGES[0]
        part = preview(alert, alert.newest, spoken, services.clock(), services.site).get_body(("html",))
        return Response(part.get_content() if part else "", media_type="text/html", headers={
            **PRIVATE_HEADERS, "content-security-policy": MAIL_POLICY})


_SEEN = ("From", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
         "Content-Language")


def _show(press: Press, visitor: Visitor, alert: Alert, problem: str | None = None, status: int = 200,
          done: str = "") -> Response[str]:
    services, now = press.services, press.services.clock()
    told = shown(press, alert, alert.newest)
    return _page(press, visitor, "desk_alert.html", status, alert=alert, problem=problem, shown=told, done=done,
                 standing=standing(alert, now), ends=_ends(alert), steps=services.alerts.steps(alert.id),
                 counts=services.alert_outbox.counts(alert.id), known=alert.newest.number,
                 hindered=steps.possible(alert, visitor.account, now), begins=_begins(alert),
                 may_write=Role.EDITOR in visitor.account.roles)


def _form(press: Press, visitor: Visitor, alert: Alert | None, given: Any, problems: list[str],
          status: int = 400) -> Response[str]:
    ticked = set(given.get("addressee", ()))
    if alert and "addressee" not in given:
        ticked = {a.name for a in alert.newest.text.addressees}
    return _page(
        press, visitor, "desk_alert_form.html", status if problems else 200, alert=alert, given=given,
        problems=problems, words=WORD_NAMES, languages_written=LANGUAGES, field=field_name, one=one, longest=LONGEST,
        most=LONGEST_WORDS, help=HELP, jurisdictions=press.jurisdictions(), zones=zone_groups(), ticked=ticked,
        proposed=_proposed(press, given, alert), known=alert.newest.number if alert else 0)


def _read(press: Press, visitor: Visitor, form: Form, alert: Alert | None = None) -> tuple[AlertText | None, list[str]]:
    ticked = set(form.get("addressee", ()))
    chosen = [one for one in _proposed(press, form, alert) if one.name in ticked]
    return read_text(form, visitor.account.name, press.jurisdictions(), chosen)


def _proposed(press: Press, given: Form, alert: Alert | None) -> tuple[Addressee, ...]:
    """Those of the bills that the form names, as the lists of today have them; and what the alert has already."""
    found: dict[str, Addressee] = {}
    for bill_id in " ".join(given.get("bills", ())).split()[:20]:
        state = press.services.store.bill(bill_id)
        if state is not None:
            for addressee in propose(state.bill, press.services.alerts.members(state.bill.jurisdiction)):
                found.setdefault(addressee.name, addressee)
    for addressee in alert.newest.text.addressees if alert else ():
        found.setdefault(addressee.name, addressee)
    return tuple(found.values())


def _get(press: Press, alert_id: str) -> Alert:
    alert = press.services.alerts.get(alert_id)
    if alert is None:
        raise NotFoundException()
    return alert


def _known(form: Form) -> int:
    """The revision that was looked at. A form without it looked at none."""
    raw = one(form, "known")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 9 else 0


def _ends(alert: Alert) -> str:
    text = alert.newest.text
    return moment_words(text.ends_at, text.zone, ENGLISH)


def _begins(alert: Alert) -> str:
    text = alert.newest.text
    return moment_words(text.not_before, text.zone, ENGLISH) if text.not_before else ""


def _page(press: Press, visitor: Visitor, template: str, status: int = 200, **matter: object) -> Response[str]:
    account: Account = visitor.account
    return press.private(template, status, account=account, proof=visitor.forgery_proof, **matter)


def _go(path: str) -> Response[str]:
    answer: Response[str] = Redirect(path, status_code=303, headers=dict(PRIVATE_HEADERS))
    return answer
