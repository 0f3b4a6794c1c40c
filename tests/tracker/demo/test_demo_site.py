"""The demo's site on a real socket, and its documents as files."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from lxml import etree

from tracker.demo.expected import ABSENT_XML, bills_on
from tracker.demo.site import DAYS, PAGES, DemoSite, Shelf

JSON = {"Accept": "application/json"}
FILES = sorted(p for p in PAGES.rglob("*") if p.is_file())
LISTED = re.compile(rb"<url>https://www\.govinfo\.gov(/content/pkg/[^<]+)</url>")


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite() as running:
        yield running


def get(site: DemoSite, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> Reply:
    connection = http.client.HTTPConnection(urlsplit(site.base_url).netloc, timeout=10)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def parse(body: bytes) -> etree._Element:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


# --- documents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [p for p in FILES if p.suffix == ".xml"], ids=lambda p: p.name)
def test_every_xml_document_is_well_formed_and_says_that_it_is_fictional(file: Path) -> None:
    body = file.read_bytes()
    parse(body)
    assert b"Fictional sample written for the billwatch demo" in body


def test_only_xml_and_htm_files_lie_in_the_days_and_they_stay_small() -> None:
    assert {p.suffix for p in FILES} == {".xml", ".htm"}
    assert {p.relative_to(PAGES).parts[0] for p in FILES} == {f"day{n}" for n in range(1, len(DAYS) + 1)}
    assert sum(p.stat().st_size for p in FILES) < 250_000


@pytest.mark.parametrize("day", [1, 2, 3])
def test_every_text_that_a_status_lists_is_there_or_is_absent_on_purpose(day: int) -> None:
    shelf = Shelf.of_day(day)
    listed = {m.decode() for path, (file, _) in shelf.files.items() if "/BILLSTATUS/" in path
              for m in LISTED.findall(file.read_bytes())}
    absent = {path.split("/")[3] for path in listed - shelf.files.keys()}
    assert absent == {package for package, days in ABSENT_XML.items() if day in days}


@pytest.mark.parametrize("day", [1, 2, 3])
def test_every_text_on_the_site_is_listed_by_its_status(day: int) -> None:
    shelf = Shelf.of_day(day)
    statuses = b"".join(f.read_bytes() for path, (f, _) in shelf.files.items() if "/BILLSTATUS/" in path)
    packages = {path.split("/")[3] for path in shelf.files if path.startswith("/content/pkg/")}
    # The text of S 203 comes a day after its status, and its status does not change again.
    assert packages == {p for p in packages if f"/{p}/".encode() in statuses}


def test_every_text_names_its_own_bill() -> None:
    for file in FILES:
        if match := re.fullmatch(r"BILLS-999([a-z]+)(\d+)([a-z]+)\.xml", file.name):
            title = parse(file.read_bytes()).findtext(".//{http://purl.org/dc/elements/1.1/}title") or ""
            assert title.startswith(f"999 {match[1].upper()} {match[2]} {match[3].upper()}: ")


def test_the_pledge_is_repealed_without_naming_it() -> None:
    body = (PAGES / "day1/content/pkg/BILLS-999hr102ih/xml/BILLS-999hr102ih.xml").read_text(encoding="utf-8")
    assert "22 U.S.C. 7631" in body
    assert not re.search(r"prostitut|sex work|commercial sex|pledge|policy explicitly", body, re.IGNORECASE)


def test_the_hostile_title_is_markup_to_nobody_but_a_careless_page() -> None:
    file = PAGES / "day2/bulkdata/BILLSTATUS/999/hr/BILLSTATUS-999hr109.xml"
    assert b"<script>" not in file.read_bytes()
    title = parse(file.read_bytes()).findtext("bill/title")
    assert title == 'Public <script>alert("demo")</script> Pages & "Markup" Act'


# --- the site ---------------------------------------------------------------------------------------------------------


def test_a_listing_is_refused_unless_json_is_accepted(site: DemoSite) -> None:
    for path in ("/bulkdata/json/BILLSTATUS", "/bulkdata/json/BILLSTATUS/999", "/bulkdata/json/BILLSTATUS/999/hr"):
        assert get(site, path).status == 406
        assert get(site, path, JSON).status == 200


def test_listings_lead_from_the_congress_to_the_status_files(site: DemoSite) -> None:
    [congress] = json.loads(get(site, "/bulkdata/json/BILLSTATUS", JSON).body)["files"]
    assert (congress["name"], congress["folder"]) == ("999", True)
    kinds = json.loads(get(site, urlsplit(congress["link"]).path, JSON).body)["files"]
    assert [row["name"] for row in kinds] == ["hr", "hres", "s"]
    bills = set()
    for kind in kinds:
        for row in json.loads(get(site, urlsplit(kind["link"]).path, JSON).body)["files"]:
            assert row["formattedLastModifiedTime"] == "02-Mar-2026 10:30"
            status = parse(get(site, urlsplit(row["link"]).path).body)
            assert len(get(site, urlsplit(row["link"]).path).body) == row["size"]
            number = status.findtext("bill/number") or status.findtext("bill/billNumber")
            bills.add(f"us/999/{kind['name']}-{number}")
    assert bills == set(bills_on(1))


def test_a_file_that_has_not_changed_answers_304(site: DemoSite) -> None:
    path = "/bulkdata/BILLSTATUS/999/hr/BILLSTATUS-999hr104.xml"
    first = get(site, path)
    assert (first.status, first.headers["last-modified"]) == (200, "Mon, 02 Mar 2026 10:30:00 GMT")
    condition = {"If-Modified-Since": first.headers["last-modified"]}
    again = get(site, path, condition)
    assert (again.status, again.body) == (304, b"")
    site.show(2)
    changed = get(site, path, condition)
    assert (changed.status, changed.headers["last-modified"]) == (200, "Tue, 03 Mar 2026 10:30:00 GMT")
    assert changed.body != first.body


@pytest.mark.parametrize("value", ["yesterday", "", "Mon, 02 Mar 2026 10:30:00"])
def test_an_unreadable_condition_is_ignored(site: DemoSite, value: str) -> None:
    path = "/bulkdata/BILLSTATUS/999/hr/BILLSTATUS-999hr104.xml"
    assert get(site, path, {"If-Modified-Since": value}).status == 200


@pytest.mark.parametrize("path", [
    "/", "/bulkdata/json/BILLSTATUS/998", "/bulkdata/json/BILLSTATUS/999/sjres",
    "/bulkdata/BILLSTATUS/999/hr/BILLSTATUS-999hr109.xml", "/content/pkg/BILLS-999hr105ih/xml/BILLS-999hr105ih.xml",
    "/sitemap/BILLS_2025_sitemap.xml", "/../site.py", "/content/pkg/../../../../site.py", "/%2e%2e/expected.py",
])
def test_what_is_not_there_answers_404(site: DemoSite, path: str) -> None:
    assert get(site, path, JSON).status == 404


def test_a_text_without_xml_is_there_as_htm_under_both_folder_names(site: DemoSite) -> None:
    for folder in ("html", "htm"):
        reply = get(site, f"/content/pkg/BILLS-999hr105ih/{folder}/BILLS-999hr105ih.htm")
        assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert b"[H.R. 105 Introduced in House (IH)]" in reply.body


def test_days_accumulate_and_can_be_gone_back_to(site: DemoSite) -> None:
    def known(day: int) -> set[str]:
        site.show(day)
        urls = etree.tostring(parse(get(site, "/sitemap/BILLS_2026_sitemap.xml").body)).decode()
        return set(re.findall(r"/app/details/([\w-]+)<", urls))
    first, second, third = known(1), known(2), known(3)
    assert second - first == {"BILLS-999hr101rh", "BILLS-999hr109ih", "BILLS-999s203is"}
    assert third - second == {"BILLS-999hr101eh", "BILLS-999s206is"}
    assert first < second < third
    assert known(1) == first


def test_sitemaps_name_the_same_status_files_as_the_listings(site: DemoSite) -> None:
    index = parse(get(site, "/sitemap/bulkdata/BILLSTATUS/sitemapindex.xml").body)
    leaves = [urlsplit(loc.text or "").path for loc in index.iter("{*}loc")]
    assert leaves == [f"/sitemap/bulkdata/BILLSTATUS/999{kind}/sitemap.xml" for kind in ("hr", "hres", "s")]
    found = [urlsplit(loc.text or "").path for leaf in leaves for loc in parse(get(site, leaf).body).iter("{*}loc")]
    assert len(found) == len(bills_on(1))
    assert all(get(site, path, method="HEAD").status == 200 for path in found)


def test_a_day_that_is_not_in_the_script_is_refused(site: DemoSite) -> None:
    with pytest.raises(ValueError, match="expected a day from 1 to 3, got 4"):
        site.show(4)


def test_robots_allow_the_documents(site: DemoSite) -> None:
    body = get(site, "/robots.txt").body.decode()
    assert "Disallow: /search/" in body
    assert "/content" not in body.replace("Sitemap", "")
