"""A version's bytes and media type to marked text: words, what is inserted or struck, and the provision tree.

Pure: no clock, no socket, no file; PDFs alone go to a process apart. Whatever the bytes are, the answer is a
`MarkedText` or a `TextError`.
"""

from __future__ import annotations

from tracker.errors import TextError
from tracker.model import MarkedText
from tracker.text import html, pdf_process, plain, xml
from tracker.text.conventions import existing_known
from tracker.text.encoding import decode
from tracker.text.typed import typed_marks

__all__ = ["existing_known", "read", "typed_marks"]

READERS = {
    "text/xml": xml.read,
    "application/xml": xml.read,
    "text/html": html.read,
    "application/xhtml+xml": html.read,
    "text/plain": plain.read,
}
BINARY = {"application/pdf": pdf_process.read}  # take bytes


def read(body: bytes, media_type: str, jurisdiction: str = "") -> MarkedText:
    """`jurisdiction` ("us-wa") says whose conventions hold; without one, only what is sure anywhere is marked.

    Raises TextError, stating what was expected and what came, if these bytes hold no bill text.
    """
    kind = media_type.partition(";")[0].strip().lower()
    if kind in BINARY:
        return BINARY[kind](body, jurisdiction)
    reader = READERS.get(kind)
    if reader is None:
        raise TextError(f"expected one of {', '.join((*READERS, *BINARY))}; got {kind[:40]!r}")
    try:
        return reader(decode(body, kind), jurisdiction)
    except RecursionError:
        raise TextError(f"expected {kind} of a bill's depth; got elements nested without end") from None
