"""Rules of types: calls that fail whatever the keys hold, and parts that never run.

The module does not know how types are inferred.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from confd_lib.lint.findings import Severity
from confd_lib.lint.rules import Found, Rule
from confd_lib.lint.subjects import Project, Subject

_E, _W = Severity.ERROR, Severity.WARNING


def _rule(name: str, severity: Severity, advice: str) -> Rule:
    def check(subject: Subject, _: Project) -> Iterator[Found]:
        for one in subject.source.problems if subject.source else ():
            if one.rule == name:
                place = (subject.template_path, one.line, one.message)
                yield Found(*place, column=one.column)

    return Rule(name, severity, advice, check)


RULES: Final = (
    _rule(
        "comparison-types",
        _E,
        'compare text with text, as in eq (getv "/a") "1", or numbers by atoi',
    ),
    _rule(
        "argument-type",
        _E,
        'convert it: atoi makes an int of a text, atoi (printf "%.0f" .x) of a number in JSON',
    ),
    _rule("unknown-field", _E, "gets has .Key and .Value; ls and getvs give plain texts"),
    _rule("range-type", _E, "range over ls, gets or getvs, or over split of a text"),
    _rule("always-fails", _E, "change the constant that makes it fail"),
    _rule("printf-verbs", _E, "use %v or %s for texts, and one verb for each argument"),
    _rule("or-after-getv", _W, 'write the default in getv: getv "/a" "d"'),
    _rule("shadowed-variable", _W, "assign with = to change the variable outside the block"),
    _rule("dead-branch", _W, "remove the condition or the branch"),
)
