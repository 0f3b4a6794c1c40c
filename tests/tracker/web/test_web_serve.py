"""The listening server: says where, ends cleanly on a signal, writes nothing about who asked for what."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.tracker.web.sample import open_sample
from tracker.errors import ConfigError
from tracker.web.serve import run

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from pathlib import Path
from tests.tracker.web.sample import open_sample
from tracker.web.serve import run
run(open_sample(Path(sys.argv[1])), "127.0.0.1", 0, lambda address: print(address, flush=True))
print("ended", flush=True)
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_the_parent_goes_on(tmp_path: Path, sign: signal.Signals):
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path / "home")], cwd=ROOT, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])})
    assert process.stdout is not None
    base = process.stdout.readline().strip()
    answer = httpx.get(f"{base}/u/secret-token-123?secret=456")
    assert answer.status_code == 200 and "server" not in answer.headers
    with httpx.Client(base_url=base) as one:
        waits = sorted(one.get("/healthz").elapsed.total_seconds() for _ in range(15))
        assert waits[7] < 0.03, "answers wait for acknowledgements: is TCP_NODELAY set?"
    process.send_signal(sign)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0 and out.strip() == "ended"
    assert "secret" not in err and "127.0.0.1" not in err


def test_a_taken_port_is_named_in_plain_words(tmp_path: Path):
    services = open_sample(tmp_path / "home")
    plain = r"settings host and port: cannot listen on 127\.0\.0\.1 port \d+"
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match=plain):
        run(services, "127.0.0.1", taken.getsockname()[1])
    services.store.close()
