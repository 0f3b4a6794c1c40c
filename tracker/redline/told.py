"""A redline and its flags to plain text: for a terminal whole, for a mail only the changed phrases around flags."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence

from tracker.model import TOPIC_NAMES, Effect, MarkKind, Topic
from tracker.redline.flagged import FlagTurn, Turn, of_turn
from tracker.redline.pieces import Kind, Piece, pieces
from tracker.redline.rows import Change, Redline, Row

WIDTH = 78
CONTEXT = 10  # words kept on each side of a change
MOST = 60  # words of one changed phrase in a mail
MOST_FLAGS = 12  # told one by one in a mail
NEAR = 15  # words between a flag and a change that a mail tells
_SIGNS = {Kind.INSERTED: ("{+", "+}"), Kind.DELETED: ("[-", "-]"), Kind.REMARKED: ("{~", "~}"), Kind.SAME: ("", "")}
_LAW = {MarkKind.INSERTED: "law gains", MarkKind.STRUCK: "law loses", None: "no mark"}
LEGEND = "{+added to the bill+} [-taken out of the bill-] {~same words, other effect on the law~}"
Near = Callable[[Piece], bool]
EffectWords = Callable[[Effect, Topic], str]  # the words are the caller's: they are the same in every channel


def headline(redline: Redline, turns: Sequence[FlagTurn], name: str) -> str:
    """`name`: the later version's. "“Substitute” adds 1 flag, drops 2; 3 stay. Of 12 sections 2 changed, 1 is new." """
    came, went, stayed = (sum(1 for _ in of_turn(turns, turn)) for turn in (Turn.CAME, Turn.WENT, Turn.STAYED))
    if came or went:
        said = " and ".join(part for part in (_count(came, "adds"), _count(went, "drops")) if part)
        flags = f"“{name}” {said}" + (f"; {stayed} {'stays' if stayed == 1 else 'stay'}." if stayed else ".")
    elif stayed:
        flags = f"“{name}” has the same {'flag' if stayed == 1 else f'{stayed} flags'} as before."
    else:
        flags = "Neither text has a flagged section."
    return f"{flags} {sections_line(redline)}"


def _count(number: int, verb: str) -> str:
    return f"{verb} {number} {'flag' if number == 1 else 'flags'}" if number else ""


def sections_line(redline: Redline) -> str:
    rows = redline.rows
    counted = [(sum(row.change is Change.CHANGED for row in rows), "changed"),
               (sum(row.change is Change.ADDED for row in rows), "added"),
               (sum(row.change is Change.REMOVED for row in rows), "removed"),
               (sum(row.moved for row in rows), "moved"),
               (sum(row.renumbered for row in rows), "renumbered")]
    parts = [f"{number} {word}" for number, word in counted if number]
    if not parts:
        return "The words are the same."
    return f"Sections: {', '.join(parts)}, of {len(redline.b.units)} now."


def title(redline: Redline, row: Row) -> str:
    """ "Sec. 4 (was Sec. 3, moved): Definitions" """
    old, new = redline.before(row), redline.after(row)
    here = new or old
    if here is None:
        return ""
    name = here.path or ("Beginning" if here.start == 0 else "Between sections")
    notes = [f"was {old.path}"] if old and new and row.renumbered else []
    notes += ["moved"] if row.moved else []
    notes += [row.change.value] if row.change in (Change.ADDED, Change.REMOVED) else []
    return name + (f" ({', '.join(notes)})" if notes else "") + (f": {here.heading}" if here.heading else "")


def tell(redline: Redline, turns: Sequence[FlagTurn], names: tuple[str, str], effect_words: EffectWords, *,
         brief: bool = False) -> str:
    """`names` of the versions. `brief`: only flags that came or went, and the changed phrases of flagged sections."""
    lines = [f"From “{names[0]}” to “{names[1]}”", "", *_wrap(headline(redline, turns, names[1])), ""]
    for turn, sign in ((Turn.CAME, "+"), (Turn.WENT, "-")):
        found = list(of_turn(turns, turn))
        for t in found[:MOST_FLAGS] if brief else found:
            lines += _flag_lines(t, sign, effect_words)
        if brief and len(found) > MOST_FLAGS:
            lines.append(f"{sign} and {len(found) - MOST_FLAGS} more")
    flagged = {t.row for t in turns}
    near = near_flags(redline, turns) if brief else None
    body: list[str] = []
    for n, row in enumerate(redline.rows):
        if (not brief or n in flagged) and (is_told(row) or is_remarked(redline, row)):
            passages = list(_passages(redline, row, near))
            if passages or not brief or row.moved or row.renumbered:
                body += ["", *_wrap(title(redline, row)), *passages]
    if body:
        lines += ["", *_wrap(LEGEND), *body]
    elif flagged:
        lines += ["No words changed around the flags."]
    return "\n".join(lines).rstrip() + "\n"


def is_told(row: Row) -> bool:
    return row.change is not Change.SAME or row.moved or row.renumbered


def is_remarked(redline: Redline, row: Row) -> bool:
    """The same words, but some of them do something else to the law now."""
    return any(p.kind is Kind.REMARKED for p in pieces(redline, row))


def _flag_lines(t: FlagTurn, sign: str, effect_words: EffectWords) -> list[str]:
    flag = t.flag
    mark = f" ({_LAW[flag.mark]} these words)" if flag.mark else ""
    said = (f"{TOPIC_NAMES[flag.topic]}, {effect_words(flag.effect, flag.topic)}, {flag.provision}{mark}: "
            f"“{_cut(flag.quote.split(), MOST)}”")
    return textwrap.wrap(said, WIDTH, initial_indent=f"{sign} ", subsequent_indent="  ", break_long_words=False,
                         break_on_hyphens=False)


def near_flags(redline: Redline, turns: Sequence[FlagTurn]) -> Near:
    """Does a piece stand within a few words of a flag of its text?"""
    spans = [[(reading.at(f.start) - NEAR, reading.at(f.end - 1) + NEAR) for f in flags if f is not None]
             for reading, flags in ((redline.a, [t.before for t in turns]), (redline.b, [t.after for t in turns]))]

    def near(piece: Piece) -> bool:
        return any(start <= piece.end and piece.start <= end for start, end in spans[piece.kind is not Kind.DELETED])

    return near


def _passages(redline: Redline, row: Row, near: Near | None) -> Iterator[str]:
    """Changed phrases with a few words around them, one passage a paragraph; with `near` only such as are."""
    said: list[str] = []
    tells = False
    for piece in pieces(redline, row):
        if piece.kind is not Kind.SAME:
            said.append(_signed(piece, brief=near is not None))
            tells = tells or near is None or near(piece)
            continue
        words = piece.text.split()
        if len(words) <= 2 * CONTEXT:
            said += words
            continue
        if tells:
            yield from _wrap(" ".join([*said, *words[:CONTEXT], "…"]), "  ")
        said, tells = ["…", *words[-CONTEXT:]], False
    if tells:
        yield from _wrap(" ".join(said), "  ")


def _signed(piece: Piece, *, brief: bool) -> str:
    opens, closes = _SIGNS[piece.kind]
    words = piece.text.split()
    text = _cut(words, MOST) if brief else " ".join(words)
    law = f"({_LAW[piece.law]}) " if piece.law or piece.kind is Kind.REMARKED else ""
    return f"{opens}{law}{text}{closes}"


def _cut(words: Sequence[str], most: int) -> str:
    if len(words) <= most:
        return " ".join(words)
    return " ".join([*words[:most // 2], f"[… {len(words) - most} words …]", *words[-(most // 2):]])


def _wrap(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
                         break_on_hyphens=False) or [""]
