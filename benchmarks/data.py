"""The data of the workloads: JSON values, made by rule, so that every run has the same.

Whole numbers are ints to every engine; no number prints in another way in Go than in Python.
"""

from __future__ import annotations

from collections.abc import Mapping

Data = Mapping[str, object]


def galera() -> dict[str, str]:
    """Return the keys of a container of Galera."""
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


def balances() -> dict[str, str]:
    """Return the keys of load balancers, a third of which choose how to balance."""
    keys = {f"/services/web{n}/balance": "leastconn" for n in range(0, 100, 3)}
    return keys | {"/haproxy/maxconn": "20000", "/haproxy/timeout/client": "30s"}


def haproxy() -> Data:
    """Return a hundred back ends of three servers."""
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


def rows() -> Data:
    """Return 10 000 rows of numbers and texts."""
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


def tree() -> Data:
    """Return maps in maps, four levels deep."""
    return {"tree": _node("root", 3)}


def _node(path: str, depth: int) -> Data:
    names = [f"part{n}" for n in range(5)] if depth else []
    return {
        "path": path,
        "limits": {"memory": {"soft": 64 << depth, "hard": 128 << depth}},
        "settings": {f"setting_{n}": f"value {n} of {path}" for n in range(6)},
        "children": {name: _node(f"{path}/{name}", depth - 1) for name in names},
    }


def prometheus() -> Data:
    """Return jobs whose labels hold quotes and backslashes."""
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


def chains() -> Data:
    """Return containers in thirteen states."""
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


def document() -> Data:
    """Return services with lists and maps."""
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


def objects() -> Data:
    """Return hosts whose names are those of exported fields."""
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


def missing() -> Data:
    """Return rows that lack most keys."""
    rows = [
        {"name": f"host{n}"}
        | ({"alias": f"www{n}"} if n % 4 == 0 else {})
        | ({"limits": {"soft": n}} if n % 5 == 0 else {})
        for n in range(2000)
    ]
    return {"rows": rows}


def wide() -> Data:
    """Return a map of 20 000 keys, and names of some."""
    wide = {f"key{n * 7919 % 20_000}": f"value {n}" for n in range(20_000)}
    return {"wide": wide, "names": [f"key{n * 7}" for n in range(1500)]}


def counters() -> Data:
    """Return rows of whole numbers."""
    rows = [
        {"id": n, "port": 8000 + n, "weight": n % 7, "low": -n, "high": n * n, "level": n % 3}
        for n in range(100)
    ]
    return {"rows": rows}


def samples() -> Data:
    """Return rows of a text, a whole number, a fraction and a flag."""
    rows = [
        {
            "name": f"disk{n}",
            "count": n * 7919 % 65_536,
            "load": n % 997 / 8 + 0.0625,
            "up": n % 3 != 0,
        }
        for n in range(10_000)
    ]
    return {"rows": rows}


def sparse() -> Data:
    """Return a map of 5 000 keys, and names of which half are there."""
    wide = {f"key{n}": f"value {n}" for n in range(5000)}
    return {"wide": wide, "hosts": [f"host{n}" for n in range(200)]}


def hosts() -> Data:
    """Return maps within maps, as they come from a file that keeps its order."""
    rows = [
        {
            "name": f"host{n}",
            "address": f"10.{n >> 8}.{n & 255}.1",
            "port": 1024 + n,
            "zone": {"name": f"eu-{n % 3}", "rack": n % 40},
            "labels": {"owner": f"team-{n % 5}", "env": "production", "tier": f"t{n % 4}"},
        }
        for n in range(500)
    ]
    return {"hosts": rows}


def pages() -> Data:
    """Return rows for functions of Go that are no verbs."""
    rows = [
        {
            "title": f"<page {n}> & more",
            "query": f"page={n}&sort=up:down",
            "code": f"code-{n:06}-x",
            "tags": [f"t{n % 9}", f"u{n % 5}", "all"],
        }
        for n in range(1000)
    ]
    return {"pages": rows}


def labelled() -> Data:
    """Return rows of a list, a map, and a fraction that takes all digits."""
    rows = [
        {
            "tags": [f"t{n % 9}", f"u{n % 5}", "all"],
            "labels": {"tier": f"t{n % 4}", "owner": f"team-{n % 5}", "port": 8000 + n},
            "load": n / 7 + 0.01,
        }
        for n in range(500)
    ]
    return {"rows": rows}
