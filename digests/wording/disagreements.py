"""A comparison with an aggregator to words: a line for pages, mail for the operator."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage

from digests import plain
from digests.delivery.mail import blank_message
from digests.pages import render
from digests.site import Site
from digests.speech import ENGLISH, N_, Speech
from tracker.polling.witness import Disagreement, Dispute, Report

PLATFORM_NAMES = {"legiscan": "LegiScan", "openstates": "Open States"}
IN_MAIL = 20
WORDS: dict[str, str] = {
    Dispute.MISSING: N_("listed there and not held by us"), Dispute.BEHIND: N_("with a later step there"),
    Dispute.UNLISTED: N_("held by us and not listed there"), Dispute.AHEAD: N_("with a later step here"),
    Dispute.STATUS: N_("with another status"), Dispute.TITLE: N_("with another title"),
}


def summary(report: Report, speech: Speech = ENGLISH) -> str:
    """``"LegiScan and our own reading of us-wa: 3,071 bills compared; 2 listed there and not held by us."``"""
    parts = [f"{speech.number(n)} {speech._(WORDS[kind])}" for kind in Dispute if (n := report.counts.get(kind))]
    return speech._("{witness} and our own reading of {place}: {number} bills compared; {found}.",
                    witness=PLATFORM_NAMES.get(report.witness, report.witness), place=report.jurisdiction,
                    number=speech.number(report.compared), found=", ".join(parts) or speech._("no disagreement"))


def told(one: Disagreement) -> str:
    """One line. Both sides' words are strangers' words."""
    sides = (f" (here: {one.ours or 'nothing'}; there: {one.theirs or 'nothing'})" if one.ours or one.theirs else "")
    return plain.line(f"{one.identifier} of {one.session}, {WORDS[one.kind]}{sides}") or one.identifier


def compose_disagreements(report: Report, address: str, site: Site) -> EmailMessage:
    """Equal arguments give equal bytes. Of readers it knows nothing."""
    opaque = hashlib.sha256(f"{report.jurisdiction}|{report.witness}|{report.at.isoformat()}".encode()).hexdigest()[:32]
    message = blank_message(site, address, "Two sources disagree", f"<compare.{opaque}@{site.domain}>", report.at)
    message.set_content(render("disagreements.txt", summary=summary(report), more=max(0, report.total - IN_MAIL),
                               lines=[told(one) for one in report.found[:IN_MAIL]], sources_url=site.url("sources")),
                        cte="quoted-printable")
    return message
