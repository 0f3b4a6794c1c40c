"""Bytes of any encoding to characters: byte order marks, wrong declarations, cp1252 and control bytes survive."""

from __future__ import annotations

import codecs
import re

from tracker.errors import TextError

CEILING = 50_000_000  # bytes; the largest real bill is about 4 MB

# C0 controls but tab, line feed, carriage return: none is legal in XML, and PostgreSQL refuses NUL.
CONTROLS = bytes(c for c in range(32) if c not in (9, 10, 13))
_BOMS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))
# Latin-1 and cp1252 in one: whichever of them an archive took the bytes for.
_WESTERN = {b: b for b in range(256)} | {ord(c): b for b in range(256) if (c := bytes([b]).decode("cp1252", "ignore"))}
# U+FDD0 to U+FDEF, U+FFFE and U+FFFF are not characters (`printed` makes signs of some); lone C1 codes are cp1252
# punctuation that somebody declared as Latin-1.
_STRAY = re.compile("[\x80-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_MULTIBYTE = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?(shift_jis|euc-jp|big5|gb18030|gbk|gb2312|koi8-r)""", re.I)


def decode(body: bytes, kind: str) -> str:
    """What the bytes say, not what the page declares: UTF-8 if it is, else what fits. `kind` only words the error."""
    if len(body) > CEILING:
        raise TextError(f"expected {kind} of at most {CEILING} bytes; got {len(body)}")
    text = _decode(body)
    if "Ã" in text or "â€" in text or "â\x80" in text or "Â\xa0" in text:
        text = _once(text)
    if not text.isascii() and _STRAY.search(text):
        text = _STRAY.sub(_as_cp1252, text)
    return text


def _once(text: str) -> str:
    """UTF-8 that an archive took for Latin-1 or cp1252 and encoded again, back to what it was; else as it is."""
    for encode in (_latin1, _western):
        try:
            return encode(text).decode("utf-8").lstrip("\ufeff")
        except UnicodeError:
            continue
    return text


def _latin1(text: str) -> bytes:
    return text.encode("latin-1")


def _western(text: str) -> bytes:
    return codecs.charmap_encode(text, "strict", _WESTERN)[0]


def _decode(body: bytes) -> str:
    for bom, name in _BOMS:
        if body.startswith(bom):
            wide = body.decode(name, "replace").encode("utf-8", "replace")
            return wide.translate(None, CONTROLS).decode("utf-8").lstrip("\ufeff")
    # UTF-16 without a mark has a NUL at every other byte of its markup.
    if len(body) >= 4 and body[1] == 0 and body[3] == 0:
        return body.decode("utf-16-le", "replace").encode("utf-8", "replace").translate(None, CONTROLS).decode("utf-8")
    if len(body) >= 4 and body[0] == 0 and body[2] == 0:
        return body.decode("utf-16-be", "replace").encode("utf-8", "replace").translate(None, CONTROLS).decode("utf-8")
    clean = body.translate(None, CONTROLS)
    try:
        return clean.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as wrong:
        if wrong.start >= len(clean) - 4 and wrong.reason == "unexpected end of data":
            return clean[: wrong.start].decode("utf-8").lstrip("\ufeff")  # cut in the middle of a character
    declared = _MULTIBYTE.search(clean[:1000])
    if declared:
        return clean.decode(declared[1].decode(), "replace").translate(dict.fromkeys(CONTROLS))
    return clean.decode("cp1252", "replace")


def _as_cp1252(stray: re.Match[str]) -> str:
    code = ord(stray[0])
    if code > 0xFF:
        return ""
    return bytes([code]).decode("cp1252", "ignore")
