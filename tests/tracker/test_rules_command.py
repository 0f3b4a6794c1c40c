"""`billwatch rules` as a person or a program meets it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tracker.cli import app
from tracker.errors import ConfigError
from tracker.tagger.rules import RULES

OFFENCE = "SEC. 2. FINES.\nWhoever engages in prostitution is guilty of a misdemeanor."


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["rules", *map(str, words)])


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder of rules without those on offences."""
    folder = tmp_path / "mine"
    shutil.copytree(RULES, folder)
    (folder / "criminalization.toml").unlink()
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "units.jsonl"
    path.write_text(json.dumps({"id": "u1", "jurisdiction": "us", "text": OFFENCE,
                                "labels": [{"topic": "criminalization"}], "borderline": []}) + "\n")
    return path


def test_a_folder_of_rules_that_keep_their_word_ends_well(mine: Path) -> None:
    (mine / "only.toml").write_text("")
    for path in mine.glob("*.toml"):
        path.unlink()
    (mine / "lamps.toml").write_text(
        'topic = "worker-rights"\nstems = ["lamp"]\n[[rule]]\nid = "worker-rights/lamps"\nsubtopic = "s"\nnote = "n"\n'
        'anchors = ["lit lamps?"]\nnear = ["shall"]\nexamples = ["Lit lamps shall shine."]\n'
        'counterexamples = ["A lamp."]\n')
    done = run("test", mine)
    assert (done.exit_code, done.stdout) == (0, "1 rules, 2 examples and counterexamples: all is as promised\n")


def test_a_broken_promise_is_told_with_the_words_and_the_reason(mine: Path) -> None:
    (mine / "lamps.toml").write_text(
        'topic = "worker-rights"\nstems = ["lamp"]\n[[rule]]\nid = "worker-rights/lamps"\nsubtopic = "s"\nnote = "n"\n'
        'anchors = ["lit lamps?"]\nnear = ["shall"]\nexamples = ["Lit lamps glow."]\ncounterexamples = ["A lamp."]\n')
    done = run("test", mine)
    assert done.exit_code == 1
    assert "worker-rights/lamps silent: no flag of worker-rights" in done.stdout
    assert "found “Lit lamps”, but no word that the rule needs stands near enough" in done.stdout
    told = json.loads(run("test", mine, "--json").stdout)
    assert [failure["broken"] for failure in told["failures"] if failure["rule"] == "worker-rights/lamps"] == ["silent"]


def test_rules_are_listed_and_shown_in_words() -> None:
    listed = json.loads(run("list", "--json").stdout)
    assert "criminalization/offence" in [rule["id"] for rule in listed]
    shown = run("show", "offence").stdout
    assert "Looks for “‹prostitution›”" in shown
    assert json.loads(run("show", "criminalization/offence", "--json").stdout)[0]["told"]


def test_people_read_what_a_rule_means_and_programs_its_own_word() -> None:
    assert "Decriminalization, would relax the law; score" in run("show", "decriminalization/repeal").stdout
    assert "advances" not in run("list").stdout
    assert json.loads(run("show", "decriminalization/repeal", "--json").stdout)[0]["effect"] == "advances"


def test_an_unknown_rule_is_refused() -> None:
    assert isinstance(run("show", "weather").exception, ConfigError)


def test_a_diff_tells_losses_with_their_words_and_gains_the_other_way_round(mine: Path, corpus: Path) -> None:
    told = json.loads(run("diff", "shipped", mine, "--corpus", corpus, "--json").stdout)
    assert (told["texts"], told["changed_texts"], told["topics"]["criminalization"]) == (1, 1, {"lost": 1})
    assert "prostitution" in told["differences"][0]["old"]["quote"]
    shown = run("diff", mine, "shipped", "--corpus", corpus).stdout
    assert "gained criminalization/offence: Criminalization, would add or strengthen, u1" in shown
    assert "“Whoever engages in prostitution" in shown
    assert "no difference" in run("diff", "shipped", RULES, "--corpus", corpus).stdout


def test_rules_of_an_earlier_revision_can_be_compared(corpus: Path) -> None:
    root = RULES.parents[2]
    if not (root / ".git").exists() or subprocess.run(["git", "-C", root, "rev-parse", "HEAD"],
                                                      capture_output=True).returncode:
        pytest.skip("needs a checkout with its history")
    assert run("diff", "git:HEAD", "git:HEAD", "--corpus", corpus).exit_code == 0
    assert isinstance(run("diff", "git:no-such-revision", "shipped", "--corpus", corpus).exception, ConfigError)
    assert isinstance(run("diff", "git:--output=x", "shipped", "--corpus", corpus).exception, ConfigError)


def test_a_diff_without_texts_is_refused() -> None:
    assert isinstance(run("diff", "shipped", "shipped").exception, ConfigError)


def test_the_page_is_counted_and_written(corpus: Path, tmp_path: Path) -> None:
    page = tmp_path / "rules.md"
    for _ in range(2):
        assert run("reference", "--out", page, "--facts", tmp_path, "--corpus", corpus).exit_code == 0
    counts = json.loads((tmp_path / "rule-counts.json").read_text())
    assert [(c["name"], c["texts"], c["flagged"], c["rules"]["criminalization/offence"]) for c in counts] == [
        ("units", 1, 1, [1, 1])]
    assert "Fired: units 1 in 1." in page.read_text()


def test_a_place_that_cannot_be_written_is_refused(corpus: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "no" / "where"
    for words in (("reference", "--facts", nowhere, "--corpus", corpus), ("reference", "--out", nowhere),
                  ("calibrate", corpus, "--write", nowhere)):
        assert isinstance(run(*words).exception, ConfigError)


def test_scores_are_held_against_labels(corpus: Path, tmp_path: Path) -> None:
    told = json.loads(run("calibrate", corpus, corpus, "--json", "--write", tmp_path).stdout)
    assert (told["labels"], told["units"]) == ("units, units", 2)
    assert [row["right"] for row in told["rules"] if row["rule"] == "criminalization/offence"] == [2]
    assert (tmp_path / "rule-calibration.json").exists()
    corpus.write_text('{"id": "u1", "text": "x"}\n')
    assert isinstance(run("calibrate", corpus).exception, ConfigError)
