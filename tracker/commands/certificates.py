"""`billwatch certificates check|add`: whether sites prove who they are, and the intermediates that some forget."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
import typer
from cryptography import x509
from rich.table import Table

from spiders import handshake, trust
from spiders.discovery import find
from tracker.app import open_services
from tracker.commands.output import AsJson, out, print_json, safe
from tracker.errors import ConfigError
from tracker.polling.quotas import chosen

LONGEST_CHAIN = 4
LARGEST = 1 << 18  # bytes of an issuer's certificate
certificates = typer.Typer(no_args_is_help=True, help="Intermediate certificates that sites forget to send.\n\n"
                           "TLS is verified always: chain, dates, host name. There is no switch to turn it off.")


@certificates.command()
def check(
    hosts: Annotated[list[str] | None, typer.Argument(help="Sites to look at: HOST, HOST:PORT or an https address. "
                                                           "None: those of the setting `sources`.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Only the pinned files; ask no site.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say of each pinned intermediate whether it is used, and of each site whether a crawl would believe it.

    One handshake a site, in which nothing is asked. Exit status 1 if anything is wrong.

    Examples:

      billwatch certificates check

      billwatch certificates check legislature.example.gov --json
    """
    with open_services() as services:
        folder, sources = services.settings.certificates, chosen(services.settings)
    pins = [_pin_row(p) for p in trust.pinned(_folders(folder), trust.roots())]
    asked = [] if offline else hosts or sites_of(sources)
    sites = [_site_row(host, trust.trusted(folder)) for host in asked]
    if as_json:
        print_json({"pinned": pins, "sites": sites})
    else:
        _print(pins, sites)
    if any(row["fault"] for row in (*pins, *sites)):
        raise typer.Exit(1)


@certificates.command()
def add(
    files: Annotated[list[Path] | None, typer.Argument(help="PEM files with intermediates.")] = None,
    host: Annotated[str, typer.Option(help="A site that sends half a chain: fetch the missing intermediate from the "
                                           "address that its certificate names.")] = "",
    as_json: AsJson = False,
) -> None:
    """Pin an intermediate certificate, if a root that we trust anyway vouches for it.

    A pinned certificate completes a chain and never ends one: no file makes billwatch trust anybody new. Roots, sites'
    own certificates and lapsed ones are refused. The files lie in `certificates/` of the home folder; delete one to
    undo.

    Examples:

      billwatch certificates add --host legislature.example.gov

      billwatch certificates add intermediate.pem
    """
    if not files and not host:
        raise ConfigError("nothing to add: expected a PEM file, or --host")
    with open_services() as services:
        folder = services.settings.certificates
    offered = [row for path in files or () for row in trust.read(path)]
    if host:
        offered += [trust.Pinned(Path(f"{_split(host)[0]}.pem"), one, None) for one in missing_of(host, folder)]
    known = trust.trusted(folder)
    added = []
    for row in offered:
        fault = row.fault or trust.fault_of(row.certificate, [*known, *_of(offered)], trust.now())
        if fault or row.certificate is None:
            raise ConfigError(f"{row.path}: {row.subject or 'this'} {fault}")
    for row in offered:
        if row.certificate is not None:
            added.append(trust.pin(row.certificate, folder))
    if as_json:
        print_json([_pin_row(row) for row in added])
    else:
        for row in added:
            out.print(f"pinned {safe(row.subject)} until {row.until:%Y-%m-%d}: {safe(str(row.path))}")


def missing_of(host: str, folder: Path) -> list[x509.Certificate]:
    """The intermediates between what a site sent and a root that we trust, fetched one by one."""
    known = trust.trusted(folder)
    shown = _look(host, known)
    if shown.fault != handshake.HALF_CHAIN:
        raise ConfigError(f"{host}: {shown.fault or 'its chain is whole'}: an intermediate would not help")
    found: list[x509.Certificate] = []
    last = shown.chain[-1]
    while not trust.is_issued(last, known) and len(found) < LONGEST_CHAIN:
        if (address := trust.issuer_address(last)) is None:
            raise ConfigError(f"{host}: {last.subject.rfc4514_string()} does not say where its issuer's certificate "
                              "lies: ask the site's owner, and add the file")
        last = _fetch(address)
        found.append(last)
    return found


def _fetch(address: str) -> x509.Certificate:
    """Over plain http, as is usual for these: its signature proves it, not the way it came."""
    try:
        with httpx.stream("GET", address, timeout=20, follow_redirects=False) as answer:
            answer.raise_for_status()
            body = b""
            for block in answer.iter_bytes():
                body += block
                if len(body) > LARGEST:
                    raise ConfigError(f"{address}: longer than any certificate")
        load = x509.load_pem_x509_certificate if body.startswith(b"-----") else x509.load_der_x509_certificate
        return load(body)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as problem:
        raise ConfigError(f"{address}: expected an issuer's certificate, got {type(problem).__name__}") from problem


def sites_of(sources: Sequence[str]) -> list[str]:
    """Every https host that these legislatures ask."""
    spiders = [find(source) for source in sources]
    return sorted({urlsplit(url).netloc for s in spiders for url in (s.site, *s.hosts) if url.startswith("https:")})


def _folders(folder: Path) -> tuple[Path, Path]:
    return trust.SHIPPED, folder


def _of(rows: Sequence[trust.Pinned]) -> list[x509.Certificate]:
    return [row.certificate for row in rows if row.certificate is not None]


def _split(host: str) -> tuple[str, int]:
    site = urlsplit(host if "//" in host else f"https://{host}")
    try:
        name, port = site.hostname, site.port or 443
    except ValueError:
        name, port = None, 0
    if site.scheme != "https" or not name:
        raise ConfigError(f"{host}: expected HOST, HOST:PORT or an https address")
    return name, port


def _look(host: str, known: Sequence[x509.Certificate]) -> handshake.Shown:
    try:
        return handshake.look(*_split(host), known)
    except OSError as problem:
        return handshake.Shown(host, (), f"no handshake: {type(problem).__name__}")


def _pin_row(row: trust.Pinned) -> dict[str, Any]:
    return {"file": str(row.path), "subject": row.subject, "until": f"{row.until:%Y-%m-%d}" if row.until else None,
            "fault": row.fault}


def _site_row(host: str, known: Sequence[x509.Certificate]) -> dict[str, Any]:
    shown = _look(host, known)
    return {"host": host, "sent": [one.subject.rfc4514_string() for one in shown.chain], "missing": shown.missing,
            "until": f"{shown.chain[0].not_valid_after_utc:%Y-%m-%d}" if shown.chain else None, "fault": shown.fault}


def _print(pins: Sequence[dict[str, Any]], sites: Sequence[dict[str, Any]]) -> None:
    table = Table("pinned", "until", "state", box=None)
    for row in pins:
        table.add_row(safe(row["subject"] or row["file"]), row["until"] or "", safe(row["fault"] or "used"))
    out.print(table if pins else "no intermediates are pinned")
    for row in sites:
        out.print(f"{safe(row['host'])}: {safe(row['fault'] or 'verified')}")
        if row["missing"]:
            out.print(f"  the missing one lies at {safe(row['missing'])}; "
                      f"pin it with: billwatch certificates add --host {safe(row['host'])}")
