"""Requests for the page of one digest: what a message told, made again from the public log, and of nobody."""

from __future__ import annotations

from litestar import Response, get
from litestar.exceptions import NotFoundException
from markupsafe import Markup

from digests.delivery.builder import bill_news, build
from digests.delivery.mail import rest
from digests.delivery.permalink import read_token
from digests.following.news import news
from digests.pages import render
from digests.speech import speech_of
from digests.wording.outages import lines
from tracker.web.asking import Part
from tracker.web.press import PressDep


@get("/digest/{token:str}", sync_to_thread=True, include_in_schema=False)
def digest(press: PressDep, token: Part) -> Response[str]:
    """In the language of the message, whatever the page around it speaks. Who asked for it is not said."""
    told = read_token(token, press.services.keys)
    if told is None:
        raise NotFoundException()
    speech, services = speech_of(told.language), press.services
    found = build(news(services.store, told.filter, told.from_seq, told.to_seq), speech=speech, today=told.at.date(),
                  tell=lambda events, total, spoken: bill_news(events, total, spoken, services.word_changes))
    notices = lines(services.outages.recent(), told.filter, told.at, speech)
    body = render("digest_body.html", speech, digest=found, notices=notices, site=services.site, opening="",
                  stand_ins=(), rest=rest(found, speech))
    return press.private("digest.html", body=Markup(body), language=told.language, at=told.at)  # noqa: S704 - escaped


HANDLERS = (digest,)
