"""Pages of a reader, in both languages: no barrier that axe knows, valid HTML, one narrow screen, no other host."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digests.readers.sealing import leave_token
from tests.browser.test_site_in_a_browser import PAGES, browser, site, sync_api  # noqa: F401 - fixtures
from tracker.app import Services
from tracker.model import Cadence, Filter, Subscription, Topic

NODE = Path(__file__).resolve().parents[1] / ".node/node_modules"
AXE, VNU = NODE / "axe-core/axe.min.js", NODE / "vnu-jar/build/dist/vnu.jar"
LANGUAGES = ("en", "es")


@pytest.fixture(scope="module")
def personal(site: tuple[str, Services]) -> Iterator[tuple[str, ...]]:  # noqa: F811
    """The pages behind a reader's links."""
    _, services = site
    keys, now = services.keys, services.clock()
    wish = Filter(topics=(Topic.WORKER_RIGHTS,), words="lantern")
    services.ledger.add(Subscription("reader", keys.seal("a@reader.example", "reader"), b"index", wish, Cadence.DAILY,
                                     "UTC", 8, 0, 0, now, now, None, keys.stored_token("reader")))
    token = keys.manage_token("reader")
    yield (f"/manage/{token}", f"/u/{leave_token(token)}", "/confirm/abc", "/manage/abc")
    services.ledger.delete("reader")


def addressed(paths: tuple[str, ...], language: str) -> list[str]:
    return [f"{path}{'&' if '?' in path else '?'}lang={language}" for path in paths]


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_barrier_and_nothing_leads_elsewhere(site, browser, personal, language: str):  # noqa: F811
    if not AXE.exists():
        pytest.skip("axe-core is absent: make node")
    base, _ = site
    context = browser.new_context(viewport={"width": 320, "height": 640}, bypass_csp=True)
    page, hosts, found = context.new_page(), set(), {}
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    for path in addressed((*PAGES, *personal), language):
        page.goto(base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.evaluate(AXE.read_text())
        broken = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target)))")
        if broken:
            found[path] = broken
    assert found == {}
    assert hosts == {urlsplit(base).netloc} and context.cookies() == []
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_nu_checker_finds_no_error(site, browser, personal, language: str, tmp_path: Path):  # noqa: F811
    if not VNU.exists():
        pytest.skip("the Nu HTML checker is absent: make node")
    base, _ = site
    context = browser.new_context()
    for number, path in enumerate(addressed((*PAGES, *personal), language)):
        (tmp_path / f"{number:02}.html").write_bytes(context.request.get(base + path).body())
    context.close()
    done = subprocess.run(["java", "-jar", str(VNU), "--format", "json", "--errors-only", str(tmp_path)],
                          capture_output=True, timeout=240, check=False)
    # Addresses of legislatures are shown as those write them, blanks and all.
    said = [f"{Path(m.get('url', '')).name} {m['message']} {m.get('extract', '')}"
            for m in json.loads(done.stderr)["messages"] if "https://legislature.example/" not in m["message"]]
    assert said == [], "\n".join(said)
