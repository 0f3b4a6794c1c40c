"""Narrow feeds: what the sieve remembers is what the filters say, while the log grows; archives whole; cost bounded."""

from __future__ import annotations

import json
from datetime import date

import pytest
from fakes.happenings import SITE, happening
from fakes.memory import MemoryLog
from fakes.variety import STAGES, varied

from digests.channels import sieve as sieves
from digests.channels.archive import SIZE
from digests.channels.feeds import FORMATS, FeedSpec, archive_numbers, render_feed
from digests.channels.sieve import Sieve
from digests.channels.specs import named_spec
from digests.following.filters import matches
from digests.following.saving import feed_token, save
from digests.readers.sealing import token_hash
from tracker.model import Effect, EventKind, Filter, Topic

NARROW = [FeedSpec("subtopic", "worker-rights/labour"), *(FeedSpec("stage", s) for s in STAGES),
          *(FeedSpec("effect", e.value) for e in Effect), FeedSpec("sponsor", "xx/jane-doe"),
          FeedSpec("sponsor", "xx/d001"), FeedSpec("sponsor", "yy/doe"), FeedSpec("sponsor", "xx/nobody"),
          FeedSpec("committee", "xx/committee-on-light"), FeedSpec("committee", "yy/ways-means"),
          FeedSpec("sponsor", "xx/jose-nandu"),
          *(FeedSpec("saved", "x" * 43, w) for w in (
              Filter(), Filter(words="lamps"), Filter(words="wicks", stages=("became-law",)),
              Filter((Topic.WORKER_RIGHTS,), ("xx",), effects=(Effect.ADVANCES,)), Filter(bills=("xx/31/hb-3",))))]


@pytest.mark.parametrize("spec", NARROW, ids=lambda s: f"{s.kind}-{s.value[:30]}-{s.wanted}")
def test_a_narrow_feed_holds_what_its_filter_lets_through_while_the_log_grows(spec: FeedSpec) -> None:
    log, whole = MemoryLog([]), varied(400)
    sieve = Sieve(log)
    for n, event in enumerate(whole, 1):
        log.all.append(event)
        if n % 57 == 0 or n == len(whole):
            document = json.loads(render_feed(spec, "json", sieve, SITE).body)
            expected = [e.seq for e in log.all if matches(spec.filter, e)][::-1][:SIZE]
            assert [int(item["id"].rpartition("/")[2]) for item in document["items"]] == expected


@pytest.mark.parametrize("spec", [FeedSpec("stage", "became-law"), FeedSpec("saved", "x" * 43, Filter(words="lamps"))])
def test_archives_of_a_narrow_feed_hold_everything_once(spec: FeedSpec) -> None:
    log = Sieve(MemoryLog(varied(2_000)))
    expected = {e.seq for e in varied(2_000) if matches(spec.filter, e)}
    pages = [json.loads(render_feed(spec, "json", log, SITE, n).body) for n in (None, *archive_numbers(spec, log))]
    found = [[int(item["id"].rpartition("/")[2]) for item in page["items"]] for page in pages]
    assert {seq for page in found for seq in page} == expected and len(expected) > 400
    archived = [seq for page in found[1:] for seq in page]
    assert len(archived) == len(set(archived))


def test_what_was_looked_at_once_is_not_looked_at_again() -> None:
    log = MemoryLog(varied(3_000))
    sieve, saved = Sieve(log), FeedSpec("saved", "x" * 43, Filter(words="lamps"))
    for spec in (FeedSpec("stage", "became-law"), saved):
        render_feed(spec, "json", sieve, SITE)
        log.rows = 0
        render_feed(spec, "json", sieve, SITE)
        assert log.rows < 500  # of 3,000: the document's own and its archive's surroundings


def test_a_saved_search_looks_back_a_bounded_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sieves, "HORIZON", 1_000)
    log = MemoryLog(varied(5_000))
    render_feed(FeedSpec("saved", "x" * 43, Filter(words="nothing has such a word")), "json", Sieve(log), SITE)
    assert log.rows <= 1_000 + 2 * sieves.PAGE


def test_threads_that_ask_at_once_double_no_entry() -> None:
    from concurrent.futures import ThreadPoolExecutor

    sieve, spec = Sieve(MemoryLog(varied(1_000))), FeedSpec("effect", "advances")
    with ThreadPoolExecutor(8) as pool:
        bodies = {render.body for render in pool.map(lambda _: render_feed(spec, "json", sieve, SITE), range(24))}
    assert len(bodies) == 1
    ids = [item["id"] for item in json.loads(bodies.pop())["items"]]
    assert len(ids) == len(set(ids)) == SIZE


# --- names ------------------------------------------------------------------------------------------------------------


def test_a_sponsor_s_feed_is_named_as_the_legislature_writes_the_name() -> None:
    log = MemoryLog(varied(50))
    titles = {value: json.loads(render_feed(FeedSpec(kind, value), "json", log, SITE).body)["title"]
              for kind, value in (("sponsor", "xx/d001"), ("sponsor", "xx/no-body"), ("committee", "xx/ways-means"))}
    assert titles == {"xx/d001": "billwatch: Bills of the sponsor Jane Doe, XX",
                      "xx/no-body": "billwatch: Bills of the sponsor no body, XX",
                      "xx/ways-means": "billwatch: Bills in the committee Ways & Means, XX"}


@pytest.mark.parametrize("name", ["Jane Doe", "Ways & Means", "José Ñandú", "O'Neil-Smith, Jr.", "Комитет", "委員会",
                                  "<script>alert(1)</script>", "a/b/../c?x=1#y"])
def test_any_name_becomes_an_address_that_holds_no_trick(name: str) -> None:
    spec = named_spec("sponsor", "us-wa", name)
    assert spec is not None and set(spec.path) <= set("/-%abcdefghijklmnopqrstuvwxyz0123456789ABCDEF")
    assert spec.filter.sponsors and spec.path.startswith("/feeds/sponsor/us-wa/")


@pytest.mark.parametrize("name", ["", "  ", "&", "—", "long name " * 12])
def test_a_name_without_words_has_no_feed(name: str) -> None:
    assert named_spec("committee", "us", name) is None


# --- saved searches ---------------------------------------------------------------------------------------------------


def test_the_end_token_gives_the_feed_s_and_not_the_other_way_round() -> None:
    fresh = save(Filter(words="lamps"), date(2031, 3, 6))
    assert feed_token(fresh.end_token) == fresh.feed_token and token_hash(fresh.feed_token) == fresh.row.token
    assert feed_token(fresh.feed_token) != fresh.end_token
    assert len({t for _ in range(50) for t in (save(Filter(), date(2031, 3, 6)).feed_token,)}) == 50


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_private_feed_says_nothing_of_what_it_follows_besides_its_entries(fmt: str) -> None:
    fresh = save(Filter(words="wicks", sponsors=("secret person",)), date(2031, 3, 6))
    body = render_feed(fresh.spec, fmt, MemoryLog(varied(20)), SITE).body.decode()
    assert "secret" not in body and "wicks" not in body.lower() and "Saved search" in body
    assert f"tag:example.org,2026:saved/{fresh.row.id}" in body or fmt != "atom"
    assert fresh.end_token not in body


def test_an_event_kind_that_is_new_breaks_no_narrow_feed() -> None:
    log = MemoryLog([happening(n, kind) for n, kind in enumerate(EventKind, 1)])
    for spec in NARROW:
        render_feed(spec, "rss", log, SITE)
