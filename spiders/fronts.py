"""A fetched text to the words at its beginning, and these to proof that it is the bill's own.

A PDF's words are read by a process apart: PDFium is C, and a hostile document may crash it or never end.
"""

from __future__ import annotations

import contextlib
import html
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache

from tracker.errors import LayoutChanged

FRONT = 20_000  # characters: a bill says its number on its first page
PDF_PAGES, PDF_SECONDS, PDF_MEMORY, PDF_LARGEST = 2, 30, 1 << 30, 30_000_000
ABSENT, COVER_ONLY, SCANNED, FOREIGN = "absent", "cover only", "scanned", "not this bill's text"

# What the letters of a number stand for, where a text spells them out; a legislature may add its own.
SPOKEN: dict[str, tuple[str, ...]] = {
    "AB": ("Assembly Bill", "Assembly"), "SB": ("Senate Bill", "Senate"), "HB": ("House Bill", "House"),
    "A": ("Assembly", "Assembly Bill"), "S": ("Senate", "Senate Bill", "Bill S"), "H": ("House", "House Bill"),
    "HF": ("House File",), "SF": ("Senate File",), "HR": ("House Resolution",), "SR": ("Senate Resolution",),
    "HJR": ("House Joint Resolution",), "SJR": ("Senate Joint Resolution",), "HCR": ("House Concurrent Resolution",),
    "SCR": ("Senate Concurrent Resolution",), "AR": ("Assembly Resolution",), "AJR": ("Assembly Joint Resolution",),
    "ACR": ("Assembly Concurrent Resolution",), "HJM": ("House Joint Memorial",), "SJM": ("Senate Joint Memorial",),
    "HM": ("House Memorial",), "SM": ("Senate Memorial",), "HD": ("House Docket",), "SD": ("Senate Docket",),
    "C": ("Bill C",),
}
_HIDDEN = re.compile(rb"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_IDENTIFIER = re.compile(r"([A-Za-z]+(?:[.\s]+[A-Za-z]+)*)[\s.\-]*0*(\d+)([A-Za-z]*)")


def front(body: bytes, media_type: str, url: str = "") -> str:
    """The first words, white space folded; "" if there are none (a scanned PDF).

    Raises LayoutChanged if the bytes are not of the media type.
    """
    if media_type == "application/pdf":
        return _pdf_words(body, url)
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = body.decode("utf-16", "replace").encode()
    text = body[:40 * FRONT]
    if media_type != "text/plain":
        if b"<" not in text[:2000]:
            raise LayoutChanged(f"expected {media_type}, got something without a tag", url=url)
        text = _HIDDEN.sub(b" ", text)
    words = text.decode("utf-8-sig", "replace")
    if media_type != "text/plain":
        words = html.unescape(_TAG.sub(" ", words))
    return " ".join(words.split())[:FRONT]


def names_bill(words: str, identifier: str, spoken: Mapping[str, tuple[str, ...]] | None = None) -> bool:
    """Whether "HB 2526" stands in the words, in any of its printed forms, and not as the beginning of "HB 25261"."""
    found = _IDENTIFIER.fullmatch(identifier.strip())
    if not found:
        return identifier.casefold() in words.casefold()
    letters, number, suffix = re.sub(r"[.\s]", "", found[1]), found[2], found[3].casefold()
    spelt = {**SPOKEN, **(spoken or {})}.get(letters.upper(), ())
    return any(m[1] == number and _begins(m[2].casefold(), suffix)
               for m in _numbers(letters, tuple(spelt)).finditer(words))


def has_number(words: str, identifier: str, before: str = r"(?<!\d)") -> bool:
    """Whether the number alone of "SB 097" stands in the words, of a bill whose texts print its letters otherwise."""
    number = re.sub(r"\D", "", identifier).lstrip("0")
    return bool(number and re.search(rf"{before}0*{number}(?!\d)", words))


def _begins(rest: str, suffix: str) -> bool:
    return rest.startswith(suffix) and not rest[len(suffix):].isdigit()


@lru_cache(maxsize=256)
def _numbers(letters: str, spelt: tuple[str, ...]) -> re.Pattern[str]:
    """All numbers of one series, each with what comes after it. Made once a series: a pattern a bill took longer to
    compile than its text to fetch."""
    forms = [r"\.?\s*".join(letters), *map(_phrase, spelt)]
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(forms)})\.?[\s\-\u2010-\u2014:,]*"
                      rf"(?:(?:no|nos|number|num)\b\.?|n\u00b0|\u2116)?[\s:]*0*([0-9]+)(?=([A-Za-z]*[0-9]?))",
                      re.IGNORECASE)


def _phrase(text: str) -> str:
    return r"\s+".join(map(re.escape, text.split()))


def _pdf_words(body: bytes, url: str) -> str:
    if b"%PDF-" not in body[:1024]:
        raise LayoutChanged(f"expected a PDF, got {body[:20]!r}", url=url)
    if len(body) > PDF_LARGEST:
        raise LayoutChanged(f"expected a PDF of at most {PDF_LARGEST} bytes, got {len(body)}", url=url)
    try:
        done = subprocess.run([sys.executable, "-c", "from spiders.fronts import _serve; _serve()"], input=body,
                              capture_output=True, timeout=PDF_SECONDS, check=False, env={"PYTHONPATH": ":".join(
                                  p for p in sys.path if p)})
    except subprocess.TimeoutExpired:
        raise LayoutChanged(f"expected a PDF that is read in {PDF_SECONDS} s, got a longer one", url=url) from None
    if done.returncode:
        raise LayoutChanged("expected a whole PDF, got one that cannot be read", url=url)
    return " ".join(done.stdout.decode("utf-8", "replace").split())[:FRONT]


def _serve() -> None:
    """The process apart: a PDF in, the words of its first pages out."""
    import resource

    import pypdfium2

    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (PDF_MEMORY, PDF_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (PDF_SECONDS, PDF_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pages = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    words = " ".join(_page_words(pages, n) for n in range(min(PDF_PAGES, len(pages))))
    sys.stdout.buffer.write(words.encode("utf-8", "replace"))


def _page_words(pages: Iterable[object], number: int) -> str:
    return str(pages[number].get_textpage().get_text_bounded())  # type: ignore[index]
