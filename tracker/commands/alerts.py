"""`billwatch alerts` and `billwatch members`: calls to act, written by one, released by another; and whom to call."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from digests.alerts.calendar import alert_calendar
from digests.alerts.feed import entry
from digests.alerts.mail import preview
from digests.alerts.words import moment_words, view
from digests.speech import ENGLISH, speech_of
from spiders.discovery import find
from tracker.alerts import steps
from tracker.alerts.members import members_of, propose, read_members
from tracker.alerts.records import Addressee, Alert, standing
from tracker.alerts.writing import LANGUAGES, SOURCE, as_given, field_name, raise_for, read_text
from tracker.app import Services, open_services
from tracker.commands.output import AsJson, err, out, print_json, safe
from tracker.errors import AlertError, ConfigError

alerts = typer.Typer(no_args_is_help=True, help="Calls to act: one person writes, another releases; nothing is sent "
                                                "before its embargo or after it is too late (docs/alerts.md).")
members = typer.Typer(no_args_is_help=True, help="Offices of a legislature's members and committees, from its own "
                                                 "lists: proposed as addressees of alerts. Never private contacts.")

Id = Annotated[str, typer.Argument(help="Id of an alert from `billwatch alerts list`; its beginning will do.")]
By = Annotated[str, typer.Option("--by", help="Account under which you do it. Kept here, never shown in public.")]
Note = Annotated[str, typer.Option("--note", help="Why, for the desk only.")]
KINDS = ("text", "html", "feed", "page", "ics")


@alerts.command("list")
def list_alerts(as_json: AsJson = False) -> None:
    """List all alerts, the newest first: what each is at this moment, and until when it can be acted on.

    Example:

      billwatch alerts list --json
    """
    with open_services() as services:
        found, now = services.alerts.all(), services.clock()
        if as_json:
            print_json([_row(services, alert) for alert in found])
            return
        for alert in found:
            text = alert.newest.text
            out.print(f"[bold]{alert.id}[/bold] {standing(alert, now)} [dim]until "
                      f"{safe(moment_words(text.ends_at, text.zone, ENGLISH))}[/dim] "
                      f"{safe(text.words[SOURCE].headline)}")
        if not found:
            out.print("[dim]none: `billwatch alerts write FILE --by NAME` begins one[/dim]")


@alerts.command("show")
def show_alert(alert: Id, as_json: AsJson = False) -> None:
    """Show one alert: its words, what was done with it by whom, how many messages went.

    Example:

      billwatch alerts show 3f2a
    """
    with open_services() as services:
        found = services.alerts.find(alert)
        if as_json:
            print_json(_row(services, found, whole=True))
            return
        out.print(f"[bold]{found.id}[/bold] {standing(found, services.clock())}, revision {found.newest.number}")
        for name, values in as_given(found.newest.text).items():
            if any(values):
                out.print(f"[bold]{name}[/bold]: {safe(', '.join(values))}")
        for step in services.alerts.steps(found.id):
            out.print(f"{step.at:%Y-%m-%d %H:%M} {step.step} by {safe(step.by or 'the clock')}"
                      f"{': ' + safe(step.note) if step.note else ''}")
        for status, count in services.alert_outbox.counts(found.id).items():
            out.print(f"messages {status}: {count}")


@alerts.command("write")
def write_alert(
    file: Annotated[Path, typer.Argument(help="TOML file (docs/alerts.md shows one); - reads standard input.")],
    by: By,
    change: Annotated[str, typer.Option("--change", help="Id of an alert to write anew; none: a new alert.")] = "",
    as_json: AsJson = False,
) -> None:
    """Keep a draft from a TOML file. A change of what was submitted makes it a draft again; a change of what readers
    have seen is a correction, and needs `corrected`: what was wrong.

    Fields: jurisdiction, topics, bills, zone, deadline, deadline_words, not_before, not_after, addressees; headline,
    happens, why, decides, reach, script; the same with _es for Spanish.

    Example:

      billwatch alerts write call.toml --by east-desk
    """
    raw = sys.stdin.read() if str(file) == "-" else _contents(file)
    with open_services() as services:
        given, account, now = _given(raw), services.entrance.acting(by), services.clock()
        was = services.alerts.find(change) if change else None
        chosen = _addressees(services, given)
        text, problems = read_text(given, account.name, services.catalogue.jurisdictions(), chosen)
        raise_for(problems)
        if text is None:
            raise AlertError("nothing was kept")
        if was:
            alert = services.alerts.change(was.id, was.newest.number, lambda a: steps.edit(a, text, account, now),
                                           "edited", account, now)
        else:
            alert = services.alerts.add(lambda identity: steps.write(identity, text, account, now))
        _tell(services, alert, as_json)


@alerts.command("submit")
def submit_alert(alert: Id, by: By, as_json: AsJson = False) -> None:
    """Hand a draft in: somebody else can then release it.

    Example:

      billwatch alerts submit 3f2a --by east-desk
    """
    _act(alert, "submit", by, "", as_json)


@alerts.command("return")
def return_alert(alert: Id, by: By, note: Note = "", as_json: AsJson = False) -> None:
    """Give what was submitted back to its writer: it is a draft again.

    Example:

      billwatch alerts return 3f2a --by west-desk --note "Say which room."
    """
    _act(alert, "return", by, note, as_json)


@alerts.command("release")
def release_alert(alert: Id, by: By, as_json: AsJson = False) -> None:
    """Release what was submitted. Never by an account that wrote or changed it; needs the role releaser.

    It goes out with the next round of `billwatch serve` (or `billwatch digest`), or when its embargo ends.

    Example:

      billwatch alerts release 3f2a --by west-desk
    """
    _act(alert, "release", by, "", as_json)


@alerts.command("withdraw")
def withdraw_alert(alert: Id, by: By, note: Note = "", as_json: AsJson = False) -> None:
    """Take an alert back. Pages and feeds drop it at once; whoever got it by mail is told so, in fixed words.

    Example:

      billwatch alerts withdraw 3f2a --by west-desk --note "The hearing is off."
    """
    _act(alert, "withdraw", by, note, as_json)


@alerts.command("preview")
def preview_alert(
    alert: Id,
    kind: Annotated[str, typer.Option("--as", help=f"What to print: {', '.join(KINDS)}.")] = "text",
    language: Annotated[str, typer.Option(help=f"Language of the reader: {', '.join(LANGUAGES)}.")] = SOURCE,
    as_json: AsJson = False,
) -> None:
    """Print the newest revision exactly as readers would get it: mail as text or HTML, feed entry, page, calendar.

    Example:

      billwatch alerts preview 3f2a --as html > call.html
    """
    if kind not in KINDS:
        raise AlertError(f"--as: expected one of {', '.join(KINDS)}, got {kind!r}")
    with open_services() as services:
        found, speech, now = services.alerts.find(alert), speech_of(language), services.clock()
        if kind in ("text", "html"):
            message = preview(found, found.newest, language, now, services.site)
            part = message.get_body(("plain" if kind == "text" else "html",))
            outside = {name: str(value) for name, value in message.items()}
            made = {"kind": kind, "headers": outside, "content": part.get_content() if part else ""}
        elif kind == "ics":
            made = {"kind": kind, "content": alert_calendar(found, services.site, speech).decode()}
        elif kind == "feed":
            told = entry(found, found.newest, now, services.site, speech)
            made = {"kind": kind, "title": told.title, "content": told.html, "text": told.text}
        else:
            made = {"kind": kind, "content": msgspec.to_builtins(view(found, found.newest, services.site, speech))}
    if as_json:
        print_json(made)
        return
    shown = made["content"] if isinstance(made["content"], str) else msgspec.json.format(
        msgspec.json.encode(made["content"]), indent=2).decode()
    out.print("\n".join(safe(line) for line in shown.split("\n")))


@members.command("import")
def import_members(
    jurisdiction: Annotated[str, typer.Argument(help="Whose offices, e.g. us-wa.")],
    file: Annotated[Path, typer.Argument(help="CSV with the columns name, role, district, phone, mail, url, source, "
                                              "fetched; id if the legislature has one.")],
    as_json: AsJson = False,
) -> None:
    """Replace the offices of one legislature by those of a CSV file, whole or not at all.

    Only what the legislature itself publishes: each row names the page it is from and the day it was read. Private
    mail addresses are refused. Alerts keep the contacts that they were written with.

    Example:

      billwatch members import us-wa members.csv
    """
    found = read_members(jurisdiction, _contents(file))
    with open_services() as services:
        before = services.alerts.replace_members(jurisdiction, found)
    if as_json:
        print_json({"jurisdiction": jurisdiction, "members": len(found), "before": before})
    else:
        out.print(f"{len(found)} offices of {safe(jurisdiction)} ({before} before)")


@members.command("read")
def read_pages(
    jurisdiction: Annotated[str, typer.Argument(help="Whose offices, e.g. us-nm.")],
    pages: Annotated[list[Path], typer.Argument(help="Saved pages of the legislature's members or committees.")],
    source: Annotated[str, typer.Option(help="Address that they are from; shown beside each contact.")],
    fetched: Annotated[str | None, typer.Option(help="Day when they were fetched; unset: today.")] = None,
    as_json: AsJson = False,
) -> None:
    """Replace the offices of one legislature by those on its own saved pages, whole or not at all.

    For legislatures whose file says how these pages are read. The rules are those of `import`: offices only.

    Example:

      billwatch members read us-nm committees/*.html --source https://www.nmlegis.gov/Committee/Standing_Committee_List
    """
    spider = find(jurisdiction)
    offices = [asdict(office) for page in pages for office in spider.parse_offices(_contents_raw(page), source)]
    with open_services() as services:
        try:
            day = date.fromisoformat(fetched) if fetched else services.clock().date()
        except ValueError:
            raise ConfigError(f"expected a day like 2031-05-01, got {fetched!r}") from None
        found = members_of(jurisdiction, offices, source, day)
        before = services.alerts.replace_members(jurisdiction, found)
    if as_json:
        print_json({"jurisdiction": jurisdiction, "members": len(found), "before": before})
    else:
        out.print(f"{len(found)} offices of {safe(jurisdiction)} ({before} before)")


def _contents_raw(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise ConfigError(f"{file} cannot be read: {problem}") from None


@members.command("list")
def list_members(jurisdiction: Annotated[str, typer.Argument(help="Whose offices, e.g. us-wa.")],
                 as_json: AsJson = False) -> None:
    """List the offices that are known of one legislature, each with its source and the day it was read.

    Example:

      billwatch members list us-wa --json
    """
    with open_services() as services:
        found = services.alerts.members(jurisdiction)
    if as_json:
        print_json([{"id": one.id, "contact": one.contact} for one in found])
        return
    for one in found:
        c = one.contact
        out.print(f"{safe(c.name)}, {safe(c.role)} {safe(c.district)}: {safe(c.phone)} {safe(c.mail)} "
                  f"[dim]{safe(c.source)} {c.fetched_on}[/dim]")
    err.print(f"{len(found)} offices")


def _act(beginning: str, deed: str, by: str, note: str, as_json: bool) -> None:
    with open_services() as services:
        account, found = services.entrance.acting(by), services.alerts.find(beginning)
        alert = services.alerts.act(found.id, found.newest.number, deed, account, services.clock(), note or None)
        _tell(services, alert, as_json)


def _tell(services: Services, alert: Alert, as_json: bool) -> None:
    if as_json:
        print_json(_row(services, alert))
    else:
        out.print(f"{alert.id}: {standing(alert, services.clock())}, revision {alert.newest.number}")


def _row(services: Services, alert: Alert, whole: bool = False) -> dict[str, Any]:
    text = alert.newest.text
    return {"id": alert.id, "state": alert.state, "standing": standing(alert, services.clock()),
            "revision": alert.newest.number, "public": alert.public, "headline": text.words[SOURCE].headline,
            "ends_at": text.ends_at, "url": services.site.url(f"alerts/{alert.id}"),
            **({"text": text, "steps": services.alerts.steps(alert.id),
                "messages": services.alert_outbox.counts(alert.id)} if whole else {})}


def _contents(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise AlertError(f"{file} cannot be read: {getattr(problem, 'strerror', None) or 'no UTF-8'}") from None


def _given(raw: str) -> dict[str, list[str]]:
    """TOML to a form. A field that does not exist is refused: a typing error must not drop an embargo."""
    try:
        table = tomllib.loads(raw)
    except tomllib.TOMLDecodeError as problem:
        raise AlertError(f"this is no TOML: {problem}") from None
    known = {"jurisdiction", "topics", "bills", "zone", "deadline", "deadline_words", "not_before", "not_after",
             "addressees", *(field_name(name, language) for language in LANGUAGES for name in (
                 "headline", "happens", "why", "decides", "reach", "script", "corrected"))}
    if strange := sorted({*table} - known):
        raise AlertError(f"no such field: {', '.join(strange)}")
    return {name: [str(v) for v in value] if isinstance(value, list) else [str(value)]
            for name, value in table.items()}


def _addressees(services: Services, given: dict[str, list[str]]) -> tuple[Addressee, ...]:
    """`addressees = ["all"]`: everybody whom the bills propose; else those of these names. Raises AlertError."""
    wanted = given.get("addressees", [])
    found: dict[str, Addressee] = {}
    for bill_id in " ".join(given.get("bills", ())).split():
        state = services.store.bill(bill_id)
        for one in propose(state.bill, services.alerts.members(state.bill.jurisdiction)) if state else ():
            found.setdefault(one.name, one)
    if wanted == ["all"]:
        return tuple(found.values())
    if missing := [name for name in wanted if name not in found]:
        raise AlertError(f"not among the sponsors and committees of these bills: {', '.join(missing)}")
    return tuple(found[name] for name in wanted)
