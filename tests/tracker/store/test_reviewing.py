"""A judgment at the desk, from the flag to the log and back, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tracker import events
from tracker.desk.review import key_of_flag
from tracker.desk.reviewing import Judgment, Outcome, judge
from tracker.differ import diff, newest_flags
from tracker.errors import DecidedMeanwhile, ReviewError
from tracker.events import Desk
from tracker.ingest import decide as ingest_decide
from tracker.ingest import reviewed
from tracker.model import (
    Bill,
    Change,
    Effect,
    EventKind,
    Finding,
    Flag,
    Harvest,
    IngestMode,
    MarkedText,
    Page,
    Provision,
    ReadText,
    ReviewVerdict,
    Role,
    TextStatus,
    Topic,
    Version,
    VersionState,
)
from tracker.store.catalogue import BillQuery, Catalogue
from tracker.store.reviews import QueueQuery, Reviews
from tracker.store.store import SqlStore

NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
CRIME, RELIEF, RIGHTS = Topic.CRIMINALIZATION, Topic.DECRIMINALIZATION, Topic.WORKER_RIGHTS
RIGHT, WRONG, OTHER, BACK = (ReviewVerdict.CONFIRM, ReviewVerdict.REJECT, ReviewVerdict.CORRECT,
                             ReviewVerdict.WITHDRAW)
WORDS = ("Sec. 1. Whoever patronizes a lantern commits a misdemeanor.\n"
         "Sec. 2. The court shall seal every record of a lantern sold before this Act.\n")
BILL = Bill("xx", "31", "HB 1", title="Lanterns", introduced_on=date(2031, 3, 1),
            versions=(Version("ih", "Introduced", date(2031, 3, 1)),))
LAMPS = "xx/31/hb-1"


def marked(words: str = WORDS) -> MarkedText:
    second = words.index("Sec. 2.")
    return MarkedText(words, (), (Provision("Sec. 1", "1", None, "section", 0, second),
                                  Provision("Sec. 2", "2", None, "section", second, len(words))))


def flag(quote: str = "patronizes a lantern", topic: Topic = CRIME, words: str = WORDS, score: float = 0.7) -> Flag:
    start = words.index(quote)
    provision = "Sec. 1" if start < words.index("Sec. 2.") else "Sec. 2"
    return Flag(topic, Effect.ADVANCES, provision, start, start + len(quote), quote, "rule-1", "v1", score, "buying")


SEAL = flag("shall seal every record", RELIEF, score=0.9)


def read(code: str = "ih", words: str = WORDS, flags: Sequence[Flag] = ()) -> ReadText:
    page = Page(f"https://law.example/{code}", f"{abs(hash((code, words))):064x}"[:64], NOW)
    return ReadText(code, TextStatus.AVAILABLE, page.url, "text/plain", page.sha256, marked(words), tuple(flags),
                    page=page)


def put(store: SqlStore, *texts: ReadText, bill: Bill = BILL, bill_id: str = LAMPS,
        mode: IngestMode = IngestMode.LIVE, stage: str = "introduced", at: datetime = NOW) -> None:
    versions = tuple(VersionState(t.version, t.status, t.sha256, t.flags, t.url) for t in texts)
    with store.write() as writer:
        writer.apply(Change(bill_id, bill, f"hash-{bill_id}", 0, stage, events.topics_of(newest_flags(versions)), texts,
                            diff(bill_id, None, bill, versions, mode)), at)


def key(on: Flag | None = None, bill_id: str = LAMPS) -> str:
    return key_of_flag(bill_id, on or flag(), marked())


def say(store: SqlStore, verdict: ReviewVerdict = WRONG, on: Flag | None = None, *, to: Finding | None = None,
        by: str = "ada", reason: str = "It only names lanterns.", bill_id: str = LAMPS,
        known: int | None = None) -> Outcome:
    return judge(store, Judgment(bill_id, key(on, bill_id), verdict, by, Role.EDITOR, reason, to, known),
                 NOW + timedelta(hours=1))


def flags_of(store: SqlStore, version: int = -1) -> tuple[Flag, ...]:
    state = store.bill(LAMPS)
    assert state is not None
    return state.versions[version].flags


def topics_listed(store: SqlStore) -> set[Topic]:
    catalogue = Catalogue(store.engine)
    row = catalogue.row(LAMPS)
    assert row is not None
    by_topic = {topic for topic in Topic if catalogue.bills(BillQuery(topic=topic)).rows}
    assert set(row.topics) == by_topic == {topic for topic, _ in catalogue.counts()}
    return by_topic


def test_a_rejected_flag_leaves_state_topics_and_counts_and_is_kept_for_the_desk(store: SqlStore) -> None:
    put(store, read(flags=[flag(), SEAL]))
    assert topics_listed(store) == {CRIME, RELIEF}
    outcome = say(store)
    assert flags_of(store) == (SEAL,) and topics_listed(store) == {RELIEF}
    state = store.bill(LAMPS)
    assert state is not None and [f.quote for f in state.versions[0].withheld] == ["patronizes a lantern"]
    event = outcome.event
    assert event is not None and event == store.events(event.seq - 1)[0]
    assert (event.kind, event.mode, event.topics) == (EventKind.FLAG_REJECTED, IngestMode.LIVE, (RELIEF, CRIME))
    assert state.revision == 2


def test_the_event_tells_all_but_who_decided(store: SqlStore) -> None:
    put(store, read(flags=[flag()]))
    event = say(store, by="ada-of-the-desk").event
    assert event is not None
    assert {"quote": "patronizes a lantern", "provision": "Sec. 1", "reason": "It only names lanterns.",
            "role": "editor", "note": "Introduced", "topic": "criminalization"}.items() <= event.data.items()
    assert "ada-of-the-desk" not in str(event)
    assert Reviews(store.engine).decisions(key())[0].by == "ada-of-the-desk"


def test_a_confirmed_flag_stays_and_is_no_news(store: SqlStore) -> None:
    put(store, read(flags=[flag()]))
    event = say(store, RIGHT, reason="").event
    assert event is not None and (event.kind, event.mode) == (EventKind.FLAG_CONFIRMED, IngestMode.REPAIR)
    (kept,) = flags_of(store)
    assert kept.review is not None and kept.review.verdict is RIGHT


def test_a_corrected_flag_moves_to_its_topic(store: SqlStore) -> None:
    put(store, read(flags=[flag()]))
    event = say(store, OTHER, to=Finding(RIGHTS, Effect.REVERSES)).event
    assert event is not None and set(event.topics) == {CRIME, RIGHTS} and event.mode is IngestMode.LIVE
    assert topics_listed(store) == {RIGHTS}
    assert event.data["before"]["topic"] == "criminalization" and event.data["after"]["topic"] == "worker-rights"


def test_what_nobody_was_told_is_taken_back_quietly(store: SqlStore) -> None:
    put(store, read(flags=[flag()]), mode=IngestMode.BACKFILL)
    event = say(store).event
    assert event is not None and event.mode is IngestMode.REPAIR


def test_the_same_decision_twice_is_one_event_and_one_row(store: SqlStore) -> None:
    put(store, read(flags=[flag()]))
    say(store)
    last = store.last_seq()
    assert say(store) == Outcome(kept=False)
    assert say(store, by="bo") == Outcome(kept=True)
    assert store.last_seq() == last
    assert [d.by for d in Reviews(store.engine).decisions(key())] == ["ada", "bo"]


def test_the_last_decision_wins_all_are_kept_and_a_withdrawal_brings_the_flag_back(store: SqlStore) -> None:
    put(store, read(flags=[flag(), SEAL]))
    before = flags_of(store)
    say(store)
    say(store, OTHER, to=Finding(RIGHTS, Effect.ADVANCES), by="bo")
    assert topics_listed(store) == {RIGHTS, RELIEF}
    event = say(store, BACK, reason="").event
    assert event is not None and event.kind is EventKind.REVIEW_WITHDRAWN
    assert flags_of(store) == before and topics_listed(store) == {CRIME, RELIEF}
    assert [d.verdict for d in Reviews(store.engine).decisions(key())] == [WRONG, OTHER, BACK]


def test_a_decision_holds_in_every_version_with_the_same_words(store: SqlStore) -> None:
    both = replace(BILL, versions=(*BILL.versions, Version("rh", "Reported")))
    later = "A preface.\n" + WORDS.replace("a misdemeanor", "a  MISDEMEANOR")
    put(store, read(flags=[flag()]), read("rh", later, [flag(words=later)]), bill=both)
    say(store)
    assert flags_of(store, 0) == flags_of(store, 1) == ()


def arrives(store: SqlStore, bill: Bill, text: ReadText) -> list[EventKind]:
    """The end of an ingest, as tracker.ingest does it."""
    with store.write() as writer:
        state = writer.state(LAMPS)
        judged = reviewed(text, writer.decisions(LAMPS))
        change = ingest_decide(state, Harvest(LAMPS, bill, "next"), (judged,), IngestMode.LIVE)
        assert change is not None
        return [event.kind for event in writer.apply(change, NOW + timedelta(hours=2))]


def test_a_new_version_with_the_same_words_raises_no_rejected_flag(store: SqlStore) -> None:
    put(store, read(flags=[flag()]))
    say(store)
    both = replace(BILL, versions=(*BILL.versions, Version("rh", "Reported")))
    told = arrives(store, both, read("rh", "A preface.\n" + WORDS, [flag(words="A preface.\n" + WORDS)]))
    assert told == [EventKind.VERSION_PUBLISHED, EventKind.TEXT_ARRIVED]
    assert topics_listed(store) == set()


def test_a_new_version_with_other_words_is_asked_anew(store: SqlStore) -> None:
    put(store, read(flags=[flag()]))
    say(store)
    both = replace(BILL, versions=(*BILL.versions, Version("rh", "Reported")))
    words = WORDS.replace("a misdemeanor", "a felony")
    assert arrives(store, both, read("rh", words, [flag(words=words)]))[-1] is EventKind.FLAG_RAISED
    assert topics_listed(store) == {CRIME}
    assert Reviews(store.engine).queue(QueueQuery()).total == 1


def test_a_confirmed_flag_is_no_news_in_the_next_version(store: SqlStore) -> None:
    put(store, read(flags=[flag()]))
    say(store, RIGHT)
    both = replace(BILL, versions=(*BILL.versions, Version("rh", "Reported")))
    assert EventKind.FLAG_RAISED not in arrives(store, both, read("rh", flags=[flag()]))
    (kept,) = flags_of(store)
    assert kept.review is not None


def test_words_that_are_gone_can_still_be_decided_on(store: SqlStore) -> None:
    put(store, read(flags=[flag()]))
    say(store)
    words = WORDS.replace("patronizes", "paints")
    arrives(store, BILL, read(words=words))
    event = say(store, BACK, reason="").event
    assert event is not None and event.data["quote"] == "patronizes a lantern"
    assert flags_of(store) == ()


@pytest.mark.parametrize("wrong", [
    lambda store: say(store, bill_id="xx/31/hb-9"),
    lambda store: judge(store, Judgment(LAMPS, "0" * 32, WRONG, "ada", Role.EDITOR, "No."), NOW),
    lambda store: say(store, reason="  "),
    lambda store: say(store, reason="x" * 1001),
    lambda store: say(store, OTHER),
    lambda store: say(store, RIGHT, to=Finding(RIGHTS, Effect.ADVANCES)),
    lambda store: say(store, OTHER, to=Finding(CRIME, Effect.ADVANCES)),
])
def test_a_judgment_of_nothing_or_without_a_reason_is_refused_and_changes_nothing(store: SqlStore, wrong: Any) -> None:
    put(store, read(flags=[flag()]))
    last = store.last_seq()
    with pytest.raises(ReviewError):
        wrong(store)
    assert store.last_seq() == last and Reviews(store.engine).decisions(key()) == ()


def test_two_who_decide_at_once_are_both_kept(store: SqlStore) -> None:
    put(store, read(flags=[flag()]))
    problems: list[BaseException] = []

    def decide(by: str) -> None:
        try:
            say(store, by=by)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=decide, args=(name,)) for name in ("ada", "bo", "cy", "di")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(d.by for d in Reviews(store.engine).decisions(key())) == ["ada", "bo", "cy", "di"]
    assert [e.kind for e in store.events()].count(EventKind.FLAG_REJECTED) == 1


@pytest.mark.parametrize(("by", "reason", "refused"), [
    ("ada", "Read by ada.", True), ("ada", "_ADA_", True), ("ada", "ａｄａ", True), ("ada", "Canada and Adair", False),
    ("ada-of-the-desk", "Signed: Ada of the desk", True), ("ada-of-the-desk", "adaofthedesk", True),
    ("ada-of-the-desk", "The desk of Ada", False), ("bo.7", "see bo 7", True), ("a", "A lamp is no lantern.", False),
])
def test_a_reason_that_holds_the_name_of_the_account_is_refused(by: str, reason: str, refused: bool) -> None:
    for verdict, to in ((WRONG, None), (RIGHT, None), (BACK, None), (OTHER, Finding(RIGHTS, Effect.ADVANCES))):
        with pytest.raises(ReviewError, match="leave the name of your account out") if refused else nullcontext():
            Judgment(LAMPS, "0" * 32, verdict, by, Role.EDITOR, reason, to)


def test_of_many_who_saw_the_same_page_one_decides_and_the_others_are_told(store: SqlStore) -> None:
    put(store, read(flags=[flag()]))
    start, kept, told = threading.Barrier(8), list[Outcome](), list[DecidedMeanwhile]()

    def decide(by: str) -> None:
        start.wait()
        try:
            kept.append(say(store, by=by, known=0))
        except DecidedMeanwhile as problem:
            told.append(problem)

    threads = [threading.Thread(target=decide, args=(f"reader-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(kept), len(told), len(Reviews(store.engine).decisions(key()))) == (1, 7, 1)
    assert say(store, by="zoe", known=1).kept
    with pytest.raises(DecidedMeanwhile):
        say(store, BACK, by="zoe", known=1)


def test_a_rejection_in_a_race_with_a_crawl_is_not_lost(store: SqlStore) -> None:
    """The new text was tagged before the decision, and is written after it."""
    put(store, read(flags=[flag()]))
    both = replace(BILL, versions=(*BILL.versions, Version("rh", "Reported")))
    tagged = read("rh", flags=[flag()])
    say(store)
    assert EventKind.FLAG_RAISED not in arrives(store, both, tagged)


def test_an_event_of_the_desk_is_what_a_flag_event_is(store: SqlStore) -> None:
    desk = Desk(LAMPS, BILL, 1, (CRIME,), IngestMode.LIVE)
    raised = desk.event(EventKind.FLAG_RAISED, "", None, **events.flag_data(BILL.versions[0], flag()))
    put(store, read(flags=[flag()]))
    event = say(store).event
    assert event is not None and set(raised.data) <= set(event.data)


# --- the queue --------------------------------------------------------------------------------------------------------


def fill_queue(store: SqlStore) -> None:
    for number, (stage, score) in enumerate([("became-law", 0.5), ("introduced", 0.9), ("introduced", 0.6),
                                             ("reported", 0.9)], 1):
        bill = replace(BILL, identifier=f"HB {number}", jurisdiction="yy" if number == 4 else "xx")
        put(store, read(flags=[flag(score=score)]), bill=bill, bill_id=f"{bill.jurisdiction}/31/hb-{number}",
            stage=stage)


def asked(store: SqlStore, **query: Any) -> list[str]:
    return [row.bill_id for row in Reviews(store.engine).queue(QueueQuery(**query)).rows]


def test_live_bills_come_first_then_doubt_then_what_moved_last(store: SqlStore) -> None:
    fill_queue(store)
    assert asked(store) == ["xx/31/hb-3", "yy/31/hb-4", "xx/31/hb-2", "xx/31/hb-1"]


def test_the_queue_is_filtered_paged_and_counted(store: SqlStore) -> None:
    fill_queue(store)
    assert asked(store, jurisdiction="yy") == ["yy/31/hb-4"]
    assert asked(store, topic=RELIEF) == []
    assert asked(store, limit=2, offset=2) == ["xx/31/hb-2", "xx/31/hb-1"]
    assert Reviews(store.engine).queue(QueueQuery(limit=1)).total == 4


def test_a_decided_flag_leaves_the_queue_and_is_found_by_its_state(store: SqlStore) -> None:
    put(store, read(flags=[flag(), SEAL]))
    say(store)
    say(store, RIGHT, SEAL)
    assert asked(store) == []
    assert asked(store, state="rejected") == asked(store, state="confirmed") == [LAMPS]
    assert len(asked(store, state="all")) == 2


def test_only_the_newest_text_is_asked_about_and_equal_words_once(store: SqlStore) -> None:
    both = replace(BILL, versions=(*BILL.versions, Version("rh", "Reported")))
    twice = WORDS + "Sec. 3. Whoever patronizes a lantern commits a misdemeanor.\n"
    again = replace(flag(), start=twice.rindex("patronizes"), end=twice.rindex("patronizes") + 20, provision="Sec. 3")
    text = replace(read("rh", twice), flags=(flag(), again), text=replace(marked(twice), provisions=(
        *marked(twice).provisions[:1], Provision("Sec. 2", "2", None, "section", twice.index("Sec. 2."),
                                                 twice.index("Sec. 3.")),
        Provision("Sec. 3", "3", None, "section", twice.index("Sec. 3."), len(twice)))))
    put(store, read(flags=[flag(), SEAL]), text, bill=both)
    found = Reviews(store.engine).queue(QueueQuery())
    assert [(row.version, row.flag.start) for row in found.rows] == [("rh", flag().start)] and found.total == 1
    say(store)
    assert flags_of(store) == ()


def test_a_key_is_found_by_its_beginning_if_only_one_begins_so(store: SqlStore) -> None:
    put(store, read(flags=[flag(), SEAL]))
    reviews = Reviews(store.engine)
    assert reviews.find(key()[:6]) == (LAMPS, key())
    assert [reviews.find(wrong) for wrong in ("", "abc", "zzzzzzz", "0" * 40, "%" * 8, "000000")] == [None] * 6
    row = reviews.flag(key())
    assert row is not None and (row.version, row.flag) == ("ih", flag())


def test_decisions_come_bill_by_bill(store: SqlStore) -> None:
    fill_queue(store)
    for bill_id in ("xx/31/hb-2", "yy/31/hb-4"):
        say(store, bill_id=bill_id)
    reviews = Reviews(store.engine)
    assert [bill_id for bill_id, _ in reviews.by_bill()] == ["xx/31/hb-2", "yy/31/hb-4"]
    assert [bill_id for bill_id, _ in reviews.by_bill("yy")] == ["yy/31/hb-4"]
