"""Foreign words on a terminal."""

from __future__ import annotations

import errno

import pytest
import structlog
from rich.text import Text

from tracker import cli
from tracker.commands.output import safe


def test_a_title_can_neither_move_the_cursor_nor_colour_the_terminal() -> None:
    shown = Text.from_markup(safe("Act\x1b[2J\x07 [red]of[/red]\r\nHB 1")).plain
    assert shown == "Act [2J  [red]of[/red]  HB 1"


def test_a_log_line_stays_one_line_and_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    cli.root()
    structlog.get_logger().info("read\x1b[2J", title="Act\x1b[31m", link="a\nHB\u202e1")
    line = capsys.readouterr().err
    assert "\x1b[2J" not in line and "\x1b[31m" not in line and "\u202e" not in line
    assert line.count("\n") == 1 and r"Act\x1b[31m" in line


def test_a_full_disk_ends_a_command_in_one_line(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fill() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "data/bills.csv")

    monkeypatch.setattr(cli, "app", fill)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "billwatch: data/bills.csv: No space left on device\n"


def test_a_mistake_of_ours_still_shows_where_it_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble() -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(cli, "app", stumble)
    with pytest.raises(OSError, match="Bad file"):
        cli.main()
