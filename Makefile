# The few things one does here. `make help` lists them.
SHELL := /bin/bash
export CARGO_TARGET_DIR ?= $(CURDIR)/target
# Where rustup puts cargo, on a machine that has just got it; before a cargo of the system, which is too old.
export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)
export SCALE ?= default
export STAY ?= yes
KAFKA ?= $(if $(filter full,$(SCALE)),apache,embedded)
RUN := deploy/install.sh
# Everything at once, so that all builds share one set of features and nothing is compiled twice.
BUILD := cargo build --locked --workspace --bins
BIN := $(CARGO_TARGET_DIR)/debug

help:            ## list the targets
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo:            ## install what is missing, build, play a season, stay up (SCALE=small|default|full STAY=no KAFKA=apache FRESH=no CONTINUE=yes CIRCULA_LISTEN=127.0.0.1:8081)
	@$(RUN) demo $(KAFKA)
	@deploy/demo.sh $(KAFKA)

test:            ## every test, on a PostgreSQL and an Apache Kafka of its own
	@$(RUN) test apache
	@$(BUILD)
	@$(BIN)/local cargo test --workspace --locked --no-fail-fast

zoo:             ## plant one bug of the design after the other and show which test finds it (BUG=name for one; about a minute each)
	@$(RUN) test apache
	@$(BUILD)
	@$(BIN)/local $(BIN)/zoo $(BUG)

chaos:           ## ten minutes of faults under load, drawn from a seed (SEED=n SECONDS=600); the figures are counted after each, everything at the end
	@$(RUN) test apache
	@$(BUILD)
	@CIRCULA_CHAOS_SEED=$(SEED) CIRCULA_CHAOS_SECONDS=$(SECONDS) $(BIN)/local cargo test --locked --workspace --test it -- --ignored --nocapture fire::chaos

nightly:         ## the tests at their night size, the whole zoo, ten minutes of chaos: hours; goes on after a failure (SEED=n)
	@failed=; \
	CIRCULA_NIGHTLY=1 $(MAKE) test || failed="$$failed test"; \
	$(MAKE) zoo || failed="$$failed zoo"; \
	CIRCULA_NIGHTLY=1 $(MAKE) chaos SECONDS=600 || failed="$$failed chaos"; \
	if [ -n "$$failed" ]; then echo "nightly: failed:$$failed"; exit 1; fi

bench:           ## what a release build does in a second, each figure beside a peer (ARGS="--full --json FILE orders lists")
	@$(RUN) test apache
	@$(BUILD) --release
	@deploy/unarmed.sh $(BIN:debug=release)
	@$(BIN:debug=release)/local $(BIN:debug=release)/bench $(ARGS)

bench-matching:  ## the solver beside OR-Tools, HiGHS and LEMON on the same markets, about half an hour (ARGS="--full --limit 600")
	@$(RUN) bench-matching none
	@cargo build --locked --release -p solver --example large
	@services/matching/bench/run.py --ours $(BIN:debug=release)/examples/large $(ARGS)

check:           ## format, lints, docs, licences, contracts, queries: what CI checks before the tests
	@$(RUN) check apache
	@deploy/check.sh

sqlx:            ## write the query caches anew after a change of SQL
	@$(RUN) test apache
	@$(BUILD)
	@$(BIN)/local deploy/sqlx.sh

.PHONY: help demo test zoo chaos nightly bench bench-matching check sqlx
