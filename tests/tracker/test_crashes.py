"""What a crash prints: what failed and where, never the value; no image of memory; nothing for `ps` to show."""

from __future__ import annotations

import subprocess
import sys
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracker.cli import app

ROOT = Path(__file__).resolve().parents[2]
SECRET = "zvorblatt@quill.example"
START = f"""
import asyncio, logging, threading
from tracker import crashes
crashes.install()
def choke():
    try:
        int({SECRET!r})
    except ValueError as problem:
        raise KeyError({SECRET!r}) from problem
"""
WAYS = {
    "the main thread": "choke()",
    "a thread": "t = threading.Thread(target=choke); t.start(); t.join()",
    "a log of a library": """
try:
    choke()
except KeyError:
    logging.getLogger('apscheduler.executors').error('Error running job', exc_info=True)
""",
    "a task that nobody waits for": f"""
async def fail():
    raise KeyError({SECRET!r})
async def main():
    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
asyncio.run(main())
""",
    "an object at its end": f"""
class Odd:
    def __del__(self):
        raise KeyError({SECRET!r})
Odd()
""",
    "the web server": f"""
import httpx
from tracker.crashes import LOGGING
import socket, uvicorn
async def broken(scope, receive, send):
    raise KeyError({SECRET!r})
listener = socket.create_server(('127.0.0.1', 0))
server = uvicorn.Server(uvicorn.Config(broken, log_level='warning', log_config=LOGGING, lifespan='off'))
def ask():
    assert httpx.get(f'http://127.0.0.1:{{listener.getsockname()[1]}}/').status_code == 500
    server.should_exit = True
t = threading.Thread(target=ask); t.start()
server.run(sockets=[listener]); t.join()
""",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_crash_names_type_and_place_and_no_value(way: str) -> None:
    done = subprocess.run([sys.executable, "-c", START + WAYS[way]], cwd=ROOT, capture_output=True, text=True,
                          timeout=60, check=False)
    assert "KeyError" in done.stderr and 'File "' in done.stderr
    assert SECRET not in done.stderr + done.stdout


def test_no_command_leaves_an_image_of_its_memory() -> None:
    done = subprocess.run([sys.executable, "-c", START + "import resource; print(resource.getrlimit("
                           "resource.RLIMIT_CORE))"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(0, 0)"
    source = (ROOT / "tracker/cli.py").read_text()
    assert source.index("crashes.install()") < source.index("app()\n")


def test_an_address_and_words_are_taken_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BILLWATCH_MAIL", "folder")
    runner = CliRunner()
    done = runner.invoke(app, ["subscribers", "add", "-", "--words", "-"], input=f"{SECRET}\nlanterns\n")
    assert done.exit_code == 0, done.output
    (message,) = (tmp_path / "home").rglob("*.eml")
    assert f"To: {SECRET}" in message.read_text()
    assert runner.invoke(app, ["subscribers", "add", "-"], input="").exit_code == 2
    wrong = runner.invoke(app, ["subscribers", "add", "-"], input=f"{SECRET}@@\n")
    assert wrong.exit_code == 2 and "zvorblatt" not in wrong.output
    assert runner.invoke(app, ["bounces", "lift", "-"], input=f"{SECRET}\n").exit_code == 1  # was not left alone
    assert runner.invoke(app, ["subscribers", "confirm", "-"], input="abc\n").exit_code == 1


def test_who_is_added_by_hand_is_written_to_in_their_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BILLWATCH_MAIL", "folder")
    runner = CliRunner()
    done = runner.invoke(app, ["subscribers", "add", "-", "--language", "es"], input=f"{SECRET}\n")
    assert done.exit_code == 0, done.output
    (file,) = (tmp_path / "home").rglob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=SMTP)
    assert message["Subject"] == "Por favor, confirma" and message["Content-Language"] == "es"
    refused = runner.invoke(app, ["subscribers", "add", "-", "--language", "xx"], input=f"{SECRET}\n")
    assert refused.exit_code == 2 and SECRET not in refused.output
