"""Every page template through the Nu HTML checker, in one run of it."""

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
from tracker.app import Services

JAR = Path(__file__).parents[2] / ".node/node_modules/vnu-jar/build/dist/vnu.jar"
PAGES = (*ALL, f"/{REVISED}/compare/ih..eh", f"/{REVISED}/compare/ih..eh?show=side", "/changes", "/alerts", "/saved",
         "/overview?lang=es", "/calendar?lang=es", f"/{PLAIN}?lang=es", f"/{PLAIN}?as-of=2031-05-06")


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
    told = subprocess.run(["java", "-jar", str(JAR), "--errors-only", "--format", "json",
                           *(str(tmp_path / name) for name in files)], capture_output=True, text=True, check=False)
    found = [f"{files[Path(m['url']).name]}: {m['message']} {m.get('extract', '')}"
             for m in json.loads(told.stderr)["messages"]]
    assert found == []
