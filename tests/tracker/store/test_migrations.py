"""Migrations: up, down and up again on databases that hold rows, on SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select

from digests.readers.sealing import Keys
from tracker.desk.review import apply_decisions, finding_of, key_of_decision, key_of_flag, sentence_of, shown
from tracker.errors import StoreError
from tracker.model import (
    Bill,
    Cadence,
    Change,
    Decision,
    Delivery,
    Effect,
    EventKind,
    Filter,
    Flag,
    IngestMode,
    MarkedText,
    NewEvent,
    Page,
    ReadText,
    RelatedBill,
    Review,
    ReviewVerdict,
    Subscription,
    TextStatus,
    Topic,
    Version,
)
from tracker.store import migrate as migration
from tracker.store.engine import open_engine, writing
from tracker.store.ledger import SqlLedger
from tracker.store.migrate import HEAD, configuration, migrate, migrations_folder
from tracker.store.reviews import Reviews
from tracker.store.schema import metadata
from tracker.store.search_schema import derived
from tracker.store.store import SqlStore
from tracker.text.provisions import segment

KEYS = Keys("k1", {"k1": bytes(32)}, bytes(32), bytes(32))
NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
LAMPS, RELIEF = "xx/31/hb-1", Topic.DECRIMINALIZATION


def populate(store: SqlStore) -> None:
    text = MarkedText("Section 1. The Act on Lamps is repealed.")
    flag = Flag(Topic.DECRIMINALIZATION, Effect.ADVANCES, "Section 1", 0, 7, "Section", "rule", "1", 1.0)
    page = Page("https://example.org/hb-1/a", "00" * 32, NOW)
    bill = Bill("xx", "31", "HB 1", title="Lamps", versions=(Version("a", "As introduced"),))
    event = NewEvent("k1", EventKind.BILL_INTRODUCED, "xx/31/hb-1", "xx", date(2031, 3, 1), IngestMode.LIVE,
                     (Topic.DECRIMINALIZATION,), {})
    with store.write() as writer:
        writer.apply(Change("xx/31/hb-1", bill, "h1", 0, "introduced", (Topic.DECRIMINALIZATION,),
                            (ReadText("a", TextStatus.AVAILABLE, page.url, "text/plain", page.sha256, text, (flag,),
                                      page=page),), (event,), (page,)), NOW)
    ledger = SqlLedger(store.engine, KEYS)
    ledger.add(Subscription("s1", b"sealed", b"index", Filter(), Cadence.WEEKLY, "UTC", 8, 0, 0, NOW))
    assert ledger.queue(Delivery("d1", "s1", 0, 1, NOW), None)


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Of the tables and columns that the database has at its revision."""
    found = inspect(engine)
    with engine.connect() as connection:
        shape = {name: {c["name"] for c in found.get_columns(name)} for name in found.get_table_names()}
        return {table.name: [tuple(row) for row in connection.execute(
                    select(*(c for c in table.columns if c.name in shape[table.name])))]
                for table in metadata.sorted_tables if table.name in shape}


def test_the_migrated_schema_is_the_declared_schema(store: SqlStore) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            # The words of the index are in a table that only one of the databases could declare.
            "include_name": lambda name, kind, _: kind != "table" or not str(name).startswith("search_text")})
        assert compare_metadata(context, [metadata, derived]) == []


def test_the_head_in_the_code_is_the_head_of_the_folder() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == HEAD


def test_down_and_up_again_keeps_every_row(store: SqlStore) -> None:
    populate(store)
    before = contents(store.engine)
    assert before["flag"] and before["delivery"] and before["event_topic"]
    migrate(store.engine, "0001")
    older = contents(store.engine)
    for name, rows in older.items():  # later revisions add columns at the end
        assert [row[:len(old)] for row, old in zip(before[name], rows, strict=True)] == rows
    migrate(store.engine)
    assert contents(store.engine) == before


def test_the_log_can_be_changed_only_below_the_append_only_revision(store: SqlStore) -> None:
    populate(store)
    for statement in ("UPDATE event SET mode = 'repair'", "DELETE FROM event_topic", "DELETE FROM event"):
        with pytest.raises(StoreError, match="append-only"), writing(store.engine) as connection:
            connection.exec_driver_sql(statement)
    migrate(store.engine, "0001")
    with writing(store.engine) as connection:
        connection.exec_driver_sql("UPDATE event SET mode = 'repair'")
    migrate(store.engine)
    with pytest.raises(StoreError, match="append-only"), writing(store.engine) as connection:
        connection.exec_driver_sql("UPDATE event SET mode = 'live'")


def test_postgresql_refuses_to_truncate_the_log(postgres_url: str) -> None:
    store = SqlStore.open(postgres_url)
    with pytest.raises(StoreError, match="append-only"), writing(store.engine) as connection:
        connection.exec_driver_sql("TRUNCATE event CASCADE")
    store.close()


TWO_ACTS = ("SEC. 2. LAMPS.\nThe Lantern Act is amended—\n(1) by striking subsection (f);\n"
            "SEC. 4. PIERS.\nThe Harbor Act is amended—\n(1) by striking subsection (f);\n")


def test_a_decision_from_before_opening_words_moves_to_the_place_that_was_judged(store: SqlStore) -> None:
    """Until 0005 it withdrew the same fragment under another Act, too."""
    text, quote = MarkedText(TWO_ACTS, (), segment(TWO_ACTS)), "striking subsection (f)"
    flags = tuple(Flag(RELIEF, Effect.ADVANCES, f"Sec. {n}(1)", at, at + len(quote), quote, "r", "1", 1.0)
                  for n, at in ((2, TWO_ACTS.index(quote)), (4, TWO_ACTS.rindex(quote))))
    old = Decision(LAMPS, "a", flags[1], sentence_of(text, flags[1]), ReviewVerdict.REJECT, "No.", "ada", "editor", NOW)
    gone = replace(old, version="b", flag=replace(flags[1], start=0, end=len(quote)))
    bill = Bill("xx", "31", "HB 1", versions=(Version("a", "As introduced"),))
    with store.write() as writer:
        read = ReadText("a", TextStatus.AVAILABLE, "https://law.example/a", "text/plain", "00" * 32, text,
                        tuple(replace(f, review=Review(old.verdict, finding_of(f), "r")) for f in flags), tagged_by="t")
        writer.apply(Change(LAMPS, bill, "h1", 0, "introduced", (), (read,), ()), NOW)
        writer.decide(gone)
        writer.decide(old)
    migrate(store.engine, "0004")
    with writing(store.engine) as connection:
        connection.exec_driver_sql("UPDATE flag SET key = 'an older key'")
    assert store.count_stale("t") == 0
    migrate(store.engine)
    reviews = Reviews(store.engine)
    keys = [key_of_flag(LAMPS, f, text) for f in flags]
    assert [d.words for d in reviews.decisions(keys[1])] == ["the harbor act is amended: by striking subsection f"]
    assert not reviews.decisions(keys[0]) and reviews.decisions(key_of_decision(gone)) == (gone,)
    assert all(reviews.flag(key) is not None for key in keys)
    with store.write() as writer:
        assert shown(apply_decisions(flags, writer.decisions(LAMPS), text)) == flags[:1]
    assert store.count_stale("t") == 1  # so that `retag` brings back what was withheld by mistake


def test_a_populated_database_goes_down_to_nothing_and_up_again(store: SqlStore) -> None:
    populate(store)
    migrate(store.engine, "base")
    assert set(inspect(store.engine).get_table_names()) == {"alembic_version"}
    migrate(store.engine)
    populate(store)


def test_foreign_keys_are_checked_again_after_a_migration(store: SqlStore) -> None:
    migrate(store.engine, "0001")
    migrate(store.engine)
    with pytest.raises(StoreError), writing(store.engine) as connection:
        connection.exec_driver_sql("INSERT INTO event_topic VALUES ('funding-condition', 99, 'xx')")


def test_a_failing_migration_changes_nothing(store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9998_broken.py").write_text(
        '"""Breaks half-way."""\nfrom alembic import op\nimport sqlalchemy as sa\n'
        f'revision, down_revision = "9998", "{HEAD}"\n'
        'def upgrade():\n    op.add_column("job", sa.Column("extra", sa.Text()))\n    op.execute("SELECT nonsense")\n'
        'def downgrade():\n    pass\n')
    populate(store)
    before = contents(store.engine)
    monkeypatch.setattr(migration, "migrations_folder", lambda: folder)
    with pytest.raises(StoreError):
        migrate(store.engine, "9998")
    assert contents(store.engine) == before
    assert "extra" not in {c["name"] for c in inspect(store.engine).get_columns("job")}


def test_a_batch_migration_keeps_child_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite rebuilds the table under a batch migration; with foreign keys on, its children would be emptied."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9998_batch.py").write_text(
        '"""Rebuilds bill."""\nfrom alembic import op\nimport sqlalchemy as sa\n'
        f'revision, down_revision = "9998", "{HEAD}"\n'
        'def upgrade():\n    with op.batch_alter_table("bill", recreate="always") as batch:\n'
        '        batch.alter_column("stage", existing_type=sa.Text(), nullable=True)\n'
        'def downgrade():\n    pass\n')
    store = SqlStore.open(tmp_path / "store.db")
    populate(store)
    before = contents(store.engine)
    monkeypatch.setattr(migration, "migrations_folder", lambda: folder)
    migrate(store.engine, "9998")
    assert contents(store.engine) == before
    store.close()


def test_a_database_of_a_newer_billwatch_is_refused(store: SqlStore) -> None:
    with writing(store.engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer than this billwatch"):
        migrate(store.engine)


def test_two_processes_that_meet_an_empty_database_migrate_it_once(address: str) -> None:
    problems: list[BaseException] = []

    def start() -> None:
        try:
            engine = open_engine(address)
            migrate(engine)
            engine.dispose()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    store = SqlStore.open(address)
    populate(store)
    store.close()


def test_ties_of_bills_from_before_0022_are_found_in_their_records_and_texts(store: SqlStore) -> None:
    """Also those of the past: the rows are what they would be, had they been written at the time."""
    words = "SEC. 2. LAMPS.\nThe warden of the lamps is no longer liable for the dark.\n"
    text = MarkedText(words, (), segment(words))
    flags = (Flag(RELIEF, Effect.ADVANCES, "Sec. 2", 0, 4, "SEC.", "r", "1", 1.0),)
    turns: tuple[tuple[int, tuple[RelatedBill, ...], tuple[Flag, ...]], ...] = (
        (0, (RelatedBill("31", "HB 2", "companion"),), flags),
        (1, (RelatedBill("31", "HB 2", "companion"), RelatedBill("31", "SB 3")), ()),  # for no time: never seen
        (1, (RelatedBill("31", "HB 4"),), ()),
        (2, (RelatedBill("31", "HB 2", "replaces"), RelatedBill("31", "SB 3")), flags))
    for turn, (hours, related, raised) in enumerate(turns):
        bill = Bill("xx", "31", "HB 1", versions=(Version("a", "As introduced"),), related_bills=related)
        read = ReadText("a", TextStatus.AVAILABLE, "https://law.example/a", "text/plain", f"{turn:064}", text, raised)
        with store.write() as writer:
            writer.apply(Change(LAMPS, bill, f"h{turn}", turn, "introduced", (), (read,), ()),
                         NOW + timedelta(hours=hours))
    before = {name: sorted(rows, key=repr) for name, rows in contents(store.engine).items()}
    assert len(before["related_bill"]) == 4 and before["past_section"] and before["flag"][0][-1]
    migrate(store.engine, "0021")
    migrate(store.engine)
    assert {name: sorted(rows, key=repr) for name, rows in contents(store.engine).items()} == before
