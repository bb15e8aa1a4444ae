# `make run` starts a room of your own, `make test` proves that everything works. Neither rebuilds without need.

PYTHON ?= python3
PORT ?= 8000

VENV := .venv/bin
# Where the build links the Node that came from PyPI, on a machine without one of its own.
export PATH := $(CURDIR)/client/.cache/bin:$(CURDIR)/$(VENV):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PIP := $(VENV)/python -m pip install --quiet
BUILD := $(VENV)/python client/build.py

.PHONY: run dev test bench fuzz check audit system clean

run: .venv/run
	@$(BUILD)
	@exec $(VENV)/caretroom serve --port $(PORT)

# The server restarts when its sources change; Vite serves the client and passes the rest on. Ctrl+C ends both.
dev: .venv/test
	@$(BUILD)
	@$(MAKE) --no-print-directory --jobs=2 dev-server dev-client

.PHONY: dev-server dev-client
dev-server:
	@$(VENV)/watchfiles --filter python '$(VENV)/caretroom serve --port $(PORT)' server/caretroom

dev-client:
	@cd client && npm run --silent dev

test: system check tests/node/node_modules/.package-lock.json
	@echo "Testing the client…"
	@cd client && npm test --silent
	@$(BUILD)
	@echo "Testing the server, the package and the room in a real browser (some minutes)…"
	@$(VENV)/pytest

# Measures Caretroom beside its peers, which npm installs into a temporary folder; docs/performance.md says what and how.
# `make bench BENCH=--quick` only shows that everything works.
bench: .venv/test
	@$(VENV)/python -m bench.fanout $(BENCH)

# Hostile input without end: the seed is printed, and the same seed makes the same attack. INPUTS=1000 SEED=7 to choose.
INPUTS ?= 1000000

fuzz: .venv/test tests/node/node_modules/.package-lock.json
	@cd tests && ../$(VENV)/python -m fuzz --inputs $(INPUTS) $(if $(SEED),--seed $(SEED))

check: .venv/test
	@$(BUILD) tools
	@echo "Checking style and types…"
	@$(VENV)/ruff check --quiet .
	@$(VENV)/ruff format --check --quiet .
	@$(VENV)/mypy
	@cd client && npm run --silent types
	@cd client && npm run --silent lint
	@$(MAKE) --no-print-directory audit

# Tolerates that an advisory service can't be reached, but says so.
audit: .venv/test
	@echo "Asking for known weaknesses in what we depend on…"
	@$(VENV)/python tests/audit.py

# Python in the room beside a plain Pyodide page, in the same browser (about 8 minutes). Wants a quiet machine.
.PHONY: bench-python
bench-python: .venv/test
	@$(BUILD)
	@PYTHONPATH=tests $(VENV)/python bench/browser/measure.py $(ARGUMENTS)

# Never touches caretroom.db: that is somebody's work.
clean:
	rm -rf .venv dist server/caretroom/static client/node_modules client/.cache tests/node/node_modules tests/.output
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/run: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Caretroom needs Python 3.11 or newer, but $(PYTHON) is %s. Try: make run PYTHON=python3.12" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "Preparing the virtual environment (about half a minute the first time)…"
	@$(PYTHON) -m venv .venv
	@$(PIP) hatchling
	@requirements=$$($(BUILD) requires); test -z "$$requirements" || $(PIP) "$$requirements"
	@$(BUILD)
	@$(PIP) --no-build-isolation --editable .
	@touch $@

.venv/test: .venv/run
	@echo "Installing what the tests need…"
	@$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@

tests/node/node_modules/.package-lock.json: tests/node/package-lock.json .venv/run
	@echo "Fetching the stock clients that the tests talk to…"
	@cd tests/node && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

# What pip can't bring. The names are the same as programs and as Debian packages.
system:
	@missing=$$(for program in chromium firefox-esr redis-server; do command -v $$program >/dev/null || echo $$program; done); \
	test -e .venv/run || $(PYTHON) -c 'import ensurepip' 2>/dev/null || missing="$$missing python3-venv"; \
	test -n "$$missing" || exit 0; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	  echo "Installing" $$missing "with apt…"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq $$missing >/dev/null; \
	else \
	  echo "The tests need" $$missing "- please install them first (on Debian: sudo apt install" $$missing")." >&2; exit 1; \
	fi
