# Two commands do everything: `make validate` and `make test`. Both make their own virtual environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST_TESTS := $(addprefix tests/unit/test_,library.py reading.py diagnosis.py template.py vocabulary.py foreign.py why.py formats.py)
SHORT := not long and not browser and not packages and not spark
KILLS := tests/hostile/test_vendor.py tests/hostile/test_agent_ledger.py tests/property
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help ci validate test mutate chromium test-integration test-spark test-spark-long java test-kills test-hostile-long test-compat-long test-wheel test-lowest dist lint types generate check-generated bench clean

help:  ## say what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

$(INSTALLED): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which with PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	@touch $@

ci: $(INSTALLED)  ## do all that a change of contracts must pass, compared with the state before it
	$(BIN)/srcos-validate ci

validate: $(INSTALLED)  ## judge all examples and cases of every contract
	$(BIN)/srcos-validate test --no-peers

test: $(INSTALLED)  ## run the tests, but for the slowest of the hostile inputs
	@# Tests start some thousand processes, and where the environment says so none of them would keep what it has compiled.
	@$(BIN)/python -m compileall -q src
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m '$(SHORT)' --ignore=tests/hostile/test_hostile.py
	@# What may cost only so much processor time is not measured beside others.
	$(BIN)/python -m pytest -m '$(SHORT)' tests/hostile/test_hostile.py

mutate: $(INSTALLED)  ## see that a case notices the loss of any constraint of any contract
	$(BIN)/srcos-validate test --mutate --no-peers

test-integration: $(INSTALLED) chromium  ## ask Ajv (npm) and sourcemeta's validator (PyPI) too, hold the conformance run, open a report in Chromium, run hooks and action
	$(BIN)/python -m pytest -m 'browser or packages' tests/integration
	$(BIN)/python -m pytest -m long tests/cli/test_conformance.py
	SOURCEMETA_JSONSCHEMA="$$($(BIN)/python bench/peers.py)" $(BIN)/srcos-validate test

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; \
	else echo "a browser is needed: apt-get install --no-install-recommends chromium" >&2; exit 1; fi

test-spark: $(INSTALLED) java  ## compare both engines of audit; needs Java 17 or newer, and installs PySpark
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[spark]'
	$(BIN)/python -m pytest -m 'spark and not long' tests/integration

test-spark-long: $(INSTALLED) java  ## compare both engines on a million records
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[spark]'
	$(BIN)/python -m pytest -m 'spark and long' tests/integration

java:
	@test -x "$$JAVA_HOME/bin/java" || command -v java >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			"$$(apt-cache show openjdk-17-jre-headless >/dev/null 2>&1 && echo openjdk-17-jre-headless || echo default-jre-headless)"; \
	else echo "Java 17 or newer is needed: apt-get install --no-install-recommends openjdk-17-jre-headless" >&2; exit 1; fi

test-kills: $(INSTALLED)  ## kill agents a thousand times and vendoring two hundred times, crowd them, and let them crash between any two calls
	@$(BIN)/python -m compileall -q src
	@# One at a time: what is killed at a random moment is to be in the middle of its work.
	$(BIN)/python -m pytest -m long $(KILLS)

test-hostile-long: $(INSTALLED)  ## run the hostile inputs that take more than a few seconds
	$(BIN)/python -m pytest -m long $(addprefix --ignore=,$(KILLS)) tests/hostile

test-compat-long: $(INSTALLED)  ## run the comparisons of schemas that take long, and those of large schemas out of packages from PyPI
	$(BIN)/python -m pytest -m long tests/compat

build/wheel: pyproject.toml $(shell find src schemas -type f -not -name '*.pyc')
	rm -rf build/wheel && mkdir -p build/wheel
	$(PYTHON) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir build/wheel .

test-wheel: build/wheel  ## install the wheel in empty environments, alone and with its extras, and run every command
	$(PYTHON) -m venv --clear build/alone
	build/alone/bin/python -m pip install --quiet --disable-pip-version-check build/wheel/*.whl
	build/alone/bin/python tests/wheel/smoke.py examples
	$(PYTHON) -m venv --clear build/extras
	build/extras/bin/python -m pip install --quiet --disable-pip-version-check "$$(ls build/wheel/*.whl)[audit,author]"
	build/extras/bin/python tests/wheel/smoke.py examples

test-lowest: build/wheel  ## run every command, and what rests on other libraries, with the lowest versions of them that are allowed
	$(PYTHON) -m venv --clear build/lowest
	$(PYTHON) tests/wheel/lowest.py audit author test > build/lowest/requirements.txt
	build/lowest/bin/python -m pip install --quiet --disable-pip-version-check --requirement build/lowest/requirements.txt build/wheel/*.whl
	build/lowest/bin/python tests/wheel/smoke.py examples
	build/lowest/bin/srcos-validate test --no-peers
	build/lowest/bin/python -m pytest -m '$(SHORT)' $(LOWEST_TESTS)

dist: $(INSTALLED)  ## build wheel, source distribution and the archive of contracts for any language: the same files, the same bytes
	$(PYTHON) -m venv --clear build/hatch
	build/hatch/bin/python -m pip install --quiet --disable-pip-version-check --requirement tests/integration/requirements-build.txt
	build/hatch/bin/hatchling build -d dist
	$(BIN)/python -m srcos_contracts.evolve.archive . dist

lint: $(INSTALLED)  ## check style of code; that of contracts is a step of make ci
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)  ## check types
	$(BIN)/mypy

generate: $(INSTALLED)  ## write bundles, catalog and documentation from the contracts
	$(BIN)/srcos-validate docs

check-generated: $(INSTALLED)  ## check that what is generated is in step with the contracts
	$(BIN)/srcos-validate docs --check

action/constraints.txt: pyproject.toml  ## pin what the action installs
	$(PYTHON) -m venv --clear .venv-action
	.venv-action/bin/python -m pip install --quiet --disable-pip-version-check hatchling '.[author,audit]'
	(head -n 1 $@; .venv-action/bin/python -m pip freeze --exclude srcos-contracts) > $@.new
	mv $@.new $@

bench: $(INSTALLED)  ## measure against other validators, in environments of their own
	$(PYTHON) -m venv .venv-bench-ours
	.venv-bench-ours/bin/python -m pip install --quiet --disable-pip-version-check --force-reinstall '.[audit]'
	$(BIN)/python bench/run.py --ours .venv-bench-ours/bin/srcos-validate $(BENCH_OPTIONS)

clean:  ## remove what the other targets made
	rm -rf $(VENV) .venv-* build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache bench/data bench/node/node_modules
