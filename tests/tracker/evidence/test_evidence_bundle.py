"""The bundle of a bill of the demo, checked by its own script in a process of its own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from litestar.testing import TestClient

from tracker.app import Services
from tracker.settings import load_settings
from tracker.store.past import known_since
from tracker.web.app import create_app

ROOT = Path(__file__).resolve().parents[3]
BILL = "us/999/hr-102"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    _run(folder, "demo", "--no-serve", "--json")
    return folder / "demo-out"


def _run(folder: Path, *arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **({"BILLWATCH_HOME": str(home)} if home else {})}
    return subprocess.run([sys.executable, "-m", "tracker.cli", *arguments], cwd=folder, text=True, check=True,
                          capture_output=True, env=environment)


@pytest.fixture
def bundle(home: Path, tmp_path: Path) -> Path:
    """The unpacked bundle."""
    _run(tmp_path, "evidence", BILL, "bill.zip", "--json", home=home)
    with zipfile.ZipFile(tmp_path / "bill.zip") as archive:
        archive.extractall(tmp_path / "bundle")
    return tmp_path / "bundle"


def _verify(bundle: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", str(bundle / "verify.py")], text=True, capture_output=True,
                          check=False)


def test_the_script_has_thirty_lines_and_needs_the_standard_library_alone() -> None:
    lines = files("tracker.evidence").joinpath("verify.py").read_text().splitlines()
    assert len(lines) <= 30
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names


def test_a_whole_bundle_is_found_whole(bundle: Path) -> None:
    done = _verify(bundle)
    assert done.returncode == 0, done.stdout + done.stderr
    manifest = json.loads((bundle / "MANIFEST.json").read_text())
    assert len(manifest["pages"]) >= 2
    assert manifest["flags"]
    assert manifest["not_enclosed"] == []
    assert len((bundle / "events.jsonl").read_text().splitlines()) > 3


@pytest.mark.parametrize(("pattern", "told"), [
    ("pages/*.xml", "changed"), ("texts/*.txt", "changed"), ("events.jsonl", "changed"),
    ("pages/*.warc.gz", "missing")])
def test_a_changed_or_missing_file_is_told(bundle: Path, pattern: str, told: str) -> None:
    victim = min(bundle.glob(pattern))
    if told == "missing":
        victim.rename(bundle / "elsewhere.gz")
        assert _verify(bundle).returncode != 0
        return
    victim.write_bytes(victim.read_bytes().replace(b"e", b"a", 1))
    done = _verify(bundle)
    assert done.returncode == 1
    assert f"{told}: {victim.relative_to(bundle).as_posix()}" in done.stdout


def test_a_page_forged_together_with_its_hash_is_not_the_one_of_the_exchange(bundle: Path) -> None:
    manifest = json.loads((bundle / "MANIFEST.json").read_text())
    victim = manifest["pages"][0]["path"]
    (bundle / victim).write_bytes(b"forged")
    for listed in manifest["files"]:
        if listed["path"] == victim:
            listed["sha256"] = hashlib.sha256(b"forged").hexdigest()
    (bundle / "MANIFEST.json").write_text(json.dumps(manifest))
    done = _verify(bundle)
    assert done.returncode == 1
    assert "another page" in done.stdout


def test_a_quote_that_is_not_in_the_text_is_told(bundle: Path) -> None:
    manifest = json.loads((bundle / "MANIFEST.json").read_text())
    manifest["flags"][0]["quote"] = "shall be a felony"
    (bundle / "MANIFEST.json").write_text(json.dumps(manifest))
    done = _verify(bundle)
    assert done.returncode == 1
    assert "the quote is not in the text" in done.stdout


def test_each_state_before_is_enclosed_with_its_flags_texts_and_pages(bundle: Path) -> None:
    manifest = json.loads((bundle / "MANIFEST.json").read_text())
    now, [then] = json.loads((bundle / "bill.json").read_text()), manifest["past"]
    was = json.loads((bundle / then["path"]).read_text())
    assert was["revision"] == then["revision"] == 1 < now["revision"]
    assert was["bill"] != now["bill"] and then["recorded_at"] < then["replaced_at"]
    assert {f["revision"] for f in manifest["flags"] if "revision" in f} == {1}
    [page] = [p for p in manifest["pages"] if "replaced_at" in p]
    newer = next(p for p in manifest["pages"] if p["url"] == page["url"] and p is not page)
    assert page["sha256"] != newer["sha256"] and page["replaced_at"] == then["replaced_at"]


def test_a_quote_of_then_that_is_not_in_the_text_is_told(bundle: Path) -> None:
    manifest = json.loads((bundle / "MANIFEST.json").read_text())
    next(f for f in manifest["flags"] if f.get("revision") == 1)["quote"] = "shall be a felony"
    (bundle / "MANIFEST.json").write_text(json.dumps(manifest))
    assert "the quote is not in the text" in _verify(bundle).stdout


def test_a_bundle_of_a_day_knows_nothing_that_came_later(home: Path, tmp_path: Path) -> None:
    with Services(load_settings(home=home, contact="demo@example.org", base_url="http://127.0.0.1:8080",
                                sources=("us",), mail="off")) as services, TestClient(create_app(services)) as client:
        first, second = [r.recorded_at for r in known_since(services.store.engine, BILL).revisions]
        for at, past in ((second - timedelta(seconds=1), 0), (second, 1)):
            answer = client.get(f"/{BILL}/evidence.zip", params={"as-of": at.isoformat()})
            (tmp_path / "b.zip").write_bytes(answer.content)
            with zipfile.ZipFile(tmp_path / "b.zip") as archive:
                archive.extractall(tmp_path / f"b{past}")
            assert _verify(tmp_path / f"b{past}").returncode == 0
            manifest = json.loads((tmp_path / f"b{past}" / "MANIFEST.json").read_text())
            assert len(manifest["past"]) == past and manifest["revision"] == past + 1
            assert sum("replaced_at" in p for p in manifest["pages"]) == past
            assert all(p.get("replaced_at", "") <= f"{at:%Y-%m-%dT%H:%M:%SZ}" for p in manifest["pages"])
        assert first < second


def test_the_site_gives_the_same_bundle(home: Path, tmp_path: Path) -> None:
    with Services(load_settings(home=home, contact="demo@example.org", base_url="http://127.0.0.1:8080",
                                sources=("us",), mail="off")) as services, TestClient(create_app(services)) as client:
        answer = client.get(f"/{BILL}/evidence.zip")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/zip"
        (tmp_path / "b.zip").write_bytes(answer.content)
        assert client.get("/us/999/hr-999999/evidence.zip").status_code == 404
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        archive.extractall(tmp_path / "b")
    assert _verify(tmp_path / "b").returncode == 0


def test_an_unknown_bill_and_a_file_that_exists_are_refused_with_words(home: Path, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_bytes(b"mine")
    for arguments, words in ((("us/999/hr-4242", "new.zip"), "no bill us/999/hr-4242"),
                             ((BILL, "there.zip"), "exists already")):
        done = subprocess.run([sys.executable, "-m", "tracker.cli", "evidence", *arguments], cwd=tmp_path, text=True,
                              capture_output=True, check=False,
                              env={**os.environ, "PYTHONPATH": str(ROOT), "BILLWATCH_HOME": str(home)})
        assert done.returncode != 0
        assert words in done.stderr
    assert (tmp_path / "there.zip").read_bytes() == b"mine"
    assert not (tmp_path / "new.zip").exists()
