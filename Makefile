# Fanout. `make` lists what there is to do.

SHELL  := bash
GO     ?= go
PYTHON ?= python3

BIN    := bin/fanout
VENV   := .venv
READY  := $(VENV)/.ready
SUITES := kernel/conformance

PAGE         := frontend/notebook/page
PAGE_MODULES := $(PAGE)/node_modules/.package-lock.json

BENCH       := cmd/fanout-bench
BENCH_VENV  := .venv-bench
BENCH_READY := $(BENCH_VENV)/.ready

FOLDER   ?= out/notebooks
FUZZTIME ?= 1s
PYTEST   ?=

# The same machine code, without what debuggers want: it is built to see that it can be.
UNDEBUGGED := -gcflags=all=-dwarf=false -ldflags=-w

.DEFAULT_GOAL := help
.PHONY: help build notebook demo test lint fuzz bench clean venv install \
        test-tools test-go test-race test-fuzz test-kernel test-page test-browser test-interpreted test-builds opencl tmux page-tools

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build bin/fanout
	@mkdir -p bin
	$(GO) build -o $(BIN) ./cmd/fanout

notebook: build ## Open the web notebook, with the tutorials one click away (FOLDER=… is where notebooks lie)
	@mkdir -p $(FOLDER)
	@$(BIN) notebook $(FOLDER)

demo: install ## Run the first tutorial notebook in a real Jupyter client; pictures land in out/
	@$(VENV)/bin/python examples/execute.py --out out examples/01-pool.ipynb

test: ## Everything that must hold: lint, Go tests, fuzz corpora, a real Jupyter, a real browser, other systems
	@.ci/steps test-tools \
	  "lint test-go test-race test-fuzz test-builds" \
	  "test-page test-browser test-kernel test-interpreted"

test-tools: install opencl tmux page-tools $(PAGE_MODULES) # What several steps need, made before they run side by side

lint: ## gofmt, go vet, staticcheck
	@unformatted="$$(git ls-files -co --exclude-standard '*.go' | xargs -r ls 2>/dev/null | xargs -r gofmt -l)"; \
	if [ -n "$$unformatted" ]; then echo "not formatted (run gofmt -w):"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

test-go: venv opencl tmux ## go test of the packages that test-race leaves out, or tests but in part
	$(GO) test -vet=off -timeout 30m $$(.ci/packages plain)

test-race: venv opencl ## go test -race of every package where it has something to watch
	$(GO) test -race -vet=off -timeout 30m $$(.ci/packages race)

test-fuzz: ## Every fuzz target on its corpus, and FUZZTIME (1s) beyond it
	@.ci/fuzz $(FUZZTIME)

fuzz: ## Every fuzz target for a minute each
	@.ci/fuzz 60s

test-kernel: install ## The installed kernel against real Jupyter clients (PYTEST='-k name' picks)
	$(VENV)/bin/python -m pytest $(SUITES) $(PYTEST)

test-page: page-tools $(PAGE_MODULES) ## The page of the web notebook, and that what is committed was built from it
	cd $(PAGE) && npm run --silent check && npm test --silent
	cd $(PAGE) && npx vite build --logLevel warn --emptyOutDir --outDir $(CURDIR)/out/page
	diff -r out/page $(PAGE)/dist # after a change of the page: npm run build

test-browser: build page-tools $(PAGE_MODULES) ## The web notebook in Chromium; pictures of what failed land in out/e2e
	cd $(PAGE) && npm run --silent e2e

test-interpreted: install ## The same where there is no Go toolchain: on the interpreted tier
	FANOUT_TIER=interpreted $(VENV)/bin/python -m pytest $(SUITES) $(PYTEST)

test-builds: ## Without cgo, and for macOS and Windows
	CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/fanout
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 $(GO) build $(UNDEBUGGED) -o /dev/null ./cmd/fanout
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 $(GO) build $(UNDEBUGGED) -o /dev/null ./cmd/fanout

bench: install $(BENCH_READY) ## Measure Fanout beside its peers and write docs/benchmarks.md
	$(GO) run ./$(BENCH) -python $(VENV)/bin/python -maps-python $(BENCH_VENV)/bin/python -out docs/benchmarks.md

venv: $(READY) ## The Python packages of the tests and the demo, in ./.venv

$(READY): $(SUITES)/requirements.txt .ci/venv
	@PYTHON=$(PYTHON) .ci/venv $(VENV) $<
	@touch $@

$(BENCH_READY): $(BENCH)/requirements.txt .ci/venv
	@PYTHON=$(PYTHON) .ci/venv --each $(BENCH_VENV) $< && touch $@ || true # what is missing is left out, and tried again

tmux: # The terminal of the terminal's tests
	@.ci/tool tmux

page-tools: # What the page is built with and seen in
	@.ci/tool node nodejs
	@.ci/tool npm
	@.ci/tool chromium

$(PAGE_MODULES): $(PAGE)/package-lock.json
	cd $(PAGE) && npm ci --silent
	@touch $@

opencl: ## An OpenCL device for the tests: PoCL, if there is none and it can be installed
	@.ci/opencl

install: build venv ## Install the kernel into ./.venv, where its Jupyter finds it
	@$(BIN) install --prefix $(VENV)

clean: ## Remove what was built
	rm -rf bin out $(VENV) $(BENCH_VENV) .cache
