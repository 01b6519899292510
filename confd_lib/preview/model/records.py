"""The records of a view, which the page gets as JSON.

The module does not know how views are made or shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that can be previewed: that of a resource, or of one name of its `each`.

    Attributes:
        name: the TOML file below `conf.d`; of a resource with `each`, with `/` and the name.
        dest: the destination; empty if it is not known.
    """

    name: str
    dest: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """A container through whose eyes a template can be rendered.

    Attributes:
        name: its name.
        service: its service.
    """

    name: str
    service: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service that can be scaled.

    Attributes:
        name: its name.
        scale: the number of containers now.
        defined: the number in the files.
    """

    name: str
    scale: int
    defined: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a catalog's entry, and its answer.

    Attributes:
        variable: the variable that the answer becomes.
        label: the name of the field.
        description: a text beside it.
        type: as the catalog has it: `string`, `int`, `boolean`, `enum`, `password` …
        default: the answer if there is no other.
        options: the answers of an `enum`.
        required: whether an empty answer is refused.
        answer: the answer now.
        doubt: in what the answer does not keep what the question says; empty if it does.
    """

    variable: str
    label: str = ""
    description: str = ""
    type: str = ""
    default: str = ""
    options: tuple[str, ...] = ()
    required: bool = False
    answer: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Controls:
    """The choices that the page offers.

    Attributes:
        resources: the files.
        containers: the containers of the stack; none for a store.
        versions: the versions of the metadata, the newest first; none for a store.
        services: the services of the stack.
        questions: the questions of the catalog's entry.
    """

    resources: tuple[Resource, ...] = ()
    containers: tuple[Container, ...] = ()
    versions: tuple[str, ...] = ()
    services: tuple[Service, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of lint.

    Attributes:
        rule: the name of the rule.
        column: the column, from 1.
        message: the fault, and the way to fix it.
        severity: `error`, `warning` or `note`.
    """

    rule: str
    column: int
    message: str
    severity: str


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A line of the template.

    Attributes:
        number: from 1.
        text: the line, without its end.
        use: `used` if it wrote output, `asked` if it only read keys, else `unused`.
        findings: the findings of lint in the line.
    """

    number: int
    text: str
    use: str = "unused"
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """The template.

    Attributes:
        path: its file.
        lines: its lines.
    """

    path: str = ""
    lines: tuple[TemplateLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceLine:
    """A line of a TOML file that lint has findings in.

    Attributes:
        number: from 1.
        findings: the findings.
    """

    number: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ResourceFile:
    """The TOML file of the resource.

    Attributes:
        path: its file.
        lines: its lines with findings.
    """

    path: str = ""
    lines: tuple[ResourceLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an output line.

    Attributes:
        text: the part.
        keys: the keys whose values it contains or was made from.
    """

    text: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputLine:
    """A line of the output.

    Attributes:
        number: from 1.
        pieces: its parts, in order.
        origins: the lines of the template that wrote it; `from` in JSON.
        keys: the keys whose values it contains or was made from.
        conditions: the keys that the blocks around it read.
    """

    number: int
    pieces: tuple[Piece, ...]
    origins: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """The output.

    Attributes:
        lines: its lines.
        is_last_good: whether the template fails now, and this is its last output before.
    """

    lines: tuple[OutputLine, ...] = ()
    is_last_good: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A read of the store by the template.

    Attributes:
        line: the line of the template, from 1.
        function: the function that was called.
        argument: the key, the pattern or the path.
        outcome: `hit`, `missing` or `default`.
        value: the value; None for a missing key, or a function that returns no value.
        keys: the keys in the answer.
        masked: whether the value is hidden.
    """

    line: int
    function: str
    argument: str
    outcome: str
    value: str | None = None
    keys: tuple[str, ...] = ()
    masked: bool = False


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """A line of a difference.

    Attributes:
        kind: `+`, `-`, a space, or `@` for the head of a hunk.
        text: the line, without its end.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of the output to another text.

    Attributes:
        against: `last` or `disk`.
        label: the name of the other text.
        lines: the difference; none if the texts are equal.
        error: why there is no other text; None if there is one.
    """

    against: str = "last"
    label: str = ""
    lines: tuple[DifferenceLine, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """The failure of a template.

    Attributes:
        message: Go's message, in one line.
        file: the file that fails.
        line: the line, from 1; 0 if it is not known.
        column: the column, from 1; 0 if it is not known.
        block: the explanation that `confd-lib render` prints, with the caret.
    """

    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    block: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows of one state.

    Attributes:
        generation: the number of the state of the files.
        title: what is shown.
        state: the state, by the parameters of the address.
        controls: the choices.
        resource: the TOML file, as far as lint has findings in it.
        template: the template.
        output: its output.
        reads: its reads of the store.
        difference: the difference to the last rendering, or to the file on the disk.
        failure: why the template fails; None if it does not.
        error: why nothing can be rendered; None if something can.
    """

    generation: int
    title: str = ""
    state: Mapping[str, str] = field(default_factory=dict)
    controls: Controls = field(default_factory=Controls)
    resource: ResourceFile = field(default_factory=ResourceFile)
    template: Template = field(default_factory=Template)
    output: Output = field(default_factory=Output)
    reads: tuple[Read, ...] = ()
    difference: Difference = field(default_factory=Difference)
    failure: Failure | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One rendering of the overview.

    Attributes:
        resource: the name of the resource.
        container: the name of the container; empty for a store.
        status: `same`, `changed` or `failed`.
        error: why it fails, in one line; empty if it does not.
    """

    resource: str
    container: str
    status: str = "same"
    error: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """All resources as all containers.

    Attributes:
        rows: a row for each of the renderings.
        is_complete: whether all rows are there; else the next question brings more.
        error: why nothing can be rendered; None if something can.
    """

    rows: tuple[Row, ...] = ()
    is_complete: bool = True
    error: str | None = None


def to_json(record: View | Overview) -> str:
    r"""Return a record as JSON that may stand in a `<script>` too: it has no `<`.

    >>> to_json(Overview(error="</script>"))
    '{"rows": [], "is_complete": true, "error": "\\u003c/script>"}'
    """
    made = asdict(record, dict_factory=_named)
    text = json.dumps(made, ensure_ascii=False).replace("<", "\\u003c")
    # Lone surrogates are bytes of files that are not UTF-8.
    return text.encode("utf-8", "replace").decode()


def _named(items: Sequence[tuple[str, object]]) -> dict[str, object]:
    return {_NAMES.get(name, name): value for name, value in items}


# The names that Python keeps for itself.
_NAMES = {"origins": "from"}
