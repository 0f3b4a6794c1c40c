"""The search page and its data, on the sample."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html

from tests.tracker.web.sample import FLAGS, NASTY, NOW, PLAIN, bad_run, change, sample
from tracker.app import Services
from tracker.model import IngestMode
from tracker.query import canonical, parse


def page(client: TestClient, query: str, **more: str):
    answer = client.get("/search", params={"q": query, **more})
    return answer.status_code, lxml_html.fromstring(answer.text)


def words(node) -> str:
    return " ".join(node.text_content().split())


def found(tree) -> list[str]:
    return [href.lstrip("/") for href in tree.xpath("//li[@class='bill']/h3/a/@href")]


def test_a_word_of_a_text_is_found_and_shown_where_it_stands(client: TestClient):
    status, tree = page(client, "loiters")
    assert status == 200
    assert PLAIN in found(tree)
    snippet = tree.xpath("//p[@class='snippet']")[0]
    assert snippet.xpath("mark/text()") == ["loiters"]
    assert "<b>90</b>" in words(snippet)
    target = snippet.xpath("a/@href")[0]
    text = lxml_html.fromstring(client.get(target.partition("#")[0]).text)
    assert target.partition("#")[2] in text.xpath("//@id")


def test_the_page_says_what_it_looked_for_and_each_condition_can_be_dropped(client: TestClient):
    _, tree = page(client, 'loiter* jurisdiction:xx -"no such words"')
    assert "a word that begins with “loiter…”" in words(tree.xpath("//main")[0])
    dropped = [parse_qs(urlsplit(u).query)["q"][0] for u in tree.xpath("//p[@class='chips']/a/@href")]
    assert dropped == ['jurisdiction:xx -"no such words"', 'loiter* -"no such words"', "loiter* jurisdiction:xx"]


def test_facets_are_links_that_narrow_the_search(client: TestClient):
    _, tree = page(client, "jurisdiction:xx")
    links = {words(a): a.get("href") for a in tree.xpath("//details[@class='facets']//a")}
    assert links
    for address in links.values():
        query = parse_qs(urlsplit(address).query)["q"][0]
        assert canonical(parse(query)) == query
        status, narrowed = page(client, query)
        assert status == 200
        assert 0 < len(found(narrowed)) < len(found(tree))


@pytest.mark.parametrize(("typed", "wrong", "better"), [
    ('loiter "fair streets', '"fair streets', 'loiter "fair streets"'), ("topic:worker", "topic:worker",
                                                                        "topic:worker-rights"), ("(", "(", None)])
def test_a_mistake_is_pointed_at_and_mended(client: TestClient, typed: str, wrong: str, better: str | None):
    status, tree = page(client, typed)
    assert status == 400
    assert tree.xpath("//section[@id='mistake']//mark/text()") == [wrong]
    assert tree.xpath("//input[@name='q']/@value") == [typed]
    offered = tree.xpath("//section[@id='mistake']//a/code/text()")
    assert offered == ([better] if better else [])


def test_an_empty_search_and_a_search_without_a_hit_help(client: TestClient):
    _, empty = page(client, "")
    assert empty.xpath("//section[@id='help']//a[starts-with(@href,'/search?q=')]")
    for address in empty.xpath("//section[@id='help']//a/@href"):
        assert client.get(address).status_code == 200
    _, none = page(client, "nosuchword")
    assert "No bill fits" in words(none.xpath("//main")[0])


def test_hostile_titles_and_queries_are_shown_and_never_obeyed(client: TestClient):
    for typed in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "alert loitering", "x:<b>"):
        answer = client.get("/search", params={"q": typed})
        assert "<script" not in answer.text
        assert "<img" not in answer.text
        assert "<b>" not in answer.text
    _, tree = page(client, "alert loitering")
    assert NASTY in found(tree)


def test_a_search_is_nobodys_to_index_and_is_in_no_log_of_ours(client: TestClient):
    assert client.get("/search", params={"q": "loiters"}).headers["x-robots-tag"] == "noindex"


def test_pages_and_orders_keep_the_query(client: TestClient):
    _, tree = page(client, "jurisdiction:xx loiter*", order="relevance")
    for address in tree.xpath("//p[@class='orders']/a/@href"):
        assert parse_qs(urlsplit(address).query)["q"] == ["jurisdiction:xx loiter*"]
        assert client.get(address).status_code == 200
    assert client.get("/search?q=loiters&order=size").status_code == 400
    assert client.get("/search?q=loiters&cursor=zz").status_code == 400


def test_the_same_search_is_data(client: TestClient):
    answer = client.get("/api/v1/search", params={"q": "loiter* in:xx", "facets": "true"}).json()
    assert answer["query"] == "loiter* jurisdiction:xx"
    assert PLAIN in [bill["id"] for bill in answer["bills"]]
    snippet = next(bill for bill in answer["bills"] if bill["id"] == PLAIN)["snippets"][0]
    assert all(snippet["text"][start:end].lower().startswith("loiter") for start, end in snippet["hits"])
    assert {facet["value"] for facet in answer["facets"]["jurisdiction"]} == {"xx"}
    assert answer["total"] == len(answer["bills"])
    wrong = client.get("/api/v1/search", params={"q": "topic:worker"})
    assert wrong.status_code == 400
    assert "topic:worker-rights" in wrong.text
    assert client.get("/api/v1/search").status_code == 400


def test_a_search_can_be_followed_with_its_words_filled_in(client: TestClient):
    _, tree = page(client, 'Loiter* -"no such words"')
    address = tree.xpath("//a[starts-with(@href,'/subscribe?')]/@href")[0]
    form = lxml_html.fromstring(client.get(address).text)
    filled = [*form.xpath("//input/@value"), *form.xpath("//textarea/text()")]
    assert 'loiter* -"no such words"' in [value.strip() for value in filled]


@pytest.mark.parametrize(("typed", "meant"), [
    ("18 U.S.C. 1591", 'cite:"18 U.S.C. 1591"'), ("H.R. 1865", "bill:hr-1865"), ("hb2526", "bill:hb-2526"),
    ("loiter", None), ("2026", None), ('cite:"18 U.S.C. 1591"', None), ("title:hb2526", None)])
def test_plain_words_that_name_a_law_or_a_bill_offer_to_look_for_it(client: TestClient, typed: str, meant: str | None):
    _, tree = page(client, typed)
    offered = tree.xpath("//p[starts-with(., 'Perhaps you mean')]/a")
    assert [words(a) for a in offered] == ([meant] if meant else [])
    for a in offered:
        assert parse_qs(urlsplit(a.get("href")).query)["q"] == [meant] and page(client, meant)[0] == 200


def test_a_place_is_told_by_its_name_where_no_bill_is_found(client: TestClient):
    assert "in Canada (ca)" in words(page(client, "in:ca")[1].xpath("//main")[0])


def test_the_search_says_what_following_it_will_not_find(client: TestClient):
    def main(query: str) -> str:
        return words(page(client, query)[1].xpath("//main")[0])

    assert "not in the whole text" in main("loiters") and "not in the whole text" not in main("in:xx stage:alive")
    cited = main('cite:"47 U.S.C. 230" OR in:xx')
    assert "This search cannot be followed" in cited and "Follow this search" not in cited
    assert "This search cannot be followed" not in main("loiters")


def sheet_rows(client: TestClient, **asked: str) -> list[dict[str, str]]:
    answer = client.get("/search.csv", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="search.csv"'
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize("query", ["loiters", "in:xx", "in:xx -bill:hb-12", "loiter* OR platforms"])
def test_what_was_found_can_be_taken_along_as_a_sheet(client: TestClient, query: str) -> None:
    _, tree = page(client, query)
    [address] = tree.xpath("//a[@download]/@href")
    assert urlsplit(address).path == "/search.csv"
    taken = list(csv.DictReader(io.StringIO(client.get(address).text)))
    assert [row["bill"] for row in taken] == found(tree) == [row["bill"] for row in sheet_rows(client, q=query)]
    assert taken[0].keys() == next(iter(csv.DictReader(io.StringIO(client.get("/bills.csv").text)))).keys()


def test_a_sheet_of_a_search_is_whole_or_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.web.searching.MOST_ROWS", 1)
    said = client.get("/search.csv", params={"q": "in:xx"})
    assert said.status_code == 400 and "text/csv" not in said.headers["content-type"]
    assert not page(client, "in:xx")[1].xpath("//a[@download]")


@pytest.mark.parametrize("query", ["(", "colour:red", 'x" OR'])
def test_a_sheet_of_what_cannot_be_read_is_refused_where_it_can_be_mended(client: TestClient, query: str) -> None:
    said, shown = (client.get(path, params={"q": query}) for path in ("/search.csv", "/search"))
    assert said.status_code == shown.status_code == 400
    mistakes = [words(lxml_html.fromstring(a.text).get_element_by_id("mistake")) for a in (said, shown)]
    assert mistakes[0] == mistakes[1] and "could not read" in mistakes[0]


def test_a_sheet_of_nothing_is_refused_and_says_how_to_search(client: TestClient) -> None:
    said = client.get("/search.csv")
    assert said.status_code == 400 and "How to search" in said.text


def test_a_sheet_of_a_search_is_of_the_day_that_was_asked_for_and_holds_no_formula(
        services: Services, client: TestClient) -> None:
    bill = replace(sample(16, "=HYPERLINK(1)"), sources=())
    with services.store.write() as writer:
        writer.apply(change("xx/7/hb-16", bill, FLAGS, IngestMode.LIVE), NOW)
    assert [row["title"][:2] for row in sheet_rows(client, q="in:xx bill:hb-16")] == ["'="]
    then = {"q": "in:xx", "as-of": "2031-05-05"}
    taken = {row["bill"] for row in sheet_rows(client, **then)}
    assert PLAIN in taken and "xx/7/hb-16" not in taken
    for path in ("/search", "/bills"):
        [address] = lxml_html.fromstring(client.get(path, params=then).text).xpath("//a[@download]/@href")
        assert parse_qs(urlsplit(address).query)["as-of"] == ["2031-05-05"], path


@pytest.mark.parametrize(("typed", "meant"), [
    ("fair or zebra", "fair OR zebra"), ("fair | zebra", "fair OR zebra"),
    ("bill:12", "bill:a-12,ab-12,h-12,hb-12,hr-12,s-12,sb-12"), ("RCW 9A.88", "cite:&#34;RCW 9A.88&#34;")])
def test_what_was_probably_meant_is_one_click_away(client: TestClient, typed: str, meant: str) -> None:
    page = client.get("/search", params={"q": typed}).text
    assert f"<code>{meant}</code>" in page
    assert "fair &#34;or&#34;" not in client.get("/search", params={"q": '"fair or not"'}).text


@pytest.mark.parametrize(("asked", "expected"), [
    ("", ["seek", "banner"]), ("?q=streets", ["seek", "banner"]), ("?q=topc:(", ["seek", "banner", "banner"])])
def test_the_box_comes_first_then_what_is_wrong_with_the_words_then_where_we_are_blind(
        client: TestClient, services: Services, asked: str, expected: list[str]) -> None:
    services.store.save_run(bad_run())
    tree = lxml_html.fromstring(client.get(f"/search{asked}").text)
    assert tree.xpath("//main/*[@class='seek' or @class='banner']/@class") == expected
    if len(expected) > 2:
        assert tree.xpath("//main/*[@class='banner']/@id") == ["mistake"] == [
            one.get("id") for one in tree.find_class("banner")[:1]]
