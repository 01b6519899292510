"""/health, /ready and /metrics: what they say of a run, and that no value of a key is in them."""

from __future__ import annotations

import os
import signal
import socket
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from confd_lib.command.settings import config, flags
from confd_lib.command.sidecar.health import Health
from confd_lib.command.sidecar.metrics import Metrics
from confd_lib.command.sidecar.pages import Limits
from confd_lib.destination.update import Result, Status
from confd_lib.run.events import ConnectionChanged, Ending, Passed, Reloaded, Step
from confd_lib.run.source import Connection
from tests.confd_lib.conftest import Folder
from tests.confd_lib.sidekick import Sidekick, confd

HERE = Connection(reachable=True, since=1.0, last_answer=1.0, answered=100.0)
AWAY = Connection(reachable=False, since=3.0, last_answer=1.0, error="refused", answered=100.0)
NEVER = Connection(reachable=False, since=1.0, last_answer=0.0)
# It answered at a time of day that, once the clock was set back, is still to come.
SET_BACK = Connection(reachable=False, since=1.0, last_answer=1e9, answered=100.0)
GOOD = Result("a.toml", Status.UPDATED, changed=True)
BAD = Result("b.toml", Status.FAILED, error=ValueError("s3cret"))


def passed(*results: Result, version: str = "7", seconds: float = 0.5) -> Passed:
    return Passed(results, version, 0.0, seconds)


# -- Health


def health(now: float = 100.0, *, connection=HERE, child=None, within: float | None = 60.0):
    moments = {"now": now}
    made = Health(
        lambda: connection,
        lambda: "etcd db:2379",
        child,
        within=within,
        stuck_after=90,
        monotonic=lambda: moments["now"],
    )
    return made, moments


READY = [
    ([], {}, ["no pass has ended yet"]),
    ([passed()], {}, ["conf.d holds no resource"]),
    ([passed(GOOD)], {}, []),
    ([passed(GOOD, BAD)], {}, ["b.toml: failed"]),
    ([passed(Result("a\nb", Status.SKIPPED))], {}, ["a\\nb: skipped"]),
    ([passed(BAD), passed(GOOD)], {}, []),
    ([passed(GOOD)], {"now": 160.0}, []),
    (
        [passed(GOOD)],
        {"now": 160.5},
        ["the store (etcd db:2379): no answer for 60s, the limit is 60s"],
    ),
    (
        [passed(GOOD)],
        {"now": 161.0, "connection": SET_BACK},
        ["the store (etcd db:2379): no answer for 61s, the limit is 60s"],
    ),
    ([passed(GOOD)], {"now": 1000.0, "within": None}, []),
    ([passed(GOOD)], {"now": 160.0, "connection": AWAY}, []),
    (
        [passed(BAD)],
        {"now": 160.0, "connection": AWAY},
        ["b.toml: failed", "the store (etcd db:2379): it cannot be read"],
    ),
    (
        [passed(BAD)],
        {"connection": replace(NEVER, error="refused")},
        ["b.toml: failed", "the store (etcd db:2379): it cannot be read"],
    ),
    ([passed(GOOD)], {"now": 1000.0, "connection": NEVER}, []),
    ([passed(GOOD)], {"child": SimpleNamespace(running=True)}, []),
    ([passed(GOOD)], {"child": SimpleNamespace(running=False)}, ["the child: it does not run"]),
    ([passed(GOOD), Ending()], {}, ["confd is ending"]),
]


@pytest.mark.parametrize(("reports", "given", "faults"), READY)
def test_ready_names_what_is_not(reports, given, faults):
    made, _ = health(**given)
    for report in reports:
        made.observe(report)
    assert made.faults() == faults


def test_a_loop_lives_while_each_step_is_followed_by_another():
    made, moments = health(0.0)
    made.observe(Step("conf.d/a.toml"))
    moments["now"] = 90.0
    assert made.stuck() == []
    moments["now"] = 91.0
    assert made.stuck() == ["conf.d/a.toml: no progress for 91s"]
    assert made.faults()[0] == made.stuck()[0]
    made.observe(Step())
    assert made.stuck() == []


@pytest.mark.parametrize(
    ("args", "limits"),
    [
        ([], Limits(1230, 91)),
        (["-interval=10"], Limits(50, 91)),
        (["-ready-within=5", "-render-timeout=300"], Limits(5, 360)),
        (["-onetime", "-render-timeout=0", "-ready-timeout=0"], Limits(None, 60)),
    ],
)
def test_the_limits_follow_the_settings(args, limits):
    given, words = flags.parse(["-config-file=", *args])
    assert given is not None
    assert Limits.of(config.read(given, words, {})) == limits


# -- Metrics


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Return the numbers of a scrape by name and labels."""
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation for family in families)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def counted(*reports, connection=HERE, child=None, now: float = 130.0):
    metrics = Metrics(lambda: connection, child, monotonic=lambda: now)
    for report in reports:
        metrics.observe(report)
    return samples(metrics.text())


def test_passes_and_resources_are_counted():
    found = counted(passed(GOOD, seconds=0.05), passed(GOOD, BAD, seconds=2.0))
    expected = {
        ("confd_passes_total", "good"): 1,
        ("confd_passes_total", "bad"): 1,
        ("confd_pass_duration_seconds_sum",): 2.05,
        ("confd_pass_duration_seconds_count",): 2,
        ("confd_pass_duration_seconds_bucket", "0.01"): 0,
        ("confd_pass_duration_seconds_bucket", "0.1"): 1,
        ("confd_pass_duration_seconds_bucket", "10.0"): 2,
        ("confd_pass_duration_seconds_bucket", "+Inf"): 2,
        ("confd_resources", "updated"): 1,
        ("confd_resources", "failed"): 1,
        ("confd_resources", "in sync"): 0,
        ("confd_resource_in_step", "a.toml"): 1,
        ("confd_resource_in_step", "b.toml"): 0,
        ("confd_resource_failures_total", "b.toml"): 1,
        ("confd_resource_failures_total", "a.toml"): 0,
        ("confd_store_reachable",): 1,
        ("confd_store_last_answer_age_seconds",): 30,
        ("confd_rendered_version_info", "7"): 1,
    }
    assert {key: found.get(key) for key in expected} == expected


def test_before_the_first_pass_there_is_nothing_to_say_of_resources():
    found = counted(connection=NEVER)
    assert found["confd_store_reachable",] == 0
    assert not any(name[0].startswith("confd_resource_") for name in found)
    assert ("confd_store_last_answer_age_seconds",) not in found


def test_reloads_are_counted_by_resource_until_it_is_gone():
    reports = [
        Reloaded((("a.toml", ""), ("b.toml", "")), failed=False),
        Reloaded((("a.toml", ""),), failed=True),
        passed(GOOD, BAD),
    ]
    found = counted(*reports)
    assert found["confd_resource_reloads_total", "a.toml"] == 1
    assert found["confd_resource_reloads_total", "b.toml"] == 1
    assert found["confd_resource_reload_failures_total", "a.toml"] == 1
    assert found["confd_resource_reload_failures_total", "b.toml"] == 0
    found = counted(*reports, passed(GOOD), passed(GOOD, BAD))
    assert found["confd_resource_reloads_total", "b.toml"] == 0


def test_a_store_that_is_back_is_a_reconnect_and_the_first_answer_is_not():
    changes = [HERE, AWAY, AWAY, HERE, AWAY, HERE]
    found = counted(*map(ConnectionChanged, changes))
    assert found["confd_watch_reconnects_total",] == 2


def test_the_child_is_counted():
    found = counted(child=SimpleNamespace(running=True, starts=3, reloads=5))
    assert found["confd_child_running",] == 1
    assert found["confd_child_starts_total",] == 3
    assert found["confd_child_reloads_total",] == 5


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "ä", "a,b={}"])
def test_any_name_of_a_file_is_a_label(name):
    assert counted(passed(Result(name, Status.UPDATED)))["confd_resource_in_step", name] == 1


def test_a_name_that_is_not_utf_8_is_escaped():
    found = counted(passed(Result("a\udcff", Status.UPDATED)))
    assert found["confd_resource_in_step", r"a\udcff"] == 1


# -- The command


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def base(running: Sidekick) -> str:
    """Return the URL that a confd says that it listens on."""
    assert running.process.stderr is not None
    line = next(line for line in running.process.stderr if "Listening on" in line)
    return line.split("Listening on ")[1].split(": /")[0]


@pytest.fixture
def args(folder: Folder, tmp_path: Path) -> tuple[str, ...]:
    values = tmp_path / "values.yaml"
    values.write_text('"/port": "s3cret"\n')
    return ("-backend=file", f"-file={values}", f"-confdir={folder.path}", "-listen=:0")


def test_a_run_is_watched_over_http(folder, args):
    folder.both('{{getv "/port"}}', "a", reload_cmd="true")
    folder.both('{{atoi (getv "/port")}}', "b")
    with confd(*args, "-interval=3600") as running:
        url = base(running)
        running.until('getv "/port" is of type string')
        while "no pass" in get(f"{url}/ready")[1]:  # the guard ends it
            pass
        assert get(f"{url}/ready") == (503, f"{folder.path}/conf.d/b.toml: failed\n")
        assert get(f"{url}/health") == (200, "alive\n")
        folder.template("x", "b")
        running.process.send_signal(signal.SIGHUP)
        while get(f"{url}/ready") != (200, "ready\n"):  # the guard ends it
            pass
        status, text = get(f"{url}/metrics")
        found = samples(text)
        paths = [str(folder.path / f"conf.d/{name}.toml") for name in ("a", "b")]
        assert status == 200
        assert [found["confd_resource_failures_total", path] for path in paths] == [0, 1]
        assert [found["confd_resource_reloads_total", path] for path in paths] == [1, 0]
        assert found["confd_passes_total", "good"] == 1
        pages = [get(f"{url}/{page}")[1] for page in ("health", "ready", "metrics", "no")]
        assert not any("s3cret" in page for page in pages)


@pytest.mark.parametrize("layers", [[], ["-backend=env"]])
def test_a_store_that_is_down_is_named_without_its_password(folder, args, layers):
    folder.both('{{getv "/port"}}', keys=["/port"])
    node = "-node=http://me:s3cret@127.0.0.1:1"
    flags = ("-backend=rancher", node, "-ready-timeout=0", *layers, *args[2:])
    with confd(*flags, "-interval=3600") as running:
        url = base(running)
        while "no pass" in (answer := get(f"{url}/ready"))[1]:  # the guard ends it
            pass
        assert answer[0] == 503
        assert answer[1].splitlines() == [
            f"{folder.path}/conf.d/a.toml: failed",
            "the store (rancher http://127.0.0.1:1): it cannot be read",
        ]


def test_a_loop_that_is_stuck_is_not_healthy_until_it_moves_on(folder, args, tmp_path):
    go = tmp_path / "go"
    os.mkfifo(go)
    folder.both("x", reload_cmd=f"cat {go}")
    soon = "from confd_lib.command.sidecar import pages\npages._STEP_S = 0.1"
    with confd(*args, "-render-timeout=0", "-ready-timeout=0", before=soon) as running:
        url = base(running)
        while (answer := get(f"{url}/health"))[0] == 200:  # the guard ends it
            pass
        assert answer[0] == 503
        assert answer[1].startswith(f"{folder.path}/conf.d/a.toml: no progress for ")
        go.write_bytes(b"")
        while get(f"{url}/health") != (200, "alive\n"):  # the guard ends it
            pass


def test_a_port_that_is_taken_ends_the_command_before_anything_is_done(folder, args):
    folder.both("x")
    with confd(*args) as first:
        address = base(first).removeprefix("http://")
        first.until("has been updated")
        folder.dest().unlink()
        with confd(*args, f"-listen={address}") as second:
            assert second.process.stderr is not None
            (line,) = second.process.stderr
            assert line.endswith(f"FATAL -listen {address}: address already in use\n")
            assert second.process.wait() == 1
    assert not folder.dest().exists()


def test_a_reader_that_is_dead_holds_up_no_pass(folder, args):
    folder.both("1")
    with confd(*args, "-interval=3600") as running:
        host, port = base(running).removeprefix("http://").rsplit(":", 1)
        running.until("has been updated")
        with socket.create_connection((host, int(port))) as dead:
            dead.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            for number in range(3):
                folder.template(f"next {number}")
                running.process.send_signal(signal.SIGHUP)
                running.until("has been updated")
                assert folder.dest().read_text() == f"next {number}"
