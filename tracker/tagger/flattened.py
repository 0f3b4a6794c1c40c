"""Text that lost its quotation marks when third parties flattened it: which lines are the matter to be inserted?

"(3) by inserting after paragraph (2) the following:" is followed by the new matter, line by line, up to an empty line.
"""

from __future__ import annotations

import re

from tracker.model import MarkKind
from tracker.text.marks import QUOTED, Span

_INTRODUCES = re.compile(r"\b(?:adding|inserting|insert|add)\b[^\n]{0,160}\bthe following[^\n]{0,60}:[ \t]*\n"
                         r"(?!\s*[“\"`])")  # fmt: skip
LONGEST = 8000  # characters


def unquoted_blocks(text: str) -> list[Span]:
    spans: list[Span] = []
    for m in _INTRODUCES.finditer(text):
        end = text.find("\n\n", m.end(), m.end() + LONGEST)
        spans.append((m.end(), end if end >= 0 else min(len(text), m.end() + LONGEST), MarkKind.INSERTED, QUOTED))
    return spans
