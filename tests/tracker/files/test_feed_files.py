"""Feeds as files: what the site answers, byte for byte; only what changed is written; a kill leaves whole files."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient

from tests.tracker.web.sample import FLAGS, NOW, change, open_sample, sample
from tracker.app import Services
from tracker.files import feed_files
from tracker.files.feed_files import STAMP, build
from tracker.model import IngestMode
from tracker.web.app import create_app

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = open_sample(tmp_path / "home")
    yield made
    made.store.close()


def more(services: Services, numbers: range) -> None:
    with services.store.write() as writer:
        for n in numbers:
            writer.apply(change(f"xx/7/hb-{n}", sample(n, "Fair Streets Act"), FLAGS, IngestMode.LIVE), NOW)


def files(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*"))
            if p.is_file() and p.name != Path(STAMP).name}


def test_every_file_is_what_the_site_answers_and_has_a_packed_copy(services: Services, tmp_path: Path) -> None:
    more(services, range(20, 50))
    built = build(services, tmp_path / "out")
    held = files(tmp_path / "out")
    plain = {path: body for path, body in held.items() if not path.endswith(".gz")}
    assert built.files == built.written == len(plain) and len(held) == 2 * len(plain)
    assert any("/archive/" in path for path in plain) and "feeds/all.opml" in plain
    assert {"feeds/all.ics", "feeds/bill/xx/7/hb-13.atom", "feeds/stage/became-law.rss"} <= set(plain)
    assert not any(path.startswith("feeds/bill/xx/7/hb-14") for path in plain)  # no flag, and nobody had a file of it
    with TestClient(create_app(services)) as client:
        for path, body in plain.items():
            assert client.get(f"/{path}").content == body, path
            assert gzip.decompress(held[f"{path}.gz"]) == body


def test_a_second_build_writes_nothing_and_a_third_only_what_is_new(services: Services, tmp_path: Path) -> None:
    more(services, range(20, 50))
    first = build(services, tmp_path / "out")
    times = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*.atom*")}
    again = build(services, tmp_path / "out")
    assert again.written == 0 and again.resting == first.feeds - again.feeds > 0
    assert times == {p: p.stat().st_mtime_ns for p in times}
    more(services, range(60, 61))
    third = build(services, tmp_path / "out")
    assert 0 < third.written < third.files
    assert (tmp_path / "out/feeds/bill/xx/7/hb-60.ics").exists()
    whole = build(services, tmp_path / "other")
    assert files(tmp_path / "out") == files(tmp_path / "other") and whole.files > third.files


def test_a_torn_or_foreign_file_is_mended_by_a_whole_build(services: Services, tmp_path: Path) -> None:
    build(services, tmp_path / "out")
    (tmp_path / "out/feeds/bill/xx/7/hb-13.rss").write_bytes(b"torn")
    assert build(services, tmp_path / "out", everything=True).written == 1


def test_a_build_that_died_is_made_up_for(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    calls = []

    def dies(*args: object, **more: object) -> object:
        calls.append(args)
        if len(calls) > 40:
            raise Killed
        return real(*args, **more)  # type: ignore[arg-type]

    real = feed_files.render_feed
    monkeypatch.setattr(feed_files, "render_feed", dies)
    with pytest.raises(Killed):
        build(services, tmp_path / "out")
    monkeypatch.undo()
    assert all(gzip.decompress(body) == files(tmp_path / "out")[path.removesuffix(".gz")]
               for path, body in files(tmp_path / "out").items() if path.endswith(".gz"))
    build(services, tmp_path / "out")
    build(services, tmp_path / "other")
    assert files(tmp_path / "out") == files(tmp_path / "other")


def test_the_command_tells_programs_how_much_it_wrote(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "tracker.cli", "feeds", "build", str(tmp_path / "out"), "--json"],
                          cwd=ROOT, capture_output=True, text=True, check=True,
                          env={"PATH": "/usr/bin:/bin", "BILLWATCH_HOME": str(tmp_path / "home"),
                               "PYTHONPATH": str(ROOT)})
    said = json.loads(done.stdout)
    assert said["files"] == said["written"] == len([p for p in files(tmp_path / "out") if not p.endswith(".gz")])
