"""What must never be taken for a page, and what must not be refused."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest

from spiders import guard
from spiders.platforms.congress_texts import Package, check_text, read_package
from tracker.errors import Blocked, LayoutChanged, Unreachable

PAGES = Path(__file__).resolve().parents[1] / "fixtures" / "us"
IH = Package("199", "hr", "42", "ih")
BOMB = (b'<!DOCTYPE bill [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        b"<bill><legis-num>H. R. 42</legis-num>&b;</bill>")


def xml(title: str = "199 HR 42 IH: Lantern Street Safety Act", number: str = "H. R. 42") -> bytes:
    return (f'<bill xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dublinCore><dc:title>{title}</dc:title>'
            f"</dublinCore></metadata><form><legis-num>{number}</legis-num></form></bill>").encode()


@pytest.mark.parametrize(("status", "headers", "body", "error"), [
    (403, {}, b"no", Blocked), (429, {}, b"later", Blocked), (451, {}, b"", Blocked), (401, {}, b"", Blocked),
    (200, {}, b"<!DOCTYPE html><html><head><title>Just a moment...</title>", Blocked),
    (200, {}, b"<html><head><title>Request Rejected</title></head><body>", Blocked),
    (503, {}, b"<html><head><title>Just a moment...</title>", Blocked),
    (200, {"cf-mitigated": "challenge"}, b"<html>", Blocked),
    (404, {}, b"", guard.Missing), (410, {}, b"", guard.Missing), (500, {}, b"", Unreachable),
    (503, {}, b"later", Unreachable), (302, {}, b"", LayoutChanged), (200, {}, b" \n", LayoutChanged)])
def test_an_answer_that_is_not_the_page_is_an_error_of_its_own_kind(
        status: int, headers: dict[str, str], body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        guard.check(status, headers, body, "https://site.example/page")


def test_a_page_and_a_304_pass() -> None:
    guard.check(200, {}, b"<bill/>", "u")
    guard.check(304, {}, b"", "u")


def test_a_bill_on_challenges_and_rejected_requests_is_no_block_page() -> None:
    assert guard.blocked_by(b"<html><body><pre>\n[H.R. 42] Just a moment... Request Rejected Act") is None


def test_named_entities_become_their_characters_and_nothing_is_loaded() -> None:
    root = guard.read_xml((PAGES / "BILLS-199hr42ih.xml").read_bytes(), "u")
    assert root.findtext(".//header") == "Lanterns—lit"
    assert root.findtext(".//section/text") == "Section\xa09 of the Lantern Code is repealed."


@pytest.mark.parametrize("body", [
    BOMB, BOMB.decode().encode("utf-16"), b"<bill><a></bill>", b"<bill>", b"",
    b'<!DOCTYPE bill [<!ENTITY x SYSTEM "file:///etc/passwd">]><bill>&x;</bill>'])
def test_bombs_and_broken_documents_are_refused(body: bytes) -> None:
    with pytest.raises(LayoutChanged):
        guard.read_xml(body, "u")


def test_a_byte_order_mark_and_a_stray_nul_do_no_harm() -> None:
    assert guard.read_xml(b"\xef\xbb\xbf<bill>a\0b</bill>", "u").text == "ab"


@pytest.mark.parametrize("body", [
    xml(), xml(title="199 HR 42 : Lantern Street Safety Act"), xml(title="Lantern Street Safety Act"),
    xml(title="199 HR 24 IH: misprinted", number="H. R. 42"), b"\xef\xbb\xbf" + xml(),
    (PAGES / "BILLS-199hr42ih.xml").read_bytes()])
def test_a_text_that_names_its_bill_is_taken(body: bytes) -> None:
    check_text(body, "text/xml", IH, "u")


@pytest.mark.parametrize("body", [
    xml("199 HR 43 IH: x", "H. R. 43"), xml("199 S 42 IS: x", "S. 42"), xml("198 HR 42 IH: x"),
    xml("199 HR 42 RH: x"), b"<bill><legis-body/></bill>", xml()[:-40], BOMB])
def test_another_bills_text_another_versions_text_and_half_a_text_are_refused(body: bytes) -> None:
    with pytest.raises(LayoutChanged):
        check_text(body, "text/xml", IH, "u")


def test_a_plain_page_names_its_bill_in_brackets() -> None:
    body = (PAGES / "BILLS-199hr42enr.htm").read_bytes()
    check_text(body, "text/html", Package("199", "hr", "42", "enr"), "u")
    for wrong in (Package("199", "hr", "43", "enr"), Package("199", "s", "42", "enr"), Package("199", "hr", "42", "ih"),
                  Package("198", "hr", "42", "enr")):
        with pytest.raises(LayoutChanged):
            check_text(body, "text/html", wrong, "u")
    with pytest.raises(LayoutChanged, match="without an end"):
        check_text(body[:180], "text/html", Package("199", "hr", "42", "enr"), "u")


def test_every_real_text_names_its_bill_and_no_other(shared: Path) -> None:
    """Bill DTD, USLM and plain pages; samples whose file name tells the package."""
    found = 0
    for path in sorted((shared / "data/us-federal").glob("bills-*/**/BILLS-*")):
        name = re.sub(r"\.gz$", "", path.name)
        package = read_package(name)
        if package is None or not name.lower().endswith((".xml", ".htm")) or "mods" in name or "premis" in name:
            continue
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        media_type = "text/html" if name.endswith(".htm") else "text/xml"
        check_text(body, media_type, package, name)
        with pytest.raises(LayoutChanged):
            check_text(body, media_type, replace(package, number=package.number + "0"), name)
        found += 1
    assert found > 20
