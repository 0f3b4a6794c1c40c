"""One test walks every legislature: its pages on loopback, crawled and taken in as the product does.

`pytest tests/spiders/test_every_legislature.py -k us_wa --update-golden` writes golden.json anew; read it before you
commit it. What a folder must hold stands in spiders/legislatures/README.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

import spiders.legislatures
from spiders import discovery
from spiders.contract import LegislatureSpider
from tests.spiders.mirror import Manifest, Mirror, serve
from tracker import wire
from tracker.app import Services
from tracker.model import Harvest, Run, VerdictKind
from tracker.polling import crawling
from tracker.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
EARLIER = {"us"}  # has a house of its own: tests/spiders/house.py
MOST_A_CHANGE = 1.2  # requests for records, beyond the listings, that a changed bill may cost
EXAMPLE = "xx_lantern"  # the one in the guide
FOLDERS = sorted(p.parent.name for p in FIXTURES.glob("[!_]*/pages.json"))


@dataclass
class Walk:
    """Three crawls of one legislature: a first day, the same day again, and behind a firewall."""

    spider: type[LegislatureSpider]
    manifest: Manifest
    services: Services
    mirror: Mirror
    first: Run
    again: Run
    events: tuple[int, int]  # after the first, after the second
    asked: tuple[list[tuple[str, int]], list[tuple[str, int]]]

    def harvests(self, run: Run) -> list[Harvest]:
        spool = self.services.settings.archive / run.id / "spool.jsonl"
        return [wire.decode_harvest(line) for line in spool.read_bytes().splitlines()]

    def crawl(self) -> Run:
        return crawling.crawl(self.services, order_of(self.spider, self.manifest, self.mirror))

    def seq(self) -> int:
        return self.services.store.last_seq()


def order_of(spider: type[LegislatureSpider], manifest: Manifest, mirror: Mirror) -> crawling.Order:
    return crawling.Order(spider.name, mirror.base_url, floor=manifest.said.get("floor"))


@pytest.fixture(scope="session")
def lantern_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guide's example as a file, so that the guide is tested as it is read."""
    folder = tmp_path_factory.mktemp("legislatures")
    guide = (Path(spiders.legislatures.__file__).parent / "README.md").read_text()
    (folder / f"{EXAMPLE}.py").write_text(guide.split("```python\n")[1].split("```")[0])
    return folder


@pytest.fixture(scope="module", params=FOLDERS)
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, lantern_folder: Path
         ) -> Iterator[Walk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BILLWATCH_LEGISLATURES", str(lantern_folder))
        if str(lantern_folder) not in spiders.legislatures.__path__:
            patch.setattr(spiders.legislatures, "__path__", [*spiders.legislatures.__path__, str(lantern_folder)])
        spider = discovery.find(request.param.replace("_", "-"))
        manifest = Manifest.read(FIXTURES / request.param)
        if missing(manifest.folder):
            pytest.skip("this folder is not filled yet: test_the_folder_is_filled says what it lacks")
        home = tmp_path_factory.mktemp(request.param)
        with Services(load_settings(home=home, contact="")) as services, serve(Mirror(manifest, spider)) as mirror:
            order = order_of(spider, manifest, mirror)
            first = crawling.crawl(services, order)
            events, asked = services.store.last_seq(), list(mirror.asked)
            mirror.asked.clear()
            again = crawling.crawl(services, order)
            yield Walk(spider, manifest, services, mirror, first, again, (events, services.store.last_seq()),
                       (asked, list(mirror.asked)))


def test_every_legislature_has_its_folder_of_pages() -> None:
    shared = {n.replace("-", "_") for n in discovery.names() if (FIXTURES / f"_{discovery.platform_of(n)}").is_dir()}
    missing = {n.replace("-", "_") for n in discovery.names()} - EARLIER - set(FOLDERS) - shared
    assert not missing, f"no tests/fixtures/*/pages.json for {', '.join(sorted(missing))}"


@pytest.mark.parametrize("name", FOLDERS)
def test_the_folder_is_filled(name: str) -> None:
    lacks = missing(FIXTURES / name)
    assert not lacks, "still to do:\n  " + "\n  ".join(lacks)


def test_a_first_crawl_is_well_and_asks_for_known_pages_only(walk: Walk) -> None:
    assert walk.first.verdict is not None
    assert (walk.first.verdict.kind, walk.mirror.unknown) == (VerdictKind.OK, []), walk.first.verdict.reason
    walk.mirror.asked[:0] = walk.asked[0]
    expected_idle = walk.manifest.said.get("never_asked", [])
    assert [u for u in walk.mirror.never_asked() if u not in expected_idle] == [], "pages that nobody asks for"


def test_its_harvests_are_the_golden_ones(walk: Walk, request: pytest.FixtureRequest) -> None:
    golden = walk.manifest.folder / "golden.json"
    found = wired(walk.harvests(walk.first))
    assert found, "an empty golden proves nothing"
    if request.config.getoption("--update-golden"):
        golden.write_text(found)
    assert golden.exists(), "no golden.json: write it with --update-golden, and read it"
    assert json.loads(found) == json.loads(golden.read_text())


def test_every_label_is_known_or_named_as_unknown(walk: Walk) -> None:
    labels = getattr(walk.spider, "actions", None)
    said = {a.description for h in walk.harvests(walk.first) if h.bill for a in h.bill.actions}
    assert labels is not None
    assert sorted(d for d in said if labels.classify(d) is None) == sorted(walk.manifest.said.get("unknown_labels", []))


def test_a_second_crawl_asks_for_listings_only_and_tells_nothing(walk: Walk) -> None:
    assert walk.again.verdict is not None and walk.again.verdict.kind is VerdictKind.OK, walk.again.verdict
    assert walk.events[0] > 0 and walk.events[1] == walk.events[0]
    before = {h.bill_id: h.content_hash for h in walk.harvests(walk.first) if h.bill}
    news = [h.bill_id for h in walk.harvests(walk.again) if h.bill and before.get(h.bill_id) != h.content_hash]
    assert news == []
    allowed = set(walk.manifest.said.get("again", []))
    asked = {k for k in ("status", "text") if walk.again.counts.get(f"requests_{k}")}
    assert asked <= allowed, f"asked again: {[u for u, s in walk.asked[1] if s != 304]}"


def test_pages_taken_in_twice_are_no_news(walk: Walk) -> None:
    from tracker.ingest import Counts, Ingester
    from tracker.model import IngestMode

    services = walk.services
    from spiders.recording import read_page
    ingester = Ingester(services.store, services.rules,
                        lambda page: read_page(services.settings.archive, page.warc or "", page.offset or 0),
                        services.clock, IngestMode.LIVE, walk.spider.name, Counts())
    before = walk.seq()
    ingester.ingest(walk.harvests(walk.first))
    assert walk.seq() == before and walk.services.store.content_hashes(
        [h.bill_id for h in walk.harvests(walk.first) if h.bill_id])


def test_a_recording_gives_the_same_harvests(walk: Walk, tmp_path: Path) -> None:
    archive = walk.services.settings.archive / walk.first.id / "pages.warc.gz"
    done = subprocess.run([sys.executable, "-m", "spiders.crawl", walk.spider.name, "--run-dir", str(tmp_path / "run"),
                           "--replay-warc", str(archive)], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    replayed = [wire.decode_harvest(line) for line in (tmp_path / "run/spool.jsonl").read_bytes().splitlines()]
    assert replayed == walk.harvests(walk.first)


def test_a_block_page_is_a_refusal_and_takes_nothing_away(walk: Walk) -> None:
    before = walk.seq()
    walk.mirror.blocked = True
    try:
        run = walk.crawl()
    finally:
        walk.mirror.blocked = False
    assert run.verdict is not None and run.verdict.kind is VerdictKind.BLOCKED, run.verdict
    assert (walk.harvests(run), walk.seq()) == ([], before)


def test_the_second_day_tells_what_changed(walk: Walk) -> None:
    expected = walk.manifest.said.get("day2")
    if expected is None:
        pytest.skip("no second day in this folder")
    before = walk.seq()
    walk.mirror.manifest.day = "day2"
    try:
        run = walk.crawl()
    finally:
        walk.mirror.manifest.day = "day1"
    assert run.verdict is not None and (run.verdict.kind, walk.mirror.unknown) == (VerdictKind.OK, []), run.verdict
    changed = sum(h.bill is not None for h in walk.harvests(run))
    most = expected.get("requests", MOST_A_CHANGE)  # more only where the file and docs/legislatures.md say why
    assert changed, "nothing changed on the second day"
    assert run.counts.get("requests_status", 0) <= most * changed, f"{changed} changed: {walk.mirror.asked}"
    kinds = Counter(str(e.kind) for e in walk.services.store.events(before))
    assert dict(sorted(kinds.items())) == dict(sorted(expected["events"].items()))


# --- what it is compared with -----------------------------------------------------------------------------------------


def wired(harvests: list[Harvest]) -> str:
    """Harvests with a bill as sorted JSON, without what no two crawls share (moments, places, digests)."""
    told = [_bare(msgspec.to_builtins(h)) for h in harvests if h.bill]
    told.sort(key=lambda h: str(h["bill_id"]))
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n" if told else ""


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items()
                if k not in ("fetched_at", "warc", "offset", "sha256", "content_hash") and v not in (None, [], ())}
    return [_bare(v) for v in value] if isinstance(value, list | tuple) else value


def missing(folder: Path) -> list[str]:
    """What a new legislature's folder still lacks."""
    manifest = Manifest.read(folder)
    files = [row["file"] for row in manifest.pages.values() if "file" in row]
    lacks = [f"pages.json: {key}" for key in ("about", "pages") if not manifest.said.get(key)]
    lacks += ["pages.json: day2, so that a change is told"] * ("day2" not in manifest.said)
    lacks += [f"day1/{name}" for name in files if not (folder / "day1" / name).exists()
              and not (folder / "day2" / name).exists()]
    lacks += ["pages.json: about must say that the pages are written by us and fictional"] * (
        "fictional" not in str(manifest.said.get("about")))
    lacks += ["pages.json: events of day2"] * ("day2" in manifest.said and not manifest.said["day2"].get("events"))
    source = folder.parents[2] / "spiders" / "legislatures" / f"{folder.name}.py"
    lacks += [f"{source.name}: FILL"] * (source.exists() and "FILL" in source.read_text())
    canary = ROOT / "tests" / "live" / f"test_{folder.name}_canary.py"
    return lacks + ([f"tests/live/{canary.name}"] if folder.name != EXAMPLE and not canary.exists() else [])


