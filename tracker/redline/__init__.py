"""Two versions' marked texts to a redline: sections paired also when renumbered or moved, words compared within them.

Pure. ``compare(prepare(before), prepare(after))``; every word of both texts is in the result, so that what it keeps
and puts gives the later text exactly (``tracker.redline.patch``).
"""

from __future__ import annotations

from tracker.redline.compare import compare
from tracker.redline.rows import Change, Edit, Redline, Row
from tracker.redline.words import Reading, Unit, prepare

__all__ = ["Change", "Edit", "Reading", "Redline", "Row", "Unit", "compare", "prepare"]
