"""Shared by the tests of Vault: the store as they ask it."""

from __future__ import annotations

import logging

from confd_lib import backends
from tests.servers.openbao import OpenBao

LIMIT = 60
READ = '{ capabilities = ["read"] }'
READ_AND_LIST = '{ capabilities = ["read", "list"] }'


def vault(store: OpenBao, **options: str) -> backends.Vault:
    return backends.Vault(store.address, **{"token": store.token, **options})


def read(asked: backends.Vault, *keys: str) -> dict[str, str]:
    return dict(asked.get_values(keys).view("/", keys).items())


def warnings(caplog) -> list[str]:
    return [record.message for record in caplog.records if record.levelno == logging.WARNING]
