"""What a person writes for a bill to the id of a bill that is held here."""

from __future__ import annotations

from tracker.app import Services
from tracker.errors import ConfigError
from tracker.ids import read_bill_id, slug
from tracker.query.tree import Among
from tracker.store.search import SearchQuery

MOST_NAMED = 5  # bills of one number, in the message


def held(services: Services, written: str) -> str:
    """The id. "US/119/HR1865" is read as us/119/hr-1865; a number alone ("HR 1865") must be that of one bill only.

    An id that is not held is given back, so that who asks can tell why. Raises ConfigError for a number that is not
    one bill's.
    """
    identity = read_bill_id(written)
    if "/" in identity:
        return written if services.catalogue.row(written) is not None else identity
    found = [hit.row.id for hit in services.search.find(
        SearchQuery(Among("bill", (slug(identity),)), MOST_NAMED + 1, snippets=False)).hits] if slug(identity) else []
    if len(found) == 1:
        return found[0]
    if found:
        more = " and others" if len(found) > MOST_NAMED else ""
        raise ConfigError(f"{written[:80]!r} is the number of {', '.join(found[:MOST_NAMED])}{more}: expected one of "
                          "these ids")
    raise ConfigError(f"expected a bill that is held here, e.g. us/119/hr-1865; got {written[:80]!r}")
