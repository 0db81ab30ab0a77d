# Everything starts here, on a machine with only Python (with venv) and make.
#   make demo   a whole market at https://localhost:8443      make test   the tests
#   make check  style, types, house rules                     make help   all targets
# Options of the demo: make demo ARGS="--port 9443 --products 10000"; of the tests: ARGS="-k basket".

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SILENT:
.PHONY: help setup demo test check format docs browser translations messages clean
ARGS ?=

PYTHON ?= $(shell command -v python3.13 || command -v python3 || command -v python)
UV := .tools/bin/uv
BIN := .venv/bin
# uv tries every python on PATH and tells about those (pyenv's shims) that do not answer.
export UV_NO_PROGRESS := 1
PO := $(wildcard src/niaga/project/locale/*/LC_MESSAGES/django.po)
MO := $(PO:.po=.mo)

help:
	echo "make setup         fetch uv, Python 3.13 if needed, and every dependency"
	echo "make demo          start a market with demo data (ARGS=\"--products 10000 --port 9443\")"
	echo "make test          run the tests (ARGS=\"-k basket\")"
	echo "make check         ruff, mypy, import-linter, djlint, migrations, translations, house rules"
	echo "make format        let ruff format and mend the code"
	echo "make docs          draw the state diagrams of docs/states.md again"
	echo "make browser       install what some tests drive: Chromium, qpdf, zbar, poppler, PDFBox, hledger"
	echo "make messages      collect new texts into the translation files"
	echo "make clean         remove the tools and caches; the data folder stays"

setup: .venv/.synced translations

$(UV):
	test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed (python3 is not on PATH)."; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed; name it: make PYTHON=/path/to/python3 ..."; exit 1; }
	$(PYTHON) -m venv .tools > .venv.log 2>&1 \
		|| { cat .venv.log; rm -rf .tools .venv.log; echo "Python's venv is needed (Debian: apt-get install python3-venv)."; exit 1; }
	rm -f .venv.log
	echo "Fetching uv ..."
	.tools/bin/pip install -qq --disable-pip-version-check --root-user-action=ignore "uv>=0.13,<0.14"
	touch $@

.venv/.synced: $(UV) uv.lock pyproject.toml
	echo "Fetching the dependencies ..."
	$(UV) sync --frozen --quiet
	touch $@

translations: $(MO)

%.mo: %.po | .venv/.synced
	$(BIN)/pybabel --quiet compile -D django -i $< -o $@

demo: setup
	exec $(BIN)/niaga demo $(ARGS)

test: setup browser
	$(BIN)/pytest -n 2 $(ARGS)
	$(BIN)/pytest -n 2 tests/gateway $(ARGS) || test $$? = 5  # 5: ARGS choose none of these

check: setup
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet || { echo "Run 'make format'."; exit 1; }
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet src/niaga/doors src/niaga/gateway
	$(BIN)/pytest -q -p no:cacheprovider tests/architecture

format: setup
	$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format --quiet

docs: setup
	DJANGO_SETTINGS_MODULE=niaga.project.settings $(BIN)/python -m niaga.project.diagrams > docs/states.md

messages: setup
	$(BIN)/pybabel --quiet extract -F pyproject.toml -k gettext_lazy -k ngettext_lazy:1,2 \
		-k pgettext_lazy:1c,2 -k noop --no-location --sort-output -o .tools/django.pot src
	$(BIN)/pybabel --quiet update -D django -i .tools/django.pot -d src/niaga/project/locale \
		--no-fuzzy-matching --ignore-obsolete

browser:
	missing=; \
	command -v chromium > /dev/null || command -v chromium-browser > /dev/null || missing=" chromium"; \
	command -v qpdf > /dev/null || missing="$$missing qpdf"; \
	command -v zbarimg > /dev/null || missing="$$missing zbar-tools"; \
	command -v hledger > /dev/null || missing="$$missing hledger"; \
	command -v pdftoppm > /dev/null || missing="$$missing poppler-utils"; \
	if command -v apt-get > /dev/null; then \
		command -v java > /dev/null || missing="$$missing default-jre-headless"; \
		for jar in preflight:libpdfbox2-java commons-io:libcommons-io-java \
				javax.activation:libactivation-java jaxb-api:libjaxb-api-java; do \
			test -e "/usr/share/java/$${jar%%:*}.jar" || missing="$$missing $${jar#*:}"; done; fi; \
	test -z "$$missing" || { \
		command -v apt-get > /dev/null || { echo "'make test' needs on PATH:$$missing"; exit 1; }; \
		if [ "$$(id -u)" = 0 ]; then run=; elif command -v sudo > /dev/null; then run=sudo; else \
			echo "'make test' needs, as root: apt-get install$$missing"; exit 1; fi; \
		echo "Installing$$missing ..."; \
		$$run apt-get update -qq && $$run env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends $$missing > /dev/null; }

clean:
	rm -rf .tools .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -prune -exec rm -rf {} +
	find src -name '*.mo' -delete
