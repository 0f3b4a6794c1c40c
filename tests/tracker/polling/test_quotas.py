"""One key, one quota: what is left of it, who draws on it, and that nobody is asked without a key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient

from spiders.discovery import thin
from tracker import jobs
from tracker.app import Services
from tracker.errors import ConfigError
from tracker.locks import Busy, only_one
from tracker.model import IngestMode, Run, RunVerdict, VerdictKind
from tracker.polling import crawling
from tracker.polling.quotas import (
    Ration,
    all_rations,
    awake,
    chosen,
    environment,
    pool_of,
    rations,
    spendable,
    wants_key,
)
from tracker.polling.watching import survey
from tracker.settings import load_settings
from tracker.web.app import create_app

NOW = datetime(2185, 3, 20, 12, tzinfo=UTC)


def run(source: str, days_ago: float, requests: int, mode: IngestMode = IngestMode.LIVE) -> Run:
    at = NOW - timedelta(days=days_ago)
    return Run(f"{source}-{days_ago}", source, mode, at, at, RunVerdict(VerdictKind.OK, "well"), {"requests": requests})


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEGISCAN", "OPENSTATES", "US_OH", "US_NY"):
        monkeypatch.delenv(f"BILLWATCH_KEY_{name}", raising=False)


def services(home: Path, **given: object) -> Services:
    return Services(load_settings(home=home, **given), clock=lambda: NOW)


def test_what_every_thin_file_asked_is_counted_against_one_quota(tmp_path: Path) -> None:
    with services(tmp_path, sources="us-oh, us-tn", source_keys={"legiscan": "k"}) as s:
        for one in (run("us-oh", 1, 1000), run("us-tn", 2, 500), run("us-ga", 40, 9000), run("us", 1, 77)):
            s.store.save_run(one)
        (left,) = all_rations(s)
        assert (left.pool, left.span, left.most, left.used, left.left) == ("legiscan", "month", 30_000, 1500, 28_500)
        assert left.frees_at == NOW + timedelta(days=29)
        assert crawling.budget(s, "us-oh", NOW) == crawling.budget(s, "us-ga", NOW) == 28_500
        assert crawling.budget(s, "us-oh", NOW, IngestMode.BACKFILL) == 18_500, "a third is kept for changes"
        assert crawling.budget(s, "us-oh", NOW + timedelta(days=29, hours=12)) == 29_000, "what is old frees"
    with services(tmp_path, sources="us-oh", source_keys={"legiscan": "k"}) as again:
        assert crawling.budget(again, "us-oh", NOW) == 28_500, "a restart forgets nothing"


def test_a_legislature_with_a_key_of_its_own_has_a_quota_of_its_own(tmp_path: Path) -> None:
    with services(tmp_path, sources="us-oh, us-tn", source_keys={"legiscan": "k", "us-oh": "own"}) as s:
        for one in (run("us-oh", 1, 1000), run("us-tn", 2, 500)):
            s.store.save_run(one)
        assert (pool_of(s.settings, "us-oh"), pool_of(s.settings, "us-tn")) == ("us-oh", "legiscan")
        assert {r.pool: r.used for r in all_rations(s)} == {"us-oh": 1000, "legiscan": 500}
        assert environment(s.settings, "us-oh") == {"BILLWATCH_KEY_US_OH": "own", "BILLWATCH_KEY_LEGISCAN": "k"}
        assert environment(s.settings, "us") == {}


def test_the_tighter_of_two_spans_decides() -> None:
    day, month = rations("p", (("day", 100), ("month", 1000)), [run("a", 0.5, 30), run("a", 9, 950)], NOW)
    assert (day.left, month.left) == (70, 20)
    assert spendable((day, month), IngestMode.LIVE, True) == 20
    assert spendable((), IngestMode.LIVE, True) is None
    assert spendable((Ration("p", "day", 90, 95, None),), IngestMode.LIVE, False) == 0


def test_without_a_key_a_source_is_off_and_there_is_no_banner(tmp_path: Path) -> None:
    with services(tmp_path, sources="us, us-oh, us-pr") as s:
        assert (awake(s.settings), wants_key(s.settings, "us-oh")) == (("us",), "BILLWATCH_KEY_LEGISCAN")
        assert [h.source for h in survey(s)] == ["us"] and all_rations(s) == ()
        assert [j.name for j in jobs.schedule(s) if j.name.startswith("crawl")] == ["crawl:us"]
        with pytest.raises(ConfigError, match="BILLWATCH_KEY_LEGISCAN"):
            crawling.crawl(Services(load_settings(home=tmp_path, contact="a@b.example")), crawling.Order("us-oh"))


def test_a_platforms_name_stands_for_all_that_it_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLWATCH_KEY_LEGISCAN", "k")
    with services(tmp_path, sources="us, legiscan, openstates") as s:
        assert chosen(s.settings) == ("us", *thin("legiscan"), *thin("openstates"))
        assert awake(s.settings) == ("us", *thin("legiscan"))
        assert [j.name for j in jobs.schedule(s) if j.name.startswith("crawl")] == ["crawl:us", "crawl:legiscan"]


def test_two_that_share_a_quota_are_never_asked_at_once(tmp_path: Path) -> None:
    with services(tmp_path, source_keys={"legiscan": "k"}) as s, only_one(tmp_path, "quota-legiscan", ""):
        with pytest.raises(Busy, match="by way of legiscan"):
            crawling.crawl(s, crawling.Order("us-oh"))
        assert s.store.runs("us-oh") == []


def test_what_fails_at_one_does_not_stop_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def crawl_job(_: Services, source: str) -> None:
        tried.append(source)
        if source == "us-oh":
            raise Busy("busy")

    monkeypatch.setattr(jobs, "crawl_job", crawl_job)
    with services(tmp_path) as s, pytest.raises(Busy):
        jobs.crawl_in_turn(s, ("us-oh", "us-tn"))
    assert tried == ["us-oh", "us-tn"]


def test_what_a_killed_crawl_asked_is_counted_too(tmp_path: Path) -> None:
    with services(tmp_path) as s:
        begun = Run("us-oh-killed", "us-oh", IngestMode.LIVE, NOW)
        s.store.save_run(begun)
        folder = s.settings.archive / begun.id
        folder.mkdir(parents=True)
        (folder / "progress.json").write_text('{"requests": 41}')
        crawling._finish(s, begun, crawling.Counts())
        assert s.store.runs("us-oh")[0].counts["requests"] == 41


def test_pages_say_what_is_left_and_nothing_of_sources_that_are_off(tmp_path: Path) -> None:
    with services(tmp_path, sources="us-oh, us-pr", source_keys={"legiscan": "s3cret"}) as s:
        s.store.save_run(run("us-oh", 1, 1000))
        with TestClient(create_app(s), base_url="http://127.0.0.1:8080") as client:
            page = client.get("/sources").text
    assert "legiscan: 29" in page and "requests a month left" in page
    assert "Puerto Rico" not in page and "s3cret" not in page
