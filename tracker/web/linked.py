"""A bill to schema.org's Legislation as JSON-LD: what machines of others read on its page. Data, never a script."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from markupsafe import Markup

from tracker.model import Bill
from tracker.polling.watching import name_of
from tracker.stage import stage_of
from tracker.steps import steps
from tracker.web.wording import is_web

IN_FORCE = ("became-law", "overridden")
# So that no word of a title can end the element or begin another: JSON knows all three as escapes.
_SAFE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def legislation(bill: Bill, url: str, today: date) -> dict[str, Any]:
    """https://schema.org/Legislation; what the legislature does not say is left out."""
    last = next((a.date for a in reversed(steps(bill, today)[0]) if a.date), None)
    found: dict[str, Any] = {
        "@context": "https://schema.org", "@type": "Legislation", "@id": url, "url": url,
        "legislationIdentifier": bill.identifier, "name": bill.title or bill.identifier,
        "legislationType": bill.classification[0] if bill.classification else None,
        "legislationJurisdiction": {"@type": "AdministrativeArea", "name": name_of(bill.jurisdiction)},
        "legislationDate": bill.introduced_on, "dateModified": last,
        "legislationLegalForce": "InForce" if stage_of(bill) in IN_FORCE else "NotInForce",
        "sponsor": [{"@type": "Person", "name": s.name} for s in bill.sponsorships if s.primary and not s.withdrawn_on],
        "sameAs": [source for source in bill.sources if is_web(source)],
        "encoding": [{"@type": "LegislationObject", "name": version.note, "encodingFormat": link.media_type,
                      "contentUrl": link.url, "datePublished": version.date}
                     for version in bill.versions for link in version.links[:1] if is_web(link.url)],
    }
    return {key: value for key, value in found.items() if value}


def embedded(data: dict[str, Any]) -> Markup:
    return Markup(msgspec.json.encode(data).decode().translate(_SAFE))  # noqa: S704 - nothing of HTML is left in it
