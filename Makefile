# Every target that a person may call has a line of help after `##`; `make help` prints them.
# Needs: make, Python 3.11 or newer, a C compiler. Targets that need more say so.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := $(CURDIR)/.tools/bin
GHZ_VERSION := v0.121.0
GRPCURL_VERSION := v1.9.4
HELM_VERSION := v3.19.2
COMPOSE_GO_VERSION := v2.10.0
UV_VERSION := 0.13.9

# What `make serve`, `make load` and `make demo` can be told on the command line: make serve PANEL=embedded
PANEL ?= embedded
ADDRESS ?= 127.0.0.1:50051
WORKERS ?= 1
ARGS ?=
PROFILE ?= smoke

# What `make local-llm` and `make test-llm` can be told: make local-llm MODEL=path/to/a.gguf LLM_ADDRESS=127.0.0.1:8081
MODEL ?=
LLM_ADDRESS ?= 127.0.0.1:8080

PIP := $(BIN)/python -m pip --disable-pip-version-check
PROTOS := $(wildcard protos/moa_scorer/api/v1/*.proto)

# Fits solve many small systems: more threads of linear algebra only get into each other's way.
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help cascade chaos-deadlines claim transfer setup setup-dev gen fmt lint type check-deploy callers audit secrets test demo demo-secure serve eval eval-shared vectors fit-embedded bench bench-llm chaos chaos-storage dashboards quota-race soak replay-check overload rolling-restart fuzz-frames load load-compare \
	local-llm test-llm collect-local-llm eval-local-llm \
	load-tools tools requirements wheel clean distclean gen-check settings-page breaking requirements-check

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---------------------------------------------------------------- installing

setup: $(VENV)/.installed $(VENV)/.models ## Install what serving and the demo need into .venv, and fetch the local models

setup-dev: $(VENV)/.installed-dev $(VENV)/.models ## Install what tests, checks and fitting need as well

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "MoA Scorer needs Python 3.11 or newer, and '$(PYTHON)' is not. Name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; \
	  exit 1; }
	@echo "setup: creating $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { echo "'$(PYTHON) -m venv' failed; some systems keep it in a package of its own (python3-venv)" >&2; exit 1; }

$(VENV)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	@echo "setup: installing what serving needs (pinned by hash)"
	@$(PIP) install --quiet --require-hashes -r requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "setup: installing what tests and checks need (pinned by hash)"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

# A llama.cpp server as a wheel without dependencies, in the version and with the hashes of requirements-dev.txt.
$(VENV)/.installed-local-llm: requirements-dev.txt $(VENV)/.installed
	@echo "setup: installing a llama.cpp server (pinned by hash)"
	@awk '/^[a-z]/ {wanted = /^xllamacpp==/} wanted' requirements-dev.txt > $(VENV)/requirements-local-llm.txt
	@$(PIP) install --quiet --no-deps --require-hashes -r $(VENV)/requirements-local-llm.txt
	@touch $@

# The modules that name and make model files: when one changes, the store is brought up to date.
$(VENV)/.models: $(wildcard moa_scorer/judges/local/model*.py) $(VENV)/.installed
	@echo "setup: fetching the local models"
	@$(BIN)/moa-scorer models fetch
	@touch $@

tools: $(TOOLS)/ghz $(TOOLS)/grpcurl $(TOOLS)/helm $(TOOLS)/compose-go ## Build ghz, grpcurl, helm and compose-go into .tools/bin (needs Go)

load-tools: $(TOOLS)/ghz ## Build only ghz, the load generator, into .tools/bin (needs Go)

$(TOOLS)/ghz:
	$(call go-install,github.com/bojand/ghz/cmd/ghz@$(GHZ_VERSION))

$(TOOLS)/grpcurl:
	$(call go-install,github.com/fullstorydev/grpcurl/cmd/grpcurl@$(GRPCURL_VERSION))

$(TOOLS)/helm:
	$(call go-install,helm.sh/helm/v3/cmd/helm@$(HELM_VERSION))

$(TOOLS)/compose-go:
	$(call go-install,github.com/compose-spec/compose-go/v2/cmd@$(COMPOSE_GO_VERSION))
	@mv $(TOOLS)/cmd $@

define go-install
	@command -v go >/dev/null || { echo "$(@F) is built with Go, and no 'go' was found: install Go 1.24 or newer, or put $(@F) at .tools/bin/$(@F)" >&2; exit 1; }
	@echo "tools: building $(1)"
	@GOBIN=$(TOOLS) go install $(1)
endef

requirements: $(VENV)/.installed ## Resolve pyproject.toml into the two hash-pinned requirement files
	@test -x .tools/uv/bin/uv || $(PIP) install --quiet --target .tools/uv uv==$(UV_VERSION)
	$(call compile,requirements-dev.txt,--extra embedded --extra build --extra postgres --extra redis --extra otel --extra redaction --extra fit --extra local-llm --extra dev)
	$(call compile,requirements.txt,--extra embedded --extra build --extra postgres --extra redis --extra otel --extra redaction --constraint requirements-dev.txt)

define compile
	.tools/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate $(2) pyproject.toml --output-file $(1)
endef

# ---------------------------------------------------------------- checking

fmt: $(VENV)/.installed-dev ## Format the code and mend what can be mended by itself
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format .

type: $(VENV)/.installed-dev ## Check types (mypy, strict)
	$(BIN)/mypy

lint: $(VENV)/.installed-dev gen-check breaking requirements-check ## Check style, types, room borders, protos, generated code and requirement files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

requirements-check: ## Check that the requirement files hold pinned, hashed names and nothing else
	@! grep -nvE '^([a-z0-9-]+==[^ ]+( ; [^\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?)$$' requirements.txt requirements-dev.txt \
	  || { echo "requirement files hold pinned names and hashes only, no address and no option: run make requirements" >&2; exit 1; }

test: setup-dev ## Run the tests (installs what they need)
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

test-llm: setup-dev ## Run the whole path against a real llama.cpp server (fetches 1.1 GB once; MODEL=a.gguf takes another model)
	$(if $(MODEL),,@$(BIN)/moa-scorer models fetch --local-llm)
	TEST_LLM_MODEL=$(or $(MODEL),$$($(BIN)/moa-scorer models path local-llm.gguf)) $(BIN)/python -m pytest tests/local_llm

check-deploy: setup-dev ## Check the deployment files: Dockerfile, chart, alerts, proxy (skips tools that are not at hand)
	$(BIN)/python -m deploy.check

audit: secrets ## Look for secrets in files and history, and for known holes in what is installed (skips what cannot be looked up)
	@$(BIN)/python -m deploy.audit dependencies

secrets: $(VENV)/.installed-dev ## Of these only the secrets
	@$(BIN)/python -m deploy.audit secrets

callers: $(VENV)/.installed-dev ## Generate and compile the stubs for Go and Java, and the example in Go (skips toolchains that are not at hand)
	@$(BIN)/python -m deploy.callers.build

# ---------------------------------------------------------------- generated code

gen: $(VENV)/.installed-dev ## Generate the gRPC code, its types and the descriptor set from protos/
	@echo "gen: $(words $(PROTOS)) proto files -> moa_scorer/api"
	$(call generate,.)

settings-page: $(VENV)/.installed-dev ## Write deploy/SETTINGS.md from the declaration of the settings
	$(BIN)/python -m deploy.settings_page

gen-check: $(VENV)/.installed-dev ## Check that the committed generated code is what protos/ generate
	@rm -rf build/gen && mkdir -p build/gen/moa_scorer/api/v1 && cp moa_scorer/api/__init__.py build/gen/moa_scorer/api/ \
	  && cp moa_scorer/api/v1/__init__.py build/gen/moa_scorer/api/v1/
	$(call generate,build/gen)
	@diff -r -x __pycache__ moa_scorer/api build/gen/moa_scorer/api \
	  || { echo "the generated code differs from protos/: run make gen and commit the result" >&2; exit 1; }

breaking: $(VENV)/.installed-dev ## Check the protos: buf lint, and buf breaking against protos/baseline.binpb
	@mkdir -p build
	@$(call protoc,--include_imports --include_source_info --descriptor_set_out=build/api.binpb)
	$(BIN)/buf lint build/api.binpb --config protos/buf.yaml --path moa_scorer
	$(BIN)/buf breaking build/api.binpb --against protos/baseline.binpb --config protos/buf.yaml --path moa_scorer

# The .proto files of google.rpc and its like come with googleapis-common-protos, so no registry is asked.
# The package of Google's common protos keeps one file under another name than generated code imports it by.
define protoc
libraries=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
	  && mkdir -p build/protos/google/longrunning && cp $$libraries/google/longrunning/operations_proto.proto build/protos/google/longrunning/operations.proto \
	  && PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python -m grpc_tools.protoc -Iprotos -Ibuild/protos -I$$libraries $(1) $(PROTOS)
endef

define generate
	@$(call protoc,--python_out=$(1) --grpc_python_out=$(1) --mypy_out=quiet:$(1) --mypy_grpc_out=quiet:$(1))
	@$(call protoc,--include_imports --descriptor_set_out=$(1)/moa_scorer/api/descriptor_set.binpb)
endef

# ---------------------------------------------------------------- using

demo: setup ## Install, start the server, score real texts over gRPC and show what the scores are worth
	$(BIN)/python -m deploy.demo $(ARGS)

demo-secure: setup ## Start a server with TLS, client certificates, tokens and two tenants, and try what is forbidden
	$(BIN)/python -m deploy.demo.secure

serve: setup ## Serve on ADDRESS (127.0.0.1:50051) with PANEL (embedded) and WORKERS (1)
	$(BIN)/moa-scorer serve --address $(ADDRESS) --panel $(PANEL) --workers $(WORKERS) $(ARGS)

local-llm: $(VENV)/.installed-local-llm ## Serve a small language model for the panels local-llm* (fetches 1.1 GB once; MODEL=a.gguf)
	$(if $(MODEL),,@$(BIN)/moa-scorer models fetch --local-llm)
	$(BIN)/moa-scorer local-llm serve --address $(LLM_ADDRESS) $(if $(MODEL),--model $(MODEL)) $(ARGS)

eval: setup-dev ## Measure the panels against people's ratings (the README's tables)
	$(BIN)/python -m moa_scorer.app.studies.evaluate_embedded $(ARGS)

eval-shared: $(VENV)/.installed-dev ## The whole protocol on ../shared/data, where it is there (resumable, an hour or more)
	$(BIN)/python -m moa_scorer.app.studies.eval_shared $(ARGS)

transfer: $(VENV)/.installed-dev ## What certificates say of items of another origin (reads ../shared/data)
	$(BIN)/python -m moa_scorer.app.studies.transfer $(ARGS)

claim: $(VENV)/.installed-dev ## Panels of cheap judges beside the dearest one, with costs (reads ../shared/data; ARGS=--data FOLDER)
	$(BIN)/python -m moa_scorer.app.studies.claim $(ARGS)

cascade: $(VENV)/.installed-dev ## What stopping early saves on recorded judges (reads ../shared/data; ARGS=--data FOLDER)
	$(BIN)/python -m moa_scorer.app.studies.cascade $(ARGS)

vectors: setup-dev ## Make tests/conformance and the JSON Schemas of snapshots anew (after a change of fit or snapshots)
	$(BIN)/python -m tests.conformance.make

fit-embedded: setup-dev ## Collect ballots of the embedded panels and fit deploy/snapshots (resumable)
	$(BIN)/python -m moa_scorer.app.studies.fit_embedded $(ARGS)

eval-local-llm: $(VENV)/.installed-dev ## Compare embedded+local-llm with embedded, from the committed ballots
	$(BIN)/python -m moa_scorer.app.studies.evaluate_local_llm $(ARGS)

collect-local-llm: setup-dev ## Collect the ballots of a running `make local-llm` on the registered texts (resumable, an hour or two)
	$(BIN)/python -m moa_scorer.app.studies.collect_local_llm $(ARGS)

bench: setup-dev ## Compare with baselines in the same run: fusion, panel, RPC, answers given again, records, capacity, judges behind HTTP
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.bench.bench_fusion
	$(BIN)/python -m tests.bench.bench_panel
	$(BIN)/python -m tests.bench.bench_rpc
	$(BIN)/python -m tests.bench.bench_cache
	$(BIN)/python -m tests.bench.bench_storage
	$(BIN)/python -m tests.bench.capacity
	$(BIN)/python -m tests.bench.bench_throughput
	$(BIN)/python -m tests.bench.bench_tail

bench-llm: setup-dev ## Of these only judges behind HTTP: throughput beside a bare gather, tail beside waiting for all
	$(BIN)/python -m tests.bench.bench_throughput
	$(BIN)/python -m tests.bench.bench_tail

chaos: setup-dev ## Score 10,000 items while the model vendors misbehave, and check what holds (resumable; ARGS=--fresh)
	$(BIN)/python -m tests.chaos.run $(ARGS)

chaos-deadlines: setup-dev ## 2,000 calls with budgets of 200 ms to 5 s, one judge hung and one at its limit: how late is the answer?
	$(BIN)/python -m tests.chaos.deadlines $(ARGS)

chaos-storage: setup-dev ## Kill a server with -9 under load, 50 rounds each on SQLite and PostgreSQL, and check what holds (resumable; ARGS=--fresh)
	$(BIN)/python -m tests.chaos.storage.run $(ARGS)

quota-race: setup-dev ## Let four servers race for the quotas of a tenant, one killed with -9 in the middle: is any of it passed or lost?
	$(BIN)/python -m tests.chaos.quotas.run $(ARGS)

dashboards: setup-dev ## Let Prometheus watch a server with injected faults, draw every Grafana panel, and see every alert fire (skips without Prometheus)
	GRPC_ENABLE_FORK_SUPPORT=0 $(BIN)/python -m tests.dashboards.run

soak: setup-dev ## Send 100,000 requests of every kind to one server, and check that memory, files and tasks do not grow
	$(BIN)/python -m tests.chaos.soak.run $(ARGS)

overload: setup-dev ## Offer a server twice and five times what it can do: it goes on, and turns the rest away at once
	$(BIN)/python -m tests.overload.run $(ARGS)

rolling-restart: setup-dev ## Restart servers one after the other under load: no call fails with the shipped service config
	$(BIN)/python -m tests.rolling.run $(ARGS)

fuzz-frames: setup-dev ## Ten minutes of malformed frames, messages and connections, after five on a bare server; a good client is answered
	$(BIN)/python -m tests.fuzz.run $(ARGS)

replay-check: setup-dev ## Make 100,000 records, replay them to the bit, and find flipped bits (resumable; ARGS=--fresh)
	$(BIN)/python -m tests.replay.run $(ARGS)

load: setup load-tools ## Load a server of scripted judges with ghz: PROFILE=smoke, steady, ramp, spike, repeats, soak or all (needs Go)
	$(BIN)/python -m deploy.loadtest.run --ghz $(TOOLS)/ghz --profile $(PROFILE) $(ARGS)

load-compare: setup load-tools ## The same beside a bare gRPC server with the same judges, in one run (needs Go)
	$(BIN)/python -m deploy.loadtest.run --ghz $(TOOLS)/ghz --profile $(PROFILE) --compare $(ARGS)

# ---------------------------------------------------------------- packaging

wheel: $(VENV)/.installed ## Build the wheel into dist/
	$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove what builds, tests and checks left behind
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find moa_scorer tests deploy -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove the installation and the tools as well (models stay in the user's cache)
	rm -rf $(VENV) .tools *.egg-info
