"""What the documents say must be there; what is there must be in the documents."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tracker.cli import app
from tracker.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


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


def test_the_lock_file_names_no_package_index() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()
