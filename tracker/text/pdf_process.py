"""A process apart that reads PDFs: PDFium is C, and a hostile document may crash it, fill its memory or never end.

One child a process, started at the first PDF and used again. It may hold `MEMORY` bytes and spend `PAGE_SECONDS` of CPU
on one page; the caller waits `WAIT_SECONDS` for a whole document. Whatever goes beyond costs the child, not the caller.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock
from typing import BinaryIO, cast

import msgspec

from tracker.errors import TextError
from tracker.model import MarkedText

LARGEST = 30_000_000  # bytes of a PDF; the largest bill met so far has 0.6 MB
MEMORY = 2 << 30  # bytes of address space
PAGE_SECONDS = 10.0  # of CPU; a dense page takes 0.01
WAIT_SECONDS = 120.0
DOCUMENTS = 500  # then a fresh child, so that what PDFium leaks does not add up
_LENGTH = struct.Struct("!QQ")  # of the jurisdiction and of the PDF; of an error and of a marked text


class Child:
    """The caller's end. Not to be shared by threads: `read` holds a lock."""

    def __init__(self) -> None:
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        self.owner = os.getpid()
        self.served = 0
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from tracker.text.pdf_process import serve; serve()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip

        self.questions = cast(BinaryIO, self.process.stdin)
        self.answers = cast(BinaryIO, self.process.stdout)

    def usable(self) -> bool:
        """A fork of the caller must not talk into its parent's pipes."""
        return self.owner == os.getpid() and self.served < DOCUMENTS and self.process.poll() is None

    def ask(self, body: bytes, jurisdiction: str) -> MarkedText:
        name = jurisdiction.encode()
        deadline = time.monotonic() + WAIT_SECONDS
        self.served += 1
        try:
            self.questions.write(_LENGTH.pack(len(name), len(body)) + name + body)
            self.questions.flush()
            wrong, size = _LENGTH.unpack(self._receive(_LENGTH.size, deadline))
            if wrong:
                raise TextError(self._receive(wrong, deadline).decode())
            return msgspec.msgpack.decode(self._receive(size, deadline), type=MarkedText)
        except (OSError, EOFError) as problem:
            raise self._lost(str(problem)) from None

    def _receive(self, size: int, deadline: float) -> bytes:
        pipe = self.answers.fileno()
        parts: list[bytes] = []
        while size:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError(f"no answer within {WAIT_SECONDS:.0f} seconds")
            part = os.read(pipe, min(size, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _lost(self, reason: str) -> TextError:
        if not reason:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        code = self.process.poll()
        self.close()
        if code == -signal.SIGPROF:
            return TextError(
                f"expected a PDF whose pages take at most {PAGE_SECONDS:.0f} seconds each; got a longer one"
            )
        ended = f"its reader ended by itself ({_ending(code)})" if code is not None else reason
        return TextError(f"expected a PDF that can be read within limits; {ended}")

    def close(self) -> None:
        if self.owner != os.getpid():
            return
        self.process.kill()
        self.process.wait()
        for pipe in (self.questions, self.answers):
            with contextlib.suppress(OSError):
                pipe.close()


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


_lock = Lock()
_child: Child | None = None


def read(body: bytes, jurisdiction: str = "") -> MarkedText:
    """Raises TextError with what the child said, or that it was lost."""
    global _child
    if len(body) > LARGEST:
        raise TextError(f"expected a PDF of at most {LARGEST} bytes; got {len(body)}")
    with _lock:
        if _child is None or not _child.usable():
            stop()
            _child = Child()
        return _child.ask(body, jurisdiction)


@atexit.register
def stop() -> None:
    """End the child, if there is one."""
    global _child
    if _child is not None:
        _child.close()
        _child = None


# --- the child's end --------------------------------------------------------------------------------------------------


def serve() -> None:
    """Answer until standard input ends."""
    from tracker.text.pdf import parse  # here, so that the caller never loads PDFium

    _limit()
    while request := _read(sys.stdin.buffer, _LENGTH.size):
        name, size = _LENGTH.unpack(request)
        jurisdiction = _read(sys.stdin.buffer, name).decode()
        body = _read(sys.stdin.buffer, size)
        try:
            answer = msgspec.msgpack.encode(parse(body, jurisdiction, _wind))
            wrong = b""
        except TextError as problem:
            answer, wrong = b"", str(problem).encode()
        except (MemoryError, RecursionError) as problem:
            answer, wrong = b"", f"expected a PDF within limits; got {type(problem).__name__}".encode()
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(_LENGTH.pack(len(wrong), len(answer)) + wrong + answer)
        sys.stdout.buffer.flush()


def _limit() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _wind(number: int) -> None:
    """Before each page: SIGPROF ends the process if the page takes too long."""
    signal.setitimer(signal.ITIMER_PROF, PAGE_SECONDS)


def _read(pipe: BinaryIO, size: int) -> bytes:
    data = pipe.read(size)
    if data and len(data) < size:
        raise SystemExit(1)  # the caller is gone
    return data
