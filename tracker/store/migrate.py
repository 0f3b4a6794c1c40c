"""An empty or older database to the newest schema, in one transaction that only one process runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect

from tracker.errors import StoreError
from tracker.store.engine import writing

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0024"  # tested against the folder; known here so that an up-to-date database opens without loading Alembic
MIGRATION_LOCK = 0x62_77_01  # pg_advisory_xact_lock; "bw", 1


def migrate(engine: Engine, revision: str = HEAD) -> None:
    """Up or down to `revision` ("base": an empty database). Raises StoreError and changes nothing if it fails."""
    if _current(engine) == revision:
        return
    sqlite = engine.dialect.name == "sqlite"
    try:
        with writing(engine.execution_options(migrates=True)) as connection:
            if not sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            _run(connection, revision)
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise StoreError(f"migration to {revision} would leave rows without the row they belong to")
    finally:
        engine.dispose()  # on SQLite its connection checks no foreign keys


def migrations_folder() -> Path:
    """Beside this file in an installed wheel, at the top of a checkout."""
    here = Path(__file__).resolve()
    for folder in (here.parent / "migrations", here.parents[2] / "alembic"):
        if (folder / "env.py").is_file():
            return folder
    raise StoreError("the migrations are missing from this installation")


def configuration(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _current(engine: Engine) -> str:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return "base"
        row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
        return str(row[0]) if row else "base"


def _run(connection: Connection, revision: str) -> None:
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    from alembic import command

    config = configuration(connection)
    script = ScriptDirectory.from_config(config)
    known = [step.revision for step in script.walk_revisions()]  # newest first
    # Read again under the lock: another process may have migrated while this one waited for it.
    found = _stamp(connection)
    if found != "base" and found not in known:
        raise StoreError(f"the database is at revision {found}, newer than this billwatch knows ({HEAD}): upgrade it")
    steps = [*known, "base"]
    try:
        if steps.index(revision) < steps.index(found):
            command.upgrade(config, revision)
        elif revision != found:
            command.downgrade(config, revision)
    except CommandError as problem:
        raise StoreError(f"cannot migrate from {found} to {revision}: {problem}") from problem


def _stamp(connection: Connection) -> str:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision() or "base"
