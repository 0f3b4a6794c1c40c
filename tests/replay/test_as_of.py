"""As known on: a month of a real Congress, told day by day, and asked for again at its end."""

from __future__ import annotations

import random
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import walk

from tests.tracker.recollection import ASK_FREELY, Recollection
from tracker.app import Services
from tracker.polling.crawling import Order, crawl
from tracker.settings import load_settings
from tracker.store.catalogue import BillQuery
from tracker.web.app import create_app

START, DAYS, SAMPLE = date(2025, 6, 1), 32, 6


def test_of_each_of_32_days_the_site_says_what_it_said_on_that_day(tmp_path: Path) -> None:
    shared = walk.shared_folder()
    if shared is None:
        pytest.skip("needs the replay server of the shared folder (BILLWATCH_SHARED)")
    day, chance = START, random.Random(11)
    with walk.replay_server(shared, "on-topic", day) as server:
        settings = load_settings(home=tmp_path, database="", sources=("us",), crawl_base_url=server.base_url,
                                 api_per_minute=ASK_FREELY)
        clock = [datetime.combine(day, datetime.min.time(), UTC)]
        with Services(settings, lambda: clock[0]) as services:
            memory = Recollection(create_app(services))
            for _ in range(DAYS):
                server.show(day)
                clock[0] = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=6)
                crawl(services, Order("us"))
                clock[0] += timedelta(hours=17)
                rows = services.catalogue.bills(BillQuery(limit=200)).rows
                # The bills that moved last, and some that did not.
                memory.take_down(clock[0], [r.id for r in (*rows[:SAMPLE], *chance.sample(rows[SAMPLE:], SAMPLE))])
                day += timedelta(days=1)
            answers = sum(map(len, memory.said.values()))
            print(f"{len(memory.said)} days, {answers} answers")
            assert len({str(said) for said in memory.said.values()}) > DAYS // 2
            assert memory.differences() == []
