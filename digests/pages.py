"""Templates to text: Jinja2 with everything scraped escaped in HTML, and nothing fetched from anywhere."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from digests import plain
from digests.speech import ENGLISH, Speech, speech_of

QUOTE_LENGTH = 1000  # in a message; the whole quote is on the bill's page


@lru_cache(maxsize=16)
def _environment(language: str) -> Environment:
    speech = speech_of(language)
    made = Environment(loader=PackageLoader("digests"), autoescape=select_autoescape(["html"]), trim_blocks=True,
                       lstrip_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined,
                       extensions=["jinja2.ext.i18n"])
    speech.install(made)
    made.filters["cut"] = lambda quote: plain.shorten(quote, QUOTE_LENGTH, speech._("(continued on the bill's page)"))
    return made


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    """Mail programs drop style sheets; none is ever loaded from elsewhere."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_link_tags=False)


def render(template: str, speech: Speech = ENGLISH, **values: Any) -> str:
    return _environment(speech.language).get_template(template).render(**values)


def render_inlined(template: str, speech: Speech = ENGLISH, **values: Any) -> str:
    return str(_inliner().inline(render(template, speech, **values)))
