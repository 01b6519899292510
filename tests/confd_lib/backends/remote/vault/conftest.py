"""The server of the tests of Vault."""

from __future__ import annotations

import pytest

from tests.servers.fixtures import Share
from tests.servers.openbao import OpenBao


@pytest.fixture
def bao(share: Share) -> OpenBao:
    store = share("openbao")
    assert isinstance(store, OpenBao)
    return store
