"""One look at the log a second for all who wait for news, however many they are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from litestar.concurrency import sync_to_thread

LOOK_SECONDS = 1.0
MOST_WAITING = 200  # connections: beyond, an answer comes at once, and programs ask again


class Bell:
    """Waits without a thread. `last_seq` is asked by one task, while anybody waits; `stopping` lets all go."""

    def __init__(self, last_seq: Callable[[], int], stopping: Callable[[], bool]) -> None:
        self._last_seq, self._stopping = last_seq, stopping
        self._waiting: dict[asyncio.Future[int], int] = {}  # and after which number
        self._looking: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def news(self, after: int, seconds: float) -> bool:
        """Whether the log grew beyond `after` before the time was over."""
        if len(self._waiting) >= MOST_WAITING or seconds <= 0:
            return False
        loop = asyncio.get_running_loop()
        heard: asyncio.Future[int] = loop.create_future()
        self._waiting[heard] = after
        if self._looking is None or self._looking.done() or self._looking.get_loop() is not loop:
            self._looking = loop.create_task(self._look())
        try:
            return await asyncio.wait_for(heard, seconds) > after
        except TimeoutError:
            return False
        finally:
            self._waiting.pop(heard, None)

    async def _look(self) -> None:
        while self._waiting:
            begun = time.monotonic()
            try:
                last = await sync_to_thread(self._last_seq)
            except Exception as problem:  # who waits must hear of it
                for heard in self._waiting:
                    if not heard.done():
                        heard.set_exception(problem)
                return
            for heard, after in list(self._waiting.items()):
                if not heard.done() and (last > after or self._stopping()):
                    heard.set_result(last)
            await asyncio.sleep(max(0.05, LOOK_SECONDS - (time.monotonic() - begun)))
