"""Sample messages before the filters that readers' providers run: SpamAssassin and rspamd, and by weight and shape."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from fakes.happenings import KEYS, NOW, SITE, happening, one_of_each, reader
from fakes.memory import MemoryLog
from lxml import html

from digests.delivery.composer import Composer
from digests.delivery.mail import compose_confirmation
from digests.speech import LANGUAGES, SOURCE
from tracker.model import Cadence, Delivery, Event, EventKind

KINDS = ("instant", "daily", "weekly", "alert", "heartbeat", "confirm")
SAMPLES = [(kind, language) for kind in KINDS for language in LANGUAGES]
NAMES = [f"{kind}-{language}" for kind, language in SAMPLES]

# What rspamd says of where a message comes from and how it is signed: the operator's network and keys decide that, and
# the sample has neither. Everything else is the message's own.
NOT_OURS = re.compile(r"(ARC|DKIM|R_DKIM|DMARC|SPF|R_SPF|AUTH|RBL|RCVD|RECEIVED|ASN|MX|HFILTER|DBL|URIBL|SURBL|RDNS"
                      r"|ONCE_RECEIVED)")
CARD = {"identifier": "HB 7", "title": "An Act concerning lanterns", "session": "31",
        "url": "https://law.example.org/hb7"}  # under a domain as real ones are: filters count no others
# Much English law in a Spanish frame is taken for English, and then every accent is odd. The same words without the
# law are not; nor do we write Spanish without accents.
FOREIGN_ACCENTS = "R_MIXED_CHARSET"
SENT = datetime.now(UTC).replace(microsecond=0)  # a filter mistrusts what is dated in 2031


def events_of(kind: str) -> list[Event]:
    if kind == "heartbeat":
        return []
    if kind == "alert":
        return [happening(1, EventKind.HEARING_SCHEDULED, card=CARD, key="h1", date="2031-03-20"),
                happening(2, card=CARD, description="Public hearing and possible vote", occurred_on=date(2031, 3, 20))]
    if kind == "instant":
        return [happening(1, EventKind.FLAG_RAISED, card=CARD), happening(2, card=CARD)]
    every = 200 if kind == "weekly" else 30
    kinds = list(EventKind)
    return [*one_of_each(card=CARD), *(happening(n, kinds[n % len(kinds)], bill=f"xx/31/hb-{n % 12}", card=CARD,
                                        recorded_at=NOW - timedelta(hours=n % 60)) for n in range(40, 40 + every))]


def sample(kind: str, language: str) -> bytes:
    cadence = {"weekly": Cadence.WEEKLY, "daily": Cadence.DAILY, "heartbeat": Cadence.WEEKLY}.get(kind, Cadence.INSTANT)
    row = replace(reader(cadence=cadence), language=language, heartbeat=True)
    if kind == "confirm":
        return compose_confirmation(replace(row, created_at=SENT), "t" * 43, "s1@example.org", SITE).as_bytes()
    made = Composer(MemoryLog(events_of(kind)), KEYS, SITE)
    raw = made.write(row, Delivery(f"{kind}{language}".ljust(32, "0"), row.id, 0, 999, SENT), "s1@example.org")
    assert raw
    return raw


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=SMTP)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part
    return str(part.get_content())


@pytest.mark.parametrize(("kind", "language"), SAMPLES, ids=NAMES)
def test_a_message_is_light_and_whole_without_pictures(kind: str, language: str) -> None:
    raw = sample(kind, language)
    message = read(raw)
    assert len(raw) < 100_000 and raw.isascii()
    root = html.fromstring(body(message, "html"))
    assert not root.xpath("//img | //script | //link | //@background | //*[contains(@style, 'url(')]")
    seen = set(re.findall(r"\w{4,}", " ".join(root.xpath("//body//text()"))))
    assert seen - {*re.findall(r"\w{4,}", body(message, "plain"))} == set(), "the text part lacks words"
    assert not message.defects and [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(("kind", "language"), [s for s in SAMPLES if s[0] != "confirm"],
                         ids=[n for n in NAMES if not n.startswith("confirm")])
def test_every_digest_can_be_left_with_one_click(kind: str, language: str) -> None:
    message = read(sample(kind, language))
    assert re.fullmatch(r"<https://watch\.example\.org/u/[\w-]{43}>", message["List-Unsubscribe"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_nothing_of_a_sample_is_long_before_its_lines_are_cut() -> None:
    assert max(len(line) for kind, language in SAMPLES for line in sample(kind, language).split(b"\r\n")) <= 998


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[float, str]]:
    """SpamAssassin's score and rules for every sample, in one run. Local rules only: what the network says is about the
    operator's name, not about the message."""
    if not shutil.which("spamassassin"):
        pytest.skip("needs spamassassin")
    home = tmp_path_factory.mktemp("spamassassin")
    box = b"".join(b"From bounces@example.org Thu Mar  6 12:00:00 2031\n" + sample(*one).replace(b"\r\n", b"\n") + b"\n"
                   for one in SAMPLES)
    done = subprocess.run(["spamassassin", "--mbox", "-L", "-p", "/dev/null"], input=box, capture_output=True,
                          check=True, env={**os.environ, "HOME": str(home)}).stdout.decode("utf-8", "replace")
    status = re.compile(r"^X-Spam-Status: .*?score=(-?[\d.]+) .*?tests=(.*?)\s+autolearn", re.DOTALL | re.MULTILINE)
    found = status.findall(done)
    assert len(found) == len(SAMPLES)
    return {name: (float(score), "".join(rules.split())) for name, (score, rules) in zip(NAMES, found, strict=True)}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_spamassassin_finds_nothing(verdicts: dict[str, tuple[float, str]], name: str) -> None:
    score, rules = verdicts[name]
    assert score <= 0, rules


@pytest.fixture(scope="module")
def rspamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A private instance on loopback, with the rules that it comes with."""
    if not shutil.which("rspamd"):
        pytest.skip("needs rspamd")
    home = tmp_path_factory.mktemp("rspamd")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (home / "rspamd.conf").write_text(f'''
.include "$CONFDIR/common.conf"
options {{ pidfile = "{home}/pid"; tempdir = "{home}"; filters = "chartable,dkim,regexp";
           dns {{ timeout = 0.1s; retransmits = 1; nameserver = ["127.0.0.1:9"]; }} }}
logging {{ type = "file"; filename = "{home}/log"; level = "error"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
''')
    command = ["rspamd", "-f", "-c", str(home / "rspamd.conf"), *(f"--var={v}={home}" for v in ("DBDIR", "RUNDIR",
                                                                                              "LOGDIR"))]
    if os.geteuid() == 0:
        command.append("-i")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(240):
            if process.poll() is not None:
                pytest.skip(f"rspamd does not start here: {(home / 'log').read_text()[-300:]}")
            try:
                with urllib.request.urlopen(f"{address}/ping", timeout=1):  # noqa: S310 - loopback
                    break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.skip("rspamd took more than two minutes to start")
        yield address
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "language"), SAMPLES, ids=NAMES)
def test_rspamd_finds_nothing_of_ours(rspamd: str, kind: str, language: str) -> None:
    request = urllib.request.Request(f"{rspamd}/checkv2", data=sample(kind, language),  # noqa: S310
                                     headers={"From": SITE.sender_address, "Rcpt": "s1@example.org",
                                              "IP": "192.0.2.7", "Helo": "mail.example.org"})
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        found = json.load(answer)
    bad = {name: symbol["score"] for name, symbol in found["symbols"].items()
           if symbol["score"] > 0 and not NOT_OURS.match(name)}
    if language != SOURCE:
        bad.pop(FOREIGN_ACCENTS, None)
    assert bad == {}
