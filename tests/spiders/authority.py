"""A certificate authority of our own: a root, an intermediate, and sites that send as much of their chain as told."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID


@dataclass(frozen=True)
class Holder:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def save(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.pem)
        return path


def issue(name: str, by: Holder | None = None, *, ca: bool = True, host: str = "", days: int = 30,
          issuer_at: str = "") -> Holder:
    """`days`: until it lapses; below 0, it lapsed. `issuer_at`: where it says that its issuer's certificate lies."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    until = datetime.now(UTC) + timedelta(days=days)
    made = (x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
            .issuer_name(by.certificate.subject if by else subject).serial_number(x509.random_serial_number())
            .not_valid_before(until - timedelta(days=100)).not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca, None), True))
    if host:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
    if issuer_at:
        made = made.add_extension(x509.AuthorityInformationAccess([x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(issuer_at))]), False)
    return Holder(made.sign(by.key if by else key, hashes.SHA256()), key)


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], site: Holder, *sent_with: Holder, folder: Path) -> Iterator[int]:
    """Port of an https server that shows `site`, and after it whatever is `sent_with` it."""
    chain = folder / f"chain{site.certificate.serial_number}.pem"
    key = site.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                 serialization.NoEncryption()).decode()
    chain.write_text(key + site.pem + "".join(one.pem for one in sent_with))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    # Each handshake in its own thread: a client that refuses us must not end the server.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
