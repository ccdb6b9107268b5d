# make help lists what there is. Paths are relative on purpose: the checkout may have any name.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.SILENT:
.DEFAULT_GOAL := help
.PHONY: help install install-runtime demo serve check test messages requirements clean

PORT ?= 8000
PYTHON := .venv/bin/python

# The demo knows its own settings: those of a real installation in the caller's environment must not reach it.
define demo_settings
for name in "$${!KPI_@}"; do [ "$$name" = KPI_DEMO_TODAY ] || unset "$$name"; done
( umask 077; mkdir -p var/demo
  [ -s var/demo/secret ] || $(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))' >var/demo/secret )
export KPI_DEMO=1 KPI_HTTPS=0 KPI_ALLOWED_HOSTS=localhost,127.0.0.1 KPI_DATA_DIR=var/demo
KPI_SECRET_KEY=$$(<var/demo/secret); export KPI_SECRET_KEY
endef

define port_free
python3 -c 'import socket, sys; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", int(sys.argv[1])))' "$(PORT)" 2>/dev/null ||
  { echo "Port $(PORT) is in use or not allowed. Choose another: make $@ PORT=8001" >&2; exit 1; }
endef

help: ## this list
	sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 22

install: ## .venv with everything, tests included; system packages through apt when root
	requirements/install dev

install-runtime:
	requirements/install runtime

demo: ## the demo office on 127.0.0.1 (PORT=8000; RESET=1 starts over)
	$(port_free)
	requirements/install runtime
	[ "$(RESET)" != 1 ] || rm -rf var/demo
	$(demo_settings)
	$(PYTHON) manage.py migrate --verbosity 0
	$(PYTHON) manage.py load_demo
	$(PYTHON) manage.py collectstatic --no-input --verbosity 0
	printf '\n  %s\n\n  Accounts: staff, assessor, reviewer, hr, editor, executive, judge;\n  of the municipality: mayor, clerk, owner, collector. Password: demo\n  Ctrl+C ends it; the data stay in var/demo.\n\n' "http://127.0.0.1:$(PORT)/"
	exec $(PYTHON) -m gunicorn kpi_portal.wsgi:application --bind "127.0.0.1:$(PORT)" --workers 2 --timeout 120 --no-control-socket --log-level warning

serve: ## the demo's data under Django's reloading server, with its error pages
	$(port_free)
	requirements/install dev
	$(demo_settings)
	export KPI_DEBUG=1
	$(PYTHON) manage.py migrate --verbosity 0
	$(PYTHON) manage.py load_demo
	exec $(PYTHON) manage.py runserver "127.0.0.1:$(PORT)"

check: ## the short loop: style, types, imports, migrations and the tests without a browser
	requirements/install dev
	tests/run check

test: ## everything, on SQLite and PostgreSQL (DEPTH=full runs long drills at full counts)
	requirements/install dev
	tests/run all "$(DEPTH)"

messages: ## collects the texts to translate into kpi_portal/locale
	requirements/install dev
	tests/ground/collect-messages
	requirements/install dev

requirements: ## pins requirements/*.txt anew from pyproject.toml
	requirements/install dev
	trap 'rm -f uv.lock' EXIT
	for group in runtime:--no-dev dev:--all-groups; do
		$(PYTHON) -m uv export --quiet --format requirements-txt --no-header --no-annotate "$${group#*:}" --output-file "requirements/$${group%%:*}.txt"
	done

clean: ## removes .venv and caches; var/ (data) stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
