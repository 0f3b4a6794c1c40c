"""Two machines on one PostgreSQL: each has its own home, and still only one of them sends, crawls or asks at a time."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tracker import jobs
from tracker.app import Services
from tracker.locks import Busy
from tracker.polling.crawling import Order, crawl
from tracker.settings import Settings

ROOT = Path(__file__).resolve().parents[3]


def machine(home: Path, database: str) -> Services:
    return Services(Settings(home=home, database=database, mail="folder", _env_file=None))  # type: ignore[call-arg]


def test_what_one_machine_does_the_other_leaves_to_it(tmp_path: Path, postgres_url: str) -> None:
    with machine(tmp_path / "one", postgres_url) as one, machine(tmp_path / "two", postgres_url) as two:
        with one.only_one("deliver", "sending"):
            with pytest.raises(Busy, match="sending right now"):
                jobs.deliver_job(two)
            with two.only_one("push", "another turn is free"):
                pass
        jobs.deliver_job(two)


def test_one_legislature_is_not_crawled_from_two_machines_at_once(tmp_path: Path, postgres_url: str) -> None:
    with machine(tmp_path / "one", postgres_url) as one, machine(tmp_path / "two", postgres_url) as two:
        with one.only_one("crawl-us", ""), pytest.raises(Busy, match="us is being crawled right now"):
            crawl(two, Order("us"))
        assert two.store.runs("us") == []


def test_the_turn_of_a_killed_machine_is_free(tmp_path: Path, postgres_url: str) -> None:
    code = ("import sys, time; from tests.tracker.store.test_turns import *\n"
            "with machine(Path(sys.argv[1]), sys.argv[2]).only_one('deliver', 'busy'):\n"
            "    print('in', flush=True); time.sleep(60)")
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "one"), postgres_url],
                              stdout=subprocess.PIPE, cwd=ROOT)
    assert holder.stdout and holder.stdout.readline() == b"in\n"
    with machine(tmp_path / "two", postgres_url) as two:
        with pytest.raises(Busy), two.only_one("deliver", "busy"):
            pass
        holder.kill()
        holder.wait()
        for _ in range(100):  # the server notices within moments that its client is gone
            try:
                with two.only_one("deliver", "busy"):
                    return
            except Busy:
                time.sleep(0.1)
    pytest.fail("the turn was never free")


def test_two_databases_do_not_wait_for_each_other(tmp_path: Path, postgres_url: str) -> None:
    with machine(tmp_path / "one", postgres_url) as one, \
            machine(tmp_path / "two", f"sqlite:///{tmp_path}/two.db") as two, \
            one.only_one("deliver", "busy"), two.only_one("deliver", "busy"):
        pass
