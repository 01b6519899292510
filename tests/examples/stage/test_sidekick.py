"""A sidekick is the real command on a real metadata service."""

from __future__ import annotations

from pathlib import Path

from examples.stage import Sidekick, Stage
from metadata_client import MetadataServer, compose

GALERA = Path(__file__).parents[3] / "examples/galera"


def test_a_sidekick_writes_its_files_and_reports_errors(stage: Stage) -> None:
    stack = compose.load(GALERA, env={"mysql_root_password": "x"})
    container = stack.containers("galera")[0]
    confdir = stage.folder / "confd"
    for kind, name in (("conf.d", "galera.toml"), ("templates", "galera.cnf.tmpl")):
        (confdir / kind).mkdir(parents=True)
        (confdir / kind / name).write_text((GALERA / kind / name).read_text())
    with (confdir / "conf.d/galera.toml").open("a") as resource:
        resource.write("check_cmd = '! grep -q bad=1 {{.src}}'\n")
    root = stage.folder / "root"
    (root / "etc/mysql/conf.d").mkdir(parents=True)
    with MetadataServer(stack.answers(), xff=True) as server:
        sidekick = Sidekick.start(
            stage.processes, container, url=server.url, confdir=confdir, root=root
        )
        assert not sidekick.in_sync()
        stage.until(sidekick.in_sync, "the file is written")
        file = root / "etc/mysql/conf.d/001-galera.cnf"
        good = file.read_text()
        assert "wsrep_node_name = galera_galera_1" in good
        server.replace(stack.with_metadata("galera", mysqld="bad=1\n").answers())
        stage.until(lambda: sidekick.errors() != [], "the check fails")
        assert not sidekick.in_sync()
        (error,) = sidekick.errors()
        assert "Config check failed: exit status 1" in error
        assert file.read_text() == good
        sidekick.process.stop()
    assert sidekick.process.status == 0


def test_a_sidekick_reads_any_store_with_variables_of_its_own(stage: Stage) -> None:
    confdir, root = stage.folder / "confd", stage.folder / "root"
    for folder in (confdir / "conf.d", confdir / "templates", root / "etc"):
        folder.mkdir(parents=True)
    (confdir / "conf.d/a.toml").write_text(
        '[template]\nsrc = "a.tmpl"\ndest = "/etc/a"\nkeys = ["/a"]\n'
        f'reload_cmd = "echo $MARK > {root}/reloaded"\n'
    )
    (confdir / "templates/a.tmpl").write_text('a={{getv "/a"}}\n')
    (stage.folder / "values.json").write_text('{"a": 1}')
    sidekick = Sidekick.watching(
        stage.processes,
        "confd",
        {"backend": "file", "file": stage.folder / "values.json"},
        confdir=confdir,
        root=root,
        environment={"MARK": "its own"},
    )
    assert not sidekick.is_connected()
    stage.until(sidekick.in_sync, "the file is written")
    assert sidekick.is_connected()
    assert (root / "etc/a").read_text() == "a=1\n"
    assert (root / "reloaded").read_text() == "its own\n"
