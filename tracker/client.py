"""Addresses of another billwatch's API to its answers: pages walked, the change feed followed, typed errors.

    with Client("https://billwatch.example") as billwatch:
        for bill in billwatch.bills(topic="platform-liability"):
            print(bill["id"], bill["stage"])
        for event in billwatch.follow(since=last_seq_that_i_have):
            print(event["seq"], event["kind"], event["bill"])
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import httpx

Json = dict[str, Any]
TRIES = 5
MOST_COPIES = 500
LONGEST_PAUSE = 120.0  # seconds; whoever is told to wait longer hears of it by RateLimited


class ApiError(Exception):
    """A problem that the site told (RFC 9457)."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail = status, title, detail


class BadRequest(ApiError):
    """400: what was asked cannot be understood."""


class Unauthorized(ApiError):
    """401: the key is unknown or was revoked."""


class NotFound(ApiError):
    """404."""


class Conflict(ApiError):
    """409: `since` lies behind the end of the log; a backup was restored there. Read it again from 0."""


class RateLimited(ApiError):
    """429, after as many tries as are polite."""


class Unreachable(Exception):
    """No answer, or only failures of the server, after as many tries as are polite."""


_ERRORS: dict[int, type[ApiError]] = {
    400: BadRequest, 401: Unauthorized, 404: NotFound, 409: Conflict, 429: RateLimited}


class Client:
    """Not for several threads. `key` lifts the limit. `sleep` is for tests."""

    def __init__(self, base_url: str, key: str | None = None, *, timeout: float = 30.0,
                 sleep: Callable[[float], None] = time.sleep) -> None:
        headers = {"user-agent": "billwatch-client", **({"authorization": f"Bearer {key}"} if key else {})}
        self._http = httpx.Client(base_url=f"{base_url.rstrip('/')}/api/v1", headers=headers, timeout=timeout,
                                  follow_redirects=True)
        self._sleep = sleep
        self._copies: OrderedDict[str, tuple[str, Any]] = OrderedDict()  # address -> ETag, answer

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, raised: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # --- one answer ---------------------------------------------------------------------------------------------------

    def bill(self, bill_id: str, as_of: str | None = None) -> Json:
        """Raises NotFound."""
        found: Json = self.get(f"/bills/{bill_id}", **{"as-of": as_of})
        return found

    def votes(self, bill_id: str, as_of: str | None = None) -> list[Json]:
        """Its roll calls, each with `counts`: a list of `option` and `value`, None if the source told none."""
        return list(self.bill(bill_id, as_of)["bill"]["votes"])

    def versions(self, bill_id: str, as_of: str | None = None) -> list[Json]:
        """Its texts with their flags, without the words: for those ask `version`."""
        return list(self.get(f"/bills/{bill_id}/versions", **{"as-of": as_of})["versions"])

    def version(self, bill_id: str, code: str, as_of: str | None = None) -> Json:
        """Text, marks, provisions and flags."""
        found: Json = self.get(f"/bills/{bill_id}/versions/{code}", **{"as-of": as_of})
        return found

    def provisions(self, bill_id: str, code: str, as_of: str | None = None) -> Json:
        """Section by section, with words and flags."""
        found: Json = self.get(f"/bills/{bill_id}/versions/{code}/provisions", **{"as-of": as_of})
        return found

    def compare(self, bill_id: str, before: str, after: str, as_of: str | None = None) -> Json:
        found: Json = self.get(f"/bills/{bill_id}/compare/{before}..{after}", **{"as-of": as_of})
        return found

    def topics(self, as_of: str | None = None) -> list[Json]:
        return list(self.get("/topics", **{"as-of": as_of}))

    def sources(self, as_of: str | None = None) -> list[Json]:
        """How each source fares, and since when the site may be blind."""
        return list(self.get("/sources", **{"as-of": as_of}))

    def get(self, path: str, **query: Any) -> Any:
        """Any address below /api/v1. Asks with the ETag of the last answer; do not change what comes back."""
        asked = {name: value for name, value in query.items() if value is not None}
        address = str(self._http.build_request("GET", path, params=asked).url)
        etag, copy = self._copies.get(address, (None, None))
        answer = self._ask(path, asked, {"if-none-match": etag} if etag else {})
        if answer.status_code == 304:
            self._copies.move_to_end(address)
            return copy
        body = answer.json()
        if "etag" in answer.headers:
            self._copies[address] = (answer.headers["etag"], body)
            if len(self._copies) > MOST_COPIES:
                self._copies.popitem(last=False)
        return body

    # --- lists --------------------------------------------------------------------------------------------------------

    def bills(self, **filters: Any) -> Iterator[Json]:
        """Flagged ones; with `show="all"` every one. `topic`, `jurisdiction`, `session`, `effect`, `stage`, `words`.

        A date goes to this and every list as `**{"as-of": "2025-06-01"}`.
        """
        return self._pages("/bills", "bills", filters)

    def flags(self, **filters: Any) -> Iterator[Json]:
        return self._pages("/flags", "flags", filters)

    def hearings(self, begin: str | None = None, end: str | None = None, **filters: Any) -> Iterator[Json]:
        return self._pages("/hearings", "hearings", {"from": begin, "to": end, **filters})

    def search(self, query: str, **options: Any) -> Iterator[Json]:
        """Raises BadRequest, which says what is wrong with the query."""
        return self._pages("/search", "bills", {"q": query, **options})

    def changes(self, begin: str | None = None, end: str | None = None, **filters: Any) -> Iterator[Json]:
        """Bills that changed between two dates, both included: each with `before` and `events`. A bill with many
        changes may come in several parts."""
        after: int | None = None
        while True:
            page = self.get("/changes", **{"from": begin, "to": end}, **filters, after=after)
            yield from page["bills"]
            after = page["next"]
            if after is None:
                return

    def _pages(self, path: str, name: str, filters: Json) -> Iterator[Json]:
        cursor: str | None = None
        while True:
            page = self.get(path, **filters, cursor=cursor)
            yield from page[name]
            cursor = page["next"]
            if cursor is None:
                return

    # --- the change feed ----------------------------------------------------------------------------------------------

    def events(self, since: int = 0, **filters: Any) -> Iterator[Json]:
        """Every event after `since` that there is now. Keep `seq` of the last one that you dealt with."""
        while True:
            page = self.get("/events", since=since, limit=1000, **filters)
            yield from page["events"]
            since = page["next"]
            if since >= page["last"]:
                return

    def follow(self, since: int = 0, wait: int = 25, **filters: Any) -> Iterator[Json]:
        """For ever: each event once, in order, soon after it is noticed. Survives restarts of the site."""
        while True:
            page = self.get("/events", since=since, limit=1000, wait=wait, **filters)
            yield from page["events"]
            since = page["next"]

    def _ask(self, path: str, query: Json, headers: dict[str, str]) -> httpx.Response:
        """Waits as long as the site says, or twice as long each time."""
        last = "no answer"
        for attempt in range(TRIES):
            pause = float(2**attempt)
            try:
                answer = self._http.get(path, params=query, headers=headers)
            except httpx.TransportError as problem:
                last = type(problem).__name__
            else:
                if answer.status_code < 400:
                    return answer
                told = _told(answer)
                after = answer.headers.get("retry-after", "")
                pause = max(1.0, float(after)) if after.isdecimal() else pause
                if answer.status_code != 429 and answer.status_code < 500:
                    raise told
                if answer.status_code == 429 and (attempt == TRIES - 1 or pause > LONGEST_PAUSE):
                    raise told
                last = str(told)
            if attempt < TRIES - 1:
                self._sleep(min(pause, LONGEST_PAUSE))
        raise Unreachable(f"{self._http.base_url}: {last} after {TRIES} tries")


def _told(answer: httpx.Response) -> ApiError:
    try:
        said = answer.json()
        title, detail = str(said["title"]), str(said["detail"])
    except (ValueError, KeyError, TypeError):
        title, detail = answer.reason_phrase, ""
    return _ERRORS.get(answer.status_code, ApiError)(answer.status_code, title, detail)
