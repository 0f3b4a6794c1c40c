"""California: what its tables may trick a reader with, and all recorded real rows against facts noted after reading."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from spiders import fronts
from spiders.bulk import Bulk
from spiders.legislatures.us_ca import TABLES, CaliforniaSpider, newest, read_tables
from spiders.memory import Memory
from tracker import text
from tracker.errors import LayoutChanged
from tracker.model import Bill, SeenPage
from tracker.stage import stage_of

HERE = Path(__file__).resolve().parents[1] / "fixtures" / "us_ca"
FACTS = HERE / "facts.json"


def zipped(folder: Path, into: Path, **instead: str) -> Bulk:
    path = into / "tables.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(folder.iterdir()):
            if instead.get(file.stem) != "":
                out.writestr(file.name, instead.get(file.stem) or file.read_bytes())
    return Bulk(path, "https://downloads.example/tables.zip")


def bills_of(bulk: Bulk) -> dict[str, Bill]:
    found, words = read_tables(bulk)
    return {bill: CaliforniaSpider().told(bill, row, words, bulk.url) for bill, row in found.items()}


def page(*rows: tuple[str, str]) -> str:
    return "\n".join(f'<a href="{name}">{name}</a></td><td>{date}</td>' for name, date in rows)


@pytest.mark.parametrize(("index", "expected"), [
    (page(("pubinfo_daily_Mon.zip", "2185-03-18 21:23"), ("pubinfo_daily_Sat.zip", "2185-02-16 21:24"),
          ("pubinfo_Tue.zip", "2185-03-19 21:20")), "pubinfo_daily_Mon.zip"),
    (page(("pubinfo_daily_Mon.zip", "31-Dec-2185 21:23"), ("pubinfo_daily_Tue.zip", "2186-01-01 21:24")),
     "pubinfo_daily_Tue.zip"),
    (page(("pubinfo_2183.zip", "2186-03-18 21:23"), ("pubinfo_2185.zip", "2186-03-14 21:23")), "pubinfo_2185.zip"),
])
def test_the_newest_snapshot_is_chosen_by_its_date(index: str, expected: str) -> None:
    assert newest(index, "u") == expected


@pytest.mark.parametrize("index", ["", "<h1>Index of /</h1>", page(("pubinfo_daily_Mon.zip", "2185-13-45 21:23"))])
def test_an_index_without_a_snapshot_is_told(index: str) -> None:
    with pytest.raises(LayoutChanged):
        newest(index, "u")


def test_a_table_with_another_number_of_columns_is_told(tmp_path: Path) -> None:
    with pytest.raises(LayoutChanged, match="expected 18 columns in BILL_VERSION_TBL, got 2"):
        bills_of(zipped(HERE / "day1" / "snapshot", tmp_path, BILL_VERSION_TBL="`a`\t`b`\n"))


def test_tables_that_not_every_snapshot_has_may_be_absent(tmp_path: Path) -> None:
    found = bills_of(zipped(HERE / "day1" / "snapshot", tmp_path, BILL_SUMMARY_VOTE_TBL="", LOCATION_CODE_TBL=""))
    assert len(found) == 4 and not any(b.votes or b.committees for b in found.values())


def test_a_table_that_every_snapshot_has_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(LayoutChanged, match="BILL_HISTORY_TBL"):
        bills_of(zipped(HERE / "day1" / "snapshot", tmp_path, BILL_HISTORY_TBL=""))


def test_one_number_in_two_sessions_is_two_bills(tmp_path: Path) -> None:
    found = {(b.session, b.identifier) for b in bills_of(zipped(HERE / "day1" / "snapshot", tmp_path)).values()}
    assert ("21852186-1", "SBX1 1") in found and ("21852186", "AB 901") in found


def test_other_numbers_of_members_are_no_change_and_an_older_file_takes_nothing_back(tmp_path: Path) -> None:
    rows, _ = read_tables(zipped(HERE / "day1" / "snapshot", tmp_path))
    row = rows["218521860AB901"]
    spider = CaliforniaSpider(memory=Memory())
    stamp = spider._stamp("u", row)
    row["BILL_VERSION_TBL"][0]["lob"] = "BILL_VERSION_TBL_999.lob"
    assert spider._stamp("u", row) == stamp
    spider.memory.add(SeenPage("u", "2185-12-31 00:00:00 abc"))
    assert spider._stamp("u", row) == "2185-12-31 00:00:00 abc"
    row["BILL_HISTORY_TBL"][0]["action"] = "Read third time. Passed."
    assert CaliforniaSpider(memory=Memory())._stamp("u", row) != stamp


@pytest.mark.parametrize(("words", "mine"), [
    ("218510SB1 2185 0 SB 1 INT", True), ("218510SB1 2185 1 SB 1 INT", False), ("x 2183 0 SB 1 INT", False),
    ("x 2185 0 SB 12 INT", False), ("x 2185 0 AB 1 INT", False),
])
def test_a_text_names_its_session_and_special_session(words: str, mine: bool) -> None:
    assert CaliforniaSpider().names(words, Bill("us-ca", "21852186", "SB 1")) is mine


def test_a_text_of_a_special_session_is_that_sessions() -> None:
    assert CaliforniaSpider().names("x 2185 2 SB 1 INT", Bill("us-ca", "21852186-2", "SBX2 1"))


# --- real rows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["mini", "archive/1999"])
def test_real_tables_read_as_noted(part: str, shared: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    bulk = zipped(shared / "data/us-states/ca/pubinfo" / part, tmp_path)
    found = bills_of(bulk)
    rows, _ = read_tables(bulk)
    noted = {key: facts(bill, rows[key]["BILL_VERSION_TBL"], bulk) for key, bill in found.items()}
    held = json.loads(FACTS.read_text()) if FACTS.exists() else {}
    if request.config.getoption("--update-golden"):
        FACTS.write_text(json.dumps({**held, part: noted}, indent=1, sort_keys=True) + "\n")
        held = json.loads(FACTS.read_text())
    assert noted == held[part]


def test_real_labels_are_known_and_the_great_steps_are_those_that_others_see(shared: Path) -> None:
    """826 actions of 58 bills of 2025-26, as Open States classified them."""
    unknown, differ, seen = Counter[str](), Counter[str](), 0
    for path in sorted((shared / "data/us-states/ca/govbot").glob("*/*/metadata.json")):
        for step in json.loads(path.read_text())["actions"]:
            seen += 1
            classes = CaliforniaSpider.actions.classify(step["description"])
            unknown[step["description"]] += classes is None
            differ.update(k for k in ("passage", "executive-veto", "executive-signature", "withdrawal")
                          if (k in (classes or ())) != (k in step["classification"]))
    assert (seen, sum(unknown.values()), dict(differ)) == (826, 1, {})


def facts(bill: Bill, versions: list[dict[str, str]], bulk: Bulk) -> dict[str, object]:
    """What a reader compared with the rows, without a word of them."""
    texts = {}
    for row in versions:
        body = bulk.read(row["lob"])
        assert CaliforniaSpider().names(fronts.front(body, "text/xml"), bill), row["version"]
        assert len(text.read(body, "text/xml", "us-ca").text) > 200
        texts[row["version"]] = hashlib.sha256(body).hexdigest()[:16]
    return {"identifier": f"{bill.session} {bill.identifier}", "stage": stage_of(bill), "kind": bill.classification[0],
            "title": hashlib.sha256((bill.title or "").encode()).hexdigest()[:16],
            "introduced": str(bill.introduced_on), "actions": len(bill.actions), "texts": texts,
            "last": str(bill.actions[-1].date),
            "classes": dict(sorted(Counter(c for a in bill.actions for c in a.classification).items())),
            "sponsors": [sum(s.primary for s in bill.sponsorships), len(bill.sponsorships)],
            "votes": [sum(v.passed is True for v in bill.votes), len(bill.votes)],
            "versions": [f"{v.code} {v.date}" for v in bill.versions], "unknown":
            sum(CaliforniaSpider.actions.classify(a.description) is None for a in bill.actions)}


def test_every_column_that_is_read_has_a_name_of_its_own() -> None:
    for columns in TABLES.values():
        named = [c for c in columns if c != "."]
        assert len(named) == len(set(named))
