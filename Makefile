# Everything happens in .venv; nothing is installed on the machine. `make help` lists the targets.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
LOCKS := .ci/requirements-run.txt .ci/requirements-dev.txt
APPS := base,sales,service
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PIP_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --no-header --no-annotate --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --extra build --extra postgres
# The first of these that is new enough makes the virtual environment.
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench conformance rates build web docs pictures browser lock clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.project web ## Install, create the workspace with demo data, start the server, print its address
	@$(BIN)/kith init --apps $(APPS) --demo --if-missing
	@exec $(BIN)/kith serve

# Each of two workers has a browser, a server and databases of its own; a file of tests stays with one of them.
test: lint browser ## Lint, then run all tests (units, contracts, screens in Chromium, SQLite and PostgreSQL)
	$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),--numprocesses 2 --dist loadfile --durations 40)

lint: $(VENV)/.dev $(VENV)/.project web ## Ruff, types, import direction and house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python runtime/web/hatch_build.py check
	$(BIN)/python -m pytest -q tests/test_architecture.py tests/test_house_rules.py

format: $(VENV)/.dev ## Format the Python source and sort its imports
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

bench: $(VENV)/.dev $(VENV)/.project web ## Measure against the hand-written app (bench/)
	$(BIN)/python -m bench $(ARGS)

conformance: $(VENV)/.dev $(VENV)/.project ## Run a file of formulas with expected results (CASES=path) through every engine
	@cd tests && ../$(BIN)/python -m conformance $(if $(CASES),$(abspath $(CASES)))

rates: $(VENV)/.dev $(VENV)/.project ## Translate the formulas of other products (CORPORA=path) and write how many are carried
	@cd tests && ../$(BIN)/python -m conformance.rates $(if $(CORPORA),$(abspath $(CORPORA)))

build: $(VENV)/.dev web ## Make the wheel and the source archive in dist/
	$(BIN)/python -m build --no-isolation --outdir dist

web: $(VENV)/.run ## Build the front end if its sources changed
	@$(BIN)/python runtime/web/hatch_build.py

docs: $(VENV)/.project ## Write the generated pages: docs/language, docs/issues.md, docs/cli.md
	@$(BIN)/kith docs

pictures: $(VENV)/.dev $(VENV)/.project web browser ## Take the pictures of real screens for docs/screens
	@cd tests && ../$(BIN)/python -m support.pictures

lock: $(VENV)/.dev ## Resolve the locks anew (versions and hashes, no addresses)
	$(PIP_COMPILE) --upgrade --output-file .ci/requirements-run.txt pyproject.toml
	$(PIP_COMPILE) --upgrade --extra dev --constraint .ci/requirements-run.txt \
		--output-file .ci/requirements-dev.txt pyproject.toml

clean: ## Remove what was built and installed; keeps var/, where the data is
	rm -rf $(VENV) dist runtime/kith_runtime/static runtime/web/node_modules .mypy_cache .ruff_cache .pytest_cache

# Chromium for the tests of screens: the machine's own if there is one, else a private copy.
browser: $(VENV)/.dev
	@command -v chromium chromium-browser google-chrome >/dev/null || $(BIN)/playwright install chromium

# ---- stamps: an unchanged lock installs nothing ----------------------------------------------------------------------

$(VENV)/bin/python:
	@for python in $(PYTHONS); do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with $$($$python --version)"; exec $$python -m venv $(VENV); \
		fi; \
	done; \
	echo "Kith needs Python 3.11 or newer, and none was found. Install one, or name it: make PYTHON=/path/to/python3"; exit 1

$(VENV)/.run: .ci/requirements-run.txt | $(VENV)/bin/python
	@echo "Installing what Kith runs on"
	@$(PIP_INSTALL) --require-hashes -r $<
	@touch $@

$(VENV)/.dev: .ci/requirements-dev.txt $(VENV)/.run
	@echo "Installing what the tests need"
	@$(PIP_INSTALL) --require-hashes -r $<
	@touch $@

$(VENV)/.project: pyproject.toml $(VENV)/.run
	@echo "Installing Kith and building its front end"
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
