"""Texas, New Jersey and Minnesota on real documents (facts only: recorded/us-*.tsv).

The texts are the legislatures' own. The records were kept as another reader (Open States) put them out; they are told
again in the source's form here, so that real names, titles, steps and addresses go through our readers.
`--update-golden` writes the facts anew; read them against the documents before you commit them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from spiders import fronts
from spiders.legislatures import us_mn, us_nj, us_tx
from spiders.listed import Due, ListedSpider
from spiders.listings import newest
from tracker.model import Bill, Link
from tracker.stage import stage_of

FACTS = Path(__file__).parent / "recorded"
SPIDERS: dict[str, type[ListedSpider]] = {
    "us-tx": us_tx.TexasSpider, "us-nj": us_nj.NewJerseySpider, "us-mn": us_mn.MinnesotaSpider}


def sha(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:16]


def records(shared: Path, state: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted((shared / "data/us-states" / state / "govbot").glob("*/*/metadata.json")):
        yield path, json.loads(path.read_text())


def chamber(row: dict[str, Any]) -> str:
    return str(json.loads(row["organization_id"][1:])["classification"])


# --- records told in the source's form --------------------------------------------------------------------------------


def texan(said: dict[str, Any]) -> Bill:
    session, letters = said["legislative_session"], {"lower": "H", "upper": "S", "executive": "E"}
    actions = "".join(
        f"<action><actionNumber>{letters[chamber(a)]}{n:03}</actionNumber><date>{american(a['date'])}</date>"
        f"<description>{escape(a['description'])}</description><comment/></action>"
        for n, a in enumerate(said["actions"]))
    names = {primary: " | ".join(escape(s["name"]) for s in said["sponsorships"] if s["primary"] is primary)
             for primary in (True, False)}
    papers = {"bill": said["versions"], "analysis": [], "fiscalNote": []}
    for paper in said["documents"]:
        papers["analysis" if paper["note"].startswith("Analysis") else "fiscalNote"].append(
            {"note": paper["note"].partition("(")[2][:-1], "links": paper["links"]})
    kinds = "".join(f"<{kind}><versions>{''.join(map(texan_version, rows))}</versions></{kind}>"
                    for kind, rows in papers.items())
    own = f"{session[:2]}({session[2:] or 'R'}) {said['identifier']}"
    bill = us_tx.TexasSpider().read(
        (f"<billhistory bill={quoteattr(own)}>"
         f"<caption>{escape(said['title'])}</caption><authors>{names[True]}</authors>"
         f"<coauthors>{names[False]}</coauthors><sponsors/><cosponsors/>"
         f"<subjects>{''.join(f'<subject>{escape(s)}</subject>' for s in said['subject'])}</subjects>"
         f"<companions>{' '.join(r['identifier'] + ' by X, Identical' for r in said['related_bills'])}</companions>"
         f"<actions>{actions}</actions><billtext><docTypes>{kinds}</docTypes></billtext></billhistory>").encode(),
        Due("", None, said["sources"][0]["url"].replace(" ", "%20")))
    assert bill is not None
    return bill


def texan_version(row: dict[str, Any]) -> str:
    links = {link["media_type"]: link["url"] for link in row["links"]}
    return (f"<version><versionDescription>{row['note']}</versionDescription>"
            f"<WebHTMLURL>{links['text/html']}</WebHTMLURL>"
            f"<WebPDFURL>{links.get('application/pdf', '')}</WebPDFURL></version>")


def american(day: str) -> str:
    year, month, number = day[:10].split("-")
    return f"{int(month)}/{int(number)}/{year}"


def jersey(said: dict[str, Any]) -> Bill:
    found = re.fullmatch(r"([A-Z]+)(\d+)", said["identifier"])
    assert found
    own = {"BillType": found[1], "BillNumber": found[2]}
    committees: dict[str, str] = {}
    history = [{**own, **coded(a["description"], committees), "DateAction": f"{american(a['date'])} 12:00:00 AM",
                "House": {"lower": "A", "upper": "S", "executive": "G"}[chamber(a)], "Sequence": str(n)}
               for n, a in enumerate(said["actions"])]
    companions = " ".join(r["identifier"].replace(" ", "") for r in said["related_bills"])
    row = {"session": "2026-2027", "before": "2024-2025", "year": 2026, "number": said["identifier"],
           "committees": committees, "main": {**own, "Synopsis": said["title"], "IdenticalBillNumber": companions,
                                              "IntroDate": american(said["actions"][0]["date"])},
           "BILLHIST": history, "BAGENDA": [], "BILLSUBJ": [{**own, "SubjectKey": s} for s in said["subject"]],
           "BILLSPON": [{**own, "Sponsor": s["name"], "Type": "P" if s["primary"] else "C"}
                        for s in said["sponsorships"]],
           "BILLWP": [{**own, **paper(p)} for p in (*said["versions"], *said["documents"])]}
    return us_nj.NewJerseySpider().read(b"", Due("2026-2027", None, "u", row=row))


def coded(words: str, committees: dict[str, str]) -> dict[str, str]:
    """The database's code of a step, and its comment."""
    for code, prefix in us_nj.REFERRALS.items():
        if words.startswith(f"{prefix} ") and words.endswith("Committee"):
            name = words.removeprefix(f"{prefix} ")
            committees.setdefault(f"C{len(committees)}", name)
            return {"Action": f"{code} {next(c for c, n in committees.items() if n == name)}", "Comment": ""}
    for code, known in sorted(us_nj.WORDS.items(), key=lambda pair: -len(pair[1])):
        if words == known or words.startswith(f"{known} "):
            return {"Action": code, "Comment": words[len(known) + 1:]}
    return {"Action": words, "Comment": ""}


def paper(row: dict[str, Any]) -> dict[str, str]:
    kind = max((k for k, name in us_nj.PAPERS.items() if row["note"].startswith(name)),
               key=lambda k: len(us_nj.PAPERS[k]))
    folder, file = row["links"][0]["url"].rsplit("/", 2)[1:]
    return {"DocType": kind, "Comment": row["note"].removeprefix(us_nj.PAPERS[kind]).strip(),
            "Document": f"\\\\OLS\\{folder}\\{file.replace('.HTM', '.DOC')}"}


def minnesotan(said: dict[str, Any]) -> Bill:
    path = re.search(r"/bills/(\d+/\d+/\d+/\w+/\d+)", said["sources"][0]["url"])
    assert path
    letters, number = said["identifier"].split()
    own = {"H": "HOUSE", "S": "SENATE"}[letters[0]]
    authors = "".join(f"<AUTHOR><MEMBER_NAME>{escape(s['name'])}</MEMBER_NAME></AUTHOR>" for s in said["sponsorships"])
    houses = {"lower": "HOUSE", "upper": "SENATE", "executive": own}
    actions = "".join(f"<{houses[chamber(a)]}><ACTION><ACTION_TEXT>{escape(a['description'])}</ACTION_TEXT>"
                      f"<ACTION_DATE>{a['date'][:10]} 00:00:00</ACTION_DATE></ACTION></{houses[chamber(a)]}>"
                      for a in said["actions"])
    texts = "".join(f"<DOCUMENT><HTML_URI>{v['links'][0]['url'].removeprefix('https://')}</HTML_URI>"
                    f"<DATE_INSERT>{v['date']} 11:26:33</DATE_INSERT><DOCUMENT_TYPE>official</DOCUMENT_TYPE>"
                    f"<DOCUMENT_ENGROSSMENT>{v['links'][0]['url'].split('/')[-2]}</DOCUMENT_ENGROSSMENT></DOCUMENT>"
                    for v in said["versions"])
    companion = said["related_bills"][0]["identifier"].split() if said["related_bills"] else ("", "")
    found = us_mn.MinnesotaSpider().read(
        (f"<BILL><FILE_TYPE>{letters}</FILE_TYPE><FILE_NUMBER>{number}</FILE_NUMBER>"
         f"<DESCRIPTION>{escape(said['title'])}</DESCRIPTION><COMPANION_TYPE>{companion[0]}</COMPANION_TYPE>"
         f"<COMPANION_NUMBER>{companion[1]}</COMPANION_NUMBER><AUTHORS><{own}>{authors}</{own}></AUTHORS>"
         f"<ACTIONS>{actions}</ACTIONS><TEXT_VERSION_LIST>{texts}</TEXT_VERSION_LIST></BILL>").encode(),
        Due(said["legislative_session"], None, f"{us_mn.API}/bills/v1/{path[1]}/"))
    assert found is not None
    return found.bill


READERS = {"us-tx": texan, "us-nj": jersey, "us-mn": minnesotan}


def told(bill: Bill) -> str:
    """One bill as a line of facts, without its words."""
    steps = [f"{a.date} {a.chamber} {sha(a.description)[:6]} {'+'.join(a.classification)}" for a in bill.actions]
    parts = [("title", [sha(str(bill.title))]), ("actions", steps),
             ("sponsors", [f"{sha(s.name)[:6]} {s.primary}" for s in bill.sponsorships]),
             ("versions", [f"{v.code} {v.date} {len(v.links)}" for v in bill.versions]),
             ("documents", [f"{sha(d.url)[:6]} {d.date}" for d in bill.documents]),
             ("votes", [f"{v.date} {v.chamber} {v.passed}" for v in bill.votes]),
             ("hearings", [f"{h.key} {h.date}" for h in bill.hearings]),
             ("related", [f"{r.session} {r.identifier} {r.relation}" for r in bill.related_bills])]
    lists = "\t".join(f"{name}={'; '.join(found)}" for name, found in parts)
    return f"{bill.session} {bill.identifier}\t{bill.chamber} {bill.introduced_on} {stage_of(bill)}\t{lists}"


@pytest.mark.parametrize("name", SPIDERS)
def test_recorded_bills_give_the_facts_that_were_read_in_them(name: str, shared: Path,
                                                              request: pytest.FixtureRequest) -> None:
    bills = [(said, READERS[name](said)) for _, said in records(shared, name[3:])]
    for said, bill in bills:
        assert (bill.title, bill.identifier.replace(" ", "")) == (
            " ".join(said["title"].split()), said["identifier"].replace(" ", ""))
        assert sorted(a.description for a in bill.actions) == sorted(
            " ".join(a["description"].split()) for a in said["actions"])
        assert {s.name for s in bill.sponsorships} == {s["name"] for s in said["sponsorships"]}
        assert len(bill.versions) == len(said["versions"]) and len(bill.documents) == len(said["documents"])
    found = "".join(f"{told(bill)}\n" for _, bill in bills)
    facts = FACTS / f"{name}.tsv"
    if request.config.getoption("--update-golden"):
        facts.write_text(found)
    assert found == facts.read_text()


@pytest.mark.parametrize("name", SPIDERS)
def test_no_step_of_a_recorded_bill_is_unknown(name: str, shared: Path) -> None:
    said = {a["description"] for _, bill in records(shared, name[3:]) for a in bill["actions"]}
    said |= {a["description"] for path in (shared / "data/us-states" / name[3:]).glob("openstates-scrape/*/*.json")
             for a in json.loads(path.read_text())["actions"]}
    assert [words for words in said if SPIDERS[name].actions.classify(words) is None] == []


@pytest.mark.parametrize("name", SPIDERS)
def test_every_recorded_text_names_its_bill_and_no_other(name: str, shared: Path,
                                                         request: pytest.FixtureRequest) -> None:
    spider, found, numbers = SPIDERS[name](), "", []
    texts = []
    for path, said in records(shared, name[3:]):
        numbers.append(said["identifier"])
        texts += [(said["identifier"], text) for text in sorted(path.parent.glob("*.[hH][tT]*"))]
    for number, text in texts:
        body = gzip.decompress(text.read_bytes()) if text.suffix == ".gz" else text.read_bytes()
        words = fronts.front(body, "text/html", text.name)
        known = [n for n in numbers if spider.names(words[:400] if name != "us-mn" else words, Bill(name, "", n))]
        assert number in known and spider.lacking(words, body, Link("https://x", "text/html")) is None, text
        found += f"{text.parent.name}/{text.name}\t{sha(body)}\t{','.join(n for n in known if n != number)}\n"
    facts = FACTS / f"{name}-texts.tsv"
    if request.config.getoption("--update-golden"):
        facts.write_text(found)
    assert found == facts.read_text()


# --- shapes that are not on record ------------------------------------------------------------------------------------


def test_a_substitute_for_several_bills_is_the_text_of_each() -> None:
    words = "[First Reprint] SENATE COMMITTEE SUBSTITUTE FOR SENATE, Nos. 1270, 41 and 2566 STATE OF NEW JERSEY"
    spider = us_nj.NewJerseySpider()
    assert [n for n in ("S1270", "S41", "S2566", "S256", "A41", "S2567") if spider.names(words, Bill("us-nj", "", n))
            ] == ["S1270", "S41", "S2566"]


def test_the_newest_legislature_is_followed_with_its_called_sessions() -> None:
    codes = [n for n in ("81r", "88R", "881", "89R", "891", "892", "89R_old", "readme") if us_tx.SESSION.fullmatch(n)]
    assert newest(codes, lambda code: int(code[:-1])) == ["891", "892", "89R"]


def test_a_texas_text_lies_beside_its_history(shared: Path) -> None:
    bill = next(texan(said) for _, said in records(shared, "tx") if said["identifier"] == "HCR 12")
    assert [(link.url.partition("/bills/")[2] or link.url, link.media_type) for link in bill.versions[0].links] == [
        ("892/billtext/html/house_concurrent_resolutions/HCR00001_HCR00099/HC00012I.HTM", "text/html"),
        ("https://capitol.texas.gov/tlodocs/892/billtext/pdf/HC00012I.PDF", "application/pdf")]


def test_a_number_that_no_texas_bill_has_is_no_bill() -> None:
    none = b'<billhistory bill="99(R) HB 1"><caption>Bill does not exist.</caption></billhistory>'
    assert us_tx.TexasSpider().read(none, Due("", None, "u")) is None


def test_a_minnesota_record_of_the_other_year_is_no_bill() -> None:
    none = b"<BILL><FILE_TYPE>HF</FILE_TYPE><FILE_NUMBER>12</FILE_NUMBER></BILL>"
    assert us_mn.MinnesotaSpider().read(none, Due("s", None, "u")) is None
