# The two commands a newcomer needs are `make demo` and `make test`; each sets up what it lacks.
# `make help` lists the rest. Everything that set-up makes lies in .venv, node_modules and build.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
DONE := build/done
# A part of the tests runs in one process, all of them in two. A file stays in one of them, so that what its tests share is
# made once; files keep their order, which begins with the longest (tests/conftest.py) and ends with quick ones.
WORKERS ?= $(if $(ARGS),0,2)

.DEFAULT_GOAL := help
.PHONY: help demo test check setup setup-dev browser format lock clean

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name words; do \
		printf '  make %-10s %s\n' "$$name" "$$words"; done

demo: setup ## Replay the year, print its figures, serve it on 127.0.0.1:8000
	@$(BIN)/lianxin demo $(ARGS)

test: setup-dev $(DONE)/browser $(DONE)/spark ## Run the tests; ARGS="tests/safety -x" for a part, DATABASE_URL=… elsewhere
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup-dev ## Lint, types, import contracts, templates, migrations
	@scripts/check

setup: ## Install what the product needs to run; nothing when nothing has changed
	@$(MAKE) --silent --no-print-directory -j2 $(DONE)/python $(DONE)/front

setup-dev: ## Install what tests and checks need as well
	@$(MAKE) --silent --no-print-directory -j2 $(DONE)/python-dev $(DONE)/front

format: setup-dev ## Put code and templates in order
	@scripts/format

lock: setup-dev ## Resolve requirements/*.in and package.json into their locks; ARGS=--upgrade for newer ones
	@scripts/lock $(ARGS)

clean: ## Remove what set-up made; keeps var, where the data lies
	@rm -rf build node_modules $(VENV) lianxin/web/static/vendor

$(DONE)/venv: scripts/venv
	@scripts/venv && mkdir -p $(DONE) && touch $@

$(DONE)/python: requirements/base.txt scripts/install $(DONE)/venv
	@scripts/install base && touch $@

$(DONE)/python-dev: requirements/dev.txt $(DONE)/python
	@scripts/install dev && touch $@

$(DONE)/spark: requirements/spark.txt scripts/spark $(DONE)/python-dev
	@scripts/spark $@

$(DONE)/npm: package-lock.json scripts/npm
	@scripts/npm && mkdir -p $(DONE) && touch $@

# The icons are drawn by the product's own Python; it needs no package, only the checkout.
$(DONE)/front: $(DONE)/npm $(DONE)/venv scripts/vendor lianxin/web/icons.py lianxin/web/sprite.py
	@scripts/vendor && touch $@

$(DONE)/browser: scripts/browser $(DONE)/python-dev
	@scripts/browser && touch $@
