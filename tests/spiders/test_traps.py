"""docs/traps.md against the tests there are; and traps that no other test holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

import spiders.legislatures
from spiders import discovery
from spiders.legislatures import us_ma, us_wa
from spiders.losses import shape
from tests.spiders.house import Keeper
from tests.spiders.mirror import Manifest, Mirror, serve
from tracker.model import Action, Bill
from tracker.stage import stage_of
from tracker.text import read

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("1", "2", "3", "4", "5", "6a", "6b", "6c", "6d", "7", "8a", "8b", "8c", "8d", "8e", "9")
TRAPS = [*(f"US {part}" for part in PARTS), *(f"P {number}" for number in range(1, 9))]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs" / "traps.md").read_text().splitlines() if re.match(r"\| (?:US|P) \d", line)]
TESTS = {name for path in (ROOT / "tests").rglob("test_*.py")
         for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.M)}


def test_every_trap_has_its_row() -> None:
    assert [row[0] for row in ROWS] == TRAPS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_names_tests_that_exist_and_files_that_exist(row: list[str]) -> None:
    named = re.findall(r"`(test_\w+)`", row[3])
    assert named and set(named) <= TESTS, set(named) - TESTS
    here = "spiders"
    for path in re.findall(r"`([\w/]+(?:\.py)?)`", row[2]):
        here = path.rpartition("/")[0] or here
        assert (ROOT / path).exists() or (ROOT / here / path).exists() or path == "in_turn", path


# --- how a listing is read --------------------------------------------------------------------------------------------

SOURCE = '''
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider
from spiders.selectors import maybe, need, read_json, rows
from tracker.model import Bill


class LongSpider(ListedSpider):
    name, title, site, zone = "xx-long", "Long", "https://long.example", "Europe/Berlin"
    terms = robots = format = "https://long.example/open"
    proven, floor, actions, cadence = "our own pages", 1, Labels(()), {"session": 60, "recess": 120}

    async def listed(self):
        def following(answer):
            return maybe(read_json(answer.body, answer.url), "next", str, answer.url)
        async for answer in self.paged("https://long.example/list/1", following):
            for row in rows(read_json(answer.body, answer.url), "bills", answer.url):
                yield Due("7", f"LB {row['n']}", f"https://long.example/bill/{row['n']}", "1")

    def read(self, body, due):
        return Bill("xx-long", "7", need(read_json(body, due.url), "n", str, due.url))
'''
A_PAGE = 120


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Two pages of a listing, 120 bills on each."""
    code, day = tmp_path / "code", tmp_path / "pages" / "day1"
    code.mkdir()
    day.mkdir(parents=True)
    (code / "xx_long.py").write_text(SOURCE)
    pages: dict[str, object] = {}
    for page in (1, 2):
        numbers = range(1 + (page - 1) * A_PAGE, 1 + page * A_PAGE)
        (day / f"list{page}.json").write_text(json.dumps({
            "bills": [{"n": n} for n in numbers], **({"next": "https://long.example/list/2"} if page == 1 else {})}))
        pages[f"https://long.example/list/{page}"] = f"list{page}.json"
        for number in numbers:
            (day / f"{number}.json").write_text(json.dumps({"n": f"LB {number}"}))
            pages[f"https://long.example/bill/{number}"] = f"{number}.json"
    monkeypatch.setenv("BILLWATCH_LEGISLATURES", str(code))
    monkeypatch.setattr(spiders.legislatures, "__path__", [*spiders.legislatures.__path__, str(code)])
    with serve(Mirror(Manifest(tmp_path / "pages", {"pages": pages}), discovery.find("xx-long"))) as mirror:
        yield mirror


def test_bills_are_taken_in_while_the_listing_is_still_read(mirror: Mirror, tmp_path: Path) -> None:
    crawl = Keeper(tmp_path / "archive", mirror.base_url, "xx-long").crawl()
    assert (crawl.verdict, len(crawl.bills())) == ("ok", 2 * A_PAGE), crawl.reason
    asked = [url for url, _ in mirror.asked]
    before = asked[:asked.index("https://long.example/list/2")]
    assert sum("/bill/" in url for url in before) > A_PAGE / 2, "the listing was read whole before the first bill"


def test_a_page_that_answers_500_is_no_end_of_the_list(mirror: Mirror, tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "archive", mirror.base_url, "xx-long")
    keeper.crawl()
    mirror.manifest.said["pages"]["https://long.example/list/2"] = {"status": 500}
    crawl = keeper.crawl()
    assert (crawl.verdict, crawl.harvests) == ("unreachable", []), "a refused page is no short list"


# --- identity and words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("printed", "bill"), [
    ("HB 1000", "HB 1000"), ("SHB 1000", "HB 1000"), ("2SHB 1000", "HB 1000"), ("E2SHB 1000", "HB 1000"),
    ("2E2SHB 1000", "HB 1000"), ("ESSB 5002", "SB 5002"), ("SHJM 4003", "HJM 4003"), ("SGA 9001", None)])
def test_a_substitute_of_washington_is_a_version_of_its_bill(printed: str, bill: str | None) -> None:
    row = etree.fromstring(f"<Legislation><BillId>{printed}</BillId></Legislation>")
    assert us_wa.identity(us_wa.Listed(rows=[row])) == bill


def test_a_biennium_is_one_session_whatever_the_year() -> None:
    assert us_wa.biennium(date(2025, 1, 1)) == us_wa.biennium(date(2026, 12, 31)) == "2025-26"
    assert us_wa.biennium(date(2027, 1, 1)) == "2027-28" and us_wa.biennium(date(2099, 5, 5)) == "2099-00"


@pytest.mark.parametrize("words", ["By resolution, reintroduced and retained in present status.",
                                   "By resolution, returned to House Rules Committee for third reading."])
def test_being_carried_over_is_neither_an_end_nor_a_step(words: str) -> None:
    labels = us_wa.UsWaSpider.actions.classify(words)
    assert labels == ()
    passed = Action("Passed", classification=("passage",), chamber="lower")
    assert stage_of(Bill("us-wa", "2025-26", "HB 1", actions=(passed, Action(words, classification=labels)))) \
        == stage_of(Bill("us-wa", "2025-26", "HB 1", actions=(passed,)))


def test_a_docket_of_massachusetts_is_a_companion_of_its_bill_and_no_loss_when_it_goes() -> None:
    golden = json.loads((ROOT / "tests" / "fixtures" / "us_ma" / "golden.json").read_text())
    bills = [row["bill"] for row in golden if row.get("bill")]
    dockets = [r for b in bills for r in b.get("related_bills", ()) if r["relation"] == "docket"]
    assert dockets and all(re.match(r"[HS]D \d", r["identifier"]) for r in dockets)
    assert not [r for b in bills if b["identifier"].startswith(("HD", "SD"))
                for r in b.get("related_bills", ()) if r["relation"] == "docket"]
    api = f"{us_ma.API}/GeneralCourts/194/Documents"
    assert shape(f"{api}/HD77#1") not in {shape(f"{api}/H77"), shape(f"{api}/HD77")}, "counted among the bills"


def test_a_text_with_carriage_returns_reads_like_one_without() -> None:
    plain = "HB 1\nSection 1. A person who keeps a lantern\nshall keep it lit.\n\nSection 2. Repealed.\n"
    page = "<html><body><p>HB 1</p>\n<p>Section 1. A lantern\nis lit.</p></body></html>"
    for body, media in ((plain, "text/plain"), (page, "text/html")):
        assert read(body.replace("\n", "\r\n").encode(), media) == read(body.encode(), media)
