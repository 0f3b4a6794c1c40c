"""The site in a real browser: narrow screens, no script, no other host, keyboard only."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.tracker.web.revised import REVISED, add_revised
from tests.tracker.web.sample import PLAIN, Postbox, bad_run, open_sample
from tracker.app import Services
from tracker.web.serve import run

CHROMIUM = next((p for p in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"))
                 if p.exists()), None)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
if CHROMIUM is None:
    pytest.skip("no chromium on this machine: apt-get install chromium", allow_module_level=True)

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
PAGES = ("/", "/bills", f"/{PLAIN}", f"/{PLAIN}/text/ih", f"/{REVISED}/compare/ih..eh",
         f"/{REVISED}/compare/ih..eh?show=side", "/topics", "/topics/decriminalization",
         "/week", "/overview", "/calendar?month=2031-05", "/xx", "/search", "/search?q=loiter*", "/feeds",
         "/subscribe", "/saved", "/unsave/abc", "/sources", "/about", "/privacy", "/protection", "/nope", "/u/abc")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Services]]:
    services = open_sample(tmp_path_factory.mktemp("home"))
    services.store.save_run(bad_run())
    add_revised(services.store)
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
    assert not server.is_alive()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_no_page_scrolls_sideways_or_asks_another_host(site, browser, width: int):
    base, _ = site
    hosts: set[str] = set()
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    for path in PAGES:
        page.goto(base + path)
        needed = page.evaluate("document.documentElement.scrollWidth")
        assert needed <= width, f"{path} needs {needed} px"
    assert hosts == {urlsplit(base).netloc}
    assert complaints == [] and context.cookies() == []
    context.close()


def test_paper_is_white_with_dark_ink_though_the_screen_is_dark(site, browser):
    base, _ = site
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{base}/overview")
    asked = "name => getComputedStyle(document.querySelector(name)).fill"
    dark = page.evaluate(asked, ".trough")
    page.emulate_media(media="print", color_scheme="dark")
    trough, bar = (sum(map(int, re.findall(r"\d+", page.evaluate(asked, name)))) for name in (".trough", ".bar"))
    assert dark != page.evaluate(asked, ".trough") and trough > 600 > 400 > bar
    context.close()


def test_signing_up_and_leaving_work_without_script(site, browser):
    base, services = site
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/topics/decriminalization")
    page.get_by_role("link", name="by mail").click()
    assert page.get_by_label("Decriminalization").is_checked()
    page.get_by_label("Your mail address").fill("ada@reader.example")
    page.get_by_label("Once a week").check()
    page.get_by_role("button", name="Next: see what you will get").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Look at your choice"
    page.get_by_role("button", name="Send me the confirmation").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Check your mail"
    postbox = services.mailer
    assert isinstance(postbox, Postbox)
    for _ in range(100):  # the message goes out after the answer
        if postbox.sent:
            break
        time.sleep(0.05)
    message, _ = postbox.sent[-1]
    token = re.search(r"/confirm/([\w.~-]+)", message.get_body(("plain",)).get_content())[1]
    page.goto(f"{base}/confirm/{token}")
    page.get_by_role("button").click()
    page.get_by_role("link", name="See or change").click()
    assert page.get_by_label("Once a week").is_checked()
    page.get_by_role("button", name="Stop and delete", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text() == "Done"
    assert list(services.ledger.confirmed()) == [] and context.cookies() == []
    context.close()


def test_a_fine_choice_is_made_looked_at_and_changed_on_a_small_screen(site, browser):
    base, _ = site
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/subscribe")
    assert not page.get_by_label("Sponsors, one name on each line").is_visible()
    page.get_by_text("More: words, people").click()
    page.get_by_label("Your mail address").fill("ada@reader.example")
    page.get_by_label("In titles, steps and findings").fill('"a very long row of words that never ends" OR fosta')
    page.get_by_label("Sponsors, one name on each line").fill("Somebody Unheardofwithoutanyspacesinthename")
    page.get_by_role("button", name="Next").click()
    for name in ("Change something", "Next: see what you will get"):
        _, right = _edges(page)
        assert right <= 320
        page.get_by_role("button", name=name).click()
    assert page.get_by_text("As we understood it").is_visible() and context.cookies() == []
    context.close()


def test_a_private_feed_is_made_and_ended_on_a_small_screen_without_script(site, browser):
    base, services = site
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/feeds")
    page.get_by_role("link", name="Make a feed of your own").click()
    page.get_by_label("Decriminalization").first.check()
    page.get_by_role("button", name="Next").click()
    assert page.get_by_text("Nothing is saved yet").is_visible()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Saved" and _edges(page)[1] <= 320
    links = [link.get_attribute("href") for link in page.locator("p.url a").all()]
    here = [base + urlsplit(link).path for link in links if not link.startswith("webcal:")]
    assert page.request.get(here[0]).ok and page.request.get(here[3]).text().startswith("BEGIN:VCALENDAR")
    page.goto(here[4])
    page.get_by_role("button", name="End and delete").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Ended"
    assert page.request.get(here[0]).status == 404 and services.saved.count() == 0 and context.cookies() == []
    context.close()


def _edges(page) -> tuple[float, float]:
    """Of all that is seen; scrollWidth needs a script."""
    boxes = [box for box in (e.bounding_box() for e in page.locator("main *:visible").all()) if box]
    return min(b["x"] for b in boxes), max(b["x"] + b["width"] for b in boxes)


def test_the_keyboard_reaches_the_content_the_main_links_and_the_first_bill_in_order(site, browser):
    base, _ = site
    page = browser.new_page()
    page.goto(base + "/")
    main = page.locator("header nav a").all_text_contents()
    links = page.locator("main a").all_text_contents()
    until = next(n for n, name in enumerate(links) if name.strip().startswith("HB 13"))
    assert {"Lately", "Bills", "Search", "Topics", "Feeds", "Get mail"} <= {*main}
    assert "What we know about each source" in links[:until]
    names = []
    for _ in range(2 + len(main) + until + 1):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.textContent").strip())
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", f"no visible focus on {names[-1]}"
    assert names == ["Skip to the content", "billwatch", *(name.strip() for name in (*main, *links[:until + 1]))]
    page.goto(base + "/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(site, browser, scheme: str):
    """WCAG AA, 4.5 to 1, measured on what the browser computed."""
    base, _ = site
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    for path in PAGES:
        page.goto(base + path)
        weak = page.evaluate(CONTRAST)
        assert weak == [], f"{path}: {weak}"
    context.close()


CONTRAST = """() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return {r: m[0], g: m[1], b: m[2], a: m[3] ?? 1}; };
  const lum = c => { const f = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
    return .2126 * f(c.r) + .7152 * f(c.g) + .0722 * f(c.b); };
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.a > 0) return c; } return {r: 255, g: 255, b: 255}; };
  const weak = [];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const a = lum(parse(getComputedStyle(e).color)), b = lum(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) weak.push(`${e.tagName} ${e.className} ${ratio.toFixed(2)}`);
  }
  return weak;
}"""

AXE = Path(__file__).parents[1] / ".node/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make node")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(site, browser, scheme: str):
    base, _ = site
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, viewport={"width": 390, "height": 800})
    page = context.new_page()
    found = {}
    for path in (*PAGES, "/bills?words=nosuchword", "/changes", "/alerts", "/saved", f"/{PLAIN}?as-of=2031-05-06",
                 "/calendar?lang=es", "/manage/abc", "/confirm/abc"):
        page.goto(base + path)
        page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
        told = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        if told["violations"]:
            found[path] = [(v["id"], v["nodes"][0]["html"][:200]) for v in told["violations"]]
    assert found == {}
    context.close()
