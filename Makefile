# Sapar: `make` lists what there is. Needs Python 3.11 or later and a package index; no more.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

export UV_PYTHON_DOWNLOADS := never
BIN := .venv/bin
UV := .tools/uv/bin/uv
PORT ?= 8000
WORKERS ?= 2
DIR ?=
LOCK := pyproject.toml uv.lock
# The tests start Python hundreds of times: what was compiled once is kept, whatever the shell says.
PYTEST := env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(CURDIR)/.var/bytecode \
  SAPAR_MODE=test $(BIN)/pytest -q -n $(WORKERS) --dist loadgroup

.PHONY: help
help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

.PHONY: setup
setup: .venv/.everything ## the virtual environment with everything that development needs

.PHONY: demo
demo: .venv/.product .var/.messages ## the demonstration on http://localhost:8000 (PORT=9000 for another)
	@$(BIN)/sapar demo --port $(PORT)

.PHONY: test
test: .venv/.everything .var/.messages ## all tests, on SQLite, in Chromium and on PostgreSQL
	@echo "Tests on SQLite and in Chromium …"
	@$(PYTEST)
	@echo "The same tests on PostgreSQL …"
	@$(PYTEST) --database=postgresql -m "not browser"

.PHONY: check
check: .venv/.everything .var/.messages ## format, lint, types, floors, migrations, messages, dependencies, docs
	@$(BIN)/python scripts/check.py

.PHONY: format
format: .venv/.everything ## put the code in shape
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix --quiet || true

.PHONY: bench
bench: .venv/.everything ## the benchmarks
	@$(BIN)/python benchmarks/run.py

.PHONY: planning
planning: .venv/.product ## the planning environment: automatic proton plans (an extra, 600 MB)
	@bash scripts/planning.sh

.PHONY: samples
samples: .venv/.product .var/.messages ## run the importers over a folder: make samples DIR=/some/folder
	@test -n "$(DIR)" || { echo "Name the folder: make samples DIR=/some/folder"; exit 2; }
	@$(BIN)/sapar samples "$(DIR)"

.PHONY: messages
messages: .venv/.everything ## collect the messages of the code into the catalogues, then compile them
	@$(BIN)/python scripts/messages.py update
	@$(BIN)/python scripts/messages.py compile

.PHONY: docs
docs: .venv/.everything ## the documentation, in docs/_build/html/index.html
	@$(BIN)/python scripts/docs.py

# What the above stand on. A stamp is written last, so what was killed half-way is done again.
.tools/.uv: scripts/bootstrap.sh
	@bash scripts/bootstrap.sh tools

.venv/.product: .tools/.uv $(LOCK)
	@bash scripts/bootstrap.sh product

.venv/.everything: .tools/.uv $(LOCK)
	@bash scripts/bootstrap.sh everything

.var/.messages: .venv/.product scripts/messages.py $(wildcard src/sapar/site/locale/*/LC_MESSAGES/*.po)
	@$(BIN)/python scripts/messages.py compile
	@mkdir -p .var && touch $@
