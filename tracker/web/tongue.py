"""A request to the language of its answer: `?lang=`, or what the browser says; no cookie remembers it.

Who asked by address keeps the language from page to page, as the links of a page carry it on.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import parse_qs

from litestar.types import Scope

from digests.speech import ENGLISH, LANGUAGES, Speech, best_language, speech_of


@dataclass(frozen=True, slots=True)
class Tongue:
    """`asked`: by address, so that links must carry it on."""

    speech: Speech = ENGLISH
    asked: bool = False


_tongue: ContextVar[Tongue] = ContextVar("tongue", default=Tongue())  # noqa: B039 - frozen


def listen(scope: Scope) -> None:
    """For this request and the threads that answer it. Only reader pages speak; the API and the desk are English."""
    _tongue.set(tongue_of(scope))


def tongue_of(scope: Scope) -> Tongue:
    if scope["path"].startswith(("/api/", "/desk")):
        return Tongue()
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    # Feed readers send their own program's language; a feed is the same for all who fetch its address.
    accepted = None if scope["path"].startswith("/feeds/") else _header(scope, b"accept-language")
    return Tongue(speech_of(best_language(asked, accepted)), asked in LANGUAGES)


def _header(scope: Scope, name: bytes) -> str:
    return ",".join(value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name)


def spoken() -> Speech:
    """The language of the request that is being answered."""
    return _tongue.get().speech


# Only our templates write such attributes: quotes of scraped text are escaped wherever it stands.
_LINK = re.compile(r'(<(?:a|form)\b[^>]*?\s(?:href|action)=")(/(?!/|static/|api/|desk)[^"#]*)')


_ASKING = re.compile(r'<form\b[^>]*\smethod="get"[^>]*>')  # such a form drops what its address asks


def carry(html: str) -> str:
    """Every link to a page of ours gets `lang=`, if this one was asked for by address."""
    tongue = _tongue.get()
    if not tongue.asked:
        return html
    language = tongue.speech.language
    html = _ASKING.sub(lambda found: f'{found[0]}<input type="hidden" name="lang" value="{language}">', html)
    return _LINK.sub(lambda found: found[1] + spoken_url(found[2], language, "&amp;"), html)


def carried(url: str) -> str:
    """For a redirect."""
    tongue = _tongue.get()
    return spoken_url(url, tongue.speech.language) if tongue.asked else url


def spoken_url(url: str, language: str, joint: str = "&") -> str:
    if re.search(r"[?&;]lang=", url):
        return url
    return f"{url}{joint if '?' in url else '?'}lang={language}"
