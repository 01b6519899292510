# Every target makes what it needs in .venv; nothing else is needed beside Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
# A plain path entry and no import hook, which every start would pay for.
QUIETLY := --quiet --disable-pip-version-check --config-settings editable_mode=compat
# Examples tried by `make fuzz`.
N ?= 10000

.PHONY: demo test lint bench soak fuzz clean

demo: .venv/.core
	$(BIN)/python examples/galera/demo.py

test: .venv/.dev
	$(BIN)/python -X dev -m pytest -n auto -m "not soak"

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

soak: .venv/.dev
	$(BIN)/python -m pytest -m soak

fuzz: .venv/.dev
	$(BIN)/python -m tests.gotmpl.fuzz $(N)

bench: .venv/.bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv build dist *.egg-info

.venv/.core: setup.cfg
	$(PYTHON) -m venv .venv
	$(BIN)/pip install $(QUIETLY) --editable '.[testing]'
	touch $@

.venv/.dev: .venv/.core
	$(BIN)/pip install $(QUIETLY) --editable '.[dev]'
	touch $@

.venv/.bench: .venv/.dev
	$(BIN)/pip install $(QUIETLY) --editable '.[bench]'
	touch $@
