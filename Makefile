# `make run` and `make test` set up all they need: a machine with Python 3.11 or newer, pip and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"

.PHONY: help run test lint setup bench soak lock clean

help:
	@echo "make run     start Kefu and print its address (ARGS=\"--port 9000\" for options)"
	@echo "make test    run the test suite (ARGS=\"-k inbox\" for options)"
	@echo "make lint    style, types, architecture and the project's own checks"
	@echo "make setup   install everything for development without starting anything"
	@echo "make bench   measure throughput, response times, start-up and memory"
	@echo "make soak    the long runs with faults"
	@echo "make lock    resolve the dependencies of pyproject.toml again (ARGS=--upgrade for newer ones)"

run: $(VENV)/.kefu-run
	@exec $(BIN)/kefu run $(ARGS)

test: $(VENV)/.kefu-dev
	@exec $(BIN)/python -m pytest -n 3 $(ARGS)

lint: $(VENV)/.kefu-dev
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }
	@$(BIN)/python -m tools.checks

setup: $(VENV)/.kefu-dev

bench: $(VENV)/.kefu-dev
	@exec $(BIN)/python -m benchmarks $(ARGS)

soak: $(VENV)/.kefu-dev
	@exec $(BIN)/python -m pytest -m soak $(ARGS)

lock: $(VENV)/.kefu-dev
	@$(LOCK) --extra build -o requirements.lock $(ARGS)
	@$(LOCK) --extra build --extra dev -c requirements.lock -o requirements-dev.lock $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# The virtual environment itself. Too old a Python, or one without venv, ends here with the remedy.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Kefu needs Python 3.11 or newer, and '$(PYTHON)' is not: install one and say, for example, make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "'$(PYTHON)' cannot make a virtual environment: install its venv package (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }

# The development set contains the running set: where it is wanted anyway, `make run` brings it up to date.
$(VENV)/.kefu-run: requirements.lock pyproject.toml | $(BIN)/python
	@if test -e $(VENV)/.kefu-dev; then exec $(MAKE) --no-print-directory $(VENV)/.kefu-dev; fi; \
	echo "Installing Kefu into $(VENV): once, a few minutes at most ..."; \
	$(PIP) install --no-deps --require-hashes -r requirements.lock && \
	$(PIP) install --no-deps --no-build-isolation --editable . && touch $@

$(VENV)/.kefu-dev: requirements.lock requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing Kefu and its tools into $(VENV): once, a few minutes at most ..."
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.kefu-run
