"""What holds for every legislature file, and for the small things that the contract gives it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from spiders import legislatures
from spiders.contract import LegislatureSpider
from spiders.crawl import Plan, settings_for
from spiders.discovery import discover, facts, find
from spiders.labels import Labels, codes
from spiders.memory import Memory
from spiders.patience import seconds_to_wait
from spiders.platforms.govinfo import moment, read_folder, read_sitemap, unchanged
from spiders.selectors import many, one
from tracker import wire
from tracker.errors import ConfigError, LayoutChanged
from tracker.model import Link, PendingText, SeenPage

NODE = etree.fromstring("<a><b/><b/><c>x</c></a>")
NOW = datetime(2185, 3, 1, 12, 0, 0, tzinfo=UTC)


def test_every_file_is_found_and_states_its_facts() -> None:
    found = discover()
    files = {p.stem.replace("_", "-") for p in Path(legislatures.__path__[0]).glob("*.py")} - {"--init--"}
    assert set(found) == files
    for spider in found.values():
        ZoneInfo(spider.zone)
        assert spider.floor > 0 and spider.site.startswith(("https://", "ftp://")) and "http" in spider.terms
        assert all(minutes > 0 for minutes in spider.cadence.values())


def test_the_pause_that_a_site_asks_for_is_the_least_on_the_site_and_none_on_loopback(tmp_path: Path) -> None:
    slow = type("Slow", (discover()["us"],), {"pause": 30.0})
    def delay(**given: object) -> float:
        return float(settings_for(Plan("us", tmp_path, contact="a@b.example", **given), slow)["DOWNLOAD_DELAY"])
    assert (delay(), delay(delay=1.0), delay(delay=60.0)) == (30.0, 30.0, 60.0)
    assert delay(base_url="http://127.0.0.1:9") == 0.0


def test_only_a_mirror_on_this_machine_may_have_a_floor_of_its_own(tmp_path: Path) -> None:
    spider = discover()["us-wa"]
    with pytest.raises(ConfigError, match="--floor is for mirrors"):
        settings_for(Plan("us-wa", tmp_path, contact="a@b.example", floor=1), spider)
    assert settings_for(Plan("us-wa", tmp_path, base_url="http://127.0.0.1:9", floor=1), spider)


@pytest.mark.parametrize(("source", "least"), [("us-wa", 100), ("us-ut", 400), ("us-sd", 200), ("us-ma", 1000),
                                               ("ie", 1000)])
def test_a_source_whose_listing_is_never_short_has_the_floor_of_the_live_site(source: str, least: int) -> None:
    assert discover()[source].floor >= least


def test_a_file_that_leaves_out_a_fact_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover()["us"], "zone", "")
    with pytest.raises(ConfigError, match="does not state its zone"):
        discover()


def test_addresses_go_both_ways_between_a_mirror_and_the_site() -> None:
    spider = discover()["us"](base_url="http://127.0.0.1:9/")
    assert spider.actual("https://www.govinfo.gov/a/b") == "http://127.0.0.1:9/a/b"
    assert spider.official("http://127.0.0.1:9/a/b") == "https://www.govinfo.gov/a/b"
    assert isinstance(spider, LegislatureSpider)


@pytest.mark.parametrize("url", ["https://evil.example/a", "https://www.govinfo.gov.evil.example/a", "file:///etc/passwd"])
def test_only_the_sites_own_addresses_are_asked(url: str) -> None:
    with pytest.raises(LayoutChanged):
        discover()["us"]().actual(url)


def test_a_selector_that_finds_nothing_says_what_it_expected_and_where() -> None:
    assert one(NODE, "c", "u").text == "x" and len(many(NODE, "b", "u")) == 2
    with pytest.raises(LayoutChanged, match=r"expected one 'b' in <a>, got 2.*https://u"):
        one(NODE, "b", "https://u")
    with pytest.raises(LayoutChanged, match="expected 3 or more"):
        many(NODE, "b", "u", least=3)


def test_the_first_row_of_a_table_of_labels_decides() -> None:
    labels = Labels(((r"Passed over veto", ("veto-override-passage",)), (r"Passed", ("passage",)), (r"Noted", ())))
    assert labels.classify("passed over veto, 5-4") == ("veto-override-passage",)
    assert [labels.classify(said) for said in ("Passed.", "Noted.", "Not passed")] == [("passage",), (), None]
    with pytest.raises(ConfigError):
        Labels(((r"(a)", ()),))


@pytest.mark.parametrize(("said", "seconds"), [
    ("7", 7.0), ("Tue, 01 Mar 2185 12:01:00 GMT", 60.0), (None, None), ("", None),
    ("Tue, 01 Mar 2185 11:00:00 GMT", 0.0), ("soon", None), ("-3", None)])
def test_retry_after_is_understood_as_seconds_or_date(said: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(said, NOW) == seconds


def test_the_past_is_read_from_its_file(tmp_path: Path) -> None:
    page = SeenPage("https://site.example/1", "2185-03-01T10:00 12", "Tue, 01 Mar 2185 10:00:00 GMT", "ab" * 32)
    pending = PendingText("us/199/hr-42", "ih", (Link("https://site.example/2", "text/xml"),))
    path = tmp_path / "seen.jsonl"
    path.write_bytes(b'{"seen":' + wire.encode(page) + b'}\n{"pending":' + wire.encode(pending) + b"}\n")
    memory = Memory.read(path)
    trace = memory.get(page.url)
    assert trace is not None
    assert (trace.lastmod, trace.last_modified, trace.sha256) == (page.lastmod, page.last_modified, page.sha256)
    assert memory.pending == [pending] and len(memory) == 1 and len(Memory.read(None)) == 0


# --- govinfo's listings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stamp", "minute"), [
    ("13-Jul-2026 23:36", "2026-07-13T23:36"), ("2026-07-13T23:36:59.131Z", "2026-07-13T23:36"),
    ("2026-07-13T19:36:59-04:00", "2026-07-13T23:36"), ("", ""), ("yesterday", "")])
def test_the_two_kinds_of_listings_date_alike(stamp: str, minute: str) -> None:
    assert moment(stamp) == minute


@pytest.mark.parametrize(("before", "now", "same"), [
    ("2026-07-13T23:36 5", "2026-07-13T23:36 5", True), ("2026-07-13T23:36 5", "2026-07-13T23:36", True),
    ("2026-07-13T23:36 5", "2026-07-13T23:36 6", False), ("2026-07-13T23:36", "2026-07-13T23:37", False),
    (None, "2026-07-13T23:36", False), ("", "", False)])
def test_a_file_is_unchanged_only_if_all_that_both_say_agrees(before: str | None, now: str, same: bool) -> None:
    assert unchanged(before, now) is same


def test_rows_of_a_folder_are_read_one_by_one() -> None:
    body = (b'\xef\xbb\xbf{"files": [ {"justFileName":"a.xml","size":5,'
            b'"formattedLastModifiedTime":"13-Jul-2026 23:36"},\n{"name":"b","folder":true} ] }')
    assert [(r.name, r.lastmod, r.folder) for r in read_folder(body, "u")] == [("a.xml", "2026-07-13T23:36 5", False),
                                                                             ("b", "", True)]


@pytest.mark.parametrize("body", [b"{}", b"", b"<html>", b'{"files":[{"name":"a"}', b'{"files":[{"name":"a"},,',
                                  b'{"files":[{"size":1}]}', b'{"files":["a"]}', b'{"files":null}'])
def test_half_a_folder_and_what_is_none_are_refused(body: bytes) -> None:
    with pytest.raises(LayoutChanged):
        list(read_folder(body, "u"))


@pytest.mark.parametrize("gap", ["", "\n", "\n  <!-- x -->\n"])
def test_every_row_of_a_sitemap_is_read(gap: str) -> None:
    rows = gap.join(f"<url><loc>https://u/{n}</loc><lastmod>2026-07-13T23:36:00Z</lastmod></url>" for n in range(3000))
    body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{gap}{rows}</urlset>'.encode()
    assert [r.name for r in read_sitemap(body, "u")] == [f"https://u/{n}" for n in range(3000)]


@pytest.mark.parametrize("body", [b"<urlset/>", b"<html/>", b"", b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url>'])
def test_half_a_sitemap_and_what_is_none_are_refused(body: bytes) -> None:
    with pytest.raises(LayoutChanged):
        list(read_sitemap(body, "u"))


def test_a_broken_file_stops_only_its_own_legislature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import spiders.legislatures as folder

    (tmp_path / "xx_torn.py").write_text("this is no python")
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    assert find("us").name == "us"
    with pytest.raises(ConfigError, match=r"xx_torn\.py cannot be loaded: SyntaxError"):
        find("xx-torn")
    with pytest.raises(ConfigError, match=r"known: .*us.*, xx-torn"):
        find("xx-nowhere")


def test_the_example_in_the_guide_is_short() -> None:
    """tests/spiders/test_every_legislature.py crawls it."""
    guide = (Path(legislatures.__path__[0]) / "README.md").read_text()
    assert len(guide.split("```python\n")[1].split("```")[0].splitlines()) <= 60


def test_facts_are_read_without_running_the_file() -> None:
    for name, spider in discover().items():
        assert facts(name)["title"] == spider.title and facts(name)["cadence"] == spider.cadence
    assert facts("xx-nowhere") == facts("../us") == {}


def test_a_table_of_labels_lies_beside_its_legislature(tmp_path: Path) -> None:
    (tmp_path / "xx.labels").write_text("# for people\nreading-1 referral-committee: Read: sent\n-: Noted\n"
                                        "[codes]\nINT 1RA = x: Introduced\n")
    labels = Labels.beside(str(tmp_path / "xx.py"))
    assert [labels.classify(w) for w in ("read: sent to it", "Noted", "Introduced")] == [
        ("reading-1", "referral-committee"), (), None]
    assert codes(str(tmp_path / "xx.py"), "codes") == {"INT 1RA = x": "Introduced"}


@pytest.mark.parametrize(("text", "words"), [(None, "does not lie beside"), ("passage Passed\n", "line 1: expected"),
                                             ("# empty\n", "expected a table")])
def test_a_torn_table_of_labels_is_told(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "xx.labels").write_text(text)
    with pytest.raises(ConfigError, match=words):
        Labels.beside(str(tmp_path / "xx.py"))


def test_half_of_the_files_that_read_a_legislature_themselves_are_short() -> None:
    """120 lines or fewer, the docstring counted; files that stand on a platform are shorter and left out."""
    own = [cls for cls in discover().values() if not any(base.__module__.startswith("spiders.platforms")
                                                         for base in cls.__mro__)]
    folder = Path(legislatures.__file__).parent
    lengths = {cls.name: len((folder / f"{cls.name.replace('-', '_')}.py").read_text().splitlines()) for cls in own}
    assert len(lengths) >= 15 and median(lengths.values()) <= 120, lengths
    assert max(lengths.values()) <= 400
