"""`billwatch review`: what the rules flagged, put before a person."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from digests.wording.words import describe, effect_words
from tracker.app import Services, open_services
from tracker.commands.output import MODE_WORDS, AsJson, err, out, print_json, print_line, safe
from tracker.desk.labels import labelled
from tracker.desk.review import VERDICT_WORDS
from tracker.desk.reviewing import Judgment, judge
from tracker.errors import ReviewError
from tracker.model import TOPIC_NAMES, AuditEntry, Decision, Effect, Finding, Flag, ReviewVerdict, Topic
from tracker.store.reviews import STATES, QueueQuery, QueueRow

SHORT = 12  # characters of a key: enough among millions
CONTEXT = 1_500  # characters shown on each side of a quote

review = typer.Typer(no_args_is_help=True, help="Flags put before a person: confirm, reject or correct each with a "
                                                "reason. Public pages never show who decided.")

Key = Annotated[str, typer.Argument(help="Key of a flag from `billwatch review list`; its first 6 characters will do.")]
By = Annotated[str, typer.Option("--by", help="Account under which you decide. Kept here, never shown in public.")]
Reason = Annotated[str, typer.Option("--reason", help="Why. Readers see it: no names.")]


@review.command("list")
def list_flags(
    jurisdiction: Annotated[str, typer.Option(help="Only this one, e.g. us.")] = "",
    topic: Annotated[Topic | None, typer.Option(help="Only this topic.")] = None,
    state: Annotated[str, typer.Option(help=f"Which flags: {', '.join(STATES)}.")] = "open",
    page: Annotated[int, typer.Option(min=1, help="Page of the list.")] = 1,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Flags a page.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the flags that nobody has judged, the most doubtful of live bills first.

    Doubt is 1 where a rule's score says "could be either" and 0 where it is sure. Only flags of the newest text of
    each bill wait here; a decision holds for every version with the same words.

    Example:

      billwatch review list --topic platform-liability --jurisdiction us
    """
    if state not in STATES:
        raise ReviewError(f"--state: expected one of {', '.join(STATES)}, got {state!r}")
    query = QueueQuery(jurisdiction or None, topic, state, limit, (page - 1) * limit)
    with open_services() as services:
        found = services.reviews.queue(query)
    if as_json:
        print_json({"total": found.total, "page": page, "flags": [flag_row(row) for row in found.rows]})
        return
    for row in found.rows:
        out.print(f"[bold]{row.key[:SHORT]}[/bold] [dim]doubt {row.doubt:.2f}[/dim] {safe(row.bill_id)} "
                  f"{safe(row.flag.provision)}: {_about(row.flag)}{_reviewed(row.flag)}")
        out.print(f"    “{safe(' '.join(row.flag.quote.split()))}”")
    last = -(-found.total // limit)
    out.print(f"[dim]{found.total} flags ({state}), page {page} of {max(1, last)}[/dim]")


@review.command("show")
def show_flag(key: Key, as_json: AsJson = False) -> None:
    """Show one flag where it stands in the text, and all that was ever decided on it, with names.

    Example:

      billwatch review show 4f1c09
    """
    with open_services() as services:
        bill_id, whole = _find(services, key)
        row, decisions = services.reviews.flag(whole), services.reviews.decisions(whole)
        text = services.store.text(bill_id, row.version) if row else None
    if as_json:
        print_json({"key": whole, "bill": bill_id, "flag": flag_row(row) if row else None,
                    "decisions": [_decision_row(d) for d in decisions]})
        return
    out.print(f"[bold]{whole[:SHORT]}[/bold] {safe(bill_id)}")
    if row is None:
        out.print("These words are flagged in no text any more.")
    else:
        out.print(f"{safe(row.title or 'No title given')}\n{safe(row.flag.provision)} of the text {safe(row.version)}: "
                  f"{_about(row.flag)}{_reviewed(row.flag)}")
        out.print(f"[dim]{safe(row.flag.rule)}, score {row.flag.score:.2f}, rules of {safe(row.flag.ruleset)}[/dim]\n")
        if text is not None:
            start, end = row.flag.start, row.flag.end
            before, after = text.text[max(0, start - CONTEXT):start], text.text[end:end + CONTEXT]
            out.print(f"…{_lines(before)}[bold reverse]{_lines(text.text[start:end])}[/bold reverse]{_lines(after)}…")
    for decision in decisions:
        out.print(f"{decision.at:%Y-%m-%d %H:%M} [bold]{VERDICT_WORDS[decision.verdict]}[/bold] by {safe(decision.by)}"
                  f"{_target(decision)}: {safe(decision.reason or 'no reason given')}")


@review.command("confirm")
def confirm_flag(key: Key, by: By, reason: Reason = "", as_json: AsJson = False) -> None:
    """Say that a flag is right. Readers see "confirmed by a reader of the text".

    Example:

      billwatch review confirm 4f1c09 --by east-desk
    """
    _judge(key, ReviewVerdict.CONFIRM, by, reason, None, as_json)


@review.command("reject")
def reject_flag(key: Key, by: By, reason: Reason, as_json: AsJson = False) -> None:
    """Say that a flag is wrong. It disappears from pages, feeds and mail; whoever was told is told of the mistake.

    Example:

      billwatch review reject 4f1c09 --by east-desk --reason "The words are in a finding and change no law."
    """
    _judge(key, ReviewVerdict.REJECT, by, reason, None, as_json)


@review.command("correct")
def correct_flag(
    key: Key, by: By, reason: Reason,
    topic: Annotated[Topic | None, typer.Option(help="The right topic; none: as it is.")] = None,
    effect: Annotated[Effect | None, typer.Option(help="The right effect; none: as it is.")] = None,
    subtopic: Annotated[str, typer.Option(help="The right subtopic, if it has one.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say that the words do something else than the rule found: another topic or another effect.

    Example:

      billwatch review correct 4f1c09 --by east-desk --effect reverses --reason "The section takes the offence out."
    """
    with open_services() as services:
        _, whole = _find(services, key)
        row = services.reviews.flag(whole)
        decisions = services.reviews.decisions(whole)
    if row is None and not decisions:
        raise ReviewError(f"there is no flag {key}")
    was = row.flag if row else decisions[-1].flag
    if row and row.flag.review:
        found = row.flag.review.was
    else:
        found = Finding(was.topic, was.effect, was.subtopic)
    to = Finding(topic or found.topic, effect or found.effect, subtopic or (
        found.subtopic if topic in (None, found.topic) else None))
    _judge(key, ReviewVerdict.CORRECT, by, reason, to, as_json)


@review.command("withdraw")
def withdraw_decision(key: Key, by: By, reason: Reason = "", as_json: AsJson = False) -> None:
    """Take back what was decided on a flag: it is shown as its rule raised it, and waits in the queue again.

    Example:

      billwatch review withdraw 4f1c09 --by east-desk
    """
    _judge(key, ReviewVerdict.WITHDRAW, by, reason, None, as_json)


@review.command("export")
def export_labels(
    jurisdiction: Annotated[str, typer.Option(help="Only this one, e.g. us.")] = "",
) -> None:
    """Print what was decided as labelled sections, one JSON object a line, in the format of the reference labels.

    {"id", "jurisdiction", "document", "title", "text", "marks", "labels": [{"topic", "effect", "evidence"}],
    "borderline"}: a section whose flag was rejected has no label for it; topics flagged there that nobody judged are
    borderline. No names. The lines are also input of `billwatch tag --jsonl`.

    Example:

      billwatch review export --jurisdiction us > reviewed.jsonl
    """
    count = 0
    with open_services() as services:
        for unit in units(services, jurisdiction or None):
            print_line(unit)
            count += 1
    sys.stdout.buffer.flush()
    err.print("1 section" if count == 1 else f"{count} sections")


def units(services: Services, jurisdiction: str | None = None) -> Iterator[dict[str, Any]]:
    """Of every bill on which anything was decided."""
    store = services.store
    for bill_id, decisions in services.reviews.by_bill(jurisdiction):
        state = store.bill(bill_id)
        if state is not None:
            yield from labelled(bill_id, state, decisions, lambda code, b=bill_id: store.text(b, code))  # type: ignore[misc]


def flag_row(row: QueueRow) -> dict[str, Any]:
    """A flag of the queue as programs see it."""
    return {"key": row.key, "bill": row.bill_id, "jurisdiction": row.jurisdiction, "identifier": row.identifier,
            "title": row.title, "stage": row.stage, "version": row.version, "doubt": row.doubt, "flag": row.flag}


def _judge(key: str, verdict: ReviewVerdict, by: str, reason: str, corrected: Finding | None, as_json: bool) -> None:
    with open_services() as services:
        account = services.entrance.acting(by)
        bill_id, whole = _find(services, key)
        judgment = Judgment(bill_id, whole, verdict, account.name, account.roles[0], reason, corrected)
        outcome = judge(services.store, judgment, services.clock())
        if outcome.kept:
            services.accounts.note(AuditEntry(services.clock(), account.name, f"flag-{verdict}", whole))
    if as_json:
        print_json({"kept": outcome.kept, "event": outcome.event.seq if outcome.event else None})
    elif outcome.event is not None:
        event = outcome.event
        out.print(f"event {event.seq} ({MODE_WORDS[event.mode]}): {safe(describe(event).headline)}")
    else:
        out.print("Kept; nothing changes by it." if outcome.kept else "You had said so already: nothing changes.")


def _find(services: Services, key: str) -> tuple[str, str]:
    found = services.reviews.find(key.lower())
    if found is None:
        raise ReviewError(f"expected the key of one flag (at least 6 of its characters), got {key!r}, which fits none "
                          "or several: `billwatch review list` shows them")
    return found


def _about(flag: Flag) -> str:
    return f"{TOPIC_NAMES[flag.topic]}, {effect_words(flag.effect, flag.topic)}"


def _reviewed(flag: Flag) -> str:
    return f" [dim]({VERDICT_WORDS[flag.review.verdict]})[/dim]" if flag.review else ""


def _target(decision: Decision) -> str:
    to = decision.corrected
    return f" to {TOPIC_NAMES[to.topic]}, {effect_words(to.effect, to.topic)}" if to else ""


def _lines(text: str) -> str:
    """Safe, with its line breaks."""
    return "\n".join(safe(line) for line in text.split("\n"))


def _decision_row(decision: Decision) -> dict[str, Any]:
    return {"at": decision.at, "verdict": decision.verdict, "by": decision.by, "role": decision.role,
            "reason": decision.reason, "corrected": decision.corrected, "version": decision.version,
            "flag": decision.flag}
