"""Functions of checksums, passwords and encryption; what `hashlib` lacks is imported on use.

Knows no other functions.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from typing import TYPE_CHECKING, ClassVar, Final

from gotmpl.errors import FuncError
from gotmpl.golang import base64
from gotmpl.golang.strings import encode, from_bytes, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import CBC

INSTALL: Final = "pip install 'confd-lib[sprig]'"


class Uint32(int):
    """A counter of `derivePassword`."""

    __go_type__: ClassVar[str] = "uint32"


class HashAlgorithm(str):
    """The algorithm of `htpasswd`: constants are of this type, other texts are not."""

    __slots__ = ()
    __go_type__: ClassVar[str] = "sprig.HashAlgorithm"


# -- Checksums


def sha1sum(text: str) -> str:
    """Return the SHA-1 checksum of the text, in hexadecimal digits."""
    return hashlib.sha1(encode(text), usedforsecurity=False).hexdigest()


def sha512sum(text: str) -> str:
    """Return the SHA-512 checksum of the text, in hexadecimal digits."""
    return hashlib.sha512(encode(text)).hexdigest()


def adler32sum(text: str) -> str:
    """Return the Adler-32 checksum of the text, as a decimal number."""
    return str(zlib.adler32(encode(text)))


# -- Passwords


def bcrypt(password: str) -> str:
    """Return the bcrypt hash of a password; of one that is too long a text that says so."""
    try:
        import bcrypt as library  # noqa: PLC0415 - an extra
    except ImportError:
        raise FuncError(f"bcrypt needs a library: {INSTALL}") from None
    data = encode(password)
    if len(data) > 72:
        return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
    return library.hashpw(data, library.gensalt(10, b"2a")).decode()


def htpasswd(user: str, password: str, algorithm: HashAlgorithm) -> str:
    """Return a line of a password file: by SHA-1 if the algorithm is `sha`, else by bcrypt."""
    if ":" in user:
        return f"invalid username: {user}"
    if algorithm == "sha":
        digest = hashlib.sha1(encode(password), usedforsecurity=False).digest()
        return f"{user}:{{SHA}}{base64.encoded(from_bytes(digest))}"
    return f"{user}:{bcrypt(password)}"


_MASTER: Final = b"com.lyndir.masterpassword"
_CONSONANTS: Final = "BCDFGHJKLMNPQRSTVWXYZ"
_LETTERS: Final = "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
# The characters that stand for each letter of a template. Master Password, version 3.
_CHARS: Final = {
    "V": "AEIOU",
    "C": _CONSONANTS,
    "v": "aeiou",
    "c": _CONSONANTS.lower(),
    "A": f"AEIOU{_CONSONANTS}",
    "a": _LETTERS,
    "n": "0123456789",
    "o": "@&%?,=[]_:-+*$#!'^~;()/.",
    "x": f"{_LETTERS}0123456789!@#$%^&*()",
}
_TEMPLATES: Final = {
    "maximum": "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
    "long": (
        "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv "
        "CvccCvcvCvcvno CvcvnoCvccCvcv CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc "
        "CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv CvccCvccCvcvno "
        "CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc "
        "CvccCvcvCvccno"
    ),
    "medium": "CvcnoCvc CvcCvcno",
    "short": "Cvcn",
    "basic": "aaanaaan aannaaan aaannaaa",
    "pin": "nnnn",
}


def derive_password(counter: Uint32, kind: str, password: str, user: str, site: str) -> str:
    """Return the password of a site by the Master Password algorithm."""
    if counter < 0:
        raise FuncError(f"expected unsigned integer; found {int(counter)}")
    if kind not in _TEMPLATES:
        return f"cannot find password template {kind}"
    salt = _MASTER + _counted(user)
    key = hashlib.scrypt(encode(password), salt=salt, n=32768, r=8, p=2, maxmem=1 << 26, dklen=64)
    seed = hmac.digest(
        key, _MASTER + _counted(site) + (int(counter) % (1 << 32)).to_bytes(4, "big"), "sha256"
    )
    templates = _TEMPLATES[kind].split()
    chosen = templates[seed[0] % len(templates)]
    classes = (_CHARS[letter] for letter in chosen)
    return "".join(chars[byte % len(chars)] for chars, byte in zip(classes, seed[1:], strict=False))


def _counted(text: str) -> bytes:
    data = encode(text)
    return len(data).to_bytes(4, "big") + data


# -- Encryption

_BLOCK: Final = 16
_KEY: Final = 32


def _cipher(password: str, start: bytes) -> Cipher[CBC]:
    try:
        from cryptography.hazmat.primitives import ciphers  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.ciphers import algorithms, modes  # noqa: PLC0415
    except ImportError:
        raise FuncError(f"AES needs a library: {INSTALL}") from None
    key = encode(password)[:_KEY].ljust(_KEY, b"\0")
    return ciphers.Cipher(algorithms.AES(key), modes.CBC(start))


def decrypt_aes(password: str, text: str) -> str:
    """Return the text that `encryptAES` made unreadable."""
    if not text:
        return ""
    data = to_bytes(base64.decoded(text))
    if len(data) < _BLOCK:
        capacity = len(to_bytes(text)) // 4 * 3
        raise FuncError(
            f"runtime error: slice bounds out of range [:{_BLOCK}] with capacity {capacity}"
        )
    if len(data) % _BLOCK:
        raise FuncError("crypto/cipher: input not full blocks")
    if len(data) == _BLOCK:
        raise FuncError("runtime error: index out of range [-1]")
    decryptor = _cipher(password, data[:_BLOCK]).decryptor()
    plain = decryptor.update(data[_BLOCK:]) + decryptor.finalize()
    end = len(plain) - plain[-1]
    if end < 0:
        raise FuncError(f"runtime error: slice bounds out of range [:{end}]")
    return from_bytes(plain[:end])


def encrypting(random: Random) -> dict[str, Callable[..., object]]:
    """Return the functions whose results depend on random bytes.

    Args:
        random: the source of the bytes.
    """

    def encrypt_aes(password: str, text: str) -> str:
        """Return the text encrypted by AES-256 with a password, in base64."""
        data = encode(text)
        if not data:
            return ""
        start = random.randbytes(_BLOCK)
        missing = _BLOCK - len(data) % _BLOCK
        encryptor = _cipher(password, start).encryptor()
        secret = encryptor.update(data + bytes([missing]) * missing) + encryptor.finalize()
        return base64.encoded(from_bytes(start + secret))

    def rand_bytes(count: int) -> str:
        """Return so many random bytes, in base64."""
        if count < 0:
            raise FuncError("runtime error: makeslice: len out of range")
        return base64.encoded(from_bytes(random.randbytes(count)))

    return {"encryptAES": encrypt_aes, "randBytes": rand_bytes}
