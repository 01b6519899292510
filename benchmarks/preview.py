"""Time what a person waits for in `confd-lib preview`: news and view after a save, and overviews.

`python -m benchmarks.preview` starts the command on a stack of 5 and one of 500 containers, saves
a template some times, and prints Markdown in about a minute.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

import requests

from benchmarks.report import markdown

SAVES: Final = 15
CONTAINERS: Final = (5, 500)
# By name: a line of each container of the service, of the own service, and of the own container.
TEMPLATES: Final = {
    "all": '{{range ls "/services/web/containers"}}server {{.}}\n{{end}}',
    "service": '{{range ls "/self/service/containers"}}server {{.}}\n{{end}}',
    "name": '{{getv "/self/container/name"}} of {{getv "/self/service/name"}}\n',
    "port": 'port {{getv "/self/service/metadata/port"}}\n',
}


def make(folder: Path, count: int) -> None:
    """Write a confd folder with four resources, and a stack."""
    for name in ("conf.d", "templates"):
        (folder / name).mkdir()
    (folder / "docker-compose.yml").write_text("web: {image: x}\n")
    stack = {"web": {"scale": count, "metadata": {"port": 80}}}
    (folder / "rancher-compose.yml").write_text(json.dumps(stack))
    for name, text in TEMPLATES.items():
        (folder / "templates" / f"{name}.tmpl").write_text(text)
        fields = f'src = "{name}.tmpl"\ndest = "/etc/{name}"\nkeys = ["/"]\n'
        (folder / "conf.d" / f"{name}.toml").write_text(f"[template]\n{fields}")


@contextmanager
def preview(folder: Path) -> Iterator[str]:
    """Run the command; yield the address of its page."""
    code = "import sys; from confd_lib.command.tool.cli import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "preview", str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def saves(folder: Path, url: str) -> tuple[list[float], list[float]]:
    """Save a template some times; return the seconds until the news, and until the view."""
    news, views = [], []
    file = folder / "templates/all.tmpl"
    view = url.replace("/?", "/view?") + "&resource=all.toml"
    requests.get(view, timeout=60)
    with requests.get(url.replace("/?", "/events?"), stream=True, timeout=60) as answer:
        events = (line for line in answer.iter_lines(chunk_size=1) if line.startswith(b"data"))
        next(events)
        for number in range(SAVES):
            time.sleep(0.5 + number / SAVES / 10)  # at another moment between two comparisons
            text = f"# {number}\n{TEMPLATES['all']}"
            begun = time.perf_counter()
            new = file.with_suffix(".new")
            new.write_text(text)
            new.replace(file)
            next(events)
            news.append(time.perf_counter() - begun)
            found = requests.get(view, timeout=60).json()
            views.append(time.perf_counter() - begun)
            assert found["template"]["lines"][0]["text"] == f"# {number}"
    return news, views


def overview(url: str) -> tuple[float, int]:
    """Return the seconds until an overview is complete, and its rows."""
    begun = time.perf_counter()
    while True:
        found = json.loads(requests.get(url.replace("/?", "/overview?"), timeout=60).text)
        if found["is_complete"]:
            return time.perf_counter() - begun, len(found["rows"])


def run(count: int) -> list[list[str]]:
    """Return the rows of the table for one size of the stack."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make(folder, count)
        with preview(folder) as url:
            first, rows = overview(url)
            news, views = saves(folder, url)
            again, _ = overview(url)
    of = f"{count} containers"
    return [
        [f"{of}: from the save to the news", _spread(news)],
        [f"{of}: from the save to the view", _spread(views)],
        [f"{of}: overview of {rows} files, the first", f"{first:.2f} s"],
        [f"{of}: overview of {rows} files, after a save", f"{again:.2f} s"],
    ]


def _spread(seconds: list[float]) -> str:
    return f"{median(seconds) * 1000:.0f} ms, at most {max(seconds) * 1000:.0f} ms"


def main() -> None:
    """Print the table."""
    rows = [row for count in CONTAINERS for row in run(count)]
    print(markdown([["waiting for", "takes"], *rows]))
    print(f"\nMedians of {SAVES} saves, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
