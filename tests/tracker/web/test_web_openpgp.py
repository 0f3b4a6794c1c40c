"""A reader's OpenPGP key on the page of choices: given, told of, refused in words, taken away with one press."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html

from digests.readers import openpgp
from tests.tracker.web.test_web_readers import confirmed, kept, mails
from tracker.app import Services

pysequoia = pytest.importorskip("pysequoia", reason="needs the extra openpgp")


@pytest.fixture(scope="module")
def public() -> str:
    return str(pysequoia.Tsk.generate("Ada <ada@reader.example>", validity_seconds=20 * 365 * 86400)
               .extract_certificate())


def test_a_key_is_given_told_of_and_taken_away_with_one_press(
        client: TestClient, services: Services, public: str) -> None:
    token = confirmed(client, services)
    done = client.post(f"/manage/{token}/key", data={"key": public})
    assert done.status_code == 200 and "Saved." in done.text and done.headers["cache-control"] == "no-store"
    mark = pysequoia.Cert.from_bytes(public.encode()).fingerprint.upper()
    assert mark[-4:] in done.text and mark[-8:] not in done.text and "reader.example" not in done.text
    data = client.get(f"/manage/{token}/data")
    assert data.json()["openpgp"]["ends_in"] == mark[-4:] and "PGP PUBLIC" not in data.text
    assert kept(services)[0].openpgp_sealed
    form, = [f for f in lxml_html.fromstring(done.text).forms if f.xpath(".//button[@value='remove']")]
    assert client.post(form.action, data={"step": "remove"}).status_code == 200
    assert kept(services)[0].openpgp_sealed is None


def test_changed_choices_keep_the_key_and_the_next_question_is_encrypted(
        client: TestClient, services: Services, public: str) -> None:
    token = confirmed(client, services)
    client.post(f"/manage/{token}/key", data={"key": public})
    assert client.post(f"/manage/{token}", data={"topics": "decriminalization", "cadence": "daily", "hour": "7",
                                                 "zone": "UTC"}).status_code == 200
    assert kept(services)[0].openpgp_sealed
    before = len(mails(services))
    client.post("/subscribe", data={"address": "ada@reader.example", "topics": "worker-rights", "cadence": "daily",
                                    "hour": "7", "zone": "UTC"})
    raw, _ = mails(services)[before]
    message = message_from_bytes(raw)
    assert message.get_content_type() == "multipart/encrypted" and message["Subject"] == "[...]"


def test_what_is_no_key_is_refused_in_words_and_not_repeated(client: TestClient, services: Services) -> None:
    token = confirmed(client, services)
    for pasted in ("zvorblatt", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nzvorblatt", ""):
        answer = client.post(f"/manage/{token}/key?lang=es", data={"key": pasted})
        assert answer.status_code == 400 and "clave" in answer.text and "zvorblatt" not in answer.text
    assert kept(services)[0].openpgp_sealed is None


def test_a_link_that_is_none_tells_nothing_of_keys(client: TestClient, public: str) -> None:
    for data in ({"key": public}, {"key": "words"}, {"step": "remove"}):
        assert client.post("/manage/abc/key", data=data).status_code == 404


def test_without_the_library_the_page_says_so_and_has_no_form(
        client: TestClient, services: Services, public: str, monkeypatch: pytest.MonkeyPatch) -> None:
    token = confirmed(client, services)
    monkeypatch.setattr(openpgp, "find_spec", lambda _: None)
    page = client.get(f"/manage/{token}")
    assert "cannot encrypt" in page.text and "/key" not in page.text
    assert client.post(f"/manage/{token}/key", data={"key": public}).status_code == 503
