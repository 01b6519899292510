"""The events of a pass with `each`, and what observers make of several files of a resource."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from confd_lib import Confd, backends
from confd_lib.command.confd.status import StatusFile
from confd_lib.command.sidecar.health import Health
from confd_lib.command.sidecar.metrics import Metrics
from confd_lib.destination.update import Result, Status
from confd_lib.run.events import Passed, Reloaded
from tests.confd_lib.command.sidecar.test_pages import samples
from tests.confd_lib.conftest import Folder
from tests.confd_lib.each.services import PORT, services


class Site:
    """A resource with `each`, the store that it reads, and everything that observes its passes."""

    def __init__(self, folder: Folder, tmp_path: Path, text: str = PORT, **fields: object) -> None:
        self.folder = folder
        dest = f"{folder.out}/{{{{.}}}}.conf"
        folder.both(text, each="/services/*", dest=dest, keys=["/services"], **fields)
        self.toml = str(folder.path / "conf.d/a.toml")
        self.memory = backends.Memory(services(web=80, db=5432))
        self.confd = Confd(backend=self.memory, confdir=folder.path)
        self.reports: list[object] = []
        self.metrics = Metrics(lambda: self.confd.connection)
        self.health = Health(lambda: self.confd.connection, str, within=None, stuck_after=1000)
        self.status = tmp_path / "status.json"
        observers = (
            self.reports.append,
            self.metrics.observe,
            self.health.observe,
            StatusFile(self.status, lambda: self.confd.connection).observe,
        )
        for observer in observers:
            self.confd.events.add(observer)

    def key(self, name: str) -> tuple[str, str]:
        return self.toml, f"{self.folder.out}/{name}.conf"

    def name(self, name: str) -> str:
        return " ".join(self.key(name))

    def run(self, **ports: object) -> Passed:
        """Run a pass with some services; return its last event."""
        self.memory.replace(services(**ports))
        self.reports.clear()
        self.confd.run_once()
        last = self.reports[-1]
        assert isinstance(last, Passed)
        return last

    def reloads(self) -> list[Reloaded]:
        return [one for one in self.reports if isinstance(one, Reloaded)]

    def scrape(self) -> dict[str, float]:
        """Return the numbers of the resource, by the names of the metrics."""
        found = samples(self.metrics.text())
        return {key[0]: value for key, value in found.items() if key[1:] == (self.toml,)}


@pytest.fixture
def site(folder: Folder, tmp_path: Path) -> Site:
    return Site(folder, tmp_path, reload_cmd="true")


def test_one_reload_is_reported_for_all_files_of_a_pass(site: Site) -> None:
    passed = site.run(web=80, db=5432)
    assert site.reloads() == [Reloaded((site.key("db"), site.key("web")), failed=False)]
    assert (passed.good, passed.changed) == (True, True)
    assert [result.key for result in passed.results] == [site.key("db"), site.key("web")]


def test_a_file_that_goes_is_a_change_and_in_step(site: Site) -> None:
    site.run(web=80, db=5432)
    passed = site.run(web=80)
    assert site.reloads() == [Reloaded((site.key("db"),), failed=False)]
    assert (passed.good, passed.changed, passed.behind) == (True, True, [])
    assert site.health.faults() == []
    passed = site.run(web=80)
    assert (passed.good, passed.changed, site.reloads()) == (True, False, [])


def test_a_resource_without_a_name_is_good(site: Site) -> None:
    passed = site.run()
    assert (passed.good, passed.changed, site.health.faults()) == (True, False, [])


def test_a_scrape_counts_a_resource_once_however_many_files_it_has(site: Site) -> None:
    site.run(web=80, db=5432, cache=1)
    assert site.scrape() == {
        "confd_resource_in_step": 1,
        "confd_resource_failures_total": 0,
        "confd_resource_reloads_total": 1,
        "confd_resource_reload_failures_total": 0,
    }
    found = samples(site.metrics.text())
    assert found["confd_resources", "updated"] == 3
    site.run(web=80)
    found = samples(site.metrics.text())
    assert found["confd_resources", "removed"] == 2
    assert site.scrape()["confd_resource_reloads_total"] == 2


def test_a_scrape_keeps_no_name_that_is_gone(site: Site) -> None:
    for number in range(20):
        site.run(**{f"s{number}": number})
    text = site.metrics.text()
    assert ".conf" not in text
    assert len(text.splitlines()) == len(set(text.splitlines()))
    assert site.scrape()["confd_resource_reloads_total"] == 20


def test_one_bad_file_is_named_and_the_others_are_in_step(folder: Folder, tmp_path: Path) -> None:
    text = '{{atoi (getv (printf "/services/%s/port" .))}}'
    site = Site(folder, tmp_path, text, reload_cmd="true")
    passed = site.run(web=80, db="s3cret")
    assert [result.key for result in passed.behind] == [site.key("db")]
    assert site.reloads() == [Reloaded((site.key("web"),), failed=False)]
    assert site.health.faults() == [f"{site.name('db')}: failed"]
    assert site.scrape()["confd_resource_in_step"] == 0
    assert site.scrape()["confd_resource_failures_total"] == 1
    entries = json.loads(site.status.read_text())["resources"]
    assert {name: one["status"] for name, one in entries.items()} == {
        site.name("db"): "failed",
        site.name("web"): "updated",
    }
    assert "s3cret" not in site.metrics.text()
    assert site.run(web=80, db=5432).good
    assert site.health.faults() == []
    assert site.scrape()["confd_resource_in_step"] == 1


def test_two_bad_files_are_one_failure_of_the_resource(folder: Folder, tmp_path: Path) -> None:
    site = Site(folder, tmp_path, '{{getv "/none"}}')
    site.run(web=80, db=5432)
    assert site.scrape()["confd_resource_failures_total"] == 1
    assert samples(site.metrics.text())["confd_resources", "failed"] == 2


def test_a_reload_that_fails_is_reported_with_all_of_its_files(
    folder: Folder, tmp_path: Path
) -> None:
    site = Site(folder, tmp_path, reload_cmd="false")
    passed = site.run(web=80, db=5432)
    assert site.reloads() == [Reloaded((site.key("db"), site.key("web")), failed=True)]
    assert [result.key for result in passed.behind] == [site.key("db"), site.key("web")]
    assert site.scrape()["confd_resource_reload_failures_total"] == 1


def test_names_that_cannot_be_used_are_one_fault_of_the_resource(site: Site) -> None:
    site.run(web=80, db=5432)
    site.memory.replace({"services": {"..": {"port": 1}, "web": {"port": 80}}})
    site.confd.run_once()
    (fault,) = site.health.faults()
    assert fault == f"{site.toml} {site.folder.out}/{{{{.}}}}.conf: failed"
    assert site.scrape()["confd_resource_in_step"] == 0
    assert site.scrape()["confd_resource_reloads_total"] == 1  # the counter stays


@pytest.mark.parametrize("status", [Status.REMOVED, Status.WAITING])
def test_what_waits_for_its_values_or_is_gone_is_in_step(site: Site, status: Status) -> None:
    passed = Passed([Result("a.toml", status)], "1")
    site.health.observe(passed)
    site.metrics.observe(passed)
    assert (passed.good, site.health.faults()) == (True, [])
    assert samples(site.metrics.text())["confd_resource_in_step", "a.toml"] == 1


# -- What the log says of a failure


SHARED = '{{.}}{{getv (printf "/services/%s/prt" .)}}'


def test_a_failure_is_explained_with_the_keys_of_its_name(folder: Folder, tmp_path: Path) -> None:
    site = Site(folder, tmp_path, SHARED)
    (result,) = site.run(web=80).results
    assert result.message.endswith("did you mean /services/web/port?")


def test_a_failure_in_a_shared_template_is_explained_too(folder: Folder, tmp_path: Path) -> None:
    folder.template("{{.nme}}", "head")
    site = Site(folder, tmp_path, '{{template "head.tmpl" .}}', templates=["head.tmpl"])
    (result,) = site.run(web=80).results
    assert "can't evaluate field nme in type string" in result.message
    folder.template("{{template `head.tmp` .}}", "a")
    (result,) = site.run(web=80).results
    assert "did you mean head.tmpl?" in result.message
