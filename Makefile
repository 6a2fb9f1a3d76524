# KJ Report: `make` alone says what there is.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
VENV := .venv
PY := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# What production is like, for `manage.py check --deploy`: nothing in it opens anything.
PRODUCTION := DEBUG=false SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))')" \
	SITE_URL=https://paper.test ALLOWED_HOSTS=paper.test BEHIND_PROXY=true TRUSTED_PROXY_COUNT=1 \
	DATABASE_URL=postgres://paper@localhost/paper REDIS_URL=redis://localhost:6379/0 \
	STRIPE_SECRET_KEY="rk_""live_nothing" STRIPE_WEBHOOK_SECRETS=whsec_nothing \
	STRIPE_API_BASE=https://api.stripe.com \
	EMAIL_BACKEND=django.core.mail.backends.smtp.EmailBackend DEFAULT_FROM_EMAIL="Paper <post@paper.test>"

.PHONY: help run test test-fast check fmt lock bench soak browser-tools clean environment environment-dev

help: ## say what there is
	@echo "KJ Report. Two commands are enough:"
	@echo
	@echo "  make run            start the paper on this machine, with demo people and no Stripe account"
	@echo "  make test           test everything that this machine can test"
	@echo
	@echo "And for those who build it:"
	@echo
	@echo "  make test-fast      the suite on SQLite only; ARGS=\"tests/unit -k wall\" narrows it"
	@echo "  make live-stripe    the journeys in a Stripe test account of yours: STRIPE_SANDBOX_KEY=sk_test_…"
	@echo "  make check          lint, format, types, import contracts, deployment checks, migrations, templates"
	@echo "  make fmt            format Python and templates"
	@echo "  make lock           work out requirements/*.txt anew from pyproject.toml"
	@echo "  make bench          measure pages against nginx serving the same bytes"
	@echo "  make soak           live random lives of payers by the hundred thousand; ARGS=\"--histories 1000\" narrows it"
	@echo "  make browser-tools  fetch axe-core for the browser journeys"
	@echo "  make clean          remove the environment and caches; var/, where your data are, stays"
	@echo
	@echo "Ports:  make run PORT=8001 STANDIN_PORT=12112      Python:  make run PYTHON=/path/to/python3.13"

run: environment ## start stand-in, worker and site
	@PORT="$(PORT)" STANDIN_PORT="$(STANDIN_PORT)" exec $(PY) kjreport/launch.py

test: environment-dev ## everything on SQLite, on PostgreSQL, under faults, and in a browser
	@exec $(PY) -m tests.rounds $(ARGS)

test-fast: environment-dev ## the suite on SQLite only
	@exec $(PY) -m pytest -m "not browser and not postgres and not load and not faults" -n 2 $(ARGS)

live-stripe: environment-dev ## the journeys against a real Stripe test account
	@exec $(PY) -m pytest -m live_stripe -p no:xdist tests/live_stripe $(ARGS)

check: environment-dev ## everything that can be said without running the site
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	DEBUG=true $(PY) -m mypy .
	$(PY) -c "from importlinter.cli import lint_imports_command as lint; lint()"
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING
	DEBUG=true $(PY) manage.py makemigrations --check --dry-run
	$(VENV)/bin/djade --check --target-version 6.1 $$(find templates -name '*.html')
	$(PY) -m pytest -q -p no:xdist tests/architecture

fmt: environment-dev ## format Python and templates
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(VENV)/bin/djade --target-version 6.1 $$(find templates -name '*.html')

lock: environment-dev ## work out the locks anew; they record no registry's address
	$(PY) -m uv pip compile pyproject.toml $(LOCK_OPTIONS) -o requirements/run.txt
	$(PY) -m uv pip compile pyproject.toml --extra dev -c requirements/run.txt $(LOCK_OPTIONS) -o requirements/dev.txt

LOCK_OPTIONS := --quiet --universal --python-version 3.12 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

bench: environment-dev ## pages against nginx serving the same bytes
	@exec $(PY) -m tests.load.bench_pages $(ARGS)

soak: environment-dev ## random lives of payers, in process and over HTTP, until everything must be as Stripe has it
	@exec $(PY) -m tests.soak $(ARGS)

browser-tools: ## axe-core, for the browser journeys only
	@command -v npm >/dev/null || { echo "npm is missing; install Node.js 20 or newer."; exit 1; }
	@test -d node_modules/axe-core || npm install --no-package-lock --no-save --no-audit --no-fund --loglevel=error \
		"axe-core@$$(sed -n 's/.*"axe-core": "\(.*\)".*/\1/p' tests/browser/package.json)"

clean: ## remove the environment and caches
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

environment:
	@PYTHON="$(PYTHON)" sh requirements/install.sh run

environment-dev:
	@PYTHON="$(PYTHON)" sh requirements/install.sh dev
