"""As known on: the demo's three days, and the days between, remembered as they were told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.tracker.recollection import ASK_FREELY, Recollection
from tracker.app import Services
from tracker.demo.run import SimulatedClock
from tracker.demo.site import DAYS, DemoSite
from tracker.polling.crawling import Order, crawl
from tracker.settings import load_settings
from tracker.store.catalogue import BillQuery
from tracker.web.app import create_app


def test_the_site_says_of_each_day_what_it_said_on_that_day(tmp_path: Path) -> None:
    clock = SimulatedClock()
    with DemoSite() as site:
        settings = load_settings(home=tmp_path, database="", sources=("us",), crawl_base_url=site.base_url,
                                 api_per_minute=ASK_FREELY)
        with Services(settings, clock) as services:
            memory = Recollection(create_app(services))
            for number in (1, 2, 3):
                site.show(number)
                clock.now = datetime.combine(DAYS[number - 1], datetime.min.time(), UTC) + timedelta(hours=18)
                crawl(services, Order("us"))
                for _ in range(2):
                    clock.now += timedelta(minutes=30)
                    rows = services.catalogue.bills(BillQuery(limit=200)).rows
                    memory.take_down(clock.now, [*(row.id for row in rows), "us/119/hr-999999"])
            clock.now += timedelta(days=3)
            assert len({str(said) for said in memory.said.values()}) > 2, "days that are all alike show nothing"
            assert memory.differences() == []
