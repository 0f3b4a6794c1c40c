"""Requests of reviewers to the desk: log in, the queue, one flag where it stands, a decision. No script, one cookie.

There is no desk until an account has a password: its addresses then answer like any that do not exist.
"""

from __future__ import annotations

import re
from typing import Any

import segno
from litestar import Controller, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie
from litestar.di import Provide
from litestar.exceptions import NotFoundException, TooManyRequestsException
from litestar.params import FromQuery
from litestar.response import Redirect
from markupsafe import Markup

from tracker.desk.accounts import code_step, new_secret, provisioning_uri
from tracker.desk.review import VERDICT_WORDS, in_force
from tracker.desk.reviewing import judge
from tracker.errors import AccountError, DecidedMeanwhile, ReviewError
from tracker.model import AuditEntry, ReviewVerdict
from tracker.store.reviews import QueueQuery
from tracker.web import desk_gate
from tracker.web.asking import Part, Text
from tracker.web.choice import Form
from tracker.web.desk_alerts import DeskAlerts
from tracker.web.desk_gate import LOGIN, AnyRequest, Gate, GateDep, Visitor, VisitorDep, new_token, proof
from tracker.web.desk_views import (
    FLAGS_A_PAGE,
    STATE_NAMES,
    Said,
    context,
    found_by_rule,
    judgment_of,
    read_said,
    read_wanted,
)
from tracker.web.press import PRIVATE_HEADERS, Press, PressDep
from tracker.web.readers import FormDep, read_form

Where = tuple[str | None, str | None, str | None]  # jurisdiction, topic, what is shown
FORM = {"form": Provide(read_form)}


def router(press: Press) -> Router:
    gate = Gate(press)  # counts in memory, so there is one

    async def admit(request: AnyRequest) -> Response[Any] | None:
        return await gate.admit(request)

    # Litestar copies routers whole; functions it leaves alone.
    providers = {"gate": Provide(lambda: gate, sync_to_thread=False), **desk_gate.PROVIDERS}
    return Router("/desk", route_handlers=[Doors, Queue, Flags, Own, DeskAlerts], before_request=admit,
                  include_in_schema=False, dependencies=providers)


class Doors(Controller):
    """Coming and going."""

    path = "/"

    @get("/login", sync_to_thread=True)
    def ask(self, request: AnyRequest, press: PressDep, gate: GateDep, again: Text = None) -> Response[str]:
        return _login_page(gate, press, request.cookies.get(gate.name), None, again=bool(again))

    @post("/login", status_code=200, dependencies=FORM)
    async def log_in(self, request: AnyRequest, press: PressDep, gate: GateDep, form: FormDep) -> Response[str]:
        services, now = press.services, press.services.clock()
        name = _one(form, "name").strip().casefold()
        if not gate.may_try(request.client.host if request.client else None, name, now):
            raise TooManyRequestsException()
        async with gate.turn(now):
            token = await sync_to_thread(services.entrance.log_in, name, _one(form, "password"), _one(form, "code"),
                                         services.clock())
        if token is None:
            return _login_page(gate, press, request.cookies.get(gate.name), "Name, password or code is not right.")
        await sync_to_thread(services.entrance.log_out, request.cookies.get(gate.name) or "")
        return _go("/desk", cookie=gate.cookie(token))

    @post("/logout", sync_to_thread=True, status_code=200)
    def log_out(self, press: PressDep, gate: GateDep, visitor: VisitorDep) -> Response[str]:
        press.services.entrance.log_out(visitor.token)
        return _go("/", cookie=gate.no_cookie())


def _login_page(gate: Gate, press: Press, token: str | None, problem: str | None,
                again: bool = False) -> Response[str]:
    """Who has no token yet gets one, so that the form can be told from a forged one."""
    fresh = token or new_token()
    page = press.private("desk_login.html", 400 if problem else 200, problem=problem, again=again,
                         proof=proof(fresh), insecure=not gate.secure and not _is_here(press))
    if token is None:
        page.set_cookie(gate.cookie(fresh))
    return page


def _is_here(press: Press) -> bool:
    return press.services.settings.base_url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))


class Queue(Controller):
    path = "/"

    @get(sync_to_thread=True)
    def show(self, press: PressDep, visitor: VisitorDep, jurisdiction: Text = None, topic: Text = None,
             show: Text = None, page: FromQuery[int | None] = None, done: Text = None) -> Response[str]:
        wanted = read_wanted(jurisdiction, topic, show, page)
        found = press.services.reviews.queue(wanted.query)
        return _page(press, visitor, "desk_queue.html", wanted=wanted, rows=found.rows, total=found.total,
                     pages=max(1, -(-found.total // FLAGS_A_PAGE)), states=STATE_NAMES, done=done == "1",
                     jurisdictions=press.jurisdictions())


class Flags(Controller):
    path = "/flags/{key:str}"

    @get(sync_to_thread=True)
    def show(self, press: PressDep, visitor: VisitorDep, key: Part, jurisdiction: Text = None, topic: Text = None,
             show: Text = None, done: Text = None) -> Response[str]:
        return self._show(press, visitor, key, (jurisdiction, topic, show), None, Said(), done=done or "")

    @post(sync_to_thread=True, status_code=200, dependencies=FORM)
    def decide(self, press: PressDep, visitor: VisitorDep, key: Part, form: FormDep, jurisdiction: Text = None,
               topic: Text = None, show: Text = None) -> Response[str]:
        services, said, where = press.services, read_said(form), (jurisdiction, topic, show)
        bill_id, whole = _find(press, key)
        decisions = services.reviews.decisions(whole)
        try:
            if said.known != str(len(decisions)):  # `judge` asks again, under the writers' lock
                raise DecidedMeanwhile
            judgment = judgment_of(said, bill_id, whole, found_by_rule(services.reviews.flag(whole), decisions),
                                   visitor.account.name, visitor.account.roles, len(decisions))
            outcome = judge(services.store, judgment, services.clock())
        except DecidedMeanwhile:
            return self._show(press, visitor, key, where, "Somebody decided on this flag meanwhile: see below. Nothing "
                              "of yours was kept. If you still think so, send it again.", said, status=409)
        except ReviewError as problem:
            return self._show(press, visitor, key, where, str(problem), said, status=400)
        if outcome.kept:
            _note(press, visitor.account.name, f"flag-{judgment.verdict}", whole)
        return _go(_next(press, whole, where))

    def _show(self, press: Press, visitor: Visitor, key: str, where: Where, problem: str | None,
              said: Said, status: int = 200, done: str = "") -> Response[str]:
        services, wanted = press.services, read_wanted(*where)
        bill_id, whole = _find(press, key)
        row, decisions = services.reviews.flag(whole), services.reviews.decisions(whole)
        if row is None and not decisions:
            raise NotFoundException()
        text = services.store.text(bill_id, row.version) if row else None
        state = services.store.bill(bill_id)
        notes = {v.code: v.note for v in state.bill.versions} if state else {}
        return _page(press, visitor, "desk_flag.html", status, key=whole, bill_id=bill_id, row=row, notes=notes,
                     bill=state.bill if state else None, marks_known=text is None or text.marks_known,
                     context=context(text, row) if text and row else None, decisions=decisions[::-1],
                     verdict_words=VERDICT_WORDS, said=said, problem=problem, wanted=wanted, known=len(decisions),
                     was=found_by_rule(row, decisions), in_force=in_force(decisions).get(whole), done=done,
                     verdicts=ReviewVerdict)


def _next(press: Press, key: str, where: Where) -> str:
    """The flag that is asked next, or the queue when none is left (or another list is being looked at)."""
    wanted = read_wanted(*where)
    if wanted.show != "open":
        return wanted.url(f"/desk/flags/{key}", done=key)
    query = wanted.query
    rows = press.services.reviews.queue(QueueQuery(query.jurisdiction, query.topic, limit=1)).rows
    return wanted.url(f"/desk/flags/{rows[0].key}", done=key) if rows else wanted.url(done="1")


class Own(Controller):
    """One's own password and one-time codes. Each asks for the password anew: a session left open is not enough."""

    path = "/account"

    @get(sync_to_thread=True)
    def show(self, press: PressDep, visitor: VisitorDep) -> Response[str]:
        return self._show(press, visitor)

    @post("/password", sync_to_thread=True, status_code=200, dependencies=FORM)
    def set_password(self, press: PressDep, visitor: VisitorDep, form: FormDep) -> Response[str]:
        entrance, name = press.services.entrance, visitor.account.name
        if not entrance.password_is(visitor.account, _one(form, "password")):
            return self._show(press, visitor, "The present password is not right.")
        if _one(form, "new") != _one(form, "again"):
            return self._show(press, visitor, "The two new passwords are not the same.")
        try:
            entrance.set_password(name, _one(form, "new"), visitor.account)
        except AccountError as problem:
            return self._show(press, visitor, str(problem))
        _note(press, name, "password-set", name)
        return _go(LOGIN)

    @post("/totp", sync_to_thread=True, status_code=200, dependencies=FORM)
    def set_totp(self, press: PressDep, visitor: VisitorDep, form: FormDep) -> Response[str]:
        entrance, name, secret = press.services.entrance, visitor.account.name, _one(form, "secret")
        if not entrance.password_is(visitor.account, _one(form, "password")):
            return self._show(press, visitor, "The password is not right.", secret)
        now = press.services.clock()
        step = code_step(secret, _one(form, "code"), now) if _is_secret(secret) else None
        if step is None:
            return self._show(press, visitor, "The code is not right: scan the picture below and try again.", secret)
        try:
            entrance.set_totp(name, secret, visitor.account)
        except AccountError as problem:
            return self._show(press, visitor, str(problem), secret)
        press.services.accounts.take_step(name, step)  # this code is used up, too
        _note(press, name, "totp-on", name)
        return _go(LOGIN)

    def _show(self, press: Press, visitor: Visitor, problem: str | None = None, secret: str = "") -> Response[str]:
        """A secret that was shown is shown again, so that a mistyped code needs no second scan."""
        secret = secret if _is_secret(secret) else new_secret()
        uri = provisioning_uri(secret, visitor.account.name, press.services.settings.site_name)
        picture = segno.make(uri, error="m").svg_inline(scale=4, border=4, dark="#000", light="#fff")
        return _page(press, visitor, "desk_account.html", 400 if problem else 200, problem=problem, secret=secret,
                     picture=Markup(picture))  # noqa: S704  (drawn by us: squares, no words)


def _is_secret(given: str) -> bool:
    return re.fullmatch(r"[A-Z2-7]{32}", given) is not None


def _note(press: Press, account: str, action: str, subject: str) -> None:
    press.services.accounts.note(AuditEntry(press.services.clock(), account, action, subject))


def _find(press: Press, key: str) -> tuple[str, str]:
    found = press.services.reviews.find(key)
    if found is None:
        raise NotFoundException()
    return found


def _page(press: Press, visitor: Visitor, template: str, status: int = 200, **matter: object) -> Response[str]:
    return press.private(template, status, account=visitor.account, proof=visitor.forgery_proof, **matter)


def _go(path: str, cookie: Cookie | None = None) -> Response[str]:
    answer: Response[str] = Redirect(path, status_code=303, headers=dict(PRIVATE_HEADERS))
    if cookie is not None:
        answer.set_cookie(cookie)
    return answer


def _one(form: Form, name: str) -> str:
    return (form.get(name) or [""])[0]
