"""What the base does for every legislature: a fictional one with a zip, two hosts, a key and texts inside records."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import spiders.legislatures
from spiders import discovery
from spiders.contract import Answer
from spiders.legislatures.us_ca import CaliforniaSpider, text_url
from spiders.legislatures.us_sd import UsSdSpider
from spiders.listed import ListedSpider
from spiders.losses import holes, left_behind, shape
from spiders.memory import Memory
from spiders.recording import members, read_page
from tests.spiders.house import Crawl, Keeper
from tests.spiders.mirror import Manifest, Mirror, serve
from tracker.errors import LayoutChanged
from tracker.model import Bill, Link, Page, PendingText, SeenPage, Version

NOW = datetime(2026, 3, 1, tzinfo=UTC)

SOURCE = '''
from spiders.access import Key, Quota
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider, step
from spiders.selectors import day, digest, maybe, need, read_json, rows
from tracker.model import Bill, Link, Version, VoteEvent

LABELS = Labels(((r"Filed", ("introduction",)),))


class JarSpider(ListedSpider):
    name, title, site, zone = "xx-jar", "Jar", "https://jar.example", "Europe/Berlin"
    hosts = ("https://texts.jar.example",)
    terms = robots = format = "https://jar.example/open"
    proven, floor, actions = "our own pages", 3, LABELS
    cadence = {"session": 60, "recess": 120}
    key, quota = Key("https://jar.example/key", parameter="key"), Quota(day=1000)
    gap = {"JB": 50}

    async def listed(self):
        answer = await self.listing("https://jar.example/list?year=7")
        for row in read_json(answer.body, answer.url, list):
            number = need(row, "n", str, answer.url)
            yield Due("7", f"JB {number}", f"https://jar.example/bill/{number}", maybe(row, "at", str, answer.url))
        bulk = await self.bulk("https://jar.example/all.zip")
        for name, *row in bulk.table("jars.txt", delimiter="|", quote=None) if bulk else ():
            yield Due("7", name, f"https://jar.example/all.zip#{name}", digest(row), (row, bulk), bulk.page)

    def read(self, body, due):
        if due.row:
            (title, member), bulk = due.row
            link = f"https://jar.example/all.zip#{member}"
            return Found(Bill("xx-jar", "7", due.identifier, title, versions=(Version(
                "filed", "Filed", links=(Link(link, "text/html"),)),)), inline={link: bulk.read(member)})
        said = read_json(body, due.url)
        if maybe(said, "reserved", bool, due.url):
            return None
        actions = tuple(step(LABELS, need(a, "what", str, due.url), day(need(a, "on", str, due.url), due.url))
                        for a in rows(said, "steps", due.url))
        links = tuple(Link(u, "application/pdf" if u.endswith("pdf") else "text/plain") for u in said.get("texts", []))
        return Bill("xx-jar", "7", need(said, "number", str, due.url), need(said, "title", str, due.url),
                    actions=actions, versions=(Version("filed", "Filed", links=links),),
                    votes=tuple(VoteEvent(w, None, "lower", w, True) for w in said.get("votes", [])))
'''
PAGES = {
    "https://jar.example/list?year=7": "list.json",
    "https://jar.example/all.zip": {"file": "all", "made": "zip", "modified": "Mon, 02 Mar 2026 08:00:00 GMT"},
    **{f"https://jar.example/bill/{n}": f"{n}.json" for n in (1, 2, 3)},
    "https://texts.jar.example/1.pdf": {"file": "scan.txt", "made": "pdf"},
    "https://texts.jar.example/1.txt": {"file": "1.txt", "modified": "Mon, 02 Mar 2026 08:00:00 GMT"},
    "https://texts.jar.example/2.pdf": {"file": "scan.txt", "made": "pdf"},
    "https://texts.jar.example/3.txt": {"status": 404},
}
FILES: dict[str, Any] = {
    "list.json": [{"n": n, "at": f"day {n}"} for n in (1, 2, 3)],
    "1.json": {"number": "J.B. 1", "title": "One", "steps": [{"what": "Filed", "on": "3/1/2026"}],
               "texts": ["https://texts.jar.example/1.txt"]},
    "2.json": {"number": "JB 2", "title": "Two", "texts": ["https://texts.jar.example/2.pdf"]},
    "3.json": {"number": "JB 3", "title": "Three", "texts": ["https://texts.jar.example/3.txt"]},
    "1.txt": "Jar Bill\nJ. B. No. 1\nSection 1. Jars are round.", "scan.txt": "",
    "all/jars.txt": 'JR 8|"Eight|a/8.htm\n',
    "all/a/8.htm": "<html><body><p>JR 8</p><p>Section 1. Be it so.</p></body></html>",
}


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    code, pages = tmp_path / "code", tmp_path / "pages"
    code.mkdir()
    (code / "xx_jar.py").write_text(SOURCE)
    for name, content in FILES.items():
        path = pages / "day1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    monkeypatch.setenv("BILLWATCH_LEGISLATURES", str(code))
    monkeypatch.setenv("BILLWATCH_KEY_XX_JAR", "s3cret/jar")
    monkeypatch.setattr(spiders.legislatures, "__path__", [*spiders.legislatures.__path__, str(code)])
    with serve(Mirror(Manifest(pages, {"pages": dict(PAGES)}), discovery.find("xx-jar"))) as mirror:
        yield mirror


@pytest.fixture
def keeper(mirror: Mirror, tmp_path: Path) -> Keeper:
    return Keeper(tmp_path / "archive", mirror.base_url, "xx-jar")


def put(mirror: Mirror, name: str, content: Any) -> None:
    (mirror.manifest.folder / "day1" / name).write_text(content if isinstance(content, str) else json.dumps(content))


def texts(crawl: Crawl) -> dict[str, str | None]:
    return {str(h.bill_id): t.error for h in crawl.harvests for t in h.texts}


def test_counts_of_votes_are_read_and_those_that_contradict_themselves_are_counted(mirror: Mirror,
                                                                                   keeper: Keeper) -> None:
    put(mirror, "1.json", {**FILES["1.json"], "votes": ["Passed (30-10)", "Passed (10-30)"]})
    crawl = keeper.crawl()
    (votes,) = [h.bill.votes for h in crawl.harvests if h.bill and h.bill.votes]
    assert [v.motion for v in votes] == ["Passed (30-10)", "Passed (10-30)"]
    assert [v.counts and [c.value for c in v.counts] for v in votes] == [[30, 10], None]
    assert crawl.counts["contradicting_votes"] == 1


def test_records_and_texts_come_from_two_hosts_and_from_inside_a_zip(mirror: Mirror, keeper: Keeper) -> None:
    crawl = keeper.crawl()
    assert (crawl.verdict, mirror.unknown) == ("ok", []), crawl.reason
    assert texts(crawl) == {"xx-jar/7/jb-1": None, "xx-jar/7/jb-2": "scanned", "xx-jar/7/jr-8": None,
                            "xx-jar/7/jb-3": "absent: expected the page, got 404"}
    inside = next(t.page for h in crawl.harvests for t in h.texts if h.bill_id == "xx-jar/7/jr-8")
    assert inside and inside.url == "https://jar.example/all.zip#a/8.htm"
    assert read_page(keeper.root, str(inside.warc), inside.offset or 0) == FILES["all/a/8.htm"].encode()


def test_a_second_crawl_asks_for_listings_and_missing_texts_only(mirror: Mirror, keeper: Keeper) -> None:
    keeper.crawl()
    mirror.asked.clear()
    crawl = keeper.crawl()
    assert crawl.harvests == [] and crawl.verdict == "ok", crawl.reason
    assert sorted(mirror.asked)[:2] == [("https://jar.example/all.zip", 304), ("https://jar.example/list?year=7", 200)]
    assert {u for u, _ in mirror.asked if "/bill/" in u} == set()


def test_a_text_that_arrives_late_or_names_another_bill_is_told_so(mirror: Mirror, keeper: Keeper) -> None:
    keeper.crawl()
    mirror.manifest.said["pages"]["https://texts.jar.example/3.txt"] = "1.txt"
    assert [t.error for h in keeper.crawl().harvests for t in h.texts] == []
    put(mirror, "1.txt", "J.B. 3 Section 1. Late.")
    assert [(h.bill_id, t.error) for h in keeper.crawl().harvests for t in h.texts] == [("xx-jar/7/jb-3", None)]


def test_a_record_of_another_bill_is_refused(mirror: Mirror, keeper: Keeper) -> None:
    put(mirror, "2.json", {"number": "JB 3", "title": "x"})
    crawl = keeper.crawl()
    assert crawl.verdict == "drifted" and "expected the record of JB 2" in crawl.reason
    assert "xx-jar/7/jb-2" not in crawl.bills() and len(crawl.bills()) == 3


def test_a_reserved_number_is_no_bill(mirror: Mirror, keeper: Keeper) -> None:
    put(mirror, "2.json", {"reserved": True})
    assert sorted(keeper.crawl().bills()) == ["xx-jar/7/jb-1", "xx-jar/7/jb-3", "xx-jar/7/jr-8"]


def test_a_listing_that_lost_its_bills_is_empty_and_takes_nothing_away(mirror: Mirror, keeper: Keeper) -> None:
    keeper.crawl()
    put(mirror, "list.json", [{"n": 3, "at": "day 3"}])
    crawl = keeper.crawl()
    assert crawl.verdict == "empty" and "expected the 3 bills that we know of" in crawl.reason
    assert crawl.harvests == []


def test_a_series_that_lost_its_middle_is_told(mirror: Mirror, keeper: Keeper) -> None:
    put(mirror, "99.json", {"number": "JB 99", "title": "x"})
    mirror.manifest.said["pages"]["https://jar.example/bill/99"] = "99.json"
    put(mirror, "list.json", [{"n": n, "at": "x"} for n in (1, 2, 3, 99)])
    crawl = keeper.crawl()
    assert crawl.verdict == "empty" and "between JB 3 and JB 99" in crawl.reason


def test_the_key_goes_to_the_site_and_nowhere_else(mirror: Mirror, keeper: Keeper) -> None:
    put(mirror, "list.json", "no json")
    mirror.manifest.said["pages"]["https://jar.example/list?year=7"] = {"file": "list.json", "status": 503}
    crawl = keeper.crawl()
    assert crawl.verdict == "unreachable"
    for path in crawl.folder.iterdir():
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        assert b"s3cret" not in body, path.name
    assert {m.url for m in members(crawl.folder / "pages.warc.gz")} >= {"https://jar.example/list?year=7"}


def test_a_spent_quota_ends_the_crawl_with_a_verdict_of_its_own(mirror: Mirror, keeper: Keeper) -> None:
    crawl = keeper.crawl("--budget", "4")
    assert crawl.verdict == "limited" and "quota" in crawl.reason
    assert crawl.counts["requests"] <= 4
    assert len(keeper.crawl().bills()) > 0


def test_a_limit_takes_some_and_is_still_well(mirror: Mirror, keeper: Keeper) -> None:
    crawl = keeper.crawl("--limit", "1")
    assert (crawl.verdict, len(crawl.bills())) == ("ok", 1), crawl.reason
    assert len(keeper.crawl().bills()) == 3


def test_a_redirect_to_another_host_is_not_followed(mirror: Mirror, keeper: Keeper) -> None:
    elsewhere = mirror.base_url.replace("127.0.0.1", "localhost")
    mirror.manifest.said["pages"]["https://jar.example/bill/1"] = {
        "status": 302, "headers": {"Location": f"{elsewhere}/taken?key=1"}}
    mirror.manifest.said["pages"]["https://jar.example/bill/2"] = {
        "status": 302, "headers": {"Location": "/bill/3"}}
    crawl = keeper.crawl()
    assert "leads to another host" in (crawl.folder / "crawl.log").read_text()
    assert not any("taken" in url for url, _ in mirror.asked) and mirror.unknown == []
    assert "expected the record of JB 2" in crawl.reason  # one within the site is followed, and looked at


class Pager(ListedSpider):
    name, site = "xx-pager", "https://pager.example"

    async def ask(self, url: str, kind: str, **how: Any) -> Answer:
        page = Page(url, "capped" if "p=9" in url else f"sha of {url}", NOW)
        return Answer(url, b"", page, True)


@pytest.mark.parametrize(("following", "pages"), [
    ({"p=1": "p=2", "p=2": None}, 2), ({"p=1": "p=2", "p=2": "p=1"}, None), ({"p=1": "p=1"}, None),
    ({"p=1": "p=9&n=1", "p=9&n=1": "p=9&n=2"}, None)])
def test_a_pager_that_comes_round_is_stopped(following: dict[str, str | None], pages: int | None) -> None:
    site = "https://pager.example/?"

    def after(answer: Answer) -> str | None:
        to = following[answer.url.removeprefix(site)]
        return f"{site}{to}" if to else None

    async def walk() -> int:
        return len([answer async for answer in Pager().paged(f"{site}p=1", after)])

    if pages is None:
        with pytest.raises(LayoutChanged, match="got one again"):
            asyncio.run(walk())
    else:
        assert asyncio.run(walk()) == pages


# --- the parts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("series", "allowed", "found"), [
    ([1, 2, 3], {}, []), ([1, 102], {}, []), ([1, 103], {}, [(1, 103, "HB", "7")]), ([1, 103], {"HB": 200}, []),
    ([5, 9, 5, 7], {"HB": 1}, []), ([], {}, [])])
def test_holes_are_found_by_the_table(series: list[int], allowed: dict[str, int], found: list[Any]) -> None:
    assert holes({("7", "HB"): series}, allowed) == found


@pytest.mark.parametrize(("known", "listed", "old"), [
    (range(26_000, 27_500), range(26_700, 27_600), 700),  # record numbers: a session is no longer listed
    (range(26_000, 27_500), range(26_000, 26_700), 0),  # the newest session's list came empty: that is a loss
    (range(1, 900), range(451, 900), 0),  # a session's numbers lost their first half
    (range(1000, 3000), range(2900, 3000), 0),
    ([], [], 0)])
def test_what_the_listing_has_left_is_no_loss_and_what_it_lost_is(known: range, listed: range, old: int) -> None:
    assert left_behind(known, listed) == old


def test_bills_of_one_series_have_addresses_of_oneshape() -> None:
    assert shape("https://a/data/2026GS/HB0001.json") == shape("https://a/data/2026GS/HB0210.json")
    assert shape("https://a/data/2026GS/HB0001.json") != shape("https://a/data/2025GS/HB0001.json")


class Counted(list[PendingText]):
    """A list that counts how often somebody walks through it."""

    walks = 0

    def __iter__(self) -> Iterator[PendingText]:
        self.walks += 1
        return super().__iter__()


def test_many_bills_look_through_the_missing_texts_once() -> None:
    memory, texts = Memory(), [Link(f"https://x.example/{n}", "text/html") for n in range(300)]
    memory.pending = pending = Counted(
        PendingText(f"us-sd/2099/hb-{n}", "introduced", (texts[n],)) for n in range(0, 300, 2))
    dakota, california = UsSdSpider(memory=memory), CaliforniaSpider(memory=memory)
    lacking = [dakota.lacks(Bill("us-sd", "2099", f"HB {n}"), Version("introduced", "", links=(texts[n],)))
               for n in range(300)]
    for n in range(300):
        version = {"version": f"2099{n}", "lob": f"{n}.lob", "updated": "now"}
        memory.add(SeenPage(texts[n].url))
        memory.add(SeenPage(text_url(version), "now"))
        assert [*california._new({"BILL_VERSION_TBL": [version]})] == []
    assert all(lacking) and pending.walks == 2  # once for the bills' versions, once for the addresses
    assert not dakota.lacks(Bill("us-sd", "2099", "HB 1"), Version("introduced", "", links=(texts[1],)))
    assert dakota.lacks(Bill("us-sd", "2099", "HB 2"), Version("introduced", "", links=(texts[2],)))
