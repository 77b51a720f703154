# coebench: build, test, install. `make help` lists the targets.

VERSION := 0.1.0
PREFIX  ?= /usr/local
BUILD   ?= build
CC      ?= cc

# --- What it stands on -----------------------------------------------------------------------

PACKAGES = gcc libc6-dev pkg-config libcurl4-openssl-dev libcsv-dev libyaml-dev libxlsxwriter-dev \
           libminizip-dev libcjson-dev libpng-dev libssl-dev libmicrohttpd-dev libsqlite3-dev \
           libjs-chart.js ca-certificates
TEST_PACKAGES = libcmocka-dev python3 python3-pytest python3-pytest-xdist python3-openpyxl python3-h2 python3-venv curl \
                openssl mandoc zsh chromium chromium-driver python3-selenium libreoffice-calc-nogui \
                python3-prometheus-client sqlite3
MPI_PACKAGES = libopenmpi-dev openmpi-bin
BENCH_PACKAGES = python3 python3-aiohttp python3-requests
INTEROP_PACKAGES = python3 python3-venv g++ cmake make libgomp1
DEB_PACKAGES = debhelper dpkg-dev $(LINTIAN)
LINT_PACKAGES = clang libclang-rt-dev clang-format cppcheck git

LIBRARIES = libcurl xlsxwriter libcjson yaml-0.1 libpng libssl libcrypto libmicrohttpd sqlite3
# Asked once, when first needed: what needs no library works without pkg-config.
LIBRARY_CFLAGS = $(eval LIBRARY_CFLAGS := $$(shell pkg-config --cflags $(LIBRARIES)))$(LIBRARY_CFLAGS)
LIBRARY_LIBS   = $(eval LIBRARY_LIBS := $$(shell pkg-config --libs $(LIBRARIES)))$(LIBRARY_LIBS)

CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wwrite-strings -Wformat=2 -Wundef
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Isrc -DCOEBENCH_VERSION='"$(VERSION)"' $(WARNINGS) $(CFLAGS) \
             $(LIBRARY_CFLAGS) -pthread
ALL_LIBS = $(LIBRARY_LIBS) -lcsv -lm -pthread

# --- Building --------------------------------------------------------------------------------

# A room is a folder of src/, and may have folders of its own.
SOURCES := $(filter-out src/cluster/mpi.c,$(wildcard src/*/*.c src/*/*/*.c))
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/%.o) $(BUILD)/report/page/page_assets.o $(BUILD)/serve/page_assets.o
UNIT    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c))

# What runs on several ranks, by MPI: tests of the ranks' clocks and messages.
MPI_TESTS := $(BUILD)/coebench-mpi $(patsubst tests/mpi/%.c,$(BUILD)/mpi/%,$(wildcard tests/mpi/*.c))
MPI_CFLAGS = $(eval MPI_CFLAGS := $$(shell pkg-config --cflags ompi-c))$(MPI_CFLAGS)
MPI_LIBS   = $(eval MPI_LIBS := $$(shell pkg-config --libs ompi-c))$(MPI_LIBS)

BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))

.PHONY: all ready help deps mpi-deps test-deps lint-deps demo tokenizer test built-for-tests check check-unit check-threads built valgrind mutation bench-batches bench-compare bench-growth bench-index bench-load bench-mix bench-mpi bench-quick bench-report bench-rivals bench-search bench-sim bench-stop bench-study bench-switching bench-telemetry bench-watching bench-wire crash-test soak interop interop-deps interop-large interop-mlflow fresh-root fresh-roots fuzz lint docs-drawing format install \
        uninstall deb deb-deps dist container-root clean
.DELETE_ON_ERROR:

all: $(BUILD)/coebench ## Build build/coebench (the default)
	@:

$(BUILD)/coebench: $(BUILD)/main.o $(BUILD)/libcoebench.a
	@echo "LINK $@"
	@$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(BUILD)/libcoebench.a: $(OBJECTS)
	@rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.o: src/%.c Makefile | ready
	@mkdir -p $(@D)
	@echo "CC   $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

CHART_JS = /usr/share/javascript/chart.js/chart.min.js

# Before anything is compiled, and once: one sentence where that cannot be.
ready:
	@command -v $(firstword $(CC)) >/dev/null && command -v pkg-config >/dev/null && \
	  pkg-config --exists $(LIBRARIES) && test -f $(CHART_JS) || \
	  { echo "What building needs is not all here: 'make deps' installs it, or prints what to ask for." >&2; exit 1; }

# The report page's own files, and the library it draws with, stand inside the program.
$(BUILD)/report/page/page_assets.o: src/report/page/page_assets.S $(wildcard src/report/page/assets/*) Makefile | ready
	@mkdir -p $(@D)
	@echo "AS   $<"
	@$(CC) -DCHART_JS='"$(CHART_JS)"' -c -o $@ $<

# So do the workbench's pages.
$(BUILD)/serve/page_assets.o: src/serve/page_assets.S $(wildcard src/serve/page/*) Makefile | ready
	@mkdir -p $(@D)
	@echo "AS   $<"
	@$(CC) -c -o $@ $<

# So do the configs, rows, bundles, policy and prompts that it ships with.
$(BUILD)/core/shipped.o $(BUILD)/fuzz/obj/core/shipped.o: $(wildcard configs/* model_configs/*)

# And the program that counts tokens by a tokenizer of one's choice.
$(BUILD)/prompt/token_counter.o $(BUILD)/fuzz/obj/prompt/token_counter.o: src/prompt/tokenizer_script.py

# Every result that the installed libcurl names: a test walks through them.
$(BUILD)/unit/load/test_result: $(BUILD)/unit/load/curl_codes.h

$(BUILD)/unit/load/curl_codes.h: Makefile | ready
	@mkdir -p $(@D)
	@echo '#include <curl/curl.h>' | $(CC) $(LIBRARY_CFLAGS) -E -P -MD -MF $@.d -MT $@ - | tr ',{}' '\n' | \
	  sed -n 's/^ *\(CURLE_[A-Z0-9_]*\)\( *=.*\)*$$/CODE(\1)/p' | sort -u > $@

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libcoebench.a
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CC) $(ALL_CFLAGS) -Itests/unit -I$(@D) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/libcoebench.a $(ALL_LIBS) -lcmocka

# MPI's headers are the compiler's to trust: none of its warnings is about this code.
$(BUILD)/cluster/mpi.o: src/cluster/mpi.c Makefile | ready mpi-ready
	@mkdir -p $(@D)
	@echo "CC   $<"
	@$(CC) $(ALL_CFLAGS) $(MPI_CFLAGS:-I%=-isystem %) -MMD -MP -c -o $@ $<

$(BUILD)/mpi/%: tests/mpi/%.c $(BUILD)/cluster/mpi.o $(BUILD)/libcoebench.a
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CC) $(ALL_CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/cluster/mpi.o $(BUILD)/libcoebench.a \
	  $(ALL_LIBS) $(MPI_LIBS)

mpi: $(BUILD)/coebench-mpi ## Build build/coebench-mpi, whose runs several machines share (OpenMPI)
	@:

$(BUILD)/coebench-mpi: $(BUILD)/main.o $(BUILD)/cluster/mpi.o $(BUILD)/libcoebench.a
	@echo "LINK $@"
	@$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS) $(MPI_LIBS)

.PHONY: mpi mpi-ready
mpi-ready:
	@command -v mpirun >/dev/null && pkg-config --exists ompi-c || \
	  { echo "OpenMPI is not all here: 'make mpi-deps' installs it, or prints what to ask for." >&2; exit 1; }

# Every page of docs/, which `coebench help` prints: its name and its text, each ended by a zero byte.
DOCS := $(sort $(wildcard docs/*.md))

$(BUILD)/libcoebench.a: $(BUILD)/command/help_pages.o

$(BUILD)/command/help_pages.S: $(DOCS) Makefile
	@mkdir -p $(@D)
	@{ echo '.section .rodata'; echo '.global help_pages'; echo 'help_pages:'; \
	  for page in $(DOCS); do \
	    echo ".asciz \"$$(basename $$page .md)\""; echo ".incbin \"$$page\""; echo '.byte 0'; \
	  done; echo '.byte 0'; echo '.section .note.GNU-stack, "", %progbits'; } > $@

$(BUILD)/command/help_pages.o: $(BUILD)/command/help_pages.S
	@echo "AS   $<"
	@$(CC) -c -o $@ $<

-include $(OBJECTS:.o=.d) $(BUILD)/cluster/mpi.d $(filter $(BUILD)/mpi/%,$(MPI_TESTS:=.d)) $(BUILD)/main.d $(UNIT:=.d) $(BUILD)/unit/load/curl_codes.h.d $(BENCHES:=.d)

# --- Fresh machine ---------------------------------------------------------------------------

deps: ## Install what building needs and is missing (Debian, Ubuntu), saying what
	@tests/tools/install-missing $(PACKAGES)

mpi-deps: ## Install what make mpi needs besides (OpenMPI)
	@tests/tools/install-missing $(PACKAGES) $(MPI_PACKAGES)

# A registry that cannot be reached stops no other test: those that need what it lacks fail by name.
test-deps: ## Install what the tests need besides
	@tests/tools/install-missing $(PACKAGES) $(TEST_PACKAGES) $(MPI_PACKAGES)
	@$(MAKE) -s -k --no-print-directory $(HELPERS) || \
	  echo "Not all that tests drive is here; the tests that need it fail and say so." >&2

HELPERS = $(CLIENTS)/complete $(TOKENIZERS)/complete $(AXE)/complete $(PANDAS)/complete $(COUNTERS)/complete \
          $(NOTEBOOKS)/complete $(OTLP)/complete

# Client libraries that tests drive: the same for every BUILD.
CLIENTS = build/clients

$(CLIENTS)/complete: tests/cli/clients/requirements.txt tests/tools/install-clients
	@tests/tools/install-clients $(CLIENTS) $<

# The libraries by which the starter kit and LLMPerf read results, likewise.
PANDAS = build/pandas

$(PANDAS)/complete: tests/cli/kit/requirements.txt tests/tools/install-clients
	@tests/tools/install-clients $(PANDAS) $<

# What executes the notebooks of examples/, likewise.
NOTEBOOKS = build/notebooks

$(NOTEBOOKS)/complete: tests/cli/notebooks/requirements.txt tests/tools/install-clients
	@tests/tools/install-clients $(NOTEBOOKS) $<

# The published messages of OpenTelemetry, which read what was sent to a service, likewise.
OTLP = build/otlp

$(OTLP)/complete: tests/cli/otlp/requirements.txt tests/tools/install-clients
	@tests/tools/install-clients $(OTLP) $<

# Published tokenizers that tests count with, likewise.
TOKENIZERS = build/tokenizers
NODE = build/node
TOKENIZER_FILES = $(addprefix tests/cli/tokenizers/,package.json package-lock.json count.mjs)

$(TOKENIZERS)/complete: $(TOKENIZER_FILES) tests/tools/install-packages $(NODE)/complete
	@tests/tools/install-packages $(TOKENIZERS) tests/cli/tokenizers $(NODE)

# What looks for barriers in the workbench's pages, likewise.
AXE = build/axe

$(AXE)/complete: $(addprefix tests/cli/serve/axe/,package.json package-lock.json) tests/tools/install-packages $(NODE)/complete
	@tests/tools/install-packages $(AXE) tests/cli/serve/axe $(NODE)

$(NODE)/complete: tests/cli/tokenizers/requirements.txt tests/tools/install-clients
	@tests/tools/install-clients $(NODE) $<

# The libraries by which a tokenizer of one's choice counts, for tests; an installed program looks for them where
# `make tokenizer` puts them.
COUNTERS = build/tokenizer
COUNTER_FILES = src/prompt/tokenizer_requirements.txt tests/tools/install-clients

$(COUNTERS)/complete: $(COUNTER_FILES)
	@tests/tools/install-clients $(COUNTERS) $< --no-deps

DATA_HOME = $(or $(XDG_DATA_HOME),$(HOME)/.local/share)
COEBENCH_TOKENIZER ?= $(DATA_HOME)/coebench/tokenizer

tokenizer: $(COUNTER_FILES) ## Install the libraries that `tokenizer:` counts with (COEBENCH_TOKENIZER=FOLDER; PyPI)
	@tests/tools/install-missing python3 python3-venv
	@tests/tools/install-clients '$(COEBENCH_TOKENIZER)' $< --no-deps

lint-deps: ## Install what lint and the stricter builds need
	@tests/tools/install-missing $(PACKAGES) $(TEST_PACKAGES) $(LINT_PACKAGES)

demo: deps ## Run configs/config.yaml against the simulated bundle
	@begun=$$(date +%s); $(MAKE) --no-print-directory $(ALL_CORES) all && \
	  echo "Built in $$(($$(date +%s) - begun)) s."
	@tests/tools/demo $(BUILD)/coebench

# Where the caller has not said how many.
ALL_CORES = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# --- Checking --------------------------------------------------------------------------------

test: test-deps ## Build and run every test
	@$(MAKE) --no-print-directory $(ALL_CORES) built-for-tests
	@$(MAKE) --no-print-directory check

built-for-tests: all $(UNIT) $(MPI_TESTS)
	@:

check: all $(UNIT) $(MPI_TESTS) ## Run every test, without installing anything (BUSY=8: beside so many busy loops)
	@tests/tools/busy $(BUSY) tests/tools/run-tests $(BUILD)

check-unit: all $(UNIT) ## Run the unit tests alone
	@tests/tools/run-tests $(BUILD) unit

BUSY ?= 0

built: all $(UNIT) $(MPI_TESTS) $(BENCHES) ## Build the program, every test and every bench, and run none
	@:

check-threads: ## Under ThreadSanitizer, the tests in which threads share most (4 minutes; clang)
	@$(MAKE) --no-print-directory all mpi BUILD=$(BUILD)/threads CC=clang LDFLAGS=-fsanitize=thread \
	  CFLAGS='-O1 -g -Werror -fno-omit-frame-pointer -fsanitize=thread'
	@tests/tools/run-threads $(BUILD)/threads

valgrind: all $(UNIT) ## Tests that measure no time, under valgrind (half an hour)
	@tests/tools/install-missing valgrind
	@tests/tools/run-valgrind $(BUILD)

mutation: test-deps ## Break the program in known places; a test must fail each time
	@tests/tools/mutate $(BUILD)/mutants

# Readers and timers stand alone: they see nothing of src/.
$(BUILD)/bench/%: tests/bench/%.c tests/bench/bare.h | ready
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) $(LDFLAGS) -o $@ $< -lm

# What the workbook's library takes by itself.
$(BUILD)/bench/book: tests/bench/book.c | ready
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) $(LDFLAGS) -o $@ $< -lxlsxwriter

bench-sim: all $(BUILD)/bench/reader $(BUILD)/bench/pacer ## Measure the simulator itself: how late, how fast (a minute)
	@timeout 120 tests/bench/bench-sim $(BUILD)

bench-load: all $(BUILD)/bench/reader $(BUILD)/bench/sender $(BUILD)/bench/catcher $(BUILD)/bench/bench_wire ## Measure the client beside others (7 minutes; QUICK=1)
	@tests/tools/install-missing $(BENCH_PACKAGES)
	@timeout 1800 tests/bench/bench-load $(BUILD) $(TABLES)

# What others measure with, in a locked version; where it cannot be had, the others are measured without it.
RIVALS = build/rivals
LLMNOP_VERSION = 0.12.0

$(RIVALS)/bin/llmnop:
	@echo "Building llmnop $(LLMNOP_VERSION) (cargo, crates.io)"
	@cargo install --quiet --locked --version $(LLMNOP_VERSION) --no-default-features --root $(RIVALS) llmnop || \
	  echo "No llmnop: cargo (1.85 or newer) or crates.io is missing; it is left out." >&2

bench-rivals: all $(BUILD)/bench/reader $(RIVALS)/bin/llmnop ## Measure the client beside what others measure with (15 minutes; QUICK=1; VLLM_BENCH=path AIPERF=path)
	@tests/tools/install-missing $(BENCH_PACKAGES)
	@timeout 3600 tests/bench/bench-rivals $(BUILD)

bench-wire: $(BUILD)/bench/bench_wire ## Nanoseconds to read an event of a stream, way by way
	@$<

bench-switching: all $(BUILD)/bench/bench_switching $(BUILD)/bench/bench_worlds ## How well switches are found, beside the kit's rules (9 minutes)
	@$(BUILD)/bench/bench_worlds $(STUDIES)
	@$(BUILD)/bench/bench_switching $(STEPS)
	@timeout 1800 tests/bench/bench-switching-runs $(BUILD)

bench-batches: all ## Whether the demo's open-loop row is judged rightly, seed by seed (17 minutes)
	@timeout 3600 tests/bench/bench-batches-runs $(BUILD) $(SEEDS)

bench-compare: $(BUILD)/bench/bench_compare ## False and true regressions, of requests and of switches (a minute)
	@$< $(PAIRS)

bench-report: all $(BUILD)/bench/book ## Time and memory of report, 10^4 to 10^6 requests (5 minutes; BESIDE=program)
	@timeout 1800 tests/bench/bench-report $(BUILD) $(SIZES)

bench-growth: all ## CPU time where others choose how many: sizes, steps, rows (15 minutes; QUICK=1)
	@timeout 3600 tests/bench/bench-growth $(BUILD)

bench-index: all ## Thousands of runs in one database: first, again, and queries (15 minutes; QUICK=1)
	@timeout 3600 tests/bench/bench-index $(BUILD) $(RUNS)

bench-mix: $(BUILD)/bench/bench_mix ## What a mix pays for switches: predicted, measured, true (5 minutes)
	@$(BUILD)/bench/bench_mix $(RECORDS)

bench-mpi: $(BUILD)/coebench $(BUILD)/coebench-mpi ## What it costs to share a run among ranks: CPU per event, events/s (8 minutes; QUICK=1)
	@timeout 3600 tests/bench/bench-mpi $(BUILD)

bench-quick: all $(BENCHES) $(BUILD)/coebench-mpi ## A piece of every bench, that none rots: figures, and no verdict (2 minutes)
	@tests/tools/install-missing $(BENCH_PACKAGES)
	@timeout 1800 tests/bench/bench-quick $(BUILD)

bench-search: $(BUILD)/bench/bench_search ## The highest load that keeps an slo, on queues in virtual time (10 minutes)
	@$(BUILD)/bench/bench_search $(SEARCHES)

bench-stop: $(BUILD)/bench/bench_stop ## Passes and errors of studies that end when they are sure (3 minutes)
	@$(BUILD)/bench/bench_stop $(STUDIES)

bench-telemetry: all ## What it costs to ask for metrics each second, and to be watched (10 minutes; QUICK=1)
	@timeout 1800 tests/bench/bench-telemetry $(BUILD)

bench-watching: all ## Whether a run is disturbed by three who watch it in the workbench (5 minutes; QUICK=1)
	@timeout 1800 tests/bench/bench-watching $(BUILD) $(RATES)

bench-study: all $(BUILD)/bench/bench_study $(BUILD)/bench/bench_residency ## Matrix, residency and loading speed against the truth (12 minutes)
	@$(BUILD)/bench/bench_study $(STUDIES)
	@$(BUILD)/bench/bench_residency $(STUDIES)
	@timeout 1800 tests/bench/bench-study-runs $(BUILD) $(RUNS)

crash-test: all ## Kill runs and fill their disks at 250 seeded moments, go on with each (12 minutes; root)
	@timeout 3600 tests/endurance/crash-test $(BUILD) --kills $(KILLS) --full $(FULL)

KILLS ?= 200
FULL ?= 50

soak: all ## Ten minutes of faults of every kind, each record held against the truth (SOAK_SECONDS=600)
	@timeout 7200 tests/endurance/soak $(BUILD) --seconds $(SOAK_SECONDS)

SOAK_SECONDS ?= 600

interop-deps:
	@tests/tools/install-missing $(PACKAGES) $(INTEROP_PACKAGES)

TRIES ?= 1

interop: interop-deps ## Against real servers, each held against its own log (4 minutes; registry; TRIES=1; NAMES="single openai-responses")
	@$(MAKE) --no-print-directory all
	@timeout 1200 tests/interop/interop $(BUILD) build/servers --tries $(TRIES) $(WHERE_IT_CAN:%=--where-it-can) $(NAMES)

interop-large: interop-deps ## With Ollama, LiteLLM and vLLM (NAMES="ollama ollama-dialect litellm vllm"; go, npm; 8 GB; an hour)
	@$(MAKE) --no-print-directory all
	@timeout 10800 tests/interop/interop $(BUILD) build/servers-large --large $(NAMES)

# The server and client that it has, without what they need for models: a quarter of the whole.
MLFLOW = build/mlflow

$(MLFLOW)/complete: tests/interop/requirements-mlflow.txt tests/tools/install-clients
	@tests/tools/install-clients $(MLFLOW) $< --no-deps

interop-mlflow: ## Against a real MLflow server, read back by its own client (a minute; PyPI)
	@tests/tools/install-missing $(PACKAGES) python3 python3-venv python3-openpyxl
	@$(MAKE) --no-print-directory all $(MLFLOW)/complete
	@timeout 1800 tests/interop/interop-mlflow $(BUILD) $(MLFLOW)

fresh-root: ## `make demo` on a bare Debian (SUITE=bookworm, trixie; RUN="demo test container"; 2 minutes; root)
	@tests/tools/install-missing debootstrap git $(if $(filter container,$(RUN)),lintian python3)
	@tests/tools/fresh-root $(SUITE) $(RUN)

fresh-roots: ## The same on every Debian that is promised; with -j2, at a time
	@tests/tools/install-missing debootstrap git $(if $(filter container,$(RUN)),lintian python3)
	@$(MAKE) --no-print-directory --output-sync=target $(SUITES:%=fresh-root-of-%)

fresh-root-of-%:
	@tests/tools/fresh-root $* $(RUN)

SUITES = bookworm trixie
SUITE ?= bookworm
RUN ?= demo

$(BUILD)/bench/bench_%: tests/bench/bench_%.c $(BUILD)/libcoebench.a
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CC) $(ALL_CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/libcoebench.a $(ALL_LIBS)

# Each reader of files and answers, with the rooms that they live in.
FUZZ_SECONDS ?= 5
FUZZ_TARGETS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_ROOMS   = core record plan wire prompt sim traffic stats store telemetry serve
FUZZ_OBJECTS = $(patsubst src/%.c,$(BUILD)/fuzz/obj/%.o,$(wildcard $(FUZZ_ROOMS:%=src/%/*.c) $(FUZZ_ROOMS:%=src/%/*/*.c)))
FUZZ_CFLAGS  = -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all
FUZZ_TRACED  = -fsanitize=fuzzer-no-link -fsanitize-coverage-ignorelist=tests/fuzz/untraced

fuzz: $(FUZZ_TARGETS) ## Read anything at all, FUZZ_SECONDS (5) or FUZZ_RUNS for each reader; needs clang
	@FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_RUNS=$(FUZZ_RUNS) tests/tools/fuzz $(BUILD)

$(BUILD)/fuzz/obj/%.o: src/%.c Makefile tests/fuzz/untraced | ready
	@mkdir -p $(@D)
	@echo "CC   $< (to fuzz)"
	@clang $(ALL_CFLAGS) $(FUZZ_TRACED) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/obj/libcoebench.a: $(FUZZ_OBJECTS)
	@rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/fuzz/obj/libcoebench.a
	@echo "LINK $@"
	@clang $(ALL_CFLAGS) -fsanitize=fuzzer $(FUZZ_CFLAGS) -Itests/unit -Itests/fuzz -MMD -MP -o $@ $< \
	  $(BUILD)/fuzz/obj/libcoebench.a $(ALL_LIBS)

-include $(FUZZ_OBJECTS:.o=.d) $(FUZZ_TARGETS:=.d)

.PHONY: docs docs-check
docs: $(BUILD)/coebench ## Put the tables that the program makes into docs/
	@tests/tools/docs-tables $<

docs-check: all ## Run the commands of README.md and docs/, and compare what they print (4 minutes)
	@tests/tools/docs-check $(BUILD)/coebench

lint: ## Floors and sizes of the house, words, docs, format, static analysis
	@tests/tools/check-floors src
	@tests/tools/check-sizes src tests
	@tests/tools/draw-house src docs/internals.md --check
	@tests/tools/check-words README.md CONTRIBUTING.md docs
	@tests/tools/check-docs
	@clang-format --dry-run --Werror $$(git ls-files 'src/*.[ch]' 'tests/*.[ch]')
	@cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr \
	  --enable=warning,performance --suppress=missingIncludeSystem -Isrc \
	  --suppress=ctuuninitvar -DCOEBENCH_VERSION='""' src

docs-drawing: ## Make the source tour and the drawing of includes in docs/internals.md anew
	@tests/tools/draw-house src docs/internals.md

format: ## Lay out the sources with clang-format
	@clang-format -i $$(git ls-files 'src/*.[ch]' 'tests/*.[ch]')

# --- Installing ------------------------------------------------------------------------------

# The program writes its own manual and completions, from the tables that it works by.
$(BUILD)/coebench.1: $(BUILD)/coebench
	@$< manual > $@

$(BUILD)/completion.%: $(BUILD)/coebench
	@$< manual --completion $* > $@

SHARE    = $(DESTDIR)$(PREFIX)/share
MAN_PAGE = $(SHARE)/man/man1/coebench.1
FOR_BASH = $(SHARE)/bash-completion/completions/coebench
FOR_ZSH  = $(SHARE)/zsh/site-functions/_coebench

install: all $(BUILD)/coebench.1 $(BUILD)/completion.bash $(BUILD)/completion.zsh ## Install under PREFIX (/usr/local)
	install -D -m 755 $(BUILD)/coebench $(DESTDIR)$(PREFIX)/bin/coebench
	install -D -m 644 $(BUILD)/coebench.1 $(MAN_PAGE)
	install -D -m 644 $(BUILD)/completion.bash $(FOR_BASH)
	install -D -m 644 $(BUILD)/completion.zsh $(FOR_ZSH)

uninstall: ## Remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/coebench $(MAN_PAGE) $(FOR_BASH) $(FOR_ZSH)

# --- Packing ---------------------------------------------------------------------------------

# What it is built from, but for what every Debian package is.
BUILD_DEPENDS = $(filter-out gcc libc6-dev ca-certificates,$(PACKAGES))

deb-deps:
	@tests/tools/install-missing $(PACKAGES) $(DEB_PACKAGES)

deb: deb-deps ## The Debian package, in build/packages, checked by lintian
	@packaging/make-deb $(BUILD)/packages $(VERSION) $(BUILD_DEPENDS)
	@$(if $(LINTIAN),packaging/check-deb $(BUILD)/packages $(VERSION))

LINTIAN ?= lintian

container-root: ## What the Containerfile makes, by debootstrap, and the demo in it (SUITE=bookworm, trixie; 2 minutes; root)
	@tests/tools/install-missing debootstrap git lintian python3
	@tests/tools/fresh-root $(SUITE) container

dist: ## The sources that HEAD holds as a tarball, with its checksum, in build/packages
	@packaging/make-dist $(BUILD)/packages $(VERSION)

clean: ## Remove everything that was built
	rm -rf $(BUILD)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
