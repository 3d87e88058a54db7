# Each verb sets up what it needs in a virtual environment of the project's own (.venv), prints each command before it
# runs it, and ends with one line. `make help` lists them.

HOST ?= 127.0.0.1
PORT ?= 8000
VENV ?= .venv
ARGS ?=

# The tests start many processes of Python: without bytecode files each would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

# The first Python that really starts, is new enough and can make virtual environments (Debian packs `venv` apart).
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 "$$HOME"/.pyenv/versions/3.1[1-3].*/bin/python; do \
	"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

# The versions of all that is installed; `make CONSTRAINTS=` takes the newest.
CONSTRAINTS ?= constraints.txt

BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Sets $$python to a Python $$version that starts, and to nothing where this machine has none.
FIND = python=; for found in python$$version "$$HOME"/.pyenv/versions/$$version.*/bin/python; do \
	if "$$found" -c 'import ensurepip, venv' 2>/dev/null; then python=$$found; break; fi; done

# Runs a target for each other Python, in its own virtual environment.
EACH_OTHER = set -e; own=$$($(BIN)/python -c 'import sys; print("3.%d" % sys.version_info[1])'); \
	for version in 3.11 3.12 3.13; do \
		[ $$version != $$own ] || continue; \
		$(FIND); \
		if [ -n "$$python" ]; then \
			$(MAKE) --no-print-directory VENV=.venv-$$version PYTHON="$$python" $(1); \
		else \
			echo "Python $$version is not on this machine: left out"; \
		fi; \
	done

.DEFAULT_GOAL := help
.PHONY: help demo test quick slow test-others set-up set-up-others set-up-checks test-all newest lint types contract clients interop engines docs docs-serve check fix upgrade schemas bench soak scale clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(VENV)/.with-examples ## serve examples/airports, with its API docs at /docs (PORT=8000)
	@echo "The API docs: http://$(HOST):$(PORT)/docs   (Ctrl-C ends it)"
	@echo '$(BIN)/signette run examples.airports:app --host $(HOST) --port $(PORT)'
	@$(BIN)/signette run examples.airports:app --host $(HOST) --port $(PORT) \
		|| { echo "demo: it did not start; where the port is taken, name another: make demo PORT=8001" >&2; exit 1; }
	@echo "demo: ended"

# Each worker takes tests that stand together and share what they set up; one that has ended takes some of another's.
WORKERS = --numprocesses auto --dist worksteal
test: $(VENV)/.with-tests ## run all tests, including the docs' code blocks and the examples (ARGS="-k url")
	$(BIN)/python -m pytest $(WORKERS) --ignore=tests/interop $(ARGS)
	@echo "test: passed"

# One event loop and few random examples. `make quick` leaves out docs, examples, and what is marked as thorough.
BRIEF = --event-loop asyncio --hypothesis-profile quick
LONG = $(addprefix --ignore=tests/,browser differential docs examples interop declarative/crossing) -m "not slow and not thorough"
quick: $(VENV)/.with-tests ## run most of the tests in less than a minute, on one event loop (ARGS="-k url")
	$(BIN)/python -m pytest $(WORKERS) $(BRIEF) $(LONG) $(ARGS)
	@echo "quick: passed; 'make test' runs all"

slow: $(VENV)/.with-tests ## run the tests that take long: a gigabyte up and down in little memory
	$(BIN)/python -m pytest $(WORKERS) -m slow $(ARGS)
	@echo "slow: passed"

# A version that is not on the machine, or whose command is a shim that does not start, is skipped with a message.
# One Python is enough for trio, for the page in a browser, for counts of calls, for comparisons with other packages, and
# for tests that read text: pages, the names of things, imports.
TEXT = $(addprefix docs/test_,plain_words.py links.py questions.py architecture_page.py) test_architecture.py test_tests.py
ONCE = $(BRIEF) $(addprefix --ignore=tests/,browser benchmarks differential examples/topics $(TEXT)) \
	-m 'not slow and not thorough'
# 3.12 is between two that run all of these: there the parts that read signatures and types are enough.
BETWEEN = $(addprefix tests/,declarative client mcp) $(addprefix --ignore=tests/declarative/,crossing test_signature_errors.py)
test-others: $(VENV)/.with-tests ## run most tests, on asyncio, on each other Python from 3.11 to 3.13 on this machine
	@$(call EACH_OTHER,test ARGS="$(ONCE) $$([ $$version != 3.12 ] || echo "$(BETWEEN)") $(ARGS)")
	@echo "test-others: passed"

set-up-others: $(VENV)/.with-tests ## install what test-others needs, for each other Python
	@$(call EACH_OTHER,set-up)
	@echo "set-up-others: done"

set-up: $(VENV)/.with-tests

# One run of pip for all groups takes half as long as one for each.
CHECKS = check contract clients docs interop
set-up-checks: $(VENV)/bin/python ## install at once what lint, types, contract, clients, docs and interop need
	$(PIP) --upgrade $(addprefix --constraint ,$(CONSTRAINTS)) pip
	$(PIP) $(foreach option,--constraint --build-constraint,$(addprefix $(option) ,$(CONSTRAINTS))) \
		--editable '.[all]' $(addprefix --group ,$(CHECKS))
	@touch $(addprefix $(VENV)/.with-,$(CHECKS))
	@echo "set-up-checks: done"

test-all: test test-others ## run the tests on every Python from 3.11 to 3.13 that is on this machine

# Counts of calls belong to the versions in constraints.txt, and the page in a browser needs no newer ones.
newest: ## run the tests with the newest versions of everything, instead of those in constraints.txt
	rm -rf .venv-newest
	$(MAKE) --no-print-directory test VENV=.venv-newest CONSTRAINTS= \
		ARGS="--hypothesis-profile quick $(addprefix --ignore=tests/,browser benchmarks) $(ARGS)"
	@echo "newest: passed"

lint: $(VENV)/.with-check ## check format and lint, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@echo "lint: passed"

types: $(VENV)/.with-check ## mypy --strict on all, pyright on the public API
	$(BIN)/mypy --strict
	$(BIN)/pyright --pythonpath $(BIN)/python
	@echo "types: passed"

contract: $(VENV)/.with-contract ## test an example against its OpenAPI document over a socket, with schemathesis
	$(BIN)/python -m tests.contract
	@echo "contract: passed"

clients: $(VENV)/.with-clients ## generate Python and TypeScript clients of the examples, and compile them
	$(BIN)/python -m tests.clients
	@echo "clients: passed"

# Other packages are installed for these tests alone, so `make test` leaves them out.
interop: $(VENV)/.with-interop ## run packages for Starlette and FastAPI, unchanged, with signette over a socket
	$(BIN)/python -m pytest tests/interop $(ARGS)
	@echo "interop: passed"

engines: $(VENV)/.with-engines ## run the example for many processes on Ray Serve, which is large; needs redis-server
	$(BIN)/python -m pytest -m slow tests/engines $(ARGS)
	@echo "engines: passed"

SITE = NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs
docs: $(VENV)/.with-docs ## build the documentation site in build/site, and test it in a browser
	$(SITE) build --strict --quiet
	$(BIN)/python -m tests.site
	@echo "docs: built in build/site"

docs-serve: $(VENV)/.with-docs ## serve the documentation site, and build it again when a page changes (PORT=8000)
	$(SITE) serve --dev-addr $(HOST):$(PORT)

check: lint types test-all slow contract clients interop docs ## everything: format, lint, types, architecture, tests, docs, contract
	@echo "check: passed"

fix: $(VENV)/.with-check ## fix format, and apply lint's safe fixes
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	@echo "fix: done; 'make check' shows what is left"

upgrade: $(BIN)/python ## write constraints.txt with the newest versions; 'make check' then tests them
	@pythons=; for version in 3.11 3.12 3.13; do $(FIND); pythons="$$pythons $$python"; done; \
		echo "$(BIN)/python .ci/constraints.py$$pythons"; $(BIN)/python .ci/constraints.py $$pythons
	@echo "upgrade: constraints.txt is written"

schemas: $(VENV)/.with-tests ## write schemas/openapi again, after an intended change of an example's document
	$(BIN)/python -m tests.regenerate
	@echo "schemas: written"

bench: $(VENV)/.with-benchmarks ## compare the speed of signette with other frameworks, in one run
	$(BIN)/python -m benchmarks $(ARGS)
	@echo "bench: the figures are in build/bench"

soak: $(VENV)/.with-examples ## serve mixed load for 30 minutes, and compare memory, descriptors, threads and tasks (ARGS="--minutes 2")
	$(BIN)/python -m benchmarks.soak --json build/soak.json $(ARGS)
	@echo "soak: nothing was lost, nothing was left open"

# redis-server is found on the PATH, or named: REDIS_SERVER=/path/to/redis-server make scale
scale: $(VENV)/.with-examples ## run examples/market on several processes under load, kill some of them, and count what is lost
	$(BIN)/python -m examples.market.scale $(ARGS)
	@echo "scale: nothing was lost, nothing was done twice"

clean: ## remove what the other targets made
	rm -rf .venv .venv-3.* .venv-newest .mypy_cache .ruff_cache .hypothesis .schemathesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find examples -name '*.sqlite3*' -type f -delete
	@echo "clean: done"

# The virtual environment, and in it a stamp for each dependency group of pyproject.toml that it holds.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "signette needs Python 3.11 or later with its venv module, and found none;" \
		"on Debian: apt-get install python3-venv; or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

# pip itself is one of the constraints: it needs `--group` (25.1) and `--build-constraint` (25.3).
$(VENV)/.with-%: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(PIP) --upgrade $(addprefix --constraint ,$(CONSTRAINTS)) pip
	$(PIP) $(foreach option,--constraint --build-constraint,$(addprefix $(option) ,$(CONSTRAINTS))) \
		--editable '.[all]' --group $*
	@touch $@
