"""A reviewer's hands: coming in, taking a form and sending it."""

from __future__ import annotations

import re

from argon2 import PasswordHasher
from litestar.testing import TestClient
from lxml import html as lxml_html

from tests.tracker.web.sample import NASTY
from tracker.app import Services
from tracker.store.reviews import QueueQuery

PASSWORD = "seven lanterns at dusk"
NAME = "ada-of-the-desk"
LIGHT = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def proof(client: TestClient, path: str = "/desk/login") -> str:
    return re.search(r'name="proof" value="(\w+)"', client.get(path).text)[1]


def log_in(client: TestClient, name: str = NAME, password: str = PASSWORD, code: str = ""):
    return client.post("/desk/login", data={"name": name, "password": password, "code": code, "proof": proof(client)})


def first(services: Services, bill: str = NASTY) -> str:
    return next(row.key for row in services.reviews.queue(QueueQuery(state="all")).rows if row.bill_id == bill)


def decide(client: TestClient, key: str, verdict: str = "reject", **more: str):
    page = lxml_html.fromstring(client.get(f"/desk/flags/{key}").text)
    known = page.xpath("//input[@name='known']/@value")[0]
    return client.post(f"/desk/flags/{key}", data={
        "verdict": verdict, "reason": "It only names streets.", "known": known,
        "proof": page.xpath("//input[@name='proof']/@value")[0], **more})
