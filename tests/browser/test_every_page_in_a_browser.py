"""Every page in each of its states, opened wide, to axe: in light and dark, in every language, on a small phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.test_site_in_a_browser import AXE, CHROMIUM, FLAGS, RULES
from tests.tracker.web.walk import Pages, walk
from tracker.web.press import load_assets

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make node")
SITE = "http://site.test"
# The scheme changes colours alone, the language words alone: no need to ask everything of every pair.
TURNS = [("en", "light", {"runOnly": RULES}), ("en", "dark", {"runOnly": ["color-contrast"]}),
         ("es", "light", {"runOnly": RULES, "rules": {"color-contrast": {"enabled": False}}})]


# What can be tapped and is less than 24 px high, or no link inside of a line and less than 24 px wide.
SMALL = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter(one => {
  const box = one.getBoundingClientRect(), inline = getComputedStyle(one).display === 'inline';
  return box.width && !one.matches('.skip') && (box.height < 23.9 || (!inline && box.width < 23.9));
}).map(one => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pages]:
    return {language: walk(tmp_path_factory.mktemp(f"walk-{language}"), language) for language in ("en", "es")}


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.mark.parametrize(("language", "scheme", "options"), TURNS, ids=[f"{x[0]}-{x[1]}" for x in TURNS])
def test_axe_finds_nothing_nothing_scrolls_sideways_and_no_other_host_is_asked(pages, browser, language, scheme,
                                                                               options):
    assets, foreign, found = load_assets(), list[str](), dict[str, object]()
    context = browser.new_context(color_scheme=scheme, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.set_default_timeout(60_000)

    def answer(route) -> None:
        url = route.request.url
        name = url.removeprefix(f"{SITE}/static/").partition("?")[0]
        if name in assets:
            route.fulfill(body=assets[name].body, content_type=assets[name].media_type)
        elif url.startswith(SITE):
            route.fulfill(body=shown, content_type="text/html; charset=utf-8")
        else:
            foreign.append(url)
            route.abort()

    page.route("**/*", answer)
    axe = Path(AXE).read_text(encoding="utf-8") + ";0"
    for number, (name, shown) in enumerate(pages[language].items()):  # noqa: B007 - `answer` reads it
        if scheme == "dark" and name.endswith("as mail"):
            continue  # a message brings no ground of its own, and axe takes the browser's dark one for white
        page.goto(f"{SITE}/{number}")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        for size in ("200%", ""):  # who sees little has the browser write twice as large
            page.evaluate("size => document.documentElement.style.fontSize = size", size)
            if (needed := page.evaluate("document.documentElement.scrollWidth")) > 320:
                found[f"{name} is wide {size}"] = needed
        if not name.endswith("as mail") and (small := page.evaluate(SMALL)):
            found[f"{name} has small targets"] = small
        page.evaluate(axe)
        told = page.evaluate("options => axe.run(document, options)", options)
        if told["violations"]:
            found[name] = [(v["id"], v["nodes"][0]["html"][:200]) for v in told["violations"]]
    context.close()
    assert found == {} and foreign == []
