"""No string of a template is left out of the catalogues, and none of a catalogue is left untranslated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment

from digests.speech import LANGUAGES, SOURCE, catalogue_file, speech_of

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(p for folder in ("digests/templates", "tracker/web/templates") for p in (ROOT / folder).iterdir()
                   if not p.name.startswith(("desk", "operator", "disagreements")))
NOT_WORDS = {"Atom", "RSS", "JSON Feed", "API", "billwatch", "JSON", "SHA-256", "UTC"}  # names, the same everywhere
SPOKEN_ATTRIBUTES = ("aria-label", "title", "alt", "placeholder")
OTHERS = [language for language in LANGUAGES if language != SOURCE]


@lru_cache(maxsize=1)
def extracted() -> Catalog:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog()
    keywords = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
                "gettext": None}
    for folder in ("digests", "tracker"):
        for name, line, message, _, context in extract_from_dir(
                ROOT / folder, [(f"{pattern}", method) for pattern, method in _inside(folder, methods)],
                dict(_inside(folder, options.items())), keywords):
            found.add(message, locations=[(f"{folder}/{name}", line)], context=context)
    return found


def _inside(folder: str, patterns: object) -> Iterator[tuple[str, object]]:
    """Patterns of babel.cfg are of the root; each folder is read by itself, so that no environment is walked."""
    for pattern, value in patterns:  # type: ignore[attr-defined]
        if pattern.startswith(f"{folder}/"):
            yield pattern.removeprefix(f"{folder}/"), value


def messages() -> list[Message]:
    return [m for m in extracted() if m.id]


def forms(words: object) -> tuple[str, ...]:
    return tuple(words) if isinstance(words, tuple | list) else (str(words),)


def placeholders(words: str) -> set[str]:
    return {*re.findall(r"%\((\w+)\)s", words), *re.findall(r"\{(\w*)\}", words)}


def test_the_catalogues_are_gathered_from_what_readers_see() -> None:
    ids = {form for m in messages() for form in forms(m.id)}
    assert len(ids) > 250
    assert {"Your weekly update", "Decriminalization", "Skip to the content", "{number} bills"} <= ids


def test_spanish_is_one_of_the_languages() -> None:
    assert "es" in OTHERS


@pytest.mark.parametrize("language", OTHERS)
def test_every_string_is_translated_and_none_is_a_guess(language: str) -> None:
    with catalogue_file(language).open("rb") as file:
        held = read_po(file, locale=language)
    left = [m.id for m in messages() if (found := held.get(m.id, m.context)) is None or found.fuzzy
            or not all(forms(found.string)) or len(forms(found.string)) != (held.num_plurals if m.pluralizable else 1)]
    assert left == [], f"run `make messages`, then translate these into {language}"


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_every_placeholder_and_every_tag(language: str) -> None:
    with catalogue_file(language).open("rb") as file:
        held = read_po(file, locale=language)
    for message in messages():
        found = held.get(message.id, message.context)
        if found is None:
            continue  # the test above says so
        wanted = set[str]().union(*map(placeholders, forms(message.id)))
        singular = placeholders(forms(message.id)[0])
        for form in forms(found.string):
            assert placeholders(form) in ((wanted, singular) if message.pluralizable else (wanted,)), form
            assert sorted(re.findall(r"<[^>]+>", form)) == sorted(re.findall(r"<[^>]+>", forms(message.id)[0])), form


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_holds_nothing_that_nobody_says_any_more(language: str) -> None:
    with catalogue_file(language).open("rb") as file:
        held = {(forms(m.id), m.context) for m in read_po(file, locale=language) if m.id}
    assert held <= {(forms(m.id), m.context) for m in messages()}, "run `make messages`"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_no_word_of_a_template_is_left_unwrapped(path: Path) -> None:
    bare = [words for words in unwrapped(path.read_text()) if words not in NOT_WORDS]
    assert bare == [], "wrap it: CONTRIBUTING.md, Wrap a string"


def test_the_search_for_unwrapped_words_finds_them() -> None:
    assert unwrapped("<p>Hello there</p>") == ["Hello there"]
    assert unwrapped("<p>{{ _('Hello') }}{% trans %}you <b>all</b>{% endtrans %}</p>") == []
    assert unwrapped("{{ name or 'No name' }}") == ["No name"]
    assert unwrapped('<a title="Go there" href="/x y">{{ x }}</a>') == ["Go there"]
    assert unwrapped("{% for a in [('x', 'Once a day')] %}{% endfor %}") == ["Once a day"]


def unwrapped(source: str) -> list[str]:
    """Words between tags, in attributes that are read aloud, and in expressions outside `_()`."""
    source = re.sub(r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}|<style>.*?</style>", "", source, flags=re.DOTALL)
    page, expressions = "", []
    for _, kind, value in Environment(extensions=["jinja2.ext.i18n"], autoescape=True).lex(source):
        if kind == "data":
            page += value
        elif kind in ("variable_begin", "block_begin"):
            expressions.append("")
            page += "\0"
        elif expressions:
            expressions[-1] += value
    found = [words for part in re.findall(rf'(?:{"|".join(SPOKEN_ATTRIBUTES)})="([^"]*)"', page)
             for words in part.split("\0")]
    found += [words for text in re.sub(r"<[^>]*>", "\0", page).split("\0") for words in [text]]
    for expression in expressions:
        rest = re.sub(r"\b_\(\s*('[^']*'|\"[^\"]*\")", "", expression)
        quoted = (w for pair in re.findall(r"'([^']*)'|\"([^\"]*)\"", rest) for w in pair)
        found += [w for w in quoted if re.search(r"[A-Za-z] [A-Za-z]", w) and "/" not in w]
    return [words.strip(" \n.,:;·*>!()-") for words in found if re.search(r"[A-Za-z]{2}", re.sub(r"&\w+;", "", words))]


def test_no_translation_hides_in_an_f_string_where_no_tool_finds_it() -> None:
    for path in (*ROOT.glob("digests/**/*.py"), *ROOT.glob("tracker/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for call in ast.walk(node) if isinstance(node, ast.JoinedStr) else ():
                if isinstance(call, ast.Call):
                    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                    literal = bool(call.args) and isinstance(call.args[0], ast.Constant)
                    assert not (name in ("_", "N_", "ngettext", "pgettext") and literal), f"{path}:{call.lineno}"


def test_a_translation_is_used_and_falls_back_to_english() -> None:
    spanish = speech_of("es")
    assert spanish._("Bills") == "Proyectos de ley"
    assert spanish._("a string that no catalogue holds") == "a string that no catalogue holds"
    assert spanish.ngettext("{number} bill", "{number} bills", 1) == "1 proyecto"
    assert spanish.ngettext("{number} bill", "{number} bills", 1234) == "1.234 proyectos"
    assert spanish.day("2031-03-06") == "6 de marzo de 2031"
    assert spanish.weekdays[0] == "Lunes" and spanish.own_name == "Español"
