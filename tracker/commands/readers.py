"""`billwatch digest`, `feeds`, `subscribers`: what readers get, and who they are not."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from digests.channels.feeds import FORMATS, FeedSpec, all_specs, render_feed
from digests.readers import subscriptions
from digests.readers.retention import PERIODS
from digests.speech import LANGUAGES, SOURCE
from tracker.app import Services, open_services
from tracker.cleaning import clean
from tracker.commands.keys import insist_on_keys
from tracker.commands.output import AsJson, out, print_json, safe, typed
from tracker.jobs import deliver_now
from tracker.model import Cadence, Effect, Filter, Topic
from tracker.query import QueryError, parse
from tracker.stage import STAGE_NAMES
from tracker.subjects import SUBTOPIC_NAMES

feeds = typer.Typer(no_args_is_help=True, help="Feeds of what is new: list them, or write them to a folder.")
subscribers = typer.Typer(no_args_is_help=True, help="Mail subscriptions. Addresses are sealed and never printed.")

keeping = typer.Typer(no_args_is_help=True, help="What is kept of readers, and for how long.")


@keeping.command("clean")
def clean_readers(as_json: AsJson = False) -> None:
    """Delete now what has been kept long enough; `billwatch serve` does this every hour.

    Sign-ups that nobody confirmed, subscriptions whose yearly question stayed unanswered or whose mailbox is gone, and
    old notes of messages and bounces. How long each is kept: `billwatch readers kept`.

    Example:

      billwatch readers clean --json
    """
    with open_services() as services:
        done = asdict(clean(services))
    if as_json:
        print_json(done)
    else:
        out.print("Deleted: " + ", ".join(f"{count} {kind}" for kind, count in done.items()) + ".")


@keeping.command("kept")
def kept_for(as_json: AsJson = False) -> None:
    """List how long each thing that is stored of a reader is kept; the privacy page says the same.

    Who leaves is deleted at once, whatever stands here.

    Example:

      billwatch readers kept
    """
    if as_json:
        print_json([{"key": period.key, "what": period.what, "days": period.length.days} for period in PERIODS])
        return
    table = Table("what", "days")
    for period in PERIODS:
        table.add_row(period.what, str(period.length.days))
    out.print(table)


def digest(
    build_only: Annotated[bool, typer.Option("--build-only", help="Queue what is due, send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Build the digests that are due and send all queued messages, once, now.

    `billwatch serve` does this every minute; run it by hand or from cron otherwise.

    Example:

      billwatch digest --build-only --json
    """
    with open_services() as services:
        insist_on_keys(services)
        expired, queued, sent = deliver_now(services, send=not build_only)
    if as_json:
        print_json({"expired": expired, "queued": queued, "sent": sent})
    else:
        out.print(f"{queued} digests queued; {sent if sent is not None else 'nothing sent'}")


@feeds.command("list")
def list_feeds(as_json: AsJson = False) -> None:
    """List the address of every feed.

    Example:

      billwatch feeds list --json
    """
    with open_services() as services:
        rows = [{"feed": spec.path, **{fmt: f"{services.site.base_url}{spec.path}.{fmt}" for fmt in FORMATS}}
                for spec in _specs(services)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        out.print(safe(row[FORMATS[0]]))


@feeds.command("write")
def write_feeds(
    folder: Annotated[Path, typer.Argument(help="Folder to write into; made if absent.")],
    as_json: AsJson = False,
) -> None:
    """Write every listed feed as a file, to look at. For a web server: `billwatch feeds build`.

    Example:

      billwatch feeds write /tmp/feeds
    """
    with open_services() as services:
        written = write_all(services, folder)
    if as_json:
        print_json([str(path) for path in written])
    else:
        out.print(f"{len(written)} files in {safe(str(folder))}")


def write_all(services: Services, folder: Path) -> list[Path]:
    written, outages = [], services.outages.recent()
    for spec in _specs(services):
        for fmt in FORMATS:
            path = folder / f"{spec.path.removeprefix('/feeds/')}.{fmt}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(render_feed(spec, fmt, services.sieve, services.site, outages=outages).body)
            written.append(path)
    return written


def _specs(services: Services) -> tuple[FeedSpec, ...]:
    return tuple(all_specs(tuple(Topic), services.catalogue.jurisdictions()))


@subscribers.command("list")
def list_subscribers(as_json: AsJson = False) -> None:
    """List subscriptions by id, cadence and position; no address, no search words.

    Example:

      billwatch subscribers list --json
    """
    with open_services() as services:
        rows = [{"id": s.id, "cadence": s.cadence, "confirmed": s.confirmed_at, "cursor": s.cursor,
                 "next": s.next_due_at} for s in services.ledger.confirmed()]
    if as_json:
        print_json(rows)
        return
    table = Table("id", "cadence", "confirmed on", "has seen up to")
    for row in rows:
        table.add_row(str(row["id"]), str(row["cadence"]), f"{row['confirmed']:%Y-%m-%d}", str(row["cursor"]))
    out.print(table if rows else "Nobody has subscribed yet.")


@subscribers.command("add")
def add_subscriber(
    address: Annotated[str, typer.Argument(
        help="Mail address. It gets a message with a link to confirm. -: a line of standard input, so "
             "that neither `ps` nor the shell's history shows it.")],
    topic: Annotated[list[Topic] | None, typer.Option("--topic", help="Repeat for several; none: all topics.")] = None,
    jurisdiction: Annotated[list[str] | None, typer.Option(
        "--jurisdiction", help="Repeat for several; none: all.")] = None,
    bill: Annotated[list[str] | None, typer.Option("--bill", help="Follow this bill, e.g. us/119/hr-1865.")] = None,
    subtopic: Annotated[list[str] | None, typer.Option(
        "--subtopic", help="Only this part of its topic, e.g. criminalization/buying.")] = None,
    effect: Annotated[list[Effect] | None, typer.Option("--effect", help="Of the topic.")] = None,
    sponsor: Annotated[list[str] | None, typer.Option("--sponsor", help="Words of a name.")] = None,
    committee: Annotated[list[str] | None, typer.Option("--committee", help="Words of a name.")] = None,
    stage: Annotated[list[str] | None, typer.Option("--stage", help=f"One of {', '.join(STAGE_NAMES)}.")] = None,
    words: Annotated[str | None, typer.Option(
        "--words", help="A query, as `billwatch search` takes it. -: the next line of standard input.")] = None,
    cadence: Annotated[Cadence, typer.Option(help="How often.")] = Cadence.WEEKLY,
    zone: Annotated[str, typer.Option(help="The reader's time zone.")] = "UTC",
    hour: Annotated[int, typer.Option(min=0, max=23, help="Hour of daily and weekly digests.")] = 8,
    weekday: Annotated[int, typer.Option(min=0, max=6, help="0 is Monday; weekly digests.")] = 0,
    language: Annotated[str, typer.Option(
        help=f"Of its messages and their pages: {', '.join(LANGUAGES)}.")] = SOURCE,
    as_json: AsJson = False,
) -> None:
    """Ask an address to confirm a subscription (double opt-in: nothing is sent until its owner agrees).

    Example:

      billwatch subscribers add - --topic worker-rights --jurisdiction us --cadence daily --hour 7 --language es
    """
    try:
        address = subscriptions.check_address(typed(address) or "")
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint="address") from None
    words = typed(words)
    for value, known, option in ((subtopic, SUBTOPIC_NAMES, "--subtopic"), (stage, STAGE_NAMES, "--stage"),
                                 ([language], LANGUAGES, "--language")):
        if unknown := sorted({*(value or ())} - {*known}):
            raise typer.BadParameter(f"expected one of {', '.join(known)}; got {', '.join(unknown)}", param_hint=option)
    if words:
        try:
            parse(words)
        except QueryError as wrong:  # its own words would repeat the reader's, and what is printed may end in a log
            raise typer.BadParameter(f"not understood from character {wrong.start + 1} on",
                                     param_hint="--words") from None
    wanted = Filter(tuple(topic or ()), tuple(jurisdiction or ()), tuple(bill or ()), tuple(subtopic or ()),
                    tuple(effect or ()), tuple(sponsor or ()), tuple(committee or ()), tuple(stage or ()), words)
    with open_services() as services:
        subscriptions.subscribe(services.ledger, services.mailer, services.keys, services.site, address=address,
                                filter=wanted, cadence=cadence, zone=zone, hour=hour, weekday=weekday,
                                now=services.clock(), cursor=services.store.last_seq(), language=language)
    if as_json:
        print_json({"status": "asked to confirm"})
    else:
        out.print("If this address can be reached, a message with a link to confirm is on its way.")


@subscribers.command("confirm")
def confirm_subscriber(
    token: Annotated[str, typer.Argument(
        callback=typed, help="The token at the end of the link in the message. -: a line of standard input.")],
    as_json: AsJson = False,
) -> None:
    """Confirm a subscription with the token of its message, as its link does.

    Example:

      billwatch subscribers confirm TOKEN
    """
    with open_services() as services:
        found = subscriptions.confirm(services.ledger, token, services.clock(), services.store.last_seq())
    if as_json:
        print_json({"confirmed": found is not None})
    else:
        out.print("Confirmed." if found else "This token is unknown, used up or expired.")
    if found is None:
        raise typer.Exit(1)


@subscribers.command("remove")
def remove_subscriber(
    subscription_id: Annotated[str, typer.Argument(help="Id from `billwatch subscribers list`.")],
    as_json: AsJson = False,
) -> None:
    """Delete a subscription and all that is stored of it, at once and for good.

    Example:

      billwatch subscribers remove xrcaYhy9zD8uBsbs6ghT7g
    """
    with open_services() as services:
        gone = services.ledger.delete(subscription_id)
    if as_json:
        print_json({"deleted": gone})
    else:
        out.print("Deleted." if gone else "There is no such subscription.")
    if not gone:
        raise typer.Exit(1)
