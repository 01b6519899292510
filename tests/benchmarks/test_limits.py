"""The benchmark of limits: its workloads write the same with and without them."""

from __future__ import annotations

import pytest

from benchmarks import limits
from gotmpl import Template


@pytest.mark.parametrize("name", sorted(limits.tasks()))
def test_a_workload_writes_the_same_within_limits(name: str) -> None:
    text, data, functions = limits.tasks()[name]
    template = Template("t").funcs(functions).parse(text)
    written = template.render(data)
    for given in limits.LIMITS.values():
        assert template.limits(**given).render(data) == written  # type: ignore[arg-type]  # numbers


def test_every_workload_gets_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(limits, "_ROUNDS", 1)
    monkeypatch.setattr(limits, "_LEAST_S", 0.0)
    limits.main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(limits.tasks()) + 1
    assert all(line.count("%") == len(limits.LIMITS) - 1 for line in lines[1:])
