"""Foreign words on a terminal."""

from __future__ import annotations

from rich.text import Text

from tracker.commands.output import safe


def test_a_title_can_neither_move_the_cursor_nor_colour_the_terminal() -> None:
    shown = Text.from_markup(safe("Act\x1b[2J\x07 [red]of[/red]\r\nHB 1")).plain
    assert shown == "Act [2J  [red]of[/red]  HB 1"
