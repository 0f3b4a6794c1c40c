"""A reader's language: by address or by what the browser says, with no cookie."""

from __future__ import annotations

import re

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html

from tests.tracker.web.sample import PLAIN

PAGES = ("/", "/bills", "/topics", "/feeds", "/subscribe", "/sources", "/about", "/privacy", "/protection",
         "/nothing/here/at-all", "/confirm/x", "/manage/x", "/u/x")


@pytest.mark.parametrize("path", PAGES)
def test_every_reader_page_speaks_the_language_of_the_browser(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept-language": "fr, es-MX;q=0.8, en;q=0.5"})
    page = lxml_html.fromstring(answer.text)
    assert page.get("lang") == "es"
    assert "Ir al contenido" in page.text_content() and "Skip to" not in page.text_content()
    assert "set-cookie" not in answer.headers
    assert lxml_html.fromstring(client.get(path).text).get("lang") == "en"


def test_the_answer_says_its_language_and_what_it_depends_on(client: TestClient) -> None:
    answer = client.get("/topics?lang=es")
    assert answer.headers["content-language"] == "es" and "Accept-Language" in answer.headers["vary"]
    assert answer.headers["etag"] != client.get("/topics").headers["etag"]


def test_a_language_asked_by_address_is_carried_from_page_to_page(client: TestClient) -> None:
    page = lxml_html.fromstring(client.get("/?lang=es", headers={"accept-language": "en"}).text)
    links = [u for u in page.xpath("//a/@href") if u.startswith("/") and not u.startswith("/api/")]
    assert links and all(re.search(r"[?&]lang=es(&|#|$)", u) for u in links)
    assert not [u for u in page.xpath("//link/@href") if u.startswith("/static/") and "lang=" in u]
    form = lxml_html.fromstring(client.get("/subscribe?lang=es").text)
    assert form.xpath("//form/@action") == ["/subscribe?lang=es"]
    assert form.xpath("//select[@name='language']/option[@selected]/@value") == ["es"]


def test_a_form_that_asks_and_a_page_that_moved_keep_the_language(client: TestClient) -> None:
    form = lxml_html.fromstring(client.get("/bills?lang=es").text)
    assert form.xpath("//form[@method='get']/input[@name='lang']/@value") == ["es"]
    assert not lxml_html.fromstring(client.get("/bills").text).xpath("//input[@name='lang']")


def test_a_language_that_the_browser_says_needs_no_address(client: TestClient) -> None:
    assert "lang=es" not in client.get("/", headers={"accept-language": "es"}).text


def test_a_language_that_is_none_is_not_repeated(client: TestClient) -> None:
    answer = client.get("/", params={"lang": '"><script>'})
    assert answer.status_code == 200 and "<script>" not in answer.text


def test_feeds_speak_by_address_only(client: TestClient) -> None:
    plain = client.get("/feeds/all.atom", headers={"accept-language": "es"}).text
    spanish = client.get("/feeds/all.atom?lang=es").text
    assert 'xml:lang="en"' in plain and 'xml:lang="es"' in spanish
    assert "/feeds/all.atom?lang=es" in spanish and "lang=es" not in plain
    assert re.findall("<id>(.*?)</id>", spanish) == re.findall("<id>(.*?)</id>", plain)


def test_api_and_desk_stay_english(client: TestClient) -> None:
    for path in ("/api/v1/topics", "/desk/login"):
        spanish = client.get(path, params={"lang": "es"}, headers={"accept-language": "es"})
        assert spanish.text == client.get(path).text


def test_what_is_written_in_tables_and_marks_is_spoken_too(client: TestClient) -> None:
    help_of_search = client.get("/search?lang=es&q=topc:lamp").text
    assert "de qué trata un artículo señalado" in help_of_search and "No existe el campo «topc»" in help_of_search
    assert not re.search(r"[“”]|\bthe legislature\b", help_of_search)
    assert "Lo que publican los parlamentos" in client.get("/data?lang=es").text
    cited, english = (lxml_html.fromstring(client.get(f"/{PLAIN}/text/ih?lang={language}").text).xpath(
        "string(//p[@class='cite'])") for language in ("es", "en"))
    assert "«Introduced in House»" in cited and "“Introduced in House”" in english
