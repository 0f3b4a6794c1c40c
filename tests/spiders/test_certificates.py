"""Crawls of https sites on loopback, and what an operator is told of their certificates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from spiders import trust
from tests.spiders.authority import Holder, issue, serving
from tests.spiders.house import House, Keeper, handler
from tracker.cli import app
from tracker.errors import ConfigError

ROOT = issue("Lantern Root")
MIDDLE = issue("Lantern Intermediate", ROOT)
STRANGER = issue("Stranger Root")
STRANGE_MIDDLE = issue("Stranger Intermediate", STRANGER)


@pytest.fixture(autouse=True)
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ROOT.save(tmp_path / "roots.pem")))


@pytest.fixture
def pins(tmp_path: Path) -> Path:
    return tmp_path / "home" / "certificates"


def crawl(house: House, pins: Path, site: Holder, *sent_with: Holder) -> Any:
    with serving(handler(house), site, *sent_with, folder=pins.parents[1]) as port:
        return Keeper(pins.parents[1] / "archive", f"https://localhost:{port}").crawl("--certificates", str(pins))


def test_a_whole_chain_is_accepted(house: House, pins: Path) -> None:
    assert crawl(house, pins, issue("site", MIDDLE, ca=False, host="localhost"), MIDDLE).verdict == "ok"


def test_half_a_chain_is_refused_in_words_and_asked_once(house: House, pins: Path) -> None:
    done = crawl(house, pins, issue("site", MIDDLE, ca=False, host="localhost"))
    assert done.verdict == "unreachable" and house.asked == [] and done.counts["retries"] == 0
    assert "the certificate of localhost is refused: the site sends it without the intermediate" in done.reason
    assert "billwatch certificates check localhost" in done.reason


def test_half_a_chain_is_accepted_once_its_other_half_is_pinned(house: House, pins: Path) -> None:
    MIDDLE.save(pins / "middle.pem")
    assert crawl(house, pins, issue("site", MIDDLE, ca=False, host="localhost")).verdict == "ok"


@pytest.mark.parametrize(("site", "said"), [
    (issue("site", MIDDLE, ca=False, host="elsewhere.example"), "made out to another host"),
    (issue("site", MIDDLE, ca=False, host="localhost", days=-1), "it has expired"),
    (issue("site", STRANGE_MIDDLE, ca=False, host="localhost"), "without the intermediate that vouches for it"),
    (issue("site", ca=False, host="localhost"), "vouches for itself"),
], ids=["another host", "expired", "a stranger's", "self-signed"])
def test_what_no_intermediate_can_mend_is_refused_whatever_is_pinned(
        house: House, pins: Path, site: Holder, said: str) -> None:
    for number, one in enumerate((MIDDLE, STRANGE_MIDDLE, STRANGER, site)):
        one.save(pins / f"{number}.pem")
    done = crawl(house, pins, site)
    assert done.verdict == "unreachable" and said in done.reason and house.asked == []


def test_an_intermediate_counts_only_if_a_root_vouches_for_it(pins: Path) -> None:
    site = issue("site", MIDDLE, ca=False, host="localhost")
    below = issue("Below", MIDDLE)
    for name, one in (("a", below), ("b", MIDDLE), ("c", STRANGE_MIDDLE), ("d", STRANGER), ("e", site),
                      ("f", issue("Old", ROOT, days=-1))):
        one.save(pins / f"{name}.pem")
    (pins / "g.pem").write_text("no certificate")
    faults = {p.path.stem: p.fault for p in trust.pinned([pins], trust.roots())}
    assert faults["a"] is None and faults["b"] is None
    words = {"c": "vouched for by nobody", "d": "a root is never pinned", "e": "a site's own", "f": "is valid from",
             "g": "cannot be read"}
    assert {k: w in str(faults[k]) for k, w in words.items()} == dict.fromkeys(words, True)


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(pins: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("BILLWATCH_HOME", str(pins.parent))

    def run(*words: str) -> tuple[int, Any]:
        done = CliRunner().invoke(app, ["certificates", *words, "--json"], catch_exceptions=False)
        return done.exit_code, json.loads(done.stdout)

    return run


@pytest.fixture
def issuers() -> Iterator[tuple[str, dict[str, bytes]]]:
    """An address under which certificates lie, as certificates name it."""
    files: dict[str, bytes] = {}

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", files
    server.shutdown()
    server.server_close()


def test_the_missing_half_is_fetched_from_where_the_site_says_it_lies(
        house: House, pins: Path, run: Any, issuers: tuple[str, dict[str, bytes]]) -> None:
    address, files = issuers
    files["/middle.der"] = MIDDLE.der
    site = issue("site", MIDDLE, ca=False, host="localhost", issuer_at=f"{address}/middle.der")
    with serving(handler(house), site, folder=pins.parents[1]) as port:
        status, told = run("check", f"localhost:{port}")
        assert status == 1 and told["sites"][0]["missing"] == f"{address}/middle.der"
        status, added = run("add", "--host", f"localhost:{port}")
        assert status == 0 and [a["subject"] for a in added] == ["CN=Lantern Intermediate"]
        status, told = run("check", f"https://localhost:{port}/")
        assert status == 0 and told["sites"][0]["fault"] is None and len(told["pinned"]) == 1


def test_a_forged_half_is_not_pinned(
        house: House, pins: Path, run: Any, issuers: tuple[str, dict[str, bytes]]) -> None:
    address, files = issuers
    files["/middle.der"] = issue("Lantern Intermediate", issue("Lantern Root")).der
    site = issue("site", MIDDLE, ca=False, host="localhost", issuer_at=f"{address}/middle.der")
    with (serving(handler(house), site, folder=pins.parents[1]) as port,
          pytest.raises(ConfigError, match=r"vouched for by nobody|does not say where")):
        run("add", "--host", f"localhost:{port}")
    assert not pins.exists()


def test_a_file_is_pinned_only_if_it_is_an_intermediate_of_a_root(tmp_path: Path, pins: Path, run: Any) -> None:
    assert run("add", str(MIDDLE.save(tmp_path / "m.pem")))[0] == 0
    assert [p.fault for p in trust.pinned([pins], trust.roots())] == [None]
    for one, said in ((STRANGE_MIDDLE, "vouched for by nobody"), (STRANGER, "a root is never pinned")):
        with pytest.raises(ConfigError, match=said):
            run("add", str(one.save(tmp_path / "x.pem")))
