"""A real mail server of one's own: Postfix from Debian on loopback, with its own settings, queue and mailboxes.

Postfix must be started by root; its daemons drop to its own user. Where it cannot run, tests skip and say why.
"""

from __future__ import annotations

import mailbox
import os
import pwd
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

DAEMONS, COMMANDS = Path("/usr/lib/postfix/sbin"), Path("/usr/sbin")
BOX_OWNER = "nobody"

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
command unix - n n - - pipe flags=DRX user={owner} directory={folder} argv={folder}/take ${{original_recipient}}
"""

MAIN = """\
compatibility_level = 3.6
myhostname = mx.good.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {daemons}
command_directory = {commands}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
alias_maps =
local_recipient_maps =
local_transport = error:5.1.1 nobody is local
default_transport = error:5.1.2 no mail leaves this machine
recipient_delimiter = +
virtual_mailbox_domains = good.example, watch.example.org
virtual_mailbox_base = {folder}/boxes
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
transport_maps = texthash:{folder}/transport
smtpd_reject_unlisted_recipient = no
smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{policy}, permit_mynetworks, reject
smtpd_error_sleep_time = 0
smtpd_client_connection_rate_limit = 0
notify_classes =
"""

TRANSPORT = """\
full@good.example error:5.2.2 the mailbox is full
policy@good.example error:5.7.1 we do not want this message
pipe.example command:
"""


@dataclass
class Policy:
    """What the server answers to RCPT: `answers` of one recipient, one each time; then "dunno" (it is taken)."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    greylisted: set[str] = field(default_factory=set)  # domains or addresses: the first try of a triplet is put off
    asked: Counter[str] = field(default_factory=Counter)
    seen: set[tuple[str, str, str]] = field(default_factory=set)

    def answer(self, request: dict[str, str]) -> str:
        to = request.get("recipient", "")
        self.asked[to] += 1
        triplet = (request.get("client_address", ""), request.get("sender", ""), to)
        if to in self.greylisted and triplet not in self.seen:
            self.seen.add(triplet)
            return "defer_if_permit 4.7.1 greylisted, try again later"
        left = self.answers.get(to)
        return left.pop(0) if left else "dunno"


@dataclass
class Postfix:
    folder: Path
    port: int
    policy: Policy

    def box(self, name: str) -> list[mailbox.MaildirMessage]:
        """What lies in a mailbox. The path: folder / "boxes" / name."""
        return list(mailbox.Maildir(self.folder / "boxes" / name, create=True))

    def wait_until_idle(self, seconds: float = 60) -> None:
        """All that was taken is delivered or came back."""
        until = time.monotonic() + seconds
        while "Mail queue is empty" not in self._run("postqueue", "-p"):
            if time.monotonic() > until:
                raise TimeoutError(self._run("postqueue", "-p") + self.log)
            time.sleep(0.1)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text() if (self.folder / "log").exists() else ""

    def _run(self, command: str, *words: str) -> str:
        return subprocess.run([COMMANDS / command, "-c", self.folder / "etc", *words], capture_output=True, text=True,
                              timeout=60, check=False).stdout


class Unavailable(Exception):
    """Why Postfix cannot run here."""


@contextmanager
def postfix(boxes: tuple[str, ...]) -> Iterator[Postfix]:
    """With these mailboxes at good.example, and `bounces` at watch.example.org. Raises Unavailable."""
    if not (COMMANDS / "postfix").exists():
        raise Unavailable("Postfix is not installed: apt-get install postfix")
    if os.geteuid() != 0:
        raise Unavailable("Postfix can only be started by root")
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    policy = Policy()
    desk = _Desk(("127.0.0.1", 0), _handler(policy))
    threading.Thread(target=desk.serve_forever, daemon=True).start()
    try:
        port = _free_port()
        _write(folder, port, desk.server_address[1], boxes)
        started = subprocess.run([COMMANDS / "postfix", "-c", folder / "etc", "start"], capture_output=True, text=True,
                                 timeout=120, check=False)
        server = Postfix(folder, port, policy)
        if started.returncode or not _answers(port):
            raise Unavailable(f"Postfix did not start: {started.stderr} {server.log}")
        yield server
    finally:
        if (folder / "etc").exists():
            subprocess.run([COMMANDS / "postfix", "-c", folder / "etc", "stop"], capture_output=True, timeout=120,
                           check=False)
        desk.shutdown()
        desk.server_close()
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, port: int, policy: int, boxes: tuple[str, ...]) -> None:
    owner = pwd.getpwnam(BOX_OWNER)
    folder.chmod(0o755)
    for name in ("etc", "queue", "data", "boxes"):
        (folder / name).mkdir(mode=0o755)
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "boxes", BOX_OWNER)
    values = {"folder": folder, "port": port, "policy": policy, "daemons": DAEMONS, "commands": COMMANDS,
              "uid": owner.pw_uid, "gid": owner.pw_gid, "owner": BOX_OWNER}
    (folder / "etc" / "main.cf").write_text(MAIN.format(**values))
    (folder / "etc" / "master.cf").write_text(MASTER.format(**values))
    (folder / "transport").write_text(TRANSPORT)
    (folder / "mailboxes").write_text("bounces@watch.example.org bounces/\n" + "".join(
        f"{name}@good.example {name}/\n" for name in boxes))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    for _ in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as peer:
            return peer.recv(4) == b"220 "
        time.sleep(0.1)
    return False


class _Desk(socketserver.ThreadingTCPServer):
    """Postfix's policy delegation protocol: lines of name=value, an empty one, and an action back."""

    daemon_threads = True
    allow_reuse_address = True


def _handler(policy: Policy) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            request: dict[str, str] = {}
            for raw in self.rfile:
                line = raw.decode("latin-1").strip()
                if line:
                    name, _, value = line.partition("=")
                    request[name] = value
                    continue
                self.wfile.write(f"action={policy.answer(request)}\n\n".encode())
                request = {}

    return Handler


class Cutter:
    """A wire between the sender and the server that is cut in the middle of DATA, as often as `cuts` says."""

    def __init__(self, port: int, cuts: int = 0, after: int = 3000) -> None:
        self._target, self.cuts, self._after = port, cuts, after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                threading.Thread(target=self._answers, args=(server, client), daemon=True).start()
                threading.Thread(target=self._words, args=(client, server), daemon=True).start()

    def _answers(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while raw := server.recv(65536):
                client.sendall(raw)
        _cut(server, client)

    def _words(self, client: socket.socket, server: socket.socket) -> None:
        in_data, passed = False, 0
        with suppress(OSError):
            while raw := client.recv(512):
                in_data = in_data or raw.lower().startswith(b"data\r\n")
                passed += len(raw) if in_data else 0
                if in_data and self.cuts and passed > self._after:
                    self.cuts -= 1
                    break
                server.sendall(raw)
                if raw.endswith(b"\r\n.\r\n"):
                    in_data, passed = False, 0
        _cut(server, client)


def _cut(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
