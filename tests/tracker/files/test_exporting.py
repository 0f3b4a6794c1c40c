"""The data to take along: whole, the same in each format, for everybody, and nothing about anybody."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient
from typer.testing import CliRunner

from tests.tracker.web.sample import HOSTILE, NOW
from tests.tracker.web.serving import rich_services
from tracker.app import Services
from tracker.cli import app
from tracker.errors import ConfigError
from tracker.files.exporting import BY_NAME, cell, dictionary, export, read_index
from tracker.jobs import export_job
from tracker.store.public import TABLES
from tracker.store.schema import metadata
from tracker.web.app import create_app
from tracker.web.datapages import part_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = rich_services(tmp_path / "home")
    made.api_keys.add("secret-newsroom", NOW)
    yield made
    made.store.close()


def test_each_format_holds_the_same_rows(services: Services, tmp_path: Path):
    index = export(services.store.engine, tmp_path / "data", NOW)
    counts: dict[str, set[int]] = {}
    for made in index.files:
        if made.table != "all":
            counts.setdefault(made.table, set()).add(made.rows)
    assert set(counts) == {t.name for t in TABLES} and all(len(c) == 1 for c in counts.values())
    assert max(counts["events"]) == services.store.last_seq() == index.last_seq
    with closing(sqlite3.connect(tmp_path / "data/sqlite/billwatch.db")) as held:
        for name, (count,) in counts.items():
            assert held.execute(f"SELECT count(*) FROM {name}").fetchone() == (count,)  # noqa: S608
        assert (HOSTILE,) in held.execute("SELECT title FROM bills").fetchall()
    lines = gzip.decompress((tmp_path / "data/jsonl/events.jsonl.gz").read_bytes()).splitlines()
    first = json.loads(lines[0])
    assert first["seq"] == 1 and first["data"]["bill"] and isinstance(first["topics"], list)
    with (tmp_path / "data/csv/bills.csv").open(newline="") as text:
        assert [row["id"] for row in csv.DictReader(text)] == sorted(services.store.content_hashes(
            ["xx/7/hb-12", "xx/7/hb-13", "xx/7/hb-14", "xx/7/hb-20"]))


def test_parquet_is_typed(services: Services, tmp_path: Path):
    parquet = pytest.importorskip("pyarrow.parquet")
    export(services.store.engine, tmp_path / "data", NOW, ("parquet",))
    table = parquet.read_table(tmp_path / "data/parquet/events.parquet")
    assert str(table.schema.field("recorded_at").type) == "timestamp[us, tz=UTC]"
    assert table.column("recorded_at")[0].as_py() == NOW - timedelta(days=2)


def test_each_table_of_parquet_is_a_data_set_by_its_name_and_the_folder_is_none(services: Services, tmp_path: Path):
    """Without the README, the folder would be read as bills with as many rows as all tables together."""
    dataset = pytest.importorskip("pyarrow.dataset")
    index = export(services.store.engine, tmp_path / "data", NOW, ("parquet",))
    for made in index.files:
        table = dataset.dataset(tmp_path / "data" / made.path)
        assert table.count_rows() == made.rows > 0
        [described] = [t for t in TABLES if t.name == made.table]
        assert table.schema.names == [c.name for c in described.columns]
        assert f'"{made.path}"' in BY_NAME or made.table != "bills"
    for folder in (tmp_path / "data/parquet", tmp_path / "data"):
        with pytest.raises(ValueError, match=r"README\.md|index\.json"):
            dataset.dataset(folder, format="parquet")


def test_the_snapshot_holds_public_tables_and_columns_only(services: Services, tmp_path: Path):
    export(services.store.engine, tmp_path / "data", NOW, ("sqlite",))
    private = set(metadata.tables) - {"bill", "version", "flag", "event", "page", "body", "bill_topic", "event_topic"}
    assert {"subscription", "account", "decision", "api_key"} <= private
    with closing(sqlite3.connect(tmp_path / "data/sqlite/billwatch.db")) as held:
        shapes = {name: {row[1] for row in held.execute(f"PRAGMA table_info({name})")}
                  for (name,) in held.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert shapes == {t.name: {c.name for c in t.columns} for t in TABLES}
    assert not private & set(shapes)
    assert b"secret-newsroom" not in (tmp_path / "data/sqlite/billwatch.db").read_bytes()


def test_rows_of_the_snapshot_lead_to_their_bill(services: Services, tmp_path: Path):
    """Datasette makes links of foreign keys, and lists below a bill what points at it."""
    export(services.store.engine, tmp_path / "data", NOW, ("sqlite",))
    with closing(sqlite3.connect(tmp_path / "data/sqlite/billwatch.db")) as held:
        for table in TABLES[1:]:
            keys = [tuple(row[2:5]) for row in held.execute(f"PRAGMA foreign_key_list({table.name})")]
            assert keys == [("bills", "bill_id", "id")], table.name
            plan = held.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {table.name} WHERE bill_id = 'x'").fetchone()  # noqa: S608
            assert "SEARCH" in plan[3], table.name
        assert held.execute("PRAGMA foreign_key_check").fetchall() == []


def test_votes_are_exported_with_counts_and_nothing_stands_for_what_was_not_told(services: Services, tmp_path: Path):
    export(services.store.engine, tmp_path / "data", NOW, ("csv", "sqlite"))
    with closing(sqlite3.connect(tmp_path / "data/sqlite/billwatch.db")) as held:
        row = held.execute("SELECT identifier, date, chamber, passed, yes, no, excused, absent, not_voting FROM votes "
                           "WHERE bill_id = 'xx/7/hb-12'").fetchone()
        assert row == ("Roll call 3", "2031-04-02", "lower", 1, 57, 40, 2, None, None)
    with (tmp_path / "data/csv/votes.csv").open(newline="") as text:
        assert {(r["yes"], r["absent"]) for r in csv.DictReader(text)} == {("57", "")}


def test_steps_sponsors_and_hearings_are_exported_as_the_site_tells_them(services: Services, tmp_path: Path):
    export(services.store.engine, tmp_path / "data", NOW, ("jsonl", "sqlite"))
    with closing(sqlite3.connect(tmp_path / "data/sqlite/billwatch.db")) as held:
        steps = held.execute("SELECT date, description, chamber FROM actions WHERE bill_id = 'xx/7/hb-12'")
        assert steps.fetchone() == ("2031-04-01", "Introduced in House", "lower")
        assert held.execute("SELECT name, is_primary, area, withdrawn_on FROM sponsors WHERE bill_id = 'xx/7/hb-12'"
                            ).fetchall() == [("Rep. Ada Sample", 1, "XX-1", None),
                                             ("Rep. Bo <i>Bold</i>", 0, None, "2031-04-09")]
        assert held.execute("SELECT key, date, place, status FROM hearings").fetchall() == [
            ("h0", "2031-04-20", None, "scheduled"), ("h1", "2031-06-02", "Room 2", "scheduled"),
            ("h2", "2031-05-21", None, "cancelled")]
    first = json.loads(gzip.decompress((tmp_path / "data/jsonl/actions.jsonl.gz").read_bytes()).splitlines()[0])
    assert first["classification"] == ["introduction"]


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@x", "\tx", "  =1", "＝1"])
def test_a_cell_never_begins_like_a_formula(words: str):
    assert cell(words) == f"'{words}" and cell("H.R. 1") == "H.R. 1" and cell(-1) == -1


def test_the_data_dictionary_is_current():
    """Renew: python -c 'from tracker.files.exporting import dictionary; print(dictionary(), end="")' > docs/data-dictionary.md"""  # noqa: E501
    assert (ROOT / "docs/data-dictionary.md").read_text("utf-8") == dictionary()


def test_an_export_appears_whole_or_not_at_all(services: Services, tmp_path: Path):
    with pytest.raises(KeyError):
        export(services.store.engine, tmp_path / "data", NOW, ("csv", "nonsense"))
    assert list(tmp_path.glob("*data*")) == []
    (tmp_path / "data").mkdir()
    with pytest.raises(ConfigError, match="exists already"):
        export(services.store.engine, tmp_path / "data", NOW)


def test_the_nightly_export_is_listed_with_its_hashes_and_asked_for_once(services: Services):
    with TestClient(create_app(services)) as client:
        assert client.get("/data").status_code == 200
        assert client.get("/data/csv/bills.csv").status_code == 404
        export_job(services)
        first = (services.settings.exports / "current").resolve()
        export_job(services)  # not again on the same day
        assert (services.settings.exports / "current").resolve() == first
        index = read_index(first)
        assert index is not None
        page = client.get("/data").text
        for made in index.files:
            answer = client.get(f"/data/{made.path}")
            assert hashlib.sha256(answer.content).hexdigest() == made.sha256 and made.sha256 in page
            again = client.get(f"/data/{made.path}", headers={"if-none-match": answer.headers["etag"]})
            assert again.status_code == 304 and again.content == b""
        assert client.get("/data/csv/..%2Findex.json").status_code == 404
        assert [p.name for p in services.settings.exports.iterdir() if p.is_dir()] == ["current", first.name] or len(
            list(services.settings.exports.iterdir())) == 2


def test_the_command_writes_what_is_asked_for(services: Services, tmp_path: Path):
    done = CliRunner().invoke(app, ["export", str(tmp_path / "out"), "--format", "csv", "--json"],
                              env={"BILLWATCH_HOME": str(services.settings.home)})
    assert done.exit_code == 0, done.output
    assert {f["format"] for f in json.loads(done.stdout)["files"]} == {"csv"}
    assert (tmp_path / "out/csv/README.md").read_text().startswith("# Data of billwatch, ")


@pytest.mark.parametrize(("wanted", "part"), [
    (None, None), ("bytes=", None), ("bytes=-", None), ("bytes=0-1,5-6", None), ("lines=1-2", None),
    ("bytes=5-2", None),
    ("bytes=0-", (0, 99)), ("bytes=40-", (40, 99)), ("bytes=40-49", (40, 49)), ("bytes=90-200", (90, 99)),
    ("bytes=-10", (90, 99)), ("bytes=-200", (0, 99)), ("bytes=100-", (100, 99)), ("bytes=500-600", (500, 99))])
def test_a_part_of_a_file_is_read_from_the_header(wanted: str | None, part: tuple[int, int] | None):
    assert part_of(wanted, 100) == part


def test_a_download_that_broke_off_goes_on(services: Services):
    export_job(services)
    with TestClient(create_app(services)) as client:
        address = "/data/sqlite/billwatch.db"
        whole = client.get(address)
        assert whole.status_code == 200 and whole.headers["accept-ranges"] == "bytes"
        rest = client.get(address, headers={"range": "bytes=1000-"})
        assert (rest.status_code, rest.content) == (206, whole.content[1000:])
        assert rest.headers["content-range"] == f"bytes 1000-{len(whole.content) - 1}/{len(whole.content)}"
        assert int(rest.headers["content-length"]) == len(rest.content)
        behind = client.get(address, headers={"range": f"bytes={len(whole.content)}-"})
        assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")
        other = client.get(address, headers={"range": "bytes=1000-", "if-range": '"of yesterday"'})
        assert (other.status_code, other.content) == (200, whole.content)
