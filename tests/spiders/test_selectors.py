"""Selectors, dates, first words and zips: what they take, and what they refuse."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from spiders import fronts
from spiders.access import Key, secret_of, with_secret, without_secret
from spiders.bulk import Bulk
from spiders.selectors import day, digest, maybe, maybe_day, need, read_html, read_json, read_plain_xml, rows, said
from tests.tracker.text.paper import Sheet, pdf
from tracker.errors import ConfigError, LayoutChanged

ROW: dict[str, Any] = {"a": {"b": 7, "c": "", "d": None, "e": " x "}, "l": [{"n": 1}], "o": {"n": 1}, "t": True}


@pytest.mark.parametrize(("path", "kind", "value"), [
    ("a.b", int, 7), ("a.b", str, "7"), ("a.e", str, "x"), ("t", bool, True), ("l", list, [{"n": 1}])])
def test_what_must_be_there_is_given(path: str, kind: type, value: object) -> None:
    assert need(ROW, path, kind, "u") == value


@pytest.mark.parametrize(("path", "kind", "words"), [
    ("a.x", str, "expected a string at 'a.x', got nothing"), ("a.c", str, "got nothing"), ("a.d", str, "got nothing"),
    ("a.b.c", str, "got nothing"), ("a.e", int, "expected a number at 'a.e', got a string"),
    ("t", int, "true or false"), ("a", str, "got an object")])
def test_what_must_be_there_and_is_not_is_told_with_its_place(path: str, kind: type, words: str) -> None:
    with pytest.raises(LayoutChanged, match=r"https://u") as told:
        need(ROW, path, kind, "https://u")
    assert words in str(told.value)


def test_what_may_be_absent_is_none_but_never_of_another_kind() -> None:
    assert [maybe(ROW, p, str, "u") for p in ("a.c", "a.d", "a.x", "a.e")] == [None, None, None, "x"]
    with pytest.raises(LayoutChanged):
        maybe(ROW, "a", str, "u")


def test_a_lone_object_is_a_list_of_one() -> None:
    assert rows(ROW, "l", "u") == rows(ROW, "o", "u") == [{"n": 1}] and rows(ROW, "none", "u") == []
    for bad in ("a.b", "t"):
        with pytest.raises(LayoutChanged):
            rows(ROW, bad, "u")
    with pytest.raises(LayoutChanged, match="expected 2 or more"):
        rows(ROW, "l", "u", least=2)


@pytest.mark.parametrize("body", [b"<html>", b"", b"[1", b"[" * 100_000, b"[]", b"\xff\xfe"])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(LayoutChanged):
        read_json(body, "u")


def test_a_byte_order_mark_is_no_json() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": 1}', "u") == {"a": 1} and read_json(b"[1]", "u", list) == [1]


def test_equal_rows_have_equal_stamps_whatever_their_order() -> None:
    assert digest({"a": 1, "b": "é"}) == digest({"b": "é", "a": 1}) != digest({"a": 2, "b": "é"})


def test_namespaces_are_taken_off() -> None:
    root = read_plain_xml(b'<x:r xmlns:x="urn:x"><x:a x:k="v">one <b>two</b></x:a></x:r>', "u", "r")
    assert (said(root, "a"), root[0].get("k"), said(root, "z")) == ("one two", "v", None)
    with pytest.raises(LayoutChanged, match="expected <q>"):
        read_plain_xml(b"<r/>", "u", "q")


def test_a_page_without_a_word_is_no_html() -> None:
    assert said(read_html(b"<p>a<b>b", "u"), ".//p") == "ab"
    with pytest.raises(LayoutChanged):
        read_html(b"", "u")


@pytest.mark.parametrize(("text", "zone", "expected"), [
    ("2026-01-13T00:00:00", None, date(2026, 1, 13)), ("2026-01-20 09:00:00.000", None, date(2026, 1, 20)),
    ("2026-01-13", None, date(2026, 1, 13)), ("1/3/2026", None, date(2026, 1, 3)),
    ("02/26/2024 08:00:00 AM", None, date(2024, 2, 26)),
    ("2026-01-06T05:00:00Z", None, date(2026, 1, 6)), ("2026-01-06T03:00:00Z", "America/New_York", date(2026, 1, 5)),
    ("2026-01-06T23:30:00.1234567+00:00", "Europe/London", date(2026, 1, 6)),
    ("2026-01-06T00:00:00", "America/New_York", date(2026, 1, 6))])
def test_dates_of_every_form_are_the_legislatures_day(text: str, zone: str | None, expected: date) -> None:
    assert day(text, "u", zone) == expected


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "13/40/2026", "3 March 2026", "20260113"])
def test_a_date_is_never_guessed(text: str) -> None:
    with pytest.raises(LayoutChanged):
        day(text, "u")


def test_no_date_is_none() -> None:
    assert [maybe_day(t, "u") for t in (None, " ", "0001-01-01T00:00:00", "1900-01-01")] == [None] * 4


# --- first words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "identifier"), [
    ("HOUSE BILL 2526 State of", "HB 2526"), ("H.B. No. 2526", "HB 2526"), ("H. B. 2526", "H.B. 2526"),
    ("HB2526", "HB 2526"), ("H.F. No. 10", "HF 10"), ("S.54 As Introduced", "S.54"), ("BILL S-209", "S-209"),
    ("HB 0001 Lamps", "HB 1"), ("Senate Bill No. 357", "SB 357"), ("ASSEMBLY, No. 1407", "A1407"),
    ("HOUSE No. 1758", "H1758"), ("HB0001S01", "HB 1"), ("The Lamp Bill 7 [HL]", "Lamp Bill 7"),
    ("S. 2513--A", "S2513")])
def test_a_printed_number_is_found_in_its_many_forms(words: str, identifier: str) -> None:
    assert fronts.names_bill(words, identifier)


@pytest.mark.parametrize(("words", "identifier"), [
    ("HOUSE BILL 25261", "HB 2526"), ("HB 2526", "HB 252"), ("HB 2526", "SB 2526"), ("SHB 2526", "HB 2526"),
    ("section 2526", "HB 2526"), ("", "HB 1")])
def test_another_bills_number_is_not_this_one(words: str, identifier: str) -> None:
    assert not fronts.names_bill(words, identifier)


def test_a_legislature_says_what_its_letters_stand_for() -> None:
    assert fronts.names_bill("Lamp Bill No. 2", "LB 2", {"LB": ("Lamp Bill",)})


@pytest.mark.parametrize(("body", "media", "words"), [
    (b"<html><head><title>x</title><script>HB 9</script></head><body>HB&nbsp;1 <b>Lamps</b></body>", "text/html",
     "HB 1 Lamps"), (b"\xef\xbb\xbfHB 1\r\nLamps", "text/plain", "HB 1 Lamps"), ("<b>HB 1</b>".encode("utf-16"),
                                                                                "text/xml", "HB 1"),
    (pdf(Sheet().lines("HB 1 Lamps", "lit")), "application/pdf", "HB 1 Lamps lit"),
    (pdf(Sheet()), "application/pdf", "")])
def test_the_first_words_of_every_kind_of_text(body: bytes, media: str, words: str) -> None:
    assert fronts.front(body, media) == words


@pytest.mark.parametrize(("body", "media"), [
    (b"<html>not found</html>", "application/pdf"), (b"%PDF-1.4 torn", "application/pdf"),
    (b"plain words", "text/html"), (b'{"a": 1}', "text/xml")])
def test_bytes_of_another_kind_are_refused(body: bytes, media: str) -> None:
    with pytest.raises(LayoutChanged):
        fronts.front(body, media)


# --- zips -------------------------------------------------------------------------------------------------------------


def packed(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, body in members:
            out.writestr(name, body)
    return path


def test_members_are_streamed_as_lines_rows_and_bytes(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("d/T.TXT", b'1\t`A "x`\n2\t\xe9\n'), ("e/", b""), ("q.csv", b'"a,b",c\r\n'))
    with Bulk(path, "u") as bulk:
        assert bulk.names() == ("d/T.TXT", "q.csv") and bulk.find("t.txt") == "d/T.TXT" and "q.csv" in bulk
        assert list(bulk.lines("d/T.TXT", "latin-1")) == ['1\t`A "x`', "2\té"]
        assert list(bulk.table("d/T.TXT", "latin-1", "\t", "`")) == [["1", 'A "x'], ["2", "é"]]
        assert list(bulk.table("q.csv")) == [["a,b", "c"]] and bulk.read("q.csv") == b'"a,b",c\r\n'
        for wrong in (lambda: bulk.read("none"), lambda: bulk.read("q.csv", 3), lambda: bulk.find("x")):
            with pytest.raises(LayoutChanged):
                wrong()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


@pytest.mark.parametrize("members", [
    [("../etc/passwd", b"x")], [("/etc/passwd", b"x")], [("a\\b", b"x")], [("C:/x", b"x")],
    [(link("l"), b"/etc/passwd")], [("bomb", b"0" * (32 << 20))]])
def test_bombs_and_paths_that_lead_out_are_refused(tmp_path: Path, members: list[tuple[Any, bytes]]) -> None:
    with pytest.raises(LayoutChanged):
        Bulk(packed(tmp_path / "a.zip", *members), "u")


def test_half_a_zip_and_a_torn_member_are_refused(tmp_path: Path) -> None:
    whole = packed(tmp_path / "a.zip", ("a", bytes(range(256)) * 400)).read_bytes()
    (tmp_path / "b.zip").write_bytes(whole[:len(whole) // 2])
    (tmp_path / "c.zip").write_bytes(whole[:60] + b"\0\0\0\0" + whole[64:])
    with pytest.raises(LayoutChanged):
        Bulk(tmp_path / "b.zip", "u")
    with pytest.raises(LayoutChanged):
        Bulk(tmp_path / "c.zip", "u").read("a")


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_key_is_put_on_and_taken_off_an_address() -> None:
    key = Key("https://u/key", parameter="key")
    for url in ("https://u/a", "https://u/a?b=1&c=2"):
        assert without_secret(with_secret(url, key, "a b&c"), key) == url
    assert with_secret("https://u/a?b=1", key, "a b&c") == "https://u/a?b=1&key=a%20b%26c"
    assert with_secret("https://u/a", Key("w", header="X"), "s") == "https://u/a" == without_secret("https://u/a", None)


def test_without_its_key_a_source_is_not_asked_and_says_where_to_get_one() -> None:
    key = Key("https://u/key", parameter="key")
    assert secret_of("us-ny", key, False, {"BILLWATCH_KEY_US_NY": " s "}) == "s"
    assert (secret_of("us-ny", key, True, {}), secret_of("us-wa", None, False, {})) == ("loopback", "")
    with pytest.raises(ConfigError, match="BILLWATCH_KEY_US_NY"):
        secret_of("us-ny", key, False, {})


def test_a_platforms_key_serves_all_its_legislatures_and_one_of_their_own_wins() -> None:
    key = Key("https://u/key", parameter="key", platform="legiscan")
    both = {"BILLWATCH_KEY_LEGISCAN": "all", "BILLWATCH_KEY_US_OH": "own"}
    assert (secret_of("us-oh", key, False, both), secret_of("us-tn", key, False, both)) == ("own", "all")
    with pytest.raises(ConfigError, match="set BILLWATCH_KEY_LEGISCAN"):
        secret_of("us-tn", key, False, {})
