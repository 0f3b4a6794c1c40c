"""What nobody foresaw to lines that say what failed and where, and never with which values; and no image of memory.

Messages of exceptions quote what a library choked on, and that may be a reader's address, words or token. What a crash
prints ends in a journal, in mail of cron, or in a report to a stranger.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from contextlib import suppress
from types import TracebackType
from typing import Any

_Info = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class QuietFormatter(logging.Formatter):
    """The first line of the message, as the event loop puts what failed into the others; places and types below."""

    def format(self, record: logging.LogRecord) -> str:
        first = record.getMessage().partition("\n")[0]
        shown = f"{record.levelname}: {first}"
        return f"{shown}\n{self.formatException(record.exc_info)}" if record.exc_info else shown

    def formatException(self, ei: _Info) -> str:
        return described(ei[1]) if ei[1] else ""


LOGGING: dict[str, Any] = {  # of the web server, which has handlers of its own
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"quiet": {"()": QuietFormatter}},
    "handlers": {"quiet": {"class": "logging.StreamHandler", "formatter": "quiet", "stream": "ext://sys.stderr"}},
    "loggers": {"uvicorn": {"handlers": ["quiet"], "level": "WARNING", "propagate": False}},
}


def described(problem: BaseException) -> str:
    """From the cause to what came of it, as Python has it, without a message."""
    told = [problem]
    while (before := told[0].__cause__ or (None if told[0].__suppress_context__ else told[0].__context__)) \
            and before not in told:
        told.insert(0, before)
    return "\n".join("".join(traceback.format_tb(one.__traceback__)) + type(one).__qualname__ for one in told)


def install() -> None:
    """For this process, its threads, and every log that nobody set up."""
    sys.excepthook = lambda _, problem, __: _print(problem)
    threading.excepthook = lambda args: _print(args.exc_value) if args.exc_value else None
    sys.unraisablehook = lambda args: _print(args.exc_value) if args.exc_value else None
    if logging.lastResort:
        logging.lastResort.setFormatter(QuietFormatter())
    with suppress(ImportError, OSError, ValueError):  # no such thing on this system
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _print(problem: BaseException) -> None:
    print(described(problem), file=sys.stderr)
