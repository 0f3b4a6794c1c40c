"""Alerts in a real browser: written by one, released by another, without script; pages at 320 px; one request host."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.test_site_in_a_browser import CHROMIUM, CONTRAST, FLAGS
from tests.tracker.web.sample import NASTY, NOW, open_sample
from tracker.app import Services
from tracker.model import Role
from tracker.web.serve import run

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
PASSWORD = "seven lanterns at dusk"
ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests/.node/node_modules/axe-core/axe.min.js"
WORDS = {"In one line": "Ask the committee to repeal", "What happens": "The committee votes on Friday.",
         "Why it matters": "Arrests hurt people.", "Who decides": "The Committee on Streets.",
         "How to reach them": "Call the office before noon.", "What you can say": "Hello, I ask you to vote for it."}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Services]]:
    services = open_sample(tmp_path_factory.mktemp("alerts"))
    services.entrance.add("ada", [Role.EDITOR], PASSWORD, NOW)
    services.entrance.add("bo", [Role.RELEASER], PASSWORD, NOW)
    stop, listening, address = threading.Event(), threading.Event(), []

    def heard(url: str) -> None:
        address.append(url)
        listening.set()

    server = threading.Thread(target=run, args=(services, "127.0.0.1", 0, heard, stop))
    server.start()
    assert listening.wait(20)
    yield address[0], services
    stop.set()
    server.join(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


def sign_in(page, base: str, name: str) -> None:
    page.goto(f"{base}/desk")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def write(page, base: str) -> str:
    """The path of a new draft."""
    page.goto(f"{base}/desk/alerts")
    page.get_by_role("link", name="Write an alert").click()
    page.get_by_label("Legislature", exact=True).select_option("xx")
    page.get_by_label("Bills, one on each line").fill(NASTY)
    page.get_by_label("Decriminalization").check()
    page.get_by_label("Time zone of the venue").select_option("America/Los_Angeles")
    page.get_by_label("Deadline", exact=True).fill("2031-05-09T17:00")
    page.get_by_label("The deadline in the legislature's own words").fill("Friday 5 pm or upon adjournment")
    for label, words in WORDS.items():
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_role("button", name="Keep as a draft").click()
    assert page.get_by_role("status").inner_text() == "Done: written."
    return str(page.url.partition("?")[0])


def test_one_writes_another_releases_and_a_reader_sees_it_without_script(site, browser):
    base, services = site
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, base, "ada")
    draft = write(page, base)
    page.get_by_role("button", name="Submit for release").click()
    assert "You cannot release it" in page.inner_text("main")
    assert page.get_by_role("button", name="Release", exact=True).count() == 0
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, base, "bo")
    page.goto(draft)
    page.get_by_role("link", name="Preview as page, mail and feed entry").click()
    assert "A message that cannot wait" in page.inner_text("main")
    page.goto(draft)
    button = page.get_by_role("button", name="Release", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("status").inner_text() == "Done: released."

    reader = browser.new_context(java_script_enabled=False)
    asked: list[str] = []
    public = reader.new_page()
    public.on("request", lambda request: asked.append(request.url))
    public.goto(f"{base}/alerts")
    public.get_by_role("link", name=WORDS["In one line"]).click()
    assert "Closes in 3 days, Friday 17:00 (Pacific Time)" in public.inner_text("main")
    assert reader.cookies() == [] and all(url.startswith(base) for url in asked)
    assert services.alerts.all()[0].public == 1
    page.get_by_role("button", name="Withdraw").click()
    public.reload()
    assert public.get_by_role("heading", level=1).inner_text() == "This was withdrawn"
    reader.close()
    context.close()


@pytest.mark.parametrize("width", [320, 1024])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_alerts_scrolls_sideways_words_stand_out_and_axe_finds_nothing(site, browser, width: int, scheme):
    base, services = site
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    sign_in(page, base, "ada")
    draft = write(page, base)
    page.get_by_role("button", name="Submit for release").click()
    identity = draft.rpartition("/")[2]
    bo = services.entrance.acting("bo")
    services.alerts.act(identity, 1, "release", bo, services.clock())
    pictures = os.environ.get("BILLWATCH_PICTURES")
    for path in ("/alerts", f"/alerts/{identity}", "/desk/alerts", f"/desk/alerts/{identity}", "/desk/alerts/new",
                 f"/desk/alerts/{identity}/edit", f"/desk/alerts/{identity}/preview", "/feeds"):
        page.goto(base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        weak = page.evaluate(CONTRAST)
        assert weak == [], f"{path}: {weak}"
        if AXE.exists():
            page.evaluate(AXE.read_text())
            found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))")
            assert found == [], f"{path}: {found}"
        if pictures:
            name = path.strip("/").replace(identity, "one").replace("/", "-")
            page.screenshot(path=f"{pictures}/{name}-{width}-{scheme}.png", full_page=True)
    context.close()
