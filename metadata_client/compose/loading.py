"""From compose files on disk to a stack that runs: the front door of the package."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gotmpl.arguments import checked

from .catalog.choosing import Choice, Source, choose
from .catalog.deployment import Expansion, deployed
from .catalog.expansion import Release
from .catalog.questions import read_section
from .dialects.readers import EXECUTOR
from .dialects.simulating import simulated
from .dialects.spec import find_files, read_project
from .errors import ComposeError
from .files import read_services
from .source import Document, read
from .stack import Stack
from .written import Written

if TYPE_CHECKING:
    from collections.abc import Collection

    from .service import Service

RANCHER: Final = "rancher"
COMPOSE_SPEC: Final = "compose-spec"

_NO_ENV: Final[Mapping[str, str]] = MappingProxyType({})
_NO_SCALE: Final[Mapping[str, int]] = MappingProxyType({})
_NO_ANSWERS: Final[Mapping[str, object]] = MappingProxyType({})


@checked
def load(  # noqa: PLR0913 - one keyword for each choice
    source: Source,
    *,
    env: Mapping[str, str] = _NO_ENV,
    scale: Mapping[str, int] = _NO_SCALE,
    name: str | None = None,
    addresses: Mapping[str, str] = _NO_ENV,
    answers: Mapping[str, object] | None = None,
    version: str | int | None = None,
    strict: bool = False,
    previous_version: str = "",
    environment: str = "Default",
    dialect: str = RANCHER,
    profiles: Collection[str] = (),
) -> Stack:
    """Load a stack from its compose files, or from an entry of a catalog.

    An entry is deployed as Rancher does it: the answers and the defaults of the questions are the
    values of the templates in both files, and of `$VAR` and `${VAR}`. Files are taken for those of
    an entry if answers are given, if they lie in a folder of versions, if `docker-compose.yml.tpl`
    is there, or if `rancher-compose.yml` asks questions.

    Args:
        source: a folder with `docker-compose.yml` and, if there is one, `rancher-compose.yml`; or
            the first of these files; or both; or the folder of an entry, with its versions; or an
            entry of a `Catalog`, or a version of it.
        env: the values of `$VAR` and `${VAR}`. The environment of this process is not read: pass
            `os.environ` to do as rancher-compose does. A variable that is not set is blank, with a
            warning, `UnsetVariable`.
        scale: numbers of containers by service, instead of those in `rancher-compose.yml`.
        name: the name of the stack; by default that of the folder, or of the entry.
        addresses: addresses by container; the others are drawn from 10.42.0.0/16.
        answers: answers to questions by variable: texts, numbers, booleans.
        version: the version of an entry, by its folder or its name; by default that which Rancher
            chooses.
        strict: whether an answer that does not keep what its question says is an error, and not
            only a warning, `DoubtfulAnswer`.
        previous_version: the version from which an entry is upgraded.
        environment: the name of the environment, which templates see.
        dialect: `rancher`; or `compose-spec` for the files of today's Docker Compose, several of
            which may be given. What they say that has no meaning here is a warning,
            `IgnoredOption`; the metadata of a service are its `x-metadata`.
        profiles: the profiles of `compose-spec` that are active.

    Raises:
        ComposeError: the files are not there, or rancher-compose would not accept them; a template
            is wrong or fails; with `strict`, a `DoubtfulAnswer`.
        TypeError: an argument is not of its type, such as `env` that is no mapping.

    >>> env = {"mysql_root_password": "s3cret"}
    >>> stack = load("examples/galera", env=env, scale={"galera": 1}, name="db")
    >>> for container in stack.containers():
    ...     print(container.name)
    db_galera_mariadb-galera-server_1
    db_galera_mariadb-galera-data_1
    db_galera_1
    db_galera-lb_1
    """
    _check_addresses(addresses)
    if dialect not in (RANCHER, COMPOSE_SPEC):
        raise ComposeError(f"there is no dialect {dialect}; there are {RANCHER}, {COMPOSE_SPEC}")
    if dialect == COMPOSE_SPEC:
        if answers is not None or version is not None:
            raise ComposeError("answers and version are for entries of catalogs")
        stack = _of_spec(source, env, profiles)
    else:
        choice = choose(source, version)
        release = Release(name or choice.entry, "", previous_version, environment)
        stack = _of_rancher(choice, release, env, answers, strict=strict)
    stack = replace(stack, name=name or stack.name, addresses=dict(addresses))
    return stack.scaled(scale).settled()


def _of_rancher(
    choice: Choice,
    release: Release,
    env: Mapping[str, str],
    answers: Mapping[str, object] | None,
    *,
    strict: bool,
) -> Stack:
    """Return the stack of compose files, or of a version of an entry, without containers."""
    docker, rancher = _documents(choice)
    if not _is_entry(choice, rancher, answers):
        services = read_services(docker, rancher, env)
        folder = choice.files.docker.resolve().parent.name
        return Stack(folder, services, written=_written(choice, services))
    made = deployed(docker, rancher, release, env, answers or _NO_ANSWERS, strict=strict)
    services = read_services(made.docker, made.rancher, made.values, reader=EXECUTOR)
    return Stack(
        release.name,
        services,
        questions=made.questions,
        answers_given=made.given,
        written=_written(choice, services, made.docker, made.rancher),
    )


def _written(choice: Choice, services: tuple[Service, ...], *documents: Document | None) -> Written:
    """Return what `place_of` needs, with the texts of those files that were templates."""
    expanded = {one.path: one for one in documents if one and one.lines}
    named = {one.name: one for one in services}
    return Written(choice.files.docker, choice.files.rancher, named, expanded)


def _of_spec(source: Source, env: Mapping[str, str], profiles: Collection[str]) -> Stack:
    """Return the stack of today's compose files, without containers."""
    files = find_files(source)  # type: ignore[arg-type]  # an entry is refused as no path
    project = read_project(files, env, profiles)
    services = simulated(project.sections)
    written = Written(files[0], None, {one.name: one for one in services})
    return Stack(project.name or files[0].resolve().parent.name, services, written=written)


@checked
def expand(  # noqa: PLR0913 - as for `load`
    source: Source,
    *,
    env: Mapping[str, str] = _NO_ENV,
    name: str | None = None,
    answers: Mapping[str, object] = _NO_ANSWERS,
    version: str | int | None = None,
    strict: bool = False,
    previous_version: str = "",
    environment: str = "Default",
) -> Expansion:
    """Return the files of an entry's version as Rancher expands them, before `${}` in them.

    Args:
        source: as for `load`, and so are all others.
        env: values of variables that are no answers.
        name: the name of the stack.
        answers: answers to questions by variable.
        version: the version of an entry.
        strict: whether a `DoubtfulAnswer` is an error.
        previous_version: the version from which the entry is upgraded.
        environment: the name of the environment.

    Raises:
        ComposeError: the files are not there, a template is wrong or fails, or the questions cannot
            be read; with `strict`, a `DoubtfulAnswer`.

    >>> answers = {"ROOT_PASSWORD": "s3cret", "LB": False}
    >>> made = expand("examples/catalog/templates/galera", answers=answers)
    >>> made.values["LB"], "galera-lb" in made.docker.text
    ('false', False)
    """
    choice = choose(source, version)
    docker, rancher = _documents(choice)
    release = Release(name or choice.entry, "", previous_version, environment)
    return deployed(docker, rancher, release, env, answers, strict=strict)


def _documents(choice: Choice) -> tuple[Document, Document | None]:
    return read(choice.files.docker), read(choice.files.rancher) if choice.files.rancher else None


def _is_entry(
    choice: Choice, rancher: Document | None, answers: Mapping[str, object] | None
) -> bool:
    """Return whether the files are those of a catalog's entry."""
    if answers is not None or choice.is_version:
        return True
    if rancher is None or "questions" not in rancher.text:
        return False
    try:
        return bool(read_section(rancher).questions)
    except ComposeError:  # whatever is wrong is said when the services are read
        return False


def _check_addresses(addresses: Mapping[str, str]) -> None:
    owners: dict[str, str] = {}
    for container, address in addresses.items():
        try:
            ipaddress.IPv4Address(address)
        except ipaddress.AddressValueError as error:
            raise ComposeError(f"address of {container}: {error}") from error
        if address in owners:
            raise ComposeError(
                f"{owners[address]} and {container} were given the address {address}"
            )
        owners[address] = container
