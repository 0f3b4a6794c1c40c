"""Known block pages, each with a page of ours; and real pages, none of which may be taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders import guard
from spiders.blocks import OBSTACLES, obstacle
from tracker.errors import SourceError

PAGES = {p.stem: p for p in (Path(__file__).resolve().parents[1] / "fixtures" / "blocks").glob("*.*")}


def test_every_row_has_its_page_and_every_page_its_row() -> None:
    assert set(PAGES) == {row.name for row in OBSTACLES}


@pytest.mark.parametrize("row", OBSTACLES, ids=lambda row: row.name)
def test_a_known_page_with_status_200_is_an_error_of_its_kind(row: object) -> None:
    body = PAGES[row.name].read_bytes()  # type: ignore[attr-defined]
    assert obstacle(body) is row
    with pytest.raises(SourceError) as raised:
        guard.check(200, {}, body, "https://site.example/page")
    assert type(raised.value) is row.error  # type: ignore[attr-defined]


@pytest.mark.parametrize("body", [
    b"<TITLE>\x0b Just A Moment...</TITLE>", b"\xff\xfe\x00<title>x\xe9</title><script>_CF_chl_opt = 1</script>",
    b"<title>Access Denied\x0b!</title>", b'\x0b{"message"\x0b: "Forbidden"}\x0b'])
def test_odd_bytes_hide_no_block_page(body: bytes) -> None:
    assert obstacle(body)


@pytest.mark.parametrize("body", [
    b"<html><head><title>HB 12</title></head><body><p>Sec. 1. The site maintenance fund</p></body></html>",
    b'{"message": "Forbidden", "bills": [1]}', b"<bill><title>Access Denied to Buyers Act</title></bill>"[:5],
    b"<html><head><title>HB 403 Forbidden fruit</title></head></html>",
    b"<html><head><title>Road Maintenance Act</title></head><body>" + b"x" * 50_000 + b"</body></html>"])
def test_a_page_that_only_speaks_of_such_things_is_a_page(body: bytes) -> None:
    assert obstacle(body) is None


def test_no_real_page_is_taken_for_an_obstacle(shared: Path) -> None:
    wrong, read = [], 0
    for part in ("us-states", "intl", "us-federal"):
        for path in sorted((shared / "data" / part).rglob("*")):
            if path.suffix.lower() in (".htm", ".html", ".xml", ".json") and path.is_file():
                read += 1
                with path.open("rb") as stream:
                    if found := obstacle(stream.read(1 << 16)):
                        wrong.append((str(path.relative_to(shared)), found.name))
    assert (wrong, read > 500) == ([], True)
