"""What the documents say must be there; what is there must be in the documents."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from tracker.cli import app
from tracker.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]

NOT_FOR_PROGRAMS = {  # they print a format of their own, or run until they are told to end
    "billwatch serve", "billwatch rules reference", "billwatch review export"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"billwatch {command}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_with_help(command: str) -> None:
    shown = subprocess.run([sys.executable, "-m", "tracker.cli", command, "--help"], cwd=ROOT, capture_output=True,
                           text=True, check=True).stdout
    assert len(shown) > 200


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_guide(name: str) -> None:
    guide = (ROOT / "docs/operating.md").read_text()
    assert f"BILLWATCH_{name.upper()}" in guide or (name.startswith("smtp_") and f"_{name[5:].upper()}" in guide) \
        or (name == "port" and "BILLWATCH_PORT" in guide)


def test_every_link_between_documents_leads_somewhere() -> None:
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_every_document_is_named_in_the_readme(page: str) -> None:
    assert f"(docs/{page})" in (ROOT / "README.md").read_text()


def test_the_lock_file_names_no_package_index() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()


def leaves(command: Any = None, path: tuple[str, ...] = ("billwatch",)) -> Iterator[tuple[str, Any]]:
    """``("billwatch keys rotate", its command)`` of every command that does something."""
    command = command or typer.main.get_command(app)
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path), command
    for name, sub in (inner or {}).items():
        yield from leaves(sub, (*path, name))


LEAVES = dict(leaves())


@pytest.mark.parametrize("name", LEAVES)
def test_the_help_of_every_command_shows_it_in_use(name: str) -> None:
    lines = [line.strip() for line in (LEAVES[name].help or "").splitlines()]
    assert any(re.match(rf"([A-Z_]+=\S+ )*{name}\b", line) for line in lines), "give an example, on a line of its own"


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_can_answer_a_program(name: str) -> None:
    options = {option for parameter in LEAVES[name].params for option in parameter.opts}
    assert name in NOT_FOR_PROGRAMS or "--json" in options
