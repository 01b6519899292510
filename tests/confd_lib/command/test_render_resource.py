"""`confd-lib render` of a resource: all of its names, or one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib import backends
from confd_lib.command.tool import cli as tool
from confd_lib.testing import Bench, trace
from confd_lib.testing.coverage.measure import measure_all
from confd_lib.testing.coverage.recording import Recorder
from confd_lib.testing.coverage.selection import everything
from confd_lib.testing.wiring import Wiring

TEXT = '{{template "head.tmpl" .}}port {{getv (printf "/services/%s/port" .)}}\n'
VALUES = "services: {web: {port: 80}, db: {port: 5432}}\n"


@pytest.fixture
def site(folder, tmp_path) -> Path:
    """A confd folder with a resource of several names, a plain one, and a file of values."""
    folder.template("# {{.}}\n", "head")
    folder.both(
        TEXT,
        each="/services/*",
        dest="/etc/{{.}}.conf",
        keys=["/services"],
        templates=["head.tmpl"],
        output_format="ini",
    )
    folder.both("plain <<.>>", "b", dest="/etc/b", left_delim="<<", right_delim=">>")
    (tmp_path / "values.yml").write_text(VALUES)
    return folder.path


@pytest.fixture
def render(site, tmp_path, capfd):
    def run(name: str, *flags: str) -> tuple[int, str, str]:
        file = site / ("conf.d" if name.endswith("toml") else "templates") / name
        status = tool.main(["render", str(file), "--values", str(tmp_path / "values.yml"), *flags])
        said = capfd.readouterr()
        return status, said.out, said.err

    return run


def test_all_names_are_rendered_below_their_destinations(render):
    assert render("a.toml") == (
        0,
        "==> /etc/db.conf <==\n# db\nport 5432\n\n==> /etc/web.conf <==\n# web\nport 80\n",
        "",
    )


def test_one_name_is_rendered_alone(render):
    assert render("a.toml", "--each", "web") == (0, "# web\nport 80\n", "")


def test_a_resource_without_each_is_rendered_with_its_delims(render):
    assert render("b.toml") == (0, "plain <no value>", "")


def test_a_template_is_rendered_for_a_name(render):
    assert render("head.tmpl", "--each", "x") == (0, "# x\n", "")


def test_each_name_is_traced(render):
    status, out, _ = render("a.toml", "--trace")
    assert status == 0
    assert out.count("==>") == 2
    assert "<- line 1; /services/web/port" in out
    assert "line 1: getv /services/db/port: hit" in out


def test_a_page_shows_one_name(render, tmp_path):
    page = tmp_path / "page.html"
    status, _, err = render("a.toml", "--html", str(page))
    assert (status, err) == (1, "confd-lib: --html shows one file: choose it with --each\n")
    assert render("a.toml", "--html", str(page), "--each", "db")[0] == 0
    assert "5432" in page.read_text()


@pytest.mark.parametrize(
    ("name", "flags", "words"),
    [
        ("a.toml", ("--each", "x"), "--each x: there is no such name; there are db, web"),
        ("b.toml", ("--each", "x"), "has no each, and so no names"),
        ("a.toml", ("--key", "/x"), "lists keys of its own"),
    ],
)
def test_what_cannot_be_rendered_is_one_line(render, name, flags, words):
    status, out, err = render(name, *flags)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert words in err


def test_a_missing_resource_names_the_nearest(render):
    status, out, err = render("gone.toml")
    first, second, end = err.split("\n")
    assert (status, out, end) == (1, "", "")
    assert first.endswith("conf.d/gone.toml - no such file or directory")
    assert second.startswith("did you mean ")
    assert "conf.d/a.toml" in second


def test_a_resource_reads_a_store_by_its_prefix(site, monkeypatch, capfd):
    monkeypatch.setenv("APP_V", "seen")
    (site / "conf.d/c.toml").write_text(
        '[template]\nsrc = "c.tmpl"\ndest = "/c"\nkeys = ["/v"]\nprefix = "/app"\n'
    )
    (site / "templates/c.tmpl").write_text('{{getv "/v"}}')
    assert tool.main(["render", str(site / "conf.d/c.toml"), "--backend", "env"]) == 0
    assert capfd.readouterr().out == "seen"


def test_a_resource_sees_a_stack_as_its_container(folder, capfd):
    folder.both("{{.}}\n", each="/self/container/l*", dest="/{{.}}", keys=["/self/container"])
    resource = str(folder.path / "conf.d/a.toml")
    flags = ("--compose", "examples/zookeeper", "--as", "zookeeper_zookeeper_1")
    assert tool.main(["render", resource, *flags]) == 0
    assert capfd.readouterr().out == "labels\n"


# -- In tests: the fixture, traces, coverage


@pytest.fixture
def bench(tmp_path) -> Bench:
    root = tmp_path / "root"
    root.mkdir()
    return Bench(Wiring(temporary=lambda: root))


PORTS = {"services": {"web": {"port": 80}, "db": {"port": 5432}}}


def test_the_fixture_renders_each_name(bench, site, tmp_path):
    made = bench.each(site / "conf.d/a.toml", PORTS)
    assert {name: str(one) for name, one in made.items()} == {
        "db": "# db\nport 5432\n",
        "web": "# web\nport 80\n",
    }
    assert made["db"].path == tmp_path / "root/etc/db.conf"
    assert made["db"].path.read_text() == "# db\nport 5432\n"


def test_the_fixture_renders_one_name(bench, site):
    assert bench.resource(site / "conf.d/a.toml", PORTS, name="db") == "# db\nport 5432\n"
    assert bench.render(site / "templates/head.tmpl", {}, data="x") == "# x\n"


@pytest.mark.parametrize(
    ("name", "words"), [(None, "give a `name`, one of db, web;"), ("x", "there are db, web$")]
)
def test_the_fixture_names_the_names_that_there_are(bench, site, name, words):
    with pytest.raises(Exception, match=words):
        bench.resource(site / "conf.d/a.toml", PORTS, name=name)


def test_the_fixture_checks_the_format(bench, folder):
    folder.both("{", output_format="json")
    with pytest.raises(Exception, match="it is not json"):
        bench.resource(folder.path / "conf.d/a.toml", {})


def test_coverage_counts_a_shared_template(site, tmp_path):
    recorder = Recorder(everything(site / "templates"))
    Bench(Wiring(temporary=lambda: tmp_path, recorder=recorder)).each(site / "conf.d/a.toml", PORTS)
    missed = {Path(one.name).name: len(one.missed) for one in measure_all(recorder).templates}
    assert (missed["a.tmpl"], missed["head.tmpl"]) == (0, 0)
    assert missed["b.tmpl"] > 0


def test_a_trace_knows_the_name_and_shared_templates():
    made = trace(
        'a\n{{template "p" .}}{{getv (printf "/%s" .)}}',
        {"web": 80},
        data="web",
        parts={"p": "one\n\n{{getv `/web`}}\n"},
    )
    assert made.text == "a\none\n\n80\n80"
    assert [line.template_lines for line in made.lines] == [(1,), (2,), (2,), (2,), (2,)]
    assert made.error is None


def test_backends_may_be_given_to_the_fixture(bench, site):
    values = bench.backend(backends.Memory(PORTS))
    assert bench.resource(site / "conf.d/a.toml", values, name="web") == "# web\nport 80\n"
