/* The run's settings: config.yaml (formats.md, sections 1 and 10). */
#ifndef PLAN_SETTINGS_H
#define PLAN_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/api.h"
#include "core/error.h"
#include "core/setting.h"
#include "core/yaml.h"
#include "plan/mlflow_place.h"
#include "plan/order.h"
#include "plan/search_rule.h"
#include "plan/stop.h"
#include "plan/telemetry.h"
#include "record/health.h"
#include "record/objective.h"
#include "record/retry.h"
#include "record/state.h"

/* How a request waits for its moment: asleep, or awake for the last 100 µs. */
enum pacing_mode { PACING_NORMAL, PACING_PRECISE };
extern const char *const settings_pacing_names[];

/* What prompts are made of, and what of them `input_tokens` counts. */
enum prompt_source { PROMPT_WORDS, PROMPT_PROMPTS, PROMPT_SONNETS, PROMPT_DATASET };
extern const char *const settings_source_names[];
enum prompt_count { PROMPT_TOTAL, PROMPT_CONTENT };
extern const char *const settings_count_names[];

/* How the endpoint is asked for a number of tokens, and for its own counts. */
enum { OUTPUT_MAX_TOKENS, OUTPUT_MAX_COMPLETION_TOKENS };
extern const char *const settings_output_names[];
enum ask_usage_setting { USAGE_TRUE, USAGE_FALSE, USAGE_EACH };
extern const char *const settings_usage_names[];

/* The version of HTTP that is spoken. */
enum connection_http { CONNECTION_HTTP_1_1, CONNECTION_HTTP_2 };
extern const char *const settings_http_names[];

/* Whether connections are used again; auto: by what the endpoint does. */
enum connection_reuse { CONNECTION_REUSE_AUTO, CONNECTION_REUSE_ALWAYS, CONNECTION_REUSE_NEVER };
extern const char *const settings_reuse_names[];

struct settings {
    char *model_configs_path;
    int llm_api; /* enum llm_api; unknown where the file does not say it rightly */
    char *output_files_dir;
    char *consolidated_results_dir;
    double timeout_s;
    double request_timeout_s; /* 0: none */
    double time_delay_s;
    double stop_grace_s;
    double settle_s;
    double wait_ready_s; /* how long a run waits for its endpoint; 0: not at all */
    bool use_multiple_prompts;
    bool concurrency_enabled;
    int64_t max_workers;
    int64_t threads;
    int pacing;      /* enum pacing_mode */
    char *bundle;    /* path of a bundle file; NULL: nothing is known of the node */
    char *tokenizer; /* a file, folder or name (prompt/tokenizer_place.h); NULL: none counts */
    char *run_name;  /* NULL: the start's date */
    int64_t seed;    /* drawn fresh where the file gives none */
    bool seed_given;
    bool ignore_eos;
    char *sampling_params; /* a JSON object */
    int output_tokens_as;  /* OUTPUT_MAX_TOKENS … */
    int ask_usage;         /* enum ask_usage_setting */
    bool save_llm_responses;
    struct {
        bool preconnect;
        int http;  /* enum connection_http */
        int reuse; /* enum connection_reuse */
        double connect_timeout_s;
        double idle_timeout_s;
        double tail_grace_s;
        char *ca_file;       /* NULL: the system's */
        bool insecure;       /* no certificate is checked */
        char *proxy;         /* a URL; NULL: none. It may hold a password */
        char *headers;       /* a JSON object, and what comes of it … */
        char **header_lines; /* … "Name: value", ended by NULL; owned */
        char *key_header;    /* the header that bears the key; NULL: the dialect's own */
        bool spread;         /* over all addresses of the endpoint's name */
    } connection;
    struct {
        struct setting_list on; /* codes, which are read into … */
        struct retry rules;
    } retry;
    int64_t
        max_consecutive_errors; /* a row ends when so many failed and none completed; 0: never */
    struct {
        int source; /* enum prompt_source */
        char *file; /* NULL: none */
        char *dataset;
        int count; /* enum prompt_count */
        bool repeat;
        bool count_free;  /* endpoints that count load no model */
        double tolerance; /* tokens; 0: by the length */
    } prompt;
    int order; /* enum order_kind */
    int64_t passes;
    struct stop_rule stop_when; /* in the place of passes, where it is asked for */
    bool self_pairs;
    char *call_mix;        /* a JSON object: model → share of the calls */
    double call_rate;      /* calls/s of that mix; 0: not stated */
    double calls_in_a_row; /* that each draw of a model from it brings, on average */
    char *study;           /* runs, or folders of them, that predict what mixes cost; NULL: none */
    char *trace_models;    /* a JSON object: name in a trace → model */
    char *slo;             /* a JSON object: metric → limit, and what comes of it … */
    struct objectives objectives;
    char *labels; /* a JSON object of texts that reports show */
    struct {
        int64_t steady; /* requests; 0: no probe */
        int64_t output_tokens;
    } probe;
    struct search_rule search;
    struct health_limits health;
    struct setting_list telemetry;   /* struct telemetry_source: what else is asked during rows */
    int residency_source;            /* enum state_source: whom a run asks what is loaded */
    struct setting_list before_step; /* char *: see plan/control.h */
    struct mlflow_place mlflow;      /* where the run is sent once it has ended */
    struct yaml *document;           /* what all this was read from */
};

/* The table that settings_read, help and manual are made from. */
extern const struct setting settings_table[];

/* What the command line sets: an assignment "key=value" (dotted key, value in YAML), and the option
 * that a fault in it is blamed on. The option's name must outlive the settings. */
struct settings_override {
    const char *option; /* "--set", "--seed" */
    const char *assignment;
};

/* Reads the file at `path` with `overrides` on top. Relative input paths are resolved (working
 * directory first, then the file's folder), `~` is expanded, and a missing seed is drawn. Adds
 * every fault it finds; one where the file is no mapping. `path` must outlive `settings`, which is
 * to be cleared either way. */
bool settings_read(const char *path, const struct settings_override *overrides,
                   size_t override_count, struct settings *settings, struct faults *faults);

/* Adds a fault of the setting `key` (dotted in a group), with the file and line where it was given.
 */
void settings_fault(const struct settings *settings, struct faults *faults, const char *key,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The share of all calls that go to a model, by call_mix, which need not sum to 1; 0 where it does
 * not name the model, NAN where there is none. */
double settings_call_share(const struct settings *settings, const char *model);

void settings_clear(struct settings *settings);

#endif
