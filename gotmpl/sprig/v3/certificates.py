"""Functions that make keys and certificates, by the package `cryptography`, imported on use.

Keys and serial numbers come from the system's source of chance. Knows no other functions.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from gotmpl.errors import FuncError
from gotmpl.golang import base64
from gotmpl.golang.strings import encode
from gotmpl.sprig import crypto
from gotmpl.sprig.v3.crypto import INSTALL
from gotmpl.sprig.v3.values import text_of

if TYPE_CHECKING:
    from cryptography import x509

_RSA_BITS: Final = 2048
_PEM: Final = re.compile("-----BEGIN ([A-Z0-9 ]+)-----\r?\n")
_KINDS: Final = ("RSA", "EC", "DSA")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its private key, both in PEM."""

    __go_type__: ClassVar[str] = "sprig.certificate"

    Cert: str
    Key: str


# -- Keys


def gen_private_key(kind: str) -> str:
    """Return a new private key in PEM: `rsa`, `dsa`, `ecdsa` or `ed25519`."""
    return _ed25519() if kind == "ed25519" else crypto.gen_private_key(kind)


def _ed25519() -> str:
    _check_installed()
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an extra

    return _pem_of_key(ed25519.Ed25519PrivateKey.generate())


def _rsa() -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - an extra

    return rsa.generate_private_key(65537, _RSA_BITS)


def _check_installed() -> None:
    try:
        import cryptography.x509  # noqa: PLC0415 - an extra
    except ImportError:
        raise FuncError(f"certificates need a library: {INSTALL}") from None
    assert cryptography.x509


def _pem_of_key(key: Any) -> str:
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

    is_new = isinstance(key, ed25519.Ed25519PrivateKey)
    layout = form.PrivateFormat.PKCS8 if is_new else form.PrivateFormat.TraditionalOpenSSL
    made: bytes = key.private_bytes(form.Encoding.PEM, layout, form.NoEncryption())
    return made.decode()


def _key(pem: str) -> Any:
    """Return the private key of a PEM text.

    Raises:
        FuncError: the text holds no such key.
    """
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 - an extra

    begun = _PEM.search(pem)
    if begun is None:
        raise FuncError("no PEM data in input")
    title = begun[1]
    kind = title.removesuffix(" PRIVATE KEY")
    if title != "PRIVATE KEY" and kind == title:
        raise FuncError(f"no private key data in PEM block of type {title}")
    if title != "PRIVATE KEY" and kind not in _KINDS:
        raise FuncError(f'invalid private key type "{kind}"')
    try:
        return form.load_pem_private_key(encode(pem[begun.start() :]), None)
    except (ValueError, TypeError) as error:
        raise FuncError(f"decoding PEM: {error}") from None


# -- Certificates


def gen_ca(name: str, days: int) -> Certificate:
    """Return a new certificate authority of a common name, for so many days."""
    _check_installed()
    return _authority(name, days, _rsa())


def gen_ca_with_key(name: str, days: int, key: str) -> Certificate:
    """Return a new certificate authority that has the private key."""
    return _authority(name, days, _given(key))


def gen_self_signed_cert(
    name: str, ips: list[object], hosts: list[object], days: int
) -> Certificate:
    """Return a new certificate for addresses and names, signed by itself."""
    _check_installed()
    return _signed(name, ips, hosts, days, _rsa(), None)


def gen_self_signed_cert_with_key(
    name: str, ips: list[object], hosts: list[object], days: int, key: str
) -> Certificate:
    """Return a new certificate that has the private key, signed by itself."""
    return _signed(name, ips, hosts, days, _given(key), None)


def gen_signed_cert(
    name: str, ips: list[object], hosts: list[object], days: int, ca: Certificate
) -> Certificate:
    """Return a new certificate for addresses and names, signed by an authority."""
    _check_installed()
    return _signed(name, ips, hosts, days, _rsa(), ca)


def gen_signed_cert_with_key(
    name: str, ips: list[object], hosts: list[object], days: int, ca: Certificate, key: str
) -> Certificate:
    """Return a new certificate that has the private key, signed by an authority."""
    return _signed(name, ips, hosts, days, _given(key), ca)


def build_custom_cert(certificate: str, key: str) -> Certificate:
    """Return the certificate of a certificate and a private key in base64."""
    _check_installed()
    cert_pem = _decoded(certificate, "certificate")
    key_pem = _decoded(key, "private key")
    _certificate(cert_pem, "decodedCert.Bytes")
    _checked_key(key_pem)
    return Certificate(cert_pem, key_pem)


def _decoded(text: str, what: str) -> str:
    try:
        return base64.decoded(text)
    except ValueError:
        raise FuncError(f"unable to decode base64 {what}") from None


def _given(pem: str) -> Any:
    _check_installed()
    try:
        return _key(pem)
    except FuncError as error:
        raise FuncError(f"parsing private key: {error}") from None


def _checked_key(pem: str) -> Any:
    try:
        return _key(pem)
    except FuncError as error:
        raise FuncError(f"error parsing private key: {error}") from None


def _certificate(pem: str, part: str) -> x509.Certificate:
    from cryptography import x509  # noqa: PLC0415 - an extra

    if not _PEM.search(pem):
        raise FuncError("unable to decode certificate")
    try:
        return x509.load_pem_x509_certificate(encode(pem))
    except ValueError as error:
        raise FuncError(f"error parsing certificate: {part}: {error}") from None


def _authority(name: str, days: int, key: Any) -> Certificate:
    builder = _builder(name, [], [], days, key, is_authority=True)
    return _finished(builder, _subject(name), key, key)


def _signed(
    name: str,
    ips: Sequence[object],
    hosts: Sequence[object],
    days: int,
    key: Any,
    ca: Certificate | None,
) -> Certificate:
    builder = _builder(name, ips, hosts, days, key, is_authority=False)
    if ca is None:
        return _finished(builder, _subject(name), key, key)
    issuer = _certificate(ca.Cert, "decodedSignerCert.Bytes")
    return _finished(builder, issuer.subject, key, _checked_key(ca.Key))


def _subject(name: str) -> x509.Name:
    from cryptography import x509  # noqa: PLC0415 - an extra

    attribute = x509.NameAttribute(x509.NameOID.COMMON_NAME, name, _validate=False)
    return x509.Name([attribute])


def _builder(
    name: str,
    ips: Sequence[object],
    hosts: Sequence[object],
    days: int,
    key: Any,
    *,
    is_authority: bool,
) -> x509.CertificateBuilder:
    from cryptography import x509  # noqa: PLC0415 - an extra
    from cryptography.x509.oid import ExtendedKeyUsageOID as Usage  # noqa: PLC0415

    names = [*_host_names(hosts), *_addresses(ips)]
    start = dt.datetime.now(dt.UTC)
    try:
        end = start + dt.timedelta(days=days)
    except OverflowError:
        raise FuncError("x509: cannot represent time as GeneralizedTime") from None
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(max(end, start))
        .add_extension(_usage(is_authority=is_authority), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([Usage.SERVER_AUTH, Usage.CLIENT_AUTH]), critical=False
        )
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
    )
    return (
        builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if names
        else (builder)
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    from cryptography import x509  # noqa: PLC0415 - an extra

    unused = (
        *("content_commitment", "data_encipherment", "key_agreement", "crl_sign"),
        *("encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=True,
        key_cert_sign=is_authority,
        **dict.fromkeys(unused, False),
    )


def _addresses(ips: Sequence[object]) -> list[x509.GeneralName]:
    from cryptography import x509  # noqa: PLC0415 - an extra

    found = list[x509.GeneralName]()
    for ip in ips:
        if not isinstance(ip, str):
            raise FuncError(f"error parsing ip: {text_of(ip)} is not a string")
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(ip)))
        except ValueError:
            raise FuncError(f"error parsing ip: {ip}") from None
    return found


def _host_names(hosts: Sequence[object]) -> list[x509.GeneralName]:
    from cryptography import x509  # noqa: PLC0415 - an extra

    found = list[x509.GeneralName]()
    for host in hosts:
        if not isinstance(host, str):
            raise FuncError(f"error processing alternate dns name: {text_of(host)} is not a string")
        found.append(x509.DNSName(host))
    return found


def _finished(
    builder: x509.CertificateBuilder, issuer: x509.Name, key: Any, signer: Any
) -> Certificate:
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

    is_new = isinstance(signer, ed25519.Ed25519PrivateKey)
    try:
        made = builder.issuer_name(issuer).sign(signer, None if is_new else hashes.SHA256())
    except (TypeError, ValueError) as error:
        raise FuncError(f"error creating certificate: {error}") from None
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    return Certificate(pem, _pem_of_key(key))


FUNCTIONS: Final[dict[str, Callable[..., object]]] = {
    "buildCustomCert": build_custom_cert,
    "genCA": gen_ca,
    "genCAWithKey": gen_ca_with_key,
    "genPrivateKey": gen_private_key,
    "genSelfSignedCert": gen_self_signed_cert,
    "genSelfSignedCertWithKey": gen_self_signed_cert_with_key,
    "genSignedCert": gen_signed_cert,
    "genSignedCertWithKey": gen_signed_cert_with_key,
}
