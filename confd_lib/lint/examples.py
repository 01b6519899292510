"""An example of wrong and right for each rule, as `confd-lib lint --rules` prints them.

The module does not know rules. A line of TOML stands in a table `[template]` whose other settings
are right; a template reads keys below `/app`; a command runs in the confd folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """The kinds of examples."""

    TOML = "in conf.d/a.toml"
    TEMPLATE = "in templates/a.tmpl"
    COMMAND = "in the confd folder"
    CONFD_TOML = "in confd.toml"
    CATALOG = "below catalog: in rancher-compose.yml, beside a docker-compose.yml that uses ${TAG}"


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a rule.

    Attributes:
        wrong: what the rule reports.
        right: what no rule reports.
        kind: where it stands.
        target: the confd that runs it.
        has_stack: whether it is checked on a stack, which has `/app/port` and nothing else.
    """

    wrong: str
    right: str
    kind: Kind = Kind.TEMPLATE
    target: str = "0.16"
    has_stack: bool = False


def _toml(wrong: str, right: str) -> Example:
    return Example(wrong, right, Kind.TOML)


def _catalog(wrong: str, right: str) -> Example:
    wrong, right = (f"{{version: 1.0.0, questions: [{asked}]}}" for asked in (wrong, right))
    return Example(wrong, right, Kind.CATALOG)


def _ours(wrong: str, right: str) -> Example:
    return Example(wrong, right, Kind.TOML, target="confd-lib")


def _command(wrong: str, right: str) -> Example:
    return Example(wrong, right, Kind.COMMAND)


EXAMPLES: Final[Mapping[str, Example]] = MappingProxyType(
    {
        # -- Files
        "unreadable-file": _command(
            "rm templates/a.tmpl && mkfifo templates/a.tmpl", "chmod 0644 templates/a.tmpl"
        ),
        "encoding": _command(
            r"printf '\351' >> templates/a.tmpl", r"printf '\303\251' >> templates/a.tmpl"
        ),
        "unused-template": _command(
            "cp templates/a.tmpl templates/b.tmpl", "cp templates/a.tmpl templates/a.orig"
        ),
        "no-resources": _command(
            "mv conf.d/a.toml conf.d/a.conf", "mv conf.d/a.toml conf.d/b.toml"
        ),
        # -- Settings
        "toml-syntax": _toml("dest = /etc/a", 'dest = "/etc/a"'),
        "outdated-toml": _toml("uid = 0033", "uid = 33"),
        "wrong-value": _toml('keys = "/app"', 'keys = ["/app"]'),
        "no-src": _toml('src = ""', 'src = "a.tmpl"'),
        "unknown-key": _toml('reloadcmd = "true"', 'reload_cmd = "true"'),
        "no-dest": _toml('dest = ""', 'dest = "/etc/a"'),
        "relative-dest": _toml('dest = "etc/a"', 'dest = "/etc/a"'),
        "duplicate-dest": _command(
            "cp conf.d/a.toml conf.d/b.toml", "sed s,/etc/a,/etc/b, conf.d/a.toml > conf.d/b.toml"
        ),
        "dest-template": _ours(
            'dest = "/etc/{{getv .}}"\neach = "/app/*"', 'dest = "/etc/{{.}}"\neach = "/app/*"'
        ),
        "dest-action": _toml('dest = "/etc/{{.}}"', 'dest = "/etc/a"'),
        "mode-not-octal": _toml('mode = "644"', 'mode = "0644"'),
        "mode-invalid": _toml('mode = "rw-r--r--"', 'mode = "0644"'),
        "mode-bits": _toml('mode = "04755"', 'mode = "0755"'),
        "missing-src": _toml('src = "b.tmpl"', 'src = "a.tmpl"'),
        "missing-part": _ours('templates = ["head.tmpl"]', "templates = []"),
        "src-outside": _toml('src = "../a.tmpl"', 'src = "a.tmpl"'),
        "check-cmd": _toml(
            'check_cmd = "nginx -t -c {{.src}"', 'check_cmd = "nginx -t -c {{.src}}"'
        ),
        "check-action": _toml(
            'check_cmd = "nginx -t -c {{.src}} {{.File}}"', 'check_cmd = "nginx -t -c {{.src}}"'
        ),
        "check-without-src": _toml('check_cmd = "nginx -t"', 'check_cmd = "nginx -t -c {{.src}}"'),
        "reload-action": _toml(
            "reload_cmd = 'kill $(docker ps --format {{.ID}})'", "reload_cmd = 'kill $(cat pid)'"
        ),
        "only-confd-lib": _toml('uid = "mysql"', "uid = 999"),
        # -- Templates
        "template-syntax": Example('{{if exists "/app/a"}}x', '{{if exists "/app/a"}}x{{end}}'),
        "unknown-function": Example('{{getvv "/app/a"}}', '{{getv "/app/a"}}'),
        "newer-function": Example('{{atoi "1"}}', '{{toUpper "a"}}', target="0.11"),
        "newer-syntax": Example('{{getv "/app/a" -}}', '{{getv "/app/a"}}', target="0.11"),
        "wrong-arguments": Example('{{toUpper "a" "b"}}', '{{toUpper "a"}}'),
        "default-ignored": Example('{{getv "/app/a" "x" "y"}}', '{{getv "/app/a" "x"}}'),
        "reverse-gets": Example(
            '{{range reverse (gets "/app/*")}}{{.Key}}{{end}}',
            '{{range reverse (ls "/app")}}{{.}}{{end}}',
        ),
        "datetime": Example('{{datetime.Format "2006"}}', '{{getv "/app/year"}}'),
        "undefined-template": Example(
            '{{template "head"}}', '{{define "head"}}# app{{end}}{{template "head"}}'
        ),
        "unused-define": Example(
            '{{define "head"}}# app{{end}}', '{{define "head"}}# app{{end}}{{template "head"}}'
        ),
        "no-data": Example("{{.Value}}", '{{with get "/app/a"}}{{.Value}}{{end}}'),
        # -- Types
        "comparison-types": Example('{{eq (getv "/app/a") 1}}', '{{eq (getv "/app/a") "1"}}'),
        "argument-type": Example('{{add (getv "/app/a") 1}}', '{{add (atoi (getv "/app/a")) 1}}'),
        "unknown-field": Example(
            '{{range ls "/app"}}{{.Key}}{{end}}', '{{range gets "/app/*"}}{{.Key}}{{end}}'
        ),
        "range-type": Example(
            '{{range getv "/app/a"}}{{.}}{{end}}',
            '{{range split (getv "/app/a") ","}}{{.}}{{end}}',
        ),
        "always-fails": Example("{{div 8 0}}", "{{div 8 2}}"),
        "printf-verbs": Example(
            '{{printf "%d" (getv "/app/a")}}', '{{printf "%s" (getv "/app/a")}}'
        ),
        "or-after-getv": Example('{{or (getv "/app/a") "x"}}', '{{getv "/app/a" "x"}}'),
        "shadowed-variable": Example(
            '{{$x := "a"}}{{if exists "/app/a"}}{{$x := "b"}}{{end}}{{$x}}',
            '{{$x := "a"}}{{if exists "/app/a"}}{{$x := "b"}}{{$x}}{{end}}{{$x}}',
        ),
        "dead-branch": Example(
            '{{if eq "/app/on" "true"}}on{{end}}', '{{if eq (getv "/app/on") "true"}}on{{end}}'
        ),
        # -- Keys
        "no-keys": _toml("keys = []", 'keys = ["/app"]'),
        "key-not-listed": Example('{{getv "/db/host"}}', '{{getv "/app/host"}}'),
        "each-not-listed": _ours(
            'dest = "/etc/{{.}}"\neach = "/db/*"', 'dest = "/etc/{{.}}"\neach = "/app/*"'
        ),
        "unused-key": _toml('keys = ["/app", "/db"]', 'keys = ["/app"]'),
        "unclean-key": Example('{{getv "/app/a/"}}', '{{getv "/app/a"}}'),
        "bad-pattern": Example('{{getvs "/app/[a-"}}', '{{getvs "/app/[a-z]"}}'),
        "shell-pattern": Example('{{getvs "/app/**"}}', '{{getvs "/app/*"}}'),
        "pattern-in-key": Example('{{getv "/app/*"}}', '{{getvs "/app/*"}}'),
        "key-not-in-stack": Example(
            '{{getv "/app/host"}}', '{{getv "/app/host" "localhost"}}', has_stack=True
        ),
        "fails-on-stack": Example(
            '{{range ls "/app"}}{{getv (printf "/app/%s/ip" .)}}{{end}}',
            '{{range ls "/app"}}{{getv (printf "/app/%s" .)}}{{end}}',
            has_stack=True,
        ),
        # -- Settings of confd
        "refused-setting": Example('interval = "60"', "interval = 60", Kind.CONFD_TOML),
        "ignored-setting": Example('bakend = "env"', 'backend = "env"', Kind.CONFD_TOML),
        "outdated-setting": Example("interval = 060", "interval = 60", Kind.CONFD_TOML),
        # -- Entries of catalogs
        "bad-catalog-section": _catalog(
            "{variable: TAG, required: 'yes'}", "{variable: TAG, required: yes}"
        ),
        "unused-question": _catalog("{variable: TAG}, {variable: PORT}", "{variable: TAG}"),
        "no-question": _catalog("{variable: tag}", "{variable: TAG}"),
        "asked-twice": _catalog("{variable: TAG}, {variable: TAG}", "{variable: TAG}"),
        "bad-default": _catalog(
            "{variable: TAG, type: int, max: 3, default: 5}",
            "{variable: TAG, type: int, max: 3, default: 3}",
        ),
        "yaml-boolean": _catalog(
            "{variable: TAG, type: enum, options: [on, off]}",
            "{variable: TAG, type: enum, options: ['on', 'off']}",
        ),
        "yaml-number": _catalog(
            "{variable: TAG, default: 0755}", "{variable: TAG, default: '0755'}"
        ),
        "bad-template": _catalog(
            "{variable: TAG, label: '{{ stack }}'}", "{variable: TAG, label: '{{ .Stack.Name }}'}"
        ),
        "fails-with-defaults": _catalog(
            "{variable: TAG, default: http}", "{variable: TAG, default: '80'}"
        ),
    }
)
"""The examples, by rule."""
