"""Writes small PDFs byte by byte: words in Courier, whose every character is 0.6 of its size wide, and drawn lines."""

from __future__ import annotations

import zlib

FONTS = {"F1": "Courier", "F2": "Courier-Bold", "F3": "Courier-Oblique"}
SIZE = 12.0
STEP = 0.6 * SIZE  # one character
STRIKE, UNDERLINE = 0.25 * SIZE, -0.14 * SIZE  # over the baseline


class Sheet:
    """One page of 612 by 792 points. Colours are "r g b" from 0 to 1."""

    def __init__(self, rotate: int = 0) -> None:
        self.rotate = rotate
        self.operators: list[str] = []
        self.forms: list[str] = []
        self.picture = False
        self.notes: list[str] = []

    def words(self, x: float, y: float, text: str, font: str = "F1", colour: str = "0 0 0", size: float = SIZE,
              matrix: str = "1 0 0 1", mode: int = 0) -> Sheet:  # fmt: skip
        quoted = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        self.operators.append(f"BT {mode} Tr {colour} rg /{font} {size} Tf {matrix} {x} {y} Tm ({quoted}) Tj ET")
        return self

    def rule(self, x0: float, x1: float, y: float, colour: str = "0 0 0", thick: float = 0.6) -> Sheet:
        self.operators.append(f"{colour} rg {x0} {y - thick / 2} {x1 - x0} {thick} re f")
        return self

    def stroke(self, x0: float, x1: float, y: float, colour: str = "0 0 0") -> Sheet:
        self.operators.append(f"{colour} RG 0.6 w {x0} {y} m {x1} {y} l S")
        return self

    def marked(self, x: float, y: float, *parts: tuple[str, str], one: bool = True, colour: str = "0 0 0") -> Sheet:
        """Parts (words, look), look "s" struck, "u" underlined, "" neither; set in one go, or each part by itself."""
        if one:
            self.words(x, y, "".join(words for words, _ in parts))
        for words, look in parts:
            end = x + STEP * len(words)
            if not one:
                self.words(x, y, words)
            if look:
                self.rule(x, end, y + (STRIKE if look == "s" else UNDERLINE), colour)
            x = end
        return self

    def lines(self, *texts: str, x: float = 100, y: float = 700, step: float = 24) -> Sheet:
        for index, text in enumerate(texts):
            self.words(x + STEP * (len(text) - len(text.lstrip())), y - step * index, text.strip())
        return self


def pdf(*sheets: Sheet, encrypted: bool = False) -> bytes:
    """A whole file, cross-reference table and all."""
    fonts = " ".join(f"/{name} << /Type /Font /Subtype /Type1 /BaseFont /{base} >>" for name, base in FONTS.items())
    objects: list[bytes] = [b"", b""]
    kids = []
    for sheet in sheets:
        forms = []
        for form in sheet.forms:
            objects.append(_stream(form, "/Type /XObject /Subtype /Form /BBox [0 0 2000 2000] /Matrix [2 0 0 2 50 0]"))
            forms.append(f"/X{len(forms)} {len(objects)} 0 R")
        if sheet.picture:
            objects.append(_stream("\x80", "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray "
                                           "/BitsPerComponent 8"))  # fmt: skip
            forms.append(f"/P {len(objects)} 0 R")
        notes = []
        for note in sheet.notes:
            objects.append(note.encode())
            notes.append(f"{len(objects)} 0 R")
        objects.append(_stream("\n".join(sheet.operators), ""))
        content = len(objects)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Rotate {sheet.rotate} /Contents {content} 0 R "
            f"/Annots [{' '.join(notes)}] "
            f"/Resources << /Font << {fonts} >> /XObject << {' '.join(forms)} >> >> >>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    secret = f"/ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'11' * 32}> /U <{'22' * 32}> >>"
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R {secret if encrypted else ''} >>\n".encode()
    return out + f"startxref\n{start}\n%%EOF\n".encode()


def _stream(text: str, entries: str) -> bytes:
    data = zlib.compress(text.encode("latin-1"))
    return f"<< {entries} /Filter /FlateDecode /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"
