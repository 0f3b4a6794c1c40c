"""Root certificates and pinned intermediates to the trust that every https answer is held against. Always.

Some sites send their own certificate without the intermediate that vouches for it. What is missing is pinned: a file
of an operator's folder (or of ours, spiders/certificates) that itself is vouched for by a root that we trust anyway.
A pinned certificate lengthens a chain, it never ends one, so that no file in the folder can make us trust somebody new.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

SHIPPED = Path(__file__).parent / "certificates"


@dataclass(frozen=True, slots=True)
class Pinned:
    """A certificate of a file, and why it is left out; None: it is used."""

    path: Path
    certificate: x509.Certificate | None
    fault: str | None

    @property
    def subject(self) -> str:
        return self.certificate.subject.rfc4514_string() if self.certificate else ""

    @property
    def until(self) -> datetime | None:
        return self.certificate.not_valid_after_utc if self.certificate else None


def roots() -> list[x509.Certificate]:
    """Mozilla's, as certifi ships them; or those of the file that SSL_CERT_FILE names, as everywhere else."""
    return x509.load_pem_x509_certificates(Path(os.environ.get("SSL_CERT_FILE") or certifi.where()).read_bytes())


def pinned(folders: Iterable[Path], known: Sequence[x509.Certificate],
           moment: datetime | None = None) -> list[Pinned]:
    """Every certificate of every ``*.pem`` of the folders, with what is wrong with it, in the order of their names."""
    at = moment or now()
    found = [row for folder in folders for path in sorted(folder.glob("*.pem")) for row in read(path)]
    vouching: list[x509.Certificate] = list(known)
    judged: dict[int, Pinned] = {}
    # An intermediate may be vouched for by another one of the folder, whatever its file is called.
    for _ in found:
        for place, row in enumerate(found):
            fault = row.fault or fault_of(row.certificate, vouching, at)
            if place not in judged or judged[place].fault != fault:
                judged[place] = Pinned(row.path, row.certificate, fault)
                if fault is None and row.certificate is not None:
                    vouching.append(row.certificate)
    return [judged[place] for place in sorted(judged)]


def read(path: Path) -> list[Pinned]:
    try:
        return [Pinned(path, one, None) for one in x509.load_pem_x509_certificates(path.read_bytes())]
    except (ValueError, OSError) as problem:
        return [Pinned(path, None, f"cannot be read as PEM: {problem}")]


def now() -> datetime:
    return datetime.now(UTC)


def fault_of(one: x509.Certificate | None, vouching: Iterable[x509.Certificate], at: datetime) -> str | None:
    """Why this is no intermediate to pin, in words for an operator."""
    if one is None:
        return "holds no certificate"
    if one.subject == one.issuer:
        return "vouches for itself: a root is never pinned, only an intermediate"
    try:
        if not one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return "is a site's own certificate, not an intermediate's"
    except (x509.ExtensionNotFound, ValueError):
        return "does not say that it may vouch for others"
    if not one.not_valid_before_utc <= at <= one.not_valid_after_utc:
        return f"is valid from {one.not_valid_before_utc:%Y-%m-%d} to {one.not_valid_after_utc:%Y-%m-%d} only"
    if not is_issued(one, vouching):
        return f"is vouched for by nobody we trust (it names {one.issuer.rfc4514_string()})"
    return None


def is_issued(one: x509.Certificate, vouching: Iterable[x509.Certificate]) -> bool:
    return any(_issued(one, by) for by in vouching)


def _issued(one: x509.Certificate, by: x509.Certificate) -> bool:
    if one.issuer != by.subject:
        return False
    try:
        one.verify_directly_issued_by(by)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def issuer_address(one: x509.Certificate) -> str | None:
    """Where the certificate of whoever vouches for this one can be fetched, as it says itself (RFC 5280, 4.2.2.1)."""
    try:
        access = one.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    return next((str(row.access_location.value) for row in access
                 if row.access_method == AuthorityInformationAccessOID.CA_ISSUERS
                 and isinstance(row.access_location, x509.UniformResourceIdentifier)), None)


def trusted(folder: Path | None) -> list[x509.Certificate]:
    """Roots, and the pinned intermediates that are in order: ours and those of the operator's folder."""
    known = roots()
    folders = [SHIPPED, *([folder] if folder else [])]
    return [*known, *(p.certificate for p in pinned(folders, known) if p.fault is None and p.certificate)]


def as_pem(certificates: Iterable[x509.Certificate]) -> str:
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


def pin(one: x509.Certificate, folder: Path) -> Pinned:
    """Into a file of its own, named after its fingerprint: the same certificate is never there twice."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{one.fingerprint(SHA256()).hex()[:16]}.pem"
    path.write_text(f"# {one.subject.rfc4514_string()!a}\n{as_pem([one])}")
    return Pinned(path, one, None)
