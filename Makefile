# Everything runs in a virtual environment of its own, .venv, made with nothing but Python 3.11+ and make.
# Stamp files in it make the second run fast. `make` alone lists the targets.

# Stories wait for the bot's processes: twice as many at once as there are cores (of two).
PYTHON ?=
JOBS   ?= 4
ARGS   ?=

# Per cent of the lines and branches of bot/ and engine/ that the small tests must reach. Tracing makes
# a test twice as slow: the stories, which walk through all of it, come on top and are not traced.
GATE  := 85
SMALL := $(addprefix tests/,cards domain engine forms handlers services)

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --quiet --disable-pip-version-check install

.PHONY: help install demo test check lint imports types fmt words bench screenshots soak validate-cards lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- what is installed ---------------------------------------------------------------------------

$(VENV)/.made: tools/venv
	@PYTHON="$(PYTHON)" sh tools/venv $(VENV)
	@touch $@

$(VENV)/.project: pyproject.toml requirements-build.lock $(VENV)/.made
	@$(PIP) --require-hashes -r requirements-build.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.runtime: requirements.lock $(VENV)/.made
	@echo "Installing what owroute needs to run (once) ..."
	@$(PIP) --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.made
	@echo "Installing what the tests and checks need (once) ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime

# A server for the tests, in an environment of its own: it brings 88 packages that owroute does not need.
DSTACK := .venv-dstack

$(DSTACK)/.made: requirements-dstack.lock tools/venv
	@PYTHON="$(PYTHON)" sh tools/venv $(DSTACK)
	@echo "Installing a dstack server for the tests (once) ..."
	@$(DSTACK)/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements-dstack.lock
	@touch $@

RUNTIME := $(VENV)/.runtime $(VENV)/.project
DEV     := $(VENV)/.dev $(VENV)/.project

install: $(DEV)  ## make .venv with everything a developer needs

# --- what people run -----------------------------------------------------------------------------

demo: $(RUNTIME)  ## the real bot in a local Slack workspace, in your browser
	@exec $(BIN)/owroute demo $(ARGS)

test: $(DEV)  ## the whole test suite, with the coverage gate; ARGS='-k word' runs a part without it
	@$(if $(ARGS),:,$(MAKE) --no-print-directory $(DSTACK)/.made) || echo "dstack could not be installed: its tests cannot run here."
	$(BIN)/pytest --dist worksteal $(if $(ARGS),-n $(JOBS) $(ARGS),-n auto --cov --cov-fail-under=$(GATE) $(SMALL))
	$(if $(ARGS),,$(BIN)/pytest -n $(JOBS) --dist worksteal tests $(addprefix --ignore=,$(SMALL)))

check: lint imports types test  ## what CI runs: format, lint, floors, types, tests

lint: $(DEV)  ## format and lint, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

imports: $(DEV)  ## the floors: who may import whom
	$(BIN)/lint-imports

types: $(DEV)  ## mypy, strict
	$(BIN)/mypy

fmt: $(DEV)  ## format, and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# --- now and then --------------------------------------------------------------------------------

words: $(DEV)  ## bring the translation catalogues up to date with the sentences in the code
	$(BIN)/python -m bot.cards.catalogue
	$(BIN)/pybabel -q extract -k _ --no-location --sort-output -o $(VENV)/owroute.pot owroute
	$(BIN)/pybabel -q update -N --omit-header -D owroute -l zh_CN -i $(VENV)/owroute.pot -d owroute/locale

bench: $(DEV)  ## measure beside floors taken in the same run; reports, never fails
	$(BIN)/python -m tests.bench $(ARGS)

screenshots: $(DEV)  ## take the pictures of the documentation again, from the page in Chromium
	OWROUTE_SCREENSHOTS=docs/images $(BIN)/pytest tests/browser $(ARGS)

soak: $(DEV)  ## long kill loops on both stores, and twenty times as many examples of each property
	$(BIN)/pytest -m soak --timeout=3600 $(ARGS)
	$(BIN)/pytest -m hypothesis --hypothesis-profile=thorough --timeout=3600 -n $(JOBS) $(ARGS)

validate-cards: $(DEV)  ## every golden card through Slack's own blocks.validate (needs the network)
	$(BIN)/python -m tests.house.validate_cards

lock: $(DEV)  ## resolve the locks again (needs uv; ARGS=--upgrade for newer versions)
	@command -v uv >/dev/null || { echo "make lock needs uv on the PATH."; exit 1; }
	uv pip compile $(LOCK) pyproject.toml -o requirements.lock
	uv pip compile $(LOCK) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	uv pip compile $(LOCK) --group build -c requirements-dev.lock -o requirements-build.lock
	uv pip compile $(LOCK) --group dstack -o requirements-dstack.lock

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-strip-extras --no-emit-index-url $(ARGS)

clean:  ## remove .venv, caches and build output; data stays
	rm -rf $(VENV) $(DSTACK) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
