"""The page of a digest: the message again, of nobody, for who holds its address."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html

from digests.delivery.composer import Composer
from digests.delivery.permalink import token_of, told_of
from tracker.app import Services
from tracker.model import Cadence, Delivery, Filter, Subscription


@pytest.fixture
def row(services: Services) -> Subscription:
    keys = services.keys
    return Subscription("s1", keys.seal("ada@reader.example", "s1"), keys.blind_index("ada@reader.example"), Filter(),
                        Cadence.WEEKLY, "UTC", 8, 0, 0, services.clock(), services.clock(), None,
                        keys.stored_token("s1"))


def path_of(services: Services, row: Subscription) -> str:
    delivery = Delivery("d1", row.id, 0, services.store.last_seq(), services.clock())
    return f"/digest/{token_of(told_of(row, delivery), services.keys)}"


def lines_of(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_shows_what_the_message_told_and_no_more(client: TestClient, services: Services, row: Subscription,
                                                          language: str) -> None:
    row = replace(row, language=language)
    delivery = Delivery("d1", row.id, 0, services.store.last_seq(), services.clock())
    raw = Composer(services.store, services.keys, services.site).write(row, delivery, "ada@reader.example")
    assert raw
    part = message_from_bytes(raw, policy=SMTP).get_body(("html",))
    assert part
    sent = lxml_html.fromstring(part.get_content())
    [link] = [u for u in sent.xpath("//a/@href") if "/digest/" in u]
    answer = client.get(link.removeprefix(services.site.base_url))
    assert answer.status_code == 200
    shown = lxml_html.fromstring(answer.text).xpath("//div[@class='digest']")[0]
    for gone in sent.xpath("//footer | //main/p[1] | //style | //head"):
        gone.drop_tree()
    assert lines_of(shown.text_content()) == lines_of(sent.text_content())
    assert shown.get("lang") == language and len(lines_of(shown.text_content())) > 3
    assert "ada" not in answer.text and services.keys.manage_token("s1") not in answer.text


def test_it_is_kept_and_indexed_by_nobody(client: TestClient, services: Services, row: Subscription) -> None:
    answer = client.get(path_of(services, row))
    assert answer.headers["cache-control"] == "no-store" and "noindex" in answer.headers["x-robots-tag"]
    assert 'name="robots" content="noindex' in answer.text and "set-cookie" not in answer.headers
    assert "style=" not in answer.text  # the page's policy would refuse it


def test_it_stays_what_it_was_when_the_reader_has_left(client: TestClient, services: Services,
                                                       row: Subscription) -> None:
    before = client.get(path_of(services, row)).text
    services.ledger.delete(row.id)
    assert client.get(path_of(services, row)).text == before


@pytest.mark.parametrize("token", ["x", "A" * 120, "%00", "x" * 30_000])
def test_an_address_that_is_not_ours_is_nothing(client: TestClient, token: str) -> None:
    assert client.get(f"/digest/{token}").status_code == 404
