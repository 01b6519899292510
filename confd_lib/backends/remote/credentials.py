"""Checks of credentials before they are sent; no error shows one.

Knows nothing of any store, nor of how credentials are sent.
"""

from __future__ import annotations

from confd_lib.errors import ConfigError


def check_header(name: str, text: str) -> None:
    r"""Refuse a text that no header of HTTP can hold, such as a token with the end of its line.

    Args:
        name: what the text is, for the error.
        text: the text, which may be a secret.

    Raises:
        ConfigError: it cannot be sent.

    >>> check_header("CONFD_LIB_TOKEN", "s3cret\n")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    confd_lib.errors.ConfigError: CONFD_LIB_TOKEN holds other characters than printable ASCII, ...
    """
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise ConfigError(
            f"{name} holds other characters than printable ASCII, or outer spaces or line breaks: "
            "remove them"
        )


def check_utf8(name: str, *texts: str) -> None:
    """Refuse texts that hold other bytes, which are surrogates in Python.

    Args:
        name: what the texts are, for the error, in the plural.
        texts: the texts, which may be secrets.

    Raises:
        ConfigError: one of them is not UTF-8.
    """
    if not all(map(is_utf8, texts)):
        raise ConfigError(f"{name} have to be UTF-8")


def is_utf8(text: str) -> bool:
    r"""Return False for a text that holds other bytes, as surrogates.

    >>> is_utf8("é"), is_utf8("\udce9")
    (True, False)
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
