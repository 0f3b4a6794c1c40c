"""Two versions of a bill compared: on a page, as JSON, and by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from litestar.testing import TestClient
from lxml import html
from typer.testing import CliRunner

from tests.tracker.web.revised import (
    AFTER,
    BEFORE,
    HOSTS,
    LOITERING,
    REMARKED,
    REVISED,
    add_remarked,
    add_revised,
    marked,
)
from tests.tracker.web.sample import NASTY, open_sample
from tracker.app import Services
from tracker.cli import app
from tracker.errors import TrackerError
from tracker.redline import prepare

PAGE = f"/{REVISED}/compare/ih..eh"


@pytest.fixture(autouse=True)
def revised(services: Services) -> None:
    add_revised(services.store)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = open_sample(tmp_path / "other")
    add_revised(made.store)
    made.store.close()
    return tmp_path / "other"


def run(home: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["diff", *words], env={"BILLWATCH_HOME": str(home)}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_bill_page_leads_to_what_changed_since_the_text_before_that_could_be_read(client: TestClient) -> None:
    page = html.fromstring(client.get(f"/{REVISED}").text)
    assert [a.get("href") for a in page.iter("a") if "/compare/" in a.get("href", "")] == [PAGE]
    assert "/compare/" not in client.get(f"/{NASTY}").text


@pytest.mark.parametrize("show", ["", "?show=side"])
def test_flags_that_came_and_went_stand_above_the_words(client: TestClient, show: str) -> None:
    page = html.fromstring(client.get(PAGE + show).text)
    top = page.xpath("//section[contains(@class, 'came-and-went')]")[0].text_content()
    assert "“Substitute <i>as passed</i>” adds 1 flag and drops 1 flag" in top
    assert top.index("FOSTA-style") < top.index("It drops") < top.index("Criminalization")
    assert HOSTS in top
    assert LOITERING in top
    headings = [h.text_content() for h in page.iter("h2")]
    assert headings.index("Flags that came and went") < headings.index("Word by word")


@pytest.mark.parametrize("show", ["", "?show=side"])
def test_words_of_the_bill_and_words_of_the_law_are_told_apart(client: TestClient, show: str) -> None:
    page = html.fromstring(client.get(PAGE + show).text)
    assert HOSTS + "." in [e.text_content() for e in page.xpath("//ins//mark")]
    assert LOITERING in [e.text_content() for e in page.xpath("//del//mark")]
    gained = [" ".join(e.text_content().split()) for e in page.xpath("//section//div//span[@class='law-in']")]
    lost = [" ".join(e.text_content().split()) for e in page.xpath("//span[@class='law-out']")]
    assert any("may be" in words for words in gained)
    assert '"every lamp shall be green"' in lost


def test_moved_and_renumbered_sections_say_so(client: TestClient) -> None:
    page = html.fromstring(client.get(PAGE).text)
    titles = [h.text_content() for h in page.xpath("//article/h3|//details/summary")]
    assert "Sec. 2 (added): HOSTS" in titles
    assert "Sec. 3 (removed): LOITERING" in titles
    assert "Sec. 3 (was Sec. 4): WARDS" in titles
    assert "Sec. 4 (was Sec. 2, moved): DEFINITIONS: the same words" in titles


def test_long_unchanged_stretches_are_folded(client: TestClient) -> None:
    page = html.fromstring(client.get(PAGE).text)
    folds = page.xpath("//details[@class='fold']")
    assert len(folds) == 2
    assert all("words unchanged" in f.xpath("summary")[0].text for f in folds)
    assert "door 3 " in folds[0].text_content()
    changed = page.xpath("//article[contains(h3, 'WARDS')]")[0]
    assert [e.text_content() for e in changed.xpath(".//del|.//ins")][-2:] == ["lamp", "lantern"]


def test_scraped_words_are_never_markup(client: TestClient) -> None:
    for path in (PAGE, PAGE + "?show=side"):
        page = client.get(path).text
        assert "<script" not in page
        assert "<b>" not in page
        assert "<i>" not in page
        assert "&lt;script&gt;alert(2)" in page


def test_versions_that_cannot_be_compared_are_named(client: TestClient) -> None:
    for pair in ("ih..rh", "ih..zz", "ih", "....", "<b>..eh"):
        answer = client.get(f"/{REVISED}/compare/{pair}")
        assert answer.status_code == 404
    assert "ih, eh" in client.get(f"/api/v1/bills/{REVISED}/compare/ih..rh").text
    assert client.get(f"/{NASTY}/compare").status_code == 404


def test_the_choice_of_the_form_becomes_an_address(client: TestClient) -> None:
    asked = client.get(f"/{REVISED}/compare?before=eh&after=ih&show=side", follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, f"/{REVISED}/compare/eh..ih?show=side")
    newest = client.get(f"/{REVISED}/compare", follow_redirects=False)
    assert newest.headers["location"] == PAGE
    assert client.get(f"/{REVISED}/compare?before=//evil.example&after=ih").status_code == 404
    assert client.get(PAGE + "?show=sideways").status_code == 400


def test_a_text_against_itself_has_no_change(client: TestClient) -> None:
    page = client.get(f"/{REVISED}/compare/ih..ih").text
    assert "The words are the same." in page
    assert "<article" not in page


def test_the_json_holds_every_word_of_both_texts(client: TestClient) -> None:
    body = client.get(f"/api/v1/bills{PAGE}").json()
    now = " ".join(p["text"] for row in body["rows"] for p in row["pieces"] if p["kind"] != "deleted")
    assert now.split() == prepare(marked(AFTER)).words
    was = sorted(w for row in body["rows"] for p in row["pieces"] if p["kind"] != "inserted" for w in p["text"].split())
    assert was == sorted(prepare(marked(BEFORE)).words)
    assert [(f["turn"], (f["after"] or f["before"])["topic"]) for f in body["flags"]] == [
        ("came", "platform-liability"), ("went", "criminalization")]
    assert {(r["before"], r["after"]) for r in body["rows"] if r["moved"]} == {("Sec. 2", "Sec. 4")}
    assert (body["before_sha256"], body["after_sha256"]) == ("a" * 64, "b" * 64)


def test_the_command_tells_it_in_words(home: Path) -> None:
    told = run(home, REVISED)
    assert "adds 1 flag and drops 1 flag" in told
    assert "Sec. 4 (was Sec. 2, moved): DEFINITIONS" in told
    assert "[-lamp-] {+lantern+}" in " ".join(told.split())


def test_the_form_for_mails_has_only_what_touches_flags(home: Path) -> None:
    told = run(home, REVISED, "ih", "eh", "--brief")
    assert HOSTS in " ".join(told.split())
    assert "WARDS" not in told
    assert len(told) < 2_000
    assert max(map(len, told.splitlines())) <= 78


def test_the_command_gives_json_and_a_file_that_needs_nothing_else(home: Path, client: TestClient) -> None:
    answer = client.get(f"/api/v1/bills{PAGE}").json()
    assert json.loads(run(home, REVISED, "ih", "eh", "--json"))["rows"] == answer["rows"]
    file = run(home, REVISED, "ih", "eh", "--html", "--side")
    page = html.fromstring(file)
    assert page.xpath("//link|//script|//img|//@src") == []
    assert "law-out" in page.xpath("//style")[0].text
    assert "<script" not in file


@pytest.mark.parametrize("words", [("xx/7/hb-99",), (REVISED, "ih", "zz"), (NASTY,), (REVISED, "--json", "--html")])
def test_the_command_says_what_it_expected(home: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(TrackerError, match="expected"):
        run(home, *words)


@pytest.mark.parametrize("show", ["", "?show=side"])
def test_kept_law_that_is_now_struck_is_told_though_no_word_changed(services: Services, client: TestClient,
                                                                    show: str) -> None:
    add_remarked(services.store)
    page = html.fromstring(client.get(f"/{REMARKED}/compare/ih..eh{show}").text)
    told = page.xpath("//article//*[@class='remarked']")
    assert [" ".join(e.text_content().split()) for e in told] == [
        "[was no mark, now struck from the law:] every warden shall carry a lamp"]
    assert page.xpath("//article//ins|//article//del") == []


def test_a_comparison_can_be_had_as_text_for_a_mail(client: TestClient, home: Path) -> None:
    assert '<option value="text">' in client.get(PAGE).text
    chosen = client.get(f"/{REVISED}/compare?before=ih&after=eh&show=text", follow_redirects=False)
    assert chosen.headers["location"] == f"{PAGE}?show=text"
    told = client.get(f"{PAGE}?show=text")
    assert told.headers["content-type"].startswith("text/plain")
    head, address, rest = told.text.split("\n", 2)
    assert head.startswith("HB ") and address.endswith(PAGE)
    assert rest.strip() == run(home, REVISED, "ih", "eh").strip()


def test_the_commands_know_a_bill_as_people_write_it(home: Path) -> None:
    usual = run(home, REVISED, "--brief")
    number = REVISED.rpartition("/")[2].replace("-", " ").upper()
    for written in (REVISED.upper(), f"xx/7/{number}", f"/{REVISED}/", number):
        assert run(home, written, "--brief") == usual
    with pytest.raises(TrackerError, match="expected a bill that is held here"):
        run(home, "HB 99999")


def test_a_version_is_found_whatever_its_capitals(client: TestClient) -> None:
    assert client.get(f"/{REVISED}/compare/IH..Eh").text == client.get(PAGE).text
    for address in (f"/{REVISED}/text/EH", f"/api/v1/bills/{REVISED}/versions/EH",
                    f"/api/v1/bills/{REVISED}/versions/EH/provisions"):
        assert client.get(address).text == client.get(address.replace("EH", "eh")).text


def test_a_bill_with_one_text_says_that_there_is_nothing_to_compare(client: TestClient) -> None:
    found = client.get(f"/{NASTY}/compare")
    assert found.status_code == 404 and "no two texts that could be read" in found.text
    assert f'href="/{NASTY}"' in found.text
