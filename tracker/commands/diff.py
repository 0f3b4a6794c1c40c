"""`billwatch diff`: two versions of a bill side by side with what they would do."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from markupsafe import Markup

from digests.wording.words import effect_words
from tracker.app import Services, open_services
from tracker.commands.named_bill import held
from tracker.commands.output import print_json
from tracker.errors import ConfigError
from tracker.history.comparing import Comparison, compare_versions, readable
from tracker.redline.told import tell


def diff(
    bill: Annotated[str, typer.Argument(help="A bill that is held here, e.g. us/119/hr-1865.")],
    before: Annotated[str, typer.Argument(help="Code of the earlier version, e.g. ih. None: last but one.")] = "",
    after: Annotated[str, typer.Argument(help="Code of the later version, e.g. rh. None: newest.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Sections, pieces and flags as JSON.")] = False,
    as_text: Annotated[bool, typer.Option("--text", help="Words (the default): {+added+}, [-taken out-].")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="One HTML file that needs nothing else.")] = False,
    brief: Annotated[bool, typer.Option(
        "--brief", help="As in a mail: flags that came or went, changed phrases of flagged sections.")] = False,
    beside: Annotated[bool, typer.Option("--side", help="With --html: side by side.")] = False,
) -> None:
    """Show what changed between two versions of a bill: flags that came and went, then sections word by word.

    Sections are found again when they were renumbered or moved. Line numbers, page numbers, capitals of headings
    and kinds of quotation marks are no change. Version codes are on the bill's page and in its JSON.

    Examples:

      billwatch diff us/119/hr-1865 ih rh

      billwatch diff us/119/hr-1865 --brief

      billwatch diff us/119/hr-1865 ih rh --html > changes.html
    """
    if sum((as_json, as_text, as_html)) > 1:
        raise ConfigError("diff: expected one of --json, --text and --html")
    with open_services() as services:
        found = _found(services, bill, before, after)
        if as_html:
            _write(_file(services, found, beside=beside))
        elif as_json:
            from tracker.web.redlines import redline_body

            print_json(redline_body(found, services.settings.base_url))
        else:
            _write(tell(found.redline, found.turns, found.names, effect_words, brief=brief))


def _found(services: Services, bill: str, before: str, after: str) -> Comparison:
    bill = held(services, bill)
    state = services.store.bill(bill)
    if state is None:
        raise ConfigError(f"expected a bill that is held here, e.g. us/119/hr-1865; got {bill[:80]!r}")
    codes = [v.code for v in readable(state)]
    if not (before and after) and len(codes) < 2:
        raise ConfigError(f"{bill}: expected two texts that could be read, got {', '.join(codes) or 'none'}")
    return compare_versions(bill, state, lambda code: services.store.text(bill, code), before or codes[-2],
                            after or codes[-1])


def _file(services: Services, found: Comparison, *, beside: bool) -> str:
    from tracker.web.press import Press
    from tracker.web.redlines import matter

    press = Press(services)
    css = Markup(press.assets["site.css"].body.decode())  # noqa: S704  (our own style sheet)
    return press.html("compare_file.html", css=css, **matter(press, found, beside=beside))


def _write(text: str) -> None:
    """Control characters of a scraped text never reach a terminal."""
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    sys.stdout.buffer.write(clean.encode() + (b"" if clean.endswith("\n") else b"\n"))
    sys.stdout.buffer.flush()
