"""Washington's, Utah's and South Dakota's readers against recorded documents: facts about them are kept, no words.

Recorded: Washington's list of bills and HTML texts; Utah's XML texts and PDFs. Of Utah's and South Dakota's JSON there
are only re-shaped records (a scraper's and an archive's); they are put back into the form in which they came, so that
what is proven is words, dates, numbers and file names, and not the envelope. `--update-golden` writes the facts anew.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from spiders import fronts
from spiders.labels import Labels
from spiders.legislatures import us_sd, us_ut, us_wa
from spiders.listed import Due, ListedSpider
from spiders.records import Json
from spiders.selectors import said
from tracker.model import Bill, Link

FACTS = Path(__file__).with_name("real_wa_ut_sd.tsv")
LETTERS = {"Bill": "B", "Commemoration": "C", "Concurrent Resolution": "CR", "Joint Resolution": "JR"}
MEDIA = {"htm": "text/html", "xml": "text/xml", "pdf": "application/pdf"}


def test_the_recorded_documents_are_read_as_they_were(shared: Path, request: pytest.FixtureRequest) -> None:
    states = shared / "data" / "us-states"
    found = ["\t".join(map(str, row)) for row in (*washington(states / "wa"), *utah(states / "ut"), *dakota(
        states / "sd"), *texts(states / "wa", us_wa.UsWaSpider()), *texts(states / "ut", us_ut.UsUtSpider()))]
    if request.config.getoption("--update-golden"):
        FACTS.write_text("\n".join(found) + "\n")
    assert found == FACTS.read_text().splitlines()


def facts(bill: Bill, labels: Labels) -> tuple[Any, ...]:
    """Identifier, digest of the title, first day, counts, digest of all classes; no label may be unknown."""
    unknown = [a.description for a in bill.actions if labels.classify(a.description) is None]
    assert not unknown, (bill.identifier, unknown)
    classes = "|".join(f"{a.date} {a.chamber} {' '.join(a.classification)}" for a in bill.actions)
    return (bill.jurisdiction, bill.session, bill.identifier, short(bill.title or ""), bill.introduced_on or "-",
            len(bill.sponsorships), len(bill.actions), short(classes), len(bill.hearings), len(bill.votes),
            " ".join(v.code for v in bill.versions) or "-", len(bill.related_bills), short(str(bill.related_bills)))


def short(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:16]


def body_of(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def washington(folder: Path) -> Iterator[tuple[Any, ...]]:
    for (term, _), row in us_wa.parse_bills(body_of(folder / "GetLegislationIntroducedSince.xml.gz"), "u"):
        identifier = us_wa.identity(us_wa.Listed([row]))
        assert identifier
        last = said(row, "CurrentStatus/HistoryLine") or ""
        assert us_wa.ACTIONS.classify(last) is not None, last
        bill = us_wa.parse_bill("us-wa", Due(term, identifier, "u"), [row], [], (), ()).bill
        yield facts(bill, us_wa.ACTIONS)
    for path in sorted(folder.glob("govbot/*/*/metadata.json")):
        for action in json.loads(path.read_text())["actions"]:
            assert us_wa.ACTIONS.classify(action["description"]) is not None, action["description"]


def utah(folder: Path) -> Iterator[tuple[Any, ...]]:
    for path in sorted(folder.glob("govbot/*/*/metadata.json")):
        record = as_utah_says(json.loads(path.read_text()))
        spider = us_ut.UsUtSpider()
        yield facts(spider.read(json.dumps(record).encode(), Due("", None, "u")).bill, spider.actions)


def as_utah_says(told: dict[str, Any]) -> dict[str, Any]:
    letters, digits = told["identifier"].split()
    docs = []
    for text in told["versions"]:
        kind = {"Introduced": "Introduced", "Enrolled": "Enrolled"}.get(text["note"]) or (
            "PubSub" if text["note"].startswith("Substitute #") else
            "Amended" if re.match(r"Amended \d", text["note"]) else "other")
        docs += [{"fileType": kind, "shortDesc": text["note"], "url": link["url"].removeprefix("https://le.utah.gov")}
                 for link in text["links"]]
    history = []
    for action in told["actions"]:
        words, owner = re.fullmatch(r"(.*?)(?: \[(.*)\])?", action["description"]).groups()  # type: ignore[union-attr]
        local = datetime.fromisoformat(action["date"]).astimezone(ZoneInfo(us_ut.UsUtSpider.zone))
        history.append({"description": words, "owner": owner or "", "actionDate": f"{local:%Y-%m-%d %H:%M:%S}.000"})
    return {"sessionID": told["legislative_session"] + "GS", "shortTitle": told["title"],
            "billNumber": letters + digits.zfill(4 if len(letters) == 2 else 3),
            "primeSponsor": "X", "primeSponsorName": told["sponsorships"][0]["name"],
            "billVersionList": [{"activeVersion": True, "billDocs": docs}], "actionHistoryList": history[::-1]}


def dakota(folder: Path) -> Iterator[tuple[Any, ...]]:
    for path in sorted(folder.glob("o*/sd-*.json*")) + sorted(folder.glob("n*/sd-*.json*")):
        detail, log = as_dakota_says(json.loads(body_of(path)))
        bill = us_sd.UsSdSpider().told(str(detail["SessionId"]), Json(detail, "u"), [Json(row, "u") for row in log])
        yield facts(bill, us_sd.UsSdSpider.actions)


def as_dakota_says(told: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Committees are known by number only, so they are named by it; the chambers are told by first readings."""
    house, kind = told["bill_type"].split(" ", 1)
    floors = {a["committee_id_action"]: m[1] for a in told["action_log"]
              if (m := re.match(r"First [Rr]ead(?:ing)? (?:in )?(House|Senate)", a["status_text"] or ""))}

    def named(key: int | None) -> dict[str, str] | None:
        whole = {"House": "House of Representatives", "Senate": "Senate"}.get(floors.get(key or 0, ""))
        return {"FullName": whole or f"House Committee {key}", "Body": (whole or "H")[0]} if key else None

    log = [{"StatusText": a["status_text"], "ActionDate": a["action_date"], "Result": a["result"],
            "ActionCommittee": named(a["committee_id_action"]), "AssignedCommittee": named(a["committee_id_assigned"]),
            "Vote": {"VoteId": a["vote"]["vote_id"], "Yeas": len(a["vote"].get("Yea", [])),
                     "Nays": len(a["vote"].get("Nay", []))} if a["vote"] else None} for a in told["action_log"]]
    return {"BillId": told["bill_id"], "SessionId": told["session_id"], "BillType": house[0] + LETTERS[kind],
            "BillNumber": told["bill_number"], "Title": told["bill_title"],
            "BillSponsor": [{"Name": str(s["legislator_profile_id"]), "SponsorType": "P" if s["is_prime"] else "C"}
                            for s in told["sponsors"]],
            "Documents": [{"DocumentId": v["bill_version_id"], "BillVersion": v["bill_version"],
                           "DocumentDate": v["bill_version_date"]} for v in told["bill_versions"]]}, log


def texts(folder: Path, spider: ListedSpider) -> Iterator[tuple[Any, ...]]:
    """Every recorded text names its bill, and no other."""
    for path in sorted(folder.glob("govbot/*/*/*")):
        name = path.name.removesuffix(".gz")
        if (media_type := MEDIA.get(name.rpartition(".")[2])) is None:
            continue
        body, told = body_of(path), json.loads((path.parent / "metadata.json").read_text())
        words, link = fronts.front(body, media_type, name), Link(f"https://x/{name}", media_type)
        assert spider.names(words, Bill(spider.name, "s", told["identifier"])), name
        assert spider.lacking(words, body, link) is None, name
        other = Bill(spider.name, "s", told["identifier"] + "9")
        wrong = Link(link.url.translate(str.maketrans("0123456789", "9876543210")), media_type)
        assert not spider.names(words, other) or spider.lacking(words, body, wrong) == fronts.FOREIGN, name
        yield spider.name, "text", told["identifier"], name, short(body)
