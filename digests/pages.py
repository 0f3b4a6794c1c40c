"""Templates to text: Jinja2 with everything scraped escaped in HTML, and nothing fetched from anywhere.

Mail programs drop style sheets, so styles are written into the tags. That is done to the templates, once, and not to
every message: expressions and translations are put aside, the rest is inlined, and they are put back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import css_inline
from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from digests import plain
from digests.speech import ENGLISH, Speech, speech_of

QUOTE_LENGTH = 1000  # in a message; the whole quote is on the bill's page
FRAME = "digest.html"  # parts of pages have its styles

_ASIDE = re.compile(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_STAND_IN = re.compile(r"jinja(\d+)put")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class _Inlined(BaseLoader):
    """Templates of another loader with their styles in their tags."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, name, fresh = self._loader.get_source(environment, template)
        if not template.endswith(".html"):
            return source, name, fresh
        frame = _STYLE.search(self._loader.get_source(environment, FRAME)[0])
        return inlined(source, frame[1] if frame else ""), name, fresh


def inlined(source: str, styles: str) -> str:
    """`styles` are for a part; a whole page brings its own."""
    aside: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        aside.append(found[0])
        return f"jinja{len(aside) - 1}put"

    bare = _ASIDE.sub(put_aside, source)
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_link_tags=False)
    whole = inliner.inline(bare) if "<html" in bare else inliner.inline_fragment(bare, styles)
    back: str = _STAND_IN.sub(lambda found: aside[int(found[1])], whole)
    return back if back.endswith("\n") else f"{back}\n"


@lru_cache(maxsize=32)
def _environment(language: str, styled: bool) -> Environment:
    speech, loader = speech_of(language), PackageLoader("digests")
    made = Environment(loader=_Inlined(loader) if styled else loader, autoescape=select_autoescape(["html"]),
                       trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined,
                       auto_reload=False, extensions=["jinja2.ext.i18n"])
    speech.install(made)
    made.filters["cut"] = lambda quote: plain.shorten(quote, QUOTE_LENGTH, speech._("(continued on the bill's page)"))
    return made


def render(template: str, speech: Speech = ENGLISH, **values: Any) -> str:
    return _environment(speech.language, False).get_template(template).render(**values)


def render_inlined(template: str, speech: Speech = ENGLISH, **values: Any) -> str:
    """With styles in the tags, for mail."""
    return _environment(speech.language, True).get_template(template).render(**values)
