"""A language to its words, plurals, dates and numbers: the one seam through which readers are spoken to.

Catalogues are the `.po` files of `digests/locale/`; they are read when a language is first asked for, so that nothing
compiled can be out of date. `N_` marks words of tables, which are translated where they are shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_skeleton, get_day_names
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from jinja2 import Environment, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from digests import plain
from tracker.marking import N_

__all__ = ["ENGLISH", "LANGUAGES", "N_", "SOURCE", "Speech", "best_language", "speech_of"]

SOURCE = "en"  # what stands in the code
FOLDER = Path(__file__).parent / "locale"
DOMAIN = "billwatch"
_REGIONS = {"en": "en_001"}  # English dates as most of the world writes them: 6 March 2025


def catalogue_file(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


LANGUAGES: tuple[str, ...] = (SOURCE, *sorted(p.parent.parent.name for p in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po")))


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """`speech._("Sponsor: {name}", name=…)`. Values are filled in after translation and never read as patterns."""

    language: str  # for `lang` and Content-Language
    catalogue: NullTranslations
    locale: Locale

    def _(self, message: str, **values: object) -> str:
        return _filled(self.catalogue.gettext(message) if message else "", values)

    def ngettext(self, one: str, many: str, number: int, **values: object) -> str:
        """`{number}` is filled in as this language writes it."""
        return _filled(self.catalogue.ngettext(one, many, number), {"number": self.number(number), **values})

    def pgettext(self, context: str, message: str, **values: object) -> str:
        """For a word that is short or has two meanings: `context` tells the translator which."""
        return _filled(self.catalogue.pgettext(context, message), values)

    def quoted(self, words: str) -> str:
        """In this language's own quotation marks."""
        return self._("“{words}”", words=words)

    def day(self, value: date | str | None) -> str:
        """``date(2025, 3, 6)`` or ``"2025-03-06"`` -> ``"6 March 2025"``; what is no date is given back as written."""
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value[:10])
            except ValueError:
                return plain.line(value)
        if value is None:
            return self._("no date given")
        return _long_day(self.locale, value.date() if isinstance(value, datetime) else value)

    def month(self, value: date) -> str:
        """``date(2025, 3, 6)`` -> ``"March 2025"``"""
        said = str(format_skeleton("yMMMM", value, locale=self.locale))
        return f"{said[0].upper()}{said[1:]}"

    def moment(self, value: datetime | None) -> str:
        if value is None:
            return self._("never")
        at = value.astimezone(UTC)
        return self._("{day}, {time} UTC", day=self.day(at.date()), time=f"{at:%H:%M}")

    def number(self, value: int) -> str:
        return str(value) if -1000 < value < 1000 else str(format_decimal(value, locale=self.locale))

    def listed(self, things: Iterable[str]) -> str:
        """``["a", "b", "c"]`` -> ``"a, b and c"``"""
        return str(format_list(list(things), locale=self.locale))

    def either(self, things: Iterable[str]) -> str:
        """``["a", "b", "c"]`` -> ``"a, b or c"``"""
        return str(format_list(list(things), style="or", locale=self.locale))

    def install(self, environment: Environment) -> None:
        """`_()`, `{% trans %}` and `lang` for the templates of this environment."""
        environment.policies["ext.i18n.trimmed"] = True
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            self.catalogue.gettext, self.catalogue.ngettext, newstyle=True, pgettext=self.catalogue.pgettext,
            npgettext=self.catalogue.npgettext)
        said = _said(self.catalogue)
        environment.globals.update({"gettext": said, "_": said, "lang": self.language})

    @property
    def weekdays(self) -> tuple[str, ...]:
        """From Monday."""
        names = get_day_names("wide", locale=self.locale)
        return tuple(names[n].capitalize() for n in range(7))

    @property
    def own_name(self) -> str:
        """What its speakers call it: "Español"."""
        return (Locale(self.language).get_display_name() or self.language).capitalize()


def _said(catalogue: NullTranslations) -> Callable[..., str]:
    """Jinja's own new-style `gettext`, to the letter, but what has no place to be filled in is not looked through for
    places at each of a hundred calls a page."""

    @lru_cache(maxsize=4096)
    def found(message: str) -> tuple[str, Markup, bool]:
        words = catalogue.gettext(message)
        return words, Markup(words), "%" in words  # noqa: S704 - a translator's words; what is filled in is escaped

    @pass_eval_context
    def said(context: EvalContext, message: str, **values: object) -> str:
        words, safe, has_places = found(message)
        chosen = safe if context.autoescape else words
        return chosen % values if has_places else chosen

    return said


def _filled(words: str, values: dict[str, object]) -> str:
    return words.format(**values) if values else words


@lru_cache(maxsize=4096)
def _long_day(locale: Locale, value: date) -> str:
    return str(format_date(value, "long", locale=locale))


@lru_cache(maxsize=64)
def speech_of(language: str) -> Speech:
    """English for a language that we do not have: a reader is told something, rather than nothing."""
    if language not in LANGUAGES or language == SOURCE:
        return Speech(SOURCE, NullTranslations(), Locale.parse(_REGIONS[SOURCE]))
    with catalogue_file(language).open("rb") as file:
        catalogue = read_po(file, locale=language, domain=DOMAIN)
    compiled = BytesIO()
    write_mo(compiled, catalogue)  # leaves fuzzy entries out
    compiled.seek(0)
    return Speech(language, GNUTranslations(compiled), Locale.parse(_REGIONS.get(language, language)))


ENGLISH = speech_of(SOURCE)

_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)((?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")


def best_language(asked: str | None, accepted: str | None = None) -> str:
    """`asked`: a code by address or form; `accepted`: an Accept-Language header. What neither settles is English."""
    if asked in LANGUAGES:
        return str(asked)
    wanted: list[tuple[float, int, str]] = []
    for part in (accepted or "")[:500].split(","):
        found = _RANGE.fullmatch(part)
        if found and found[1].lower() in LANGUAGES and float(found[3] or 1) > 0:
            wanted.append((-float(found[3] or 1), len(wanted), found[1].lower()))
    return min(wanted)[2] if wanted else SOURCE
