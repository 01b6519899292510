"""Rules of types: calls that fail whatever the keys hold, and parts that never run.

The module does not know how types are inferred.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from confd_lib.lint.findings import Severity
from confd_lib.lint.rules.rule import Found, Rule
from confd_lib.lint.subjects import Project, Subject

_E, _W = Severity.ERROR, Severity.WARNING


def _rule(name: str, severity: Severity, advice: str) -> Rule:
    def check(subject: Subject, _: Project) -> Iterator[Found]:
        for one in subject.source.problems if subject.source else ():
            if one.rule == name:
                place = (subject.template_path, one.line, one.message)
                yield Found(*place, _advice(one.message), one.column)

    return Rule(name, severity, advice, check)


def _advice(message: str) -> str:
    """Return the advice for the types in a message; empty for that of the rule."""
    return next((text for types, text in _BY_TYPES.items() if message.endswith(types)), "")


# The ends of messages.
_BY_TYPES: Final = {
    "expected int; got string": "make an int of the text with atoi",
    "expected int; got float64": 'numbers in JSON are floats: atoi (printf "%.0f" .x) is an int',
    "expected string; got int": "make a text of the number with print",
    "expected string; got float64": "make a text of the number with print",
    "expected string; got []string": "range over the list, or join it",
    "expected string; got memkv.KVPair": "take its .Value or its .Key",
    "expected []string; got string": "split the text first",
    "expected []string; got []interface {}": "range over the list: JSON may hold any type",
    "comparison: string and int": 'write the number as text: "1"; or compare what atoi gives',
    "comparison: int and string": "write the number without quotes",
    "comparison: float64 and int": "numbers in JSON are floats: write 1.0",
    "comparison: string and bool": 'write "true" as text; or compare what parseBool gives',
    "in type string": "it is a text, which has no fields: gets gives .Key and .Value",
    "in type memkv.KVPair": "it has .Key and .Value",
}

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
