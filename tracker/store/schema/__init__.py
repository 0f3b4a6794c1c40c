"""The tables: what is kept, what may exist only once, and an index for every question that is asked often."""

from tracker.store.schema.alerts import alert, alert_delivery, alert_release, alert_revision, alert_step, member
from tracker.store.schema.base import FLAGGED, HEARINGS, LIVE, MISSING, OPEN, SHOWN, UNDECIDED, metadata
from tracker.store.schema.bills import bill, bill_topic, body, flag, related_bill, version
from tracker.store.schema.crawls import job, outage, page, run, session, witness_report
from tracker.store.schema.desk import account, api_key, audit, decision, desk_session
from tracker.store.schema.log import event, event_topic
from tracker.store.schema.past import past_bill, past_page, past_section, past_topic
from tracker.store.schema.readers import (
    bounce,
    delivery,
    hub_ping,
    mail_domain,
    newcomer,
    saved_search,
    standing,
    subscription,
    suppression,
    webhook,
)

__all__ = [
    "FLAGGED", "HEARINGS", "LIVE", "MISSING", "OPEN", "SHOWN", "UNDECIDED", "account", "alert", "alert_delivery",
    "alert_release", "alert_revision", "alert_step", "api_key", "audit", "bill", "bill_topic", "body", "bounce",
    "decision", "delivery", "desk_session", "event", "event_topic", "flag", "hub_ping", "job", "mail_domain", "member",
    "metadata", "newcomer", "outage", "page", "past_bill", "past_page", "past_section", "past_topic", "related_bill",
    "run", "saved_search", "session", "standing", "subscription", "suppression", "version", "webhook", "witness_report",
]
