"""Events to signed requests (Standard Webhooks: id, timestamp, HMAC-SHA256), each endpoint in the order of the log."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from threading import Event as Flag

import msgspec
from standardwebhooks import Webhook as Signer

from digests import plain
from digests.channels import outward
from digests.channels.outward import Answer, Refused
from digests.delivery.mail import blank_message
from digests.following.filters import matches, query_of
from digests.site import Site
from tracker.hooks import Webhook, delivered, failed
from tracker.model import Event
from tracker.ports import Hooks, Log

BATCH = 200
A_TURN = 500  # deliveries to one endpoint, then the next one's turn
GONE = 410
Post = Callable[[str, bytes, dict[str, str]], Answer]


@dataclass(frozen=True, slots=True)
class Pushed:
    sent: int = 0
    failed: int = 0
    disabled: int = 0

    def __add__(self, other: Pushed) -> Pushed:
        return Pushed(self.sent + other.sent, self.failed + other.failed, self.disabled + other.disabled)


def new_secret() -> str:
    """256 random bits, written as Standard Webhooks does."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def body_of(event: Event, site: Site) -> bytes:
    """Equal events give equal bytes, also when they are sent again."""
    return msgspec.json.encode({
        "type": f"bill.{event.kind}", "timestamp": event.recorded_at,
        "data": {"seq": event.seq, "bill": event.bill_id, "url": site.url(event.bill_id),
                 "jurisdiction": event.jurisdiction, "occurred_on": event.occurred_on, "topics": event.topics,
                 "change": event.data}}, order="sorted")


def message_id(hook: Webhook, event: Event) -> str:
    """The same however often it is sent: a receiver drops what it has seen."""
    return f"msg_{hook.id}_{event.seq}"


def headers_of(hook: Webhook, identity: str, body: bytes, now: datetime, site: Site) -> dict[str, str]:
    return {"content-type": "application/json", "user-agent": f"billwatch (+{site.url('/')})", "webhook-id": identity,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(hook.secret).sign(identity, now, body.decode())}


def poster(private_hosts: Collection[str]) -> Post:
    return lambda url, body, headers: outward.post(url, body, headers, private_hosts=private_hosts)


def push(hooks: Hooks, log: Log, site: Site, clock: Callable[[], datetime], post: Post,
         stopping: Flag | None = None) -> Pushed:
    """Send what is due to every endpoint. Killed anywhere: what was sent and not yet noted is sent again, same id."""
    done = Pushed()
    for hook in hooks.all():
        if stopping is not None and stopping.is_set():
            break
        if hook.is_due(clock()):
            done += _push_to(hook, hooks, log, site, clock, post)
    return done


def _push_to(hook: Webhook, hooks: Hooks, log: Log, site: Site, clock: Callable[[], datetime], post: Post) -> Pushed:
    sent, last, query = 0, log.last_seq(), query_of(hook.filter)
    while sent < A_TURN:
        events = log.events(hook.cursor, BATCH, query)
        for event in events:
            if not matches(hook.filter, event):
                hook = replace(hook, cursor=event.seq)
                continue
            hook = deliver(hook, event, site, clock, post)
            if not hooks.note(hook):
                return Pushed(sent)  # removed or switched off meanwhile
            if hook.attempts:
                return Pushed(sent, failed=1, disabled=int(hook.disabled is not None))
            sent += 1
        if len(events) < BATCH:
            hooks.note(replace(hook, cursor=max(last, hook.cursor)))
            break
        hooks.note(hook)
    return Pushed(sent)


def deliver(hook: Webhook, event: Event, site: Site, clock: Callable[[], datetime], post: Post) -> Webhook:
    """One attempt; the endpoint as it is afterwards."""
    answer = attempt(hook, message_id(hook, event), body_of(event, site), site, clock, post)
    if answer.is_good:
        return delivered(hook, event.seq, answer.words, clock())
    return failed(hook, answer.words, clock(), retry_after=answer.retry_after, gone=answer.status == GONE)


def attempt(hook: Webhook, identity: str, body: bytes, site: Site, clock: Callable[[], datetime], post: Post) -> Answer:
    try:
        return post(hook.address, body, headers_of(hook, identity, body, clock(), site))
    except Refused as reason:
        return Answer(None, str(reason))
    except Exception as problem:  # a secret that is none, a defect of ours: the other endpoints wait for their events
        return Answer(None, f"not sent ({type(problem).__name__})")


def compose_given_up(hook: Webhook, address: str, site: Site) -> EmailMessage:
    """To the operator; names the endpoint by its id alone, as mail is read on its way."""
    identity = f"<webhook.{hook.id}.{hook.cursor}@{site.domain}>"
    at = hook.failing_since or hook.created_at
    message = blank_message(site, address, "A webhook was switched off", identity, at)
    message.set_content(
        f"The webhook {hook.id} is switched off: {plain.line(hook.disabled)}.\n\n"
        f"Nothing is lost: it has everything up to event {hook.cursor}. See it with `billwatch webhooks list`, and\n"
        f"switch it on again with `billwatch webhooks enable {hook.id}`.\n", cte="quoted-printable")
    return message
