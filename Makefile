# Everything here needs Python 3.11 with venv and pip, and make. No running service, never root.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# What Python compiles is kept: the tests start it a hundred times.
unexport PYTHONDONTWRITEBYTECODE
# Test processes at once; 0 runs all tests in one.
JOBS ?= 2

.PHONY: help setup dev demo test check fmt quality proof bench acceptance nightly screenshots lock

help: ## say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: ## a working .venv/bin/koe
	@$(PYTHON) scripts/setup.py

dev:
	@$(PYTHON) scripts/setup.py --dev

demo: setup ## set up, and start Koe on the demo company's voices
	@$(BIN)/koe demo

test: dev check ## set up, and run all checks and tests
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

check: dev ## types, style, import contracts, licences
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/licences.py

fmt: dev ## put the code in form
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

quality: dev ## measure on the sets in KOE_TEST_DATA and write the tables of docs/quality.md; SETS="clustering" only some
	@test -n "$(KOE_TEST_DATA)" || { echo "Set KOE_TEST_DATA to the folder of the real sets."; exit 2; }
	@$(BIN)/python -m benchmarks.quality "$(KOE_TEST_DATA)" build/quality $(SETS)

proof: dev ## measure on made-up series how often effects are right, and write the tables of docs/proof.md; with KOE_TEST_DATA what is told of real events, too
	@$(BIN)/python -m benchmarks.proof
	@test -z "$(KOE_TEST_DATA)" || $(BIN)/python -m benchmarks.events "$(KOE_TEST_DATA)"

bench: dev ## measure speed against peers, in one run (needs KOE_TEST_DATA; PEER=a Python that has BERTopic)
	@test -n "$(KOE_TEST_DATA)" || { echo "Set KOE_TEST_DATA to the folder of the real sets."; exit 2; }
	@$(BIN)/python -m benchmarks.embedding "$(KOE_TEST_DATA)"
	@$(BIN)/python -m benchmarks.scale "$(KOE_TEST_DATA)" build/quality
	@test -z "$(PEER)" || $(BIN)/python -m benchmarks.topics "$(KOE_TEST_DATA)" "$(PEER)"
	@$(BIN)/python -m benchmarks.acknowledge

acceptance: dev ## against real counterparts on this machine: Request Tracker, Redmine, MediaWiki, GitHub, Slack, Linear and Okta as others emulate them, and the steps of the image
	@$(BIN)/python -m pytest -q -s --timeout 1500 tests/acceptance

nightly: dev ## the tests that take long: many more calls, pushes, kills and made-up requests
	@KOE_TEST_DELIVERIES=5000 KOE_TEST_PUSHES=10000 KOE_API_EXAMPLES=200 KOE_TEST_EQUAL_ROWS=100000 KOE_SOURCE_EXAMPLES=20000 KOE_TEST_IMPORT_ROWS=100000 KOE_TEST_IMPORT_KILLS=10 KOE_TEST_PAYLOAD_ROUNDS=16 $(BIN)/python -m pytest -q -s --timeout 5400 tests/faults/test_receiving_faults.py tests/faults/test_push_faults.py tests/faults/test_import_faults.py tests/integration/test_api_schemathesis.py tests/integration/test_bad_input.py tests/contract/test_sources.py tests/browser/test_stored_everywhere.py

screenshots: dev ## a picture of every page of the demo into build/screenshots: both languages, day and night, wide and phone; DOCS=1 also those of the documents
	@$(BIN)/python -m scripts.screenshots $(if $(DOCS),--docs)

lock: ## write the lock files anew (needs uv)
	@$(PYTHON) scripts/lock.py
