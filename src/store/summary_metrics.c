#include "store/summary_metrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store/json.h"

enum { KEY_MOST = 160 };

/* Where a metric's statistics stand: under `begin`, its key and `middle`. */
struct place {
    const char *begin, *key, *middle;
};

/* As the kit has them, and our own of the window. */
static struct place place_of(int metric)
{
    return (struct place){"results_", metric_table[metric].key, "quantiles_"};
}

static struct place window_place(int i)
{
    return (struct place){"window_", metric_table[step_window_metrics[i]].key, ""};
}

/* Over all gaps of the row, while a metric is one value of each request. */
static const struct place gaps_place = {"results_", "client_gap_s", "quantiles_"};
static const struct place token_gaps_place = {"results_", "client_gap_per_token_s", "quantiles_"};

/* A key whose beginning stays while its end changes. */
struct key {
    char text[KEY_MOST];
    size_t length; /* of the beginning */
};

static void begin_key(struct key *key, const char *begin, const char *name, const char *middle)
{
    key->length = (size_t)snprintf(key->text, KEY_MOST, "%s%s_%s", begin, name, middle);
}

static const char *end_key(struct key *key, const char *end)
{
    memcpy(key->text + key->length, end, strlen(end) + 1);
    return key->text;
}

/* "p5", "p5_low" … as statistics end with. */
static const char *const quantile_ends[METRIC_QUANTILES] = {"p5",  "p25", "p50", "p75",
                                                            "p90", "p95", "p99"};
static const char *const low_ends[METRIC_QUANTILES] = {"p5_low",  "p25_low", "p50_low", "p75_low",
                                                       "p90_low", "p95_low", "p99_low"};
static const char *const high_ends[METRIC_QUANTILES] = {
    "p5_high", "p25_high", "p50_high", "p75_high", "p90_high", "p95_high", "p99_high"};

static struct key quantiles_of(struct place place)
{
    struct key key;

    begin_key(&key, place.begin, place.key, place.middle);
    return key;
}

static struct key statistics_of(struct place place)
{
    struct key key;

    begin_key(&key, place.begin, place.key, "");
    return key;
}

static void add_bounds(cJSON *object, struct place place, const struct metric_summary *summary,
                       const struct metric_bounds *bounds)
{
    struct key key = quantiles_of(place);

    for (int i = 0; summary->count > 0 && i < METRIC_QUANTILES; i++) {
        json_add_number(object, end_key(&key, low_ends[i]), bounds->low[i]);
        json_add_number(object, end_key(&key, high_ends[i]), bounds->high[i]);
    }
}

static void read_bounds(const struct members *object, struct place place,
                        struct metric_bounds *bounds)
{
    struct key key = quantiles_of(place);

    for (int i = 0; i < METRIC_QUANTILES; i++) {
        bounds->low[i] = json_number(members_find(object, end_key(&key, low_ends[i])));
        bounds->high[i] = json_number(members_find(object, end_key(&key, high_ends[i])));
    }
}

static void add_metric(cJSON *object, struct place place, const struct metric_summary *summary)
{
    struct key quantile = quantiles_of(place), statistic = statistics_of(place);

    if (summary->count == 0)
        return;
    for (int i = 0; i < METRIC_QUANTILES; i++)
        json_add_number(object, end_key(&quantile, quantile_ends[i]), summary->quantile[i]);
    json_add_number(object, end_key(&statistic, "mean"), summary->mean);
    json_add_number(object, end_key(&statistic, "min"), summary->least);
    json_add_number(object, end_key(&statistic, "max"), summary->most);
    json_add_number(object, end_key(&statistic, "stddev"), summary->stddev);
}

static void read_metric(const struct members *object, struct place place,
                        struct metric_summary *summary)
{
    struct key quantile = quantiles_of(place), statistic = statistics_of(place);

    for (int i = 0; i < METRIC_QUANTILES; i++)
        summary->quantile[i] =
            json_number(members_find(object, end_key(&quantile, quantile_ends[i])));
    summary->mean = json_number(members_find(object, end_key(&statistic, "mean")));
    summary->least = json_number(members_find(object, end_key(&statistic, "min")));
    summary->most = json_number(members_find(object, end_key(&statistic, "max")));
    summary->stddev = json_number(members_find(object, end_key(&statistic, "stddev")));
    /* How many they were is not in the file. A mean that is not known is null, where some are. */
    summary->count =
        !isnan(summary->mean) || members_find(object, end_key(&quantile, quantile_ends[0])) ? 1 : 0;
}

/* With bounds: a mean that is not known is null. */
static void read_bounded(const struct members *object, struct place place,
                         struct metric_summary *summary, struct metric_bounds *bounds)
{
    read_metric(object, place, summary);
    read_bounds(object, place, bounds);
    if (summary->count == 0 && isfinite(bounds->low[0]))
        summary->count = 1;
}

void summary_metrics_add(cJSON *object, const struct step *step)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (metric_table[i].summarised)
            add_metric(object, place_of(i), &step->metric[i]);
    }
}

void summary_metrics_add_window(cJSON *object, const struct step *step)
{
    for (int i = 0; i < STEP_WINDOW_METRICS; i++)
        add_metric(object, window_place(i), &step->window[i]);
}

void summary_metrics_add_gaps(cJSON *object, const struct step *step)
{
    add_bounds(object, place_of(METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S),
               &step->metric[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S], &step->mean_gap_bounds);
    add_metric(object, gaps_place, &step->gap);
    add_bounds(object, gaps_place, &step->gap, &step->gap_bounds);
    add_metric(object, token_gaps_place, &step->gap_per_token);
    add_bounds(object, token_gaps_place, &step->gap_per_token, &step->gap_per_token_bounds);
}

void summary_metrics_read(const struct members *object, struct step *step)
{
    for (int i = 0; i < METRIC_COUNT; i++)
        read_metric(object, place_of(i), &step->metric[i]);
    for (int i = 0; i < STEP_WINDOW_METRICS; i++)
        read_metric(object, window_place(i), &step->window[i]);
    read_bounded(object, place_of(METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S),
                 &step->metric[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S], &step->mean_gap_bounds);
    read_bounded(object, gaps_place, &step->gap, &step->gap_bounds);
    read_bounded(object, token_gaps_place, &step->gap_per_token, &step->gap_per_token_bounds);
}
