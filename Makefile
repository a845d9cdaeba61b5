# `make` lists what can be done here. Every target does its own set-up on a fresh clone.

# The first Python of this machine that is new enough; `make PYTHON=/path/to/python run` names another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help run test soak engines dashboard flow lint audit format bench lock clean

help: ## List what can be done here
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## Run the sample quarters end to end: check, count, protect, publish, write the workbook
	@$(BIN)/esep run $(ARGS)

dashboard: $(READY) ## Show the current edition in a browser on this machine
	@$(BIN)/esep dashboard $(ARGS)

flow: $(READY) ## The same cycle as `run`, as a Prefect flow in this process, without a server to start
	@$(BIN)/python -m pipelines.flows.quarterly $(ARGS)

test: lint ## All checks: the linters, then every test
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

soak: $(READY) ## The long tests: a thousand kills, a 2 GB file; hours. ESEP_SOAK_KILLS=100 for a shorter one
	@$(BIN)/python -m pytest -m soak -s -o faulthandler_timeout=0 $(ARGS)

engines: ## An environment of its own, .venv-engines, that has Spark and the driver of PostgreSQL; tries both
	@test -x .venv-engines/bin/python || $(PYTHON) -m venv .venv-engines
	@.venv-engines/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		-r requirements.lock -r requirements-engines.lock
	@.venv-engines/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@.venv-engines/bin/python -m pytest -m "" -o faulthandler_timeout=0 tests/test_dialects.py tests/test_engines.py $(ARGS)

lint: $(READY) ## Style, types, import rules and the lock file; changes no file
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Not formatted as the house does: make format"; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pipelines.audit

audit: $(READY) ## Ask outside for known faults of the locked packages (needs a network and pip-audit)
	@$(BIN)/python -m pipelines.audit
	@command -v pip-audit >/dev/null || { echo "make audit needs pip-audit: pip install pip-audit"; exit 1; }
	pip-audit --strict --requirement requirements.lock --no-deps --disable-pip

format: $(READY) ## Put every Python file into the house format
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

bench: $(READY) ## Speed as ratios measured in one run; ARGS=--check fails above the stated limits, --large takes in 2 million rows, protects 40,000 cells and a region
	@$(BIN)/python -m benchmarks.run $(ARGS)

lock: ## Write the lock files anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock
	uv pip compile --group engines --constraints requirements.lock --universal --python-version 3.11 \
		--no-emit-package typing-extensions --no-emit-package tzdata --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --quiet -o requirements-engines.lock

clean: ## Remove the environment and all caches; data and published editions stay
	rm -rf $(VENV) .venv-engines build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The lock is complete and hashed, so nothing is resolved and the build needs no isolation.
$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "esep needs Python 3.11 or newer, and none was found on the PATH."; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.11 run"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "esep needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; exit 1; }
	@echo "Setting up $(VENV); the first time this takes a few minutes ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
