# Everything is done with python3, pip and make; the command lands in .venv/bin/billwatch.
PYTHON ?= python3
BIN := .venv/bin
SERVE ?= 1
export BILLWATCH_HOME

.PHONY: help setup demo run test node lint lock messages bench clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

setup: .venv/.ready ## Build .venv with all that is needed

.venv/.ready: pyproject.toml requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "billwatch needs Python 3.11 or newer: '$(PYTHON)' was not found"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "billwatch needs Python 3.11 or newer, got $$($(PYTHON) --version); name another with PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "billwatch needs Python's venv module (Debian: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## The whole pipeline on a bundled, fictional legislature (SERVE=0: do not keep the site up)
	@$(BIN)/billwatch demo $(if $(filter 0,$(SERVE)),--no-serve,--serve)

run: setup ## The live service (settings: docs/operating.md)
	$(BIN)/billwatch serve

test: setup ## All tests that this machine can run; the others say what they miss
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

node: ## npm packages that some tests and figures use as clients: axe, ical.js, the Nu HTML checker, Lighthouse
	npm install --silent --no-save --no-package-lock --ignore-scripts --prefix tests/.node axe-core@4 ical.js@2 vnu-jar@26 lighthouse@12

lint: setup ## ruff, mypy --strict and the arrows between the packages
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## Renew requirements.lock (hashes only, no index addresses)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate \
	  --extra openpgp --extra parquet --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock

messages: ## Gather the words to be translated into every catalogue of digests/locale (CONTRIBUTING.md)
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ --no-location --no-wrap --sort-output -o digests/locale/billwatch.pot .
	$(BIN)/pybabel -q update -i digests/locale/billwatch.pot -d digests/locale -D billwatch --no-wrap --omit-header --ignore-obsolete -N
	@rm digests/locale/billwatch.pot

bench: setup ## Figures, as ratios to a floor or a peer measured in the same run
	$(BIN)/python -m bench

clean: ## Remove the virtual environment and caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
