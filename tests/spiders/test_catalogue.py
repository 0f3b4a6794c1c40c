"""The table of legislatures in the documents, and the beginnings of a new one."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from spiders.discovery import checked
from tests.spiders.test_every_legislature import missing
from tracker.commands import scaffold
from tracker.commands.legislatures import as_markdown, rows
from tracker.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- made by: billwatch legislatures --markdown -->\n", "<!-- end -->"


def test_the_table_in_the_documents_is_that_of_the_files(request: pytest.FixtureRequest) -> None:
    page = ROOT / "docs" / "legislatures.md"
    before, rest = page.read_text().split(BEGIN)
    table, after = rest.split(END, 1)
    if request.config.getoption("--update-golden"):
        table = as_markdown(rows())
        page.write_text(before + BEGIN + table + END + after)
    assert table == as_markdown(rows()), "renew it: pytest tests/spiders/test_catalogue.py --update-golden"


@pytest.mark.parametrize("style", list(scaffold.Style))
def test_a_new_legislature_begins_short_and_lacks_everything(tmp_path: Path, style: scaffold.Style) -> None:
    (tmp_path / "spiders/legislatures").mkdir(parents=True)
    written = [str(p.relative_to(tmp_path)) for p in scaffold.begin("us-xx", style, tmp_path)]
    assert written == ["spiders/legislatures/us_xx.py", "tests/fixtures/us_xx/pages.json",
                       "tests/fixtures/us_xx/README", "tests/live/test_us_xx_canary.py"]
    source = (tmp_path / written[0]).read_text()
    ast.parse(source)
    assert len(source.splitlines()) <= 60
    subprocess.run([sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"),
                    str(tmp_path / written[0])], check=True, capture_output=True)
    assert "pages.json: pages" in missing(tmp_path / "tests/fixtures/us_xx")
    with pytest.raises(ConfigError, match="is there already"):
        list(scaffold.begin("us-xx", style, tmp_path))


@pytest.mark.parametrize("platform", list(scaffold.Platform))
def test_a_legislature_over_a_platform_begins_as_one_thin_file(tmp_path: Path, platform: scaffold.Platform) -> None:
    (tmp_path / "spiders/legislatures").mkdir(parents=True)
    path = scaffold.begin_thin("us-xx", platform, tmp_path)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path] and path.name == "us_xx.py"
    assert 8 <= len(path.read_text().splitlines()) <= 20
    filled = path.read_text().replace('title = "FILL"', 'title = "Lantern"').replace('zone = "FILL"', 'zone = "UTC"')
    facts: dict[str, object] = {"__name__": "us_xx"}
    exec(compile(filled, path.name, "exec"), facts)  # noqa: S102
    spider = facts["UsXxSpider"]
    assert checked(spider, "us_xx") is spider
    with pytest.raises(ConfigError, match="is there already"):
        scaffold.begin_thin("us-xx", platform, tmp_path)
    with pytest.raises(ConfigError, match="reads the United States"):
        scaffold.begin_thin("nz", platform, tmp_path)


@pytest.mark.parametrize("name", ["../x", "US-XX", "us_xx", "usxx", ""])
def test_a_name_that_is_no_jurisdiction_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError):
        list(scaffold.begin(name, scaffold.Style.JSON, tmp_path))


def test_the_command_shows_every_legislature_as_json() -> None:
    done = subprocess.run([sys.executable, "-m", "tracker.cli", "legislatures", "--json"], cwd=ROOT, check=True,
                          capture_output=True, text=True)
    assert {"us"} <= {row["source"] for row in json.loads(done.stdout)}
