#include "plan/slo.h"

#include <string.h>

#include "core/word.h"

const struct slo_preset slo_presets[] = {
    {"mlperf-llama2-70b", 2.0, 0.2},
    {"mlperf-llama2-70b-interactive", 0.45, 0.04},
    {"mlperf-llama3.1-405b", 6.0, 0.175},
    {"mlperf-llama3.1-405b-interactive", 4.5, 0.08},
    {"mlperf-llama3.1-8b", 2.0, 0.1},
    {"mlperf-llama3.1-8b-interactive", 0.5, 0.03},
    {"mlperf-mixtral-8x7b", 2.0, 0.2},
    {"mlperf-deepseek-r1", 2.0, 0.08},
    {"mlperf-deepseek-r1-interactive", 1.5, 0.015},
    {"mlperf-gpt-oss-120b", 3.0, 0.08},
    {"mlperf-gpt-oss-120b-interactive", 2.0, 0.015},
    {0},
};

static const char preset_key[] = "preset";

static void set(struct objectives *objectives, enum metric metric, double limit)
{
    size_t at = 0;

    while (at < objectives->count && objectives->one[at].metric != metric)
        at++;
    objectives->one[at] = (struct objective){metric, limit};
    objectives->count += at == objectives->count;
}

/* --- Presets ---------------------------------------------------------------------------------- */

static const char *preset_at(const void *presets, size_t i)
{
    return ((const struct slo_preset *)presets)[i].name;
}

static void read_preset(const struct yaml *value, struct objectives *objectives,
                        struct faults *faults)
{
    const char *name = value->kind == YAML_SCALAR ? value->scalar : "", *near;
    const struct slo_preset *preset = slo_presets;

    while (preset->name && strcmp(preset->name, name) != 0)
        preset++;
    if (preset->name) {
        set(objectives, METRIC_CLIENT_TTFT_S, preset->ttft_s);
        set(objectives, METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S, preset->time_per_output_token_s);
        return;
    }
    near = word_nearest(name, slo_presets, sizeof slo_presets / sizeof *slo_presets - 1, preset_at);
    faults_add(faults, value->source, value->line,
               "slo: there is no preset '%.100s'; did you mean '%s'?", name,
               near ? near : slo_presets[0].name);
}

/* --- Metrics ---------------------------------------------------------------------------------- */

/* Whether the key is a metric's with a statistic behind it, as columns are named. */
static bool has_statistic(const char *key)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        size_t length = strlen(metric_table[i].key);

        if (strncmp(key, metric_table[i].key, length) == 0 && key[length] == '_')
            return true;
    }
    return false;
}

static const char *metric_at(const void *metrics, size_t i)
{
    return ((const struct metric_about *)metrics)[i].key;
}

static void tell_unknown(const struct yaml *place, const char *key, struct faults *faults)
{
    const char *near = word_nearest(key, metric_table, METRIC_COUNT, metric_at);

    if (has_statistic(key))
        faults_add(faults, place->source, place->line,
                   "slo: '%.100s' is a limit for a whole row, and goodput counts requests; leave "
                   "the statistic out",
                   key);
    else
        faults_add(faults, place->source, place->line, "slo: '%.100s' is not a metric%s%s%s", key,
                   near ? " (did you mean '" : ", such as client_ttft_s", near ? near : "",
                   near ? "'?)" : "");
}

static void read_limit(const char *key, const struct yaml *value, struct objectives *objectives,
                       struct faults *faults)
{
    enum metric metric = metric_find(key);
    double limit;

    if (metric == METRIC_COUNT)
        tell_unknown(value, key, faults);
    else if (metric_table[metric].direction == DIRECTION_NONE)
        faults_add(faults, value->source, value->line,
                   "slo: '%s' is neither better higher nor better lower, so it can have no limit",
                   key);
    else if (value->kind != YAML_SCALAR || !word_number(value->scalar, &limit) || !(limit > 0))
        faults_add(faults, value->source, value->line,
                   "slo: the limit of '%s' is not a number above 0%s%s", key,
                   *metric_table[metric].unit ? ", in " : "", metric_table[metric].unit);
    else
        set(objectives, metric, limit);
}

void slo_read(const struct yaml *mapping, struct objectives *objectives, struct faults *faults)
{
    const struct yaml *preset =
        mapping && mapping->kind == YAML_MAPPING ? yaml_find(mapping, preset_key) : NULL;

    *objectives = (struct objectives){0};
    if (preset)
        read_preset(preset, objectives, faults);
    for (size_t i = 0; mapping && mapping->kind == YAML_MAPPING && i < mapping->count; i++) {
        if (strcmp(mapping->key[i]->scalar, preset_key) != 0)
            read_limit(mapping->key[i]->scalar, mapping->value[i], objectives, faults);
    }
}
