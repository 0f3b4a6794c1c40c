"""PDFs to marked text by page geometry, against the floor: PDFium's own text of the same pages and nothing else."""

from __future__ import annotations

import gzip
import resource

import pypdfium2

from bench._table import cpu, shared_folder, show
from tracker.errors import TextError
from tracker.text import pdf_process
from tracker.text.pdf import parse
from tracker.text.pdf_geometry import load

STATES = ("vt", "ri", "or", "ut")  # struck and inserted words stand on their pages


def main() -> None:
    shared = shared_folder()
    if shared is None:
        return
    files = sorted(p for p in (shared / "data").rglob("*") if p.name.lower().endswith((".pdf", ".pdf.gz")))
    bodies = [gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes() for p in files]
    pages = sum(_words_only(body) for body in bodies)
    floor = cpu(lambda: [_words_only(body) for body in bodies])
    geometry = cpu(lambda: [load(body) for body in bodies])
    refused = [path.name for path, body in zip(files, bodies, strict=True) if _refused(body)]
    ours = cpu(lambda: [_refused(body) for body in bodies])
    apart = _with_children(bodies)
    states = [(state, [body for path, body in zip(files, bodies, strict=True) if state in path.parts])
              for state in STATES]
    by_state = [(state, sum(_words_only(body) for body in of), cpu(lambda of=of: [_refused(body) for body in of]))
                for state, of in states if of]
    show(
        ("what", "pages/s of CPU", "times the floor"),
        [
            (f"PDFium's text only ({len(files)} files, {pages} pages)", f"{pages / floor:.0f}", "1.0"),
            ("words, faces and drawn lines with their places", f"{pages / geometry:.0f}", f"{geometry / floor:.1f}"),
            (f"to marked text and provisions ({len(refused)} refused)", f"{pages / ours:.0f}", f"{ours / floor:.1f}"),
            ("the same in a process apart, both processes", f"{pages / apart:.0f}", f"{apart / floor:.1f}"),
            *((f"to marked text: {state.upper()} ({count} pages)", f"{count / used:.0f}", "limit: 100 pages/s")
              for state, count, used in by_state),
        ],
    )
    for name in refused:
        print(f"  refused: {name}")


def _words_only(body: bytes) -> int:
    document = pypdfium2.PdfDocument(body)
    try:
        for page in document:
            page.get_textpage().get_text_range()
        return len(document)
    finally:
        document.close()


def _refused(body: bytes) -> bool:
    try:
        parse(body)
    except TextError:
        return True
    return False


def _with_children(bodies: list[bytes]) -> float:
    """CPU seconds here and in the child, its start included; children count once they have ended."""
    pdf_process.stop()

    def spent() -> float:
        use = resource.getrusage(resource.RUSAGE_CHILDREN)
        return use.ru_utime + use.ru_stime

    before = spent()

    def work() -> None:
        for body in bodies:
            pdf_process.read(body)

    here = cpu(work, repeat=1)
    pdf_process.stop()
    return here + spent() - before
