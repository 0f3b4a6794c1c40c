"""`billwatch search` and `billwatch reindex`, as an operator types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.tracker.web.sample import PLAIN, open_sample
from tracker.cli import app
from tracker.errors import ConfigError
from tracker.query import QueryError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    open_sample(tmp_path / "home").store.close()
    return tmp_path / "home"


def run(home: Path, *words: str) -> str:
    done = CliRunner().invoke(app, list(words), env={"BILLWATCH_HOME": str(home)}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def answer(home: Path, *words: str) -> Any:
    return json.loads(run(home, *words, "--json"))


def test_a_search_says_what_it_understood_and_shows_the_places(home: Path) -> None:
    found = answer(home, "search", "Loiters in:xx", "--facets")
    assert found["query"] == "loiters jurisdiction:xx"
    assert found["understood"] == "the word “loiters”, and in xx"
    assert PLAIN in [bill["id"] for bill in found["bills"]]
    assert next(b for b in found["bills"] if b["id"] == PLAIN)["snippets"][0]["hits"] == ["loiters"]
    assert found["facets"]["jurisdiction"] == [["xx", found["total"]]]
    printed = run(home, "search", "loiters")
    assert "Looked for: the word “loiters”" in printed
    assert PLAIN in printed
    [place] = {line.partition(":")[0] for line in printed.splitlines() if "loiters" in line and line.startswith("  ")}
    assert place == "  Sec. 2 Loitering"  # as the page says it; a version's code is for programs


def test_counts_say_what_their_values_mean_beside_what_a_query_takes(home: Path) -> None:
    printed = run(home, "search", "in:xx", "--facets")
    for said in ("decriminalization (Decriminalization)", "advances (would advance its topic)",
                 "in-committee (In committee)", "jurisdiction: xx 3"):
        assert said in printed


def test_pages_follow_by_cursor_and_a_foreign_cursor_is_refused(home: Path) -> None:
    first = answer(home, "search", "in:xx", "-n", "1")
    second = answer(home, "search", "in:xx", "-n", "1", "--cursor", first["next"])
    assert first["bills"][0]["id"] != second["bills"][0]["id"]
    with pytest.raises(ConfigError, match="cursor"):
        run(home, "search", "in:xx", "--cursor", "zz")


def test_a_search_of_a_past_day_finds_what_was_known_then(home: Path) -> None:
    assert answer(home, "search", "loiters", "--facets")["total"] > 0  # of 2031, the year of the sample
    then = answer(home, "search", "loiters", "--facets", "--as-of", "2026-01-01")
    assert (then["total"], then["bills"], then["ranked"]) == (0, [], False)
    with pytest.raises(ConfigError, match="--as-of: expected a date or moment that is not in the future"):
        run(home, "search", "loiters", "--as-of", "2199-01-01")
    with pytest.raises(ConfigError, match="newest movement first"):
        run(home, "search", "loiters", "--as-of", "2026-01-01", "--relevant")


def test_a_mistake_is_told_with_a_mended_query(home: Path) -> None:
    with pytest.raises(QueryError, match="Try: topic:worker-rights"):
        run(home, "search", "topic:worker")


def test_reindexing_all_changes_no_answer(home: Path) -> None:
    before = answer(home, "search", "loiter*")
    bills = before["not_indexed"], answer(home, "reindex")["bills"]
    done = answer(home, "reindex", "--all", "--chunk", "1")
    assert done == {"indexed": bills[1], "not_indexed": 0, "bills": bills[1]}
    assert answer(home, "search", "loiter*") == before
