# The front door of the project: `make` lists what can be done, continuous integration calls `make test`.
# Needs only Python >= 3.11 (with its venv module), git and make.

PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet $(UPGRADE)

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check validation format bench docs lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: .venv/ready ## create .venv with everything pinned; does nothing when it is up to date

demo: .venv/ready ## simulate the trial ELIANA into demo/, beside what was published, and write the report
	$(BIN)/livingdrug simulate eliana --out demo

serve: .venv/ready ## open the care service with a demo program: 32 centers, 200 invented patients
	$(BIN)/livingdrug serve --demo

test: check ## lint, types and tests: what continuous integration runs
	$(BIN)/pytest -n $(JOBS)

check: .venv/ready ## lint, format and types, without changing a file
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright

validation: .venv/ready ## run the tests of the requirements and write docs/validation.md
	$(BIN)/pytest -n $(JOBS) --junitxml=.validation.xml $$($(BIN)/python docs/validate.py --files)
	$(BIN)/python docs/validate.py .validation.xml

format: .venv/ready ## format the code and fix what ruff can fix
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: .venv/bench ## compare the engine with other engines on this machine
	$(BIN)/python benchmarks/engine.py

docs: .venv/ready ## build the documentation into docs/_build/html; a warning is an error
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet -b html docs docs/_build/html
	@echo "open docs/_build/html/index.html"

# Pins are kept unless they no longer fit; `make lock UPGRADE=--upgrade` moves all of them.
lock: .venv/ready ## write requirements/*.txt anew from pyproject.toml
	$(LOCK) --output-file requirements/run.txt
	$(LOCK) --group dev --constraint requirements/run.txt --output-file requirements/dev.txt
	$(LOCK) --group bench --constraint requirements/dev.txt --output-file requirements/bench.txt

clean: ## remove .venv and everything that was built
	rm -rf .venv docs/_build build dist .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last, so that an interrupted setup starts again.
.venv/ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "livingdrug needs Python 3.11 or newer; point to one with: make PYTHON=/path/to/python3"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "this Python has no venv module; on Debian: apt install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/livingdrug compile
	@touch $@

.venv/bench: .venv/ready requirements/bench.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@
