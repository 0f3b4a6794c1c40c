"""Answers of the site, taken down while time passes, against what it says later of those days."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import unified_diff
from itertools import pairwise
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

LISTS = ("/api/v1/bills?show=all&limit=200", "/api/v1/bills?limit=20", "/api/v1/topics", "/api/v1/sources",
         "/api/v1/events?since=0&limit=1000", "/api/v1/bills?topic=anti-trafficking&effect=advances",
         "/api/v1/bills?stage=in-committee&show=all&words=act", "/api/v1/flags?limit=200",
         "/api/v1/flags?topic=anti-trafficking&limit=50", "/api/v1/hearings?from=2020-01-01&to=2035-01-01&limit=200",
         "/week.csv", "/overview.csv", "/us/overview.csv", "/calendar.csv",
         "/api/v1/search?q=act&limit=200&facets=true", "/api/v1/search?q=traffick*&limit=3&facets=true",
         "/api/v1/search?q=%22human+trafficking%22+stage:in-committee&limit=20",
         "/api/v1/search?q=topic:anti-trafficking+effect:advances&limit=200&facets=true",
         "/api/v1/search?q=cite:%2218+U.S.C.+1591%22&limit=200", "/api/v1/search?q=sponsor:smith+-title:children")
# Pages whole: what a reader sees, but for what says that it is of the past, and the addresses of that day.
PAGES = ("/", "/bills", "/topics", "/topics/anti-trafficking", "/sources", "/week", "/overview", "/calendar", "/us",
         "/search", "/search?q=traffick*+OR+prostitut*", "/search?q=title:act+jurisdiction:us")
# A look that finds the same bytes again is not kept: of the past, `fetched_at` is the first look at them.
LOOKS = ("fetched_at", "lastmod", "last_modified")
_FROM_THEN = re.compile(r'<p class="banner">As known on .*?</p>|<meta name="robots" content="noindex">\n|'
                        r'<input type="hidden" name="as-of"[^>]*>|(?:\?|&amp;)as-of=[0-9TZ:.-]+|'
                        r' value="[0-9-]+"(?= required>)|<p class="cite">.*?</p>|'
                        r'<p>Hear of its next step: .*?</p>|'  # what can be done now is offered today only
                        r'<form method="post" action="/saved">.*?</form>|(?s:<p class="orders">.*?</p>)')  # likewise
# A minute of these questions is more than one network may ask; a limit would answer 429 by the wall clock.
ASK_FREELY = 10**6


@dataclass
class Recollection:
    """What `app` said at each moment."""

    app: Litestar
    said: dict[datetime, dict[str, Any]] = field(default_factory=dict)

    def take_down(self, at: datetime, bills: Iterable[str]) -> None:
        with TestClient(self.app) as client:
            self.said[at] = {path: answer(client, path) for path in [*LISTS, *PAGES, *_of_bills(client, bills)]}

    def differences(self) -> list[tuple[datetime, str, Any]]:
        """Where the site now says another thing of a moment than it said at that moment, with both, or lines of it."""
        with TestClient(self.app) as client:
            return [(at, path, _apart(then, now)) for at, answers in self.said.items() for path, then in answers.items()
                    if (now := answer(client, as_of(path, at))) != then]


def as_of(path: str, at: datetime) -> str:
    return f"{path}{'&' if '?' in path else '?'}as-of={at:%Y-%m-%dT%H:%M:%S.%f}Z"


def answer(client: TestClient[Litestar], path: str) -> Any:
    """The status, and the body of a good answer. Any other status would compare refusals, not knowledge."""
    found = client.get(path)
    assert found.status_code in (200, 404), f"{path}: {found.status_code} {found.text[:300]}"
    if found.status_code == 404:
        return 404, None
    kind = found.headers["content-type"].partition(";")[0]
    if kind == "text/html":
        return 200, _FROM_THEN.sub("", found.text).replace("?&amp;", "?").splitlines()
    return 200, found.text if kind == "text/csv" else _without_looks(json.loads(found.content))


def _apart(then: tuple[int, Any], now: tuple[int, Any]) -> Any:
    if isinstance(then[1], list) and isinstance(now[1], list):
        return list(unified_diff(list(map(str, then[1])), list(map(str, now[1])), n=0, lineterm=""))
    return then, now


def _without_looks(body: Any) -> Any:
    if isinstance(body, dict) and "pages" in body:
        return {**body, "pages": [{k: v for k, v in page.items() if k not in LOOKS} for page in body["pages"]]}
    return body


def _of_bills(client: TestClient[Litestar], bills: Iterable[str]) -> list[str]:
    paths = []
    for bill in bills:
        paths += [f"/{bill}", f"/api/v1/bills/{bill}", f"/api/v1/bills/{bill}/versions", f"/api/v1/events?bill={bill}"]
        codes: Sequence[dict[str, Any]] = client.get(f"/api/v1/bills/{bill}").json().get("versions", ())
        paths += [f"/api/v1/bills/{bill}/versions/{v['code']}" for v in codes]
        paths += [f"/api/v1/bills/{bill}/versions/{v['code']}/provisions" for v in codes[-1:]]
        paths += [f"/{bill}/text/{v['code']}" for v in codes[-1:]]
        paths += [f"/{bill}/compare/{old['code']}..{new['code']}" for old, new in pairwise(codes)]
    return paths
