# Every target makes what it needs in .venv; nothing else is needed beside Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
# The versions that were tested, for setuptools too: an isolated build would take the newest one.
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
EDITABLE := $(INSTALL) --no-build-isolation --editable
SPHINX := $(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs
# Examples tried by `make fuzz`.
N ?= 10000

.PHONY: demo demo-galera demo-hecd demo-patroni pages test test-oldest test-latest test-pythons test-wheel lint bench bench-stores soak fuzz docs linkcheck constraints release clean

demo: .venv/.core
	$(BIN)/python examples/galera/demo.py

# Real servers, as far as they are installed: mariadb-server and galera-4.
demo-galera: .venv/.core
	$(BIN)/python -m examples.galera.cluster

# The same with haproxy, etcd-server and socat.
demo-hecd: .venv/.core
	$(BIN)/python -m examples.hecd

# The same with etcd-server and haproxy; with patroni, postgresql and pgbouncer the servers are real.
demo-patroni: .venv/.core
	$(BIN)/python -m examples.patroni.failover

# The pages of docs/ that are made of the tables in the code.
pages: .venv/.dev
	$(BIN)/python -m docs.tables

test: .venv/.dev
	$(BIN)/python -X dev -m pytest -n auto -m "not soak"

test-oldest test-latest test-pythons test-wheel: test-%: .venv/.dev
	$(BIN)/nox --session $*

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

# Each store, and many watchers of one etcd; about ten minutes.
bench-stores: .venv/.dev
	$(BIN)/python -m benchmarks.confd.stores
	$(BIN)/python -m benchmarks.confd.watchers

# The site of docs/, in build/docs; a warning is an error.
docs: .venv/.dev
	$(SPHINX) -b html . build/docs

# Follows the links to other sites too, which no test does.
linkcheck: .venv/.dev
	$(SPHINX) -b linkcheck . build/linkcheck

# The newest versions that setup.cfg allows, for every Python. An environment of its own is used,
# because .venv cannot be made where the file does not fit setup.cfg any more.
constraints:
	$(PYTHON) -m venv --clear build/constraints
	build/constraints/bin/pip install --quiet --disable-pip-version-check uv
	build/constraints/bin/uv pip compile setup.cfg --all-extras --universal --python-version 3.11 --upgrade \
		--custom-compile-command "make constraints" --quiet --output-file constraints.txt
	rm -r build/constraints

# The tag, both files, and how to upload them; `INDEX=URL` uploads.
release: lint test
	$(BIN)/python release.py $(VERSION) $(if $(INDEX),--index $(INDEX))

clean:
	rm -rf .venv .nox build dist *.egg-info

.venv/.core: setup.cfg constraints.txt
	$(PYTHON) -m venv .venv
	$(INSTALL) setuptools
	$(EDITABLE) '.[testing]'
	touch $@

.venv/.dev: .venv/.core
	$(EDITABLE) '.[dev]'
	touch $@

.venv/.bench: .venv/.dev
	$(EDITABLE) '.[bench]'
	touch $@
