"""The errors of this package: each keeps its facts as attributes and composes its sentence.

Knows nothing of HTTP libraries, files or trees; every other module of the package may raise these.

    MetadataError
    ├── RequestError            a request was made, and its answer cannot be used
    │   ├── NotFound            404: not there, or not there yet
    │   │   └── InvalidVersion  404: this version of the metadata is not served
    │   ├── Unavailable         no usable answer: refused, timed out, a bad status
    │   │   ├── EmptyReply      the connection was closed before the first byte
    │   │   └── TimedOut        the answer did not come, or not to its end, in time
    │   └── DecodeError         200, but the body is cut, too long, encoded or not JSON
    ├── NameNotFound            rancher-dns has no address for this name
    ├── Stopped                 the caller's stop event was set while we waited
    └── AnswersError            answers, or the file that holds them, cannot be served
        └── YAMLError           the text is not YAML
"""

from __future__ import annotations

from .urls import shown


class MetadataError(Exception):
    """The root of all errors that this package raises on purpose."""


class RequestError(MetadataError):
    """A request was made, and its answer cannot be used.

    Attributes:
        url: the URL of the request, without user name and password.
        status: the HTTP status; 0 where no answer came.
        reason: what is wrong, in a few words.

    >>> print(NotFound("http://rancher-metadata/latest/self", 404, "Not found"))
    http://rancher-metadata/latest/self: 404 Not found
    """

    def __init__(self, url: str, status: int, reason: str) -> None:
        self.url = shown(url)
        super().__init__(self.url, status, reason)
        self.status = status
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.url}: {f'{self.status} ' if self.status else ''}{self.reason}"


class NotFound(RequestError):
    """The service answers, but has nothing at this path; while it starts that is normal."""


class InvalidVersion(NotFound):
    """The service does not serve this version of the metadata; while it starts that is normal."""


class Unavailable(RequestError):
    """No usable answer: connection refused or reset, a timeout, a bad status."""


class EmptyReply(Unavailable):
    """The connection was closed before the first byte.

    If that happens on one path only, the path leads below a null, where the service panics.
    """


class TimedOut(Unavailable):
    """The answer did not come, or not to its end, in time."""


class DecodeError(RequestError):
    """The answer was 200, but its body was cut, is too long, is encoded or is not JSON."""


class NameNotFound(MetadataError):
    """Nothing of this name runs in the environment.

    Attributes:
        name: the name as it was asked for.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{self.name}: no service, container or link of this name has an address"


class Stopped(MetadataError):
    """The stop event given by the caller was set while a call of ours was waiting."""

    def __str__(self) -> str:
        return "the stop event was set"


class AnswersError(MetadataError):
    """Answers cannot be served, or the file that holds them cannot be read.

    Attributes:
        reason: what is wrong.
        path: the file; empty if the answers did not come from a file.
        line: the line of the fault, counted from 1; 0 if the fault has no line.

    >>> print(AnswersError("key 1 is not a string", path="answers.yaml", line=3))
    answers.yaml: line 3: key 1 is not a string
    """

    def __init__(self, reason: str, *, path: str = "", line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.line = line

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"{place}{f'line {self.line}: ' if self.line else ''}{self.reason}"


class YAMLError(AnswersError):
    """The text is not YAML, or not YAML that go-yaml accepts."""
