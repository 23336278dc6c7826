# Two commands for a newcomer: `make demo` and `make test`. Both install what is missing on Debian or Ubuntu.

SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := target/release/tidewatch
# Real data kept beside the checkout; tests that need it are reported as ignored where it is absent.
SHARED_DATA ?= $(wildcard ../shared/data)

.PHONY: help setup demo build test bench bench-day bench-store bench-nodes load push-trial run-trial nodes-trial fault-trial live-trial fuzz check fmt clippy doc deny architecture sample-data schema sbom image-trial full-scene

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup:
	@scripts/setup.sh build

build: setup ## Build the release program
	cargo build --release

demo: build ## Build, run the main job on sample-data, say where to look
	@scripts/demo.sh $(BIN)

test: ## Install the programs that tests ask, then run every test
	@scripts/setup.sh test
	TIDEWATCH_SHARED="$(abspath $(SHARED_DATA))" TIDEWATCH_CLIENTS="$(abspath target/clients)" scripts/test.sh

bench: ## Measure detection, AIS and association beside other programs and floors (three minutes); the table goes to target/bench, too
	@scripts/setup.sh bench
	cargo bench --bench detection
	TIDEWATCH_SHARED="$(abspath $(SHARED_DATA))" cargo bench --bench ais
	cargo bench --bench association

bench-day: ## A day of AIS (11.5 million rows, made here, 1.6 GB) to tracks and events, beside DuckDB that reads and sorts it
	@scripts/setup.sh bench
	cargo bench --bench day

bench-store: ## Detections and positions into the file and into PostGIS, and pages of a box and a week from each (DETECTIONS=1000000 POSITIONS=5000000)
	@scripts/setup.sh test
	cargo bench --bench store -- $(DETECTIONS) $(POSITIONS)

bench-nodes: ## One process, one worker, two workers on the same scenes: Mpx/s and the cost of a job (BATCH="scenes side_px small")
	@scripts/setup.sh test
	cargo bench --bench nodes -- $(BATCH)

fuzz: setup ## Feed the readers of AIS damaged input, ten minutes a target
	scripts/fuzz.sh 600

push-trial: ## Kill the server 50 times while 1,000 alerts go by every kind of push (a minute)
	@scripts/setup.sh test
	TIDEWATCH_CLIENTS="$(abspath target/clients)" TIDEWATCH_TRIAL_KILLS=50 \
	  cargo test --test it push_trial -- --ignored --nocapture

run-trial: setup ## Kill a run of 40 scenes 100 times and compare what it leaves with the unbroken run (minutes)
	TIDEWATCH_TRIAL_KILLS=100 cargo test --test it killed_run -- --nocapture

nodes-trial: ## Kill workers, queue and database 60 times under 40 scenes and compare what they leave with one process (minutes)
	@scripts/setup.sh test
	TIDEWATCH_TRIAL_KILLS=60 cargo test --test it nodes_killed_at_random -- --ignored --nocapture

fault-trial: ## Full and read-only disks, jumping clocks, damaged pages, and servers that are away for a minute each (minutes)
	@scripts/setup.sh test
	TIDEWATCH_CLIENTS="$(abspath target/clients)" TIDEWATCH_FAULT_AWAY_S=60 \
	  cargo test --test it faults -- --include-ignored --nocapture --test-threads 2

live-trial: setup ## Flood the release program with live AIS for a minute, cut three times (100,000 messages a second)
	TIDEWATCH_LIVE_TRIAL=1 cargo test --release --test it live_trial -- --nocapture

load: setup ## The server under load: 1,000 streams, 10 alerts and 200 requests a second
	cargo bench --bench serve

check: fmt clippy doc deny architecture ## Format, lints, documentation, licences, floors

image-trial: build ## Make the container's root twice, compare, weigh, and run the demo in it with a read-only root (root and buildah)
	@scripts/setup.sh image
	scripts/image-trial.sh $(BIN)

sbom: ## The program's bill of materials (CycloneDX 1.6) from Cargo.lock: target/sbom/tidewatch.cdx.json
	@mkdir -p target/sbom
	scripts/sbom.py > target/sbom/tidewatch.cdx.json

fmt:
	cargo fmt --all --check

clippy: setup
	cargo clippy --all-targets -- -D warnings

doc: setup
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items

deny:
	@scripts/setup.sh check
	cargo deny --log-level error check licenses bans sources

architecture: setup ## Hold the floors: who may import whom, file sizes, names
	cargo test --quiet --test it architecture

sample-data: build ## Make sample-data again from its seeds
	scripts/sample-data.sh $(BIN)

schema: build ## Write the pipeline file's JSON Schema again
	$(BIN) schema > pipelines/pipeline.schema.json

full-scene: build ## A full-size dual-pol product, simulated and run: time, memory, F1 (needs ANNOTATION=<SAFE folder>)
	@scripts/setup.sh bench
	scripts/full-scene.sh $(BIN) "$(ANNOTATION)"
