"""Functions that make keys, by the package `cryptography`, imported on use. Knows no versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gotmpl.errors import FuncError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_RSA_BITS: Final = 4096
_RSA_EXPONENT: Final = 65537
_DSA_BITS: Final = 2048


def gen_private_key(kind: str) -> str:
    """Return a new private key in PEM; for an unknown kind a text that says so, as in sprig."""
    make = _MAKERS.get(kind)
    if make is None:
        return f"Unknown type {kind}"
    try:
        return _pem(make())
    except ImportError:
        raise FuncError("private keys need a library: pip install 'confd-lib[sprig]'") from None


def _pem(key: PrivateKeyTypes) -> str:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an extra

    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


def _rsa() -> PrivateKeyTypes:
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - an extra

    return rsa.generate_private_key(_RSA_EXPONENT, _RSA_BITS)


def _dsa() -> PrivateKeyTypes:
    from cryptography.hazmat.primitives.asymmetric import dsa  # noqa: PLC0415 - an extra

    return dsa.generate_private_key(_DSA_BITS)


def _ecdsa() -> PrivateKeyTypes:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - an extra

    return ec.generate_private_key(ec.SECP256R1())


_MAKERS: Final[dict[str, Callable[[], PrivateKeyTypes]]] = {
    "": _rsa,
    "rsa": _rsa,
    "dsa": _dsa,
    "ecdsa": _ecdsa,
}
