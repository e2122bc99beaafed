# Regulars: `make run` shows the demo store, `make test` proves everything, `make help` lists the rest.
# Each target sets up what it needs, once: the stamps in .venv follow the lock files.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODELS := .cache/models
FACES := $(wildcard ../shared/data/faces-dev)
# Most tests wait for something, so one more than there are processors fills them.
WORKERS ?= $(shell echo $$(($$(nproc) + 1)))
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	--root-user-action=ignore
say = @printf '\033[1m==> %s\033[0m\n'

.PHONY: help run hq test lint bench oracle bundle deb lock clean venv

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: $(MODELS)/.fetched ## set up what is missing, then start the demo store
	$(say) "Starting the demo store; Ctrl-C ends it"
	@exec $(BIN)/regulars demo

hq: $(VENV)/.dev ## headquarters, NATS and three stores on this machine, syncing before your eyes
	@exec $(BIN)/regulars chain

test: $(VENV)/.dev $(MODELS)/.fetched lint ## lint, types and every test, in a real browser too
	@scripts/debian-packages
	$(say) "Running the tests"
	@$(BIN)/python -m pytest --numprocesses $(WORKERS)

lint: $(VENV)/.dev ## ruff and strict mypy
	$(say) "Checking style and types"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy

bench: $(MODELS)/.fetched ## every benchmark that needs no licence; the last line of each is one JSON object
	$(say) "Measuring what a face and a detection cost"
	@$(BIN)/regulars bench embed $(if $(FACES),--faces $(FACES))
	$(say) "Measuring the search among 100,000 members"
	@$(BIN)/regulars bench search --templates 100000 --dim 128
	$(say) "Measuring the pipeline"
	@$(BIN)/regulars bench pipeline --streams 1 --seconds 60 $(if $(FACES),--faces $(FACES))
	$(say) "Measuring identification"
	@$(BIN)/regulars bench identify --shots 3 $(if $(FACES),--faces $(FACES))
	$(say) "Measuring the door"
	@$(BIN)/regulars bench door --approaches 40 --streams 1 $(if $(FACES),--faces $(FACES))

oracle: $(VENV)/.dev .venv-oracle/.done ## the vouchers' bytes against another implementation
	$(say) "Comparing with pycose"
	@$(BIN)/python -m pytest -q tests/component/test_cose_oracle.py

bundle: $(VENV)/.run ## all that an installation needs, in one file, for a shop without a line
	@provisioning/bundle.sh dist

deb: $(VENV)/.run ## the same as a Debian package
	@provisioning/deb.sh dist

venv: $(VENV)/.run ## the virtual environment alone

lock: ## lock every dependency anew, with hashes; needs a way to a package index
	$(say) "Locking dependencies"
	@scripts/lock

clean: ## remove the virtual environment, the caches and what the demos keep
	rm -rf $(VENV) .venv-oracle .cache .demo .demo-hq .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Regulars needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(say) "Creating the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	$(say) "Installing what Regulars runs on (some 370 MB, once)"
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/run.txt
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(say) "Installing what the tests need"
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@

# pycose wants an older cbor2 than the program, so it lives apart.
.venv-oracle/.done: requirements/oracle.txt
	$(say) "Installing the oracle"
	@$(PYTHON) -m venv .venv-oracle
	@.venv-oracle/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--require-hashes --only-binary :all: -r requirements/oracle.txt
	@touch $@

$(MODELS)/.fetched: models/manifest.toml | $(VENV)/.run
	$(say) "Fetching the model files"
	@$(BIN)/regulars models fetch --models-dir $(MODELS)
	@touch $@
