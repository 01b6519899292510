"""Certificates for servers on loopback and for their clients."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files, as paths.

    Attributes:
        ca: the authority that signed `server` and `client`.
        server: a certificate for 127.0.0.1 and localhost; its key is `server_key`.
        client: a certificate for clients; its key is `client_key`.
        badname: a certificate for another host, signed by `ca`; its key is `badname_key`.
        other: an authority that signed none of these.
    """

    ca: str
    server: str
    server_key: str
    client: str
    client_key: str
    badname: str
    badname_key: str
    other: str

    @property
    def of_client(self) -> tuple[str, str]:
        return self.client, self.client_key


def write_certificates(folder: Path) -> Certificates:
    """Make new certificates, write them to a folder and return their paths."""
    authority = trustme.CA()
    made = {
        "server": authority.issue_cert("127.0.0.1", "localhost"),
        "client": authority.issue_cert("client@example.test", common_name="client"),
        "badname": authority.issue_cert("elsewhere.test"),
    }
    for name, cert in made.items():
        cert.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
        cert.private_key_pem.write_to_path(folder / f"{name}.key")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(folder / "other.pem")
    return Certificates(
        ca=str(folder / "ca.pem"),
        other=str(folder / "other.pem"),
        **{name: str(folder / f"{name}.pem") for name in made},
        **{f"{name}_key": str(folder / f"{name}.key") for name in made},
    )
