# One target per chore. `make demo` and `make test` set everything up themselves.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
JOBS ?= $(shell getconf _NPROCESSORS_ONLN)
# Python keeps what it has compiled: tests start many processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup clients demo run package check-package test test-fast test-python test-processes test-clients test-e2e test-postgres test-faults mutants test-frontend lint fmt types bench openapi audit sbom clean

setup: .venv/.stamp-packages portal/frontend/dist/.stamp-built

.venv/.stamp-uv: portal/setup/uv.txt
	$(PYTHON) portal/setup/check_python.py
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement portal/setup/uv.txt
	@touch $@

.venv/.stamp-packages: .venv/.stamp-uv pyproject.toml uv.lock
	VIRTUAL_ENV= UV_PROJECT_ENVIRONMENT=.venv $(BIN)/uv sync --quiet --frozen --inexact --all-extras --all-groups
	@touch $@

FRONTEND := $(shell find portal/frontend -path portal/frontend/node_modules -prune -o -path portal/frontend/dist -prune -o -type f -print 2>/dev/null)

# Clients of other projects, to test with: their packages do not go together with ours.
clients: .venv-clients/.stamp-clients

.venv-clients/.stamp-clients: .venv/.stamp-uv tests/clients/requirements.txt
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-clients
	$(BIN)/uv pip install --quiet --python .venv-clients/bin/python -r tests/clients/requirements.txt
	@touch $@

portal/frontend/dist/.stamp-built: $(FRONTEND) portal/setup/frontend.sh
	portal/setup/frontend.sh build
	@touch $@

# ENGINES=real takes PostgreSQL, Redis and Elasticsearch from DATABASE_URL, REDIS_URL and ELASTICSEARCH_URL.
ENGINES ?= embedded
EMBEDDED := env -u DATABASE_URL -u REDIS_URL -u ELASTICSEARCH_URL -u SEARCH_BACKEND
demo: setup
	$(if $(filter real,$(ENGINES)),,$(EMBEDDED)) $(BIN)/python manage.py demo --port $(PORT)

# For a company, on this machine: `make run ARGS="--host 0.0.0.0 --data /srv/gazetteer"`.
run: setup
	$(BIN)/gazetteer-server --port $(PORT) $(ARGS)

# The wheels of the client (`gazetteer`) and of the server (`gazetteer-catalog`), in var/dist.
package: setup
	portal/setup/package.sh var/dist

# Both wheels in empty environments, and the first journey with them.
check-package: setup
	$(BIN)/python -m portal.setup.check_package

test: setup clients test-python test-processes test-clients test-e2e test-postgres test-frontend

PYTEST := $(BIN)/pytest -n $(JOBS) --dist loadfile

# While one works: no engines, no other programs, fewer examples of the property tests.
test-fast: setup
	$(EMBEDDED) -u TEST_POSTGRES_URL -u TEST_REDIS_URL -u TEST_ELASTICSEARCH_URL TEST_PROFILE=quick \
	  $(PYTEST) -m "not processes and not clients and not e2e and not faults and not material"

test-python: setup
	$(PYTEST) -m "not processes and not clients and not e2e and not faults"

# Whole installations, with commands, workers and servers in processes of their own.
test-processes: setup
	$(PYTEST) -m processes

test-clients: setup clients
	$(PYTEST) -m clients tests/clients

# The browser tests run in a process of their own: what drives the browser keeps an event loop.
test-e2e: setup
	$(BIN)/pytest -n 0 -m e2e tests/e2e

# What touches the database, once more.
test-postgres: setup
	$(BIN)/python -m tests.postgres -n $(JOBS) --dist loadfile

# Kills PostgreSQL, Redis and Elasticsearch by the program that TEST_SERVICES names: alone, and last.
test-faults: setup
	$(BIN)/pytest -n 0 -p no:randomly -m faults tests/services/faults

# Plants small faults one at a time: do the tests one would expect notice them?
mutants: setup
	$(BIN)/python -m tests.mutants

test-frontend: setup
	portal/setup/frontend.sh test

# The tags of our own that have parts, so that these are indented as parts.
DJHTML := --tabwidth 2 --extra-block page_head,lead,actions,endpage_head

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --severity-level medium --recursive catalog lineage ingestors portal gazetteer
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet portal/templates
	$(BIN)/djhtml --check $(DJHTML) portal/templates
	portal/setup/frontend.sh lint
	$(BIN)/python -W error manage.py makemigrations --check --dry-run
	$(BIN)/python -W error manage.py check

fmt: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djhtml $(DJHTML) portal/templates
	portal/setup/frontend.sh fmt

types: setup
	$(BIN)/mypy
	portal/setup/frontend.sh check

# The Dockerfile's steps in a fresh folder, and what comes out of them, looked at from outside.
image: setup
	$(BIN)/python -m portal.setup.check_image

# Known vulnerabilities of the locked packages; ends with 2 where no advisory service can be reached.
audit: setup
	portal/setup/audit.sh

# What an installation is made of, as CycloneDX.
sbom: setup
	portal/setup/sbom.sh var/sbom

bench: setup
	$(BIN)/python -m benchmarks

openapi: setup
	$(BIN)/python manage.py spectacular --validate --file docs/openapi.yaml

clean:
	rm -rf .venv var staticfiles portal/frontend/dist portal/frontend/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
