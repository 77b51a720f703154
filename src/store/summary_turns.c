#include "store/summary_turns.h"

#include <math.h>
#include <stdio.h>

#include "core/memory.h"
#include "store/json.h"

enum { KEY_MOST = 160, TURNS_MOST = 1000 };

/* The quantiles that stand for a turn: their places in metric_percent. */
enum { P50 = 2, P95 = 5 };

static const char *turn_key(char key[KEY_MOST], size_t turn, const char *name,
                            const char *statistic)
{
    snprintf(key, KEY_MOST, "results_turn_%zu_%s%s%s", turn + 1, name, statistic[0] ? "_" : "",
             statistic);
    return key;
}

static void add_metric(cJSON *object, size_t turn, int metric, const struct metric_summary *summary)
{
    const char *name = metric_table[turn_metrics[metric]].key;
    char key[KEY_MOST];

    if (summary->count == 0)
        return;
    json_add_number(object, turn_key(key, turn, name, "p50"), summary->quantile[P50]);
    json_add_number(object, turn_key(key, turn, name, "p95"), summary->quantile[P95]);
    json_add_number(object, turn_key(key, turn, name, "mean"), summary->mean);
}

static void add_turn(cJSON *object, size_t t, const struct turn_figures *turn)
{
    char key[KEY_MOST];

    json_add_number(object, turn_key(key, t, "num_requests_started", ""), (double)turn->started);
    json_add_number(object, turn_key(key, t, "num_completed_requests", ""),
                    (double)turn->completed);
    json_add_number(object, turn_key(key, t, "num_not_sent", ""), (double)turn->not_sent);
    for (int m = 0; m < TURN_METRICS; m++)
        add_metric(object, t, m, &turn->metric[m]);
}

void summary_turns_add(cJSON *object, const struct step *step)
{
    const struct row *row = &step->row;

    if (row->prefix_tokens > 0)
        json_add_number(object, "prefix_tokens", (double)row->prefix_tokens);
    if (!row_has_sessions(row))
        return;
    json_add_number(object, "turns", (double)row->turns);
    if (row->turn_input_tokens > 0)
        json_add_number(object, "turn_input_tokens", (double)row->turn_input_tokens);
    json_add_number(object, "think_time_s", row->think_time_s);
    json_add_number(object, "num_turns_not_sent", (double)step->turns_not_sent);
    for (size_t t = 0; t < step->turns; t++)
        add_turn(object, t, &step->turn[t]);
}

static double read_number(const struct members *object, const char *key)
{
    return json_number(members_find(object, key));
}

/* 0 where there is none. */
static int64_t read_count(const struct members *object, const char *key, double most)
{
    double number = read_number(object, key);

    return number > 0 && number <= most ? (int64_t)number : 0;
}

static void read_metric(const struct members *object, size_t turn, int metric,
                        struct metric_summary *summary)
{
    const char *name = metric_table[turn_metrics[metric]].key;
    char key[KEY_MOST];

    *summary = (struct metric_summary){.stddev = NAN, .least = NAN, .most = NAN};
    for (int i = 0; i < METRIC_QUANTILES; i++)
        summary->quantile[i] = NAN;
    summary->quantile[P50] = read_number(object, turn_key(key, turn, name, "p50"));
    summary->quantile[P95] = read_number(object, turn_key(key, turn, name, "p95"));
    summary->mean = read_number(object, turn_key(key, turn, name, "mean"));
    summary->count = isnan(summary->mean) ? 0 : 1; /* how many they were is not in the file */
}

static void read_turn(const struct members *object, size_t t, struct turn_figures *turn)
{
    char key[KEY_MOST];

    turn->started = (size_t)read_count(object, turn_key(key, t, "num_requests_started", ""), 1e15);
    turn->completed =
        (size_t)read_count(object, turn_key(key, t, "num_completed_requests", ""), 1e15);
    turn->not_sent = (size_t)read_count(object, turn_key(key, t, "num_not_sent", ""), 1e15);
    for (int m = 0; m < TURN_METRICS; m++)
        read_metric(object, t, m, &turn->metric[m]);
}

void summary_turns_read(const struct members *object, struct step *step)
{
    struct row *row = &step->row;
    double think_s = read_number(object, "think_time_s");
    char key[KEY_MOST];

    row->prefix_tokens = read_count(object, "prefix_tokens", 1e15);
    row->turns = read_count(object, "turns", TURNS_MOST);
    row->turn_input_tokens = read_count(object, "turn_input_tokens", 1e15);
    row->think_time_s = think_s > 0 ? think_s : 0;
    step->turns_not_sent = (size_t)read_count(object, "num_turns_not_sent", 1e15);
    while (step->turns < (size_t)row->turns &&
           members_find(object, turn_key(key, step->turns, "num_requests_started", "")))
        step->turns++;
    step->turn = step->turns > 0 ? memory_new(step->turns, sizeof *step->turn) : NULL;
    for (size_t t = 0; t < step->turns; t++)
        read_turn(object, t, &step->turn[t]);
}
