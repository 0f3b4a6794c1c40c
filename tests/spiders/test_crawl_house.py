"""Whole crawls, as processes, of a fictional legislature on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spiders.recording import members, read_page
from tests.spiders.house import DAY, PAGES, ROOT, SITE, House, Keeper, Trouble, read_spool

STATUS = "/bulkdata/BILLSTATUS/199/hr/BILLSTATUS-199hr42.xml"
IH = "/content/pkg/BILLS-199hr42ih/xml/BILLS-199hr42ih.xml"
TEXTS = "/content/pkg/"


def hr42(keeper: Keeper) -> dict[str, str | None]:
    """version -> error of the only changed bill of the next crawl."""
    crawl = keeper.crawl()
    return {t.version: t.error for h in crawl.harvests if h.bill_id == "us/199/hr-42" for t in h.texts}


def test_a_first_crawl_brings_every_bill_with_its_texts(house: House, keeper: Keeper) -> None:
    crawl = keeper.crawl()
    assert crawl.verdict == "ok", crawl.reason
    assert [h.bill_id for h in crawl.harvests] == ["us/199/hr-42", "us/199/s-7"]
    texts = {t.version: (t.media_type, t.error) for t in crawl.harvests[0].texts}
    assert texts == {"ih": ("text/xml", None), "rhuc": ("text/html", "404"), "eh": ("text/xml", None),
                     "enr": ("text/html", None)}
    assert crawl.counts["unknown_labels"] == 1


def test_stored_addresses_are_the_official_ones_and_pages_lie_in_the_archive(house: House, keeper: Keeper) -> None:
    crawl = keeper.crawl()
    assert house.base_url.encode() not in (crawl.folder / "spool.jsonl").read_bytes()
    page = crawl.harvests[0].pages[0]
    assert page.url == SITE + STATUS
    assert read_page(keeper.root, str(page.warc), page.offset or 0) == house.pages[STATUS][0]


def test_an_unchanged_site_is_asked_for_its_listings_only_and_says_nothing_new(house: House, keeper: Keeper) -> None:
    keeper.crawl()
    keeper.pending.clear()
    house.asked.clear()
    crawl = keeper.crawl()
    assert (crawl.verdict, crawl.harvests) == ("ok", [])
    assert all(p == "/robots.txt" or "/json/" in p or "/sitemap/" in p for p in house.paths())


def test_a_changed_bill_is_asked_for_conditionally_and_its_known_texts_are_not_asked_again(
        house: House, keeper: Keeper) -> None:
    keeper.crawl()
    body = (PAGES / "BILLSTATUS-199hr42.xml").read_bytes().replace(b"Wick Inspector", b"Chief Wick Inspector")
    house.status("BILLSTATUS-199hr42.xml", body, DAY + 3600)
    house.asked.clear()
    keeper.pending.clear()
    crawl = keeper.crawl()
    assert [h.bill_id for h in crawl.harvests] == ["us/199/hr-42"]
    asked = [(p, h.get("if-modified-since")) for p, _, h in house.asked if "json" not in p and "sitemap" not in p]
    assert asked[1][0] == STATUS and asked[1][1]
    assert not any(v in p for p, _ in asked for v in ("hr42ih", "hr42eh", "hr42enr"))


def test_a_page_that_was_touched_but_not_changed_is_only_remembered(house: House, keeper: Keeper) -> None:
    keeper.crawl()
    keeper.pending.clear()
    house.status("BILLSTATUS-199hr42.xml", None, DAY + 3600)
    crawl = keeper.crawl()
    assert [(h.bill_id, h.bill) for h in crawl.harvests] == [(None, None)]
    assert keeper.crawl().harvests == []


def test_a_missing_text_is_asked_for_again_and_comes_alone(house: House, keeper: Keeper) -> None:
    keeper.crawl()
    assert list(keeper.pending) == [("us/199/hr-42", "rhuc")]
    house.text("BILLS-199hr42rhuc", (PAGES / "BILLS-199hr42ih.xml").read_bytes().replace(b"42 IH", b"42 RH"))
    crawl = keeper.crawl()
    assert [(h.bill_id, h.bill, [t.version for t in h.texts]) for h in crawl.harvests] == [
        ("us/199/hr-42", None, ["rhuc"])]
    assert keeper.crawl().harvests == []


def test_a_text_that_is_issued_anew_is_fetched_again(house: House, keeper: Keeper) -> None:
    keeper.crawl()
    keeper.pending.clear()
    house.text("BILLS-199hr42ih", (PAGES / "BILLS-199hr42ih.xml").read_bytes() + b"<!-- star print -->", DAY + 7200)
    crawl = keeper.crawl()
    assert [(h.bill_id, h.bill, [t.version for t in h.texts]) for h in crawl.harvests] == [
        ("us/199/hr-42", None, ["ih"])]
    assert keeper.crawl().harvests == []


def test_without_json_the_sitemaps_are_read(house: House, keeper: Keeper) -> None:
    house.no_json = True
    crawl = keeper.crawl()
    assert crawl.verdict == "ok" and len(crawl.bills()) == 2
    keeper.pending.clear()
    house.no_json = False
    assert keeper.crawl().harvests == []  # minutes and milliseconds are compared as what they both say


def test_a_file_of_another_size_in_the_same_minute_is_asked_again(house: House, keeper: Keeper) -> None:
    keeper.crawl()
    keeper.pending.clear()
    body = (PAGES / "BILLSTATUS-199hr42.xml").read_bytes().replace(b"Wick Inspector", b"Chief Wick Inspector")
    house.status("BILLSTATUS-199hr42.xml", body, DAY + 5)
    assert [h.bill_id for h in keeper.crawl().harvests] == ["us/199/hr-42"]


# --- trouble ----------------------------------------------------------------------------------------------------------


def test_a_busy_site_is_waited_for_as_it_asks(house: House, keeper: Keeper) -> None:
    house.troubles["BILLSTATUS-199hr42"] = Trouble(503, b"busy", {"Retry-After": "1"}, times=1)
    began = time.monotonic()
    crawl = keeper.crawl()
    assert (crawl.verdict, len(crawl.bills()), crawl.counts["retries"]) == ("ok", 2, 1)
    assert time.monotonic() - began > 1


def test_a_site_that_never_answers_is_unreachable(house: House, keeper: Keeper) -> None:
    house.troubles["."] = Trouble(500, b"broken", {"Retry-After": "0"})
    crawl = keeper.crawl()
    assert (crawl.verdict, crawl.harvests) == ("unreachable", [])
    assert SITE in crawl.reason


def test_a_site_that_says_too_many_is_left_in_peace(house: House, keeper: Keeper) -> None:
    house.troubles["BILLSTATUS-199"] = Trouble(429, b"slow down", {"Retry-After": "0"})
    crawl = keeper.crawl()
    assert (crawl.verdict, crawl.bills()) == ("blocked", {})


def test_a_wait_that_is_too_long_is_not_waited_for(house: House, keeper: Keeper) -> None:
    house.troubles["BILLSTATUS-199"] = Trouble(429, b"slow down", {"Retry-After": "86400"})
    began = time.monotonic()
    assert keeper.crawl().verdict == "blocked"
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("where", [STATUS, TEXTS, "/json/|/sitemap/"])
def test_a_block_page_that_says_200_is_a_block(house: House, keeper: Keeper, where: str) -> None:
    house.troubles[where] = Trouble(200, b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>")
    crawl = keeper.crawl()
    assert crawl.verdict == "blocked"
    assert "challenge" in crawl.reason
    assert not crawl.texts()


def test_a_page_that_robots_txt_forbids_is_not_asked(house: House, keeper: Keeper) -> None:
    house.put("/robots.txt", b"User-agent: *\nDisallow: /bulkdata/\nDisallow: /sitemap/\n")
    crawl = keeper.crawl()
    assert crawl.verdict == "blocked" and "robots.txt" in crawl.reason
    assert set(house.paths()) == {"/robots.txt"}


def test_a_dropped_connection_is_tried_again(house: House, keeper: Keeper) -> None:
    house.troubles["BILLSTATUS-199s7"] = Trouble(reset=True, times=3)
    crawl = keeper.crawl()
    assert (crawl.verdict, len(crawl.bills())) == ("ok", 2)


def test_half_a_page_is_never_taken(house: House, keeper: Keeper) -> None:
    house.troubles[STATUS] = Trouble(cut=True)
    house.troubles[IH] = Trouble(cut=True)
    assert "us/199/hr-42" not in keeper.crawl().bills()
    house.troubles.clear()
    crawl = keeper.crawl()
    assert crawl.verdict == "ok" and "us/199/hr-42" in crawl.bills()


@pytest.mark.parametrize("body", [
    (PAGES / "BILLSTATUS-199s7.xml").read_bytes(), b"<billStatus><bill></billStatus>",
    b'<!DOCTYPE billStatus [<!ENTITY a "b">]><billStatus><bill><title>&a;</title></bill></billStatus>'],
    ids=["another bill", "malformed", "entities"])
def test_a_page_that_is_not_that_bills_is_drift_and_is_asked_again(house: House, keeper: Keeper, body: bytes) -> None:
    house.troubles[STATUS] = Trouble(200, body)
    crawl = keeper.crawl()
    assert crawl.verdict == "drifted" and STATUS in crawl.reason
    assert list(crawl.bills()) == ["us/199/s-7"]
    house.troubles.clear()
    assert list(keeper.crawl().bills()) == ["us/199/hr-42"]


def test_another_bills_text_is_drift_and_the_bill_is_kept_without_it(house: House, keeper: Keeper) -> None:
    other = (PAGES / "BILLS-199hr42ih.xml").read_bytes().replace(b"HR 42", b"HR 43").replace(b"H. R. 42", b"H. R. 43")
    house.troubles[IH] = Trouble(200, other)
    crawl = keeper.crawl()
    assert crawl.verdict == "drifted"
    assert len(crawl.bills()) == 2
    assert ("us/199/hr-42", "ih") not in crawl.texts() and ("us/199/hr-42", "eh") in crawl.texts()
    house.troubles.clear()
    assert ("us/199/hr-42", "ih") in keeper.crawl().texts()


def test_an_empty_or_short_listing_is_empty_and_withdraws_nothing(house: House, keeper: Keeper) -> None:
    keeper.crawl()
    keeper.pending.clear()
    house.troubles["/json/BILLSTATUS/199/hr|199hr/sitemap"] = Trouble(200, b'{"files":[]}')
    crawl = keeper.crawl()
    assert crawl.verdict == "empty" or crawl.counts["listing_fallbacks"]
    assert crawl.harvests == []


def test_an_empty_house_is_empty(house: House, keeper: Keeper) -> None:
    house.troubles["/json/"] = Trouble(200, b'{"files":[]}')
    house.troubles["/sitemap/"] = Trouble(200, b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>')
    assert keeper.crawl().verdict == "empty"


# --- the command ------------------------------------------------------------------------------------------------------


def test_a_recording_replays_to_the_same_records_with_the_site_down(house: House, keeper: Keeper) -> None:
    first = keeper.crawl(remember=False)
    house.troubles["."] = Trouble(500)
    again = keeper.crawl("--replay-warc", str(first.folder / "pages.warc.gz"), remember=False)
    assert (again.folder / "spool.jsonl").read_bytes() == (first.folder / "spool.jsonl").read_bytes()


def test_a_replay_fails_where_its_recording_holds_nothing(house: House, keeper: Keeper, tmp_path: Path) -> None:
    first = keeper.crawl("--limit", "1", remember=False)
    again = keeper.crawl("--replay-warc", str(first.folder / "pages.warc.gz"), remember=False)
    assert first.counts["partial"] == 1
    assert again.verdict in ("ok", "unreachable") and len(again.bills()) == 1 and again.counts["pages_unreachable"] == 1


def test_a_killed_crawl_leaves_whole_lines_and_whole_pages(house: House, keeper: Keeper) -> None:
    folder, command = keeper.command()
    house.troubles["BILLSTATUS-199s7"] = Trouble(delay=20)
    process = subprocess.Popen(command, cwd=ROOT)
    for _ in range(200):
        if (folder / "spool.jsonl").exists() and (folder / "spool.jsonl").stat().st_size:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    harvests = read_spool(folder / "spool.jsonl")
    assert [h.bill_id for h in harvests] == ["us/199/hr-42"]
    assert not (folder / "result.json").exists()
    with (folder / "pages.warc.gz").open("r+b") as warc:
        warc.truncate(warc.seek(0, os.SEEK_END) - 7)
    assert len(list(members(folder / "pages.warc.gz"))) > 5
    page = harvests[0].pages[0]
    assert read_page(keeper.root, str(page.warc), page.offset or 0).startswith(b"<?xml")


def test_a_crawl_ends_with_its_parent(house: House, keeper: Keeper) -> None:
    _, command = keeper.command()
    house.troubles["BILLSTATUS-199s7"] = Trouble(503, b"", {"Retry-After": "60"})
    parent = subprocess.Popen([sys.executable, "-c", "\n".join((
        "import os, subprocess, sys, time",
        "child = subprocess.Popen(sys.argv[1:] + ['--parent-pid', str(os.getpid())])",
        "print(child.pid, flush=True)", "time.sleep(60)")), *command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())  # type: ignore[union-attr]
    time.sleep(1.5)
    assert Path(f"/proc/{child}").exists()
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not Path(f"/proc/{child}/cmdline").exists() or not Path(f"/proc/{child}/cmdline").read_bytes():
            return
        time.sleep(0.05)
    pytest.fail("the crawl outlived whoever started it")


def test_a_stopped_crawl_gives_no_verdict(house: House, keeper: Keeper) -> None:
    folder, command = keeper.command()
    house.troubles["BILLSTATUS-199s7"] = Trouble(503, b"", {"Retry-After": "5"})
    process = subprocess.Popen(command, cwd=ROOT)
    time.sleep(2)
    process.terminate()
    process.wait(timeout=30)
    assert "verdict" not in json.loads((folder / "result.json").read_text())


@pytest.mark.parametrize(("arguments", "words"), [
    (("nowhere",), "unknown source 'nowhere'"), (("us",), "contact is not set"),
    (("us", "--base-url", "http://127.0.0.1:9", "--option", "moon=full"), "unknown option 'moon'")])
def test_a_wrong_order_is_refused_by_name(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-m", "spiders.crawl", *arguments, "--run-dir", str(tmp_path / "run")],
                           cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith("ConfigError: ") and words in ended.stderr


def test_progress_and_honesty(house: House, keeper: Keeper) -> None:
    crawl = keeper.crawl("--contact", "watch@lantern.example")
    progress = json.loads((crawl.folder / "progress.json").read_text())
    assert (progress["phase"], progress["done"], progress["expected"]) == ("finished", 2, 2)
    assert {h["user-agent"] for _, _, h in house.asked} == {"billwatch/0.1.0 (+mailto:watch@lantern.example)"}
    assert house.asked[0][0] == "/robots.txt"
    assert "Lantern" not in (crawl.folder / "crawl.log").read_text()
