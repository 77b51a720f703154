#include "plan/settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/word.h"
#include "plan/connection.h"
#include "plan/retry.h"
#include "plan/slo.h"

const char *const settings_api_names[] = {"sncloud", "sambastudio", "openai", NULL};

const char *const settings_pacing_names[] = {"normal", "precise", NULL};

const char *const settings_http_names[] = {"1.1", "2", NULL};

const char *const settings_source_names[] = {"words", "prompts", "sonnets", "dataset", NULL};

const char *const settings_count_names[] = {"total", "content", NULL};

static const double year_s = 31536000;

#define CONNECTION(field)                                                                          \
    (offsetof(struct settings, connection.field) - offsetof(struct settings, connection))

/* clang-format off */
static const struct setting connection_table[] = {
    {"preconnect", SETTING_TRUTH, CONNECTION(preconnect), .fallback = "true",
     .help = "open a row's connections before its clock starts, by requests that touch no model"},
    {"http", SETTING_CHOICE, CONNECTION(http), .fallback = "1.1", .choices = settings_http_names,
     .help = "version of HTTP; with 2 (over TLS), up to 64 requests share a connection"},
    {"connect_timeout", SETTING_NUMBER, CONNECTION(connect_timeout_s), .fallback = "10",
     .least = 0.001, .most = 3600, .unit = "s", .help = "give up on a connection after this long"},
    {"idle_timeout", SETTING_NUMBER, CONNECTION(idle_timeout_s), .fallback = "300", .least = 0.001,
     .most = 86400, .unit = "s", .help = "give up on a request when nothing arrived for this long"},
    {"ca_file", SETTING_TEXT, CONNECTION(ca_file),
     .help = "certificates to trust instead of the system's (PEM)"},
    {"insecure", SETTING_TRUTH, CONNECTION(insecure), .fallback = "false",
     .help = "check no certificate: whoever answers gets the key; every report says so"},
    {"proxy", SETTING_TEXT, CONNECTION(proxy), .secret = true,
     .help = "reach the endpoint through this proxy (http://HOST:PORT), by a tunnel"},
    {"headers", SETTING_JSON, CONNECTION(headers), .secret = true,
     .help = "further headers of each request; what they say is told nowhere"},
    {0},
};

#define RETRY(field) (offsetof(struct settings, retry.field) - offsetof(struct settings, retry))

static const struct setting retry_table[] = {
    {"attempts", SETTING_INTEGER, RETRY(rules.attempts), .fallback = "0", .least = 0, .most = 100,
     .help = "how often a request that failed may be sent again; 0: never"},
    {"on", SETTING_WORDS, RETRY(on),
     .fallback = "429 502 503 504 connect_timeout connection_refused connection_reset",
     .help = "error codes after which it is"},
    {"max_wait", SETTING_NUMBER, RETRY(rules.max_wait_s), .fallback = "60", .least = 0, .most = 86400,
     .unit = "s", .help = "the longest wait before that; a server that asks for more is not asked "
                          "again"},
    {0},
};

#define PROMPT(field) (offsetof(struct settings, prompt.field) - offsetof(struct settings, prompt))

static const struct setting prompt_table[] = {
    {"source", SETTING_CHOICE, PROMPT(source), .fallback = "words",
     .choices = settings_source_names, .help = "what prompts are made of"},
    {"file", SETTING_TEXT, PROMPT(file), .help = "the prompt file, for prompts"},
    {"dataset", SETTING_TEXT, PROMPT(dataset), .help = "a .jsonl of prompts, for dataset"},
    {"count", SETTING_CHOICE, PROMPT(count), .fallback = "total", .choices = settings_count_names,
     .help = "what input_tokens counts: all that the server does, or the text without its template"},
    {"repeat", SETTING_TRUTH, PROMPT(repeat), .fallback = "false",
     .help = "the same prompt again and again, so that the server's caches answer"},
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
    {"output_tokens", SETTING_INTEGER, PROBE(output_tokens), .fallback = "1", .least = 1,
     .most = 16777216, .unit = "tokens", .help = "what each of them asks for"},
    {0},
};

#define HEALTH(key, default_, highest, text)                                                                \
    {#key, SETTING_NUMBER, offsetof(struct health_limits, key), .fallback = default_,              \
     .least = 0.0001, .most = highest, .help = text}

static const struct setting health_table[] = {
    HEALTH(read_lateness, "0.05", 1000, "how late answers are read (p99), of the TTFT p50"),
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
     .choices = settings_api_names,
     .help = "which kind of endpoint: sncloud, sambastudio or openai"},
    {"output_files_dir", SETTING_TEXT, offsetof(struct settings, output_files_dir),
     .required = true, .help = "where each run gets a folder of its own"},
    {"consolidated_results_dir", SETTING_TEXT, offsetof(struct settings, consolidated_results_dir),
     .required = true, .help = "where the workbooks go"},
    {"timeout", SETTING_NUMBER, offsetof(struct settings, timeout_s), .fallback = "600",
     .least = 0.001, .most = year_s, .unit = "s",
     .help = "a row stops after this long; requests in flight are cancelled"},
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
     .help = "precise: the last 100 us before a send are not slept but spun, on a core of its own"},
    {"bundle", SETTING_TEXT, offsetof(struct settings, bundle),
     .help = "a bundle file that describes the node: what rows load is then foretold and recorded"},
    {"run_name", SETTING_TEXT, offsetof(struct settings, run_name),
     .help = "name of the run's folder and workbook instead of the date"},
    {"seed", SETTING_INTEGER, offsetof(struct settings, seed), .most = 9007199254740992.0,
     .help = "what prompts and send times follow from; drawn fresh by default"},
    {"ignore_eos", SETTING_TRUTH, offsetof(struct settings, ignore_eos),
     .help = "ask for exactly output_tokens; default true for sncloud, false elsewhere"},
    {"sampling_params", SETTING_JSON, offsetof(struct settings, sampling_params),
     .help = "sent with every request as it is, such as {temperature: 0}"},
    {"save_llm_responses", SETTING_TRUTH, offsetof(struct settings, save_llm_responses),
     .fallback = "false", .help = "keep prompt and text of each answer, in a file for each row"},
    {"stop_grace", SETTING_NUMBER, offsetof(struct settings, stop_grace_s), .fallback = "5",
     .least = 0, .most = 86400, .unit = "s",
     .help = "how long an interrupted run waits for requests in flight"},
    {"settle", SETTING_NUMBER, offsetof(struct settings, settle_s), .fallback = "0",
     .least = 0, .most = 86400, .unit = "s",
     .help = "pause after a row that was cut short, since the server may still be busy"},
    {"order", SETTING_CHOICE, offsetof(struct settings, order), .fallback = "as-listed",
     .choices = order_names, .help = "in which order rows are visited, and how often"},
    {"passes", SETTING_INTEGER, offsetof(struct settings, passes), .fallback = "1", .least = 1,
     .most = 10000, .help = "how often that order is carried out, drawn anew where it is random"},
    {"stop_when", SETTING_GROUP, offsetof(struct settings, stop_when), .members = stop_table,
     .help = "in the place of passes: go on until every switch is known well enough"},
    {"self_pairs", SETTING_TRUTH, offsetof(struct settings, self_pairs), .fallback = "false",
     .help = "in all-pairs, each row after itself too, where no switch is expected"},
    {"probe", SETTING_GROUP, offsetof(struct settings, probe), .members = probe_table,
     .help = "requests before each row's load that tell what the switch to it cost"},
    {"call_mix", SETTING_JSON, offsetof(struct settings, call_mix),
     .help = "model: share of the calls, such as {a: 0.7, b: 0.3}; tells what switching costs them"},
    {"slo", SETTING_JSON, offsetof(struct settings, slo),
     .help = "metric: limit that a good request keeps, such as {client_ttft_s: 2.0}, or {preset: "
             "mlperf-llama2-70b}; gives goodput"},
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
    {0},
};
/* clang-format on */

static bool may_hold_secret(const char *key, size_t length)
{
    static const char group[] = "connection";
    enum { GROUP = sizeof group - 1 };

    if (length < GROUP || strncmp(key, group, GROUP) != 0)
        return false;
    if (length == GROUP)
        return true;
    for (const struct setting *one = connection_table; one->name; one++) {
        if (one->secret && length - GROUP > strlen(one->name) && key[GROUP] == '.' &&
            strncmp(key + GROUP + 1, one->name, strlen(one->name)) == 0)
            return true;
    }
    return false;
}

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
    if (may_hold_secret(assignment, (size_t)(equals - assignment))) {
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

static void replace(char **text, char *by)
{
    free(*text);
    *text = by;
}

static void resolve_paths(struct settings *settings, const char *path)
{
    if (settings->model_configs_path)
        replace(&settings->model_configs_path, file_find(settings->model_configs_path, path));
    if (settings->bundle)
        replace(&settings->bundle, file_find(settings->bundle, path));
    if (settings->prompt.file)
        replace(&settings->prompt.file, file_find(settings->prompt.file, path));
    if (settings->prompt.dataset)
        replace(&settings->prompt.dataset, file_find(settings->prompt.dataset, path));
    if (settings->connection.ca_file)
        replace(&settings->connection.ca_file, file_find(settings->connection.ca_file, path));
    if (settings->output_files_dir)
        replace(&settings->output_files_dir, file_expand_home(settings->output_files_dir));
    if (settings->consolidated_results_dir)
        replace(&settings->consolidated_results_dir,
                file_expand_home(settings->consolidated_results_dir));
}

/* A name becomes a folder's and a file's, so it may not lead elsewhere, nor read as something else.
 */
static void check_run_name(const struct settings *settings, struct faults *faults)
{
    const char *name = settings->run_name;

    if (!name)
        return;
    if (!*name || strlen(name) > 100 || name[0] == '.' ||
        name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")])
        settings_fault(
            settings, faults, "run_name",
            "'%.60s' cannot name a folder; use up to 100 letters, digits, '-', '_' and '.', not "
            "beginning with '.'",
            name);
    else if (strstr(name, "summary") || strstr(name, "individual_responses"))
        settings_fault(settings, faults, "run_name",
                       "'%s' holds a word by which tools find result files (summary, "
                       "individual_responses); choose another",
                       name);
}

/* What the row decides cannot be a sampling parameter too. */
static void check_sampling_params(const struct yaml *root, struct faults *faults)
{
    static const char *const taken[] = {"model",     "messages",       "items",
                                        "instance",  "prompt",         "max_tokens",
                                        "stream",    "stream_options", "max_tokens_to_generate",
                                        "ignore_eos"};
    const struct yaml *params = yaml_find(root, "sampling_params");

    for (size_t i = 0; params && i < sizeof taken / sizeof *taken; i++) {
        const struct yaml *member = yaml_find(params, taken[i]);

        if (member)
            faults_add(faults, member->source, member->line,
                       "sampling_params: '%s' is set by the program; leave it out here", taken[i]);
    }
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
    } said[] = {{"use_multiple_prompts", settings->use_multiple_prompts, PROMPT_PROMPTS},
                {"prompt.file", settings->prompt.file, PROMPT_PROMPTS},
                {"prompt.dataset", settings->prompt.dataset, PROMPT_DATASET}};

    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        if (!said[i].given || settings->prompt.source == said[i].source)
            continue;
        if (chosen)
            settings_fault(settings, faults, said[i].key,
                           "belongs to prompt.source %s, and that is %s; leave one of them out",
                           settings_source_names[said[i].source],
                           settings_source_names[settings->prompt.source]);
        settings->prompt.source = said[i].source;
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
                       "call_mix: the share of '%.100s' is no number, 0 or more",
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
                       "labels: '%.100s' is no text", labels->key[i]->scalar);
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
    retry_read(&settings->retry.on, find_in(root, "retry", "on"), &settings->retry.rules, faults);
}

static void fill_what_depends(struct settings *settings, const struct yaml *root)
{
    const struct yaml *seed = yaml_find(root, "seed");
    const struct yaml *ignore_eos = yaml_find(root, "ignore_eos");

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
                   file_exists(path) ? "" : "; name another config, or write one (README)");
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
    for (size_t i = 0; i < override_count; i++)
        override(root, &overrides[i], faults);
    quote_labels(root);
    setting_read(settings_table, root, settings, faults);
    resolve_paths(settings, path);
    check_run_name(settings, faults);
    check_sampling_params(root, faults);
    choose_source(settings, root, faults);
    check_call_mix(root, faults);
    read_further(settings, root, faults);
    check_labels(root, faults);
    check_order(settings, faults);
    stop_check(root, settings->concurrency_enabled, &settings->stop_when, faults);
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
