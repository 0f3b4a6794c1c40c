"""A database that does not answer is told apart from one that contradicts itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from tracker.errors import StoreAway, StoreError
from tracker.store.engine import open_engine, reading, writing


def test_a_server_that_refuses_connections_is_away() -> None:
    engine = open_engine("postgresql://reader:sekrit@127.0.0.1:1/bw")
    with pytest.raises(StoreAway, match="refused") as raised, reading(engine) as connection:
        connection.execute(text("SELECT 1"))
    assert "sekrit" not in str(raised.value)


def test_a_file_whose_folder_was_taken_away_is_away(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "home" / "billwatch.db")
    shutil.rmtree(tmp_path / "home")
    with pytest.raises(StoreAway), writing(engine) as connection:
        connection.execute(text("CREATE TABLE a (b)"))


def test_a_file_without_room_is_away(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "billwatch.db")
    with pytest.raises(StoreAway, match="full"), writing(engine) as connection:
        connection.execute(text("PRAGMA max_page_count = 2"))
        connection.execute(text("CREATE TABLE a (b)"))
        connection.execute(text("INSERT INTO a VALUES (zeroblob(100000))"))


def test_a_server_that_ended_our_connection_is_away(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with pytest.raises(StoreAway), reading(engine) as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_mistake_in_a_statement_is_ours(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue("postgres_url") if kind == "postgresql" else tmp_path / "billwatch.db"
    engine = open_engine(address)
    with pytest.raises(StoreError) as raised, reading(engine) as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))
    assert type(raised.value) is StoreError
    engine.dispose()
