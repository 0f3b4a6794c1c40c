"""A small fictional legislature in a real SQLite store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from tracker.app import Services
from tracker.events import Desk, action_data, card, flag_data, version_data
from tracker.model import (
    Action,
    Bill,
    Change,
    Effect,
    EventKind,
    Flag,
    Hearing,
    IngestMode,
    Link,
    Mark,
    MarkedText,
    MarkKind,
    NewEvent,
    Page,
    Provision,
    ReadText,
    RelatedBill,
    Run,
    RunVerdict,
    Sponsorship,
    TextStatus,
    Topic,
    VerdictKind,
    Version,
    VoteCount,
    VoteEvent,
    VoteOption,
)
from tracker.settings import Settings
from tracker.store.store import SqlStore

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
HOSTILE = 'Loitering <script>alert(1)</script> & "Repeal" Act\u2028]]>'
PLAIN = "xx/7/hb-12"
NASTY = "xx/7/hb-13"
DULL = "xx/7/hb-14"

TEXT = ("A BILL to tidy the Examplia Penal Code.\n"
        "Sec. 1. Short title.\nThis Act may be cited as the Fair Streets Act.\n"
        "Sec. 2. Loitering.\nSection 77-4 of the Examplia Penal Code (loitering for the purpose of prostitution) is "
        "repealed. Whoever loiters shall pay a fine of <b>90</b> crowns & costs.\n"
        "Sec. 3. Platforms.\n(a) No host shall be liable for words of others.\n(b) This section is new.\n")
COUNTS = (VoteCount(VoteOption.YES, 57), VoteCount(VoteOption.NO, 40), VoteCount(VoteOption.EXCUSED, 2))


def provisions() -> tuple[Provision, ...]:
    at = [TEXT.index(s) for s in ("Sec. 1.", "Sec. 2.", "Sec. 3.", "(a) No", "(b) This")]
    end = len(TEXT)
    return (Provision("Sec. 1", "1", "Short title", "section", at[0], at[1]),
            Provision("Sec. 2", "2", "Loitering", "section", at[1], at[2]),
            Provision("Sec. 3", "3", "Platforms", "section", at[2], end),
            Provision("Sec. 3(a)", "(a)", None, "subsection", at[3], at[4], 2),
            Provision("Sec. 3(b)", "(b)", None, "subsection", at[4], end, 2))


def marked() -> MarkedText:
    struck, new = TEXT.index("Whoever loiters"), TEXT.index("(a) No host")
    return MarkedText(TEXT, (Mark(MarkKind.STRUCK, struck, struck + 15), Mark(MarkKind.INSERTED, new, len(TEXT) - 1)),
                      provisions())


def flag_on(words: str, topic: Topic, effect: Effect, provision: str, mark: MarkKind | None = None) -> Flag:
    start = TEXT.index(words)
    return Flag(topic, effect, provision, start, start + len(words), words, "rule-1", "2031.1", 0.9, "loitering", mark)


FLAGS = (flag_on("Section 77-4 of the Examplia Penal Code (loitering for the purpose of prostitution) is repealed",
                 Topic.DECRIMINALIZATION, Effect.ADVANCES, "Sec. 2"),
         flag_on("No host shall be liable", Topic.PLATFORM_LIABILITY, Effect.REVERSES, "Sec. 3(a)", MarkKind.INSERTED))


def page(url: str, letter: str) -> Page:
    return Page(url, letter * 64, NOW - timedelta(hours=3), warc="run/pages.warc.gz", offset=0)


def sample(number: int, title: str) -> Bill:
    base = f"https://legislature.example/7/hb{number}"
    return Bill(
        "xx", "7", f"HB {number}", title=title, introduced_on=date(2031, 4, 1),
        sponsorships=(Sponsorship("Rep. Ada Sample", True, party="D", area="XX-1", sponsored_on=date(2031, 4, 1)),
                      Sponsorship("Rep. Bo <i>Bold</i>", False, withdrawn_on=date(2031, 4, 9))),
        actions=(Action("Introduced in House", date(2031, 4, 1), classification=("introduction",), chamber="lower"),
                 Action("Referred to the Committee on Streets", date(2031, 4, 2),
                        classification=("referral-committee",), chamber="lower")),
        versions=(Version("ih", "Introduced in House", date(2031, 4, 1), (Link(f"{base}/ih.xml", "text/xml"),)),
                  Version("rh", "Reported in House", None, (Link(f"{base}/rh.pdf", "application/pdf"),
                                                           Link("javascript:alert(1)", "text/html")))),
        votes=(VoteEvent("Roll call 3", date(2031, 4, 2), "lower", "Shall <b>it</b> be referred?", True,
                         f"{base}/3", COUNTS),),
        hearings=(Hearing("h1", date(2031, 5, 20), "Markup", "2 pm or upon recess", "Europe/Vienna", "Room 1"),),
        related_bills=(RelatedBill("7", "HB 12", "companion"), RelatedBill("7", "SB 1", None, "Not held")),
        sources=(f"{base}/", "javascript:alert(2)"))


def change(identity: str, bill: Bill, flags: tuple[Flag, ...], mode: IngestMode) -> Change:
    topics = tuple(t for t in Topic if t in {f.topic for f in flags})
    desk = Desk(identity, bill, 1, topics, mode)
    events: list[NewEvent] = [
        desk.event(EventKind.BILL_INTRODUCED, "", bill.introduced_on, title=bill.title, introduced_on="2031-04-01",
                   sponsors=[s.name for s in bill.sponsorships])]
    events += [desk.event(EventKind.ACTION_RECORDED, str(i), a.date, stage="in-committee", **action_data(a))
               for i, a in enumerate(bill.actions)]
    events += [desk.event(EventKind.VERSION_PUBLISHED, v.code, v.date, **version_data(v)) for v in bill.versions]
    events += [desk.event(EventKind.FLAG_RAISED, f"{i}", bill.versions[0].date, **flag_data(bill.versions[0], f))
               for i, f in enumerate(flags)]
    read = ReadText("ih", TextStatus.AVAILABLE, bill.versions[0].links[0].url, "text/xml", "c" * 64, marked(), flags,
                    page=page(bill.versions[0].links[0].url, "c"))
    pending = ReadText("rh", TextStatus.PENDING, bill.versions[1].links[0].url, "application/pdf", error="404")
    assert events[0].data["bill"] == card(bill)
    return Change(identity, bill, f"hash-{identity}", 0, "in-committee", topics, (read, pending), tuple(events),
                  (page(f"https://legislature.example/status/{bill.identifier}", "d"),))


def fill(store: SqlStore) -> None:
    with store.write() as writer:
        writer.apply(change(DULL, sample(14, "A dull bill"), (), IngestMode.LIVE), NOW - timedelta(days=2))
        writer.apply(change(PLAIN, sample(12, "Fair Streets Act"), FLAGS, IngestMode.BACKFILL), NOW - timedelta(days=1))
        writer.apply(change(NASTY, sample(13, HOSTILE), FLAGS[:1], IngestMode.LIVE), NOW - timedelta(hours=2))
    store.save_run(good_run())


def good_run() -> Run:
    return Run("xx-1", "xx", IngestMode.LIVE, NOW - timedelta(hours=3), NOW - timedelta(hours=2),
               RunVerdict(VerdictKind.OK, "3 bills read."), {"bills": 3, "unknown_labels": 1})


def bad_run() -> Run:
    return replace(good_run(), id="xx-2", started_at=NOW - timedelta(hours=1), finished_at=NOW,
                   verdict=RunVerdict(VerdictKind.BLOCKED, "403 at <https://legislature.example/>."))


class Clock:
    """It stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Postbox:
    """A Mailer that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[tuple[EmailMessage, str]] = []

    def send(self, message: EmailMessage, recipient: str, sender: str = "") -> None:
        self.sent.append((message, recipient))


def open_sample(home: Path, clock: Callable[[], datetime] = lambda: NOW) -> Services:
    settings = Settings(home=home, base_url="http://testserver.local", sources=("xx",),
                        contact="https://contact.example/", mail="folder")
    made = Services(settings, clock)
    made.__dict__["mailer"] = Postbox()  # what cached_property would have made
    fill(made.store)
    return made
