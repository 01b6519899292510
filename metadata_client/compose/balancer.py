"""The rules of a load balancer service, which send the requests of a port to a service.

There are two ways to write them: `lb_config` in `rancher-compose.yml`, and the older one, in which
every port of a `rancher/load-balancer-service` leads to every linked service and labels refine
that. Knows nothing of files.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .service import Link, Port

_TARGET_LABEL: Final = "io.rancher.loadbalancer.target."
_SSL_LABEL: Final = "io.rancher.loadbalancer.ssl.ports"

# [HOSTNAME:][SOURCE][/PATH][=TARGET], each part optional
_TARGET: Final = re.compile(
    r"(?:(?P<hostname>[^\d=:/][^=:/]*)(?P<mark>[:=]?))?"
    r"(?P<source>\d*)(?P<path>[^=]*)(?:=(?P<target>\d*))?.*",
    re.ASCII,
)
_PORT_DIGITS: Final = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, with the fields that the metadata service shows.

    Attributes:
        source_port: the port on which the balancer listens.
        target_port: the port of the containers behind it.
        service: the service behind it; None where a selector finds it.
        protocol: `http`, `https`, `tcp`, `tls`, `sni` or `udp`.
        hostname: only requests for this host; None for all.
        path: only requests below this path; None for all.
        priority: the order in which rules are tried.
        selector: labels that select the services behind it.
        backend_name: the name of the backend in the configuration of HAProxy.
    """

    source_port: int | None = None
    target_port: int | None = None
    service: str | None = None
    protocol: str = "http"
    hostname: str | None = None
    path: str | None = None
    priority: int = 1
    selector: str | None = None
    backend_name: str | None = None


_NO_RULE: Final = asdict(Rule())


def from_config(
    config: Mapping[str, object], rules: Iterable[Mapping[str, object]]
) -> dict[str, object]:
    """Return `lb_config` as the metadata service shows it, from that of `rancher-compose.yml`.

    Args:
        config: the `lb_config` of the file.
        rules: its `port_rules`; fields that a rule lacks are null.
    """
    fields = {name: config[name] for name in ("config", "stickiness_policy") if name in config}
    return _document([{**_NO_RULE, **_known(rule)} for rule in rules], **fields)


def from_links(
    ports: Sequence[Port], links: Sequence[Link], labels: Mapping[str, str]
) -> dict[str, object]:
    """Return the `lb_config` of a balancer of the older way: every port leads to every link.

    Args:
        ports: published and exposed ports; one without a public port listens on its private port.
        links: links to the services behind it.
        labels: the labels of the service; `io.rancher.loadbalancer.*` refine the rules.
    """
    secure = labels.get(_SSL_LABEL, "").split(",")
    rules = []
    for port in ports:
        protocol = "https" if str(port.open_at) in secure else port.protocol or "http"
        for link in links:
            rule = Rule(port.open_at, port.private, link.target, protocol)
            rules.append(asdict(_refined(rule, labels.get(_TARGET_LABEL + link.target, ""))))
    return _document(rules)


def _document(rules: Sequence[object], **fields: object) -> dict[str, object]:
    return {
        "certificate_ids": [],
        "config": "",
        "default_certificate_id": None,
        "port_rules": rules,
        "stickiness_policy": None,
        **fields,
    }


def _known(rule: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in rule.items() if name in _NO_RULE}


def _refined(rule: Rule, label: str) -> Rule:
    """Return the rule as a label refines it; the last target that fits its port wins."""
    for target in filter(None, (part.strip() for part in label.split(","))):
        match = _TARGET.fullmatch(target)
        # A number with more digits is no port.
        if match and all(len(match[side] or "") <= _PORT_DIGITS for side in ("source", "target")):
            rule = _applied(rule, match.groupdict())
    return rule


def _applied(rule: Rule, match: Mapping[str, str | None]) -> Rule:
    hostname, path = match["hostname"], match["path"]
    source, target = match["source"], match["target"]
    # A lone number, and the number behind `hostname=`, is the target port.
    if not (path or target or match["mark"] == ":"):
        source, target = None, source
    if source and int(source) != rule.source_port:
        return rule
    return replace(
        rule,
        hostname=hostname or None,
        path=path or None,
        target_port=int(target) if target else rule.target_port,
    )
