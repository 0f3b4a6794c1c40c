"""Requests for private feeds: choose, look, save, fetch, end. As for mail, GET never acts; no page needs a script."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import SkipValidation

from digests.channels.feeds import parse_path
from digests.channels.specs import CALENDAR, FORMATS
from digests.following.saving import Fresh, feed_token, save, spec_of
from digests.readers.sealing import token_hash
from digests.speech import SOURCE
from tracker.errors import DeliveryError
from tracker.web.asking import Part
from tracker.web.choice import Choice, Form, read_choice
from tracker.web.feeds import answer
from tracker.web.press import Press, PressDep
from tracker.web.preview import foresee
from tracker.web.readers import EDIT, PREVIEW, read_form, slow_down

FormDep = NamedDependency[SkipValidation[Form]]
FORMAT_NAMES = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}


class Saving(Controller):
    path = "/saved"
    include_in_schema = False

    @get(sync_to_thread=True)
    def form(self, request: Request[Any, Any, Any], press: PressDep) -> Response[str]:
        """Any field of the form may come with a link, such as `?words=` of a search."""
        given: Form = {}
        for name, value in request.query_params.multi_items():
            given.setdefault("bills" if name == "bill" else name, []).append(str(value))
        choice, problems = read_choice(given, press.jurisdictions(), press.speech)
        return _form(press, choice, problems if choice.words else [])

    @post(sync_to_thread=True, status_code=200, dependencies={"form": Provide(read_form)})
    def save(self, request: Request[Any, Any, Any], press: PressDep, form: FormDep) -> Response[str]:
        step = (form.get("step") or [""])[0]
        slow_down(request, press, press.previews if step else press.sign_ups)
        choice, problems = read_choice(form, press.jurisdictions(), press.speech)
        if problems or step == EDIT:
            return _form(press, choice, problems, status=400 if problems else 200)
        if step == PREVIEW:
            return press.private("preview.html", action="/saved", address="", choice=choice,
                                 seen=foresee(press, choice.filter), saves=True)
        services = press.services
        fresh = save(choice.filter, services.clock().date())
        services.saved.add(fresh.row)
        return press.private("saved.html", **_addresses(press, fresh))


def _form(press: Press, choice: Choice, problems: list[str], status: int = 200) -> Response[str]:
    return press.private("save.html", status, here="feeds", choice=choice, problems=problems,
                         jurisdictions=press.jurisdictions())


def _addresses(press: Press, fresh: Fresh) -> dict[str, Any]:
    base = press.services.site.url(fresh.spec.path)
    spoken = "" if press.speech.language == SOURCE else f"?lang={press.speech.language}"
    return {"feeds": [(FORMAT_NAMES[fmt], f"{base}.{fmt}{spoken}") for fmt in FORMATS],
            "calendar": f"{base}.{CALENDAR}{spoken}",
            "webcal": f"webcal://{base.partition('://')[2]}.{CALENDAR}{spoken}",
            "end": press.services.site.url(f"/unsave/{fresh.end_token}")}


@get("/saved/{rest:path}", sync_to_thread=True, include_in_schema=False)
def fetch(press: PressDep, rest: Part) -> Response[bytes]:
    """The same 404 for what never was, what was ended, and what our keys no longer open."""
    try:
        spec, form, archive = parse_path(f"/saved/{rest.strip('/')}")
        row = press.services.saved.by_token(token_hash(spec.value))
        if row is None:
            raise LookupError
        return answer(press, spec_of(row, spec.value), form, archive)
    except (ValueError, LookupError, DeliveryError):
        raise NotFoundException("No such feed.") from None


class Ending(Controller):
    path = "/unsave/{token:str}"
    include_in_schema = False

    @get(sync_to_thread=True)
    def ask(self, press: PressDep, token: Part) -> Response[str]:
        return press.private("unsave.html", action=f"/unsave/{token}", ended=False)

    @post(sync_to_thread=True, status_code=200)
    def act(self, press: PressDep, token: Part) -> Response[str]:
        """The same page whether there was something to end or not."""
        press.services.saved.delete(token_hash(feed_token(token)))
        return press.private("unsave.html", action="", ended=True)


CONTROLLERS = (Saving, fetch, Ending)
