"""Alerts as files for a file host: only inside their window, in each language, and gone when they are over."""

from __future__ import annotations

import gzip
import subprocess
from datetime import timedelta
from pathlib import Path

import icalendar
import pytest

from tests.tracker.alerts.sample import DEADLINE, corrected, released, submitted, text, withdrawn, written
from tests.tracker.web.sample import NOW
from tracker.files.feed_files import build

ROOT = Path(__file__).resolve().parents[3]
SAID = "It would repeal loitering."


@pytest.fixture
def root(tmp_path):
    return tmp_path / "out"


def pages(root):
    return sorted(p.name for p in (root / "alerts").glob("*") if p.suffix != ".gz")


def feeds(root):
    return [(root / f"feeds/alerts.{fmt}").read_text() for fmt in ("atom", "rss", "json")]


def test_an_open_alert_has_a_page_a_language_a_calendar_and_its_feeds(services, root):
    alert = released(services)
    built = build(services, root)
    assert pages(root) == [f"{alert.id}.es.html", f"{alert.id}.html", f"{alert.id}.ics"]
    english, spanish = ((root / "alerts" / f"{alert.id}{end}").read_text() for end in (".html", ".es.html"))
    assert SAID in english and "&lt;b&gt;to&lt;/b&gt;" in english and "<b>to</b>" not in english
    assert '<html lang="es">' in spanish and f'href="{alert.id}.html"' in spanish and "Pida al comité" in spanish
    assert all(SAID in feed for feed in feeds(root))
    assert built.build_again_at == DEADLINE
    for file in (root / "alerts").glob("*.gz"):
        assert gzip.decompress(file.read_bytes()) == file.with_suffix("").read_bytes()
    assert build(services, root).written == 0


@pytest.mark.parametrize("state", ["draft", "submitted", "embargoed"])
def test_what_readers_may_not_see_yet_has_no_file(services, root, state):
    made = {"draft": lambda: written(services), "submitted": lambda: submitted(services, written(services)),
            "embargoed": lambda: released(services, text(not_before=NOW + timedelta(hours=2)))}[state]()
    built = build(services, root)
    assert pages(root) == [] and not any(made.id in feed or SAID in feed for feed in feeds(root))
    assert built.build_again_at == (NOW + timedelta(hours=2) if state == "embargoed" else None)


def test_what_is_over_says_so_in_the_very_files_that_called_to_act(services, root, clock):
    alert = released(services)
    build(services, root)
    clock.now = DEADLINE
    build(services, root)
    assert pages(root) == [f"{alert.id}.es.html", f"{alert.id}.html"]
    for name in pages(root):
        page = (root / "alerts" / name).read_text()
        assert "loitering" not in page and "derogue" not in page and "noindex" in page
    assert "It was too late to act on this after" in (root / f"alerts/{alert.id}.html").read_text()
    assert not any(SAID in feed for feed in feeds(root))
    clock.now = DEADLINE + timedelta(days=31)
    build(services, root)
    assert list((root / "alerts").iterdir()) == []


def test_a_withdrawn_alert_is_taken_back_in_page_feed_and_calendar(services, root, clock):
    alert = released(services)
    build(services, root)
    clock.now += timedelta(minutes=5)
    withdrawn(services, alert)
    build(services, root)
    page = (root / f"alerts/{alert.id}.html").read_text()
    assert "Please do nothing more because of it." in page and SAID not in page
    [event] = icalendar.Calendar.from_ical((root / f"alerts/{alert.id}.ics").read_bytes()).events
    assert event["STATUS"] == "CANCELLED"
    assert all("withdrawn" in feed.lower() and SAID not in feed for feed in feeds(root))


def test_a_correction_under_embargo_takes_the_page_away_until_then(services, root, clock):
    alert = released(services)
    build(services, root)
    corrected(services, alert, not_before=NOW + timedelta(hours=3))
    build(services, root)
    assert SAID not in (root / f"alerts/{alert.id}.html").read_text()
    clock.now = NOW + timedelta(hours=3)
    build(services, root)
    page = (root / f"alerts/{alert.id}.html").read_text()
    assert SAID in page and "The hour was wrong." in page


def test_the_pages_are_valid_html(services, root, clock):
    jar = ROOT / "tests/.node/node_modules/vnu-jar/build/dist/vnu.jar"
    if not jar.exists():
        pytest.skip("the Nu checker is not installed: make browser")
    released(services)
    build(services, root)
    over = released(services, text(not_after=NOW + timedelta(minutes=1)))
    build(services, root)
    clock.now += timedelta(minutes=2)
    build(services, root)
    assert len(pages(root)) == 5 and "This is over" in (root / f"alerts/{over.id}.html").read_text()
    done = subprocess.run(["java", "-jar", jar, *(root / "alerts").glob("*.html")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
