"""The API does what its description says: schemathesis against a real server, and examples that are true."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from litestar.testing import TestClient

from tests.tracker.web.revised import REVISED
from tests.tracker.web.sample import PLAIN
from tests.tracker.web.serving import rich_services, running
from tracker.web.api_description import EXAMPLES
from tracker.web.app import create_app

MOST = int(os.environ.get("BILLWATCH_API_EXAMPLES", "15"))  # by hand: 500
WHICH = dict(zip(("jurisdiction", "session", "number"), PLAIN.split("/"), strict=True))
COMPARED = dict(zip(("jurisdiction", "session", "number"), REVISED.split("/"), strict=True))
BILL = "/api/v1/bills/{jurisdiction}/{session}/{number}"
ASKED: dict[str, dict[str, Any]] = {
    "/api/v1/bills": {"topic": "decriminalization", "limit": 1},
    BILL: WHICH,
    f"{BILL}/versions": WHICH,
    f"{BILL}/versions/{{code}}": {**WHICH, "code": "ih"},
    f"{BILL}/versions/{{code}}/provisions": {**WHICH, "code": "ih"},
    f"{BILL}/compare/{{pair}}": {**COMPARED, "pair": "ih..eh"},
    "/api/v1/flags": {"topic": "platform-liability", "limit": 1},
    "/api/v1/hearings": {"from": "2031-05-06", "to": "2031-06-30"},
    "/api/v1/search": {"q": "streets topic:platform-liability", "limit": 1},
    "/api/v1/events": {"since": 4, "limit": 2},
    "/api/v1/changes": {"from": "2031-05-04", "to": "2031-05-06", "bill": PLAIN},
    "/api/v1/topics": {},
    "/api/v1/sources": {},
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    services = rich_services(tmp_path_factory.mktemp("home"))
    services.stopping.set()  # whoever waits for news is let go at once
    with running(services) as where:
        yield where
    services.store.close()


def test_schemathesis_finds_no_failure(address: str, tmp_path: Path):
    """Its own command against the running server: examples, edges of every parameter, random ones, and sequences."""
    described = httpx.get(f"{address}/api/openapi.json").json()
    for item in described["paths"].values():
        # It makes `as-of=0` of any pattern of dates and calls that valid. What as-of answers is tested apart.
        item["get"]["parameters"] = [p for p in item["get"]["parameters"] if p["name"] != "as-of"]
    (tmp_path / "api.json").write_text(json.dumps(described))
    done = subprocess.run(
        [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "--config-file",
         str(Path(__file__).with_name("schemathesis.toml")), "run",
         "api.json", "--url", address, "--max-examples", str(MOST), "--generation-deterministic", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.fixture
def rich(tmp_path: Path) -> Iterator[TestClient]:
    services = rich_services(tmp_path / "home")
    with TestClient(create_app(services)) as client:
        yield client
    services.store.close()


def asked(client: TestClient, path: str, parameters: dict[str, Any]) -> Any:
    query = {name: value for name, value in parameters.items() if f"{{{name}}}" not in path}
    answer = client.get(path.format(**parameters), params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_each_operation_has_an_example_that_the_sample_answers(rich: TestClient):
    """If an answer changed on purpose: BILLWATCH_WRITE_EXAMPLES=1, and read the difference."""
    assert set(ASKED) == set(rich.get("/api/openapi.json").json()["paths"])
    made = {path: {"parameters": parameters, "body": asked(rich, path, parameters)}
            for path, parameters in ASKED.items()}
    if os.environ.get("BILLWATCH_WRITE_EXAMPLES"):
        EXAMPLES.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert json.loads(EXAMPLES.read_text("utf-8")) == made


def test_every_answer_of_the_description_has_an_example_that_fits_its_schema(rich: TestClient):
    described = rich.get("/api/openapi.json").json()
    seen = 0
    for path, item in described["paths"].items():
        for status, answer in item["get"]["responses"].items():
            if "$ref" in answer:
                answer = described["components"]["responses"][answer["$ref"].rpartition("/")[2]]
            for content in answer.get("content", {}).values():
                assert content["example"] is not None, (path, status)
                jsonschema_rs.validate({**content["schema"], "components": described["components"]}, content["example"])
                seen += 1
    assert seen == 7 * len(ASKED) + 1  # only the change feed can lie ahead of its log
