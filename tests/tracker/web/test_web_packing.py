"""Public answers leave packed for who takes gzip; answers to one reader never do, whatever their browser accepts."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient

from digests.channels.directory import OPML_PATH
from digests.delivery.permalink import Told, token_of
from tests.tracker.web.sample import NOW, PLAIN
from tests.tracker.web.serving import rich_services, running
from tests.tracker.web.test_web_readers import confirmed, leave_path, sign_up
from tests.tracker.web.test_web_saved import make
from tracker.app import Services
from tracker.model import Cadence, Filter
from tracker.web import packing
from tracker.web.app import create_app
from tracker.web.packing import accepts_gzip

GZIP, BARE = {"accept-encoding": "gzip"}, {"accept-encoding": "identity"}
PAGES = ("/", f"/{PLAIN}", f"/{PLAIN}/text/ih", "/bills", "/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json",
         "/feeds/all.ics", "/overview.csv", "/static/site.css", f"/api/v1/bills/{PLAIN}", OPML_PATH)
CHROMIUM = Path("/usr/bin/chromium")
PASSING = ("date", "ratelimit")


@pytest.mark.parametrize(("header", "accepted"), [
    (b"", False), (b"gzip", True), (b"GZIP", True), (b"gzip, deflate, br, zstd", True), (b"br", False),
    (b"gzip;q=0", False), (b"gzip; q=0.000", False), (b"gzip;q=0.001", True), (b"*", True), (b"*;q=0", False),
    (b"gzip;q=0, *", False), (b"identity", False), (b"identity, gzip", True), (b"identity;q=1, gzip;q=0.5", False),
    (b"identity;q=0, gzip;q=0.5", True), (b"gzip;q=much", False), (b",;q=,;;", False), (b"xgzip", False)])
def test_gzip_is_what_was_asked_for(header: bytes, accepted: bool):
    assert accepts_gzip(header) is accepted


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Services]:
    made = rich_services(tmp_path / "home")
    yield made
    made.store.close()


@pytest.fixture
def site(house: Services) -> Iterator[str]:
    with running(house) as address:
        yield address


def test_a_packed_answer_is_the_bare_one_with_fewer_bytes(site: str):
    with httpx.Client(base_url=site) as client:
        for _ in range(2):  # made, then from the shelf
            for path in PAGES:
                bare, packed = client.get(path, headers=BARE).raise_for_status(), client.get(path, headers=GZIP)
                none = client.send(httpx.Request("GET", site + path, headers={"host": "x"}))
                assert "content-encoding" not in bare.headers and none.content == bare.content, path
                assert len(bare.content) < packing.SMALLEST or packed.headers["content-encoding"] == "gzip", path
                assert packed.content == bare.content and packed.headers["content-type"] == bare.headers["content-type"]
                assert packed.num_bytes_downloaded == int(packed.headers["content-length"]) <= len(bare.content)
                assert packed.headers["etag"].removeprefix("W/") == bare.headers["etag"].removeprefix("W/"), path
                told = [{k: v for k, v in answer.headers.items() if k not in PASSING}
                        for answer in (bare, packed, client.head(path, headers=GZIP))]
                assert {k for k in told[0] | told[1] if told[0].get(k) != told[1].get(k)} <= {
                    "content-encoding", "content-length", "etag"} and told[1] == told[2], path


def test_the_packed_and_the_bare_name_the_header_they_were_chosen_by(site: str):
    with httpx.Client(base_url=site) as client:
        for headers in (GZIP, BARE, {**GZIP, "if-none-match": "*"}):
            assert client.get("/", headers=headers).headers["vary"] == "Accept-Language, Accept-Encoding"
            assert client.get("/feeds/all.atom", headers=headers).headers["vary"] == "Accept-Encoding"
    assert httpx.get(f"{site}/", headers=GZIP).headers["etag"].startswith('W/"')


def test_a_copy_of_either_kind_is_known_and_its_304_is_bare(site: str):
    with httpx.Client(base_url=site) as client:
        for path in PAGES:
            for had in (GZIP, BARE):
                copy = client.get(path, headers=had)
                for now in (GZIP, BARE):
                    again = client.get(path, headers={**now, "if-none-match": copy.headers["etag"]})
                    assert again.status_code == 304 and again.content == b"", path
                    assert not {"content-encoding", "content-type", "content-length"} & set(again.headers), path
                    assert again.headers["etag"] == client.get(path, headers=now).headers["etag"], path
        changed = client.get("/feeds/all.atom", headers=GZIP).headers["last-modified"]
        known = client.get("/feeds/all.atom", headers={**GZIP, "if-modified-since": changed})
        assert known.status_code == 304
        assert client.get("/", headers={**GZIP, "if-none-match": 'W/"other"'}).status_code == 200


def test_who_asks_for_a_range_gets_what_they_got_before(site: str):
    answer = httpx.get(f"{site}/{PLAIN}", headers={**GZIP, "range": "bytes=0-9"})
    bare = httpx.get(f"{site}/{PLAIN}", headers=BARE)
    assert "content-encoding" not in answer.headers and (answer.status_code, answer.content) == (200, bare.content)


def test_what_is_for_one_reader_or_repeats_their_words_is_never_packed(house: Services):
    with TestClient(create_app(house), raise_server_exceptions=False) as client:
        token, question = confirmed(client, house), sign_up(client, house, address="bo@reader.example")
        mine = make(client, words="loitering", topics="decriminalization")
        digest = "/digest/" + token_of(Told(0, 9, NOW, "en", Cadence.DAILY, Filter()), house.keys)
        paths = [f"/manage/{token}", f"/manage/{token}/data", leave_path(client, token), f"/confirm/{question}",
                 *mine.values(), digest, "/subscribe?words=mine", "/saved?words=mine", "/search?q=streets",
                 "/bills?words=mine", f"/about?token={token}", "/api/v1/search?q=streets", "/desk/login", "/nothing",
                 f"/{PLAIN}/evidence.zip"]
        for path in paths:
            for _ in range(2):
                answer = client.get(path)
                assert answer.status_code in (200, 404) and "content-encoding" not in answer.headers, path
        with_cookie = client.get(f"/{PLAIN}", headers={"cookie": "__Host-desk=somebody"})
        assert "content-encoding" not in with_cookie.headers
        assert client.get(f"/{PLAIN}").headers["content-encoding"] == "gzip"


def test_a_page_is_packed_once_and_kept_packed(house: Services, monkeypatch: pytest.MonkeyPatch):
    packed: list[int] = []
    zip_ = packing._zip
    monkeypatch.setattr(packing, "_zip", lambda body: packed.append(len(body)) or zip_(body))
    with TestClient(create_app(house)) as client:
        pages = [client.get(f"/{PLAIN}", headers=headers) for headers in (GZIP, BARE, GZIP, {**GZIP, "range": "x=1-2"})]
        shelf = client.app.shelf  # type: ignore[attr-defined]
        (kept,) = shelf._kept.values()
    assert packed == [len(pages[0].content)] and len({page.content for page in pages}) == 1
    assert gzip.decompress(kept.body) == pages[0].content and shelf._bytes < len(kept.body) + 3_000


def test_a_long_text_is_packed_outside_of_the_loop_and_comes_whole(house: Services, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packing, "LARGE", 1000)
    with TestClient(create_app(house)) as client:
        pages = [client.get(f"/{PLAIN}", headers=headers) for headers in (GZIP, BARE)]
    assert pages[0].headers["content-encoding"] == "gzip" and pages[0].content == pages[1].content


# --- programs of others -----------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_unpacks_and_its_kept_tag_fetches_nothing(site: str, tmp_path: Path):
    def curl(*arguments: str) -> str:
        return subprocess.run(["curl", "-sS", "-o", tmp_path / "out", "-w", "%{http_code} %{size_download}", *arguments,
                               f"{site}/feeds/all.atom"], check=True, capture_output=True, text=True).stdout

    whole = curl()
    bare = (tmp_path / "out").read_bytes()
    small = curl("--compressed", "--etag-save", str(tmp_path / "tag"))
    assert (tmp_path / "out").read_bytes() == bare
    assert whole == f"200 {len(bare)}" and small.startswith("200 ") and int(small.split()[1]) < len(bare) / 3
    assert curl("--compressed", "--etag-compare", str(tmp_path / "tag")) == "304 0"
    assert curl("--etag-compare", str(tmp_path / "tag")) == "304 0"


@pytest.mark.skipif(shutil.which("newsboat") is None, reason="newsboat is not installed")
@pytest.mark.parametrize("form", ["atom", "rss"])
def test_newsboat_reads_a_packed_feed_and_finds_nothing_new_in_it_again(site: str, tmp_path: Path, form: str):
    url = f"{site}/feeds/all.{form}"
    (tmp_path / "urls").write_text(url + "\n")
    (tmp_path / "config").write_text("auto-reload no\n")
    found = []
    for _ in range(2):
        subprocess.run(["newsboat", "-u", tmp_path / "urls", "-C", tmp_path / "config", "-c", tmp_path / "cache.db",
                        "-x", "reload"], check=True, timeout=60, capture_output=True,
                       env={"HOME": str(tmp_path), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"})
        with closing(sqlite3.connect(tmp_path / "cache.db")) as cache:
            found.append(cache.execute("SELECT guid, title FROM rss_item ORDER BY id").fetchall())
    told = httpx.get(url).text.count("<entry>" if form == "atom" else "<item>")
    assert found[0] == found[1] and len(found[0]) == told > 5


def test_a_browser_takes_page_and_style_packed(site: str):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        heard = []
        page.on("response", lambda response: heard.append(response))
        page.goto(f"{site}/{PLAIN}")
        assert page.locator("h1").inner_text() and page.locator("nav").first.is_visible()
        rules = page.evaluate("[...document.styleSheets].map(sheet => sheet.cssRules.length)")
        assert rules and all(rules)
        codings = {response.url.partition("?")[0].removeprefix(site): response.header_value("content-encoding")
                   for response in heard if "favicon" not in response.url}
        heard.clear()
        page.reload()
        assert page.locator("h1").inner_text() and heard[0].header_value("etag").startswith('W/"')
        # Chromium tells of the 304 as of the 200 that it kept: what it asked with shows that it kept one.
        assert heard[0].request.all_headers()["if-none-match"] == heard[0].header_value("etag")
        browser.close()
    assert codings[f"/{PLAIN}"] == codings["/static/site.css"] == "gzip"
