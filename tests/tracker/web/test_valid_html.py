"""Every page template in each state of it through the Nu HTML checker, in one run of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from litestar.testing import TestClient

from tests.tracker.web.meeting import add_meetings
from tests.tracker.web.revised import REVISED, add_revised
from tests.tracker.web.sample import PLAIN, bad_run
from tests.tracker.web.test_web_pages import ALL
from tests.tracker.web.walk import PARTS, TEMPLATES, walk
from tracker.app import Services
from tracker.web.press import Press

JAR = Path(__file__).parents[2] / ".node/node_modules/vnu-jar/build/dist/vnu.jar"
PAGES = (*ALL, f"/{REVISED}/compare/ih..eh", f"/{REVISED}/compare/ih..eh?show=side", "/changes", "/alerts", "/saved",
         "/overview?lang=es", "/calendar?lang=es", f"/{PLAIN}?lang=es", f"/{PLAIN}?as-of=2031-05-06",
         "/search?q=streets&as-of=2031-05-06")


def test_the_walk_through_all_pages_meets_every_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new template has to be added to the walk: then it is held to axe, the checker and 320 px."""
    met, plain = set(), Press.html

    def html(press: Press, template: str, **matter: object) -> str:
        met.add(template)
        return plain(press, template, **matter)

    monkeypatch.setattr(Press, "html", html)
    walk(tmp_path, "en")
    assert TEMPLATES - met == PARTS


@pytest.mark.skipif(not JAR.exists() or shutil.which("java") is None,
                    reason="the Nu HTML checker is not installed: make node, and a Java")
def test_the_checker_finds_no_error_on_any_page(services: Services, client: TestClient, tmp_path: Path) -> None:
    add_revised(services.store)
    add_meetings(services.store)
    services.store.save_run(bad_run())
    files = {}
    for n, path in enumerate(PAGES):
        answer = client.get(path)
        if answer.headers["content-type"].startswith("text/html"):
            files[f"{n}.html"] = path
            (tmp_path / f"{n}.html").write_bytes(answer.content)
    assert len(files) > 40
    for language in ("en", "es"):
        for n, (name, shown) in enumerate(walk(tmp_path / f"site-{language}", language).items()):
            files[f"{language}{n}.html"] = f"{language}: {name}"
            (tmp_path / f"{language}{n}.html").write_text(shown, encoding="utf-8")
    told = subprocess.run(["java", "-jar", str(JAR), "--errors-only", "--format", "json",
                           *(str(tmp_path / name) for name in files)], capture_output=True, text=True, check=False)
    found = [f"{files[Path(m['url']).name]}: {m['message']} {m.get('extract', '')}"
             for m in json.loads(told.stderr)["messages"]]
    assert found == []
