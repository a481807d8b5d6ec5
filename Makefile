# The commands of this project; `make help` lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install -q
# Workers that have nothing left to do take over what waits at another.
PYTEST := $(PY) -m pytest --dist worksteal
# Python warns because importing the package has loaded the module that is then run.
TEXTS := $(PY) -W ignore::RuntimeWarning -m erpcrm.core.catalogues
WORKERS ?= 2

# An environment whose Python is gone (the system was upgraded, the folder moved) is made anew.
ifneq ($(shell $(PY) -c 'print("well")' 2>/dev/null),well)
.PHONY: $(VENV)/pyvenv.cfg
endif

.PHONY: help run install test test-sqlite test-postgresql test-browser check lint types imports templates texts \
	migrations bench books format translations migration lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Start erpcrm. PORT, HOST, DATABASE_URL and DEMO=0 are taken from the environment
	@exec $(PY) -m flask --app app serve

install: $(VENV)/.run ## Install or upgrade what a server needs, without starting it
	@DATABASE_URL=sqlite:// SECRET_KEY=unused $(PY) -m flask --app app prepare
	@$(PY) -m compileall -q app.py erpcrm migrations

test: $(VENV)/.dev $(VENV)/.browser ## Run all tests: on SQLite, on PostgreSQL, and in a real Chromium
	@failed=; took=; \
	for part in sqlite postgresql browser; do \
		echo; echo "== $$part"; began=$$(date +%s); \
		$(MAKE) --no-print-directory test-$$part || failed="$$failed $$part"; \
		took="$$took $$part $$(($$(date +%s) - began)) s,"; \
	done; \
	echo; echo "Tests took:$${took%,}"; \
	$(PY) -m tests.browser.chromium || echo "Browser tests were skipped, one by one, because no Chromium was found."; \
	test -z "$$failed" || { echo "Failed:$$failed"; exit 1; }

test-sqlite: $(VENV)/.dev ## Run the tests on SQLite, without those in the browser
	@TEST_DATABASE=sqlite $(PYTEST) -n $(WORKERS) -m "not browser" $(ARGS)

test-postgresql: $(VENV)/.dev ## The same on PostgreSQL: TEST_POSTGRES_URL, or one that is started for it
	@TEST_DATABASE=postgresql $(PYTEST) -n $(WORKERS) -m "not browser" $(ARGS)

test-browser: $(VENV)/.dev $(VENV)/.browser ## Run the tests in the browser
	@TEST_DATABASE=sqlite $(PYTEST) -n $(WORKERS) -m browser $(ARGS)

check: lint types imports templates texts migrations ## Check form, types, import contracts, templates, translations, migrations

lint: $(VENV)/.dev
	$(PY) -m ruff format --check --quiet .
	$(PY) -m ruff check --quiet .

types: $(VENV)/.dev
	$(PY) -m mypy

imports: $(VENV)/.dev
	$(VENV)/bin/lint-imports --no-logo

templates: $(VENV)/.dev
	$(PY) -m djlint templates --lint --quiet

texts: $(VENV)/.dev
	$(TEXTS) check

migrations: $(VENV)/.dev
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && export DATABASE_URL="sqlite:///$$folder/check.db" && \
	echo "Migrations: from nothing to the newest, then compared with the models" && \
	$(PY) -m flask --app app db upgrade && $(PY) -m flask --app app db check

bench: $(VENV)/.dev ## Measure speed on a large database and write docs/benchmarks.md. SCALE=0.1 for a tenth
	$(PY) -m tests.benchmarks

books: $(VENV)/.dev ## Import the history of two real companies whole and compare it with their figures. ONLY=northwind for one
	$(PY) -m tests.books

format: $(VENV)/.dev ## Bring the code into the agreed form
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

translations: $(VENV)/.dev ## Take new texts from code and templates into the catalogues, then say what is missing
	$(TEXTS) update
	$(TEXTS) compile

# Written on PostgreSQL, because it can tell everything about its tables; SQLite hides some indexes.
migration: $(VENV)/.dev ## Write a migration from what changed in the models: make migration name="Add tickets"
	@test -n "$(name)" || { echo 'make migration name="What changes"'; exit 2; }
	@NAME='$(name)' $(PY) -m tests.postgres sh -c '$(PY) -m flask --app app db upgrade && \
		$(PY) -m flask --app app db migrate -m "$$NAME"'
	@$(PY) -m ruff format --quiet migrations/versions
	@echo "Read it, correct it, and add what to do with the data that is there."

COMPILE := .tools/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml

lock: .tools/bin/uv ## Pin the dependencies of pyproject.toml anew. UPGRADE=--upgrade takes the newest
	$(COMPILE) $(UPGRADE) --output-file requirements.txt
	$(COMPILE) $(UPGRADE) --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean: ## Remove what can be made again. Data in instance/ stays
	rm -rf $(VENV) .tools .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find erpcrm tests migrations -name __pycache__ -type d -prune -exec rm -rf {} +
	find erpcrm -name '*.mo' -delete
	find static -name '*.gz' -delete -o -name '*.br' -delete

$(VENV)/pyvenv.cfg:
	@for python in python3 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	test -n "$$found" || { echo "Python 3.11 or newer is needed."; exit 1; }; \
	echo "Making $(VENV) with $$($$found --version)"; \
	rm -rf $(VENV); \
	$$found -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.run: requirements.txt $(VENV)/pyvenv.cfg
	@echo "Installing dependencies"
	@$(PIP) --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt $(VENV)/pyvenv.cfg
	@echo "Installing dependencies and what checks and tests need"
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.run

# Not there when no browser could be had: the next run tries again.
$(VENV)/.browser: $(VENV)/.dev
	@sh tests/browser/install.sh $(PY) && touch $@ || true

.tools/bin/uv: $(VENV)/pyvenv.cfg
	@$(PY) -m venv .tools
	@.tools/bin/pip --disable-pip-version-check install -q uv
