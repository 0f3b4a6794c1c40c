"""Calendars: one id for life, a number that grows, never a wrong time; read by three programs that are not ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.happenings import NOW, SITE, happening
from fakes.memory import MemoryLog
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from digests.channels.agenda import render_calendar
from digests.channels.clock_times import moment_of, read_times
from digests.channels.feeds import FeedSpec
from digests.channels.sieve import Sieve
from digests.speech import speech_of
from tracker.model import Event, EventKind, Filter, IngestMode, Topic

TODAY = date(2031, 3, 6)
BILL = FeedSpec("bill", "xx/31/hb-7")
GOLDEN = Path(__file__).parents[1] / "golden"
ICAL_JS = Path(__file__).parents[2] / ".node/node_modules/ical.js"
SET, MOVED, OFF = EventKind.HEARING_SCHEDULED, EventKind.HEARING_CHANGED, EventKind.HEARING_CANCELLED


def hearing(seq: int, kind: EventKind = SET, **data: Any) -> Event:
    return happening(seq, kind, recorded_at=NOW - timedelta(days=1) + timedelta(minutes=seq), **data)


def story() -> list[Event]:
    """What a calendar must tell: exact, in words, without time, moved, cancelled, a step to come, hostile."""
    return [
        hearing(1, key="exact", date="2031-03-20", time="1:30 p.m. - 3 p.m.", zone="America/Chicago",
                place="Room 4, East"),
        hearing(2, key="words", date="2031-03-21", time="2 pm or upon adjournment", zone="America/Chicago"),
        hearing(3, key="none", date="2031-03-22", time=None, zone=None, place=None, committee=None),
        hearing(4, key="moved", date="2031-03-23", time="09:00", zone="Europe/London"),
        hearing(5, MOVED, key="moved", date="2031-04-23", time="14:00", zone="Europe/London",
                before={"date": "2031-03-23", "time": "09:00", "zone": "Europe/London", "place": "Room 4"}),
        hearing(6, key="off", date="2031-03-24", time="noon", zone="America/Chicago"),
        hearing(7, OFF, key="off", date="2031-03-24", time="noon", zone="America/Chicago"),
        happening(8, occurred_on=date(2031, 5, 1), description="Takes effect", date="2031-05-01",
                  recorded_at=NOW - timedelta(hours=1)),
        hearing(9, key="nasty", date="2031-03-25", time="10:00", zone="America/Chicago", url="javascript:alert(1)",
                place="A\r\nBEGIN:VALARM\r\n, B; C\\", description="Bills; \"x\", y\nEND:VEVENT \u202e é " + "ñ" * 90),
    ]


def calendar(events: list[Event], spec: FeedSpec = BILL, today: date = TODAY, **more: Any) -> bytes:
    return render_calendar(spec, MemoryLog(events), SITE, today, **more).body


def components(body: bytes) -> dict[str, Any]:
    found = Calendar.from_ical(body).events
    assert not [problem for one in found for problem in one.errors]
    return {str(c["uid"]): c for c in found}


# --- times ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("raw", "expected"), [
    ("1:30 p.m.", (time(13, 30), None)), ("2 PM", (time(14), None)), ("12:00 p.m.", (time(12), None)),
    ("14:00", (time(14), None)), ("09:30", (time(9, 30), None)), ("12 noon", (time(12), None)),
    ("Noon", (time(12), None)), ("9 am - 11:30 am", (time(9), time(11, 30))),
    ("1:00 PM to 3:00 PM", (time(13), time(15))),
    ("at 8:00 A.M.", (time(8), None)), ("12:15 am", (time(0, 15), None)),
])
def test_a_time_that_can_mean_one_thing_only_is_read(raw: str, expected: tuple[time, time | None]) -> None:
    assert read_times(raw) == expected


@pytest.mark.parametrize("raw", [
    None, "", "2 pm or upon adjournment", "upon recess", "TBD", "9:30", "9", "00:00", "12:00 AM", "13 pm", "25:00",
    "2 pm EST", "10:00 AM / 2:00 PM", "11 am - 9 am", "half past two", "after session", "1:75 pm", "2 pm*",
])
def test_any_other_time_is_left_to_the_venues_words(raw: str | None) -> None:
    assert read_times(raw) is None


@pytest.mark.parametrize(("on", "at"), [(date(2031, 3, 9), time(2, 30)), (date(2031, 11, 2), time(1, 30))])
def test_an_hour_that_the_clock_skips_or_has_twice_is_no_moment(on: date, at: time) -> None:
    assert moment_of(on, at, "America/Chicago") is None
    assert moment_of(on, time(9), "America/Chicago") is not None


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus", "America", "../etc/passwd", "CDT?"])
def test_without_a_known_zone_there_is_no_moment(zone: str | None) -> None:
    assert moment_of(TODAY, time(9), zone) is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.text(max_size=20))
def test_no_text_at_all_breaks_a_calendar(raw: str, zone: str) -> None:
    found = components(calendar([hearing(1, time=raw, zone=zone, description=raw, place=zone)]))
    assert len(found) == 1


# --- what stands in it ------------------------------------------------------------------------------------------------


def test_an_exact_time_stands_in_the_venues_zone_and_the_zone_is_described() -> None:
    body = calendar(story())
    exact = next(c for c in components(body).values() if c.get("location") == "Room 4, East")
    assert exact["dtstart"].params["TZID"] == "America/Chicago"
    assert exact.start.astimezone(UTC) == datetime(2031, 3, 20, 18, 30, tzinfo=UTC)  # daylight saving
    assert exact.end - exact.start == timedelta(minutes=90)
    assert {str(z["tzid"]) for z in Calendar.from_ical(body).timezones} == {"America/Chicago", "Europe/London"}


def test_a_time_in_words_is_the_whole_day_with_the_words() -> None:
    found = {str(c["summary"]).removeprefix("HB 7: "): c for c in components(calendar(story())).values()}
    words = found["Public hearing (2 pm or upon adjournment)"]
    assert words.start == date(2031, 3, 21) and "2 pm or upon adjournment (America/Chicago)" in words["description"]
    none = found["Public hearing (time not given)"]
    assert none.start == date(2031, 3, 22) and "location" not in none


def test_a_moved_hearing_keeps_its_id_and_its_number_grows() -> None:
    before, after = components(calendar(story()[:4])), components(calendar(story()[:5]))
    assert set(before) == set(after)
    grown = [uid for uid in after if after[uid]["sequence"] != before[uid]["sequence"]]
    assert len(grown) == 1 and (before[grown[0]]["sequence"], after[grown[0]]["sequence"]) == (0, 1)
    assert after[grown[0]]["dtstart"].dt.date() == date(2031, 4, 23)
    assert after[grown[0]]["last-modified"].dt > before[grown[0]]["last-modified"].dt


def test_a_cancelled_hearing_stays_and_says_so_twice() -> None:
    off = next(c for c in components(calendar(story())).values() if c["status"] == "CANCELLED")
    assert str(off["summary"]).startswith("Cancelled: ") and off["sequence"] == 1


def test_a_hearing_that_is_set_again_after_it_was_cancelled_is_on() -> None:
    events = [*story(), hearing(10, MOVED, key="off", date="2031-03-26", time="noon", zone="America/Chicago")]
    again = [c for c in components(calendar(events)).values() if c["sequence"] == 2]
    assert [c["status"] for c in again] == ["CONFIRMED"]


def test_a_step_to_come_is_a_day_and_goes_when_it_is_taken_back() -> None:
    step = next(c for c in components(calendar(story())).values() if c.start == date(2031, 5, 1))
    assert "Takes effect" in step["summary"] and step["status"] == "CONFIRMED"
    gone = happening(10, EventKind.CORRECTION, of="action", after=None, recorded_at=NOW,
                     before={"description": "Takes effect", "date": "2031-05-01"})
    late = happening(10, EventKind.CORRECTION, of="action", recorded_at=NOW,
                     before={"description": "Takes effect", "date": "2031-05-01"},
                     after={"description": "Takes effect", "date": "2031-06-01"})
    found = [c for c in components(calendar([*story(), gone])).values() if c.start == date(2031, 5, 1)]
    assert [c["status"] for c in found] == ["CANCELLED"]
    moved = {c.start: c["status"] for c in components(calendar([*story(), late])).values()}
    assert moved[date(2031, 5, 1)] == "CANCELLED" and moved[date(2031, 6, 1)] == "CONFIRMED"


def test_hostile_words_stay_words() -> None:
    nasty = next(c for c in components(calendar(story())).values() if "Bills;" in c["summary"])
    assert "\n" not in nasty["summary"] and nasty["location"] == "A BEGIN:VALARM , B; C\\"
    assert "javascript" not in nasty.to_ical().decode() and not nasty.subcomponents
    assert all(len(line) <= 75 for line in calendar(story()).split(b"\r\n"))


def test_what_is_long_over_leaves_and_what_was_found_by_the_first_crawl_is_there() -> None:
    events = [hearing(1, key="old", date="2030-11-01"), hearing(2, key="lately", date="2031-02-01"),
              happening(3, SET, key="found", date="2031-03-20", mode=IngestMode.BACKFILL)]
    assert sorted(c.start for c in components(calendar(events)).values()) == [date(2031, 2, 1), date(2031, 3, 20)]


def test_equal_logs_give_equal_bytes_and_the_calendar_names_itself() -> None:
    one, two = (render_calendar(BILL, MemoryLog(story()), SITE, TODAY) for _ in range(2))
    assert one == two and one.media_type.startswith("text/calendar")
    head = Calendar.from_ical(one.body)
    assert head["x-wr-calname"] == head["name"] == "billwatch: HB 7"
    assert head["refresh-interval"].td == timedelta(hours=1) and head["refresh-interval"].params["VALUE"] == "DURATION"
    assert head["source"] == "https://watch.example.org/feeds/bill/xx/31/hb-7.ics"
    empty = render_calendar(BILL, MemoryLog([]), SITE, TODAY)
    assert Calendar.from_ical(empty.body).events == [] and empty.last_modified.year == 2000


def test_it_speaks_the_language_of_its_address() -> None:
    body = calendar(story(), speech=speech_of("es")).replace(b"\r\n ", b"").decode()
    assert "Cancelada: " in body and "?lang=es" in body


# --- which hearings ---------------------------------------------------------------------------------------------------


def elsewhere() -> list[Event]:
    """A hearing is set before the text comes and is flagged; another bill is of another place and topic."""
    early = hearing(1, topics=(), key="early")
    flagged = happening(2, EventKind.FLAG_RAISED, topics=(Topic.WORKER_RIGHTS,), topic="worker-rights",
                        subtopic="labour", effect="advances")
    other = hearing(3, bill="yy/5/sb-1", jurisdiction="yy", topics=(Topic.CRIMINALIZATION,), key="other")
    dull = hearing(4, bill="xx/31/hb-8", topics=(), key="dull")
    return [early, flagged, other, dull]


@pytest.mark.parametrize(("spec", "bills"), [
    (FeedSpec("all"), {"xx/31/hb-7", "yy/5/sb-1"}),
    (FeedSpec("topic", "worker-rights"), {"xx/31/hb-7"}),
    (FeedSpec("subtopic", "worker-rights/labour"), {"xx/31/hb-7"}),
    (FeedSpec("subtopic", "worker-rights/entertainer-safety"), set()),
    (FeedSpec("jurisdiction", "yy"), {"yy/5/sb-1"}),
    (FeedSpec("effect", "advances"), {"xx/31/hb-7"}),
    (FeedSpec("bill", "xx/31/hb-8"), {"xx/31/hb-8"}),
    (FeedSpec("committee", "yy/light"), {"yy/5/sb-1"}),
    (FeedSpec("saved", "x" * 43, Filter(topics=(Topic.CRIMINALIZATION,))), {"yy/5/sb-1"}),
    (FeedSpec("saved", "x" * 43, Filter(words="lanterns")), {"xx/31/hb-7", "xx/31/hb-8", "yy/5/sb-1"}),
])
def test_a_calendar_has_the_hearings_of_bills_as_they_are_today(spec: FeedSpec, bills: set[str]) -> None:
    found = Calendar.from_ical(calendar(elsewhere(), spec)).events
    assert {str(c["url"]).removeprefix("https://watch.example.org/") for c in found} == bills


def test_a_sieve_that_saw_the_log_grow_gives_what_a_new_one_gives() -> None:
    log, events = MemoryLog([]), [*story(), *(happening(n, SET, key=f"k{n}") for n in range(10, 30))]
    sieve = Sieve(log)
    for n, event in enumerate(events):
        log.all.append(event)
        if n % 4 == 0:
            grown = render_calendar(FeedSpec("topic", "worker-rights"), sieve, SITE, TODAY)
            assert grown == render_calendar(FeedSpec("topic", "worker-rights"), MemoryLog(log.all), SITE, TODAY)


# --- other programs ---------------------------------------------------------------------------------------------------


def test_the_calendar_of_the_story_is_the_one_that_people_have_read(request: pytest.FixtureRequest) -> None:
    body, golden = calendar(story()), GOLDEN / "story.ics"
    if request.config.getoption("--update-golden"):
        golden.write_bytes(body)
    assert body == golden.read_bytes(), "read the difference; then --update-golden"


def test_calcurse_imports_every_hearing(tmp_path: Path) -> None:
    calcurse = shutil.which("calcurse")
    if calcurse is None:
        pytest.skip("calcurse is not installed (Debian package calcurse)")
    file = tmp_path / "story.ics"
    file.write_bytes(calendar(story()))
    (tmp_path / "data").mkdir()
    done = subprocess.run([calcurse, "-q", "-D", tmp_path / "data", "-i", file], check=False, timeout=60,
                          capture_output=True, text=True,
                          env={"HOME": str(tmp_path), "LANG": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stderr
    kept = (tmp_path / "data/apts").read_text().splitlines()
    assert len(kept) == 7, (kept, done.stdout, done.stderr)
    assert any(line.startswith("03/20/2031 @ 18:30 -> 03/20/2031 @ 20:00") for line in kept)
    assert any(line.startswith("03/21/2031 [1]") and "upon adjournment" in line for line in kept)


READ_BY_ICAL_JS = """
const ICAL = (await import(process.argv[2])).default;
let text = ''; for await (const part of process.stdin) text += part;
const root = new ICAL.Component(ICAL.parse(text));
for (const zone of root.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
console.log(JSON.stringify(root.getAllSubcomponents('vevent').map(v => new ICAL.Event(v)).map(e => ({
  uid: e.uid, sequence: e.sequence, summary: e.summary, location: e.location, day: e.startDate.isDate,
  at: e.startDate.isDate ? e.startDate.toString() : e.startDate.toJSDate().toISOString(),
  status: e.component.getFirstPropertyValue('status') }))));
"""


def test_ical_js_reads_the_same_moments_words_and_numbers(tmp_path: Path) -> None:
    module, node = ICAL_JS / "dist/ical.js", shutil.which("node")
    if node is None or not module.exists():
        pytest.skip("ical.js is not installed: make node")
    script = tmp_path / "read.mjs"
    script.write_text(READ_BY_ICAL_JS)
    body = calendar(story())
    done = subprocess.run([node, script, module.resolve().as_uri()], input=body, check=True, timeout=60,
                          capture_output=True, env={"TZ": "Asia/Tokyo", "PATH": "/usr/bin:/bin"})
    theirs = {found["uid"]: found for found in json.loads(done.stdout)}
    ours = {str(c["uid"]): c for c in Calendar.from_ical(body).events}
    assert set(theirs) == set(ours) and len(ours) == 7
    for uid, mine in ours.items():
        found, start = theirs[uid], mine.start
        assert (found["summary"], found["sequence"], found["status"]) == (
            str(mine["summary"]), mine["sequence"], str(mine["status"]))
        assert (found["location"] or "") == str(mine.get("location", ""))
        if isinstance(start, datetime):
            assert found["at"] == start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        else:
            assert found["day"] and found["at"] == start.isoformat()
