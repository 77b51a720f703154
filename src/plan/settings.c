#include "plan/settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/document.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/word.h"
#include "plan/connection.h"
#include "plan/control.h"
#include "plan/retry.h"
#include "plan/run_name.h"
#include "plan/sampling.h"
#include "plan/settings_paths.h"
#include "plan/slo.h"

const char *const settings_pacing_names[] = {"normal", "precise", NULL};

const char *const settings_output_names[] = {"max_tokens", "max_completion_tokens", NULL};

/* Behind the first three, YAML's other words for the first two. */
const char *const settings_usage_names[] = {"true", "false", "each", "yes",
                                            "no",   "on",    "off",  NULL};

const char *const settings_source_names[] = {"words", "prompts", "sonnets", "dataset", NULL};

const char *const settings_count_names[] = {"total", "content", NULL};

static const double year_s = 31536000;

/* clang-format off */
#define RETRY(field) (offsetof(struct settings, retry.field) - offsetof(struct settings, retry))

static const struct setting retry_table[] = {
    {"attempts", SETTING_INTEGER, RETRY(rules.attempts), .fallback = "0", .least = 0, .most = 100,
     .help = "how often a failed request may be retried; 0: never"},
    {"on", SETTING_WORDS, RETRY(on),
     .fallback = "429 502 503 504 connect_timeout connection_refused connection_reset",
     .help = "error codes after which it is"},
    {"max_wait", SETTING_NUMBER, RETRY(rules.max_wait_s), .fallback = "60", .least = 0, .most = 86400,
     .unit = "s", .help = "the longest wait before that; where the server asks for more, there is "
                          "no retry"},
    {0},
};

#define PROMPT(field) (offsetof(struct settings, prompt.field) - offsetof(struct settings, prompt))

static const struct setting prompt_table[] = {
    {"source", SETTING_CHOICE, PROMPT(source), .fallback = "words",
     .choices = settings_source_names, .help = "what prompts are made of"},
    {"file", SETTING_TEXT, PROMPT(file), .help = "the prompt file, for prompts"},
    {"dataset", SETTING_TEXT, PROMPT(dataset), .help = "a .jsonl of prompts, for dataset"},
    {"count", SETTING_CHOICE, PROMPT(count), .fallback = "total", .choices = settings_count_names,
     .help = "what input_tokens counts: all that the server does, or the text without its "
             "template"},
    {"repeat", SETTING_TRUTH, PROMPT(repeat), .fallback = "false",
     .help = "send the same prompt each time, so that the server's caches take part"},
    {"count_free", SETTING_TRUTH, PROMPT(count_free), .fallback = "false",
     .help = "endpoints that count tokens load no model: a run asks them before its first row"},
    {"tolerance", SETTING_NUMBER, PROMPT(tolerance), .fallback = "0", .least = 0, .most = 1e6,
     .unit = "tokens",
     .help = "how far a prompt may miss its length unflagged; 0: 2 tokens or 0.5 %, what is more"},
    {0},
};

#define PROBE(field) (offsetof(struct settings, probe.field) - offsetof(struct settings, probe))

static const struct setting probe_table[] = {
    {"steady", SETTING_INTEGER, PROBE(steady), .fallback = "0", .least = 0, .most = 10000,
     .unit = "requests",
     .help = "requests besides the exposed ones, sent one at a time, or in bursts of "
             "concurrent_requests; 0: no probe"},
    {"output_tokens", SETTING_INTEGER, PROBE(output_tokens), .fallback = "2", .least = 1,
     .most = 16777216, .unit = "tokens", .help = "what each of them asks for"},
    {0},
};

#define HEALTH(key, default_, highest, text)                                                                \
    {#key, SETTING_NUMBER, offsetof(struct health_limits, key), .fallback = default_,              \
     .least = 0.0001, .most = highest, .help = text}

static const struct setting health_table[] = {
    HEALTH(read_lateness, "0.05", 1000, "how late responses are read (p99), of the TTFT p50"),
    HEALTH(schedule_delay, "0.05", 1000,
           "how late requests leave: p99, of the TTFT p50; closed loop: time that places stood empty"),
    HEALTH(coalesced, "0.05", 1000, "chunks read together with the one before, of all"),
    HEALTH(journal_wait, "0.01", 1000, "time that sending waited for the journal, of the row's"),
    HEALTH(loop_cpu, "0.8", 1, "time of a core that the busiest loop uses"),
    {0},
};

const struct setting settings_table[] = {
    {"model_configs_path", SETTING_TEXT, offsetof(struct settings, model_configs_path),
     .required = true, .help = "the CSV of rows to run"},
    {"llm_api", SETTING_CHOICE, offsetof(struct settings, llm_api), .required = true,
     .choices = api_names, .help = "which kind of endpoint"},
    {"output_files_dir", SETTING_TEXT, offsetof(struct settings, output_files_dir),
     .required = true, .help = "where each run gets a folder of its own"},
    {"consolidated_results_dir", SETTING_TEXT, offsetof(struct settings, consolidated_results_dir),
     .required = true, .help = "where the workbooks go"},
    {"timeout", SETTING_NUMBER, offsetof(struct settings, timeout_s), .fallback = "600",
     .least = 0.001, .most = year_s, .unit = "s",
     .help = "a row stops after this long; requests in flight are cancelled"},
    {"request_timeout", SETTING_NUMBER, offsetof(struct settings, request_timeout_s),
     .fallback = "0", .least = 0, .most = year_s, .unit = "s",
     .help = "an attempt at a request is cancelled after this long; 0: none but by the row's "
             "timeout"},
    {"time_delay", SETTING_NUMBER, offsetof(struct settings, time_delay_s), .fallback = "0",
     .least = 0, .most = 86400, .unit = "s", .help = "pause between rows"},
    {"use_multiple_prompts", SETTING_TRUTH, offsetof(struct settings, use_multiple_prompts),
     .fallback = "false", .help = "draw from the prompt file's multiple_prompts"},
    {"concurrency_enabled", SETTING_TRUTH, offsetof(struct settings, concurrency_enabled),
     .fallback = "false", .help = "run rows beside each other"},
    {"max_workers", SETTING_INTEGER, offsetof(struct settings, max_workers), .fallback = "4",
     .least = 1, .most = 1000, .help = "how many rows at once, with concurrency_enabled"},
    {"threads", SETTING_INTEGER, offsetof(struct settings, threads), .fallback = "1", .least = 1,
     .most = 256, .help = "threads that share one row's load, where one core is not enough"},
    {"pacing", SETTING_CHOICE, offsetof(struct settings, pacing), .fallback = "normal",
     .choices = settings_pacing_names,
     .help = "precise: spin for the last 100 us before a send instead of sleeping; needs a core of "
             "its own"},
    {"bundle", SETTING_TEXT, offsetof(struct settings, bundle),
     .help = "a bundle file that describes the node: what rows load is then predicted and "
             "recorded"},
    {"tokenizer", SETTING_TEXT, offsetof(struct settings, tokenizer),
     .help = "a tokenizer.json, a SentencePiece .model, or a name in the Hugging Face cache: counts "
             "each prompt, and with save_llm_responses each response, between rows"},
    {"run_name", SETTING_TEXT, offsetof(struct settings, run_name),
     .help = "name of the run's folder and workbook instead of the date"},
    {"seed", SETTING_INTEGER, offsetof(struct settings, seed), .most = 9007199254740992.0,
     .help = "the seed of prompts and send times; drawn fresh by default"},
    {"ignore_eos", SETTING_TRUTH, offsetof(struct settings, ignore_eos),
     .help = "ask for exactly output_tokens; default true for sncloud, false elsewhere"},
    {"sampling_params", SETTING_JSON, offsetof(struct settings, sampling_params),
     .help = "sent with every request as it is, such as {temperature: 0}"},
    {"output_tokens_as", SETTING_CHOICE, offsetof(struct settings, output_tokens_as),
     .fallback = "max_tokens", .choices = settings_output_names,
     .help = "the request's member that carries output_tokens (OpenAI-compatible endpoints)"},
    {"ask_usage", SETTING_CHOICE, offsetof(struct settings, ask_usage), .fallback = "true",
     .choices = settings_usage_names,
     .help = "ask for the server's counts at the end of a stream, not at all, or in each chunk "
             "(OpenAI-compatible endpoints)"},
    {"save_llm_responses", SETTING_TRUTH, offsetof(struct settings, save_llm_responses),
     .fallback = "false", .help = "keep prompt and text of each response, in a file for each row"},
    {"stop_grace", SETTING_NUMBER, offsetof(struct settings, stop_grace_s), .fallback = "5",
     .least = 0, .most = 86400, .unit = "s",
     .help = "how long an interrupted run waits for requests in flight"},
    {"settle", SETTING_NUMBER, offsetof(struct settings, settle_s), .fallback = "0",
     .least = 0, .most = 86400, .unit = "s",
     .help = "pause after a row that was cut short, since the server may still be busy"},
    {"wait_ready", SETTING_NUMBER, offsetof(struct settings, wait_ready_s), .fallback = "0",
     .least = 0, .most = 86400, .unit = "s",
     .help = "how long to wait until GET /health returns 200; where there is none, until one token of "
             "the model visited last has come"},
    {"order", SETTING_CHOICE, offsetof(struct settings, order), .fallback = "as-listed",
     .choices = order_names, .help = "in which order rows are visited, and how often"},
    {"passes", SETTING_INTEGER, offsetof(struct settings, passes), .fallback = "1", .least = 1,
     .most = 10000, .help = "how often that order is carried out, drawn anew where it is random"},
    {"stop_when", SETTING_GROUP, offsetof(struct settings, stop_when), .members = stop_table,
     .help = "in place of passes: run passes until every switch is known well enough"},
    {"self_pairs", SETTING_TRUTH, offsetof(struct settings, self_pairs), .fallback = "false",
     .help = "in all-pairs, each row after itself too, where no switch is expected"},
    {"probe", SETTING_GROUP, offsetof(struct settings, probe), .members = probe_table,
     .help = "requests before each row's load that measure what the switch to it costs"},
    {"call_mix", SETTING_JSON, offsetof(struct settings, call_mix),
     .help = "model: share of the calls, such as {a: 0.7, b: 0.3}; estimates what switching costs "
             "them"},
    {"call_rate", SETTING_NUMBER, offsetof(struct settings, call_rate), .fallback = "0",
     .least = 0, .most = 1e6, .unit = "calls/s",
     .help = "how many calls of call_mix come, to all models: estimates what they wait for each "
             "other's switches; 0: the node is idle when a call comes"},
    {"calls_in_a_row", SETTING_NUMBER, offsetof(struct settings, calls_in_a_row), .fallback = "1",
     .least = 1, .most = 1e6, .unit = "calls",
     .help = "how many calls to one model come together on average, before the next model is drawn "
             "by its share"},
    {"study", SETTING_TEXT, offsetof(struct settings, study),
     .help = "a run, or a folder of runs, whose switching study predicts what each mix of rows pays, "
             "beside what is measured"},
    {"trace_models", SETTING_JSON, offsetof(struct settings, trace_models),
     .help = "name in a trace: model of the endpoint, such as {GPT-4: a, \"*\": b}; \"*\" is for "
             "all others, and for traces that name none"},
    {"slo", SETTING_JSON, offsetof(struct settings, slo),
     .help = "metric: limit that a good request keeps, such as {client_ttft_s: 2.0}, or {preset: "
             "mlperf-llama2-70b}; gives goodput"},
    {"search", SETTING_GROUP, offsetof(struct settings, search), .members = search_rule_table,
     .help = "how 'coebench search' looks for the highest load that keeps slo"},
    {"labels", SETTING_JSON, offsetof(struct settings, labels),
     .help = "name: text shown in every report, such as {release: 1.2, operator: me}"},
    {"retry", SETTING_GROUP, offsetof(struct settings, retry), .members = retry_table,
     .help = "which failed requests are sent again"},
    {"max_consecutive_errors", SETTING_INTEGER, offsetof(struct settings, max_consecutive_errors),
     .fallback = "10", .least = 0, .most = 1e6,
     .help = "end a row when so many requests failed and none has completed (at least 2 x "
             "concurrency); 0: never"},
    {"connection", SETTING_GROUP, offsetof(struct settings, connection),
     .members = connection_table, .help = "how connections are made"},
    {"prompt", SETTING_GROUP, offsetof(struct settings, prompt), .members = prompt_table,
     .help = "what prompts are and how long"},
    {"health", SETTING_GROUP, offsetof(struct settings, health), .members = health_table,
     .help = "shares past which a row is called degraded, and at four times that invalid"},
    {"residency_source", SETTING_CHOICE, offsetof(struct settings, residency_source),
     .fallback = "none", .choices = state_source_words,
     .help = "the server that is asked, before and after each row, what is loaded; auto: whichever "
             "the endpoint is"},
    {"before_step", SETTING_WORDS, offsetof(struct settings, before_step), .fallback = "none",
     .help = "what is done before each row: none, unload_all, unload_this, load_this, or a command "
             "as a list of words"},
    {"mlflow", SETTING_GROUP, offsetof(struct settings, mlflow), .members = mlflow_place_table,
     .help = "send the run to an MLflow tracking server once it has ended"},
    {"telemetry", SETTING_LIST, offsetof(struct settings, telemetry),
     .members = telemetry_source_table, .item_size = sizeof(struct telemetry_source),
     .help = "what servers tell of themselves, asked during rows; auto: the endpoint's own /metrics"},
    {0},
};
/* clang-format on */

static bool override(struct yaml *root, const struct settings_override *given,
                     struct faults *faults)
{
    const char *assignment = given->assignment, *option = given->option;
    const char *equals = strchr(assignment, '=');
    struct error error;
    struct yaml *value;
    char *key;
    bool done;

    if (!equals || equals == assignment) {
        faults_add(faults, NULL, 0, "--set %s: write KEY=VALUE, such as --set timeout=60",
                   assignment);
        return false;
    }
    if (connection_may_hold_secret(assignment, (size_t)(equals - assignment))) {
        faults_add(faults, NULL, 0,
                   "%s %.*s: may hold a secret, and others see a command line; write it into the "
                   "config",
                   option, (int)(equals - assignment), assignment);
        return false;
    }
    value = equals[1] ? yaml_parse(equals + 1, strlen(equals + 1), option, &error)
                      : yaml_scalar("", false, option);
    if (!value) {
        faults_add(faults, NULL, 0, "--set %s: the value cannot be read: %s", assignment,
                   error.text);
        return false;
    }
    value->line = 0;
    key = memory_bytes(assignment, (size_t)(equals - assignment));
    done = yaml_put(root, key, value);
    if (!done)
        faults_add(faults, NULL, 0, "--set %s: '%s' leads through a setting that has no members",
                   assignment, key);
    free(key);
    return done;
}

static void check_run_name(const struct settings *settings, struct faults *faults)
{
    struct error error;

    if (settings->run_name && !run_name_check(settings->run_name, &error))
        settings_fault(settings, faults, "run_name", "%s", error.text);
}

/* Where no source is chosen, naming a file chooses it; several prompts are those of a prompt file,
 * as in the kit. */
static void choose_source(struct settings *settings, const struct yaml *root, struct faults *faults)
{
    const struct yaml *prompt = yaml_find(root, "prompt");
    bool chosen = prompt && prompt->kind == YAML_MAPPING && yaml_find(prompt, "source");
    const struct {
        const char *key;
        bool given;
        int source;
    } asked[] = {{"use_multiple_prompts", settings->use_multiple_prompts, PROMPT_PROMPTS},
                 {"prompt.file", settings->prompt.file, PROMPT_PROMPTS},
                 {"prompt.dataset", settings->prompt.dataset, PROMPT_DATASET}};

    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        if (!asked[i].given || settings->prompt.source == asked[i].source)
            continue;
        if (chosen)
            settings_fault(settings, faults, asked[i].key,
                           "belongs to prompt.source %s, and that is %s; leave one of them out",
                           settings_source_names[asked[i].source],
                           settings_source_names[settings->prompt.source]);
        settings->prompt.source = asked[i].source;
        chosen = true;
    }
}

static void check_call_mix(const struct yaml *root, struct faults *faults)
{
    const struct yaml *mix = yaml_find(root, "call_mix");

    for (size_t i = 0; mix && mix->kind == YAML_MAPPING && i < mix->count; i++) {
        const struct yaml *value = mix->value[i];
        double share;

        if (value->kind != YAML_SCALAR || !word_number(value->scalar, &share) || share < 0)
            faults_add(faults, value->source, value->line,
                       "call_mix: the share of '%.100s' is not a number, 0 or more",
                       mix->key[i]->scalar);
    }
}

/* A release called 1.20 is a text and no number, whatever YAML says. */
static void quote_labels(struct yaml *root)
{
    for (size_t i = 0; root->kind == YAML_MAPPING && i < root->count; i++) {
        struct yaml *labels = root->value[i];

        if (strcmp(root->key[i]->scalar, "labels") != 0 || labels->kind != YAML_MAPPING)
            continue;
        for (size_t k = 0; k < labels->count; k++)
            labels->value[k]->quoted = true;
    }
}

static void check_labels(const struct yaml *root, struct faults *faults)
{
    const struct yaml *labels = yaml_find(root, "labels");

    for (size_t i = 0; labels && labels->kind == YAML_MAPPING && i < labels->count; i++) {
        if (labels->value[i]->kind != YAML_SCALAR)
            faults_add(faults, labels->value[i]->source, labels->value[i]->line,
                       "labels: '%.100s' is not a text", labels->key[i]->scalar);
    }
}

double settings_call_share(const struct settings *settings, const char *model)
{
    const struct yaml *mix = yaml_find(settings->document, "call_mix");
    double all = 0, own = 0, share = 0;

    if (!mix || mix->kind != YAML_MAPPING)
        return NAN;
    for (size_t i = 0; i < mix->count; i++) {
        word_number(mix->value[i]->scalar, &share);
        all += share;
        own += strcmp(mix->key[i]->scalar, model) == 0 ? share : 0;
    }
    return all > 0 ? own / all : NAN;
}

/* Rows beside each other have no order, and wait for each other's switches. */
static void check_order(const struct settings *settings, struct faults *faults)
{
    if (!settings->concurrency_enabled)
        return;
    if (settings->order != ORDER_AS_LISTED)
        settings_fault(settings, faults, "order",
                       "%s needs rows one after another; leave out concurrency_enabled, or the "
                       "order",
                       order_names[settings->order]);
    if (settings->probe.steady > 0)
        settings_fault(settings, faults, "probe.steady",
                       "a probe needs its row to run alone; leave out concurrency_enabled, or the "
                       "probe");
    if (settings->tokenizer)
        settings_fault(settings, faults, "tokenizer",
                       "counts between rows, while no request is in flight; leave out "
                       "concurrency_enabled, or the tokenizer");
}

static const struct yaml *find_in(const struct yaml *root, const char *group, const char *key)
{
    const struct yaml *mapping = yaml_find(root, group);

    return mapping && mapping->kind == YAML_MAPPING ? yaml_find(mapping, key) : NULL;
}

/* What is read further than the table tells. */
static void read_further(struct settings *settings, const struct yaml *root, struct faults *faults)
{
    slo_read(yaml_find(root, "slo"), &settings->objectives, faults);
    settings->connection.header_lines =
        connection_headers(find_in(root, "connection", "headers"), faults);
    connection_check_key_header(settings, faults);
    retry_read(&settings->retry.on, find_in(root, "retry", "on"), &settings->retry.rules, faults);
}

static void fill_what_depends(struct settings *settings, const struct yaml *root)
{
    const struct yaml *seed = yaml_find(root, "seed");
    const struct yaml *ignore_eos = yaml_find(root, "ignore_eos");

    if (settings->ask_usage > USAGE_EACH)
        settings->ask_usage = (settings->ask_usage - USAGE_EACH) % 2 ? USAGE_TRUE : USAGE_FALSE;
    settings->seed_given = seed && !yaml_is_null(seed);
    if (!settings->seed_given)
        settings->seed = (int64_t)(random_fresh() >> 12); /* 52 bits: exact in every JSON reader */
    if (!ignore_eos || yaml_is_null(ignore_eos))
        settings->ignore_eos = settings->llm_api == API_SNCLOUD;
}

/* The whole file as a mapping; NULL and one fault where it is none. */
static struct yaml *read_document(const char *path, struct faults *faults)
{
    struct error error;
    struct yaml *root = yaml_read(path, &error);

    if (!root)
        faults_add(faults, NULL, 0, "%s%s", error.text,
                   file_exists(path) ? "" : "; name another config, or write one: coebench init");
    if (!root || root->kind == YAML_MAPPING)
        return root;
    faults_add(faults, path, root->line, "is %s; write lines KEY: VALUE",
               root->kind == YAML_LIST ? "a list"
               : yaml_is_null(root)    ? "empty"
                                       : "plain text");
    yaml_delete(root);
    return NULL;
}

bool settings_read(const char *path, const struct settings_override *overrides,
                   size_t override_count, struct settings *settings, struct faults *faults)
{
    size_t before = faults->count;
    struct yaml *root = read_document(path, faults);

    settings->llm_api = API_UNKNOWN;
    if (!root)
        return false;
    settings->document = root;
    if (!document_check(root, DOCUMENT_CONFIG, path, faults))
        return false;
    for (size_t i = 0; i < override_count; i++)
        override(root, &overrides[i], faults);
    quote_labels(root);
    telemetry_spell_out(root);
    control_spell_out(root, faults);
    setting_read(settings_table, root, settings, faults);
    settings_find_paths(settings, path, faults);
    check_run_name(settings, faults);
    sampling_check(yaml_find(root, "sampling_params"),
                   settings_output_names[settings->output_tokens_as], faults);
    choose_source(settings, root, faults);
    check_call_mix(root, faults);
    read_further(settings, root, faults);
    check_labels(root, faults);
    check_order(settings, faults);
    stop_check(root, settings->concurrency_enabled, &settings->stop_when, faults);
    search_rule_check(root, settings->concurrency_enabled, &settings->search, faults);
    mlflow_place_check(root, &settings->mlflow, faults);
    connection_check_spread(settings, faults);
    telemetry_check(root, &settings->telemetry, faults);
    control_check(settings, faults);
    fill_what_depends(settings, root);
    return faults->count == before;
}

void settings_fault(const struct settings *settings, struct faults *faults, const char *key,
                    const char *format, ...)
{
    const struct yaml *place = setting_place(settings->document, key);
    va_list arguments;
    char *sentence;

    va_start(arguments, format);
    sentence = memory_vprintf(format, arguments);
    va_end(arguments);
    faults_add(faults, place->source, place->line, "%s: %s", key, sentence);
    free(sentence);
}

void settings_clear(struct settings *settings)
{
    setting_clear(settings_table, settings);
    connection_headers_free(settings->connection.header_lines);
    settings->connection.header_lines = NULL;
    yaml_delete(settings->document);
    settings->document = NULL;
}
