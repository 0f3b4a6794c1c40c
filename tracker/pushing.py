"""Services to what is pushed: webhooks, the hub, and the operator's mail about an endpoint that was given up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from digests.alerts.feed import alert_feed
from digests.alerts.push import push_alerts
from digests.alerts.words import WITHDRAWN_FOR
from digests.channels import websub
from digests.channels.webhooks import Post, Pushed, compose_given_up, poster, push
from digests.speech import ENGLISH
from tracker.errors import DeliveryError, RecipientRefused

if TYPE_CHECKING:
    from tracker.app import Services

log = structlog.get_logger()


def push_now(services: Services) -> Pushed:
    settings = services.settings
    post = poster(settings.webhook_private_hosts)
    done = push_alerts(services.hooks, services.alerts, services.store.bill, services.site, services.clock, post,
                       services.stopping)
    done += push(services.hooks, services.store, services.site, services.clock, post, services.stopping)
    if settings.websub_hub:
        try:
            tell_of_alerts(services, post)
            websub.ping(settings.websub_hub, services.hooks, services.store, services.site,
                        services.catalogue.jurisdictions(), services.clock(), post)
        except DeliveryError as problem:
            log.warning("the hub is not told", reason=str(problem))
    if settings.operator and settings.mail != "off":
        tell_operator(services)
    return done


def tell_of_alerts(services: Services, post: Post) -> None:
    """Before the other feeds, which can wait."""
    now, site = services.clock(), services.site
    says = alert_feed(services.alerts.released(now, now - WITHDRAWN_FOR), "atom", now, site, ENGLISH).body
    websub.ping_alerts(services.settings.websub_hub, services.hooks, says, site, now, post)


def tell_operator(services: Services) -> None:
    """Once for each endpoint that was given up. Raises DeliveryError if the mail server is away."""
    address, now = services.settings.operator, services.clock()
    for hook in services.hooks.all():
        if hook.disabled is None or hook.told_at is not None or hook.failing_since is None:
            continue
        try:
            services.mailer.send(compose_given_up(hook, address, services.site), address)
        except RecipientRefused as problem:
            log.error("the operator's address was refused", reason=str(problem))
        services.hooks.switch(replace(hook, told_at=now))
