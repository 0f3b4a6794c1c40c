"""A reader's requests to the use cases of digests: sign up, confirm, change, leave.

Every answer is the same for a known and an unknown address, in time too: what differs is done after the answer has
gone. GET never acts, since mail scanners open every link. No CSRF token anywhere: there is no cookie and no login that
a foreign page could ride on. Who can post to a token's address already holds the token, and a forged sign-up does no
more than one typed by hand: it sends a message that asks first, at most once in ten minutes for one address.
"""

from __future__ import annotations

from typing import Any

import structlog
from litestar import Controller, Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ServiceUnavailableException, TooManyRequestsException
from litestar.params import SkipValidation

from digests.readers import subscriptions
from digests.readers.openpgp import KeyRefused, KeyUnusable
from digests.readers.own_data import leave_all, own_data
from digests.readers.reader_key import key_state
from digests.readers.sealing import leave_token
from tracker import wire
from tracker.errors import TrackerError
from tracker.model import Subscription
from tracker.web.asking import Part
from tracker.web.choice import Choice, Form, choice_of, read_choice, zone_groups
from tracker.web.limits import RateLimit
from tracker.web.press import PRIVATE_HEADERS, Press, PressDep
from tracker.web.preview import foresee

log = structlog.get_logger()

PREVIEW, EDIT, REMOVE = "preview", "edit", "remove"  # a form without a step saves

FormDep = NamedDependency[SkipValidation[Form]]


async def read_form(request: Request[Any, Any, Any]) -> Form:
    """Names to values. Nothing but short text is asked for, so uploads are left aside."""
    form: Form = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            form.setdefault(name, []).append(value)
    return form


def slow_down(request: Request[Any, Any, Any], press: Press, limit: RateLimit) -> None:
    if not limit.allows(request.client.host if request.client else None, press.services.clock()):
        raise TooManyRequestsException()


def _one(form: Form, name: str) -> str:
    return (form.get(name) or [""])[0]


class SignUp(Controller):
    path = "/subscribe"
    include_in_schema = False

    @get(sync_to_thread=True)
    def form(self, request: Request[Any, Any, Any], press: PressDep) -> Response[str]:
        """Any field of the form may come with a link: `?topics=` and `?bill=` of pages, `?words=` of a search."""
        given: Form = {}
        for name, value in request.query_params.multi_items():
            given.setdefault("bills" if name == "bill" else name, []).append(str(value))
        choice, problems = read_choice(given, press.jurisdictions(), press.speech)
        return self._form(press, choice, problems if choice.words else [], "")

    @post(sync_to_thread=True, status_code=200, dependencies={"form": Provide(read_form)})
    def sign_up(self, request: Request[Any, Any, Any], press: PressDep, form: FormDep) -> Response[str]:
        services = press.services
        if services.settings.mail == "off":
            raise ServiceUnavailableException()
        step = _one(form, "step")
        slow_down(request, press, press.previews if step else press.sign_ups)
        choice, problems = read_choice(form, press.jurisdictions(), press.speech)
        address = _one(form, "address").strip()
        try:
            subscriptions.check_address(address)
        except ValueError as problem:
            problems.append(press.speech._(str(problem)))
        if problems or step == EDIT:
            return self._form(press, choice, problems, address, status=400 if problems else 200)
        if step == PREVIEW:
            return press.private("preview.html", action="/subscribe", address=address, choice=choice,
                                 seen=foresee(press, choice.filter), saves=False)
        answer = press.private("check_mail.html")
        # Kept open, the connection would answer its next request only when the message is out, and so tell if one was.
        answer.headers["connection"] = "close"
        answer.background = BackgroundTask(_subscribe, press, address, choice)
        return answer

    def _form(self, press: Press, choice: Choice, problems: list[str], address: str,
              status: int = 200) -> Response[str]:
        return press.private("subscribe.html", status, here="subscribe", choice=choice, problems=problems,
                             address=address, jurisdictions=press.jurisdictions(), zones=zone_groups())


def _subscribe(press: Press, address: str, choice: Choice) -> None:
    """Runs after the answer has gone. A failure is ours to see, without the address; the page says to try again."""
    services = press.services
    try:
        subscriptions.subscribe(
            services.ledger, services.mailer, services.keys, services.site, address=address, filter=choice.filter,
            cadence=choice.cadence, zone=choice.zone, hour=choice.hour, weekday=choice.weekday,
            language=choice.language, heartbeat=choice.heartbeat, telling_subject=choice.telling_subject,
            alerts=not choice.no_alerts, now=services.clock(), cursor=services.store.last_seq())
    except (TrackerError, ValueError) as problem:
        log.warning("sign-up failed", error=type(problem).__name__)


class Confirmation(Controller):
    path = "/confirm/{token:str}"
    include_in_schema = False

    @get(sync_to_thread=True)
    def ask(self, press: PressDep, token: Part) -> Response[str]:
        return press.private("confirm.html", action=f"/confirm/{token}")

    @post(sync_to_thread=True, status_code=200)
    def act(self, press: PressDep, token: Part) -> Response[str]:
        services = press.services
        confirmed = subscriptions.confirm(services.ledger, token, services.clock(), services.store.last_seq())
        if confirmed is None:
            return press.private("expired.html", 404)
        manage = services.keys.manage_token(confirmed.id)
        return press.private("confirmed.html", manage_url=f"/manage/{manage}")


class Choices(Controller):
    path = "/manage/{token:str}"
    include_in_schema = False

    @get(sync_to_thread=True)
    def show(self, press: PressDep, token: Part) -> Response[str]:
        found = subscriptions.by_manage_token(press.services.ledger, token)
        if found is None:
            return press.private("expired.html", 404)
        return self._page(press, found, token, choice_of(found), [])

    @post(sync_to_thread=True, status_code=200, dependencies={"form": Provide(read_form)})
    def change(self, request: Request[Any, Any, Any], press: PressDep, token: Part, form: FormDep) -> Response[str]:
        services = press.services
        found = subscriptions.by_manage_token(services.ledger, token)
        if found is None:
            return press.private("expired.html", 404)
        choice, problems = read_choice(form, press.jurisdictions(), press.speech)
        step = _one(form, "step")
        if problems or step == EDIT:
            return self._page(press, found, token, choice, problems, status=400 if problems else 200)
        if step == PREVIEW:
            slow_down(request, press, press.previews)
            return press.private("preview.html", action=f"/manage/{token}", address="", choice=choice,
                                 seen=foresee(press, choice.filter), saves=True)
        subscriptions.change(services.ledger, token, filter=choice.filter, cadence=choice.cadence, zone=choice.zone,
                             hour=choice.hour, weekday=choice.weekday, language=choice.language,
                             heartbeat=choice.heartbeat, telling_subject=choice.telling_subject,
                             alerts=not choice.no_alerts, now=services.clock())
        return self._page(press, found, token, choice, [], saved=True)

    @post("/key", sync_to_thread=True, status_code=200, dependencies={"form": Provide(read_form)})
    def key(self, request: Request[Any, Any, Any], press: PressDep, token: Part, form: FormDep) -> Response[str]:
        """A key is set or taken away for all that goes to the address."""
        services, now = press.services, press.services.clock()
        problems: list[str] = []
        try:
            if _one(form, "step") == REMOVE:
                subscriptions.remove_key(services.ledger, token)
            else:
                slow_down(request, press, press.previews)
                subscriptions.put_key(services.ledger, services.keys, token, _one(form, "key"), now)
        except KeyRefused as problem:
            problems = [press.speech._(str(problem))]
        except KeyUnusable:
            raise ServiceUnavailableException() from None
        found = subscriptions.by_manage_token(services.ledger, token)
        if found is None:
            return press.private("expired.html", 404)
        return self._page(press, found, token, choice_of(found), problems, saved=not problems,
                          status=400 if problems else 200)

    @get("/data", sync_to_thread=True)
    def data(self, press: PressDep, token: Part) -> Response[Any]:
        """What is stored behind this link, to keep or to take elsewhere."""
        services = press.services
        found = own_data(services.ledger, services.keys, token, services.clock())
        if found is None:
            return press.private("expired.html", 404)
        return Response(wire.encode(found), media_type="application/json", headers={
            **PRIVATE_HEADERS, "content-disposition": 'attachment; filename="data.json"'})

    @post("/leave", sync_to_thread=True, status_code=200)
    def leave(self, press: PressDep, token: Part) -> Response[str]:
        leave_all(press.services.ledger, token)
        return press.private("left.html")

    def _page(self, press: Press, found: Subscription, token: str, choice: Choice, problems: list[str],
              saved: bool = False, status: int = 200) -> Response[str]:
        key = key_state(press.services.keys, found, press.services.clock())
        return press.private("manage.html", status, key=key, action=f"/manage/{token}",
                             leave_action=f"/u/{leave_token(token)}", choice=choice, problems=problems, saved=saved,
                             jurisdictions=press.jurisdictions(), zones=zone_groups())


class Leaving(Controller):
    """RFC 8058: the mail program posts `List-Unsubscribe=One-Click` here, without cookie, login or a look at the page.

    The body is not read: every POST here leaves, so that nobody stays subscribed over a mail program's bad manners.
    """

    path = "/u/{token:str}"
    include_in_schema = False

    @get(sync_to_thread=True)
    def ask(self, press: PressDep, token: Part) -> Response[str]:
        return press.private("leave.html", action=f"/u/{token}")

    @post(sync_to_thread=True, status_code=200)
    def act(self, press: PressDep, token: Part) -> Response[str]:
        """The same page whether there was something to delete or not: a second click is no error."""
        subscriptions.unsubscribe(press.services.ledger, token)
        return press.private("left.html")


CONTROLLERS = (SignUp, Confirmation, Choices, Leaving)
