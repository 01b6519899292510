"""Stores without a program of their own, filled in the way of `tests.servers.stores`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from confd_lib import backends
from metadata_client import MetadataServer
from tests.servers.stores import Value, encoded

_VERSION: Final = "/latest"


class Local:
    """Keys in this process; `publish` writes all of them wherever the backend reads them."""

    root = ""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}

    def put(self, key: str, value: Value) -> None:
        self.put_all({key: value})

    def put_all(self, values: Mapping[str, Value]) -> None:
        texts = {
            key: encoded(value).decode(errors="surrogateescape") for key, value in values.items()
        }
        self.keys |= texts
        self.publish()

    def delete(self, key: str) -> None:
        del self.keys[key]
        self.publish()

    def clear(self) -> None:
        self.keys = {}
        self.publish()

    def publish(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""


class InMemory(Local):
    """Keys of `backends.Memory`."""

    def __init__(self, _: Path) -> None:
        super().__init__()
        self.backend = backends.Memory({})

    def publish(self) -> None:
        self.backend.replace(dict(self.keys))


class InFile(Local):
    """Keys of a YAML file, which is replaced as a whole."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._path = folder / "keys.yaml"
        self.backend = backends.File(self._path)
        self.publish()

    def publish(self) -> None:
        staged = self._path.with_suffix(".new")
        staged.write_text(yaml.safe_dump(self.keys))
        staged.rename(self._path)


class InEnvironment(Local):
    """Variables, each named by its key."""

    def __init__(self, _: Path) -> None:
        super().__init__()
        self._variables: dict[str, str] = {}
        self.backend = backends.Env(self._variables)

    def publish(self) -> None:
        self._variables.clear()
        for key, value in self.keys.items():
            self._variables[key[1:].upper().replace("/", "_")] = value


class InMetadata(Local):
    """Metadata of a service of Rancher 1.x, below the name of its version."""

    root = _VERSION

    def __init__(self, _: Path) -> None:
        super().__init__()
        self._number = 0
        self.server = MetadataServer({"latest": {"default": {"version": "0"}}})
        self.server.start()
        self.backend = backends.Rancher(self.server.url, ready_within=0, settle=0)

    def publish(self) -> None:
        self._number += 1
        tree: dict[str, object] = {"version": str(self._number), "self": {}}
        for key, value in self.keys.items():
            *folders, name = key.removeprefix(f"{_VERSION}/").split("/")
            level = tree
            for folder in folders:
                below = level.setdefault(folder, {})
                assert isinstance(below, dict)
                level = below
            level[name] = value
        self.server.replace({"latest": {"default": tree}})

    def close(self) -> None:
        self.backend.close()
        self.server.stop()
