"""PDFium's functions with plain integers as handles: pypdfium2's typed pointers cost as much as the call itself.

PDFium is C and not thread-safe: whoever calls any of these holds `LOCK`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import byref, c_double, c_float, c_int, c_uint, c_ulong, c_void_p
from threading import Lock
from typing import Any

import pypdfium2.raw as raw

LOCK = Lock()


def address(handle: Any) -> int | None:
    return ctypes.cast(handle, c_void_p).value


def _bind(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """PDFium's function with plain integers as handles: pypdfium2's typed pointers cost as much as the call."""
    return ctypes.CFUNCTYPE(result, *arguments)(address(getattr(raw, name)) or 0)


_H = c_void_p
load_page = _bind("FPDF_LoadPage", _H, _H, c_int)
close_page = _bind("FPDF_ClosePage", None, _H)
page_width = _bind("FPDF_GetPageWidthF", c_float, _H)
page_height = _bind("FPDF_GetPageHeightF", c_float, _H)
load_text = _bind("FPDFText_LoadPage", _H, _H)
close_text = _bind("FPDFText_ClosePage", None, _H)
count_chars = _bind("FPDFText_CountChars", c_int, _H)
get_text = _bind("FPDFText_GetText", c_int, _H, c_int, c_int, c_void_p)
get_unicode = _bind("FPDFText_GetUnicode", c_uint, _H, c_int)
object_of = _bind("FPDFText_GetTextObject", _H, _H, c_int)
char_origin = _bind("FPDFText_GetCharOrigin", c_int, _H, c_int, c_void_p, c_void_p)
char_box = _bind("FPDFText_GetLooseCharBox", c_int, _H, c_int, c_void_p)
char_matrix = _bind("FPDFText_GetMatrix", c_int, _H, c_int, c_void_p)
char_size = _bind("FPDFText_GetFontSize", c_double, _H, c_int)
fill_colour = _bind("FPDFPageObj_GetFillColor", c_int, _H, c_void_p, c_void_p, c_void_p, c_void_p)
stroke_colour = _bind("FPDFPageObj_GetStrokeColor", c_int, _H, c_void_p, c_void_p, c_void_p, c_void_p)
render_mode = _bind("FPDFTextObj_GetTextRenderMode", c_int, _H)
font_of = _bind("FPDFTextObj_GetFont", _H, _H)
font_flags = _bind("FPDFFont_GetFlags", c_int, _H)
font_weight = _bind("FPDFFont_GetWeight", c_int, _H)
font_name = _bind("FPDFFont_GetBaseFontName", c_ulong, _H, c_void_p, c_ulong)
count_objects = _bind("FPDFPage_CountObjects", c_int, _H)
get_object = _bind("FPDFPage_GetObject", _H, _H, c_int)
form_count = _bind("FPDFFormObj_CountObjects", c_int, _H)
form_object = _bind("FPDFFormObj_GetObject", _H, _H, c_ulong)
object_type = _bind("FPDFPageObj_GetType", c_int, _H)
object_matrix = _bind("FPDFPageObj_GetMatrix", c_int, _H, c_void_p)
object_bounds = _bind("FPDFPageObj_GetBounds", c_int, _H, c_void_p, c_void_p, c_void_p, c_void_p)
path_mode = _bind("FPDFPath_GetDrawMode", c_int, _H, c_void_p, c_void_p)
count_segments = _bind("FPDFPath_CountSegments", c_int, _H)
path_segment = _bind("FPDFPath_GetPathSegment", _H, _H, c_int)
segment_type = _bind("FPDFPathSegment_GetType", c_int, _H)
segment_point = _bind("FPDFPathSegment_GetPoint", c_int, _H, c_void_p, c_void_p)
count_annotations = _bind("FPDFPage_GetAnnotCount", c_int, _H)
get_annotation = _bind("FPDFPage_GetAnnot", _H, _H, c_int)
close_annotation = _bind("FPDFPage_CloseAnnot", None, _H)
annotation_kind = _bind("FPDFAnnot_GetSubtype", c_int, _H)

_rgba = (c_uint(), c_uint(), c_uint(), c_uint())
_rgba_at = tuple(byref(number) for number in _rgba)


def colour(of: Callable[..., Any], drawn: int) -> tuple[int, int]:
    """(0xRRGGBB, alpha); black where the object does not say."""
    if not of(drawn, *_rgba_at):
        return 0, 255
    red, green, blue, alpha = (number.value for number in _rgba)
    return red << 16 | green << 8 | blue, alpha
