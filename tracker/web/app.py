"""Services to a web application: routes, the guarded rim, failures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from tracker.web import (
    alerts,
    api,
    asking,
    billpages,
    changed,
    datapages,
    desk,
    digestpage,
    facts_api,
    failures,
    feeds,
    overview,
    pages,
    protection,
    readers,
    redlines,
    saved,
    searching,
)
from tracker.web.meter import Meter
from tracker.web.metering import Turnstile
from tracker.web.press import Press, press_of_today
from tracker.web.rim import add_security_headers, answer_head, conditional
from tracker.web.search_api import search_bills
from tracker.web.shelf import Shelf
from tracker.web.tongue import listen

if TYPE_CHECKING:
    from tracker.app import Services

_SLASHES = re.compile("/{2,}")
FORM_LIMIT = 64 * 1024  # bytes; a sign-up form with every box ticked is under two thousand


class WebApp(Litestar):
    """Litestar has no HEAD for GET addresses, and no middleware around errors of its router: these speak, too."""

    turnstile: Turnstile | None = None
    shelf: Shelf | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        if scope["type"] != ScopeType.HTTP:
            await super().__call__(scope, receive, send)
            return
        if "//" in scope["path"]:  # the router finds the place all the same, but not who looks at the address before it
            scope = {**scope, "path": _SLASHES.sub("/", scope["path"])}
        listen(scope)
        if self.turnstile is None:
            await self._answer(scope, receive, send)
        else:
            await self.turnstile(self._answer, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await super().__call__(scope, receive, send)
        elif scope["method"] == "HEAD":
            await answer_head(self._answer, scope, receive, send)
        elif self.shelf is None:
            await super().__call__(scope, receive, send)
        else:
            await self.shelf(super().__call__, scope, receive, send)


def create_app(services: Services) -> Litestar:
    press = Press(services)
    settings = services.settings
    app = WebApp(
        route_handlers=[*protection.HANDLERS, *datapages.HANDLERS, *overview.HANDLERS,
                        *pages.HANDLERS, *billpages.HANDLERS, *searching.HANDLERS, *redlines.HANDLERS, *feeds.HANDLERS,
                        *changed.HANDLERS, *alerts.HANDLERS, *readers.CONTROLLERS, *saved.CONTROLLERS,
                        *digestpage.HANDLERS,
                        api.router(search_bills, changed.read_changes, *facts_api.HANDLERS), desk.router(press)],
        dependencies={"press": Provide(press_of_today, sync_to_thread=False), **asking.PROVIDERS},
        state=State({"press": press}),
        before_send=[add_security_headers],
        middleware=[conditional],
        exception_handlers=failures.handlers(press),
        openapi_config=api.openapi(settings.site_name),
        request_max_body_size=FORM_LIMIT,
        on_shutdown=[press.pulse.close],
        logging_config=None,  # Litestar's own log would hold addresses with tokens
    )
    app.turnstile = Turnstile(services.api_keys, Meter(settings.api_per_minute, settings.api_per_minute_with_key))
    app.shelf = Shelf(press.pulse, services.clock)
    return app
