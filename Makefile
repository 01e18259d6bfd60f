.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
RUFF_OPTIONS := --config .ci/ruff.toml --quiet
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Checks connect to nothing: these values only let the settings of production be read.
PRODUCTION := DASHTAM_ENV=production DATABASE_URL=postgresql://unused@127.0.0.1:1/unused \
	ALLOWED_HOSTS=dashtam.example EMAIL_URL=smtp://unused.invalid POSTGRES_PASSWORD=unused \
	OWNER_PASSWORD=unused APP_PASSWORD=unused SEALER_PASSWORD=unused AUDITOR_PASSWORD=unused \
	OPERATOR_PASSWORD=unused AUDIT_MAC_KEYS=unused AUDIT_PUBLIC_KEYS=unused AUDIT_SEALING_KEY=unused CREDENTIAL_KEYS=unused \
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')

# To rewrite the assertions of all tests takes longer than to collect them: what comes of it is kept.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4

# What `make faults` runs in its long form, beside killing servers and relays.
LANES := tests/adapters/persistence/test_ledger_machine.py tests/adapters/persistence/test_daily_files.py \
	tests/adapters/persistence/test_database_cancellation.py \
	tests/adapters/persistence/test_sync_schedules.py \
	tests/adapters/persistence/test_database_outages.py tests/adapters/persistence/test_database_pool.py \
	tests/adapters/persistence/test_rotation.py tests/adapters/persistence/test_migrations_populated.py \
	tests/adapters/persistence/test_roles.py tests/adapters/audit tests/adapters/reading \
	tests/architecture/test_patterns.py tests/e2e/test_hostile_files.py

# The first Python that is new enough, if possible one that can make virtual environments.
PYTHON = $(shell for module in ensurepip sys; do for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c "import sys, $$module; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && echo $$python && exit; done; done)

.PHONY: help demo run test test-all cases check backup restore baseline reference faults corpus interop bench lock sbom image-digests format migrate-create migrate-up migrate-down migrate-history clean

help:  ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.installed  ## import example statements, and show what came of them
	@$(MANAGE) demo

run: .venv/.installed  ## serve the API and the admin on 127.0.0.1:8000
	@$(MANAGE) serve

test: .venv/.installed  ## run the quick tests, in two minutes; ONLY=tests/domain runs all of a part
	@$(PYTEST) $(if $(ONLY),--dist loadfile $(ONLY),--dist worksteal --quick)

test-all: .venv/.installed  ## run all tests: also kills, processes, servers, migrations, long properties
	@$(PYTEST) --dist loadfile --no-loadscope-reorder

cases: .venv/.installed  ## run the acceptance cases; KIND=A or ONLY="012 051" runs some, RECORD=1 lists what is right
	@$(BIN)/python -m tests.acceptance $(addprefix --kind ,$(KIND)) $(if $(RECORD),--record) $(ONLY)

check: .venv/.dev  ## check format, lint, types, layers, migrations and deployment
	$(BIN)/ruff format $(RUFF_OPTIONS) --check .
	$(BIN)/ruff check $(RUFF_OPTIONS) .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	DATABASE_URL= $(MANAGE) makemigrations --check --dry-run
	@echo "manage.py check --deploy" && $(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	@echo "docker-compose config" && $(PRODUCTION) $(BIN)/docker-compose --env-file .env.example config --quiet
	$(BIN)/hadolint Dockerfile

backup: .venv/.installed  ## write the whole database into a file: make backup FILE=dashtam.backup
	@test -n "$(FILE)" || { echo "Say where to: make backup FILE=dashtam.backup"; exit 1; }
	@$(MANAGE) backup $(FILE)

restore: .venv/.installed  ## read such a file into a new database: make restore FILE=dashtam.backup
	@test -n "$(FILE)" || { echo "Say what: make restore FILE=dashtam.backup"; exit 1; }
	@$(MANAGE) restore $(FILE)

baseline: .venv/.installed  ## record the schema that the migrations make, which `audit verify` expects
	@DATA_DIR=$$(mktemp -d) && export DATA_DIR && $(MANAGE) migrate --verbosity 0 && \
		$(MANAGE) audit baseline > $$DATA_DIR/schema_baseline.txt && \
		cp $$DATA_DIR/schema_baseline.txt adapters/audit/schema_baseline.txt; rm -rf $$DATA_DIR

reference: .venv/.installed  ## write the page of all words of the API, docs/reference.md, from the code
	@$(BIN)/python -m dashtam.reference > docs/reference.md.new && mv docs/reference.md.new docs/reference.md

corpus: .venv/.installed  ## read a collection of real statement files: CORPUS=folder
	@DATABASE_URL= $(BIN)/python -m tests.corpus

interop: .venv/.installed  ## run Actual and the library of Home Assistant against Dashtam (needs Node)
	@$(BIN)/python -m interop

faults: .venv/.installed  ## drive faults for long (some forty-five minutes); SEED=7 plays one again
	@FAULTS=long $(BIN)/python -m pytest -q -o faulthandler_timeout=0 $(LANES)
	@$(BIN)/python -m faults $(if $(SEED),--seed $(SEED))

bench: .venv/.installed  ## measure, and compare with the limits
	@$(BIN)/python -m benchmarks

format: .venv/.dev  ## put the code in order
	-@$(BIN)/ruff check $(RUFF_OPTIONS) --fix .
	@$(BIN)/ruff format $(RUFF_OPTIONS) .

migrate-create: .venv/.installed  ## write a migration: make migrate-create APP=ledger NAME=add_payee
	@$(MANAGE) makemigrations $(APP) $(if $(NAME),--name $(NAME))

migrate-up: .venv/.installed  ## apply all migrations
	@$(MANAGE) migrate

migrate-down: .venv/.installed  ## go back: make migrate-down APP=ledger TO=0001, or TO=zero
	@test -n "$(APP)" -a -n "$(TO)" || { echo "Say how far: make migrate-down APP=ledger TO=0001"; exit 1; }
	@$(MANAGE) migrate $(APP) $(TO)

migrate-history: .venv/.installed  ## show which migrations are applied
	@$(MANAGE) showmigrations

lock: .venv/tools  ## pin every package with its hashes; UPGRADE=1 takes newer ones
	@for lock in server:requirements/server.txt tests:requirements.txt dev:requirements/dev.txt tools:requirements/tools.txt; do \
		.venv/tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-annotate --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) \
			$${lock#*:} --output-file requirements/lock/$${lock%%:*}.txt || exit 1; done

image-digests:  ## ask the registry for the digests of all images, as settings for production.env
	@for image in PYTHON_IMAGE=python:3.13-slim-bookworm POSTGRES_IMAGE=postgres:18-bookworm \
		CADDY_IMAGE=caddy:2-alpine REDIS_IMAGE=redis:8-alpine; do \
		digest=$$(docker buildx imagetools inspect --format '{{json .Manifest.Digest}}' $${image#*=}) || exit 1; \
		echo "$$image@$$(echo $$digest | tr -d '"')"; done

sbom: .venv/tools  ## list every package of the image (CycloneDX) in sbom.cdx.json
	@$(BIN)/python -m venv --clear .venv/server
	@.venv/server/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock/server.txt
	@.venv/tools/bin/cyclonedx-py environment .venv/server --output-reproducible --output-file sbom.cdx.json

clean:  ## remove the virtual environment and caches; data in var/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# Every target above waits for these: made once, and again when requirements change.

$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "Dashtam needs Python 3.11 or newer; here is $$(python3 --version 2>&1)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) lacks its venv module (on Debian and Ubuntu: apt-get install python3-venv)."; exit 1; }
	@$(PYTHON) -m venv --clear .venv

.venv/.installed: requirements/lock/tests.txt | $(BIN)/pip
	@echo "Installing Dashtam's packages into .venv (this happens once) ..."
	@$(PIP) --require-hashes -r requirements/lock/tests.txt
	@touch $@

.venv/tools: requirements/lock/tools.txt | $(BIN)/pip
	@$(BIN)/python -m venv --clear $@
	@$@/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<

.venv/.dev: .venv/.installed requirements/lock/dev.txt
	@echo "Installing the tools of make check into .venv (this happens once) ..."
	@$(PIP) --require-hashes -r requirements/lock/dev.txt
	@touch $@
