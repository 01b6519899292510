"""The workloads: equal templates in three languages, and the data that all engines get.

The templates are files: `.tmpl` for Go, gotmpl and gotpl, `.jinja`, `.mako`. Data are JSON values;
where a workload has objects, they are structs in Go and dataclasses in Python. Knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, make_dataclass
from functools import cache
from pathlib import Path
from typing import Final

TEMPLATES: Final = Path(__file__).parent / "templates"
LANGUAGES: Final = (".tmpl", ".jinja", ".mako")

Data = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Workload:
    """A template, and data to render it with.

    Attributes:
        name: one word.
        title: its name in the table.
        texts: the equal templates by the suffix of their language.
        data: the value of `.`.
        keys: the values that `getv` returns, by key.
        must: the ratio to Go that gotmpl may not exceed.
        aim: the ratio to Go that it should reach.
        objects: whether the maps in the values of `data` are objects to every engine.
    """

    name: str
    title: str
    texts: Mapping[str, str]
    data: Data
    keys: Mapping[str, str]
    must: float = 1.0
    aim: float = 0.6
    objects: bool = False

    def python_data(self) -> Data:
        """Return the data as the engines of this process get them."""
        if not self.objects:
            return self.data
        return {name: _with_objects(value) for name, value in self.data.items()}


def _with_objects(value: object) -> object:
    """Return a JSON value with an object in the place of each map."""
    if isinstance(value, Mapping):
        return _class(tuple(value))(*map(_with_objects, value.values()))
    return [_with_objects(item) for item in value] if isinstance(value, list) else value


@cache
def _class(names: tuple[str, ...]) -> type:
    return make_dataclass("Object", names, namespace={"__module__": __name__})


def workloads() -> list[Workload]:
    """Return all of them."""
    return [
        _workload("config", "tiny config, 12 getv", {}, _galera(), must=0.40, aim=0.25),
        _workload("haproxy", "HAProxy, 100 backends", _haproxy(), _balances(), must=0.60, aim=0.45),
        _workload("rows", "10 000 rows, 5 printf each", _rows(), must=0.40, aim=0.27),
        _workload("maps", "nested maps, define/template", {"tree": _node("root", 3)}),
        _workload("prometheus", "Prometheus targets, %q, pipelines", _prometheus()),
        _workload("chains", "deep if/else-if chains", _chains()),
        _workload("document", "a JSON document", _document()),
        _workload("text", "text without actions", {}),
        _workload(
            "objects", "2 000 objects (structs)", _objects(), must=1.5, aim=1.0, objects=True
        ),
        _workload("missing", "2 000 maps that lack keys", _missing(), must=1.5, aim=1.0),
        _workload("wide", "a map of 20 000 keys", _wide()),
    ]


def _workload(
    name: str,
    title: str,
    data: Data,
    keys: Mapping[str, str] | None = None,
    must: float = 1.0,
    aim: float = 0.6,
    *,
    objects: bool = False,
) -> Workload:
    texts = {suffix: _read(name, suffix) for suffix in LANGUAGES}
    return Workload(name, title, texts, data, keys or {}, must, aim, objects)


def _read(name: str, suffix: str) -> str:
    """Return a template; a text that is the same in every language is one file."""
    path = TEMPLATES / f"{name}{suffix}"
    if not path.exists():
        path = path.with_suffix(LANGUAGES[0])
    return path.read_text(encoding="utf-8")


# -- Data


def _galera() -> dict[str, str]:
    metadata = "/self/service/metadata"
    return {
        "/self/container/primary_ip": "10.42.17.3",
        "/self/container/create_index": "2",
        "/self/container/name": "db_galera_2",
        f"{metadata}/max_connections": "512",
        f"{metadata}/charset": "utf8mb4",
        f"{metadata}/cluster_name": "orders",
        f"{metadata}/peers": "10.42.17.2,10.42.17.3,10.42.17.4",
        f"{metadata}/sst_auth": "sst:s3cret",
    }


def _balances() -> dict[str, str]:
    keys = {f"/services/web{n}/balance": "leastconn" for n in range(0, 100, 3)}
    return keys | {"/haproxy/maxconn": "20000", "/haproxy/timeout/client": "30s"}


def _haproxy() -> Data:
    return {"backends": [_backend(number) for number in range(100)]}


def _backend(number: int) -> Data:
    servers = [
        {
            "name": f"web{number}-{n}",
            "ip": f"10.42.{number}.{n + 1}",
            "port": 8000 + n,
            "weight": 10 * (n + 1),
            "backup": n == 2,
        }
        for n in range(3)
    ]
    return {
        "name": f"web{number}",
        "mode": "tcp" if number % 4 == 3 else "http",
        "check": f"/health/{number}",
        "maxconn": 100 + number,
        "servers": servers,
    }


def _rows() -> Data:
    rows = [
        {
            "id": n,
            "name": f"host{n * 7919 % 10_000}",
            "load": n % 997 / 7,
            "flags": n * 2654435761 % 65_536,
            "ip": f"10.{n >> 8 & 255}.{n & 255}.1",
            "port": 1024 + n % 50_000,
        }
        for n in range(10_000)
    ]
    return {"rows": rows}


def _node(path: str, depth: int) -> Data:
    names = [f"part{n}" for n in range(5)] if depth else []
    return {
        "path": path,
        "limits": {"memory": {"soft": 64 << depth, "hard": 128 << depth}},
        "settings": {f"setting_{n}": f"value {n} of {path}" for n in range(6)},
        "children": {name: _node(f"{path}/{name}", depth - 1) for name in names},
    }


def _prometheus() -> Data:
    jobs = [
        {
            "name": f"job-{number}",
            "scheme": "https" if number % 5 == 0 else "http",
            "targets": [{"ip": f"10.1.{number}.{n}", "port": 9100 + n} for n in range(1, 9)],
            "labels": {
                "env": "production",
                "zone": f"eu-{number % 3}",
                "owner": f'team "{number % 7}"',
                "path": f"C:\\metrics\\{number}",
            },
        }
        for number in range(60)
    ]
    return {"jobs": jobs}


def _chains() -> Data:
    states = (
        *("creating", "starting", "running", "updating", "degraded", "unhealthy", "restarting"),
        *("stopping", "stopped", "removing", "removed", "error", "lost"),
    )
    containers = [
        {
            "name": f"shop_web_{n}",
            "state": states[n % len(states)],
            "public": n % 3 != 0,
            "port": 80 if n % 2 else 8080,
            "ip": f"10.42.0.{n % 256}" if n % 5 else "",
            "paused": n % 7 == 0,
            "system": n % 11 == 0,
        }
        for n in range(400)
    ]
    return {"containers": containers}


def _document() -> Data:
    services = [
        {
            "name": f"service-{n}",
            "image": f"registry.local/team/service-{n}:1.{n}",
            "scale": n % 9 + 1,
            "load": n % 16 / 8 + 0.0625,
            "healthy": n % 6 != 0,
            "ports": [8000 + n, 9000 + n, 10_000 + n],
            "environment": {f"VARIABLE_{k}": f"value {k} of {n}" for k in range(5)},
        }
        for n in range(150)
    ]
    return {"stack": "shop", "services": services}


def _objects() -> Data:
    hosts = [
        {
            "Name": f"host{n}",
            "Address": f"10.{n >> 8 & 255}.{n & 255}.1",
            "Port": 1024 + n,
            "Zone": {"Name": f"eu-{n % 3}", "Rack": n % 40},
            "Up": n % 9 != 0,
        }
        for n in range(2000)
    ]
    return {"Hosts": hosts}


def _missing() -> Data:
    rows = [
        {"name": f"host{n}"}
        | ({"alias": f"www{n}"} if n % 4 == 0 else {})
        | ({"limits": {"soft": n}} if n % 5 == 0 else {})
        for n in range(2000)
    ]
    return {"rows": rows}


def _wide() -> Data:
    wide = {f"key{n * 7919 % 20_000}": f"value {n}" for n in range(20_000)}
    return {"wide": wide, "names": [f"key{n * 7}" for n in range(1500)]}
