# coebench: build, test, install. `make help` lists the targets.

VERSION := 0.1.0
PREFIX  ?= /usr/local
BUILD   ?= build
CC      ?= cc

# --- What it stands on -----------------------------------------------------------------------

PACKAGES = gcc libc6-dev pkg-config libcurl4-openssl-dev libcsv-dev libyaml-dev libxlsxwriter-dev \
           libminizip-dev libcjson-dev libpng-dev libssl-dev libjs-chart.js ca-certificates
TEST_PACKAGES = libcmocka-dev python3 python3-pytest python3-openpyxl python3-h2 python3-venv curl \
                openssl mandoc zsh chromium chromium-driver python3-selenium libreoffice-calc-nogui
BENCH_PACKAGES = python3 python3-aiohttp python3-requests
LINT_PACKAGES = clang libclang-rt-dev clang-format cppcheck git

LIBRARIES = libcurl xlsxwriter libcjson yaml-0.1 libpng libssl libcrypto
# Asked once, when first needed: `make deps` may have to bring pkg-config first.
LIBRARY_CFLAGS = $(eval LIBRARY_CFLAGS := $$(shell pkg-config --cflags $(LIBRARIES)))$(LIBRARY_CFLAGS)
LIBRARY_LIBS   = $(eval LIBRARY_LIBS := $$(shell pkg-config --libs $(LIBRARIES)))$(LIBRARY_LIBS)

CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wwrite-strings -Wformat=2 -Wundef
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Isrc -DCOEBENCH_VERSION='"$(VERSION)"' $(WARNINGS) $(CFLAGS) \
             $(LIBRARY_CFLAGS) -pthread
ALL_LIBS = $(LIBRARY_LIBS) -lcsv -lm -pthread

# --- Building --------------------------------------------------------------------------------

SOURCES := $(wildcard src/*/*.c)
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/%.o) $(BUILD)/report/page_assets.o
UNIT    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*/test_*.c))

BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))

.PHONY: all help deps lint-deps demo test check built valgrind mutation bench-batches bench-compare bench-load bench-report bench-sim bench-stop bench-study bench-switching bench-wire crash-test soak fresh-root fuzz lint format install \
        uninstall clean
.DELETE_ON_ERROR:

all: $(BUILD)/coebench ## Build build/coebench (the default)
	@:

$(BUILD)/coebench: $(BUILD)/main.o $(BUILD)/libcoebench.a
	@echo "LINK $@"
	@$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(BUILD)/libcoebench.a: $(OBJECTS)
	@rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	@command -v pkg-config >/dev/null && pkg-config --exists $(LIBRARIES) || \
	  { echo "Libraries are missing: run 'make deps' first."; exit 1; }
	@echo "CC   $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The report page's own files, and the library it draws with, stand inside the program.
CHART_JS = /usr/share/javascript/chart.js/chart.min.js

$(BUILD)/report/page_assets.o: src/report/page_assets.S $(wildcard src/report/page/*) Makefile
	@mkdir -p $(@D)
	@test -f $(CHART_JS) || { echo "Chart.js is missing: run 'make deps' first."; exit 1; }
	@echo "AS   $<"
	@$(CC) -DCHART_JS='"$(CHART_JS)"' -c -o $@ $<

# Every result that the installed libcurl names: a test walks through them.
$(BUILD)/unit/load/test_result: $(BUILD)/unit/load/curl_codes.h

$(BUILD)/unit/load/curl_codes.h: Makefile
	@mkdir -p $(@D)
	@echo '#include <curl/curl.h>' | $(CC) $(LIBRARY_CFLAGS) -E -P -MD -MF $@.d -MT $@ - | tr ',{}' '\n' | \
	  sed -n 's/^ *\(CURLE_[A-Z0-9_]*\)\( *=.*\)*$$/CODE(\1)/p' | sort -u > $@

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libcoebench.a
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CC) $(ALL_CFLAGS) -Itests/unit -I$(@D) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/libcoebench.a $(ALL_LIBS) -lcmocka

-include $(OBJECTS:.o=.d) $(BUILD)/main.d $(UNIT:=.d) $(BUILD)/unit/load/curl_codes.h.d

# --- Fresh machine ---------------------------------------------------------------------------

deps: ## Install what is missing (Debian, Ubuntu), saying what
	@tests/tools/install-missing $(PACKAGES) $(TEST_PACKAGES)
	@$(MAKE) -s --no-print-directory $(CLIENTS)/complete $(TOKENIZERS)/complete

# Client libraries that tests drive: the same for every BUILD.
CLIENTS = build/clients

$(CLIENTS)/complete: tests/cli/clients/requirements.txt tests/tools/install-clients
	@tests/tools/install-clients $(CLIENTS) $<

# Published tokenizers that tests count with, likewise.
TOKENIZERS = build/tokenizers
TOKENIZER_FILES = $(addprefix tests/cli/tokenizers/,package.json package-lock.json count.mjs)

$(TOKENIZERS)/complete: $(TOKENIZER_FILES) tests/tools/install-tokenizers
	@tests/tools/install-tokenizers $(TOKENIZERS) tests/cli/tokenizers

lint-deps: ## Install what lint and the stricter builds need
	@tests/tools/install-missing $(PACKAGES) $(TEST_PACKAGES) $(LINT_PACKAGES)

demo: ## Run configs/config.yaml against the simulated bundle
	@tests/tools/install-missing $(PACKAGES)
	@$(MAKE) --no-print-directory all
	@tests/tools/demo $(BUILD)/coebench

# --- Checking --------------------------------------------------------------------------------

test: deps ## Build and run every test
	@$(MAKE) --no-print-directory check

check: all $(UNIT) ## Run every test, without installing anything
	@tests/tools/run-tests $(BUILD)

built: all $(UNIT) $(BENCHES) ## Build the program, every test and every bench, and run none
	@:

valgrind: all $(UNIT) ## Tests that measure no time, under valgrind (half an hour)
	@tests/tools/install-missing valgrind
	@tests/tools/run-valgrind $(BUILD)

mutation: deps ## Break the program in known places; a test must fail each time
	@tests/tools/mutate $(BUILD)/mutants

# Readers and timers stand alone: they see nothing of src/.
$(BUILD)/bench/%: tests/bench/%.c tests/bench/bare.h
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) $(LDFLAGS) -o $@ $< -lm

bench-sim: all $(BUILD)/bench/reader $(BUILD)/bench/pacer ## Measure the simulator itself: how late, how fast (a minute)
	@timeout 120 tests/bench/bench-sim $(BUILD)

bench-load: all $(BUILD)/bench/reader $(BUILD)/bench/sender $(BUILD)/bench/bench_wire ## Measure the client beside others (7 minutes; QUICK=1)
	@tests/tools/install-missing $(BENCH_PACKAGES)
	@timeout 1800 tests/bench/bench-load $(BUILD) $(TABLES)

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

bench-report: all ## Time and memory of report, 10^4 to 10^6 requests (5 minutes)
	@timeout 1800 tests/bench/bench-report $(BUILD) $(SIZES)

bench-stop: $(BUILD)/bench/bench_stop ## Passes and errors of studies that end when they are sure (3 minutes)
	@$(BUILD)/bench/bench_stop $(STUDIES)

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

fresh-root: ## `make demo` on a bare Debian (SUITE=bookworm, trixie; RUN="demo test"; 2 minutes; root)
	@tests/tools/install-missing debootstrap git
	@tests/tools/fresh-root $(SUITE) $(RUN)

SUITE ?= bookworm
RUN ?= demo

$(BUILD)/bench/bench_%: tests/bench/bench_%.c $(BUILD)/libcoebench.a
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CC) $(ALL_CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/libcoebench.a $(ALL_LIBS)

# Each reader of files and answers, with the rooms that they live in.
FUZZ_SECONDS ?= 5
FUZZ_TARGETS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_ROOMS   = core record plan wire prompt stats store
FUZZ_OBJECTS = $(patsubst src/%.c,$(BUILD)/fuzz/obj/%.o,$(wildcard $(FUZZ_ROOMS:%=src/%/*.c)))
FUZZ_CFLAGS  = -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all

fuzz: $(FUZZ_TARGETS) ## Read anything at all, FUZZ_SECONDS (5) or FUZZ_RUNS for each reader; needs clang
	@FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_RUNS=$(FUZZ_RUNS) tests/tools/fuzz $(BUILD)

$(BUILD)/fuzz/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	@echo "CC   $< (to fuzz)"
	@clang $(ALL_CFLAGS) -fsanitize=fuzzer-no-link $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/obj/libcoebench.a: $(FUZZ_OBJECTS)
	@rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/fuzz/obj/libcoebench.a
	@echo "LINK $@"
	@clang $(ALL_CFLAGS) -fsanitize=fuzzer $(FUZZ_CFLAGS) -Itests/unit -Itests/fuzz -MMD -MP -o $@ $< \
	  $(BUILD)/fuzz/obj/libcoebench.a $(ALL_LIBS)

-include $(FUZZ_OBJECTS:.o=.d) $(FUZZ_TARGETS:=.d)

lint: ## Floors of the house, format, static analysis
	@tests/tools/check-floors src
	@clang-format --dry-run --Werror $$(git ls-files 'src/*.[ch]' 'tests/*.[ch]')
	@cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr \
	  --enable=warning,performance --suppress=missingIncludeSystem -Isrc \
	  --suppress=ctuuninitvar -DCOEBENCH_VERSION='""' src

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

clean: ## Remove everything that was built
	rm -rf $(BUILD)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
