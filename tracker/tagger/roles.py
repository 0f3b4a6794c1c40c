"""Lines of a section to the part they play: findings, definitions, titles and summaries mention; the rest acts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, takewhile

from tracker.model import Provision
from tracker.tagger.patterns import Hinted, compile_any, compile_pattern

Role = tuple[int, int, str]  # start, end, name

# What may stand before a heading: a section number or an enumerator, and a screen reader's "new text begin".
_ENUM = (r"^[\s\"'*]*(?:\d{1,2}\s+)?(?:new text begin )?"
         r"(?:(?:new section\.?|sec(?:tion|s)?\.?|\xa7+|art(?:icle|\.))?[\s*]*"
         r"[\w.\-:]{0,12}\d[\w.\-:]{0,12}\.?|\([0-9a-z]{1,5}\))?[\s*.\-]*"
         r"(?:new text begin )?(?:\[[^\]]{1,20}\]\s*)?")  # fmt: skip

# The set phrases that legislative drafting manuals prescribe, by role; the first that matches a heading counts.
HEADINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("findings", (
        r"(?:congressional |legislative )?findings?\b", r"legislative intent", r"intent and findings",
        r"statement of findings",
        r"the legislature (?:finds|recognizes)",
        r"(?:the )?(?:congress|senate|house|legislature) (?:hereby )?(?:finds|makes the following findings)")),
    ("definitions", (
        r"definitions?\b", r"as used in this",
        r"in this (?:section|act|chapter|article|part|title|subsection)[,:\- ]{1,3}(?:the (?:term|following)|unless)",
        r"for (?:the )?purposes of this (?:section|act|chapter),? (?:the )?(?:term|following|\")")),
    ("short-title", (
        r"short titles?\b",
        r"this (?:act|section|division|title|part|chapter)(?: or any part thereof)? (?:may|shall) be "
        r"(?:known(?: and| or)?(?: may be)? ?)?(?:cited|known|called)")),
    ("purpose", (
        r"purposes?\b", r"statement of (?:policy|purpose)", r"policy of the united states",
        r"declaration of (?:policy|purpose)")),
    ("contents", (r"table of contents", r"contents\.?$")),
    ("recital", (r"whereas\b",)),
    ("boilerplate", (
        r"severability", r"effective date", r"rule of construction\b", r"coming into force", r"commencement\b",
        r"transition(?:al)? (?:provisions?|periods?|rules?)", r"transition\.?$", r"references?\.?$")),
)  # fmt: skip
_HEADINGS = tuple((role, compile_pattern(_ENUM + "(?:" + "|".join(words) + ")", role)) for role, words in HEADINGS)
_ANY_HEADING = compile_pattern(_ENUM + "(?:" + "|".join(w for _, words in HEADINGS for w in words) + ")", "headings")
_DEFINES = compile_any((
    r"^[^.;]{0,80}\bthe terms?\b[^.;]{0,160}\b(?:means?|includes?|has the meaning|have the meaning)\b",
    r"^[\s(\w)*]{0,8}(?:for (?:the )?purposes? of|as used in) this (?:sub)?(?:section|chapter|article|act|paragraph),? "
    r"[^.;]{3,80}\bmeans?\b",
    r"^[\s(\w)*]{0,8}\"[^\"\n]{2,80}\"[^.;\n]{0,40}\b(?:means?|has the (?:same )?meaning|shall mean)\b",
), "definitions")  # fmt: skip
_TITLE = compile_pattern(
    _ENUM + r"(?:(?:a bill to be entitled |for )?an act\b|a bill\b|(?:h|s)\.? ?(?:r|b|j)?\.? ?(?:res\.? )?\d|"
    r"to (?:amend|require|provide|establish|allow|increase|repeal|direct)\b)", "title")  # fmt: skip
_BEGINS = compile_pattern(r"be it enacted|\bsection 1\b|\bsec\. 1\b|\benacts:", "title")
# What a bill says of itself: the paragraph "This bill would ...", and the statement or cover page to its end.
_TELLS = compile_pattern(r"\bthis (?:bill|act) (?:proposes|makes|would|clarifies|establishes|requires)\b[^.]{0,800}",
                         "summary")  # fmt: skip
_COVER = Hinted(rb"STATEMENT|Statement of P|SUMMARY|SYNOPSIS|Report Title:|Printed on|EXPLANATION BY",
                rb"^[ \t]*(?:STATEMENT(?: OF PURPOSE)?:?[ \t]*$|Statement of Purpose:?|SUMMARY[ \t]*$|SYNOPSIS|"
                rb"Report Title:|Printed on recycled paper)|\bEXPLANATION BY THE LEGISLATIVE COUNCIL",
                re.M)  # fmt: skip
# A rule for debate: it names bills, it makes no law.
_PROCEDURE = compile_pattern(r"it shall be in order (?:to consider|without intervention|in the house)|points of order "
                             r"against|previous question shall be considered", "procedure")  # fmt: skip
_LONG_TITLE = re.compile(rb"[ \t\"*]*To [a-z]+ [^\n]{30,}")  # of a federal bill: "To amend ... and for other purposes."
_NAMED_ACT = Hinted(rb"An Act|A Bill|\d,? an Act|Act to amend the",
                    rb"\b(?:entitled|titled),? ?[\"'`]{1,2}(?:An Act|A Bill)[^\"]{1,600}|"
                    rb"\b(?:H\. ?R\.|S\.) ?\d+,? an Act\b[^.;,]{0,300},|"
                    rb"\bAct to amend the [^.;]{0,80}\([^)]{1,80}\)")  # fmt: skip
_DEEMED = Hinted(rb"(?i:deemed)", rb"\bany references? (?:to|in) [^.]{0,500}\bdeemed\b[^.]{0,300}", re.I)
_FINDS = re.compile(rb"\b(?:legislature|congress|general assembly|council|parliament)(?: of [^.,:;]{2,40})? "
                    rb"(?:hereby )?finds\b", re.I)  # fmt: skip
# A cover page: it names a bill and holds no word that does anything.
_COVERS = re.compile(rb"\ban act\b|\ba bill\b|\bfirst reading\b|\blong title\b", re.I)
_ACTS = re.compile(rb"\b(?:shall|must|may|guilty|commits?|liable|prohibited|unlawful|urges|resolves|offence|offense|"
                   rb"repealed|appropriated|(?:is|are) (?:further |each |hereby )?(?:amended|enacted|added|replaced|"
                   rb"established))\b", re.I)  # fmt: skip
_ITEM = re.compile(rb"\s*\*?\((\w{1,5})\)")
_RESUMES = re.compile(rb"\s*\([b-z]\)\s+[A-Z]|.{0,60}\bsense of\b", re.I)  # what ends a row of findings
_BINDS = re.compile(rb"\b(?:shall|must)\b", re.I)
_ENACTING = compile_pattern(r"be it (?:hereby )?(?:enacted|resolved) by\b|\bit is hereby enacted by\b|"
                            r"\bdo enact as follows", "title")  # fmt: skip
_RECITAL = Hinted(rb"WHEREAS", rb"\bWHEREAS,? .{1,4000}?(?:;(?: and)?(?=\s)|(?=,? ?NOW,? THEREFORE)|\n\s*\n|$)", re.S)
# A digest tells in the third person what the bill does: "Modifies elements of crime. Authorizes court to vacate."
_TELLING = (rb"(?:^|[.:]\s{1,4}|\\n\\t|\n)(?:Authori[sz]es|Modifies|Specifies|Provides|Requires|Directs|Establishes|"
            rb"Creates|Prohibits|Increases|Decreases|Allows|Makes|Removes|Repeals|Declares|Defines|Permits|Revises|"
            rb"Expands|Clarifies|Changes|Imposes|Appropriates|Extends|Limits|Adds) ")  # fmt: skip
_DIGEST = Hinted(_TELLING, _TELLING + rb"[^.]{4,600}(?:\.|$)")
DIGEST = 2  # such sentences
_FINDS_AND_ACTS = compile_pattern(r"sense of|policy|report", "findings")

_NON_BINDING = compile_pattern(
    _ENUM + r"[^.\n]{0,90}\b(?:reports?\b|stud(?:y|ies)\b|survey|evaluation|advisory (?:committee|council|board)|"
    r"commission\b|sense of (?:the )?(?:congress|senate|house)|gao |comptroller general|feasibility|review of|"
    r"assessment)",
    "non-binding")  # fmt: skip
_REPORTERS = re.compile(rb"\b(?:duty|required|obligation|failure) to report|mandat(?:ory|ed) report", re.I)
# "§ 3. Reports", "SEC. 4. STUDY OF PORTS.", "Sec. 3. Review of convictions.": a number and a few words without a verb.
_HEADED = re.compile(rb"[\s\"]*(?:(?:SECTION|SEC\.|Section|Sec\.|\xa7+|\([a-z0-9]{1,3}\))\s*[\w.\-:]{0,14}[.:]?"
                     rb"\s+(?:\([a-z0-9]{1,3}\)\s*)*)?"
                     rb"(?!(?:The|A|An|Any|Each|No|Not|It|There|If|In|On|By|Whoever|This|That)\b[^\n]{0,400}\b(?:shall|may|must|is|are)\b)"
                     rb"[^.\n]{3,140}?(?:\.(?=\s)|(?=\n)|(?= \([a-z1]\) )|$)")  # fmt: skip
_SENSES = re.compile(rb"\bsense of (?:the )?(?:congress|senate|house)", re.I)
_BINDS_ALL = re.compile(rb"\b(?:shall|must|may|is guilty|commits)\b", re.I)
_STUDIES = re.compile(rb"\b(?:report|stud(?:y|ies|ied)|assess\w*|evaluat\w+|examin\w+|survey\w*|review\w*|recommend\w*|"
                      rb"brief\w*|advis\w+|commission|analy\w+|sense of)\b", re.I)  # fmt: skip
_ORDERS = re.compile(rb"\b(?:shall|must|is directed to) (?:conduct (?:a|an) [^.;]{0,60}"
                     rb"\b(?:study|survey|assessment|evaluation|review)|study\b|"
                     rb"submit\b[^.;]{0,120}\breports?\b|issue (?:a|an) [^.;]{0,40}report|report to)|"
                     rb"\b(?:study|reports?|survey)\b[^.]{0,60}\bshall (?:be|include|contain)\b", re.I)  # fmt: skip
_SENSE = compile_any((
    r"it is the sense of (?:the )?(?:congress|senate|house)", r"expressing the sense",
    r"it is the policy of the (?:united states|state)", r"task force[^.]{0,400}for the purpose of studying",
), "non-binding")  # fmt: skip
_RESOLUTION = compile_any((
    r"^\s*(?:H|S)\. ?(?:CON\. ?|J\. ?)?RES\. ?\d",
    r"^\s*\d{0,3}\s*(?:(?:assembly|house|senate|joint|concurrent) ){1,2}resolution",
    r"^\s*(?:expressing|supporting|recognizing|condemning|affirming|designating|urging|calling)\b",
    r"^\s*(?:preamble )?whereas\b",
), "resolution")  # fmt: skip
_RESOLVES = compile_pattern(r"therefore,? be it", "resolution")
_ENACTS = compile_pattern("be it enacted", "resolution")
_RANKS = {"section": 0, "subsection": 1, "paragraph": 2, "subparagraph": 3, "clause": 4, "subclause": 5}
LONG_TITLE = 900  # bytes: a section that only names its Act is shorter
SHORT = 100  # bytes of a section that a heading and nothing else fills
COVER = 1500  # bytes within which a long title stands


def is_resolution(body: bytes) -> bool:
    """It resolves and does not enact. (A joint resolution that makes law enacts or amends.)"""
    if _RESOLUTION is not None and _RESOLUTION.search(body[:600].lstrip()) is not None:
        return True
    return _RESOLVES.search(body) is not None and _ENACTS.search(body) is None


def is_non_binding(body: bytes) -> bool:
    """A report, a study or a commission, by its heading or, where it has none, by its first sentence."""
    heading, rest = _parts(body)
    if _REPORTERS.search(heading) is not None or _BINDS_ALL.search(heading) is not None:
        return False  # a duty of others to report is law like any other
    if _SENSES.search(heading) is not None:
        return True
    if heading and _NON_BINDING.match(heading) is not None:
        return _STUDIES.search(rest[:1200]) is not None or (
            len(rest.strip()) < SHORT and _BINDS_ALL.search(rest) is None)
    return not heading and b"amended" not in rest[:400] and _ORDERS.search(rest[:400]) is not None


def _parts(body: bytes) -> tuple[bytes, bytes]:
    """(heading, words): a first line without a verb, or what stands before the first full stop after the number."""
    found = _HEADED.match(body)
    if found is None:
        return b"", body
    return body[: found.end()], body[found.end() :]


def senses(body: bytes) -> list[int]:
    """Where a chamber says its sense or policy, or a task force is to study: the paragraph around binds nobody."""
    return [m.start() for m in _SENSE.finditer(body)] if _SENSE is not None else []


def roles_of(body: bytes, inside: tuple[Provision, ...], start: int, path: str) -> list[Role]:
    """Roles of a section that begins at `start` of its text; what has none acts."""
    if path.startswith(("Preamble", "Whereas")):
        return [(0, len(body), "preamble")]
    if _COVERS.search(body[:400]) is not None and _ACTS.search(body) is None:
        return [(0, len(body), "title")]
    if _PROCEDURE.search(body) is not None:
        return [(0, len(body), "procedure")]
    whole = _by_heading(body)
    if whole == "short-title" and len(body) > LONG_TITLE:
        line = body.find(b"\n", 1)
        return _settle([(0, line if line >= 0 else len(body), whole), *_provisions(body, inside, start), *_lines(body)],
                       body)  # fmt: skip
    if whole is not None and not (whole == "findings" and _FINDS_AND_ACTS.search(body[:70]) is not None):
        return [(0, len(body), whole)]
    return _settle([*_provisions(body, inside, start), *_lines(body)], body)


def _by_heading(line: bytes) -> str | None:
    head = line[:300]
    if _ANY_HEADING.match(head) is None:
        return None
    return next((role for role, pattern in _HEADINGS if pattern.match(head) is not None), None)


def _defines(line: bytes) -> bool:
    return _DEFINES is not None and _DEFINES.search(line[:300]) is not None


def _provisions(body: bytes, inside: tuple[Provision, ...], start: int) -> Iterator[Role]:
    for n, p in enumerate(inside):
        if p.start <= start:
            continue
        line = body[p.start - start : p.start - start + 300]
        role = _by_heading(line) or ("definitions" if _defines(line.partition(b"\n")[0]) else None)
        if role is not None:
            yield p.start - start, _end(n, inside) - start, role


def _end(n: int, inside: tuple[Provision, ...]) -> int:
    """Where its words end: text that lost its layout hangs the next subsection under the last paragraph."""
    p = inside[n]
    rank = _RANKS.get(p.level, 0)
    held = takewhile(lambda q: q.start < p.end, islice(inside, n + 1, None))
    return next((q.start for q in held if p.start < q.start and _RANKS.get(q.level, 9) < rank), p.end)


def _lines(body: bytes) -> Iterator[Role]:
    for told in _TELLS.finditer(body):
        yield told.start(), told.end(), "summary"
    enacts = _ENACTING.search(body)
    for cover in _COVER.finditer(body):
        before = enacts is not None and cover.start() < enacts.start()
        yield cover.start(), enacts.start() if before and enacts else len(body), "summary"
    if enacts:
        yield 0, enacts.start(), "title"  # long title, cover page, digest: what comes before the enacting clause
    for recital in _RECITAL.finditer(body):
        yield recital.start(), recital.end(), "recital"
    for pattern, role in ((_NAMED_ACT, "title"), (_DEEMED, "boilerplate")):
        yield from ((m.start(), m.end(), role) for m in pattern.finditer(body))
    told = list(_DIGEST.finditer(body))
    if len(told) >= DIGEST:
        yield from ((m.start(), m.end(), "summary") for m in told)
    at = 0
    finds, defines = False, b""
    for line, small in zip(body.split(b"\n"), body.lower().split(b"\n"), strict=True):
        begins_finds = b"finds" in small and _FINDS.search(line[:200]) is not None
        finds = ((finds and _RESUMES.match(line) is None) or begins_finds) and _BINDS.search(line) is None
        if not finds and not small.strip():
            at += len(line) + 1
            continue
        defines = defines if not line.strip() else defines if defines and _is_item(line, defines) else b""
        if defines and line.strip():
            yield at, at + len(line), "definitions"
        if finds:
            yield at, at + len(line), "findings"
        elif line.lstrip()[:7].lower() == b"whereas":
            yield at, at + len(line), "recital"
        elif at < COVER and (_TITLE.match(line[:200]) is not None or (
                at and _LONG_TITLE.match(line) is not None and _BINDS.search(line) is None)):
            begins = _BEGINS.search(line)
            yield at, at + (begins.start() if begins else min(len(line), 600)), "title"
        elif b"SO AS TO" in line[:3000]:
            yield at, at + len(line), "title"
        elif b"may be cited as" in line[:400]:
            yield at, at + len(line), "short-title"
        elif (b"mean" in small or b"include" in small) and _defines(line):
            yield at, at + len(line), "definitions"
            defines = (line.strip()[:2] or b"-") if line.rstrip().endswith((b"-", b":")) else b""
        at += len(line) + 1


def _is_item(line: bytes, opening: bytes) -> bool:
    """Does a row of definitions go on? Not where a paragraph of the row's own level starts, nor where law binds."""
    item = _ITEM.match(line)
    if item is None or _BINDS.search(line) is not None:
        return False
    return not (opening[:1] == b"(" and opening[1:2].isalpha() == item[1][:1].isalpha())


def _settle(roles: list[Role], body: bytes) -> list[Role]:
    """A section whose every line but the heading defines is a definition, heading and all."""
    defined = at = 0
    for a, b in sorted((a, b) for a, b, role in roles if role == "definitions"):
        defined += len(body[max(a, at) : b].strip())
        at = max(at, b)
    return [(0, len(body), "definitions"), *roles] if defined and len(body.strip()) - defined < SHORT else roles
