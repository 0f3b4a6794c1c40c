"""The framework's description of the API to one that teaches: an example for each answer, each problem, the limits."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from litestar import MediaType, Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

from tracker.model import Effect, Topic
from tracker.stage import STAGE_NAMES

EXAMPLES = Path(__file__).with_name("api_examples.json")  # what a fictional legislature answers; a test keeps it true
PROBLEM = "application/problem+json"
ABOUT = """Public facts on bills: no account, no key needed, no cookie, no record of who asked.

* **Pages**: lists answer `next`; give it back as `cursor`. The change feed answers `next`; give it back as `since`.
* **Copies**: each answer has an `ETag`. Send it back as `If-None-Match`: `304`, without a body, says: nothing changed.
* **Problems** are `application/problem+json` (RFC 9457): `title`, `status`, `detail`.
* **Limits**: `RateLimit` says how many requests are left this minute; `Retry-After` comes with `429`. A key, sent as
  `Authorization: Bearer KEY`, lifts the limit; the operator of this site gives it.
* Dates are the legislature's; `recorded_at` is when we noticed, in UTC.
"""
PROBLEMS: dict[str, tuple[str, str, str]] = {  # status: title, what it means, an example of `detail`
    "400": ("Bad Request", "Something in the address could not be understood.",
            "cursor: expected one of a page of this list; after an upgrade, begin at its first page"),
    "401": ("Unauthorized", "The key that was sent is unknown or was revoked. Without one, all can be read.",
            "This key is unknown or was revoked. Reading needs no key."),
    "404": ("Not Found", "There is nothing at this address.", "No such bill is held here."),
    "405": ("Method Not Allowed", "Only GET and HEAD are answered.", "Method Not Allowed"),
    "409": ("Conflict", "`since` lies behind the end of the log: it is another's, or was restored.",
            "since: this log ends at 126. Yours came from another, or a backup was restored: begin again from 0."),
    "429": ("Too Many Requests", "The requests of this minute are used up: see `Retry-After`.",
            "The count begins again in 42 seconds. A key lifts the limit: ask the operator of this site."),
    "500": ("Internal Server Error", "The fault is ours.",
            "The fault is ours. Nothing that you sent was kept. Please try again later."),
}
LIMIT_HEADERS: dict[str, Any] = {
    "RateLimit-Policy": {"description": "Quota and seconds of the window", "schema": {"type": "string"},
                         "example": '"network";q=300;w=60'},
    "RateLimit": {"description": "Requests left, and seconds until the count begins again",
                  "schema": {"type": "string"}, "example": '"network";r=299;t=42'},
}
ETAG = {"ETag": {"description": "Of this body: for If-None-Match", "schema": {"type": "string"},
                 "example": '"5f2b1c"'}}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object", "title": "Problem", "required": ["title", "status", "detail", "type"],
    "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                   "detail": {"type": "string"}},
}
KNOWN_WORDS: dict[str, tuple[str, ...]] = {
    "topic": tuple(Topic), "effect": tuple(Effect), "stage": tuple(STAGE_NAMES), "show": ("flagged", "all")}
CURSORS = {"/api/v1/bills": "^([1-9][0-9]{10,17}~[^~]+)?$", "/api/v1/search": "^((r~|[1-9][0-9]{10,17}~)[0-9]{1,18})?$",
           "/api/v1/flags": "^([0-9]{1,9}~[^~]+~[^~]+)?$", "/api/v1/hearings": "^([0-9]{1,9})?$"}
# What every calendar has and is surely past; tracker.history.asof also reads moments, and knows leap days and today.
AS_OF = "^(20[0-2][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8]))?$"
IF_NONE_MATCH = {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"},
                 "description": "ETags of the copies that you have"}


class DescriptionPlugin(OpenAPIRenderPlugin):
    """Served as JSON alone: a page that draws it would fetch its script from elsewhere."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type=MediaType.JSON)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return self.render_json(request, described(openapi_schema))


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """A copy with all that the framework cannot know."""
    made = deepcopy(schema)
    made["info"]["description"] = ABOUT
    parts = made.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    parts["responses"] = {status: _problem(status) for status in PROBLEMS}
    parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer",
                                        "description": "Lifts the limit of requests a minute; never needed"}}
    examples = load_examples()
    for path, item in made["paths"].items():
        operation = item.get("get")
        if operation is not None:
            _describe(operation, path, examples.get(path))
    return made


@lru_cache(maxsize=1)
def load_examples() -> dict[str, Any]:
    """Path of an operation -> {"request": path and query, "parameters": {name: value}, "body": answer}."""
    return json.loads(EXAMPLES.read_text("utf-8")) if EXAMPLES.exists() else {}


def _describe(operation: dict[str, Any], path: str, example: dict[str, Any] | None) -> None:
    operation["security"] = [{}, {"key": []}]
    for parameter in operation.get("parameters", ()):
        _narrow(parameter, path)
        if example and parameter["name"] in example["parameters"]:
            parameter["example"] = example["parameters"][parameter["name"]]
    operation.setdefault("parameters", []).append(IF_NONE_MATCH)
    answers = operation["responses"]
    answers.pop("400", None)
    good = answers["200"]
    good["headers"] = {**good.get("headers", {}), **ETAG, **LIMIT_HEADERS}
    for content in good.get("content", {}).values():
        if example:
            content["example"] = example["body"]
    answers["304"] = {"description": "Your copy is still good", "headers": {**ETAG, **LIMIT_HEADERS}}
    if "{number}" in path:
        answers["308"] = {"description": "The bill's usual address; see Location", "headers": {
            "Location": {"schema": {"type": "string"}, "example": "/api/v1/bills/us/119/hr-1"}, **LIMIT_HEADERS}}
    for status in PROBLEMS:
        if status == "409" and not path.endswith("/events"):
            continue
        answers[status] = {"$ref": f"#/components/responses/{status}"}


def _narrow(parameter: dict[str, Any], path: str) -> None:
    """No address can say null, and what a filter knows is a list of words."""
    schema = parameter["schema"]
    kinds = [kind for kind in schema.pop("oneOf", ()) if kind != {"type": "null"}]
    if kinds:
        schema |= kinds[0]
    if parameter["in"] == "query":
        words = KNOWN_WORDS.get(parameter["name"])
        if words:
            schema["enum"] = [*words, ""]
        if parameter["name"] in ("from", "to") and path == "/api/v1/hearings":
            schema["format"] = "date"
        if parameter["name"] == "as-of":
            schema["pattern"] = AS_OF
        if parameter["name"] == "cursor":
            schema["pattern"] = CURSORS[path]
    elif parameter["in"] == "path":
        schema["minLength"] = 1


def _problem(status: str) -> dict[str, Any]:
    title, meaning, detail = PROBLEMS[status]
    headers = dict(LIMIT_HEADERS)
    if status == "429":
        headers["Retry-After"] = {"description": "Seconds", "schema": {"type": "integer"}, "example": 42}
    body = {"title": title, "status": int(status), "detail": detail, "type": "about:blank"}
    return {"description": meaning, "headers": headers, "content": {PROBLEM: {
        "schema": {"$ref": "#/components/schemas/Problem"}, "example": body}}}
