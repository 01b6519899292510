"""Services of the Compose Specification as services of a simulated stack.

Options that are about the inside of a container (image, command, volumes …) say nothing to the
metadata; of others that have no meaning a warning is given. Knows nothing of files.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from metadata_client.compose.errors import IgnoredOption
from metadata_client.compose.options import Option
from metadata_client.compose.service import HOST, MANAGED, NO_NETWORK, Link, Port, Service

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from metadata_client.compose.dialects.spec import Section

# Options that make something of the metadata, or of the stack.
_READ: Final = frozenset(
    (
        *("deploy", "expose", "external_links", "healthcheck", "hostname", "labels", "links"),
        *("network_mode", "networks", "ports", "profiles", "scale", "x-metadata"),
    )
)
# Options about the inside of a container, or of the machine that it runs on.
_INSIDE: Final = frozenset(
    (
        *("annotations", "attach", "blkio_config", "build", "cap_add", "cap_drop", "cgroup"),
        *("cgroup_parent", "command", "configs", "cpu_count", "cpu_percent", "cpu_period"),
        *("cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares", "cpus", "cpuset"),
        *("credential_spec", "depends_on", "develop", "device_cgroup_rules", "devices", "dns"),
        *("dns_opt", "dns_search", "domainname", "entrypoint", "env_file", "environment"),
        *("extra_hosts", "gpus", "group_add", "image", "init", "ipc", "isolation", "label_file"),
        *("logging", "mac_address", "mem_limit", "mem_reservation", "mem_swappiness"),
        *("memswap_limit", "models", "oom_kill_disable", "oom_score_adj", "pid", "pids_limit"),
        *("platform", "post_start", "pre_stop", "privileged", "pull_policy", "read_only"),
        *("restart", "runtime", "secrets", "security_opt", "shm_size", "stdin_open"),
        *("stop_grace_period", "stop_signal", "storage_opt", "sysctls", "tmpfs", "tty"),
        *("ulimits", "use_api_socket", "user", "userns_mode", "uts", "volumes", "volumes_from"),
        "working_dir",
    )
)
_DEPLOYED: Final = frozenset(("labels", "mode", "replicas"))
_METADATA: Final = "x-metadata"
_SHARED: Final = "service:"
_DEFAULT: Final = "default"  # the network that every service is in

_RANGE: Final = r"(\d{1,5})(?:-(\d{1,5}))?"
_SHORT: Final = re.compile(
    rf"(?:(?:(?P<ip>\[[^\]]*\]|[0-9.]+):)?(?P<public>{_RANGE})?:)?(?P<private>{_RANGE})"
    r"(?:/(?P<protocol>tcp|udp))?",
    re.ASCII,
)
_LAST_PORT: Final = 65535
_DURATION: Final = re.compile(r"(?<![0-9.])([0-9]++(?:\.[0-9]++)?)(h|ms|us|m|s)")
_MILLISECONDS: Final = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1, "us": 0.001}


def simulated(sections: Sequence[Section]) -> tuple[Service, ...]:
    """Return the services of a stack.

    A service that shares the network of another is deployed with it, as its sidekick.

    Raises:
        ComposeError: an option has a value that the specification does not allow.
    """
    names = [one.name for one in sections]
    owners = {one.name: _owner(one, names) for one in sections}
    made = {one.name: _service(one, names) for one in sections}
    for section in sections:
        _check_circle(section, owners)
    return tuple(_deployed(made, owners, name) for name in names)


def _service(section: Section, names: Container[str]) -> Service:
    _warn(section)
    deploy = section["deploy"]
    if deploy.value is not None and not isinstance(deploy.value, dict):
        raise deploy.place.fault("deploy must be a map")
    return Service(
        name=section.name,
        scale=_scale(section, deploy),
        primary=section.name,
        metadata=section[_METADATA].mapping() or {},
        labels={**deploy.within("labels").pairs(), **section["labels"].pairs()},
        links=tuple(_links(section, names)),
        ports=tuple(port for item in section["ports"].items() for port in _ports(item)),
        expose=tuple(str(port) for item in section["expose"].items() for port in _ports(item)),
        health_check=_health_check(section["healthcheck"]),
        network=_network(section),
        network_from=_owner(section, names),
        hostname=section["hostname"].text(),
        everywhere=deploy.within("mode").text() in ("global", "global-job"),
    )


def _warn(section: Section) -> None:
    """Warn of the options that have no meaning."""
    for name, option in section.options.items():
        if name not in _READ | _INSIDE and not name.startswith("x-"):
            option.place.warn(IgnoredOption, f"{name} has no meaning in a simulated stack")
    for name in _keys(section["deploy"]):
        if name not in _DEPLOYED and not name.startswith("x-"):
            place = section["deploy"].place.at(name)
            place.warn(IgnoredOption, f"deploy.{name} has no meaning in a simulated stack")
    for name in _keys(section["networks"]):
        if name != _DEFAULT:
            place = section["networks"].place
            reason = f"the network {name} has no meaning: the services of a stack share one"
            place.warn(IgnoredOption, reason)


def _keys(option: Option) -> list[str]:
    return [str(name) for name in option.value] if isinstance(option.value, dict | list) else []


def _scale(section: Section, deploy: Option) -> int:
    for option in (section["scale"], deploy.within("replicas")):
        if option.value is not None:
            scale = option.integer()
            if scale < 0:
                raise option.place.fault(f"the scale is below 0: {scale}")
            return scale
    return 1


def _links(section: Section, names: Container[str]) -> Iterator[Link]:
    for item in section["links"].items():
        target, _, alias = (item.text() or "").partition(":")
        if target not in names:
            raise item.place.fault(f"there is no service {target} to link to")
        yield Link(target, alias or target)
    for item in section["external_links"].items():
        item.place.warn(IgnoredOption, "a container beside the stack has no meaning here")


# -- Ports


def _ports(item: Option) -> Iterator[Port]:
    if isinstance(item.value, dict):
        yield from _long_port(item)
        return
    text = item.text() or ""
    match = _SHORT.fullmatch(text)
    if match is None:
        raise item.place.fault(f"invalid port: {text}")
    private, public = _span(match["private"]), _span(match["public"])
    if any(port > _LAST_PORT for port in (*private, *public)):
        raise item.place.fault(f"invalid port: {text}")
    # A range of public ports for one private port lets the host choose among them.
    if len(private) == 1 and len(public) > 1:
        public = []
    if public and len(public) != len(private):
        raise item.place.fault(f"invalid port: {text}: the ranges differ in length")
    ip = (match["ip"] or "").strip("[]")
    for at, port in enumerate(private):
        yield Port(port, public[at] if public else None, ip, match["protocol"] or "")


def _span(text: str | None) -> list[int]:
    first, _, last = (text or "").partition("-")
    return list(range(int(first), int(last or first) + 1)) if first else []


def _long_port(item: Option) -> Iterator[Port]:
    target = item.within("target")
    if target.value is None:
        raise item.place.fault("a port needs a target")
    parts = [item.within(name).text() or "" for name in ("host_ip", "published", "protocol")]
    ip, published, protocol = parts
    address = f"[{ip}]:" if ":" in ip else f"{ip}:" if ip else ""
    public = f"{address}{published}:" if published or address else ""
    text = f"{public}{target.text()}{f'/{protocol}' if protocol else ''}"
    yield from _ports(Option(item.place, text))


# -- Networks and health


def _network(section: Section) -> str:
    mode = section["network_mode"].text() or ""
    if mode in (HOST, NO_NETWORK) or mode.startswith(_SHARED):
        return mode
    if mode not in ("", "bridge"):
        place = section["network_mode"].place
        place.warn(IgnoredOption, f"network_mode: {mode} has no meaning in a simulated stack")
    return MANAGED


def _owner(section: Section, names: Container[str]) -> str | None:
    mode = section["network_mode"].text() or ""
    if not mode.startswith(_SHARED):
        return None
    owner = mode.removeprefix(_SHARED)
    if owner not in names:
        raise section["network_mode"].place.fault(f"there is no service {owner} to share with")
    return owner


def _check_circle(section: Section, owners: Mapping[str, str | None]) -> None:
    chain = [section.name]
    while (owner := owners[chain[-1]]) is not None:
        if owner in chain:
            reason = " shares the network of ".join([*chain, owner])
            raise section["network_mode"].place.fault(reason)
        chain.append(owner)


def _deployed(made: Mapping[str, Service], owners: Mapping[str, str | None], name: str) -> Service:
    """Return a service with its sidekicks, or as the sidekick of the service it shares with."""
    primary = _primary(owners, name)
    beside = tuple(one for one in made if one != name and _primary(owners, one) == name)
    return replace(made[name], primary=primary, sidekicks=beside, scale=made[primary].scale)


def _primary(owners: Mapping[str, str | None], name: str) -> str:
    while (owner := owners[name]) is not None:
        name = owner
    return name


def _health_check(option: Option) -> dict[str, object] | None:
    """Return a health check as the metadata shows it; intervals are in milliseconds."""
    if option.value is None:
        return None
    if not isinstance(option.value, dict):
        raise option.place.fault("healthcheck must be a map")
    test = option.within("test").value
    if option.within("disable").value is True or test in ("NONE", ["NONE"]):
        return None
    times = {
        "interval": "interval",
        "response_timeout": "timeout",
        "initializing_timeout": "start_period",
    }
    made = {name: _milliseconds(option.within(spelt)) for name, spelt in times.items()}
    retries = option.within("retries").number()
    found = {**made, "healthy_threshold": 1, "unhealthy_threshold": retries}
    return {name: value for name, value in found.items() if value is not None}


def _milliseconds(option: Option) -> int | None:
    if option.value is None:
        return None
    text = option.text() or ""
    parts = _DURATION.findall(text)
    if "".join(map("".join, parts)) != text or not parts:
        raise option.place.fault(f"invalid duration: {text}")
    return round(sum(float(number) * _MILLISECONDS[unit] for number, unit in parts))
