"""One test walks every thin file over the shared pages of its platform: in this process, a few hundredths of a second
each. That the same platforms are crawled, archived and taken in whole is shown by us_co and us_ri, which have folders
of their own (test_every_legislature.py).

`pytest tests/spiders/test_thin_files.py --update-golden` writes the platforms' golden.json anew; read them.
"""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from spiders import discovery
from spiders.verdict import judge
from tests.spiders.template import FIXTURES, Template, blanked, remembered
from tests.spiders.test_every_legislature import wired
from tracker.model import VerdictKind

PLATFORMS = ("legiscan", "openstates")
THIN = [(name, platform) for platform in PLATFORMS for name in discovery.thin(platform)
        if not (FIXTURES / name.replace("-", "_")).exists()]
STATES = """ak al ar az ca co ct dc de fl ga hi ia id il in ks ky la ma md me mi mn mo ms mt nc nd ne nh nj nm nv ny oh
            ok or pa pr ri sc sd tn tx ut va vt wa wi wv wy"""


def test_every_state_the_district_and_puerto_rico_are_covered() -> None:
    assert len(STATES.split()) == 52
    assert [s for s in STATES.split() if f"us-{s}" not in discovery.names()] == []


@pytest.fixture(params=THIN, ids=lambda pair: pair[0])
def site(request: pytest.FixtureRequest) -> Template:
    name, platform = request.param
    return Template.read(discovery.find(name), platform)


def test_a_thin_file_is_short_and_needs_a_key(site: Template) -> None:
    file = Path(discovery.folder.__path__[0]) / f"{site.spider.name.replace('-', '_')}.py"
    assert 8 <= len(file.read_text().splitlines()) <= 20
    ZoneInfo(site.spider.zone)
    assert site.spider.key is not None and site.spider.quota is not None


def test_it_reads_its_platforms_pages_and_asks_again_for_what_changed_only(
        site: Template, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    harvests, stats = site.crawl(tmp_path)
    assert judge(stats, site.spider.floor).kind is VerdictKind.OK, judge(stats, site.spider.floor).reason
    idle = {site.filled(u) for u in site.manifest.said.get("never_asked", ())}
    assert set(site.rows()) - set(site.asked) == idle, "pages that nobody asks for"
    assert all("s3cret" in str(r.url) + str(r.headers) for r in site.sent)
    assert "s3cret" not in "".join(site.asked) + wired(harvests)

    golden = site.manifest.folder / "golden.json"
    found = wired(harvests)
    if request.config.getoption("--update-golden"):
        golden.write_text(blanked(found, site.spider))
    assert golden.exists(), "no golden.json: write it with --update-golden, and read it"
    expected = json.loads(site.filled(golden.read_text()))
    assert expected, "an empty golden proves nothing"
    assert json.loads(found) == expected

    again, stats = site.crawl(tmp_path, remembered(harvests, tmp_path))
    assert [h.bill_id for h in again if h.bill] == [] and not stats.get("asked/status"), site.asked
    assert judge(stats, site.spider.floor).kind is VerdictKind.OK

    site.manifest.day = "day2"
    later, _ = site.crawl(tmp_path, remembered(harvests, tmp_path))
    assert [h.bill.identifier.replace(" ", "") for h in later if h.bill] == ["HB1"]


def test_a_refused_key_is_a_refusal_and_takes_nothing_away(site: Template, tmp_path: Path) -> None:
    site.refusal = b'{"status":"ERROR","alert":{"message":"Invalid API key"}}'
    harvests, stats = site.crawl(tmp_path)
    assert harvests == [] and judge(stats, site.spider.floor).kind in (VerdictKind.BLOCKED, VerdictKind.DRIFTED)


def test_records_come_out_of_the_archive_when_the_queries_end_and_their_texts_later(tmp_path: Path) -> None:
    site = Template.read(discovery.find("us-oh"), "legiscan")
    harvests, stats = site.crawl(tmp_path, budget=6)  # robots.txt counts: five queries are left
    assert {h.bill.identifier for h in harvests if h.bill} >= {"HB1", "HB2", "SB10"}
    assert judge(stats, site.spider.floor).kind is VerdictKind.LIMITED
    assert not any("getDatasetRaw" in p.url for h in harvests for p in h.pages), "the archive must be read again"
    whole, _ = site.crawl(tmp_path)
    archive = [p for h in whole if h.bill is None for p in h.pages]
    assert [(p.url.rpartition("?")[2], p.lastmod) for p in archive] == [("op=getDatasetRaw&id=9001", "9" * 32)]


def test_a_bill_of_another_state_is_refused(tmp_path: Path) -> None:
    site = Template.read(discovery.find("us-oh"), "legiscan")
    site.manifest.said["pages"]["https://api.legiscan.com/?op=getBill&id=105"] = "bill105.json"
    filled = site.filled
    site.filled = lambda text: filled(text.replace('"state": "{{ST}}"', '"state": "XX"'))  # type: ignore[method-assign]
    harvests, stats = site.crawl(tmp_path)
    assert [h for h in harvests if h.bill] == [] and "got one of 'XX'" in stats["problem/drifted/first"]
