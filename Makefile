# Everything a newcomer, a release and CI need. `make` alone says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help tools build demo test fuzz bench format lint

CONFIG ?= deploy/lead-to-cash

help: ## say what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

tools: ## install what the build needs, where it is missing
	@scripts/install-tools build

build: tools ## build .build/release/causeway
	@echo "causeway: building (the first build takes some minutes)"
	swift build -c release --product causeway

demo: build ## run the lead-to-cash story against the built-in Salesforce and NetSuite
	.build/release/causeway demo --config $(CONFIG) $(if $(SERVE),--serve)

test: ## check the format and run every test
	@scripts/install-tools test
	swift format lint --strict --recursive --parallel Package.swift Sources Tests
	swift build --build-tests
	@# One after the other: tests that wait for sockets would starve each other, and meet the deadlines that they try.
	@# What failed is said once more at the end: nobody finds it among a thousand tests.
	set -o pipefail; swift test --skip-build --no-parallel 2>&1 | tee .build/tests.log \
	  || { printf '\nFailed:\n'; grep -aE -A4 '✘ .* recorded an issue' .build/tests.log | cut -c1-600; exit 1; }

fuzz: ## fuzz every parser for some seconds, and compare how streams of requests are read
	@scripts/install-tools fuzz
	Tests/Fuzz/run all $(or $(SECONDS_EACH),6)
	Tests/Fuzz/differential

bench: build ## measure beside peers, in one run; PART=receiving or queue, QUICK=1 for a short one
	@scripts/install-tools bench
	QUICK=$(QUICK) Tests/Benchmarks/run $(PART)

format: ## format the sources in place
	swift format --in-place --recursive --parallel Package.swift Sources Tests
