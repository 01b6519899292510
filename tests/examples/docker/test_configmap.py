"""The manifest, and its pod's confd on ConfigMaps that are swapped as the kubelet does it."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from confd_lib import backends
from confd_lib.command.confd import cli
from confd_lib.command.settings import flags
from tests.confd_lib.sidekick import Sidekick, confd

from .files import IMAGE_STAGE, Volume, documents, value

POD = documents()["Deployment", "prometheus"]["spec"]["template"]["spec"]
CONTAINERS = {one["name"]: one for one in (*POD["initContainers"], *POD["containers"])}
OF_CONFD = ["confd-first", "confd"]
VALUES = documents()["ConfigMap", "targets"]["data"]["values.yaml"]


class Pod:
    """The volumes of the manifest's pod in a folder, and the arguments of its containers there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.maps = {
            one["name"]: Volume(folder / "volumes" / one["name"], self.files(one["name"]))
            for one in POD["volumes"]
            if "configMap" in one
        }
        for one in POD["volumes"]:
            if "emptyDir" in one:
                (folder / "volumes" / one["name"]).mkdir(parents=True)

    def path(self, inside: str, container: str = "confd") -> Path:
        """Return the file outside of a container that has a path in it."""
        for one in CONTAINERS[container]["volumeMounts"]:
            if Path(inside).is_relative_to(one["mountPath"]):
                mounted = self._folder / "volumes" / one["name"]
                return mounted / Path(inside).relative_to(one["mountPath"])
        raise KeyError(inside)

    def files(self, volume: str) -> dict[str, str]:
        """Return the contents of a volume by path; a destination is in the folder of this pod."""
        (source,) = (one["configMap"] for one in POD["volumes"] if one["name"] == volume)
        data: dict[str, str] = documents()["ConfigMap", source["name"]]["data"]
        items = source.get("items") or [{"key": key, "path": key} for key in data]
        dest = str(self.path("/etc/targets"))
        return {one["path"]: data[one["key"]].replace("/etc/targets", dest) for one in items}

    def args(self, container: str) -> list[str]:
        """Return the arguments of a container of confd, with the paths of this folder."""
        given = [self._replaced(word) for word in CONTAINERS[container]["args"]]
        return [*given, f"-confdir={self.path('/etc/confd')}"]

    def targets(self) -> list[str]:
        """Return the targets that Prometheus reads."""
        file = self.path("/etc/targets", "prometheus") / "hosts.json"
        (group,) = json.loads(file.read_text())
        found: list[str] = group["targets"]
        return found

    def _replaced(self, word: str) -> str:
        flag, equals, path = word.rpartition("=")
        return f"{flag}{equals}{self.path(path)}" if path.startswith("/") else word


@pytest.fixture
def pod(tmp_path: Path) -> Pod:
    return Pod(tmp_path)


# -- The manifest


@pytest.mark.parametrize("name", OF_CONFD)
def test_its_flags_are_confd_s(name: str) -> None:
    given, words = flags.parse(CONTAINERS[name]["args"])
    assert (given["backend"], given["file"], words) == ("file", ("/etc/values/values.yaml",), ())


@pytest.mark.parametrize("name", CONTAINERS)
def test_what_is_mounted_is_a_volume(name: str) -> None:
    mounted = {one["name"] for one in CONTAINERS[name]["volumeMounts"]}
    assert mounted <= {one["name"] for one in POD["volumes"]}
    assert not any("subPath" in one for one in CONTAINERS[name]["volumeMounts"])


def test_confd_and_prometheus_share_the_folder_of_the_targets() -> None:
    config = yaml.safe_load(documents()["ConfigMap", "prometheus"]["data"]["prometheus.yml"])
    (files,) = config["scrape_configs"][0]["file_sd_configs"]
    (pattern,) = files["files"]
    for name in ("confd", "prometheus"):
        mounts = {one["name"]: one["mountPath"] for one in CONTAINERS[name]["volumeMounts"]}
        assert pattern == f"{mounts['targets']}/*.json"
    assert {"name": "targets", "emptyDir": {}} in POD["volumes"]


def test_confd_is_the_user_of_the_image_and_owns_nothing_else() -> None:
    user = POD["securityContext"]["runAsUser"]
    assert str(user) == value(IMAGE_STAGE, "USER").value
    assert POD["securityContext"]["runAsNonRoot"]
    for name in OF_CONFD:
        assert CONTAINERS[name]["securityContext"]["readOnlyRootFilesystem"]


def test_the_probe_is_the_health_check_of_the_image() -> None:
    probe = CONTAINERS["confd"]["readinessProbe"]["exec"]["command"]
    assert probe == value(IMAGE_STAGE, "HEALTHCHECK").words
    assert f"-status-file={probe[-1]}" in CONTAINERS["confd"]["args"]


# -- The pod


def test_the_first_pass_writes_the_file_that_prometheus_reads(pod: Pod) -> None:
    assert cli.main(pod.args("confd-first"), "confd") == 0
    assert pod.targets() == ["10.0.0.11:9100", "10.0.0.12:9100"]


def until_updated(running: Sidekick) -> None:
    running.until("has been updated")


@pytest.mark.parametrize(
    "named",
    [
        pytest.param(lambda words: words, id="the-file"),
        pytest.param(
            lambda words: [word.replace("/values.yaml", "") for word in words], id="its-folder"
        ),
    ],
)
def test_a_swap_of_the_config_map_is_noticed(
    pod: Pod, named: Callable[[list[str]], list[str]]
) -> None:
    with confd(*named(pod.args("confd"))) as running:
        until_updated(running)
        assert len(pod.targets()) == 2
        for last in ("13", "14"):
            pod.maps["values"].swap({"values.yaml": f"{VALUES}  - 10.0.0.{last}\n"})
            until_updated(running)
            assert pod.targets()[2:] == [f"10.0.0.{last}:9100"]
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(30) == 0


def test_a_config_map_that_is_broken_keeps_the_last_file_until_it_is_right(pod: Pod) -> None:
    with confd(*pod.args("confd")) as running:
        until_updated(running)
        pod.maps["values"].swap({"values.yaml": "hosts: ["})
        said = running.until("did not find expected node content")
        assert "values.yaml: yaml: line " in said[-1]
        assert len(pod.targets()) == 2
        pod.maps["values"].swap({"values.yaml": VALUES.replace("10.0.0.12", "10.0.0.22")})
        until_updated(running)
        assert pod.targets() == ["10.0.0.11:9100", "10.0.0.22:9100"]


def test_a_template_of_a_config_map_is_read_in_the_next_pass(pod: Pod) -> None:
    files = pod.files("confd")
    with confd(*pod.args("confd")) as running:
        until_updated(running)
        path = "templates/targets.json.tmpl"
        pod.maps["confd"].swap({**files, path: files[path].replace("{{$host}}", "h-{{$host}}")})
        running.process.send_signal(signal.SIGHUP)
        until_updated(running)
        assert pod.targets() == ["h-10.0.0.11:9100", "h-10.0.0.12:9100"]


def test_a_volume_is_as_the_kubelet_makes_one(tmp_path: Path) -> None:
    """The links are those of a volume of a ConfigMap, and no reader sees two versions."""
    volume = Volume(tmp_path / "v", {"a.yaml": "a: 1", "sub/b": "x"})
    assert (tmp_path / "v/a.yaml").readlink() == Path("..data/a.yaml")
    assert (tmp_path / "v/sub").readlink() == Path("..data/sub")
    first = (tmp_path / "v/..data").readlink()
    volume.swap({"a.yaml": "a: 2", "sub/b": "y"})
    assert (tmp_path / "v/..data").readlink() != first
    assert not (tmp_path / "v" / first).exists()
    store = backends.File(tmp_path / "v/a.yaml").get_values(["/"])
    assert dict(store.view("/", ["/"]).items()) == {"/a": "2"}
