"""Spanish: one register, one kind of quotation marks, one term a thing (the glossary of CONTRIBUTING.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from digests.following.understood import understood
from digests.speech import ENGLISH, catalogue_file, speech_of
from digests.wording.places import NAMES
from digests.wording.reasons import reasons
from tracker import query
from tracker.model import Filter
from tracker.polling.watching import name_of

ROOT = Path(__file__).resolve().parents[2]
SPANISH = speech_of("es")
FOLLOWED = Filter(sponsors=("Lantern", "Harbor"), committees=("Ferries",), stages=("in-committee",),
                  words='"lamp posts"')

# What the glossary does not say -> what it says instead.
NOT_OURS = {
    r"ustedes|usted|elija|pruebe|escriba|añada|confíe|quite|pregunte|escríbala|confirme|pulse": "tú",
    r"(?:le|les) (?:avisa|avisamos|enviamos|escribimos)": "te",
    r"señalamientos?|banderas?": "señal",
    r"secci(?:ón|ones)(?! 230)": "artículo",
    r"fases?": "etapa",
    r"promotor(?:es|as?)?|patrocinador(?:es|as?)?": "proponente",
    r"legislaturas?|cámaras legislativas": "parlamento, or of a session: periodo de sesiones",
    r"período|períodos": "periodo de sesiones",
    r"comité|comités": "comisión",
    r"feeds?(?!>)": "canal",
    r"boletín|digest|email": "novedades, correo",
    r"descriminaliza\w*": "despenalización",
    r"apunt(?:a|ar|arse|aste|ate)|apúntate": "inscribirse",
    r"prostitutas?|trabajadoras sexuales(?<!personas trabajadoras sexuales)": "personas trabajadoras sexuales",
    r"en seguida": "enseguida",
    r"ordenador|computadora": "dispositivo",
}


def said() -> Iterator[str]:
    with catalogue_file("es").open("rb") as file:
        for message in read_po(file, locale="es"):
            if message.id:
                yield from message.string if isinstance(message.string, tuple | list) else [message.string]


def words_of(text: str) -> str:
    """Without tags, addresses and what is typed as it stands."""
    return re.sub(r"<code>.*?</code>|<[^>]*>|%\(\w+\)s|\{\w+\}", " ", text)


@pytest.mark.parametrize("other", NOT_OURS)
def test_each_thing_has_its_one_name_and_the_reader_is_called_tu(other: str) -> None:
    found = [text for text in said() if re.search(rf"\b(?:{other})\b", words_of(text), re.IGNORECASE)]
    assert found == [], f"we say: {NOT_OURS[other]}"


def test_the_catalogue_quotes_as_spanish_does() -> None:
    assert [text for text in said() if re.search("[“”„]", text)] == []
    assert all(text.count("«") == text.count("»") for text in said())


def test_no_code_puts_quotation_marks_that_a_language_cannot_change() -> None:
    for path in (*ROOT.glob("digests/**/*.py"), ROOT / "tracker/query/wording.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            for part in node.values if isinstance(node, ast.JoinedStr) else ():
                assert not (isinstance(part, ast.Constant) and re.search("[“”«»]", str(part.value))), (
                    f"{path}:{node.lineno}: say speech.quoted()")


def test_what_is_followed_is_quoted_in_the_marks_of_its_reader() -> None:
    for speech, right, wrong in ((SPANISH, "«»", "“”"), (ENGLISH, "“”", "«»")):
        lines = " ".join(line.words for line in understood(FOLLOWED, str, speech)) + reasons(FOLLOWED, speech)
        assert all(mark in lines for mark in right) and not any(mark in lines for mark in wrong), lines
    assert SPANISH.quoted("{words} %(x)s") == "«{words} %(x)s»"


@pytest.mark.parametrize("problem", ["sponsor:", "stage:nowhere", "in:zz9", "introduced:soon", "OR lamp", '"lamp'])
def test_a_mistake_in_a_query_is_told_in_spanish_marks(problem: str) -> None:
    with pytest.raises(query.QueryError) as wrong:
        query.parse(problem)
    assert not re.search("[“”]", SPANISH._(wrong.value.message, **wrong.value.values))


def test_legislatures_are_called_as_spanish_calls_them() -> None:
    followed = Filter(jurisdictions=("us-ny", "us-wa"))
    assert [line.words for line in understood(followed, name_of, SPANISH)][-1] == "Nueva York o Washington"
    assert [line.words for line in understood(followed, name_of)][-1] == "New York or Washington"
    titles = {name_of(path.stem) for path in (ROOT / "spiders" / "legislatures").glob("*.py")}
    assert titles >= NAMES, "not the name of a legislature any more"


def test_the_marks_that_spanish_shows_can_be_typed() -> None:
    assert query.parse("«lamp posts» sponsor:«Ana Lantern»") == query.parse('"lamp posts" sponsor:"Ana Lantern"')
