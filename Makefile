# Two commands do everything: `make validate` and `make test`. Both make their own virtual environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help validate test mutate test-integration test-hostile-long test-wheel lint types generate check-generated bench clean

help:  ## say what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

$(INSTALLED): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which with PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	@touch $@

validate: $(INSTALLED)  ## judge all examples and cases of every contract
	$(BIN)/srcos-validate test --no-peers

test: $(INSTALLED)  ## run the tests, but for the slowest of the hostile inputs
	$(BIN)/python -m pytest -m 'not long'

mutate: $(INSTALLED)  ## see that a case notices the loss of any constraint of any contract
	$(BIN)/srcos-validate test --mutate --no-peers

test-integration: $(INSTALLED)  ## put all cases to Ajv (npm) and sourcemeta's validator (PyPI) as well
	SOURCEMETA_JSONSCHEMA="$$($(BIN)/python bench/peers.py)" $(BIN)/srcos-validate test

test-hostile-long: $(INSTALLED)  ## run the hostile inputs that take more than a few seconds
	$(BIN)/python -m pytest -m long tests/hostile

test-wheel:  ## build the wheel, install it alone, and check an example with it
	rm -rf build/wheel && mkdir -p build/wheel
	$(PYTHON) -m venv build/wheel/venv
	$(PYTHON) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir build/wheel .
	build/wheel/venv/bin/python -m pip install --quiet --disable-pip-version-check build/wheel/*.whl
	cd build/wheel && ./venv/bin/srcos-validate --version && ./venv/bin/srcos-validate --engine reference ../../examples/*Receipt/*/valid/full.json ../../examples/WorkflowConfig/*/valid/in-its-place/WORKFLOW.md

lint: $(INSTALLED)  ## check style, of code and of contracts
	$(BIN)/srcos-validate lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)  ## check types
	$(BIN)/mypy

generate: $(INSTALLED)  ## write bundles, catalog and documentation from the contracts
	$(BIN)/srcos-validate docs

check-generated: $(INSTALLED)  ## check that what is generated is in step with the contracts
	$(BIN)/srcos-validate docs --check

bench: $(INSTALLED)  ## measure against other validators, in environments of their own
	$(PYTHON) -m venv .venv-bench-ours
	.venv-bench-ours/bin/python -m pip install --quiet --disable-pip-version-check --force-reinstall .
	$(BIN)/python bench/run.py --ours .venv-bench-ours/bin/srcos-validate $(BENCH_OPTIONS)

clean:  ## remove what the other targets made
	rm -rf $(VENV) .venv-* build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache bench/data bench/node/node_modules
