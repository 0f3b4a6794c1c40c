"""One page's drawings to the thin horizontal lines among them, those inside forms and of many-part paths included."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import byref, c_float, c_int

import pypdfium2.raw as raw

from tracker.errors import TextError
from tracker.text import pdfium
from tracker.text.pdf_page import MOST_OBJECTS, Page, Rule, pale, rotate

_THIN = 2.6  # points; a line is not thicker
_PATH, _IMAGE, _FORM = raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM
Matrix = tuple[float, float, float, float, float, float]
_turned = raw.FS_MATRIX()
_turned_at = byref(_turned)
_sides = (c_float(), c_float(), c_float(), c_float())
_sides_at = tuple(byref(number) for number in _sides)
_mode = (c_int(), c_int())
_mode_at = tuple(byref(number) for number in _mode)
_point = (c_float(), c_float())
_point_at = tuple(byref(number) for number in _point)
Box = tuple[float, float, float, float]  # left, bottom, right, top


def read_drawings(handle: int, page: Page, turn: int, number: int) -> None:
    area = page.width * page.height or 1.0
    posts: list[Box] = []
    for drawn, kind, matrix in _objects(handle, number):
        if not pdfium.object_bounds(drawn, *_sides_at):
            continue
        box = _transform((_sides[0].value, _sides[1].value, _sides[2].value, _sides[3].value), matrix)
        if kind == _IMAGE:
            page.pictured += (box[2] - box[0]) * (box[3] - box[1]) / area
        colour = _painted(drawn) if kind == _PATH else 0
        if colour is None or pale(colour):
            continue
        for part in _parts(drawn, box, matrix) if kind == _PATH else (box,):
            left, bottom, right, top = _straighten(part, turn)
            if right - left <= _THIN and top - bottom > 6:
                posts.append((left, bottom, right, top))
            elif top - bottom <= _THIN and right - left >= 0.7 and right - left > 0.8 * (top - bottom):
                page.rules.append(Rule(left, right, (bottom + top) / 2, colour))
    if posts:
        page.rules = [rule for rule in page.rules if not _framed(rule, posts)]


def _framed(rule: Rule, posts: list[Box]) -> bool:
    """Upright lines stand at both of its ends: it is the border of a table's cell."""
    ends = [(left, right) for left, bottom, right, top in posts if bottom - 2 <= rule.y <= top + 2]
    return any(left - 1.5 <= rule.x0 <= right + 1.5 for left, right in ends) and any(
        left - 1.5 <= rule.x1 <= right + 1.5 for left, right in ends
    )


def _objects(handle: int, number: int) -> Iterator[tuple[int, int, Matrix | None]]:
    """(object, kind, matrix of the form that it is in): paths and pictures, also those inside forms."""
    total = pdfium.count_objects(handle)
    if total > MOST_OBJECTS:
        raise TextError(f"expected at most {MOST_OBJECTS} drawn objects on page {number}; got {total}")
    for index in range(total):
        drawn = pdfium.get_object(handle, index)
        kind = pdfium.object_type(drawn) if drawn else 0
        if kind in (_PATH, _IMAGE):
            yield drawn, kind, None
        elif kind == _FORM:
            yield from _inside(drawn, None, 1)


def _inside(form: int, outer: Matrix | None, depth: int) -> Iterator[tuple[int, int, Matrix | None]]:
    if depth > 6 or not pdfium.object_matrix(form, _turned_at):
        return
    m = (_turned.a, _turned.b, _turned.c, _turned.d, _turned.e, _turned.f)
    matrix = _multiply(m, outer) if outer else m
    for index in range(min(pdfium.form_count(form), MOST_OBJECTS)):
        drawn = pdfium.form_object(form, index)
        kind = pdfium.object_type(drawn) if drawn else 0
        if kind in (_PATH, _IMAGE):
            yield drawn, kind, matrix
        elif kind == _FORM:
            yield from _inside(drawn, matrix, depth + 1)


def _multiply(m: Matrix, n: Matrix) -> Matrix:
    a, b, c, d, e, f = m
    return (a * n[0] + b * n[2], a * n[1] + b * n[3], c * n[0] + d * n[2], c * n[1] + d * n[3],
            e * n[0] + f * n[2] + n[4], e * n[1] + f * n[3] + n[5])  # fmt: skip


def _transform(box: Box, m: Matrix | None) -> Box:
    if m is None:
        return box
    corners = [(m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]) for x in box[::2] for y in box[1::2]]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _straighten(box: Box, turn: int) -> Box:
    if not turn:
        return box
    (x0, y0), (x1, y1) = rotate(box[0], box[1], turn), rotate(box[2], box[3], turn)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _painted(path: int) -> int | None:
    """The colour in which a path shows, or None: paths also serve to clip."""
    if not pdfium.path_mode(path, *_mode_at):
        return None
    filled, stroked = _mode[0].value, _mode[1].value
    for shows, of in ((filled, pdfium.fill_colour), (stroked, pdfium.stroke_colour)):
        if shows:
            colour, alpha = pdfium.colour(of, path)
            if alpha >= 64 and not pale(colour):
                return colour
    return None


def _parts(path: int, box: Box, matrix: Matrix | None) -> Iterator[Box]:
    """A path may hold many lines: its own box if it is one stroke or one rectangle, else one box a subpath."""
    count = pdfium.count_segments(path)
    if count <= 5 or count > 4000:
        yield box
        return
    part: list[tuple[float, float]] = []
    for index in range(count + 1):
        step = pdfium.path_segment(path, index) if index < count else None
        if part and (step is None or pdfium.segment_type(step) == raw.FPDF_SEGMENT_MOVETO):
            xs, ys = [x for x, _ in part], [y for _, y in part]
            yield _transform((min(xs), min(ys), max(xs), max(ys)), matrix)
            part = []
        if step is not None and pdfium.segment_point(step, *_point_at):
            part.append((_point[0].value, _point[1].value))
