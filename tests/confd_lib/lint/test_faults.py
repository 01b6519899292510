"""Small broken resources: exactly one rule reports each, on the right line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from confd_lib.lint import RULES, Severity, lint
from confd_lib.lint.rules import types as type_rules
from confd_lib.lint.targets import TARGETS
from confd_lib.store.store import Store

HEAD = '[template]\nsrc = "a.tmpl"\ndest = "/etc/a"\n'
KEYS = 'keys = ["/app"]\n'
READ = '{{getv "/app/port"}}\n'


@dataclass(frozen=True)
class Fault:
    """A broken resource, and its only finding.

    Attributes:
        rule: the rule.
        file: the file of the finding, without its folder.
        line: its line.
        toml: the resource; None for an empty conf.d.
        template: its template; None if the file is missing.
        said: a part of the message.
        target: the confd that runs it.
        stack: the keys of a stack; None without a stack.
        more: other files of the confd folder.
    """

    rule: str
    file: str
    line: int
    toml: str | None = HEAD + KEYS
    template: str | None = READ
    said: str = ""
    target: str = "0.16"
    stack: dict[str, object] | None = None
    more: dict[str, str] = field(default_factory=dict)


FAULTS = [
    # -- Files
    Fault("encoding", "a.tmpl", 1, template="\ufeff" + READ, said="byte order mark"),
    Fault("encoding", "a.tmpl", 2, template=READ + "\udce9\n", said="byte 0xe9"),
    Fault("encoding", "a.tmpl", 1, template="\udcff\udcfea\0", toml=HEAD, said="UTF-16"),
    Fault("unused-template", "b.tmpl", 1, more={"templates/x/b.tmpl": READ}),
    Fault("no-resources", "conf.d", 1, toml=None, template=None),
    # -- Settings in TOML
    Fault("toml-syntax", "a.toml", 2, '[template]\nsrc = "a.tmpl\n'),
    Fault("toml-syntax", "a.toml", 3, '[template]\nsrc = "a"\nsrc = "b"\n'),
    Fault("outdated-toml", "a.toml", 5, HEAD + KEYS + "uid = 010\n", said="write 10"),
    Fault("outdated-toml", "a.toml", 1, "# \udce9\n" + HEAD + KEYS, said="UTF-8"),
    Fault("wrong-value", "a.toml", 5, HEAD + KEYS + "mode = 420\n", said="int64"),
    Fault("wrong-value", "a.toml", 4, HEAD + 'keys = "/app"\n', said="template.keys"),
    Fault("wrong-value", "a.toml", 1, '[[template]]\nsrc = "a.tmpl"\ndest = "/etc/a"\n'),
    Fault("wrong-value", "a.toml", 5, HEAD + KEYS + 'check_timeout = "soon"\n', said="soon"),
    Fault("no-src", "a.toml", 1, f'[template]\ndest = "/etc/a"\n{KEYS}', said="empty src"),
    Fault("no-src", "a.toml", 2, f'[template]\nsrc = ""\ndest = "/etc/a"\n{KEYS}'),
    Fault("no-src", "a.toml", 1, "", said="empty src"),
    Fault("unknown-key", "a.toml", 5, HEAD + KEYS + 'owner = "root"\n', said="owner"),
    Fault("unknown-key", "a.toml", 5, HEAD + KEYS + 'reloadcmd = "true"\n', said="reloadcmd"),
    Fault("unknown-key", "a.toml", 5, HEAD + KEYS + '[template2]\nsrc = "b"\n', said="template2"),
    Fault("no-dest", "a.toml", 1, '[template]\nsrc = "a.tmpl"\n' + KEYS),
    Fault("relative-dest", "a.toml", 3, '[template]\nsrc = "a.tmpl"\ndest = "etc/a"\n' + KEYS),
    Fault(
        "dest-template",
        "a.toml",
        3,
        '[template]\nsrc = "a.tmpl"\ndest = "/etc/{{getv .}}"\neach = "/app/*"\n' + KEYS,
        said='function "getv" not defined',
        target="confd-lib",
    ),
    Fault(
        "dest-action",
        "a.toml",
        3,
        '[template]\nsrc = "a.tmpl"\ndest = "/etc/{{.}}"\n' + KEYS,
        said="there is no each",
    ),
    Fault(
        "missing-part",
        "a.toml",
        5,
        HEAD + KEYS + 'templates = ["b.tmpl"]\n',
        said="templates/b.tmpl",
        target="confd-lib",
    ),
    Fault(
        "each-not-listed",
        "a.toml",
        4,
        '[template]\nsrc = "a.tmpl"\ndest = "/etc/{{.}}"\neach = "/db/*"\n' + KEYS,
        said="matches nothing",
        target="confd-lib",
    ),
    Fault(
        "duplicate-dest",
        "b.toml",
        3,
        more={"conf.d/b.toml": '[template]\nsrc = "a.tmpl"\ndest = "/etc/../etc/a"\n' + KEYS},
        said="a.toml",
    ),
    Fault("mode-not-octal", "a.toml", 5, HEAD + KEYS + 'mode = "644"\n', said="0204"),
    Fault("mode-invalid", "a.toml", 5, HEAD + KEYS + 'mode = "rw-r--r--"\n'),
    Fault("mode-bits", "a.toml", 5, HEAD + KEYS + 'mode = "04755"\n', said="0755"),
    Fault("missing-src", "a.toml", 2, template=None, said="a.tmpl"),
    Fault("missing-src", "a.toml", 2, template=None, more={"templates/a.tmpl/b": "a folder"}),
    Fault(
        "src-outside",
        "a.toml",
        2,
        '[template]\nsrc = "../a.tmpl"\ndest = "/etc/a"\n' + KEYS,
        said="../a.tmpl",
    ),
    Fault("check-cmd", "a.toml", 5, HEAD + KEYS + 'check_cmd = "nginx -t {{.src}"\n'),
    Fault("check-cmd", "a.toml", 5, HEAD + KEYS + "check_cmd = 'test {{getv \"/a\"}}{{.src}}'\n"),
    Fault(
        "check-action",
        "a.toml",
        5,
        HEAD + KEYS + 'check_cmd = "t {{.src}} {{.File}}"\n',
        said=".File, only .src and .dest: {{.File}}",
    ),
    Fault("check-action", "a.toml", 5, HEAD + KEYS + "check_cmd = 't {{.src}} {{len .Src}}'\n"),
    Fault(
        "reload-action",
        "a.toml",
        5,
        HEAD + KEYS + "reload_cmd = 'kill $(docker ps --format {{ .ID }})'\n",
        said="passes {{ .ID }} to the shell",
    ),
    Fault("reload-action", "a.toml", 5, HEAD + KEYS + 'reload_cmd = "r {{printf .dest}}"\n'),
    Fault("only-confd-lib", "a.toml", 5, HEAD + KEYS + 'reload_cmd = "r {{ .src }}"\n'),
    Fault("only-confd-lib", "a.toml", 5, HEAD + KEYS + 'check_cmd = "t {{.src}} {{ .dest }}"\n'),
    Fault("check-without-src", "a.toml", 5, HEAD + KEYS + 'check_cmd = "nginx -t"\n'),
    Fault("only-confd-lib", "a.toml", 5, HEAD + KEYS + 'left_delim = "{{"\n', said="left_delim"),
    Fault("only-confd-lib", "a.toml", 5, HEAD + KEYS + 'uid = "mysql"\n', said="uid"),
    Fault("only-confd-lib", "a.toml", 5, HEAD + KEYS + 'reload_cmd = "kick {{.dest}}"\n'),
    # -- What Go makes of the template
    Fault("template-syntax", "a.tmpl", 2, template=READ + "{{if}}\n"),
    Fault("template-syntax", "a.tmpl", 1, template='{{getv "/app/port}}\n', said="unterminated"),
    Fault("template-syntax", "a.tmpl", 2, template=READ + "{{range $x}}\n", said="$x"),
    Fault("unknown-function", "a.tmpl", 2, template=READ + '{{getvv "/app/a"}}\n', said="getvv"),
    Fault("unknown-function", "a.tmpl", 1, template='{{cgetv "/app/a"}}' + READ, said="cgetv"),
    Fault("newer-function", "a.tmpl", 2, template=READ + "{{add 1 2}}\n", target="0.11"),
    Fault("newer-function", "a.tmpl", 2, template=READ + '{{slice "abc" 1}}\n', said="slice"),
    Fault("newer-syntax", "a.tmpl", 2, template=READ + "{{- 1}}\n", target="0.11", said="1.6"),
    Fault("newer-syntax", "a.tmpl", 1, template="{{1 -}}\n" + READ, target="0.11"),
    Fault("newer-syntax", "a.tmpl", 1, template='{{block "b" .}}x{{end}}' + READ, target="0.11"),
    Fault("newer-syntax", "a.tmpl", 2, template=READ + "{{$x := 1}}{{$x = 2}}", said="1.11"),
    Fault("newer-syntax", "a.tmpl", 2, template=READ + "{{range seq 1 2}}{{break}}{{end}}"),
    Fault("newer-syntax", "a.tmpl", 2, template=READ + "{{range seq 1 2}}{{continue}}{{end}}"),
    Fault("newer-syntax", "a.tmpl", 2, template=READ + "{{range 3}}x{{end}}", said="1.22"),
    Fault("newer-syntax", "a.tmpl", 2, template=READ + '{{with ls "/app"}}{{else with 2}}{{end}}'),
    Fault("newer-syntax", "a.tmpl", 2, template=READ + "{{add 1_000 1}}", said="1_000"),
    Fault("newer-syntax", "a.tmpl", 1, template='{{getv\n"/app/port"}}', said="several lines"),
    Fault("wrong-arguments", "a.tmpl", 2, template=READ + '{{replace "a" "b" "c"}}\n', said="4"),
    Fault("wrong-arguments", "a.tmpl", 2, template=READ + '{{"a" | contains}}\n', said="not 1"),
    Fault("wrong-arguments", "a.tmpl", 1, template='{{getv "/app/a" "b"}}\n', target="0.11"),
    Fault("default-ignored", "a.tmpl", 1, template='{{getv "/app/a" "b" "c"}}\n'),
    Fault("reverse-gets", "a.tmpl", 1, template='{{range reverse (gets "/app/*")}}x{{end}}'),
    Fault("reverse-gets", "a.tmpl", 2, template='{{$p := gets "/app/*"}}\n{{$p | reverse}}'),
    Fault("datetime", "a.tmpl", 2, template=READ + "# {{datetime}}\n"),
    Fault("datetime", "a.tmpl", 2, template=READ + '# {{datetime.Format "2006"}}\n'),
    Fault("undefined-template", "a.tmpl", 2, template=READ + '{{template "head"}}\n', said="head"),
    Fault("unused-define", "a.tmpl", 2, template=READ + '{{define "t"}}x{{end}}\n', said='"t"'),
    Fault("no-data", "a.tmpl", 2, template=READ + "{{.Value}}\n", said=".Value"),
    Fault("no-data", "a.tmpl", 1, template='{{range gets "/app/*"}}{{$.port}}{{end}}'),
    # -- What is asked of the store
    Fault("no-keys", "a.toml", 1, HEAD, said="/app/port"),
    Fault("key-not-listed", "a.tmpl", 2, template=READ + '{{getv "/db/host"}}\n', said="/db/host"),
    Fault("key-not-listed", "a.tmpl", 2, template=READ + '{{getv "/application"}}\n'),
    Fault("key-not-listed", "a.tmpl", 2, template=READ + '{{range gets "/db/*"}}x{{end}}\n'),
    Fault("key-not-listed", "a.tmpl", 2, template=READ + '{{$k := "/db"}}{{ls $k}}\n'),
    Fault(
        "key-not-listed",
        "a.tmpl",
        1,
        template='{{range ls "/app"}}{{getv (printf "/hosts/%s/ip" .)}}{{end}}\n',
        said="/hosts/…/ip",
    ),
    Fault("unused-key", "a.toml", 6, HEAD + 'keys = [\n  "/app",\n  "/db",\n]\n', said="/db"),
    Fault("unused-key", "a.toml", 4, template="nothing\n"),
    Fault("unclean-key", "a.tmpl", 2, HEAD + 'keys = ["/"]\n', READ + '{{getv "app/a"}}\n'),
    Fault("unclean-key", "a.tmpl", 2, template=READ + '{{getv "/app/a/"}}\n', said="ends"),
    Fault("unclean-key", "a.tmpl", 2, template=READ + '{{getv "/app//a"}}\n', said="empty"),
    Fault("bad-pattern", "a.tmpl", 2, template=READ + '{{gets "/app/[a-"}}\n'),
    Fault("shell-pattern", "a.tmpl", 2, template=READ + '{{gets "/app/**"}}\n'),
    Fault("shell-pattern", "a.tmpl", 2, template=READ + '{{getvs "/app/[!a]"}}\n'),
    Fault("shell-pattern", "a.tmpl", 2, template=READ + '{{getvs "/app/{a,b}"}}\n'),
    Fault("pattern-in-key", "a.tmpl", 2, template=READ + '{{getv "/app/*"}}\n'),
    Fault("pattern-in-key", "a.tmpl", 2, template=READ + '{{ls "/app/*"}}\n'),
    Fault("key-not-in-stack", "a.tmpl", 1, stack={"/app/host": "h"}, said="/app/port"),
    Fault(
        "key-not-in-stack",
        "a.tmpl",
        1,
        template='{{if exists "/app/a"}}{{getv "/app/port"}}{{end}}',
        stack={"/app/a": "h"},
        said="if this branch runs",
    ),
    Fault(
        "fails-on-stack",
        "a.tmpl",
        2,
        template='{{range ls "/app"}}\n{{getv (printf "/app/%s/ip" .)}}{{end}}',
        stack={"/app/a/ip": 1, "/app/b/port": 2},
        said="key does not exist: /app/b/ip",
    ),
    Fault(
        "fails-on-stack",
        "a.tmpl",
        1,
        template='{{atoi (getv "/app/size")}}',
        stack={"/app/size": "256k"},
        said='parsing "256k"',
    ),
]


def written(fault: Fault, folder: Path) -> Path:
    (folder / "conf.d").mkdir()
    files = dict(fault.more)
    if fault.toml is not None:
        files["conf.d/a.toml"] = fault.toml
    if fault.template is not None:
        files["templates/a.tmpl"] = files["a.tmpl"] = fault.template
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, errors="surrogateescape")
    return folder


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{i}-{one.rule}" for i, one in enumerate(FAULTS)])
def test_each_fault_is_found_by_its_rule_alone(fault: Fault, tmp_path: Path) -> None:
    stores = [] if fault.stack is None else [Store(fault.stack)]
    found = lint(written(fault, tmp_path), target=fault.target, stores=stores)
    assert [(one.rule, Path(one.path).name, one.line) for one in found] == [
        (fault.rule, fault.file, fault.line)
    ]
    assert fault.said in found[0].message


def test_every_rule_has_a_fault() -> None:
    of_types = {rule.name for rule in type_rules.RULES}  # test_types.py has theirs
    of_pipes = {"unreadable-file"}  # test_regular.py has them
    assert {one.rule for one in FAULTS} | of_types | of_pipes == set(RULES)


COMMANDS = [
    "check_cmd = 't {{.src}}'",
    "check_cmd = 't {{ .src }} {{- .dest -}}'",
    """check_cmd = 't {{if eq .dest ".x"}}{{.src}}{{end}}{{/* .y */}}'""",
    "reload_cmd = 'r {{.src}} {{ .dest }}'",
]


@pytest.mark.parametrize("line", COMMANDS)
def test_actions_of_commands_may_name_both_files(line: str, tmp_path: Path) -> None:
    fault = Fault("", "", 0, f"{HEAD}{KEYS}{line}\n")
    assert lint(written(fault, tmp_path), target="confd-lib") == []


MODES = [
    ("600", 'write mode = "0600"'),
    ("2755", 'write mode = "02755"'),
    ("420", 'write mode = "0644"'),
    ("rw-r-----", 'write mode = "0640"'),
    ("-rwxr-x--x", 'write mode = "0751"'),
    ("0o", "write it in octal digits after a 0"),
    (" 0600", 'write mode = "0600"'),
    ("u=rw", "write it in octal digits after a 0"),
]


@pytest.mark.parametrize(("mode", "advice"), MODES)
def test_the_advice_about_a_mode_is_made_from_it(mode: str, advice: str, tmp_path: Path) -> None:
    fault = Fault("", "", 0, HEAD + KEYS + f'mode = "{mode}"\n')
    (found,) = lint(written(fault, tmp_path))
    assert found.advice == advice


CLEAN = [
    pytest.param(READ, id="the-plain-case"),
    pytest.param('{{range ls "/app"}}{{getv (printf "/app/%s" .)}}{{end}}', id="a-key-in-parts"),
    pytest.param('{{range $k := ls "/"}}{{$k}}{{end}}' + READ, id="above-the-keys"),
    pytest.param('{{range gets "/*/port"}}{{.Key}}{{end}}', id="a-pattern-above-the-keys"),
    pytest.param('{{$k := getv "/app/k"}}{{getv $k}}', id="a-key-from-the-store"),
    pytest.param('{{$k := "/x"}}{{$k = "/app/a"}}{{getv $k}}', id="a-variable-assigned-again"),
    *(
        pytest.param(f'{{{{$k := "/x"}}}}{branch}{{{{getv $k}}}}', id=f"assigned-again-in-{name}")
        for name, branch in {
            "an-if": '{{if exists "/app/a"}}{{$k = "/app/a"}}{{end}}',
            "an-else": '{{if exists "/app/a"}}{{else}}{{$k = "/app/a"}}{{end}}',
            "a-range": '{{range ls "/app"}}{{$k = printf "/app/%s" .}}{{end}}',
            "a-branch-of-a-branch": '{{with ls "/app"}}{{if .}}{{$k = "/app/a"}}{{end}}{{end}}',
        }.items()
    ),
    pytest.param('{{with get "/app/a"}}{{.Value}}{{end}}', id="the-cursor-moved"),
    pytest.param('{{define "t"}}{{.x}}{{end}}{{template "t" (map "x" 1)}}' + READ, id="called"),
    pytest.param('{{reverse (ls "/app")}}{{reverse (getvs "/app/*")}}', id="reverse-of-lists"),
    pytest.param('{{gets "/app/[^a]*"}}{{gets "/app/?"}}', id="patterns-of-go"),
    pytest.param('{{/* {{ */}}{{"{{- -}}"}}{{`\n`}}' + READ, id="delimiters-in-strings"),
    pytest.param('{{getv "/db"}} {{/* lint: ignore key-not-listed */}}' + READ, id="silenced"),
]


@pytest.mark.parametrize("template", CLEAN)
def test_a_sound_template_has_no_findings(template: str, tmp_path: Path) -> None:
    fault = Fault("", "", 0, template=template)
    assert lint(written(fault, tmp_path), target="confd-lib") == []


GUARDED = [
    pytest.param('{{if exists "/app/port"}}{{getv "/app/port"}}{{end}}', id="asked-before"),
    pytest.param('{{if ls "/app/db"}}{{getv "/app/db/host"}}{{end}}', id="asked-above"),
    pytest.param('{{getv "/app/port" "80"}}', id="a-default"),
    pytest.param('{{range ls "/app/x"}}{{getv (printf "/app/x/%s" .)}}{{end}}', id="in-part"),
]


@pytest.mark.parametrize("template", GUARDED)
def test_a_key_that_a_stack_lacks_is_no_fault_if_it_is_optional(
    template: str, tmp_path: Path
) -> None:
    fault = Fault("", "", 0, template=template)
    assert lint(written(fault, tmp_path), stores=[Store({"/other": 1})]) == []


SEEN = [
    pytest.param({"/app": {"size": "256k"}}, {"/app": {"size": 1}}, id="one-renders"),
    pytest.param({"/app": {"size": 1}}, {"/app": {"size": "x"}}, id="another-renders"),
    pytest.param({"/db": {"size": 1}}, {}, id="none-has-the-keys"),
]


@pytest.mark.parametrize("trees", [one.values for one in SEEN], ids=[one.id for one in SEEN])
def test_rendering_on_one_container_will_do(trees, tmp_path: Path) -> None:
    fault = Fault("", "", 0, template='{{atoi (getv "/app/size" "1")}}')
    assert lint(written(fault, tmp_path), stores=map(Store, trees)) == []


def test_functions_that_read_the_machine_are_not_rendered(tmp_path: Path) -> None:
    fault = Fault("", "", 0, template='{{atoi (getenv "SIZE")}}{{getv "/app/a"}}')
    assert lint(written(fault, tmp_path), stores=[Store({"/app/a": 1})]) == []


def test_a_rendering_that_does_not_end_is_cut_off(tmp_path: Path) -> None:
    line = "x" * 10_000
    fault = Fault("", "", 0, template=f"{{{{range seq 1 1000000000}}}}{line}{{{{end}}}}{READ}")
    assert lint(written(fault, tmp_path), stores=[Store({"/app/port": 1})]) == []


def test_a_function_that_confd_lacks_has_one_finding_on_a_stack(tmp_path: Path) -> None:
    fault = Fault("", "", 0, template=READ + "{{add 1 2}}\n")
    found = lint(written(fault, tmp_path), target="0.11", stores=[Store({"/app/port": 1})])
    assert [one.rule for one in found] == ["newer-function"]


def test_a_link_to_no_template_cannot_be_read(tmp_path: Path) -> None:
    folder = written(Fault("", "", 0), tmp_path)
    (folder / "templates/b.tmpl").symlink_to("none")
    (found,) = lint(folder)
    assert (found.rule, found.path) == ("unreadable-file", str(folder / "templates/b.tmpl"))


PREFIXED = [
    pytest.param("/prod", {"/prod/app/port": 1}, [], id="below-the-prefix"),
    pytest.param("prod/", {"/prod/app/port": 1}, [], id="another-spelling"),
    pytest.param("/prod", {"/app/port": 1}, ["key-not-in-stack"], id="outside-the-prefix"),
]


@pytest.mark.parametrize(("prefix", "tree", "rules"), PREFIXED)
def test_a_stack_is_asked_below_the_prefix_of_the_resource(
    prefix: str, tree: dict[str, object], rules: list[str], tmp_path: Path
) -> None:
    fault = Fault("", "", 0, toml=f'{HEAD}{KEYS}prefix = "{prefix}"\n')
    found = lint(written(fault, tmp_path), stores=[Store(tree)])
    assert [one.rule for one in found] == rules


BACKENDS = [
    pytest.param("", "MYAPP_DB", "/myapp/db/url", True, id="variables-are-recognised"),
    pytest.param("", "MYAPP_DB_URL", "/myapp/db/url", True, id="a-whole-name"),
    pytest.param("env", "/myapp/db", "/myapp/db/url", True, id="env-with-paths"),
    pytest.param("env", "/myapp/d", "/myapp/db/url", True, id="env-compares-text"),
    pytest.param("env", "OTHER", "/myapp/db/url", False, id="env-another-name"),
    pytest.param("etcd", "MYAPP_DB", "/myapp/db/url", False, id="no-variables-in-etcd"),
    pytest.param("file", "/my", "/myapp/db/url", True, id="file-compares-text"),
    pytest.param("rancher", "/my", "/myapp/db/url", False, id="rancher-compares-parts"),
    pytest.param("", "/my", "/myapp/db/url", False, id="parts-by-default"),
]


@pytest.mark.parametrize(("backend", "listed", "read", "gives"), BACKENDS)
def test_keys_are_given_by_the_rules_of_the_backend(
    backend: str, listed: str, read: str, gives: bool, tmp_path: Path
) -> None:
    fault = Fault("", "", 0, f'{HEAD}keys = ["{listed}"]\n', f'{{{{getv "{read}"}}}}')
    found = {one.rule for one in lint(written(fault, tmp_path), backend=backend)}
    assert found == (set() if gives else {"key-not-listed", "unused-key"})


def test_a_key_of_one_container_will_do(tmp_path: Path) -> None:
    stores = [Store({"/app/port": 1}), Store({})]
    assert lint(written(Fault("", "", 0), tmp_path), stores=stores) == []


@pytest.mark.parametrize("example", ["galera", "haproxy", "mongodb", "zookeeper"])
@pytest.mark.parametrize("target", ["0.16", "confd-lib"])
def test_the_examples_are_clean(example: str, target: str) -> None:
    assert lint(Path(__file__).parents[3] / "examples" / example, target=target) == []


def test_each_rule_gives_advice() -> None:
    for name, rule in RULES.items():
        assert rule.name == name
        assert rule.advice
        assert rule.severity in Severity
    assert set(TARGETS) == {"0.11", "0.16", "confd-lib"}
