"""The composition root: settings in, the parts of the service wired together out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from digests.channels.feeds import Site
from digests.channels.sieve import Sieve
from digests.delivery.mail import FolderMailer, SmtpMailer
from digests.readers.sealing import Keys
from tracker import locks
from tracker.desk.accounts import Entrance
from tracker.errors import ConfigError
from tracker.history.asof import BEGINNING
from tracker.history.wordchanges import WordChanges
from tracker.ports import Clock, Mailer
from tracker.settings import Settings, load_settings
from tracker.store.accounts import SqlAccounts
from tracker.store.alert_books import AlertBooks
from tracker.store.alerts import SqlAlerts
from tracker.store.apikeys import ApiKeys
from tracker.store.catalogue import Catalogue
from tracker.store.findings import Findings
from tracker.store.hooks import SqlHooks
from tracker.store.kindred import Kindred
from tracker.store.ledger import SqlLedger
from tracker.store.outages import Outages
from tracker.store.past import PastCatalogue, PastStore
from tracker.store.past_lists import PastFindings, PastTallies
from tracker.store.past_search import PastSearches
from tracker.store.reviews import Reviews
from tracker.store.saved import SavedSearches
from tracker.store.search import Search
from tracker.store.sessions import Sessions
from tracker.store.store import SqlStore
from tracker.store.tallies import Tallies
from tracker.store.turns import turn
from tracker.store.witness_reports import WitnessReports
from tracker.tagger import Ruleset, load_rules


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """What the edges (command line, pages, jobs) work with. Parts are made when they are first asked for."""

    settings: Settings
    clock: Clock = utc_now
    stopping: Event = field(default_factory=Event)  # set: whatever takes long comes to an end

    def __post_init__(self) -> None:
        _make_home(self.settings.home)

    def __enter__(self) -> Services:
        return self

    def __exit__(self, *_: object) -> None:
        if "store" in self.__dict__:
            self.store.close()

    @cached_property
    def store(self) -> SqlStore:
        return SqlStore.open(self.settings.database_url)

    @contextmanager
    def only_one(self, name: str, message: str) -> Iterator[None]:
        """Raises Busy with `message` if another process does this, here or on a machine that shares our PostgreSQL."""
        with locks.only_one(self.settings.home, name, message), turn(self.store.engine, name, message):
            yield

    @cached_property
    def sieve(self) -> Sieve:
        return Sieve(self.store)

    @cached_property
    def word_changes(self) -> WordChanges:
        return WordChanges(self.store.bill, self.store.text)

    @cached_property
    def ledger(self) -> SqlLedger:
        ledger = SqlLedger(self.store.engine, self.keys)
        ledger.seal_filters()
        return ledger

    @cached_property
    def saved(self) -> SavedSearches:
        return SavedSearches(self.store.engine, self.keys)

    @cached_property
    def hooks(self) -> SqlHooks:
        return SqlHooks(self.store.engine, self.keys)

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.store.engine)

    def as_known(self, at: datetime) -> Services:
        """The same, as of `at`: for reading bills, texts, lists, counts, the log and the runs. All else refuses."""
        at = max(at, BEGINNING)
        then, engine = replace(self, clock=lambda: at), self.store.engine
        then.__dict__.update(store=PastStore(self.store, at), catalogue=PastCatalogue(engine, at),
                             tallies=PastTallies(engine, at), findings=PastFindings(engine, at),
                             kindred=Kindred(engine, at), search=self.past_searches.at(at))
        return then

    @cached_property
    def tallies(self) -> Tallies:
        return Tallies(self.store.engine)

    @cached_property
    def search(self) -> Search:
        return Search(self.store.engine)

    @cached_property
    def past_searches(self) -> PastSearches:
        return PastSearches(self.store.engine, self.search)

    @cached_property
    def findings(self) -> Findings:
        return Findings(self.store.engine)

    @cached_property
    def kindred(self) -> Kindred:
        return Kindred(self.store.engine)

    @cached_property
    def api_keys(self) -> ApiKeys:
        return ApiKeys(self.store.engine)

    @cached_property
    def reviews(self) -> Reviews:
        return Reviews(self.store.engine)

    @cached_property
    def outages(self) -> Outages:
        return Outages(self.store.engine)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.store.engine)

    @cached_property
    def witness_reports(self) -> WitnessReports:
        return WitnessReports(self.store.engine)

    @cached_property
    def alerts(self) -> SqlAlerts:
        return SqlAlerts(self.store.engine)

    @cached_property
    def alert_outbox(self) -> AlertBooks:
        return AlertBooks(self.store.engine, self.keys, self.clock)

    @cached_property
    def accounts(self) -> SqlAccounts:
        return SqlAccounts(self.store.engine)

    @cached_property
    def entrance(self) -> Entrance:
        return Entrance(self.accounts, self.keys)

    @cached_property
    def rules(self) -> Ruleset:
        return load_rules()

    @cached_property
    def keys(self) -> Keys:
        return Keys.load_or_create(self.settings.key_file)

    @cached_property
    def site(self) -> Site:
        settings = self.settings
        host = urlsplit(settings.base_url).hostname or "localhost"
        return Site(base_url=settings.base_url, name=settings.site_name, contact=settings.contact,
                    tag_authority=settings.tag_authority or host, sender=settings.mail_from,
                    bounces=settings.bounce_address, hub=settings.websub_hub)

    @cached_property
    def mailer(self) -> Mailer:
        settings = self.settings
        if settings.mail == "smtp":
            return SmtpMailer(settings.smtp_host, settings.smtp_port, username=settings.smtp_user,
                              password=settings.smtp_password.get_secret_value(), security=settings.smtp_security,
                              per_connection=settings.smtp_per_connection)
        if settings.mail == "folder":
            return FolderMailer(settings.outbox_folder)
        raise ConfigError('setting mail: is "off", so nothing can be sent; expected "smtp" or "folder"')


def _make_home(home: Path) -> None:
    """Only its owner may look inside: it holds keys and sealed addresses."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise ConfigError(f"setting home: {home} cannot be made: {problem}") from None


def open_services() -> Services:
    """As this machine is set up. Close it, or use it as a context."""
    return Services(load_settings())
