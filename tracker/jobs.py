"""What runs when: job functions, their schedule, and the clock that calls them in one process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from digests.alerts import alerting
from digests.alerts.mail import AlertComposer
from digests.delivery import deliver, sending
from digests.delivery.composer import Composer
from digests.delivery.domains import Pacer
from digests.delivery.suppressing import SoftRule
from digests.readers import key_notices, renewal, subscriptions
from tracker import pushing
from tracker.app import Services
from tracker.cleaning import clean
from tracker.errors import TrackerError
from tracker.files.exporting import available, export, free_name, replace_current
from tracker.locks import only_one
from tracker.model import VerdictKind
from tracker.polling.closing import close_sessions
from tracker.polling.crawling import Order, crawl, unfinished_runs
from tracker.polling.pacing import pause_of
from tracker.polling.quotas import awake, pool_of
from tracker.polling.watching import watch
from tracker.polling.witnessing import compare_job
from tracker.ports import Ledger
from tracker.store.reindexing import reindex

log = structlog.get_logger()

WATCH_AFTER = timedelta(minutes=15)  # what was missed while we were down is being caught up: no alarm before


def crawl_job(services: Services, source: str) -> None:
    """Crawl one source, unless its pause is not over; what a killed crawl left behind is never kept waiting."""
    name = f"crawl:{source}"
    last, now = services.store.job_last_run(name), services.clock()
    pause = pause_of(services, source, now)
    # A clock that was set back must not silence a source: a last run in the future counts as long ago.
    early = last is not None and timedelta(0) <= now - last < pause * 0.9
    if early and not unfinished_runs(services, source):
        return
    run = crawl(services, Order(source))
    if not services.stopping.is_set():  # a crawl that a restart cut short is made up for at once
        services.store.set_job_last_run(name, now)
    verdict = run.verdict.kind if run.verdict else "interrupted"
    level = log.info if verdict == VerdictKind.OK else log.warning
    level("crawled", source=source, run=run.id, verdict=str(verdict), events=run.counts.get("events", 0))


def crawl_in_turn(services: Services, sources: Sequence[str]) -> None:
    """Those that share a quota (and a host) one after the other; what fails at one does not stop the next."""
    failed: TrackerError | None = None
    for source in sources:
        if services.stopping.is_set():
            return
        try:
            crawl_job(services, source)
        except TrackerError as problem:
            if failed is not None:
                log.warning("job failed", job=f"crawl:{source}", error=type(problem).__name__, reason=str(problem))
            failed = failed or problem
    if failed is not None:
        raise failed


def deliver_job(services: Services) -> None:
    """Queue what is due and send what is queued; unconfirmed sign-ups expire, mail or no mail."""
    if services.settings.mail == "off":
        subscriptions.expire(services.ledger, services.clock())
        return
    deliver_now(services)
    services.store.set_job_last_run("deliver", services.clock())


def deliver_now(services: Services, *, send: bool = True) -> tuple[int, int, sending.Sent | None]:
    """(sign-ups expired, digests queued, what was sent). Raises Busy if another process is at it: two senders would
    both send what is open."""
    now = services.clock()
    with services.only_one("deliver", "another process is sending right now: it does this work"):
        expired = subscriptions.expire(services.ledger, now)
        services.ledger.lift_ended(now)
        # What cannot wait goes before everything else; and what is open before what is to be queued: a process that
        # never lives long enough to queue everything must still send.
        urgent = alert_now(services, send=send)[1]
        sent = _send(services, now) if send else None
        queued = deliver.queue_due(services.ledger, services.store, now)
        if sent and queued and not sent.waiting:
            sent += _send(services, now)
        if sent and urgent:
            sent += urgent
    return expired, queued, sent


def alert_now(services: Services, *, send: bool = True) -> tuple[alerting.Queued, sending.Sent | None]:
    """Alerts whose window is open, into the outbox and out; under the lock of `deliver_now`."""
    now, outbox = services.clock(), services.alert_outbox
    queued = alerting.queue_alerts(outbox, services.alerts.get, services.store.bill, now)
    sent = None
    if send:
        writer = AlertComposer(services.alerts.get, services.keys, services.site)
        sent = _send(services, now, outbox, writer)
        queued = replace(queued, dropped=queued.dropped + outbox.drop_late(services.clock()))
    if queued != alerting.Queued():
        log.info("alerts", **asdict(queued), sent=sent.sent if sent else 0)
    return queued, sent


def _send(services: Services, now: datetime, ledger: Ledger | None = None,
          writer: sending.Writer | None = None) -> sending.Sent:
    settings = services.settings
    return sending.send_open(
        ledger or services.ledger, services.store, services.mailer, services.keys, services.site, now,
        writer=writer or Composer(services.store, services.keys, services.site, services.outages.recent(),
                                  services.word_changes),
        clock=services.clock, pacer=Pacer(services.ledger.paces(), settings.mail_domain_per_minute),
        soft=SoftRule(settings.bounce_soft_limit, settings.bounce_soft_days), connections=settings.smtp_connections,
        stopping=services.stopping)


def sessions_job(services: Services) -> None:
    """What ended sessions mean for their bills."""
    close_sessions(services)


def reindex_job(services: Services) -> None:
    """What the search index does not know yet: after an upgrade, all; else nothing."""
    with services.only_one("reindex", "another process is re-indexing now"):
        done = reindex(services.store, stop=services.stopping.is_set)
    if done.bills:
        log.info("reindexed", bills=done.bills)


def renew_job(services: Services) -> None:
    """Put the yearly question where it is due; delete what nobody answered for, and what is kept long enough."""
    now, ledger = services.clock(), services.ledger
    ended = clean(services).ended
    if ended:
        log.info("subscriptions ended", count=ended)
    if services.settings.mail != "off":
        settings = services.settings
        with services.only_one("renew", "another process is asking right now: it does this work"):
            asked = renewal.ask_due(ledger, services.mailer, services.keys, services.site, now,
                                    SoftRule(settings.bounce_soft_limit, settings.bounce_soft_days))
            waiting = key_notices.tell_waiting(ledger, services.mailer, services.keys, services.site, now,
                                               SoftRule(settings.bounce_soft_limit, settings.bounce_soft_days))
        if waiting:
            log.info("told readers that their key no longer works", count=waiting)
        if asked.asked:
            log.info("asked whether updates are still wanted", count=asked.asked)
    services.store.set_job_last_run("renew", now)


def export_job(services: Services) -> None:
    """Once a day, the public data as files; those of yesterday are replaced in one moment."""
    now, last = services.clock(), services.store.job_last_run("export")
    if last is not None and timedelta(0) <= now - last < timedelta(hours=23):
        return
    with only_one(services.settings.home, "export", "another process is exporting now"):
        folder = services.settings.exports
        made = free_name(folder, now)
        index = export(services.store.engine, made, now, available())
        replace_current(folder, made)
    services.store.set_job_last_run("export", now)
    log.info("exported", files=len(index.files), bytes=sum(f.bytes for f in index.files))


def push_job(services: Services) -> None:
    """Webhooks and the hub: what is new goes out; the operator hears of an endpoint that was given up."""
    with services.only_one("push", "another process is pushing right now: it does this work"):
        done = pushing.push_now(services)
    if done.sent or done.failed:
        log.info("pushed", sent=done.sent, failed=done.failed, disabled=done.disabled)


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the schedule."""

    name: str
    every: timedelta
    run: Callable[[], None]
    first_after: timedelta = timedelta(0)  # the start
    pool: str = "default"


def schedule(services: Services) -> tuple[Job, ...]:
    """Crawls look in often and start only when their pause is over, so that downtime is caught up at once."""
    pools: dict[str, list[str]] = {}
    for source in awake(services.settings):
        pools.setdefault(pool_of(services.settings, source), []).append(source)
    crawls = [Job(f"crawl:{p}", timedelta(minutes=5), lambda of=of: crawl_in_turn(services, of))  # type: ignore[misc]
              for p, of in pools.items()]
    return (*crawls, Job("deliver", timedelta(minutes=1), lambda: deliver_job(services), pool="mail"),
            Job("renew", timedelta(hours=1), lambda: renew_job(services), timedelta(minutes=5), pool="mail"),
            Job("export", timedelta(hours=1), lambda: export_job(services), timedelta(minutes=20)),
            Job("reindex", timedelta(hours=1), lambda: reindex_job(services)),
            Job("push", timedelta(minutes=1), lambda: push_job(services), pool="push"),
            Job("watch", timedelta(minutes=5), lambda: watch(services), WATCH_AFTER, pool="mail"),
            Job("compare", timedelta(hours=1), lambda: compare_job(services), WATCH_AFTER),
            Job("sessions", timedelta(hours=1), lambda: sessions_job(services), WATCH_AFTER))


def start_clock(services: Services) -> BackgroundScheduler:
    """APScheduler in this process, nothing stored in it: the last run of each job is in the database."""
    clock = BackgroundScheduler(
        # Mail has a thread of its own: crawls that take hours must not keep it waiting.
        executors={"default": ThreadPoolExecutor(4), "mail": ThreadPoolExecutor(1), "push": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600}, timezone="UTC")
    for job in schedule(services):
        clock.add_job(_guarded(job), "interval", seconds=job.every.total_seconds(), id=job.name,
                      executor=job.pool, next_run_time=services.clock() + job.first_after)
    clock.add_listener(_report, EVENT_JOB_ERROR)
    clock.start()
    return clock


def _guarded(job: Job) -> Callable[[], None]:
    """An expected failure is logged and tried again at the next turn."""

    def run() -> None:
        try:
            job.run()
        except TrackerError as problem:
            log.warning("job failed", job=job.name, error=type(problem).__name__, reason=str(problem))
        except OSError as problem:  # a full disk, a folder that somebody took away: the operator's to mend
            log.error("job failed", job=job.name, error=type(problem).__name__, reason=problem.strerror)

    return run


def _report(event: JobExecutionEvent) -> None:
    log.error("job crashed", job=event.job_id, error=type(event.exception).__name__)
