"""Measure the client: `python -m benchmarks.confd.metadata [CONTAINERS]`.

Compares a snapshot with `requests` and `json` alone, and measures the CPU of an idle watch. The
service runs in a process of its own. Takes about a minute.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

import requests

from metadata_client import MetadataClient, MetadataServer, watch


def container(number: int) -> dict[str, Any]:
    """Describe a container as the service does."""
    return {
        "name": f"shop_web_{number}",
        "uuid": f"{number:036}",
        "primary_ip": f"10.42.{number // 250}.{number % 250}",
        "ips": [f"10.42.{number // 250}.{number % 250}"],
        "ports": ["0.0.0.0:80:80/tcp"],
        "service_name": "web",
        "stack_name": "shop",
        "labels": {"io.rancher.container.uuid": f"{number:036}", "app": "shop"},
        "create_index": number,
        "service_index": str(number),
        "host_uuid": "0" * 36,
        "hostname": f"shop-web-{number}",
        "health_state": "healthy",
        "state": "running",
        "external_id": "0" * 64,
        "memory_reservation": None,
        "dns": ["169.254.169.250"],
        "dns_search": ["shop.rancher.internal", "rancher.internal"],
        "health_check": None,
        "links": {},
    }


def tree(count: int) -> dict[str, Any]:
    """Repeat every container four times, as the service does."""
    containers = [container(number) for number in range(1, count + 1)]
    service = {"name": "web", "stack_name": "shop", "containers": containers}
    return {
        "version": "1-abcd",
        "containers": containers,
        "services": [service],
        "stacks": [{"name": "shop", "services": [service]}],
        "self": {"container": containers[0], "service": service},
    }


def serve(count: int, pipe: Connection) -> None:
    """Run the service until a message comes through the pipe."""
    with MetadataServer({"latest": {"default": tree(count)}}) as server:
        pipe.send(server.url)
        pipe.recv()


def best(calls: Sequence[Callable[[], object]], rounds: int = 9) -> list[float]:
    """Return the least seconds of each call; they take turns, so that load hits all of them."""
    least = [float("inf")] * len(calls)
    for _ in range(rounds):
        for index, call in enumerate(calls):
            start = time.perf_counter()
            made = call()
            least[index] = min(least[index], time.perf_counter() - start)
            del made
    return least


def snapshots(url: str) -> None:
    """Print the time of a snapshot, beside that of a bare request and decoding."""
    session = requests.Session()
    session.trust_env = False
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}

    def bare() -> object:
        return json.loads(session.get(f"{url}/latest/", headers=headers, timeout=60).content)

    with session, MetadataClient(url, timeout=(5, 60)) as client:
        client.snapshot()  # the service renders once
        alone, whole, narrow = best([bare, client.snapshot, lambda: client.snapshot("/x")])
    print(f"requests and json alone  {alone * 1e3:8.1f} ms")
    print(f"snapshot of everything   {whole * 1e3:8.1f} ms  ({whole / alone:.2f} times)")
    print(f"snapshot of one path     {narrow * 1e3:8.1f} ms")


def idle(url: str, seconds: float) -> None:
    """Print the CPU of a watch that gets no news."""
    stop = threading.Event()
    with MetadataClient(url) as client:
        watcher = threading.Thread(target=lambda: list(watch(client, "/x", stop=stop)))
        watcher.start()
        stop.wait(2)
        start = time.process_time()
        stop.wait(seconds)
        share = (time.process_time() - start) / seconds
        begun = time.perf_counter()
        stop.set()
        watcher.join()
    print(f"idle watch               {share:8.3%} of a core")
    print(f"end of a watch           {(time.perf_counter() - begun) * 1e3:8.1f} ms")


def main(count: int) -> None:
    """Print both measurements."""
    ours, theirs = multiprocessing.Pipe()
    service = multiprocessing.Process(target=serve, args=(count, theirs))
    service.start()
    url = ours.recv()
    print(f"{count} containers")
    snapshots(url)
    idle(url, 30)
    ours.send("end")
    service.join()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
