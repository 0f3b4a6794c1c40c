"""The desk in a real browser: narrow screens, no script, keyboard only, one cookie."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.browser.test_site_in_a_browser import CHROMIUM, CONTRAST, FLAGS
from tests.tracker.web.sample import NASTY, NOW, open_sample
from tracker.app import Services
from tracker.model import Role
from tracker.web.serve import run

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
PASSWORD = "seven lanterns at dusk"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Services]]:
    services = open_sample(tmp_path_factory.mktemp("desk"))
    services.entrance.add("ada", [Role.EDITOR], PASSWORD, NOW)
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


def sign_in(page, base: str) -> None:
    page.goto(f"{base}/desk")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Review"


@pytest.mark.parametrize("width", [320, 1024])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_desk_scrolls_sideways_and_all_words_stand_out(site, browser, width: int, scheme: str):
    base, _ = site
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    page.goto(f"{base}/desk/login")
    first = page.evaluate("document.documentElement.scrollWidth")
    sign_in(page, base)
    flag = page.locator(".flags a").first.get_attribute("href")
    for path in ("/desk", "/desk?show=all", flag, "/desk/account"):
        page.goto(base + path)
        assert max(first, page.evaluate("document.documentElement.scrollWidth")) <= width, path
        weak = page.evaluate(CONTRAST)
        assert weak == [], f"{path}: {weak}"
    assert complaints == []
    assert [(c["name"], c["httpOnly"], c["sameSite"], c["expires"]) for c in context.cookies()] == [
        ("desk", True, "Strict", -1)]
    context.close()


def test_a_flag_is_rejected_with_the_keyboard_alone_and_without_script(site, browser):
    base, _ = site
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/desk")
    page.get_by_label("Name").focus()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    link = page.locator(".flags a").first
    assert link.get_attribute("href").startswith("/desk/flags/")
    link.focus()
    page.keyboard.press("Enter")
    page.get_by_label("is right").focus()
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("is wrong").is_checked()
    for _ in range(3):  # past the two selects, to the reason
        page.keyboard.press("Tab")
    page.keyboard.type("It only names streets.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "Kept." in page.get_by_role("status").inner_text()
    page.goto(f"{base}/{NASTY}")
    assert "We flagged this by mistake" in page.content() and "ada" not in page.inner_text("main").split()
    page.goto(f"{base}/desk")
    page.get_by_role("button", name="Sign out").click()
    assert context.cookies() == []
    page.goto(f"{base}/desk")
    assert page.get_by_role("heading", level=1).inner_text() == "Sign in"
    context.close()
