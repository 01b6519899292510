"""Measure a template over a large store: CPU from JSON to text, memory, and how both grow.

Each row is a process of its own that reads one document, as the metadata service would send it, and
renders one template over it. `constant` reads no key: subtract it to get the cost of the
store and the template. At N=10000 the store has 426 000 leaves. Takes about a minute.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

SIZES: Final = (1000, 3000, 10_000)
REPEATS: Final = 3

TEMPLATES: Final = {
    "constant": "nothing is asked for\n",
    "getv": """\
{{getv "/self/container/primary_ip"}} {{exists "/self/service/metadata/x"}}
""",
    "ls": """\
{{range $s := ls "/services"}}{{$all := printf "/services/%s/containers" $s}}backend {{$s}}
{{range ls $all}}{{with printf "%s/%s" $all .}}\
  server {{getv (printf "%s/name" .)}} {{getv (printf "%s/primary_ip" .)}} \
{{getv (printf "%s/state" .)}}
{{end}}{{end}}{{end}}""",
    "gets": """\
{{range gets "/containers/*/primary_ip"}}{{.Value}} {{getv (printf "%s/name" (dir .Key))}}
{{end}}""",
    "lsdir": """\
{{range lsdir "/stacks"}}{{$stack := printf "/stacks/%s/services" .}}\
{{range lsdir $stack}}{{$all := printf "%s/%s/containers" $stack .}}\
{{range lsdir $all}}{{getv (printf "%s/%s/primary_ip" $all .)}}
{{end}}{{end}}{{end}}""",
}


def container(number: int) -> dict[str, object]:
    """Describe a container in 14 leaves."""
    service, stack = number // 10, number // 100
    ip = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return {
        "name": f"stack{stack}_service{service}_{number % 10 + 1}",
        "uuid": f"{number:08x}-0000-4000-8000-{number:012x}",
        "primary_ip": ip,
        "ips": [ip],
        "create_index": number % 10 + 1,
        "service_index": str(number % 10 + 1),
        "hostname": f"host-{number}",
        "host_uuid": f"host-{number % 50}",
        "state": "running",
        "health_state": "healthy",
        "stack_name": f"stack{stack}",
        "service_name": f"service{service}",
        "ports": [],
        "labels": {"io.rancher.stack.name": f"stack{stack}", "io.rancher.cni": "true"},
        "links": {},
    }


def document(size: int) -> dict[str, object]:
    """Describe an environment of `size` containers, ten to a service, a hundred to a stack."""
    containers = [container(number) for number in range(size)]
    services = [
        {
            "name": f"service{number}",
            "scale": 10,
            "stack_name": f"stack{number // 10}",
            "containers": containers[10 * number : 10 * number + 10],
        }
        for number in range(size // 10)
    ]
    stacks = [
        {"name": f"stack{number}", "services": services[10 * number : 10 * number + 10]}
        for number in range(size // 100)
    ]
    self = {"container": containers[0], "service": {"name": "service0", "metadata": {"x": 1}}}
    return {"containers": containers, "services": services, "stacks": stacks, "self": self}


def child(path: str, template: str) -> None:
    """Render over the document at the path; print CPU seconds, MB and the length of the text."""
    from confd_lib import render  # noqa: PLC0415 - a child alone imports what is measured

    render(TEMPLATES["constant"], {})
    text = Path(path).read_bytes()
    started = time.process_time()
    output = render(TEMPLATES[template], json.loads(text))
    cpu = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([cpu, peak, len(output)]))


def measured(path: Path, template: str) -> tuple[float, float]:
    """Return the least CPU seconds and MB of a few runs."""
    command = [sys.executable, "-m", "benchmarks.confd.store", str(path), template]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        for _ in range(REPEATS)
    ]
    return min(run[0] for run in runs), min(run[1] for run in runs)


def main() -> None:
    """Print a table of CPU and memory by template and size."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in TEMPLATES}
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder, f"{size}.json")
            path.write_text(json.dumps(document(size)))
            for name, rows in found.items():
                rows.append(measured(path, name))
    print(f"{'CPU s, MB':12}" + "".join(f"{f'N={size}':>18}" for size in SIZES) + f"{'slope':>8}")
    for name, rows in found.items():
        growth = math.log(rows[-1][0] / rows[-2][0]) / math.log(SIZES[-1] / SIZES[-2])
        cells = "".join(f"{f'{cpu:.3f}, {peak:.0f}':>18}" for cpu, peak in rows)
        print(f"{name:12}{cells}{growth:8.2f}")
    for name in TEMPLATES:
        more = found[name][-1][0] - found["constant"][-1][0]
        print(f"{name} at N={SIZES[-1]} less constant: {more:.3f} s")


if __name__ == "__main__":
    child(*sys.argv[1:]) if len(sys.argv) > 1 else main()
