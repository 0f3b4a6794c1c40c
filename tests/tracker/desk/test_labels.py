"""Decisions to labelled sections: the format of the reference labels, scored by the same scorer."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tracker.desk.labels import labelled, locate
from tracker.desk.review import words_of
from tracker.model import (
    Bill,
    BillState,
    Decision,
    Effect,
    Finding,
    Flag,
    Mark,
    MarkedText,
    MarkKind,
    Provision,
    ReviewVerdict,
    TextStatus,
    Topic,
    Version,
    VersionState,
)

NOW = datetime(2031, 3, 4, tzinfo=UTC)
BILL = "xx/31/hb-1"
CRIME, RELIEF, MONEY = Topic.CRIMINALIZATION, Topic.DECRIMINALIZATION, Topic.FUNDING_CONDITION
RIGHT, WRONG, OTHER, BACK = (ReviewVerdict.CONFIRM, ReviewVerdict.REJECT, ReviewVerdict.CORRECT,
                             ReviewVerdict.WITHDRAW)
WORDS = ("Sec. 1. Whoever patronizes a lantern commits a misdemeanor.\n"
         "Sec. 2. The court shall seal every record of a lantern. No grant shall be paid to a lamp.\n")
TEXT = MarkedText(WORDS, (Mark(MarkKind.INSERTED, WORDS.index("The court"), WORDS.index(" No grant")),),
                  (Provision("Sec. 1", "1", None, "section", 0, WORDS.index("Sec. 2.")),
                   Provision("Sec. 2", "2", None, "section", WORDS.index("Sec. 2."), len(WORDS))))


def flag(quote: str, topic: Topic) -> Flag:
    start = WORDS.index(quote)
    return Flag(topic, Effect.ADVANCES, "Sec.", start, start + len(quote), quote, "rule-1", "v1", 0.7)


PATRONS, SEAL, GRANT = (flag("patronizes a lantern", CRIME), flag("shall seal every record of a lantern", RELIEF),
                        flag("No grant shall be paid to a lamp", MONEY))


def decision(on: Flag, verdict: ReviewVerdict, to: Finding | None = None) -> Decision:
    return Decision(BILL, "ih", on, words_of(TEXT, on), verdict, "Because.", "ada", "editor", NOW, to)


def state(*flags: Flag, code: str = "ih") -> BillState:
    bill = Bill("xx", "31", "HB 1", title="Lanterns", versions=(Version(code, "Introduced"),))
    return BillState(bill, "h", 1, (VersionState(code, TextStatus.AVAILABLE, "00", flags),))


def exported(*decisions: Decision, flags: tuple[Flag, ...] = (), text: MarkedText = TEXT) -> list[dict[str, Any]]:
    return list(labelled(BILL, state(*flags), decisions, lambda code: text))


def test_a_confirmed_flag_is_a_label_with_its_section_and_its_marks() -> None:
    (unit,) = exported(decision(SEAL, RIGHT))
    assert list(unit) == ["id", "jurisdiction", "document", "title", "text", "marks", "labels", "borderline"]
    assert unit["text"] == WORDS[WORDS.index("Sec. 2."):]
    assert unit["labels"] == [{"topic": "decriminalization", "effect": "advances", "evidence": SEAL.quote}]
    (mark,) = unit["marks"]
    assert unit["text"][mark["start"]:mark["end"]].startswith("The court shall seal")
    assert (unit["jurisdiction"], unit["document"], unit["title"]) == ("xx", "xx/31/hb-1/ih", "Lanterns")
    assert "ada" not in json.dumps(unit)


def test_a_rejected_flag_is_a_section_without_the_label() -> None:
    (unit,) = exported(decision(PATRONS, WRONG))
    assert (unit["labels"], unit["borderline"]) == ([], [])


def test_a_corrected_flag_is_labelled_as_corrected() -> None:
    (unit,) = exported(decision(SEAL, OTHER, Finding(Topic.WORKER_RIGHTS, Effect.NON_BINDING)))
    assert [(x["topic"], x["effect"]) for x in unit["labels"]] == [("worker-rights", "non-binding")]


def test_what_nobody_judged_in_the_section_is_borderline() -> None:
    (unit,) = exported(decision(SEAL, RIGHT), flags=(SEAL, GRANT, PATRONS))
    assert unit["borderline"] == ["funding-condition"]


def test_one_section_is_one_unit_and_a_withdrawn_decision_none() -> None:
    units = exported(decision(SEAL, RIGHT), decision(GRANT, WRONG), decision(PATRONS, WRONG))
    assert [len(unit["labels"]) for unit in units] == [0, 1]
    assert len({unit["id"] for unit in units}) == 2
    assert exported(decision(SEAL, RIGHT), decision(SEAL, BACK)) == []


def test_words_are_found_although_no_rule_flags_them_any_more_and_the_text_has_moved() -> None:
    moved = MarkedText("A preface.\n" + WORDS.replace("seal every", "SEAL\n every"))
    (unit,) = exported(decision(SEAL, RIGHT), text=moved)
    assert unit["labels"][0]["evidence"] == "shall SEAL\n every record of a lantern"
    assert locate(decision(SEAL, RIGHT), MarkedText(WORDS.replace("seal", "burn"))) is None
    assert exported(decision(SEAL, RIGHT), text=MarkedText("Other words.")) == []


def test_a_quote_without_words_is_nowhere() -> None:
    odd = replace(SEAL, quote="§§", start=0, end=2)
    assert locate(replace(decision(SEAL, RIGHT), flag=odd), TEXT) is None


def test_the_export_is_scored_by_the_scorer_of_the_reference_labels(shared: Path, tmp_path: Path) -> None:
    gold, flags = tmp_path / "gold.jsonl", tmp_path / "flags.jsonl"
    units = exported(decision(SEAL, RIGHT), decision(PATRONS, WRONG), flags=(SEAL, GRANT))
    gold.write_text("".join(json.dumps(unit) + "\n" for unit in units))
    start = {unit["id"]: WORDS.index(unit["text"]) for unit in units}
    answers = [{"id": unit["id"], "flags": [
        {"topic": f.topic.value, "effect": f.effect.value, "quote": f.quote, "start": f.start - start[unit["id"]],
         "end": f.end - start[unit["id"]]} for f in (SEAL, GRANT, PATRONS)
        if 0 <= f.start - start[unit["id"]] < len(unit["text"])]} for unit in units]
    flags.write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    report = json.loads(subprocess.run([sys.executable, str(shared / "gold/evaluate.py"), str(gold), str(flags),
                                        "--json"], capture_output=True, text=True, check=True).stdout)
    assert (report["units"], report["missing"], report["malformed"]) == (2, 0, 0)
    assert (report["precision"], report["recall"], report["effect"]) == (0.5, 1.0, 1.0)
