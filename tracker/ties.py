"""A bill to the bills that it is tied to, and how far each has come: named by it, naming it, or with the same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.ids import bill_id
from tracker.kinship import named_bills
from tracker.model import Bill
from tracker.store.catalogue import BillRow

if TYPE_CHECKING:
    from tracker.app import Services


@dataclass(frozen=True, slots=True)
class RelatedBill:
    """`relations`: what this bill's record says of it; `relations_there`: what its own record says of this bill."""

    id: str
    identifier: str
    title: str | None
    named: bool  # by this bill's record
    naming: bool  # its record names this bill
    relations: tuple[str, ...]
    relations_there: tuple[str, ...]
    row: BillRow | None  # None: not a bill that we hold


@dataclass(frozen=True, slots=True)
class Ties:
    """`more_naming`, and what `alike_total` has beyond `alike`: there are so many more than are listed."""

    related: tuple[RelatedBill, ...]
    more_naming: int
    alike: tuple[BillRow, ...]
    alike_total: int


def ties(services: Services, identity: str, bill: Bill) -> Ties:
    """First those that the record names, as it lists them. Of `services.as_known(…)`: as it was known then."""
    named, kindred = named_bills(bill), services.kindred
    naming, alike = kindred.naming(identity), kindred.alike(identity)
    there = {x.row.id: x for x in naming.those}
    rows = {**services.catalogue.rows([*named]), **{x.row.id: x.row for x in naming.those}} if named else {}
    given = {bill_id(bill.jurisdiction, x.session, x.identifier): x for x in reversed(bill.related_bills)}
    related = [
        RelatedBill(other, row.identifier if row else given[other].identifier,
                    (row.title if row else None) or given[other].title, True, other in there, said,
                    there[other].relations if other in there else (), row)
        for other, said in named.items() for row in (rows.get(other),)]
    related += [RelatedBill(x.row.id, x.row.identifier, x.row.title, False, True, (), x.relations, x.row)
                for x in naming.those if x.row.id not in named]
    return Ties(tuple(related), naming.total - len(naming.those), alike.those, alike.total)
