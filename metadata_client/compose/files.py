"""The two compose files, read, checked and merged into services.

`docker-compose.yml` defines the services, `rancher-compose.yml` their scales and their metadata.
Messages are those of rancher-compose, with file and line added. Knows nothing of containers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from metadata_client.nearest import instead

from . import balancer
from .dialects.readers import CATALOG_NAMES, OTHERS, RANCHER_COMPOSE, Reader, is_version_2
from .errors import ComposeError, MissingLink, StrayService
from .interpolation import Interpolation
from .options import Option
from .service import DNS, EXTERNAL, LOAD_BALANCER, MANAGED, SERVICE, Link, Service
from .source import Document, Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from os import PathLike

_DOCKER_NAMES: Final = ("docker-compose.yml", "docker-compose.yaml")
_OTHER_NAMES: Final = ("compose.yaml", "compose.yml")
_RANCHER_NAMES: Final = ("rancher-compose.yml", "rancher-compose.yaml")

_SIDEKICKS: Final = "io.rancher.sidekicks"
_GLOBAL: Final = "io.rancher.scheduler.global"
_HOSTNAME_OVERRIDE: Final = "io.rancher.container.hostname_override"
_BALANCER_LABELS: Final = ("io.rancher.loadbalancer", "io.rancher.service.selector")

_SHARED: Final = "container:"  # before the name of the service whose network is shared

_HEALTH_NUMBERS: Final = frozenset(
    (
        "port",
        "interval",
        "response_timeout",
        "healthy_threshold",
        "unhealthy_threshold",
        "initializing_timeout",
        "reinitializing_timeout",
        "quorum",
    )
)
_RULE_NUMBERS: Final = frozenset(("source_port", "target_port", "priority"))

_LB_IMAGE: Final = "rancher/load-balancer-service"
_DNS_IMAGE: Final = "rancher/dns-service"
_EXTERNAL_IMAGE: Final = "rancher/external-service"


@dataclass(frozen=True, slots=True)
class Files:
    """The compose files of one stack.

    Attributes:
        docker: `docker-compose.yml`.
        rancher: `rancher-compose.yml`; None where there is no such file.
    """

    docker: Path
    rancher: Path | None


@dataclass(frozen=True, slots=True)
class _Section:
    """A service in one of the files, and its options by name."""

    name: str
    place: Place
    options: Mapping[str, Option] = field(default_factory=dict)

    def __getitem__(self, option: str) -> Option:
        return self.options.get(option) or Option(self.place.at(option))

    def interpolated(self, env: Mapping[str, str], reader: Reader) -> _Section:
        """Return the section with its variables substituted, also in options that are not read."""
        options = {}
        for name, option in self.options.items():
            interpolation = Interpolation(env, self.name, name, reader)
            value = interpolation.apply(option.place, option.value)
            options[name] = Option(option.place, value)
        return replace(self, options=options)


def find(source: str | PathLike[str] | Sequence[str | PathLike[str]]) -> Files:
    """Return the compose files that `source` names.

    Args:
        source: a folder; or a `docker-compose.yml`, beside which the other may lie; or both files.

    Raises:
        ComposeError: `source` names too many files, or too few.
    """
    if isinstance(source, list | tuple):
        return _pair([Path(path) for path in source])
    docker = Path(source)  # type: ignore[arg-type]  # any other Sequence is a str
    if docker.is_dir():
        docker = _first(docker, _DOCKER_NAMES) or _missing(docker)
    return Files(docker, _first(docker.parent, _RANCHER_NAMES))


def read_services(
    docker_file: Document,
    rancher_file: Document | None,
    env: Mapping[str, str],
    *,
    reader: Reader = RANCHER_COMPOSE,
) -> tuple[Service, ...]:
    """Read the services that the files define, in the order of `docker-compose.yml`.

    Args:
        docker_file: `docker-compose.yml`.
        rancher_file: `rancher-compose.yml`; None where there is no such file.
        env: the values of `$VAR` and `${VAR}`.
        reader: the program whose rules hold.

    Raises:
        ComposeError: rancher-compose would not accept them; file and line are named.
    """
    docker = {
        one.name: one.interpolated(env, reader)
        for one in _sections(docker_file, env, reader)
        if one.name not in reader.no_services
    }
    rancher = {one.name: _Section(one.name, one.place) for one in docker.values()}
    for one in _sections(rancher_file, env, reader) if rancher_file else ():
        if one.name in docker:
            rancher[one.name] = one.interpolated(env, reader)
        elif docker and not docker_file.lines:  # else a template may have left the service out
            _warn_of_a_stray(one, docker)
    services = [_service(one, rancher[name], docker, reader) for name, one in docker.items()]
    return tuple(_deployed(services, docker))


def _warn_of_a_stray(section: _Section, names: Collection[str]) -> None:
    """Warn of a section of `rancher-compose.yml` alone, but for `.catalog` and the like."""
    if section.name not in CATALOG_NAMES and not section.name.startswith("."):
        reason = (
            f"docker-compose.yml has no service {section.name}, so that this counts for nothing"
        )
        section.place.warn(StrayService, f"{reason}{instead(section.name, names)}")


# -- Finding and cutting the files


def _first(folder: Path, names: Sequence[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).exists()), None)


def _missing(folder: Path) -> Path:
    """Return where `docker-compose.yml` would be.

    Raises:
        ComposeError: the folder has a file of another dialect.
    """
    other = _first(folder, _OTHER_NAMES)
    if other:
        raise ComposeError(f"rancher-compose reads {_DOCKER_NAMES[0]}; {OTHERS}", path=str(other))
    return folder / _DOCKER_NAMES[0]


def _pair(paths: Sequence[Path]) -> Files:
    rancher = [path for path in paths if path.name.startswith("rancher")]
    docker = [path for path in paths if path not in rancher]
    if len(docker) != 1 or len(rancher) > 1:
        named = ", ".join(map(str, paths)) or "nothing"
        raise ComposeError(f"wanted a docker-compose.yml and a rancher-compose.yml, got {named}")
    return Files(docker[0], rancher[0] if rancher else None)


def _sections(document: Document, env: Mapping[str, str], reader: Reader) -> Iterator[_Section]:
    value, notices = document.values()
    place = Place(document)
    top = Option(place, value)
    if value is not None:
        reader.check_version(top)
    if is_version_2(top):
        for name in reader.interpolated:
            for one in _named(top.within(name)):
                one.interpolated(env, reader)
        top = top.within("services")
    if top.value is None:
        return
    if not isinstance(top.value, dict):
        raise top.mismatch("config.RawServiceMap")
    for notice in notices:
        if notice.is_repeated and notice.path == top.place.keys:
            raise top.place.at(str(notice.key)).fault(f'key "{notice.key}" already set in map')
    yield from _named(top)


def _named(top: Option) -> Iterator[_Section]:
    for name in top.value if isinstance(top.value, dict) else ():
        yield _section(str(name), top.within(str(name)))


def _section(name: str, service: Option) -> _Section:
    if service.value is None:
        return _Section(name, service.place)
    if not isinstance(service.value, dict):
        raise service.mismatch("config.RawService")
    options = ((str(key), value) for key, value in service.value.items())
    return _Section(
        name, service.place, {key: Option(service.place.at(key), value) for key, value in options}
    )


# -- One service


def _service(
    docker: _Section, rancher: _Section, names: Collection[str], reader: Reader
) -> Service:
    if "extends" in docker.options:
        reason = f"Unsupported config option for {docker.name} service: 'extends'"
        raise docker.place.at("extends").fault(reason)
    if docker.name == "services" and not docker.options.keys() & {"image", "build"}:
        raise docker.place.fault(f"`services` needs `version: '2'` beside it; {OTHERS}")
    labels = docker["labels"].pairs()
    everywhere = labels.get(_GLOBAL) == "true"
    # rancher-compose takes 0 and numbers below for "not given".
    scale = max(rancher["scale"].integer(), 0) or 1
    service = Service(
        name=docker.name,
        kind=_kind(docker, rancher),
        scale=1 if everywhere else scale,
        primary=docker.name,
        sidekicks=tuple(part.strip() for part in labels.get(_SIDEKICKS, "").split(",") if part),
        metadata=rancher["metadata"].mapping() or {},
        labels=labels,
        links=tuple(_links(docker, names, reader)),
        ports=tuple(item.port() for item in docker["ports"].items()),
        expose=tuple(str(item.port()) for item in docker["expose"].items()),
        health_check=rancher["health_check"].record(_HEALTH_NUMBERS),
        network=_network(docker),
        network_from=_network_owner(docker),
        hostname=docker["hostname"].text(),
        hostname_override=labels.get(_HOSTNAME_OVERRIDE) == "container_name",
        everywhere=everywhere,
        external_ips=rancher["external_ips"].texts(),
        external_hostname=rancher["hostname"].text(),
    )
    return _balancing(service, docker, rancher) if service.kind == LOAD_BALANCER else service


def _kind(docker: _Section, rancher: _Section) -> str:
    """Return the kind of a service: the first that fits.  Go: rancher/types.go FindServiceType."""
    image = (docker["image"].text() or "").partition(":")[0]
    if image == _EXTERNAL_IMAGE or rancher["external_ips"].items() or rancher["hostname"].text():
        return EXTERNAL
    if image == _LB_IMAGE or rancher["lb_config"].mapping():
        return LOAD_BALANCER
    return DNS if image == _DNS_IMAGE else SERVICE


def _links(docker: _Section, names: Collection[str], reader: Reader) -> Iterator[Link]:
    for item in (*docker["links"].items(), *docker["external_links"].items()):
        target, _, alias = (part.strip() for part in (item.text() or "").partition(":"))
        if not target and reader.may_lose_links:
            item.place.warn(MissingLink, "the link has no target, and is left out")
            continue
        # Links to another stack are checked in an Environment, which has all stacks.
        if "/" not in target and target not in names:
            raise item.fault(f"Failed to find service {target} to link to{instead(target, names)}")
        yield Link(target, alias or target.rpartition("/")[2])


def _network(docker: _Section) -> str:
    return docker["net"].text() or docker["network_mode"].text() or MANAGED


def _network_owner(docker: _Section) -> str | None:
    network = _network(docker)
    return network.removeprefix(_SHARED) if network.startswith(_SHARED) else None


def _balancing(service: Service, docker: _Section, rancher: _Section) -> Service:
    written = rancher["lb_config"]
    config = written.mapping()
    if config is not None:
        rules = Option(written.place.at("port_rules"), config.get("port_rules")).items()
        made = balancer.from_config(config, [rule.record(_RULE_NUMBERS) or {} for rule in rules])
        return replace(service, lb_config=made)
    # The older way, in which ports also name their targets, which the metadata does not show.
    exposed = [item.port() for item in docker["expose"].items()]
    made = balancer.from_links([*service.ports, *exposed], service.links, service.labels)
    own = {k: v for k, v in service.labels.items() if not k.startswith(_BALANCER_LABELS)}
    ports = tuple(port.listening() for port in service.ports)
    return replace(service, lb_config=made, labels=own, ports=ports, expose=())


# -- Services that are deployed together


def _deployed(services: Sequence[Service], sections: Mapping[str, _Section]) -> Iterator[Service]:
    """Yield the services in order, each sidekick once for every service it is deployed with."""
    primaries: dict[str, list[Service]] = {}
    for service in services:
        for sidekick in service.sidekicks:
            if sidekick not in sections:
                place = sections[service.name].place.at("labels", _SIDEKICKS)
                raise place.fault(
                    f"Failed to find sidekick: {sidekick}{instead(sidekick, sections)}"
                )
            primaries.setdefault(sidekick, []).append(service)
    owners = {service.name: service.network_from for service in services}
    for service in services:
        for primary in primaries.get(service.name, [service]):
            _check_network(sections[service.name], owners, (primary.name, *primary.sidekicks))
            yield replace(service, primary=primary.name, scale=primary.scale)


def _check_network(
    section: _Section, owners: Mapping[str, str | None], unit: Sequence[str]
) -> None:
    """Raise an error unless a service has its own network, or that of a service of its unit."""
    place = section["net" if "net" in section.options else "network_mode"].place
    chain = [section.name]
    while (owner := owners[chain[-1]]) is not None:
        if owner not in unit:
            raise place.fault(
                f"Failed to find {owner}, whose network {chain[-1]} shares:"
                " it must be deployed with it, as its sidekick or its primary"
            )
        if owner in chain:
            raise place.fault(f"{' shares the network of '.join([*chain, owner])}")
        chain.append(owner)
