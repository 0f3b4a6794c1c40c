"""What feeds, digests and the operator are told of a source that cannot be read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from fakes.happenings import KEYS, NOW, SITE, happening, letter, reader
from fakes.memory import MemoryLog

from digests.channels.feeds import FORMATS, FeedSpec, render_feed
from digests.delivery.builder import build
from digests.delivery.mail import compose
from digests.wording.outages import MOST_IN_FEED, SUBJECTS, compose_notice, lines
from tracker.model import Filter, VerdictKind
from tracker.polling.sources import Notice, Outage, SourceState

HOUR = timedelta(hours=1)
OPEN = Outage("xx", NOW - 3 * HOUR, "Examplia", SourceState.BLIND, VerdictKind.BLOCKED,
              "The site refused us; first: <b>403</b>\r\nBcc: x@example.org", NOW - 9 * HOUR, NOW - 2 * HOUR)
OVER = replace(OPEN, ended_at=NOW - HOUR)
FILTERS = (Filter(), Filter(jurisdictions=("xx",)), Filter(bills=("xx/31/hb-7",)))


def titles(spec: FeedSpec, outages: list[Outage], fmt: str = "json", log: MemoryLog | None = None) -> list[str]:
    body = render_feed(spec, fmt, log or MemoryLog([]), SITE, outages=outages).body
    return [item["title"] for item in json.loads(body)["items"]] if fmt == "json" else [
        entry.title for entry in feedparser.parse(body).entries]


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_feed_has_one_entry_for_the_beginning_and_one_for_the_end(fmt: str) -> None:
    began = "We could not read Examplia: changes may be missing"
    assert titles(FeedSpec("all"), [OPEN], fmt) == [began]
    assert titles(FeedSpec("all"), [OVER], fmt) == ["We can read Examplia again", began]


@pytest.mark.parametrize(("spec", "told"), [
    (FeedSpec("all"), True), (FeedSpec("topic", "worker-rights"), True), (FeedSpec("jurisdiction", "xx"), True),
    (FeedSpec("bill", "xx/31/hb-7"), True), (FeedSpec("jurisdiction", "yy"), False),
    (FeedSpec("bill", "yy/31/hb-7"), False)])
def test_only_feeds_that_the_source_belongs_to_tell_it(spec: FeedSpec, told: bool) -> None:
    assert bool(titles(spec, [OPEN])) is told


def test_the_beginning_stays_the_same_entry_when_the_outage_ends_and_whatever_the_operator_is_told() -> None:
    before, after = (json.loads(render_feed(FeedSpec("all"), "json", MemoryLog([]), SITE, outages=[o]).body)["items"]
                     for o in (OPEN, replace(OVER, told_at=NOW, end_told_at=NOW)))
    assert after[1:] == before and len({item["id"] for item in after}) == 2


def test_events_keep_their_order_and_archives_their_bytes() -> None:
    log = MemoryLog([happening(n, recorded_at=NOW - timedelta(minutes=200 - n)) for n in range(1, 121)])
    plain, noticed = (json.loads(render_feed(FeedSpec("all"), "json", log, SITE, outages=o).body)
                      for o in ((), [OVER]))
    assert [i for i in noticed["items"] if ":event/" in i["id"]] == plain["items"]
    assert [i["date_published"] for i in noticed["items"]] == sorted(
        (i["date_published"] for i in noticed["items"]), reverse=True)
    number = int(plain["next_url"].rpartition("/")[2].partition(".")[0])
    assert render_feed(FeedSpec("all"), "json", log, SITE, number, [OVER]) == render_feed(
        FeedSpec("all"), "json", log, SITE, number)


def test_notices_outlast_a_burst_of_events_and_are_dropped_when_they_are_old() -> None:
    burst = [happening(n, recorded_at=NOW + timedelta(minutes=n)) for n in range(1, 121)]
    assert len(titles(FeedSpec("all"), [OVER], log=MemoryLog(burst))) == 52
    later = [happening(n, recorded_at=NOW + timedelta(days=15)) for n in range(1, 121)]
    assert len(titles(FeedSpec("all"), [OVER], log=MemoryLog(later))) == 50


def test_a_source_that_comes_and_goes_does_not_fill_a_feed() -> None:
    many = [replace(OVER, began_at=NOW - n * HOUR) for n in range(3, 40)]
    assert len(titles(FeedSpec("all"), many)) == MOST_IN_FEED


@pytest.mark.parametrize("wanted", FILTERS)
def test_a_digest_says_what_we_could_not_read_when_it_was_queued(wanted: Filter) -> None:
    said = ("We could not read Examplia since 6 March 2031: changes may be missing.",)
    assert lines([OPEN], wanted, NOW) == said
    assert lines([OVER], wanted, NOW) == () and lines([OVER], wanted, NOW - HOUR * 1.5) == said
    assert lines([OPEN], wanted, OPEN.noticed_at - HOUR) == ()


def test_a_digest_about_others_says_nothing_of_it() -> None:
    assert lines([OPEN], Filter(jurisdictions=("yy",)), NOW) == ()


def test_the_line_stands_before_the_bills_but_not_in_the_preview() -> None:
    notices = lines([OPEN], Filter(), NOW)
    message = compose(reader(), build([happening(1)]), letter(), "s1@example.org", SITE, KEYS, notices)
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part
        words = part.get_content()
        places = [words.index(w) for w in ("This is the update", "We could not read Examplia", "HB 7")]
        assert places == sorted(places)
    assert "Examplia" not in str(message["Subject"])


@pytest.mark.parametrize("notice", Notice)
def test_the_operators_mail_is_neutral_outside_repeatable_and_has_no_second_header(notice: Notice) -> None:
    given = OVER if notice is Notice.ENDED else OPEN
    one, two = (compose_notice(given, notice, "op@example.org", SITE) for _ in range(2))
    assert one.as_bytes() == two.as_bytes()
    assert one["Subject"] == SUBJECTS[notice] and one["Bcc"] is None
    words = one.get_content()
    assert "Source: xx" in words and "https://watch.example.org/sources" in words
    assert ("again since" in words) is (notice is Notice.ENDED)


def test_each_notice_has_a_message_id_of_its_own() -> None:
    told = replace(OPEN, told_at=NOW)
    again = replace(OPEN, told_at=NOW + timedelta(days=7))
    ids = {str(compose_notice(o, n, "op@example.org", SITE)["Message-ID"]) for o, n in (
        (OPEN, Notice.BEGAN), (told, Notice.LASTS), (again, Notice.LASTS), (again, Notice.ENDED))}
    assert len(ids) == 4
