"""Read the files of `examples/docker`, and play the kubelet's part in a volume of a ConfigMap."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

ROOT: Final = Path(__file__).parents[3]
DOCKER: Final = ROOT / "examples/docker"
MANIFEST: Final = DOCKER / "kubernetes/prometheus.yaml"


class Instruction(NamedTuple):
    """An instruction of a Dockerfile, such as `COPY a b`."""

    name: str
    value: str

    @property
    def words(self) -> list[str]:
        """The words of its exec form."""
        found: list[str] = json.loads(self.value[self.value.index("[") :])
        return found


def instructions(text: str) -> list[list[Instruction]]:
    """Return the instructions of a Dockerfile, of each stage by itself."""
    stages: list[list[Instruction]] = []
    for line in text.replace("\\\n", "").splitlines():
        if line.strip() and not line.startswith("#"):
            one = Instruction(*line.split(None, 1))
            if one.name == "FROM":
                stages.append([])
            stages[-1].append(one)
    return stages


BUILD_STAGE, IMAGE_STAGE = instructions((DOCKER / "Dockerfile").read_text())


def value(stage: list[Instruction], name: str) -> Instruction:
    """Return the last instruction of this name."""
    return [one for one in stage if one.name == name][-1]


def documents() -> dict[tuple[str, str], Any]:
    """Return the documents of the manifest by kind and name."""
    loaded = yaml.safe_load_all(MANIFEST.read_text())
    return {(one["kind"], one["metadata"]["name"]): one for one in loaded}


class Volume:
    """A folder that holds a ConfigMap as the kubelet writes it.

    Each version is a folder of its own, `..data` links to the newest, and what is seen links
    through that. A version becomes visible as a whole when a new `..data` is renamed over the old.

    Args:
        folder: where it is mounted.
        files: the contents by path.
    """

    _versions = itertools.count(1)

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        self.swap(files)
        for name in {path.split("/")[0] for path in files}:
            (folder / name).symlink_to(f"..data/{name}")

    def swap(self, files: Mapping[str, str]) -> None:
        """Exchange all files."""
        version = self._folder / f"..2026_01_01_{next(self._versions)}"
        for path, text in files.items():
            (version / path).parent.mkdir(parents=True, exist_ok=True)
            (version / path).write_text(text)
        data = self._folder / "..data"
        old = data.readlink() if data.is_symlink() else None
        (self._folder / "..data_tmp").symlink_to(version.name)
        (self._folder / "..data_tmp").rename(data)
        if old:
            shutil.rmtree(self._folder / old)


def rows(page: str, title: str) -> Iterator[list[str]]:
    """Yield the cells of the table after a line of a page."""
    table = page.split(f"{title}\n\n", 1)[1].split("\n\n", maxsplit=1)[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
