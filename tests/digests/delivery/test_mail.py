"""Messages: neutral outside, whole inside, the same bytes each time."""

from __future__ import annotations

import re
from dataclasses import replace
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP

import pytest
from fakes.happenings import CARD, KEYS, NOW, SITE, happening, letter, one_of_each, reader
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from digests.delivery.builder import build
from digests.delivery.mail import compose, compose_confirmation
from digests.speech import speech_of
from tracker.model import TOPIC_NAMES, Cadence, Event, EventKind

TOPIC_WORDS = re.compile("|".join([*map(re.escape, TOPIC_NAMES.values()), "sex", "lantern", "HB 7", "hb-7", "worker",
                                   "crimin"]), re.IGNORECASE)


def composed(events: list[Event] | None = None, cadence: Cadence = Cadence.WEEKLY) -> EmailMessage:
    row = reader(cadence=cadence)
    return compose(row, build(one_of_each() if events is None else events), letter(), "s1@example.org", SITE, KEYS)


def reread(message: EmailMessage) -> EmailMessage:
    parser: BytesParser[EmailMessage] = BytesParser(policy=SMTP)
    return parser.parsebytes(message.as_bytes())


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part
    return str(part.get_content())


@pytest.mark.parametrize(("cadence", "subject"), [
    (Cadence.INSTANT, "Your update"), (Cadence.DAILY, "Your daily update"), (Cadence.WEEKLY, "Your weekly update")])
def test_outside_nothing_tells_what_it_is_about(cadence: Cadence, subject: str) -> None:
    message = reread(composed(cadence=cadence))
    assert message["Subject"] == subject
    assert message["From"] == "billwatch <noreply@example.org>"
    assert not TOPIC_WORDS.search("\n".join(f"{k}: {v}" for k, v in message.items()))


def test_the_preview_beside_the_subject_tells_nothing_either() -> None:
    for kind in ("plain", "html"):
        text = body(composed(), kind)
        seen = text if kind == "plain" else html.fromstring(text).find("body").text_content()
        assert not TOPIC_WORDS.search(" ".join(seen.split())[:180])


def test_both_bodies_tell_everything() -> None:
    message = reread(composed())
    assert message.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]
    plain, markup = body(message, "plain"), html.fromstring(body(message, "html")).text_content()
    for words in ("HB 7", "An Act concerning lanterns", "Where it stands: In committee", "Decriminalization",
                  "would relax the law", "Section 5 of the Lantern Act is repealed.", "Referred to the Committee",
                  "(corrected)", "2 pm or upon adjournment"):
        assert words in plain and words in markup
    links = set(html.fromstring(body(message, "html")).xpath("//a/@href"))
    assert links == set(re.findall(r"https?://\S+", plain))
    assert f"https://watch.example.org/manage/{KEYS.manage_token('s1')}" in links
    assert {"https://watch.example.org/xx/31/hb-7", CARD["url"]} <= links


@pytest.mark.parametrize(("language", "words"), [
    ("en", "Where it stands: Passed one chamber"), ("es", "Dónde está: Aprobado en una cámara")])
def test_where_a_bill_stands_is_one_line_of_both_bodies_and_of_no_header(language: str, words: str) -> None:
    row = replace(reader(), language=language)
    events = [happening(1, EventKind.SPONSOR_ADDED, card={**CARD, "stage": "passed-one"})]
    digest = build(events, speech=speech_of(language))
    message = reread(compose(row, digest, letter(), "s1@example.org", SITE, KEYS))
    assert words in body(message, "plain").splitlines()
    [line] = html.fromstring(body(message, "html")).xpath("//h2/following-sibling::*[1]")
    assert (line.tag, line.text_content()) == ("p", words)
    stage = words.partition(": ")[2]
    assert not any(stage in value for _, value in message.items())


def test_html_loads_nothing_and_counts_nobody() -> None:
    root = html.fromstring(body(composed(), "html"))
    assert {n.tag for n in root.iter()} <= {"html", "head", "meta", "title", "style", "body", "main", "p", "h2", "h3",
                                            "ul", "li", "a", "strong", "br", "span", "blockquote", "footer"}
    assert {k for n in root.iter() for k in n.keys()} <= {  # noqa: SIM118
        "href", "style", "lang", "charset", "name", "content", "class"}
    assert "url(" not in body(composed(), "html") and "@import" not in body(composed(), "html")
    assert root.get("lang") == "en" and "style" in root.find("body").keys()  # noqa: SIM118


def test_one_click_leaves_without_login() -> None:
    message = reread(composed())
    leave = KEYS.unsubscribe_token("s1")
    assert message["List-Unsubscribe"] == f"<https://watch.example.org/u/{leave}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<[0-9a-f]{16}\.example\.org>", message["List-Id"])
    assert message["Auto-Submitted"] == "auto-generated" and message["Precedence"] == "bulk"


def test_long_addresses_of_a_site_do_not_break_the_leave_header() -> None:
    site = replace(SITE, base_url="http://" + "a" * 56 + ".onion/somewhere/deep")
    raw = compose(reader(), build([happening(1)]), letter(), "s1@example.org", site, KEYS).as_bytes()
    assert b"\r\nList-Unsubscribe: <http://" + b"a" * 56 in raw
    assert b"=?" not in raw.partition(b"\r\n\r\n")[0]


def test_no_line_is_longer_than_mail_allows() -> None:
    long = happening(1, description="word " * 3000, also=["x" * 5000])
    raw = composed([long]).as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"") and raw.isascii()


def test_equal_arguments_give_equal_bytes() -> None:
    assert composed().as_bytes() == composed().as_bytes()
    assert composed()["Message-ID"] == "<digest.d1@example.org>"
    assert composed()["Date"] == "Thu, 06 Mar 2031 12:00:00 +0000"


def test_bodies_contain_no_line_that_ends_the_part() -> None:
    boundary = composed().get_boundary()
    assert boundary
    message = composed([happening(1, description=f"--{boundary}--")])
    assert [p.get_content_type() for p in reread(message).iter_parts()] == ["text/plain", "text/html"]


def test_two_hundred_items_fit_and_the_rest_is_counted_and_linked() -> None:
    events = [happening(n, bill=f"xx/31/hb-{n // 3}") for n in range(1, 1001)]
    for kind in ("plain", "html"):
        text = body(composed(events), kind)
        assert "It covers 1,000 changes on 334 bills" in text
        assert "800 further changes did not fit into this message (267 bills are not shown at all)" in text


def test_the_confirmation_tells_nothing_but_its_question() -> None:
    message = reread(compose_confirmation(reader(), "t" * 43, "s1@example.org", SITE))
    assert message["Subject"] == "Please confirm" and message["Message-ID"].startswith("<confirm.")
    link = f"https://watch.example.org/confirm/{'t' * 43}"
    assert link in body(message, "plain").split()
    assert html.fromstring(body(message, "html")).xpath("//a/@href") == [link]
    assert not TOPIC_WORDS.search(str(message))
    assert "List-Unsubscribe" not in message


def test_a_name_and_sender_of_the_site_are_used() -> None:
    site = replace(SITE, name="Wächter, der", sender="post@example.net")
    message = reread(compose_confirmation(reader(), "t", "s1@example.org", site))
    assert message["From"].addresses[0].display_name == "Wächter, der"
    assert message["From"].addresses[0].addr_spec == "post@example.net"


@pytest.mark.parametrize("address", ["a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "a"])
def test_an_address_cannot_begin_another_header(address: str) -> None:
    with pytest.raises((ValueError, HeaderParseError)):
        compose_confirmation(reader(), "t", address, SITE)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30) | st.sampled_from(["<script>x</script>", "<img src=//e.example/x.gif>", "\ud800",
                                               "\r\nBcc: x@example.org\r\n", "{{7*7}}", "</style>", "\x00",
                                               ".\r\n.\r\n"]))
def test_nothing_that_a_page_says_breaks_or_arms_a_message(words: str) -> None:
    card = {"identifier": words, "title": words, "session": words, "url": words}
    events = [happening(1, card=card, description=words, also=[words]),
              happening(2, EventKind.FLAG_RAISED, card=card, quote=words, provision=words, note=words)]
    message = reread(composed(events))
    assert set(message.keys()) == set(composed().keys())
    root = html.fromstring(body(message, "html"))
    assert not root.xpath("//script | //img | //@onclick | //iframe | //object")
    assert all(h.startswith(("https://watch.example.org/", "http://", "https://")) for h in root.xpath("//a/@href"))
    assert body(message, "plain").isprintable() or "\n" in body(message, "plain")


def test_delivery_time_is_the_date_whoever_composes_it() -> None:
    message = compose(reader(), build([happening(1)]), replace(letter(), attempts=3), "s1@example.org", SITE, KEYS)
    assert message.as_bytes() == compose(reader(), build([happening(1)]), letter(), "s1@example.org", SITE,
                                         KEYS).as_bytes()
    assert message["Date"].datetime == NOW


def test_a_subject_names_topics_only_for_who_asked_for_it() -> None:
    row = replace(reader(cadence=Cadence.DAILY), telling_subject=True)
    message = reread(compose(row, build(one_of_each()), letter(), "s1@example.org", SITE, KEYS))
    assert message["Subject"] == "Your daily update: Worker rights"
    spanish = reread(compose(replace(row, language="es"), build(one_of_each(), speech=speech_of("es")), letter(),
                             "s1@example.org", SITE, KEYS))
    assert spanish["Subject"] == "Tus novedades diarias: Derechos laborales"


def test_a_message_speaks_the_language_of_its_reader_throughout() -> None:
    row = replace(reader(cadence=Cadence.WEEKLY), language="es")
    message = reread(compose(row, build(one_of_each(), speech=speech_of("es")), letter(), "s1@example.org", SITE, KEYS))
    assert message["Subject"] == "Tus novedades de la semana" and message["Content-Language"] == "es"
    plain, page = body(message, "plain"), html.fromstring(body(message, "html"))
    assert page.get("lang") == "es"
    for words in ("Estas son las novedades que pediste.", "Despenalización, suavizaría la ley", "5 de marzo de 2031",
                  "Dónde está: En comisión", "Pediste todos los proyectos señalados.", "(corregido)"):
        assert words in plain and words in page.text_content()
    assert not re.search(r"would|stop these|In its text|the text", plain)
    manage = [u for u in page.xpath("//a/@href") if "/manage/" in u]
    assert manage == [f"https://watch.example.org/manage/{KEYS.manage_token('s1')}?lang=es"]
    assert message["List-Unsubscribe"] == f"<https://watch.example.org/u/{KEYS.unsubscribe_token('s1')}>"


def test_the_confirmation_asks_in_the_language_of_the_form() -> None:
    message = reread(compose_confirmation(replace(reader(), language="es"), "t" * 43, "s1@example.org", SITE))
    assert message["Subject"] == "Por favor, confirma"
    assert "Si no fuiste tú, no hagas nada" in body(message, "plain")
    assert f"https://watch.example.org/confirm/{'t' * 43}?lang=es" in body(message, "plain").split()
