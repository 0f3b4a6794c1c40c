"""Names of BILLS packages to bills, versions and addresses; a fetched text to proof that it is the one asked for."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lxml import etree

from spiders import guard
from tracker.errors import LayoutChanged
from tracker.ids import bill_id
from tracker.model import Link, Version

SITE = "https://www.govinfo.gov"
LETTERS = "hconres|sconres|hjres|sjres|hres|sres|hr|s"
_PACKAGE = re.compile(rf"BILLS-(\d+)({LETTERS})(\d+)([a-z][a-z0-9]*)")

# (code, name as BILLSTATUS words it, rank in the chamber's course). Codes with a number ("rfs2") rank as without it.
VERSIONS: tuple[tuple[str, str, int], ...] = (
    ("ih", "Introduced in House", 0), ("is", "Introduced in Senate", 0),
    ("iph", "Indefinitely Postponed in House", 4), ("ips", "Indefinitely Postponed in Senate", 4),
    ("rfh", "Referred in House", 1), ("rfs", "Referred in Senate", 1),
    ("rdh", "Received in House", 1), ("rds", "Received in Senate", 1),
    ("rih", "Referral Instructions House", 2), ("ris", "Referral Instructions Senate", 2),
    ("rch", "Reference Change House", 2), ("rcs", "Reference Change Senate", 2),
    ("rth", "Referred to Committee House", 1), ("rts", "Referred to Committee Senate", 1),
    ("hdh", "Held at Desk House", 1), ("hds", "Held at Desk Senate", 1),
    ("cdh", "Committee Discharged House", 3), ("cds", "Committee Discharged Senate", 3),
    ("rh", "Reported in House", 3), ("rs", "Reported in Senate", 3),
    ("pch", "Placed on Calendar House", 4), ("pcs", "Placed on Calendar Senate", 4),
    ("oph", "Ordered to be Printed House", 4), ("ops", "Ordered to be Printed Senate", 4),
    ("pap", "Printed as Passed", 6), ("pp", "Public Print", 4), ("sc", "Sponsor Change", 2),
    ("fph", "Failed Passage House", 5), ("fps", "Failed Passage Senate", 5),
    ("lth", "Laid on Table in House", 5), ("lts", "Laid on Table in Senate", 5),
    ("ath", "Agreed to House", 5), ("ats", "Agreed to Senate", 5),
    ("cph", "Considered and Passed House", 5), ("cps", "Considered and Passed Senate", 5),
    ("eh", "Engrossed in House", 6), ("es", "Engrossed in Senate", 6),
    ("ash", "Additional Sponsors House", 4), ("as", "Amendment Ordered to be Printed Senate", 7),
    ("ah", "Amendment in House", 7), ("eah", "Engrossed Amendment House", 8), ("eas", "Engrossed Amendment Senate", 8),
    ("reah", "Re-engrossed Amendment House", 9), ("res", "Re-engrossed Amendment Senate", 9),
    ("re", "Reprint of an Amendment", 9), ("enr", "Enrolled Bill", 90), ("renr", "Re-enrolled Bill", 91),
)
_RANKS = {code: rank for code, _, rank in VERSIONS}
_CODES = {name.lower(): code for code, name, _ in VERSIONS}


@dataclass(frozen=True, slots=True)
class Package:
    """``BILLS-119hr1ih``."""

    congress: str
    letters: str  # lower case: "hr"
    number: str
    version: str

    @property
    def name(self) -> str:
        return f"BILLS-{self.congress}{self.letters}{self.number}{self.version}"

    @property
    def bill(self) -> tuple[str, str, str]:
        return self.congress, self.letters, self.number

    @property
    def status_url(self) -> str:
        folder = f"{SITE}/bulkdata/BILLSTATUS/{self.congress}/{self.letters}"
        return f"{folder}/BILLSTATUS-{self.congress}{self.letters}{self.number}.xml"

    @property
    def bill_id(self) -> str:
        return bill_id("us", self.congress, f"{self.letters} {self.number}")


def read_package(text: str) -> Package | None:
    """The package that an address or a file name speaks of."""
    found = _PACKAGE.search(text)
    return Package(*found.groups()) if found else None


def package_links(package: Package) -> tuple[Link, ...]:
    """XML first; some texts have only the other."""
    base = f"{SITE}/content/pkg/{package.name}"
    return (Link(f"{base}/xml/{package.name}.xml", "text/xml"), Link(f"{base}/html/{package.name}.htm", "text/html"))


def version_code(note: str) -> str | None:
    """The code of a version that is announced by name only, before it has any file."""
    return _CODES.get(note.lower())


def order(versions: Iterable[Version], letters: str) -> tuple[Version, ...]:
    """Earliest first: by date, then by stage; a version without a date stands behind the last lower stage."""
    home = letters[0]
    found = sorted(versions, key=lambda v: (v.date or date.max, _rank(v.code, home), v.code))
    dated = [v for v in found if v.date]
    for version in (v for v in found if not v.date):
        rank = _rank(version.code, home)
        place = max((i for i, v in enumerate(dated, 1) if _rank(v.code, home) <= rank), default=0)
        dated.insert(place, version)
    return tuple(dated)


def _rank(code: str, home: str) -> int:
    """Place in a bill's course: its own chamber, then the other, then what both agreed on."""
    plain = next((code[:n] for n in range(len(code), 1, -1) if code[:n] in _RANKS), "")
    rank = _RANKS.get(plain, 5)
    if rank >= 90:
        return rank
    return rank if plain.endswith(home) or not plain else rank + 20


# --- is this text the one that was asked for? -------------------------------------------------------------------------

_TITLE = re.compile(r"(?:^|\s)(\d{2,3})\s+([A-Za-z. ]{1,14}?)\s*(\d+)(?:\s+([A-Za-z]{2,4}\d?[a-z]?))?\s*(?::|$)")
_BRACKET = re.compile(r"\[(H\.|S\.)([A-Za-z. ]*?)\s*(\d+)\b[^\]\n]{0,120}?(?:\(([A-Za-z]{2,4}\d?[A-Za-z]?)\))?\]")
_BRACKET_CONGRESS = re.compile(r"\[Congressional Bills (\d+)\w\w Congress\]")
_PAGE_TITLE = re.compile(r"<title>\s*([HS]\.[A-Za-z. ]*?)\s*(\d+)\s*\(([A-Za-z -]+)\)\s*</title>", re.IGNORECASE)
_LEGIS_NUM = re.compile(r"^\s*((?:H|S)[A-Za-z.\s]*?)\s*(\d+)\s*$")
DC = "{http://purl.org/dc/elements/1.1/}"


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a text says of itself; "" = does not say."""

    letters: str
    number: str
    congress: str = ""
    version: str = ""

    def fits(self, package: Package) -> bool:
        return ((self.letters, self.number) == (package.letters, package.number)
                and self.congress in ("", package.congress))

    def contradicts(self, package: Package) -> bool:
        mine, asked = (re.match("[a-z]*", v.lower())[0] for v in (self.version, package.version))  # type: ignore[index]
        return bool(mine) and not (mine.startswith(asked) or asked.startswith(mine))


def check_text(body: bytes, media_type: str, package: Package, url: str) -> None:
    """Raise LayoutChanged unless the document is whole, harmless, and names its own bill and version."""
    claims = _claims_of_xml(body, url) if media_type == "text/xml" else _claims_of_page(body, url)
    if not claims:
        raise LayoutChanged("expected a text that names its bill, got one that does not", url=url)
    fitting = [c for c in claims if c.fits(package)]
    congresses = {c.congress for c in claims if c.congress}
    if not fitting or (congresses and package.congress not in congresses):
        raise LayoutChanged(f"not this bill's text: it names {claims[0].letters} {claims[0].number}", url=url)
    versions = [c for c in fitting if c.version]
    if versions and all(c.contradicts(package) for c in versions):
        raise LayoutChanged(f"not this version's text: it says {versions[0].version.lower()}", url=url)


def _letters(words: str) -> str:
    return re.sub("[^a-z]", "", words.lower())


def _words(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())


def _claims_of_xml(body: bytes, url: str) -> list[_Claim]:
    root = guard.read_xml(body, url)
    claims = []
    for title in root.iter(f"{DC}title"):
        if found := _TITLE.search(_words(title)):
            claims.append(_Claim(_letters(found[2]), found[3], found[1], found[4] or ""))
        break  # only the metadata's own title speaks of this document
    for element in root.iter("{*}legis-num", "{*}legis-type-num"):
        if found := _LEGIS_NUM.match(_words(element)):
            claims.append(_Claim(_letters(found[1]), found[2]))
    for meta in root.iter("{*}meta"):
        said = {etree.QName(child).localname: _words(child) for child in meta if isinstance(child.tag, str)}
        if said.get("docNumber") and (letters := _WORDS.get(said.get("type", "").lower())):
            claims.append(_Claim(letters, said["docNumber"], said.get("congress", "")))
        break
    return claims


_WORDS = {f"{chamber} {kind}": letters for chamber, kind, letters in (
    ("house", "bill", "hr"), ("senate", "bill", "s"), ("house", "joint resolution", "hjres"),
    ("senate", "joint resolution", "sjres"), ("house", "concurrent resolution", "hconres"),
    ("senate", "concurrent resolution", "sconres"), ("house", "simple resolution", "hres"),
    ("senate", "simple resolution", "sres"), ("house", "resolution", "hres"), ("senate", "resolution", "sres"))}


def _claims_of_page(body: bytes, url: str) -> list[_Claim]:
    """The bracketed lines at the head of GPO's plain text in a page, or the title of its newer XHTML pages."""
    if guard.ENTITY_DECLARATION.search(body):
        raise LayoutChanged("expected a page without entity declarations, got some", url=url)
    head = html.unescape(body[:guard.HEAD].decode("utf-8", "replace"))
    if not re.search(rb"</pre>|</body>|</html>|<all>|&lt;all&gt;", body[-2048:], re.IGNORECASE):
        raise LayoutChanged(f"expected a whole page, got one without an end ({len(body)} bytes)", url=url)
    congress = _BRACKET_CONGRESS.search(head)
    claims = [_Claim(_letters(f[1] + f[2]), f[3], congress[1] if congress else "", f[4] or "")
              for f in _BRACKET.finditer(head)][:1]
    if found := _PAGE_TITLE.search(head):
        claims.append(_Claim(_letters(found[1]), found[2], "", version_code(found[3].replace("-", " ")) or ""))
    return claims
