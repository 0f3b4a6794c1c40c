"""`billwatch evidence`: a bill's pages, texts, flags and events in one ZIP that anybody can check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tracker.app import open_services
from tracker.commands.named_bill import held
from tracker.commands.output import AsJson, err, out, print_json, safe
from tracker.errors import ConfigError
from tracker.evidence import write_bundle
from tracker.history.gathering import evidence_of


def evidence(
    bill: Annotated[str, typer.Argument(help="The bill, e.g. us/119/hr-1865.")],
    target: Annotated[Path, typer.Argument(help="ZIP to write; it must not exist yet.")],
    as_json: AsJson = False,
) -> None:
    """Write what is held of one bill into a ZIP: pages as the site gave them, texts, flags and events, and a script of
    30 lines that checks all hashes and quotes with nothing but Python.

    Example:

      billwatch evidence us/119/hr-1865 hr-1865.zip
    """
    if target.exists():
        raise ConfigError(f"{target} exists already: expected the name of a new file")
    with open_services() as services:
        bill = held(services, bill)
        found = evidence_of(services, bill)
        if found is None:
            raise ConfigError(f"no bill {bill} is held: expected an id like us/119/hr-1865")
        part = target.with_name(f".{target.name}.part")
        try:
            with part.open("wb") as stream:
                manifest = write_bundle(found, services.clock(), services.settings.base_url, stream)
            part.rename(target)
        except OSError as problem:
            raise ConfigError(f"{target} cannot be written: {problem}") from None
        finally:
            part.unlink(missing_ok=True)
    if as_json:
        print_json({"bundle": str(target), "bytes": target.stat().st_size, "manifest_sha256": manifest})
    else:
        out.print(f"wrote {safe(str(target))} ({target.stat().st_size:,} bytes)")
        err.print(f"[dim]SHA-256 of its MANIFEST.json: {manifest}[/dim]")
