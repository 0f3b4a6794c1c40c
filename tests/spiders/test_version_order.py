"""Versions as platforms list them, earliest stage first: names as each legislature gives them, order as it was."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from spiders.platforms.openstates import CHAMBERS, parse_bill
from spiders.platforms.version_order import in_order, stage_named
from tests.spiders.test_openstates_records import URL, row
from tracker.model import Version


def named(*notes: str, chamber: str = "lower") -> list[str]:
    return [v.note or "" for v in in_order([Version(str(n), note) for n, note in enumerate(notes)], chamber)]


# (what a source listed, in that order; the chamber of the bill; the order of its making)
LISTED = [
    ("Rhode Island", "7201 SUB B|7201 SUB A|7201", "lower", "7201|7201 SUB A|7201 SUB B"),
    ("Rhode Island, as made", "7201|7201 SUB A|7201 SUB B", "lower", "7201|7201 SUB A|7201 SUB B"),
    ("Puerto Rico", "Texto de Aprobación Final en Senado|Texto de Aprobación Final enviado al Senado|"
     "Entirillado del Informe|Radicado", "lower",
     "Radicado|Entirillado del Informe|Texto de Aprobación Final enviado al Senado|"
     "Texto de Aprobación Final en Senado"),
    ("Puerto Rico, the Senate's bill", "Texto de Aprobación Final en Cámara|"
     "Texto de Aprobación Final enviado a la Cámara|Radicado", "upper",
     "Radicado|Texto de Aprobación Final enviado a la Cámara|Texto de Aprobación Final en Cámara"),
    ("Colorado", "Signed Act|Final Act|Rerevised|Revised|Reengrossed|Engrossed|Introduced", "lower",
     "Introduced|Engrossed|Reengrossed|Revised|Rerevised|Final Act|Signed Act"),
    ("Connecticut", "Public Act No. 26-16|JUD Joint Favorable|File No. 218|GL Joint Favorable Substitute|Raised Bill",
     "upper", "Raised Bill|GL Joint Favorable Substitute|File No. 218|JUD Joint Favorable|Public Act No. 26-16"),
    ("Hawaii", "HB1960_CD1|HB1960_HD2|HB1960_SD1|HB1960_HD1|HB1960", "lower",
     "HB1960|HB1960_HD1|HB1960_SD1|HB1960_HD2|HB1960_CD1"),
    ("Louisiana", "HB9 Act 7|HB9 Enrolled|HB9 Re-Reengrossed|HB9 Reengrossed|HB9 Engrossed|HB9 Original|"
     "House Floor Amendment, #4898, Adopted|House Floor Amendment, #4387, Draft", "lower",
     "HB9 Original|House Floor Amendment, #4387, Draft|House Floor Amendment, #4898, Adopted|HB9 Engrossed|"
     "HB9 Reengrossed|HB9 Re-Reengrossed|HB9 Enrolled|HB9 Act 7"),
    ("Washington", "Substitute Bill|Engrossed Second Substitute Bill|Second Substitute Bill|Bill|"
     "Second Substitute Passed Legislature", "lower",
     "Bill|Substitute Bill|Second Substitute Bill|Engrossed Second Substitute Bill|"
     "Second Substitute Passed Legislature"),
    ("Illinois", "Introduced|Engrossed|Enrolled|House Amendment 001|House Amendment 002", "lower",
     "Introduced|House Amendment 001|House Amendment 002|Engrossed|Enrolled"),
    ("Utah", "Enrolled|Introduced|Comparison to Sub #1|Substitute #2", "upper",
     "Introduced|Comparison to Sub #1|Substitute #2|Enrolled"),
    ("Texas", "Introduced|Senate Committee Report|Engrossed|House Committee Report|Enrolled", "upper",
     "Introduced|Senate Committee Report|Engrossed|House Committee Report|Enrolled"),
    ("Nevada", "As Introduced|Amendment 2|Reprint 1|Amendment 8|Reprint 2|As Enrolled", "lower",
     "As Introduced|Amendment 2|Reprint 1|Amendment 8|Reprint 2|As Enrolled"),
    ("Maryland", "Chapter - Marriage Law - Act|Third - Marriage Law - Act|First - Marriage Law - Act", "upper",
     "First - Marriage Law - Act|Third - Marriage Law - Act|Chapter - Marriage Law - Act"),
    ("South Carolina", "12/05/2024|02/06/2025|Filed", "lower", "12/05/2024|02/06/2025|Filed"),
    ("Pennsylvania", "Printer's No. 1719|Printer's No. 0240", "lower", "Printer's No. 0240|Printer's No. 1719"),
    ("names that say nothing", "Red|Green|Blue", "lower", "Red|Green|Blue"),
]


@pytest.mark.parametrize(("listed", "chamber", "made"), [case[1:] for case in LISTED], ids=[c[0] for c in LISTED])
def test_versions_stand_in_the_order_of_their_making(listed: str, chamber: str, made: str) -> None:
    assert named(*listed.split("|"), chamber=chamber) == made.split("|")


def test_dates_come_before_what_names_say() -> None:
    days = {"Engrossed": date(2185, 4, 1), "Committee Substitute": date(2185, 5, 1), "Introduced": date(2185, 1, 5)}
    found = in_order([Version(n, n, day) for n, day in days.items()], "lower")
    assert [v.note for v in found] == ["Introduced", "Engrossed", "Committee Substitute"]


@pytest.mark.parametrize("backwards", [False, True])
def test_what_a_day_does_not_tell_is_told_by_the_direction_of_the_source(backwards: bool) -> None:
    made = [Version("a", "Printed", date(2185, 1, 5)), Version("b", "Red", date(2185, 2, 1)),
            Version("c", "Blue", date(2185, 2, 1)), Version("d", "Green", date(2185, 3, 1))]
    assert in_order(made[::-1] if backwards else made, "upper") == tuple(made)


def test_a_day_in_a_name_that_no_calendar_has_is_no_evidence() -> None:
    assert named("Green 13/45/2185", "Introduced") == ["Introduced", "Green 13/45/2185"]


@pytest.mark.parametrize("seed", range(5))
def test_names_of_all_stages_are_put_in_order_out_of_any(seed: int) -> None:
    made = ["Introduced", "House Committee Substitute", "Engrossed", "Senate Committee Substitute",
            "As Passed by the Senate", "Enrolled", "Chaptered"]
    listed = made.copy()
    random.Random(seed).shuffle(listed)
    assert named(*listed) == made


def test_the_second_of_two_alike_has_the_second_code_whichever_way_they_are_listed() -> None:
    first, last = ({"note": "SUB A", "date": day, "links": [{"url": f"https://law.example/{day}",
                                                             "media_type": "text/html"}]}
                   for day in ("2185-02-01", "2185-05-01"))
    told = [[(v.code, v.date) for v in parse_bill(row(versions=listed), "us-ri", URL).versions]
            for listed in ([first, last], [last, first])]
    assert told[0] == told[1] == [("sub-a", date(2185, 2, 1)), ("sub-a-2", date(2185, 5, 1))]


def _real(shared: Path) -> list[tuple[str, str | None, list[str]]]:
    found = []
    for path in sorted((shared / "data/us-states").glob("*/*/**/*.json")):
        said: Any = json.loads(path.read_text()) if path.name.startswith(("metadata", "bill_")) else None
        if said and len(said.get("versions") or ()) > 1:
            house = json.loads((said.get("from_organization") or "~{}")[1:]).get("classification")
            found.append((str(path), CHAMBERS.get(house or ""), [v["note"] for v in said["versions"]]))
    return found


def test_of_real_records_no_introduced_text_is_the_newest_and_no_law_comes_before_a_bill(shared: Path) -> None:
    """Records of Open States' scrapers for 27 states: 473 have texts of several stages, 206 in another order."""
    wrong, of_source, several = [], 0, 0
    for path, chamber, notes in _real(shared):
        stages = [stage_named(note, chamber) for note in named(*notes, chamber=chamber or "")]
        listed = [stage_named(note, chamber) for note in notes]
        several += len(set(listed)) > 1
        of_source += listed != sorted(listed)
        if len(set(listed)) > 1 and "/sc/" not in path and stages != sorted(stages):
            wrong.append(path)
    assert not wrong and (several, of_source) == (473, 206)
