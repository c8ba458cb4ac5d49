# Two commands are enough: `make run` tries it, `make test` proves it. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help

PORT ?= 8000
export PORT

VENV := .venv
CATALOGUES := abdre/locale/*/LC_MESSAGES
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip --quiet --disable-pip-version-check

.PHONY: help run stack check test bench faults drill observe images previous format schema messages requirements clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: $(VENV)/run.stamp ## all six roles in one process, on SQLite; PORT=8000
	@exec $(PYTHON) manage.py serve --port $(PORT)

stack: $(VENV)/run.stamp ## six processes on a private PostgreSQL and Redis behind the gateway; PORT=8000
	@deploy/ci/deps stack
	@exec $(PYTHON) -m deploy.ci.stack --port $(PORT)

check: $(VENV)/test.stamp node_modules/.package-lock.json ## everything that can be said without running the tests
	@deploy/ci/deps check
	@$(PYTHON) -m deploy.ci.check

test: $(VENV)/test.stamp node_modules/.package-lock.json ## the checks and all tests; APP=chat_svc: the tests of that app
	@deploy/ci/deps test
	@$(PYTHON) -m deploy.ci.test $(APP)

bench: $(VENV)/run.stamp ## the table of targets beside other servers, some 35 minutes; SHORT=1: one short round, 8 to 9
	@deploy/ci/deps bench
	@exec $(PYTHON) -m deploy.bench $(if $(SHORT),--short) $(BENCH)

faults: $(VENV)/test.stamp ## break the running house in every way under load, 40 minutes; SHORT=1: once each, briefly
	@deploy/ci/deps faults
	@exec $(PYTHON) -m deploy.tests.faults $(if $(SHORT),--short) $(FAULTS)

previous: $(VENV)/test.stamp ## the last release's code on today's schema, 10 minutes; PREVIOUS=--prove: that it can fail
	@deploy/ci/deps stack
	@exec $(PYTHON) -m deploy.ci.previous_release $(PREVIOUS)

images: $(VENV)/test.stamp ## build every image and talk through the composition, on an engine of its own; as root
	@deploy/ci/images $(if $(SHORT),--short) $(IMAGES)

observe: $(VENV)/test.stamp ## real traffic and faults before Debian's Prometheus: no panel or alert is empty, 3 minutes
	@deploy/ci/deps observe
	@exec $(PYTHON) -m deploy.ci.observe

drill: $(VENV)/run.stamp ## back up, destroy and restore a million messages, some 6 minutes; MESSAGES=1000
	@deploy/ci/deps stack
	@exec $(PYTHON) -m deploy.ci.restore_drill $(if $(MESSAGES),--messages $(MESSAGES))

format: $(VENV)/test.stamp ## lay the Python files out
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format --quiet .

schema: $(VENV)/run.stamp ## write the API's schema anew, after a change of what a view promises
	@DJANGO_SETTINGS_MODULE=abdre.settings.all_in_one $(PYTHON) -m deploy.ci.schema --write

messages: $(VENV)/run.stamp ## gather the texts to be translated into abdre/locale (needs gettext), and compile them
	@mkdir -p abdre/locale
	@DJANGO_SETTINGS_MODULE=abdre.settings.all_in_one $(VENV)/bin/django-admin makemessages --pythonpath . \
	    --locale kk --locale ru --ignore '.venv/*' --ignore 'node_modules/*' --no-wrap --no-obsolete --add-location file
	@sed -i.dated '/^"POT-Creation-Date:/d' $(CATALOGUES)/*.po && rm $(CATALOGUES)/*.dated  # else each run is a change
	@DJANGO_SETTINGS_MODULE=abdre.settings.all_in_one $(VENV)/bin/django-admin compilemessages --pythonpath . \
	    --ignore '.venv/*' --ignore 'node_modules/*'

requirements: $(VENV)/test.stamp ## pin anew what the .in files ask for; UPGRADE=package raises one
	@$(PIP) install pip-tools
	@for list in requirements requirements-test requirements-tools; do \
	    $(PYTHON) -m piptools compile --quiet --strip-extras --allow-unsafe --no-header --no-emit-index-url \
	        --no-emit-find-links $(UPGRADE:%=--upgrade-package %) $$list.in -o $$list.txt || exit 1; \
	done
	@cd deploy/docker && $(CURDIR)/$(PYTHON) -m piptools compile --quiet --strip-extras --allow-unsafe --no-header \
	    --no-emit-index-url --no-emit-find-links --no-annotate --generate-hashes --upgrade \
	    --constraint $(CURDIR)/requirements.txt $(CURDIR)/requirements.in -o requirements.txt

clean: ## remove what was installed and made here; the data in .data stays
	rm -rf $(VENV) .artifacts .static node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# The stamps make a second start quick: pip is asked only when a list has changed.
$(VENV)/run.stamp: requirements.txt
	@deploy/ci/deps run
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@echo "installing requirements.txt (once)"
	@$(PIP) install -r requirements.txt
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-test.txt requirements-tools.txt
	@echo "installing what tests and checks need (once)"
	@$(PIP) install -r requirements-test.txt -r requirements-tools.txt
	@touch $@

node_modules/.package-lock.json: package-lock.json
	@deploy/ci/deps check
	@npm ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@
