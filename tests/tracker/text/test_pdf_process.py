"""PDFs from outside are read in a process apart: whatever happens there costs that process, never the caller."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator

import pytest

from tests.tracker.text.paper import Sheet, pdf
from tracker.errors import TextError
from tracker.model import MarkedText
from tracker.text import pdf_process, read
from tracker.text.pdf import parse

ENACTED = "Be it enacted by the Legislature of the State of Nowhere:"
BODY = pdf(Sheet().lines(ENACTED).marked(100, 650, ("The fee is ", ""), ("ten", "s"), (" twenty", "u")))


@pytest.fixture(autouse=True)
def own_child() -> Iterator[None]:
    pdf_process.stop()
    yield
    pdf_process.stop()


def child() -> pdf_process.Child:
    read(BODY, "application/pdf")
    assert pdf_process._child is not None
    return pdf_process._child


def test_the_process_apart_reads_what_the_parser_reads() -> None:
    assert read(BODY, "application/pdf; charset=binary", "us-wy") == parse(BODY, "us-wy")


def test_errors_of_the_document_come_back_as_they_are() -> None:
    with pytest.raises(TextError) as apart:
        read(b"%PDF-1.7\n%%EOF", "application/pdf")
    with pytest.raises(TextError) as here:
        parse(b"%PDF-1.7\n%%EOF")
    assert str(apart.value) == str(here.value)


def test_one_child_reads_many_documents_and_is_replaced_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_process, "DOCUMENTS", 3)
    seen = [child().process.pid for _ in range(7)]
    assert [seen.count(pid) for pid in dict.fromkeys(seen)] == [3, 3, 1]


def test_a_child_that_died_between_documents_is_replaced() -> None:
    first = child()
    first.process.kill()
    first.process.wait()
    assert child().process.pid != first.process.pid


@pytest.mark.parametrize("end, told", [(signal.SIGSEGV, "SIGSEGV"), (signal.SIGPROF, "at most 10 seconds each")])
def test_a_child_that_dies_over_a_document_is_a_text_error(end: signal.Signals, told: str) -> None:
    doomed = child()
    os.kill(doomed.process.pid, signal.SIGSTOP)
    timer = threading.Timer(0.2, lambda: [os.kill(doomed.process.pid, sign) for sign in (end, signal.SIGCONT)])
    timer.start()
    with pytest.raises(TextError, match=told):
        read(BODY, "application/pdf")
    timer.join()
    assert isinstance(read(BODY, "application/pdf"), MarkedText)


def test_a_document_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = child()
    os.kill(stuck.process.pid, signal.SIGSTOP)
    monkeypatch.setattr(pdf_process, "WAIT_SECONDS", 0.2)
    with pytest.raises(TextError, match="no answer within"):
        read(BODY, "application/pdf")
    assert stuck.process.poll() is not None


def test_a_page_that_takes_too_long_ends_the_child_by_itself() -> None:
    spin = "from tracker.text import pdf_process as p; p.PAGE_SECONDS = 0.1; p._wind(1)\nwhile True: pass"
    ended = subprocess.run([sys.executable, "-c", spin], timeout=30)
    assert ended.returncode == -signal.SIGPROF


def test_a_stream_that_swells_ends_in_an_error() -> None:
    body = pdf(Sheet().lines("Ducks count."))
    start, end = body.index(b"stream\n") + 7, body.index(b"\nendstream")
    bomb = zlib.compress(b"0 0 m " * 20_000_000, 9)  # 120 MB of path
    swollen = body[:start] + bomb + body[end:]
    swollen = swollen.replace(f"/Length {end - start}".encode(), f"/Length {len(bomb)}".encode())
    try:
        assert isinstance(read(swollen, "application/pdf"), MarkedText)
    except TextError as problem:
        assert str(problem)
    assert isinstance(read(BODY, "application/pdf"), MarkedText)


def test_a_body_beyond_the_limit_is_not_even_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_process, "LARGEST", 100)
    with pytest.raises(TextError, match="at most 100 bytes"):
        read(BODY, "application/pdf")
    assert pdf_process._child is None


def test_broken_bytes_give_a_text_or_a_text_error_and_nothing_else() -> None:
    chance = random.Random(7)
    for _ in range(150):
        body = bytearray(BODY)
        for _ in range(chance.randint(1, 30)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        cut = bytes(body) if chance.random() < 0.7 else bytes(body[: chance.randrange(len(body))]) + b"%%EOF"
        try:
            assert isinstance(read(cut, "application/pdf"), MarkedText)
        except TextError as problem:
            assert str(problem).startswith("expected")


def test_threads_take_turns() -> None:
    texts: list[MarkedText] = []
    threads = [threading.Thread(target=lambda: texts.append(read(BODY, "application/pdf"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 8 and len(set(map(str, texts))) == 1
