"""A real file server (Twisted's) on loopback, asked as a legislature's is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spiders.ftp import Entry, _row, fetch, read_listing
from spiders.recording import read_page
from tests.spiders.house import Keeper
from tracker.errors import LayoutChanged

SERVER = """
import sys
from twisted.cred.checkers import AllowAnonymousAccess
from twisted.cred.portal import Portal
from twisted.internet import reactor
from twisted.protocols.ftp import FTPFactory, FTPRealm
port = reactor.listenTCP(0, FTPFactory(Portal(FTPRealm(sys.argv[1]), [AllowAnonymousAccess()])), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    root = tmp_path_factory.mktemp("files")
    (root / "bills" / "a b").mkdir(parents=True)
    (root / "bills" / "HB 1.xml").write_bytes(b"<bill/>" * 100)
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(root)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    yield f"ftp://127.0.0.1:{process.stdout.readline().strip()}", root
    process.terminate()
    process.wait()


def test_a_folder_answers_its_names(server: tuple[str, Path]) -> None:
    address, _ = server
    found = read_listing(fetch(f"{address}/bills/").body, "u")
    assert [(e.name, e.size) for e in found if not e.folder] == [("HB 1.xml", 700)]
    assert [e.name for e in found if e.folder] == ["a b"]


def test_a_file_comes_with_its_date_and_only_if_it_changed(server: tuple[str, Path]) -> None:
    address, root = server
    os.utime(root / "bills" / "HB 1.xml", (1_772_440_000, 1_772_440_000))
    answer = fetch(f"{address}/bills/HB%201.xml")
    assert (answer.status, answer.body) == (200, b"<bill/>" * 100)
    since = (answer.headers.get("Last-Modified") or b"").decode()
    assert since == "Mon, 02 Mar 2026 08:26:40 GMT"
    assert fetch(f"{address}/bills/HB%201.xml", since).status == 304


def test_what_is_not_there_is_404(server: tuple[str, Path]) -> None:
    address, _ = server
    assert [fetch(f"{address}/{p}").status for p in ("none.xml", "none/", "a%0d%0aDELE%20b")] == [404, 404, 404]


def test_both_old_forms_of_a_listing_are_read() -> None:
    assert _row("-rw-r--r--   1 owner group  512 Mar  2 08:00 HB 1.xml") == (False, "512", "Mar208:00", "HB 1.xml")
    assert _row("drwxr-xr-x   1 owner group    0 Mar  2  2026 bills") == (True, "0", "Mar22026", "bills")
    assert _row("03-02-26  08:00AM       <DIR>          a b") == (True, "", "03-02-2608:00AM", "a b")
    assert _row("03-02-26  08:00AM                  512 HB 1.xml") == (False, "512", "03-02-2608:00AM", "HB 1.xml")
    assert _row("total 12") is None


def test_a_listing_of_another_form_is_refused() -> None:
    assert read_listing(b"file\t5\t20260302080000\ta b\n", "u") == [Entry("a b", False, 5, "20260302080000")]
    with pytest.raises(LayoutChanged):
        read_listing(b"<html>", "u")


LEGISLATURE = '''
from spiders.ftp import read_listing
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider
from spiders.selectors import must_say, read_plain_xml
from tracker.model import Bill


class FilesSpider(ListedSpider):
    name, title, site, zone = "xx-files", "Files", "ftp://files.example", "Europe/Berlin"
    terms = robots = format = "https://files.example/open"
    proven, floor, actions, cadence = "our own pages", 1, Labels(()), {"session": 60, "recess": 120}

    async def listed(self):
        answer = await self.listing("ftp://files.example/crawl/")
        for entry in read_listing(answer.body, answer.url):
            yield Due("7", entry.name[:-4], f"{answer.url}{entry.name}", f"{entry.moment} {entry.size}")

    def read(self, body, due):
        root = read_plain_xml(body, due.url, "bill")
        return Bill("xx-files", "7", must_say(root, "number", due.url), must_say(root, "title", due.url))
'''


def test_a_legislature_of_files_is_crawled_like_any_other(
        server: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address, root = server
    (root / "crawl").mkdir()
    (root / "crawl" / "HB 1.xml").write_text("<bill><number>HB 1</number><title>Lamps</title></bill>")
    (tmp_path / "xx_files.py").write_text(LEGISLATURE)
    monkeypatch.setenv("BILLWATCH_LEGISLATURES", str(tmp_path))
    keeper = Keeper(tmp_path / "archive", address, "xx-files")
    crawl = keeper.crawl()
    assert (crawl.verdict, list(crawl.bills())) == ("ok", ["xx-files/7/hb-1"]), crawl.reason
    assert crawl.harvests[0].pages[0].url == "ftp://files.example/crawl/HB 1.xml"
    page = crawl.harvests[0].pages[0]
    assert read_page(keeper.root, str(page.warc), page.offset or 0).startswith(b"<bill>")
    replayed = keeper.crawl("--replay-warc", str(crawl.folder / "pages.warc.gz"), remember=False)
    assert replayed.verdict == "ok" and keeper.crawl().harvests == []
