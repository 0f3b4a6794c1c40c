"""A whole life of readers at a real service and a real mail server; then nothing of them lies anywhere on the disk."""

from __future__ import annotations

import gzip
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest

from tests.digests.fakes.postoffice import Clerk, PostOffice
from tests.digests.fakes.returns import complaint, status_report
from tests.leaks import Search
from tests.tracker.web.sample import FLAGS, change, fill, sample
from tracker.app import Services
from tracker.model import IngestMode
from tracker.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = "sample-bill-of-lanterns"  # of the log: must be found, or the walk is blind

# Each of these words is a reader's, and of nobody else.
HOST = "quillfeather-reader.example"
READERS = {name: f"{name}.zvorblatt@{HOST}" for name in ("stays", "refused", "greylisted", "bounces", "complains",
                                                          "leaves", "waits", "byhand")}
READERS["greylisted"] = f"slow.zvorblatt@other.{HOST}"  # a domain of its own: one that says 4xx often is left to rest
WISHES: dict[str, Any] = {
    "words": "lanterns OR wimplequonk", "sponsors": "Sample\nDrumbuckler", "committees": "",
    "bills": "xx/7/hb-15\nxx/7/hb-16\nxx/7/hb-88991177"}
SEARCHED = "snorklewacket"
SECRET = ["zvorblatt", HOST, "wimplequonk", "Drumbuckler", "hb-88991177", SEARCHED]


@dataclass
class House:
    """A service as an operator runs it, all that it writes in one folder."""

    folder: Path
    database: str
    clerk: Clerk
    smtp_port: int
    port: int = 0
    tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for name in ("home", "tmp", "logs"):
            (self.folder / name).mkdir()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "BILLWATCH_HOME": str(self.folder / "home"), "TMPDIR": str(self.folder / "tmp"),
                "BILLWATCH_DATABASE": self.database, "BILLWATCH_MAIL": "smtp", "BILLWATCH_SMTP_HOST": "127.0.0.1",
                "BILLWATCH_SMTP_PORT": str(self.smtp_port), "BILLWATCH_SMTP_SECURITY": "off",
                "BILLWATCH_SOURCES": "", "BILLWATCH_BASE_URL": f"http://127.0.0.1:{self.port}",
                "BILLWATCH_BOUNCE_ADDRESS": "bounces@watch.example.org", "PYTHONUNBUFFERED": "1"}

    def open(self) -> Services:
        return Services(Settings(home=self.folder / "home", database=self.database))

    def command(self, *words: str, given: bytes = b"") -> None:
        """What it prints may end in a log of cron or of a mail server: it is walked, too."""
        with (self.folder / "logs" / "commands.log").open("ab") as log:
            subprocess.run([sys.executable, "-m", "tracker.cli", *words], cwd=ROOT, env=self.environment, input=given,
                           stdout=log, stderr=log, timeout=60, check=False)

    def serve(self) -> subprocess.Popen[bytes]:
        with (self.folder / "logs" / "serve.log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "tracker.cli", "serve", "--port", str(self.port)], cwd=ROOT,
                                    env=self.environment, stdout=log, stderr=log)

    def news(self, number: int) -> None:
        """One more flagged bill, old enough to be told at once."""
        with self.open() as services, services.store.write() as writer:
            made = sample(number, f"{PUBLIC} {number}")
            writer.apply(change(f"xx/7/hb-{number}", made, FLAGS, IngestMode.LIVE),
                         datetime.now(UTC) - timedelta(minutes=20))

    def letters(self, address: str) -> list[tuple[str, str]]:
        """(sender, text) of all that came for an address. Every token in it is noted as a secret."""
        found = []
        for message, (sender, (to, *_)) in zip(self.clerk.messages, [*self.clerk.envelopes], strict=False):
            body = message.get_body(("plain",))
            assert body is not None
            text = body.get_content()
            self.tokens.update(re.findall(r"/(?:confirm|manage|u|digest)/([\w.~-]+)", text))
            self.tokens.update(re.findall(r"/u/([\w.~-]+)", str(message["List-Unsubscribe"] or "")))
            if to == address:
                found.append((sender or "", text))
        return found


def until(done: Callable[[], Any], seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := done():
                return found
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    pytest.fail(f"did not happen within {seconds} s")


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    database = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    clerk = Clerk(rcpt=_refuse)
    with PostOffice(clerk) as office:
        yield House(tmp_path, database, clerk, office.port)


_confirmed: set[str] = set()


def _refuse(address: str) -> str | None:
    """Mail servers like to repeat the address in their words. The question to confirm was still taken."""
    if address in _confirmed and address == READERS["refused"]:
        return f"550 5.1.1 <{address}>: Recipient address rejected: wimplequonk"
    if address in _confirmed and address == READERS["greylisted"]:
        return f"451 4.7.1 <{address}>: Greylisted, try again"
    return None


def token_in(text: str, kind: str) -> str:
    found = re.search(rf"/{kind}/([\w.~-]+)", text)
    assert found
    return found[1]


@pytest.mark.slow
def test_no_address_token_or_search_word_of_a_reader_is_anywhere_on_the_disk(house: House) -> None:
    _confirmed.clear()
    with house.open() as services:
        fill(services.store)
    service = house.serve()
    try:
        live(house)
        # While it runs: the journal is there. Then after it has ended.
        walk(house, journal=not house.database)
        limits = Path(f"/proc/{service.pid}/limits")
        assert not limits.exists() or re.search(r"core file size +0 +0 ", limits.read_text())
        service.send_signal(signal.SIGTERM)
        assert service.wait(30) == 0
        walk(house)
    finally:
        service.kill()


def live(house: House) -> None:
    """Sign up, look, confirm, read, change, leave; refused, greylisted, bounced and complained of."""
    client = httpx.Client(base_url=f"http://127.0.0.1:{house.port}", timeout=20)
    until(lambda: client.get("/healthz").status_code == 200)
    for path in (f"/search?q={SEARCHED}", f"/api/v1/search?q={SEARCHED}", f"/subscribe?words={SEARCHED}",
                 f"/search?q=({SEARCHED}", f"/bills?before={SEARCHED}", f"/manage/{SEARCHED}", f"/{SEARCHED}"):
        client.get(path)
    form = {"topics": "decriminalization", "cadence": "instant", "zone": "Pacific/Chatham"}
    for name, address in READERS.items():
        asked = {**form, **(WISHES if name == "stays" else {}), "address": address}
        if name == "byhand":
            house.command("subscribers", "add", address, "--words", WISHES["words"])
            house.command("subscribers", "add", address + " x@", "--words", "(wimplequonk")
        else:
            assert client.post("/subscribe", data={**asked, "step": "preview"}).status_code == 200
            assert client.post("/subscribe", data=asked).status_code == 200
            if name == "stays":  # once more, and wrongly
                assert client.post("/subscribe", data=asked).status_code == 200
                client.post("/subscribe", data={**asked, "address": f"{address}@@", "words": "(wimplequonk"})
        (_, text), *_ = until(lambda a=address: house.letters(a))
        if name == "waits":
            continue
        token = token_in(text, "confirm")
        client.get(f"/confirm/{token}")
        done = client.post(f"/confirm/{token}")
        assert done.status_code == 200
        if name == "byhand" and find_spec("pysequoia"):  # a key names its owner; it stays to the end
            give_key(house, client, token_in(done.text, "manage"), address)
        assert client.post(f"/confirm/{token}").status_code == 404
        _confirmed.add(address)
    house.news(15)
    told = [READERS[n] for n in ("stays", "bounces", "complains", "leaves")]
    until(lambda: house.command("digest") or all(len(house.letters(a)) > 1 for a in told))
    manage = token_in(house.letters(READERS["stays"])[-1][1], "manage")
    page = token_in(house.letters(READERS["stays"])[-1][1], "digest")
    assert client.get(f"/digest/{page}").status_code == 200 and client.get(f"/manage/{manage}").status_code == 200
    for step in ("preview", "edit", ""):
        assert client.post(f"/manage/{manage}", data={**form, **WISHES, "step": step}).status_code == 200
    leave = token_in(house.letters(READERS["leaves"])[-1][1], "u")
    assert client.post(f"/u/{leave}").status_code == 200
    sender = house.letters(READERS["bounces"])[-1][0]
    address = READERS["bounces"]
    house.command("bounces", "take", given=status_report(sender, diagnostic=f"550 <{address}> is gone"))
    sender = house.letters(READERS["complains"])[-1][0]
    house.command("bounces", "take", given=complaint(mail_from=sender, original=f"To: {READERS['complains']}"))
    house.news(16)
    until(lambda: house.command("digest") or len(house.letters(READERS["stays"])) > 2)
    assert len(house.letters(READERS["stays"])) == 3  # asked once, however often signed up; told of both bills
    for words in ("subscribers list", "subscribers list --json", "deliveries list", "deliveries check", "bounces list",
                  "bounces lift " + READERS["bounces"], "health", "reindex",
                  f"subscribers confirm {'x' * 9}{SEARCHED}", f"backup {house.folder / 'home' / 'copy.db'}"):
        house.command(*words.split())
    with house.open() as services:
        kept = {row.filter.words for row in services.ledger.confirmed()}
        assert WISHES["words"] in kept and len(kept) == 2  # the life above was lived
        assert {d.status.value for d in services.ledger.deliveries()} == {"sent", "failed", "queued"}


def give_key(house: House, client: httpx.Client, manage: str, address: str) -> None:
    from pysequoia import Tsk

    pair = Tsk.generate(f"Zvorblatt <{address}>")
    house.tokens.add(manage)
    for pasted, status in ((str(pair), 400), (f"{address} {SEARCHED}", 400), (str(pair.extract_certificate()), 200)):
        assert client.post(f"/manage/{manage}/key", data={"key": pasted}).status_code == status
    assert client.get(f"/manage/{manage}/data").json()["openpgp"]["stored"]


def walk(house: House, journal: bool = False) -> None:
    # A return path proves itself by a keyed hash; the one of a message that is queued must not lie about either.
    proofs = {sender.partition("+")[2].partition("@")[0] for sender, _ in house.clerk.envelopes if sender}
    search, control = Search([*SECRET, *house.tokens, *proofs]), Search([PUBLIC])
    assert len(house.tokens) > 15 and len(proofs) > 8
    home = house.folder / "home"
    found, seen = search.in_folder(house.folder), control.in_folder(house.folder)
    if house.database:
        found |= search.in_postgres(house.database)
        seen |= control.in_postgres(house.database)
        with psycopg.connect(house.database) as admin:
            admin.execute("CHECKPOINT")
            (cluster,) = admin.execute("SHOW data_directory").fetchone() or ("",)
        if os.access(cluster, os.R_OK):
            found |= search.in_folder(Path(cluster))
            assert {leak.where.split("/")[0] for leak in control.in_folder(Path(cluster))} >= {"base", "pg_wal"}
    else:
        for name in ("billwatch.db", "copy.db"):
            found |= search.in_sqlite(home / name)
        assert {"home/copy.db", "home/billwatch.db-wal" if journal else "home/billwatch.db"} <= {s.where for s in seen}
    assert found == set()
    assert (house.folder / "logs" / "serve.log").stat().st_size > 0 and seen


@pytest.mark.parametrize("write", [
    str.encode, lambda w: w.upper().encode(), lambda w: w.encode("utf-16-le"), lambda w: w.encode().hex().encode(),
    lambda w: b64encode(b"a" + w.encode() + b"z"), lambda w: b64encode(b"ab" + w.encode()),
    lambda w: b64encode(w.encode()), lambda w: quote(w).encode(), lambda w: gzip.compress(w.encode())])
def test_the_walk_finds_a_word_however_it_is_written(tmp_path: Path, write: Callable[[str], bytes]) -> None:
    (tmp_path / "file").write_bytes(write("zvorblatt@quill.example"))
    assert {leak.where for leak in Search(["zvorblatt@quill.example"]).in_folder(tmp_path)} == {"file"}


def test_the_walk_looks_into_names_of_files_and_packed_values(tmp_path: Path) -> None:
    (tmp_path / "Zvorblatt.eml").write_bytes(b"")
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE t (v BLOB)")
        connection.execute("INSERT INTO t VALUES (?)", (zlib.compress(b"to zvorblatt, or not to"),))
    search = Search(["zvorblatt"])
    assert {leak.where for leak in search.in_folder(tmp_path)} == {"name of Zvorblatt.eml"}
    assert {leak.where for leak in search.in_sqlite(tmp_path / "a.db")} == {"table t"}
