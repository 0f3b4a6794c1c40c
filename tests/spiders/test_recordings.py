"""Pages into a WARC file and out of it, whatever happened to the writer."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from spiders.recording import Recorder, member, members, read_page
from tracker.errors import SourceError

NOW = datetime(2185, 3, 1, 12, 0, 0, tzinfo=UTC)
PAGE = "<p>lanterns — lit</p>".encode()


def write(folder: Path, *bodies: bytes, headers: tuple[tuple[str, str], ...] = ()) -> list[int]:
    folder.mkdir()
    with Recorder(folder / "pages.warc.gz", "test") as recorder:
        return [recorder.write(f"https://site.example/{n}", f"http://127.0.0.1/{n}", NOW, 200, "OK",
                               (("Content-Type", "text/html"), *headers), body) for n, body in enumerate(bodies)]


def test_a_page_is_read_back_by_its_offset(tmp_path: Path) -> None:
    offsets = write(tmp_path / "run", b"first", PAGE, b"")
    assert [read_page(tmp_path, "run/pages.warc.gz", o) for o in offsets] == [b"first", PAGE, b""]


def test_an_encoded_page_is_kept_as_received_and_read_decoded(tmp_path: Path) -> None:
    received = gzip.compress(PAGE)
    (offset,) = write(tmp_path / "run", received, headers=(("Content-Encoding", "gzip"),))
    assert read_page(tmp_path, "run/pages.warc.gz", offset) == PAGE
    assert member(tmp_path / "run/pages.warc.gz", offset).body == received


def test_a_chunked_page_is_not_taken_apart_twice(tmp_path: Path) -> None:
    body = b"5\r\nnot a chunk"
    (offset,) = write(tmp_path / "run", body, headers=(("Transfer-Encoding", "chunked"),))
    assert read_page(tmp_path, "run/pages.warc.gz", offset) == body


def test_the_file_is_a_warc_that_others_read(tmp_path: Path) -> None:
    write(tmp_path / "run", PAGE)
    with (tmp_path / "run/pages.warc.gz").open("rb") as stream:
        kinds = [(r.rec_type, r.rec_headers.get_header("WARC-Target-URI"), r.rec_headers.get_header(
            "WARC-Payload-Digest")) for r in ArchiveIterator(stream)]
    assert kinds[0][0] == "warcinfo"
    assert kinds[1] == ("response", "https://site.example/0", f"sha256:{hashlib.sha256(PAGE).hexdigest()}")


def test_a_page_whose_bytes_were_changed_is_no_proof(tmp_path: Path) -> None:
    (offset,) = write(tmp_path / "run", PAGE)
    path = tmp_path / "run/pages.warc.gz"
    with path.open("rb") as stream:
        whole = gzip.decompress(stream.read()[offset:])
    path.write_bytes(path.read_bytes()[:offset] + gzip.compress(whole.replace(b"lanterns", b"candles!")))
    with pytest.raises(SourceError):
        read_page(tmp_path, "run/pages.warc.gz", offset)


def test_not_modified_is_a_revisit_and_holds_no_page(tmp_path: Path) -> None:
    with Recorder(tmp_path / "pages.warc.gz", "test") as recorder:
        offset = recorder.write("https://site.example/", "https://site.example/", NOW, 304, "", (), b"")
    assert [(m.status, m.body) for m in members(tmp_path / "pages.warc.gz")] == [(304, b"")]
    with pytest.raises(SourceError, match="got revisit"):
        read_page(tmp_path, "pages.warc.gz", offset)


@pytest.mark.parametrize("lost", [1, 9, 40, 200])
def test_a_torn_last_member_harms_no_other(tmp_path: Path, lost: int) -> None:
    offsets = write(tmp_path / "run", b"first", PAGE * 50, b"last " * 90)
    path = tmp_path / "run/pages.warc.gz"
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size - lost)
    found = [m.body for m in members(path)]
    assert found[:2] == [b"first", PAGE * 50] and found[2:] in ([], [b"last " * 90])
    assert read_page(tmp_path, "run/pages.warc.gz", offsets[1]) == PAGE * 50


@pytest.mark.parametrize(("warc", "offset"), [("../secret", 0), ("/etc/passwd", 0), ("run/none.warc.gz", 0),
                                              ("run/pages.warc.gz", 3), ("run/pages.warc.gz", 999_999)])
def test_what_is_no_page_of_the_archive_is_an_error_of_the_source(tmp_path: Path, warc: str, offset: int) -> None:
    write(tmp_path / "run", PAGE)
    with pytest.raises(SourceError):
        read_page(tmp_path, warc, offset)


def test_a_folder_that_holds_a_recording_takes_no_second_one(tmp_path: Path) -> None:
    write(tmp_path / "run", PAGE)
    with pytest.raises(FileExistsError):
        Recorder(tmp_path / "run/pages.warc.gz", "test")
