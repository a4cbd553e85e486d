# One command each; `make help` lists them. Everything runs in .venv, made on first use.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# One more than there are cores, since many tests wait for a clock or a disk.
JOBS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 1)')

.DEFAULT_GOAL := help
.PHONY: help demo test check chaos bench bench-short messages docs lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

# --without-pip where ensurepip is not shipped is no help: say so instead of failing half-way.
.venv/installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Talanoa needs Python 3.11 or newer; set PYTHON=…'; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo 'Python has no venv module; on Debian: apt-get install python3-venv'; exit 2; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: .venv/installed ## start a conversation (METEP) in this terminal
	$(BIN)/talanoa demo $(ARGS)

test: .venv/installed ## run the tests but the longest, in some two minutes
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "not long" $(ARGS)

check: .venv/installed ## what CI runs: style, types, imports, catalogues, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m long

chaos: .venv/installed ## kill the program 60 times and stop its database while 300 people answer
	TALANOA_LONG_TESTS=1 $(BIN)/pytest -m long $(ARGS) tests/test_crashes.py

.venv-bench/installed: benchmarks/requirements.lock
	$(PYTHON) -m venv --clear .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench: .venv/installed .venv-bench/installed ## measure speed and memory, beside the database and other bots
	$(BIN)/python benchmarks $(ARGS)

bench-short: .venv/installed ## see that the benchmarks work; the figures mean nothing
	$(BIN)/python benchmarks --short $(ARGS)

messages: .venv/installed ## bring the message catalogues up to date with the code
	$(BIN)/python -m tests.support.catalogues

docs: .venv/installed ## write the generated parts of the documentation anew
	$(BIN)/python -m tests.support.documents

lock: ## write the lock files anew from pyproject.toml
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv
	.venv-lock/bin/uv pip compile --quiet --universal --upgrade --group dev --no-header --no-emit-index-url --no-emit-find-links --output-file requirements.lock pyproject.toml
	.venv-lock/bin/uv pip compile --quiet --universal --upgrade --python-version 3.11 --group bench --no-header --no-emit-index-url --no-emit-find-links --output-file benchmarks/requirements.lock
	rm -rf .venv-lock

clean: ## remove what was built
	rm -rf .venv .venv-bench .venv-lock build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
