"""The certificates of a TLS connection: which files they are in, and whether they can be used."""

from __future__ import annotations

import errno
import ssl
from dataclasses import dataclass, replace

from confd_lib.errors import ConfigError, system_reason


@dataclass(frozen=True, slots=True)
class TLS:
    """The files of a TLS connection, each in PEM.

    Attributes:
        ca: the certificates that servers are checked against; empty for those of the system.
        cert: the certificate that is shown to servers; empty for none.
        key: its key; empty where `cert` holds it.

    Raises:
        ConfigError: a file cannot be read, or does not hold what it should; with its name.

    >>> TLS(ca="/none/ca.pem")
    Traceback (most recent call last):
    confd_lib.errors.ConfigError: open /none/ca.pem: no such file or directory
    """

    ca: str = ""
    cert: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        for path in filter(None, (self.ca, self.cert, self.key)):
            _open(path)
        if self.ca:
            self._check(self.ca, "holds no certificate that can be read", cafile=self.ca)
        if self.key and not self.cert:
            raise ConfigError(f"{self.key}: a key is of no use without its certificate")
        if self.cert:
            self._check_pair()

    def __bool__(self) -> bool:
        return bool(self.ca or self.cert)

    @property
    def pair(self) -> tuple[str, str] | str | None:
        """The client certificate as `requests` takes it."""
        return (self.cert, self.key) if self.key else self.cert or None

    def context(self) -> ssl.SSLContext | None:
        """Return the settings of a connection, which checks the server's certificate and name.

        Returns:
            None where there are no certificates.

        Raises:
            OSError: a file can no longer be used; with its name.
        """
        if not self:
            return None
        try:
            return self._context()
        except (OSError, ValueError) as error:
            raise OSError(errno.EINVAL, self._fault() or str(error)) from None

    def _context(self) -> ssl.SSLContext:
        made = ssl.create_default_context(cafile=self.ca or None)
        if self.cert:
            made.load_cert_chain(self.cert, self.key or None, password="")
        return made

    def _fault(self) -> str:
        """Return the fault of a file, which errors of `ssl` do not name; empty for none."""
        try:
            replace(self)
        except ConfigError as error:
            return str(error)
        return ""

    def _check(self, path: str, fault: str, *, cafile: str) -> None:
        try:
            ssl.create_default_context(cafile=cafile)
        except (ssl.SSLError, ValueError) as error:
            raise ConfigError(f"{path}: {fault}") from error

    def _check_pair(self) -> None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(
                self.cert, self.key or None, password=""
            )
        except (ssl.SSLError, ValueError) as error:
            key = self.key or self.cert
            raise ConfigError(f"{key}: is not a key, without a password, of {self.cert}") from error


def _open(path: str) -> None:
    try:
        with open(path, "rb"):  # noqa: PTH123 - only whether it can be
            pass
    except (OSError, ValueError) as error:
        raise ConfigError(f"open {path}: {system_reason(error)}") from error
