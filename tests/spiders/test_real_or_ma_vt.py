"""Oregon's, Massachusetts's and Vermont's readers against recorded documents: facts about them are kept, no words.

Recorded: Oregon's rows of Measures (without what hangs on them: empty lists stand for it) and PDFs; Massachusetts's
records of the 192nd Court (without their texts) and the history of every document; Vermont's PDFs, and its bills as an
archive re-shaped them (put back into the API's form, so that words, dates and file names are proven, not the envelope).
`--update-golden` writes the facts anew.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spiders import fronts
from spiders.labels import Labels
from spiders.legislatures import us_ma, us_or, us_vt
from spiders.listed import Due, ListedSpider
from spiders.records import Json
from tracker.model import Bill

FACTS = Path(__file__).with_name("real_or_ma_vt.tsv")
HUNG = ("MeasureSponsors", "MeasureDocuments", "MeasureHistoryActions", "CommitteeAgendaItems")


def test_the_recorded_documents_are_read_as_they_were(shared: Path, request: pytest.FixtureRequest) -> None:
    states = shared / "data" / "us-states"
    found = ["\t".join(map(str, row)) for row in (*oregon(states / "or"), *massachusetts(states / "ma"),
                                                  *vermont(states / "vt"))]
    if request.config.getoption("--update-golden"):
        FACTS.write_text("\n".join(found) + "\n")
    assert found == FACTS.read_text().splitlines()


def test_nearly_every_recorded_step_of_massachusetts_is_known(shared: Path) -> None:
    told = [a for actions in histories(shared / "data" / "us-states" / "ma").values() for a in actions]
    unknown = Counter(a["Action"] for a in told if us_ma.ACTIONS.classify(a["Action"]) is None)
    assert len(told) == 45_466 and unknown.total() < 60, unknown.most_common(5)


def facts(bill: Bill, labels: Labels) -> tuple[Any, ...]:
    """Identifier, digest of the title, first day, counts and digests; no label may be unknown."""
    assert not [a for a in bill.actions if labels.classify(a.description) is None], bill.identifier
    parts = (
        [f"{s.name} {s.primary} {s.person_id} {s.sponsored_on}" for s in bill.sponsorships],
        [f"{a.date} {a.chamber} {' '.join(a.classification)}" for a in bill.actions],
        [f"{h.key} {h.date} {h.time} {h.place} {h.status}" for h in bill.hearings],
        [f"{v.identifier} {v.date} {v.chamber} {v.passed}" for v in bill.votes],
        [f"{r.session} {r.identifier} {r.relation}" for r in bill.related_bills],
    )
    return (bill.jurisdiction, bill.session, bill.identifier, short(bill.title or ""), bill.introduced_on or "-",
            " ".join(bill.classification), " ".join(v.code for v in bill.versions) or "-",
            *(f"{len(part)}:{short('|'.join(part))}" for part in parts))


def short(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:16]


def text_facts(path: Path, identifier: str, spider: ListedSpider) -> tuple[Any, ...]:
    """A PDF's digest, and the digest of its first words, which must name the bill."""
    body = path.read_bytes()
    words = fronts.front(body, "application/pdf", path.name)
    assert spider.names(words, Bill(spider.name, "", identifier)), path.name
    return spider.name, "text", identifier, path.stem, short(body), short(words)


def oregon(folder: Path) -> Iterator[tuple[Any, ...]]:
    spider = us_or.OregonSpider()
    for path in sorted((folder / "odata").iterdir()):
        measures = json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
        told = [Json({**row, **{name: [] for name in HUNG}}, "recorded") for row in measures]
        bills = [spider.read(b"", Due("", None, "recorded", row=(row, {}))).bill for row in told]
        assert all(b.title and b.session and b.chamber and b.titles for b in bills)
        kinds = Counter(b.classification[0] for b in bills)
        yield ("us-or", bills[0].session, len(bills), " ".join(f"{k}:{n}" for k, n in sorted(kinds.items())),
               short("\n".join(f"{b.identifier} {b.title} {b.titles[0].title}" for b in bills)))
        if len(bills) < 30:
            yield from (facts(b, us_or.OregonSpider.actions) for b in bills)
    for path in sorted((folder / "pdf").rglob("*.pdf")):
        name = re.fullmatch(r"measure-\w+-([a-z]+)(\d+)-\w+", path.stem)
        assert name is not None
        yield text_facts(path, f"{name[1].upper()} {name[2]}", us_or.OregonSpider())


def histories(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Each document's steps in the API's form."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    text = gzip.decompress((folder / "all-history-actions.csv.gz").read_bytes()).decode()
    for row in csv.DictReader(io.StringIO(text)):
        if row["id"] == row["id"].upper():  # "s2729" repeats S2729
            found[row["id"]].append({"Date": row["date"], "Branch": row["branch"], "Action": row["action"]})
    return found


def massachusetts(folder: Path) -> Iterator[tuple[Any, ...]]:
    steps = histories(folder)
    for path in sorted((folder / "api").glob("ma_bill_*.json")):
        said = json.loads(path.read_bytes())
        url = f"{us_ma.API}/GeneralCourts/192/Documents/{said['BillNumber']}"
        yield facts(us_ma.parse_document(said, steps[said["BillNumber"]], url).bill, us_ma.ACTIONS)


def vermont(folder: Path) -> Iterator[tuple[Any, ...]]:
    for path in sorted((folder / "govbot").glob("*/*/metadata.json")):
        said = json.loads(path.read_bytes())
        letters, number = said["identifier"].split()
        due = Due(said["legislative_session"], said["identifier"], f"recorded?id={letters}{number}", row="2026")
        steps = [{"Chamber": "S" if "upper" in a["organization_id"] else "H", "StatusDate": a["date"],
                  "FullStatus": a["description"]} for a in said["actions"]]
        record = {"bills": [{"BillNumber": f"{'.'.join(letters)}.{number}", "Title": said["title"],
                             "StatusHistory": steps}]}
        links = "".join(f'<a href="{v["links"][0]["url"]}">{v["note"]}</a>' for v in said["versions"])
        page = f'<div class="bill-title"><h1>{".".join(letters)}.{number}</h1></div><ul class="bill-path">{links}</ul>'
        spider = us_vt.VermontSpider()
        yield facts(spider.both(json.dumps(record).encode(), page.encode(), due), spider.actions)
        yield from (text_facts(p, said["identifier"], us_vt.VermontSpider()) for p in sorted(path.parent.glob("*.pdf")))
