#include "plan/policy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/document.h"
#include "core/memory.h"
#include "core/shipped.h"
#include "core/word.h"
#include "plan/slo.h"

/* --- The table -------------------------------------------------------------------------------- */

struct check {
    char *rows, *limits;
};

static const struct setting check_table[] = {
    {"rows", SETTING_TEXT, offsetof(struct check, rows), .fallback = "*",
     .help = "which rows, by name: model, input→output tokens, load; * matches anything"},
    {"limits", SETTING_JSON, offsetof(struct check, limits), .required = true,
     .help = "measure: {margin: share, max: value, min: value}"},
    {0},
};

const struct setting policy_table[] = {
    {"min_requests", SETTING_INTEGER, offsetof(struct policy, min_requests), .fallback = "20",
     .least = 1, .most = 1e9, .unit = "requests",
     .help = "that must have completed, of each row on each side"},
    {"min_runs", SETTING_INTEGER, offsetof(struct policy, min_runs), .fallback = "2", .least = 1,
     .most = 10000, .unit = "runs",
     .help = "that each side must have of each row; 1 lets through what passes in one run"},
    {"confidence", SETTING_NUMBER, offsetof(struct policy, confidence), .fallback = "0.95",
     .least = 0.5, .most = 0.9999, .help = "of intervals and verdicts"},
    {"resamples", SETTING_INTEGER, offsetof(struct policy, resamples), .fallback = "2000",
     .least = 100, .most = 1000000, .help = "of the bootstrap"},
    {"seed", SETTING_INTEGER, offsetof(struct policy, seed), .fallback = "1", .least = 0,
     .most = 9e15, .help = "of the bootstrap"},
    {"require_valid", SETTING_TRUTH, offsetof(struct policy, require_valid), .fallback = "true",
     .help = "whether a row that this client limited is never a pass"},
    {"slo", SETTING_JSON, offsetof(struct policy, slo),
     .help = "what goodput counts by, as in a config"},
    {"models", SETTING_JSON, offsetof(struct policy, models),
     .help = "a model's name in the baseline: its name in the candidate"},
    {"checks", SETTING_LIST, offsetof(struct policy, checks), .members = check_table,
     .item_size = sizeof(struct check), .required = true, .help = "what must hold of which rows"},
    {0},
};

struct bounds {
    double margin, least, most;
};

static const struct setting bounds_table[] = {
    {"margin", SETTING_NUMBER, offsetof(struct bounds, margin), .fallback = NULL, .least = 0,
     .most = 10},
    {"min", SETTING_NUMBER, offsetof(struct bounds, least), .fallback = NULL},
    {"max", SETTING_NUMBER, offsetof(struct bounds, most), .fallback = NULL},
    {0},
};

/* --- Measures --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum measure_kind kind;
    bool lower_is_better, margin_in_points;
    const char *unit;
} plain[] = {
    {"error_rate", MEASURE_ERROR_RATE, true, false, "share"},
    {"goodput_share", MEASURE_GOODPUT_SHARE, false, false, "share"},
    {"goodput_requests_per_s", MEASURE_GOODPUT, false, false, "requests/s"},
    {"client_total_output_throughput", MEASURE_THROUGHPUT, false, false, "tokens/s"},
    {"switch_s", MEASURE_SWITCH, true, false, "s"},
    {"switch_paid_share", MEASURE_SWITCH_SHARE, true, true, "share"},
    {"switch_s_per_visit", MEASURE_SWITCH_VISIT, true, false, "s"},
    {"max_qps", MEASURE_MAX_QPS, false, false, "requests/s"},
    {"max_concurrent_requests", MEASURE_MAX_AT_ONCE, false, false, "requests"},
};

enum {
    PLAIN = sizeof plain / sizeof *plain,
    BEHIND_METRICS = PLAIN + METRIC_COUNT,
    NAMES = BEHIND_METRICS + TELEMETRY_FIGURES
};

/* The key as columns have it: without "_per_request". */
static size_t key_length(enum metric metric)
{
    const char *key = metric_table[metric].key, *suffix = strstr(key, "_per_request");

    return suffix ? (size_t)(suffix - key) : strlen(key);
}

/* "p50", "p99", "mean"; false for anything else. */
static bool read_statistic(const char *word, double *quantile)
{
    char expected[16];

    *quantile = NAN;
    for (int i = 0; i < METRIC_QUANTILES; i++) {
        snprintf(expected, sizeof expected, "p%d", metric_percent[i]);
        if (strcmp(word, expected) == 0)
            *quantile = metric_percent[i] / 100.0;
    }
    return !isnan(*quantile) || strcmp(word, "mean") == 0;
}

static bool find_metric(const char *name, struct measure *measure)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        size_t length = key_length((enum metric)i);

        if (strncmp(name, metric_table[i].key, length) != 0 || name[length] != '_' ||
            !read_statistic(name + length + 1, &measure->quantile) ||
            metric_table[i].direction == DIRECTION_NONE)
            continue;
        measure->kind = MEASURE_METRIC;
        measure->metric = (enum metric)i;
        measure->lower_is_better = metric_table[i].direction == LOWER_IS_BETTER;
        measure->unit = metric_table[i].unit;
        return true;
    }
    return false;
}

/* Less is better: of times, of what waits and of what is in use; not of what is made or saved. */
static bool server_less_is_better(enum telemetry_figure figure)
{
    return figure != TELEMETRY_PREFIX_HIT_SHARE && figure != TELEMETRY_PROMPT_TOKENS_PER_S &&
           figure != TELEMETRY_GENERATED_TOKENS_PER_S;
}

static bool find_server(const char *name, struct measure *measure)
{
    for (int i = 0; i < TELEMETRY_FIGURES; i++) {
        if (strcmp(telemetry_name[i].key, name) != 0)
            continue;
        measure->kind = MEASURE_SERVER;
        measure->server = (enum telemetry_figure)i;
        measure->lower_is_better = server_less_is_better(measure->server);
        measure->unit = telemetry_name[i].unit;
        return true;
    }
    return false;
}

static bool find_measure(const char *name, struct measure *measure)
{
    *measure = (struct measure){.quantile = NAN};
    for (int i = 0; i < PLAIN; i++) {
        if (strcmp(plain[i].name, name) != 0)
            continue;
        measure->kind = plain[i].kind;
        measure->lower_is_better = plain[i].lower_is_better;
        measure->margin_in_points = plain[i].margin_in_points;
        measure->unit = plain[i].unit;
        return true;
    }
    return find_metric(name, measure) || find_server(name, measure);
}

static const char *name_at(const void *unused, size_t i)
{
    (void)unused;
    if (i < PLAIN)
        return plain[i].name;
    return i < BEHIND_METRICS ? metric_table[i - PLAIN].key
                              : telemetry_name[i - BEHIND_METRICS].key;
}

static void tell_unknown(const struct yaml *key, struct faults *faults)
{
    const char *near = word_nearest(key->scalar, NULL, NAMES, name_at);

    faults_add(faults, key->source, key->line,
               "checks: '%.100s' cannot be checked%s%s%s; a metric is named with its "
               "statistic, such as client_ttft_s_p50",
               key->scalar, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

/* --- Limits ----------------------------------------------------------------------------------- */

static void check_bounds(const struct policy_limit *limit, const struct yaml *place,
                         struct faults *faults)
{
    bool margin = !isnan(limit->margin),
         any = margin || !isnan(limit->least) || !isnan(limit->most);

    if (!any)
        faults_add(faults, place->source, place->line,
                   "checks: '%s' has no limit; give margin, max or min", limit->measure.name);
    if (margin && limit->measure.kind == MEASURE_ERROR_RATE)
        faults_add(faults, place->source, place->line,
                   "checks: 'error_rate' has no ratio where nothing fails; give max instead of "
                   "margin");
}

static void read_limit(struct policy *policy, const char *rows, const struct yaml *key,
                       const struct yaml *value, struct faults *faults)
{
    struct bounds bounds = {0};
    struct policy_limit limit = {.rows = NULL};

    if (!find_measure(key->scalar, &limit.measure)) {
        tell_unknown(key, faults);
        return;
    }
    if (value->kind != YAML_MAPPING) {
        faults_add(
            faults, value->source, value->line,
            "checks: the limits of '%s' are not a mapping; write {margin: 0.05}, {max: 2.0} …",
            key->scalar);
        return;
    }
    if (!setting_read(bounds_table, value, &bounds, faults))
        return;
    limit.rows = memory_text(rows);
    limit.measure.name = memory_text(key->scalar);
    limit.margin = yaml_find(value, "margin") ? bounds.margin : NAN;
    limit.least = yaml_find(value, "min") ? bounds.least : NAN;
    limit.most = yaml_find(value, "max") ? bounds.most : NAN;
    check_bounds(&limit, key, faults);
    policy->limit = memory_grow(policy->limit, policy->limits, sizeof *policy->limit);
    policy->limit[policy->limits++] = limit;
}

static void read_checks(struct policy *policy, struct faults *faults)
{
    const struct yaml *checks = yaml_find(policy->document, "checks");

    for (size_t i = 0; i < checks->count; i++) {
        const struct check *check = &((const struct check *)policy->checks.items)[i];
        const struct yaml *limits = yaml_find(checks->value[i], "limits");

        for (size_t k = 0; k < limits->count; k++)
            read_limit(policy, check->rows, limits->key[k], limits->value[k], faults);
    }
    if (policy->limits == 0 && faults->count == 0)
        faults_add(faults, checks->source, checks->line, "checks: names nothing that must hold");
}

static void check_slo(const struct policy *policy, struct faults *faults)
{
    for (size_t i = 0; i < policy->limits; i++) {
        enum measure_kind kind = policy->limit[i].measure.kind;

        if ((kind == MEASURE_GOODPUT || kind == MEASURE_GOODPUT_SHARE) &&
            policy->objectives.count == 0) {
            faults_add(faults, policy->document->source, policy->document->line,
                       "slo: is missing, and '%s' counts by it", policy->limit[i].measure.name);
            return;
        }
    }
}

/* `document` is the policy's then; NULL where it could not be read, with `error`. */
static bool read_document(struct yaml *document, const struct error *error, struct policy *policy,
                          struct faults *faults)
{
    size_t before = faults->count;

    *policy = (struct policy){.document = document};
    if (!policy->document) {
        faults_add(faults, NULL, 0, "%s", error->text);
        return false;
    }
    if (!document_check(document, DOCUMENT_POLICY, document->source, faults))
        return false;
    if (setting_read(policy_table, policy->document, policy, faults)) {
        slo_read(yaml_find(policy->document, "slo"), &policy->objectives, faults);
        read_checks(policy, faults);
        check_slo(policy, faults);
    }
    return faults->count == before;
}

bool policy_read(const char *path, struct policy *policy, struct faults *faults)
{
    struct error error;
    struct yaml *document = shipped_yaml("policy", path, &error);

    return read_document(document, &error, policy, faults);
}

bool policy_parse(const char *yaml, const char *name, struct policy *policy, struct faults *faults)
{
    struct error error;
    struct yaml *document = yaml_parse(yaml, strlen(yaml), name, &error);

    return read_document(document, &error, policy, faults);
}

const char *policy_model(const struct policy *policy, const char *base)
{
    const struct yaml *models = yaml_find(policy->document, "models");
    const struct yaml *renamed = models ? yaml_find(models, base) : NULL;

    return renamed && renamed->kind == YAML_SCALAR ? renamed->scalar : base;
}

void policy_clear(struct policy *policy)
{
    for (size_t i = 0; i < policy->limits; i++) {
        free(policy->limit[i].measure.name);
        free(policy->limit[i].rows);
    }
    free(policy->limit);
    setting_clear(policy_table, policy);
    yaml_delete(policy->document);
    *policy = (struct policy){0};
}
