"""PDF bytes to pages, within limits: the only way into PDFium."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_void_p

import pypdfium2
import pypdfium2.raw as raw

from tracker.errors import TextError
from tracker.text import pdfium
from tracker.text.pdf_drawings import read_drawings
from tracker.text.pdf_page import MOST_OBJECTS, Page
from tracker.text.pdf_process import LARGEST
from tracker.text.pdf_words import measure_crossed, read_runs

MOST_PAGES = 4000
_PENCIL = (raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_SQUIGGLY, raw.FPDF_ANNOT_STRIKEOUT)


def load(body: bytes, on_page: Callable[[int], None] = lambda number: None) -> list[Page]:
    """All pages. `on_page` hears each page's number before it is read. Raises TextError on what is no readable PDF."""
    if len(body) > LARGEST:
        raise TextError(f"expected a PDF of at most {LARGEST} bytes; got {len(body)}")
    at = body.find(b"%PDF-", 0, 1024)
    if at < 0:
        raise TextError(f"expected a PDF that opens with %PDF-; got {len(body)} bytes that open with {body[:8]!r}")
    if b"%%EOF" not in body[-2048:]:
        raise TextError(f"expected a whole PDF, to its %%EOF; got {len(body)} bytes that stop before")
    with pdfium.LOCK:
        try:
            document = pypdfium2.PdfDocument(body)
        except pypdfium2.PdfiumError as problem:
            raise TextError(f"expected a whole PDF without a password; got {str(problem).strip('.')}") from None
        try:
            count = len(document)
            if not 0 < count <= MOST_PAGES:
                raise TextError(f"expected a PDF of 1 to {MOST_PAGES} pages; got {count}")
            pages = []
            for number in range(1, count + 1):
                on_page(number)
                pages.append(_page(c_void_p(pdfium.address(document.raw)), number))
            return pages
        finally:
            document.close()


def _page(document: c_void_p, number: int) -> Page:
    handle = pdfium.load_page(document, number - 1)
    if not handle:
        raise TextError(f"expected page {number} of the PDF to be whole; it cannot be read")
    try:
        text = pdfium.load_text(handle)
        if not text:
            raise TextError(f"expected the words of page {number}; got none that can be read")
        try:
            page = Page(pdfium.page_width(handle), pdfium.page_height(handle))
            turn = read_runs(text, page, number)
            read_drawings(handle, page, turn, number)
            measure_crossed(text, page, turn)
        finally:
            pdfium.close_text(text)
        page.pencilled = _pencil_marks(handle)
        return page
    finally:
        pdfium.close_page(handle)


def _pencil_marks(handle: int) -> int:
    found = 0
    for index in range(min(pdfium.count_annotations(handle), MOST_OBJECTS)):
        note = pdfium.get_annotation(handle, index)
        if note:
            found += pdfium.annotation_kind(note) in _PENCIL
            pdfium.close_annotation(note)
    return found
