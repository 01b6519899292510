"""The templates of a confd folder: each is read once a pass and parsed again if it has changed.

Knows nothing of resources, destinations or where keys come from.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib import regular
from confd_lib.errors import TemplateFileError, system_reason
from confd_lib.golang import path as gopath
from confd_lib.golang.strings import encode, from_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from confd_lib.confdir.sources import Sources

Functions = Mapping[str, Callable[..., object]]

_NO_PARTS: Final[Mapping[str, str]] = MappingProxyType({})
# The only function of confd whose result depends on the files of the machine.
_LOOKS_AT_FILES: Final = b"fileExists"
# The functions that wait for other hosts, for any time.
_ASKS_HOSTS: Final = (b"lookupIP", b"lookupIPV4", b"lookupIPV6", b"lookupSRV")
# The most characters of one output: more than in any configuration file, and fewer than fill the
# memory of a small container.
_MOST_OUTPUT: Final = 64 << 20


@dataclass(slots=True)
class _Parsed:
    """A parsed template.

    Attributes:
        data: the bytes of the files that it was parsed from.
        template: the template.
        functions: the functions that it is set to call.
        seconds: the time limit that it is set to; None for no limit.
    """

    data: tuple[bytes, ...]
    template: gotmpl.Template
    functions: Functions
    seconds: float | None = None


class Templates:
    """The templates of a folder.

    Args:
        folder: the folder of the templates.
        own: names of functions that may look at anything.
    """

    def __init__(self, folder: Path, own: AbstractSet[str] = frozenset()) -> None:
        self._folder = folder
        self._own = tuple(map(str.encode, own))
        self._paths: dict[str, Path] = {}
        self._read_once: dict[str, bytes] = {}
        self._parsed: dict[Sources, _Parsed] = {}

    def forget_contents(self) -> None:
        """Forget the contents of the files, so that each is read again when it is needed."""
        self._read_once.clear()

    def keep_only(self, named: AbstractSet[Sources]) -> None:
        """Forget all templates but those that resources name now."""
        srcs = {src for sources in named for src in sources.files}
        self._paths = {src: path for src, path in self._paths.items() if src in srcs}
        self._parsed = {key: known for key, known in self._parsed.items() if key in named}

    def render(
        self,
        sources: Sources,
        functions: Functions,
        seconds: float | None = None,
        data: object = None,
    ) -> bytes:
        """Return the output of a template.

        Args:
            sources: the files of the template, relative to the folder, even with a `/` at the
                beginning.
            functions: the functions that the template may call, by name.
            seconds: the time that rendering may take; None for no limit.
            data: the value of `.` in the template.

        Raises:
            TemplateFileError: the file cannot be read or parsed.
            gotmpl.LimitError: rendering takes too long, or the output is too large.
            gotmpl.ExecError: rendering fails; the message is Go's.
        """
        found = self._find(sources, functions)
        if found.functions is not functions:
            found.template.funcs(functions)
            found.functions = functions
        if found.seconds != seconds:
            found.template.limits(seconds=seconds, output=_MOST_OUTPUT)
            found.seconds = seconds
        return encode(found.template.render(data))

    def check(self, sources: Sources, functions: Functions) -> None:
        """Parse a template.

        Raises:
            TemplateFileError: a file cannot be read or parsed.
        """
        self._find(sources, functions)

    def looks_at_files(self, sources: Sources) -> bool:
        """Return whether a template may ask which files exist."""
        return self._names_any(sources, (_LOOKS_AT_FILES, *self._own))

    def asks_hosts(self, sources: Sources) -> bool:
        """Return whether a template may wait for the answer of another host."""
        return self._names_any(sources, _ASKS_HOSTS)

    def paths(self, sources: Sources) -> list[Path]:
        """Return the paths of the files of a template."""
        return [self._path(src) for src in sources.files]

    def is_repeatable(self, sources: Sources) -> bool:
        """Return whether a template may be rendered once more only to explain its failure.

        One that waits for hosts may not, and none that calls functions of the user's.
        """
        return not self._names_any(sources, (*_ASKS_HOSTS, *self._own))

    def texts(self, sources: Sources) -> dict[Path, str]:
        """Return the text of each file of a template, as it was read last; its own comes last.

        Raises:
            TemplateFileError: a file cannot be read.
        """
        read = [from_bytes(self._read(src)) for src in sources.files]
        return dict(zip(self.paths(sources), read, strict=True))

    def _path(self, src: str) -> Path:
        if src not in self._paths:
            self._paths[src] = path_of(self._folder, src)
        return self._paths[src]

    def _names_any(self, sources: Sources, names: Iterable[bytes]) -> bool:
        with contextlib.suppress(TemplateFileError):  # `render` reports it
            data = [self._read(src) for src in sources.files]
            return any(name in one for one in data for name in names)
        return False

    def _find(self, sources: Sources, functions: Functions) -> _Parsed:
        data = tuple(self._read(src) for src in sources.files)
        known = self._parsed.get(sources)
        if known is None or known.data != data:
            made = _parse(self.texts(sources), functions, sources.delims)
            known = _Parsed(data, made, functions)
            self._parsed[sources] = known
        return known

    def _read(self, src: str) -> bytes:
        if src not in self._read_once:
            self._read_once[src] = read(self._path(src))
        return self._read_once[src]


def path_of(folder: Path, src: str) -> Path:
    """Return the file that `src` names; `..` does not lead out of `folder`.

    >>> from pathlib import Path
    >>> print(path_of(Path("templates"), "/app/../../app.conf.tmpl"))
    templates/app.conf.tmpl
    """
    return folder / gopath.join("/", src).lstrip("/")


def folder_of(resource: Path) -> Path:
    """Return the folder `templates` beside the `conf.d` in which a resource lies at any depth.

    >>> from pathlib import Path
    >>> print(folder_of(Path("/etc/confd/conf.d/app/a.toml")))
    /etc/confd/templates
    """
    # A symbolic link counts where it stands, as in confd.
    folders = resource.absolute().parents
    return next((one for one in folders if one.name == "conf.d"), folders[0]).parent / "templates"


def read(path: Path) -> bytes:
    """Return the bytes of the file of a template.

    Raises:
        TemplateFileError: the file cannot be read.
    """
    try:
        return regular.read_file(path)
    except FileNotFoundError as error:
        raise TemplateFileError(str(path)) from error
    except OSError as error:
        raise TemplateFileError(str(path), f"open {path}: {system_reason(error)}") from error


def read_text(path: Path) -> str:
    """Read the file of a template as text; bytes that are not UTF-8 survive a round trip.

    Raises:
        TemplateFileError: the file cannot be read.
    """
    return from_bytes(read(path))


def read_parts(folder: Path, parts: Iterable[str]) -> dict[str, str]:
    """Return the texts of templates that another one may call, by their base names.

    Args:
        folder: the folder of templates.
        parts: the files, relative to it.

    Raises:
        TemplateFileError: a file cannot be read.
    """
    paths = [path_of(folder, part) for part in parts]
    return {path.name: read_text(path) for path in paths}


def parse(
    name: str,
    text: str,
    functions: Functions,
    delims: tuple[str, str] = ("{{", "}}"),
    observer: gotmpl.Observer | None = None,
    parts: Mapping[str, str] = _NO_PARTS,
) -> gotmpl.Template:
    """Parse the text of a template.

    Args:
        name: the name that errors carry.
        text: the text.
        functions: the functions that the template may call, by name.
        delims: the delimiters of its actions.
        observer: an observer of its executions, which slows them down.
        parts: the texts of templates that it may call, by their names.

    Raises:
        TypeError: the text is a path, or bytes.
        gotmpl.ParseError: a text is not a template.

    >>> parse("t", "<<shout>>!", {"shout": lambda: "HEY"}, ("<<", ">>")).render()
    'HEY!'
    >>> parse("t", '{{template "p" 1}}', {}, parts={"p": "<{{.}}>"}).render()
    '<1>'
    """
    template = gotmpl.Template(name).delims(*delims).funcs(functions).observe(observer)
    for part, inner in parts.items():
        template.new(part).parse(inner)
    return template.parse(text)


def _parse(
    files: Mapping[Path, str], functions: Functions, delims: tuple[str, str]
) -> gotmpl.Template:
    """Parse the files of a template, the last of which is the template itself."""
    *parts, path = files
    named = {part.name: files[part] for part in parts}
    try:
        made = parse(path.name, files[path], functions, delims, parts=named)
    except gotmpl.TemplateError as error:
        raise TemplateFileError(str(path), str(error)) from error
    return made.limits(output=_MOST_OUTPUT)
