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
from litestar.params import FromQuery, SkipValidation

from digests import subscriptions
from digests.sealing import leave_token
from tracker.errors import TrackerError
from tracker.web.asking import Part, Text
from tracker.web.choice import Choice, Form, choice_of, read_choice, zone_groups
from tracker.web.press import Press, PressDep

log = structlog.get_logger()

FormDep = NamedDependency[SkipValidation[Form]]


async def read_form(request: Request[Any, Any, Any]) -> Form:
    """Names to values. Nothing but short text is asked for, so uploads are left aside."""
    form: Form = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            form.setdefault(name, []).append(value)
    return form


class SignUp(Controller):
    path = "/subscribe"
    include_in_schema = False

    @get(sync_to_thread=True)
    def form(self, press: PressDep, topics: FromQuery[list[str] | None] = None, bill: Text = None) -> Response[str]:
        """`?topics=` and `?bill=` come from links of topic and bill pages."""
        wanted = {"topics": topics or [], "bills": [bill] if bill else []}
        choice, _ = read_choice(wanted, press.jurisdictions(), press.speech)
        return self._form(press, choice, [], "")

    @post(sync_to_thread=True, status_code=200, dependencies={"form": Provide(read_form)})
    def sign_up(self, request: Request[Any, Any, Any], press: PressDep, form: FormDep) -> Response[str]:
        services = press.services
        if services.settings.mail == "off":
            raise ServiceUnavailableException()
        if not press.sign_ups.allows(request.client.host if request.client else None, services.clock()):
            raise TooManyRequestsException()
        choice, problems = read_choice(form, press.jurisdictions(), press.speech)
        address = (form.get("address") or [""])[0].strip()
        try:
            subscriptions.check_address(address)
        except ValueError as problem:
            problems.append(press.speech._(str(problem)))
        if problems:
            return self._form(press, choice, problems, address, status=400)
        answer = press.private("check_mail.html")
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
            now=services.clock(), cursor=services.store.last_seq())
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
        return self._page(press, token, choice_of(found), [])

    @post(sync_to_thread=True, status_code=200, dependencies={"form": Provide(read_form)})
    def change(self, press: PressDep, token: Part, form: FormDep) -> Response[str]:
        services = press.services
        found = subscriptions.by_manage_token(services.ledger, token)
        if found is None:
            return press.private("expired.html", 404)
        choice, problems = read_choice(form, press.jurisdictions(), press.speech)
        if problems:
            return self._page(press, token, choice, problems, status=400)
        subscriptions.change(services.ledger, token, filter=choice.filter, cadence=choice.cadence, zone=choice.zone,
                             hour=choice.hour, weekday=choice.weekday, language=choice.language,
                             heartbeat=choice.heartbeat, telling_subject=choice.telling_subject, now=services.clock())
        return self._page(press, token, choice, [], saved=True)

    def _page(self, press: Press, token: str, choice: Choice, problems: list[str], saved: bool = False,
              status: int = 200) -> Response[str]:
        return press.private("manage.html", status, action=f"/manage/{token}", leave_action=f"/u/{leave_token(token)}",
                             choice=choice, problems=problems, saved=saved, jurisdictions=press.jurisdictions(),
                             zones=zone_groups())


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
