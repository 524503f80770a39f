# Heming: `make run` to try it, `make test` before you push, `make help` for the rest.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv/bin
ORDERS ?= 200
export ORDERS KEEP SHORT ONLY

.DEFAULT_GOAL := help
.PHONY: help install run demo test bench proof chaos lint fmt lock contracts messages screenshots reset

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: ## Python and front-end packages, translations; instant when nothing changed
	@$(PYTHON) -m deploy.install base

run: install ## a running Heming with the demo company; Ctrl-C stops it
	@exec $(VENV)/python manage.py up

demo: install ## prove it on real orders in a deployment of its own (ORDERS=830 for all, KEEP=1 leaves it running)
	@exec $(VENV)/python manage.py demo

test: ## linters and every test
	@$(PYTHON) -m deploy.install base test
	@exec $(VENV)/python -m deploy.testing

bench: ## what it costs against a plain way of doing the same, as JSON lines (ONLY=post for one)
	@$(PYTHON) -m deploy.install base test
	@exec $(VENV)/python -m bench $(ONLY)

proof: ## long correctness runs, one JSON line each (ONLY=strings for one)
	@$(PYTHON) -m deploy.install base test
	@exec $(VENV)/python -m proofs $(ONLY)

chaos: ## the wire under fire, one JSON line per fault (ONLY=relay-killed for one, SHORT=1 for the quick ones)
	@$(PYTHON) -m deploy.install base test
	@exec $(VENV)/python -m chaos $(ONLY)

lint: ## linters only
	@$(PYTHON) -m deploy.install base test
	@exec $(VENV)/python -m deploy.testing --lint-only

fmt: ## format the code
	@$(PYTHON) -m deploy.install base test
	@$(VENV)/ruff check --fix --quiet .; $(VENV)/ruff format .

lock: install ## pin requirements/*.in into requirements/*.txt, with hashes and without addresses
	@for name in uv base test; do $(VENV)/uv pip compile --quiet --generate-hashes --no-emit-index-url \
		--no-header --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt || exit 1; done

contracts: install ## publish the contracts: schemas and docs/contracts.md
	@exec $(VENV)/python -m integration.contracts.publish

messages: install ## collect translatable text into locale/*/LC_MESSAGES/django.po and say what waits for a translator
	@exec $(VENV)/python -m deploy.messages

screenshots: ## pictures of the running deployment for the documentation
	@$(PYTHON) -m deploy.install base test
	@exec $(VENV)/python -m deploy.screenshots

reset: ## throw away all data and start over
	@if [ -x $(VENV)/python ]; then $(VENV)/python manage.py reset; fi
