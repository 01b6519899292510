"""A metadata service in a process of its own, so that its cost is not counted as its client's.

`Service` starts and asks it; run as a module, this is the process itself. Knows nothing of the
clients.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import IO, Any, Final, Self

from benchmarks.confd.store import document
from metadata_client import MetadataServer

MARK: Final = "/self/service/metadata/x"  # the key that a change changes


class Service:
    """The service, with the metadata of `containers` containers.

    Attributes:
        url: where it listens.
    """

    def __init__(self, containers: int) -> None:
        command = [sys.executable, "-m", "benchmarks.confd.serving", str(containers)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.url = str(self._answer())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def requests(self) -> list[str]:
        """Return the number of requests since the last call."""
        asked: list[str] = self._ask("requests")
        return asked

    def change(self, mark: str) -> float:
        """Change the key `MARK`; return the `time.monotonic` from which the change is served."""
        return float(self._ask(mark))

    def _ask(self, order: str) -> Any:
        pipe: IO[str] | None = self._process.stdin
        assert pipe is not None
        pipe.write(order + "\n")
        pipe.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


def _answers(containers: int, mark: str) -> dict[str, object]:
    tree = document(containers)
    tree["self"]["service"]["metadata"]["x"] = mark  # type: ignore[index] # as document says
    return {"latest": {"default": tree | {"version": mark}}}


def main(containers: int) -> None:
    """Serve until stdin ends."""
    with MetadataServer(_answers(containers, "0")) as server:
        print(json.dumps(server.url), flush=True)
        for line in sys.stdin:
            order = line.strip()
            if order == "requests":
                said: object = [request.target for request in server.requests]
                server.requests.clear()
            else:
                changed = _answers(containers, order)
                server.replace(changed)
                said = time.monotonic()
            print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
