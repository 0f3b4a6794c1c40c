"""Crawls of the replay of a real Congress: silent when nothing changed, right when the site misbehaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.spiders.house import Crawl, Keeper, Replay

STATUS, TEXT, LISTING = "BILLSTATUS-119.*xml$", "/content/pkg/", "/bulkdata/json/BILLSTATUS|/sitemap/"
Make = Callable[[], Keeper]


def known(*crawls: Crawl) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    bills: dict[str, str] = {}
    texts: dict[tuple[str, str], str] = {}
    for crawl in crawls:
        bills |= crawl.bills()
        texts |= crawl.texts()
    return bills, texts


def test_day_after_day_only_what_changed_is_asked(replay: Replay, replay_keeper: Make) -> None:
    keeper = replay_keeper()
    first = keeper.crawl()
    assert first.verdict == "ok" and len(first.bills()) == first.counts["listed"] > 30
    replay.control("reset", {})
    assert keeper.crawl().harvests == []
    assert set(replay.requests()["by_kind"]) == {"robots", "listing", "sitemap"}
    replay.show("2025-03-08")
    later = keeper.crawl()
    assert 0 < len(later.bills()) < 40
    clean = replay_keeper().crawl()
    assert known(first, later) == known(clean)


def test_texts_that_come_late_come(replay: Replay, replay_keeper: Make) -> None:
    keeper = replay_keeper()
    replay.trouble({"path": TEXT, "fault": "unavailable", "retry_after": 0})
    first = keeper.crawl()
    assert first.texts() == {} and len(first.bills()) == first.counts["listed"]
    replay.trouble()
    second = keeper.crawl()
    assert second.bills() == {}
    assert known(first, second) == known(replay_keeper().crawl())


@pytest.fixture(scope="module")
def two_days(replay_server: Replay, tmp_path_factory: pytest.TempPathFactory) -> tuple[Crawl, Crawl]:
    """What a spotless crawl brings on one day, and what a first crawl brings two weeks later."""
    replay_server.trouble()
    crawls = []
    for day in ("2025-01-10", "2025-01-25"):
        replay_server.show(day)
        crawls.append(Keeper(tmp_path_factory.mktemp("archive"), replay_server.base_url).crawl())
    assert len(crawls[1].bills()) > len(crawls[0].bills()) + 3
    return crawls[0], crawls[1]


@pytest.mark.parametrize(("rule", "verdicts"), [
    ({"path": ".", "fault": "unavailable", "retry_after": 0, "probability": 0.05}, {"ok"}),
    ({"path": ".", "fault": "unavailable", "retry_after": 0}, {"unreachable"}),
    ({"path": STATUS, "fault": "rate_limit", "retry_after": 0, "count": 2}, {"ok"}),
    ({"path": STATUS, "fault": "rate_limit", "retry_after": 0}, {"blocked"}),
    ({"path": STATUS, "fault": "reset", "probability": 0.1}, {"ok"}),
    ({"path": STATUS, "fault": "truncate", "count": 3}, {"ok"}),
    ({"path": STATUS, "fault": "truncate"}, {"unreachable"}),
    ({"path": STATUS, "fault": "block_page", "variant": "challenge", "after": 3}, {"blocked"}),
    ({"path": TEXT, "fault": "block_page", "variant": "waf"}, {"blocked"}),
    ({"path": LISTING, "fault": "block_page", "variant": "waf"}, {"blocked"}),
    ({"path": STATUS, "fault": "wrong_bill", "probability": 0.3}, {"drifted"}),
    ({"path": TEXT, "fault": "wrong_bill"}, {"drifted"}),
    ({"path": STATUS, "fault": "entity_bomb", "probability": 0.3}, {"drifted"}),
    ({"path": TEXT, "fault": "entity_bomb"}, {"drifted"}),
    ({"path": STATUS, "fault": "malformed_xml", "probability": 0.3}, {"drifted"}),
    ({"path": TEXT, "fault": "malformed_xml"}, {"drifted"}),
    ({"path": LISTING, "fault": "empty_listing"}, {"empty"}),
    ({"path": "/json/BILLSTATUS/119/hr$|119hr/sitemap", "fault": "empty_listing"}, {"empty"}),
    ({"path": "/json/", "fault": "malformed_xml"}, {"ok"}),
    ({"path": STATUS, "fault": "oversize", "factor": 3}, {"ok"}),
    ({"path": STATUS, "fault": "lastmod_bump", "hours": 6}, {"ok"}),
], ids=lambda value: "-".join(str(v) for v in value.values())[:60] if isinstance(value, dict) else "")
def test_a_misbehaving_site_is_told_apart_and_nothing_wrong_or_lost_comes_of_it(
        replay: Replay, replay_keeper: Make, two_days: tuple[Crawl, Crawl], rule: dict[str, Any],
        verdicts: set[str]) -> None:
    before, clean = two_days
    bills, texts = known(clean)
    keeper = replay_keeper()
    keeper.remember(before.harvests)
    replay.show("2025-01-25")
    replay.trouble(rule)
    during = keeper.crawl()
    assert during.verdict in verdicts, during.reason
    assert during.bills().items() <= bills.items()
    assert during.texts().items() <= texts.items()
    replay.trouble()
    after = keeper.crawl()
    assert after.verdict == "ok"
    assert known(before, during, after) == (bills, texts)
    if rule["fault"] == "lastmod_bump":
        assert set(during.bills()) <= set(clean.bills()) - {b for b, h in before.bills().items() if bills[b] == h}
