"""Our server answers 407 recorded requests as the real v0.7.4 did, over a bare socket.

`data/exchanges.jsonl` is a recording and is never edited by hand.
"""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metadata_client.server import MetadataServer

DATA = Path(__file__).parent.parent / "data"
ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (DATA / "exchanges.jsonl").read_text().splitlines()
]
TELLING = ("access-control-allow-origin", "content-type", "location", "x-content-type-options")


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    with (
        MetadataServer(DATA / "answers.yaml", xff=True, cors=True, tick=0.05) as answers,
        MetadataServer(DATA / "edge.yaml", xff=True, cors=True, tick=0.05) as edge,
    ):
        servers = {"answers.yaml": answers, "edge.yaml": edge}
        yield {name: int(server.url.rpartition(":")[2]) for name, server in servers.items()}


def ask(port: int, row: dict[str, Any]) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(row["method"], row["path"], skip_accept_encoding=True)
        for name, value in row["headers"].items():
            connection.putheader(name, value)
        connection.endheaders()
        reply = connection.getresponse()
        headers = {k.lower(): v for k, v in reply.getheaders() if k.lower() in TELLING}
        return {"status": reply.status, "headers": headers, "body": reply.read()}
    except http.client.RemoteDisconnected:
        return {"closed": "RemoteDisconnected"}
    finally:
        connection.close()


def expected(response: dict[str, Any]) -> dict[str, Any]:
    if "closed" in response:
        return response
    body = response.get("body", "").encode()
    if "body_b64" in response:
        body = base64.b64decode(response["body_b64"])
    return {"status": response["status"], "headers": response["headers"], "body": body}


@pytest.mark.parametrize("row", ROWS, ids=[f"{r['method']} {r['path']}" for r in ROWS])
def test_exchange(ports: dict[str, int], row: dict[str, Any]) -> None:
    assert ask(ports[row["answers"]], row) == expected(row["response"])
