"""A site's handshake to what is wrong with its certificate, in words; and the policy that every crawl keeps."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from OpenSSL.crypto import X509
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from service_identity.exceptions import CertificateError, VerificationError
from service_identity.pyopenssl import verify_hostname, verify_ip_address
from twisted.internet.ssl import Certificate, optionsForClientTLS, trustRootFromCertificates
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

from spiders import trust

PATIENCE = 20.0  # seconds for one handshake
OTHER_HOST = "it is made out to another host"
HALF_CHAIN = "the site sends it without the intermediate that vouches for it"
# X509_V_ERR_* of OpenSSL's x509_vfy.h. 2, 20 and 21 all say that an issuer was not found.
WORDS = {
    2: "nobody we trust vouches for it", 20: "nobody we trust vouches for it", 21: "nobody we trust vouches for it",
    9: "it is not valid yet", 10: "it has expired", 18: "it vouches for itself",
    19: "its chain ends in a root that we do not trust", 23: "it was withdrawn by its issuer",
    26: "it was made for another purpose", 66: "its key is too weak", 68: "its signature is too weak",
}
_NO_ISSUER = (2, 20, 21)


@implementer(IPolicyForHTTPS)
class Verified:
    """Twisted's policy: chain, dates and host name of every site, without an exception for anybody."""

    def __init__(self, certificates: Iterable[x509.Certificate]) -> None:
        self._trust = trustRootFromCertificates(  # type: ignore[no-untyped-call]  # Twisted's
            [Certificate.loadPEM(one.public_bytes(Encoding.PEM)) for one in certificates])
        self._known: dict[bytes, Any] = {}

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:
        if hostname not in self._known:
            self._known[hostname] = optionsForClientTLS(hostname.decode("ascii"), trustRoot=self._trust)
        return self._known[hostname]


class Handler(HTTP11DownloadHandler):
    """Scrapy's, with our trust. (Scrapy by itself verifies nothing: DOWNLOAD_VERIFY_CERTIFICATES is off there.)"""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._contextFactory: Any = Verified(trust.trusted(folder_of(crawler)))


def folder_of(crawler: Crawler) -> Path | None:
    """The operator's folder of intermediates."""
    folder = crawler.settings.get("CERTIFICATES")
    return Path(folder) if folder else None


def is_refusal(problem: BaseException) -> bool:
    """Whether a request failed because a certificate was not accepted: asking again does not help."""
    waiting, seen = [problem], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, (VerificationError, CertificateError)):
            return True
        if isinstance(one, SSL.Error) and "certificate verify failed" in str(one.args):
            return True
        waiting += [e for e in (one.__cause__, one.__context__) if e is not None]
        waiting += [getattr(reason, "value", reason) for reason in getattr(one, "reasons", None) or ()]
    return False


# --- a closer look ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """What a site showed, and what is wrong with it; None: nothing, a crawl would read this site."""

    host: str
    chain: tuple[x509.Certificate, ...]  # as sent, the site's own first
    fault: str | None

    @property
    def missing(self) -> str | None:
        """Address of the intermediate that the site should have sent; see `billwatch certificates add`."""
        return trust.issuer_address(self.chain[-1]) if self.fault == HALF_CHAIN else None


def look(host: str, port: int, certificates: Iterable[x509.Certificate]) -> Shown:
    """One handshake, in which nothing is asked and nothing is believed. Raises OSError if there is none."""
    faults: list[int] = []

    def note(connection: SSL.Connection, shown: X509, error: int, depth: int, fine: int) -> bool:
        if not fine:
            faults.append(error)
        return True

    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_PEER, note)
    store = context.get_cert_store()
    for one in certificates:
        if store is not None:
            store.add_cert(X509.from_cryptography(one))
    with socket.create_connection((host, port), timeout=PATIENCE) as plain:
        connection = SSL.Connection(context, plain)
        if not _is_address(host):
            connection.set_tlsext_host_name(host.encode("idna"))
        connection.set_connect_state()
        _shake(connection, plain)
        chain = tuple(connection.get_peer_cert_chain(as_cryptography=True) or ())
        return Shown(host, chain, _fault(connection, host, chain, faults))


def _fault(connection: SSL.Connection, host: str, chain: Sequence[x509.Certificate],
           faults: Sequence[int]) -> str | None:
    if faults:
        # An expired certificate is not mended by an intermediate: say what comes first for the operator.
        worst = next((error for error in faults if error not in _NO_ISSUER), faults[0])
        alone = worst in _NO_ISSUER and chain[-1].subject != chain[-1].issuer
        return HALF_CHAIN if alone else WORDS.get(worst, f"it is not accepted (OpenSSL's error {worst})")
    try:
        (verify_ip_address if _is_address(host) else verify_hostname)(connection, host)
    except (VerificationError, CertificateError):
        return OTHER_HOST
    return None


def _shake(connection: SSL.Connection, plain: socket.socket) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.do_handshake()
            return
        except SSL.WantReadError:
            if not select.select([plain], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError("no handshake in time") from None
        except SSL.Error as problem:
            raise OSError(f"no handshake: {type(problem).__name__}") from problem


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False
