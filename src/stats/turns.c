#include "stats/turns.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/quantile.h"

static size_t most_turns(const struct outcome *last, size_t count)
{
    int64_t most = 0;

    for (size_t i = 0; i < count; i++)
        most = last[i].turns > most ? last[i].turns : most;
    return (size_t)most;
}

/* Each session has a first turn, which says how many there were to be. */
static void count_turns(const struct outcome *last, size_t count, struct step *step)
{
    for (size_t i = 0; i < count; i++) {
        struct turn_figures *turn = &step->turn[last[i].turn - 1];

        turn->started++;
        turn->completed += last[i].end == REQUEST_COMPLETED;
        for (int64_t t = 0; last[i].turn == 1 && t < last[i].turns; t++)
            step->turn[t].not_sent++;
    }
    for (size_t t = 0; t < step->turns; t++) {
        step->turn[t].not_sent -= step->turn[t].started;
        step->turns_not_sent += step->turn[t].not_sent;
    }
}

static void sum_up_metric(const struct outcome *last, size_t count, size_t turn, int metric,
                          double *values, struct metric_summary *summary)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        double value = last[i].figures.value[turn_metrics[metric]];

        if ((size_t)last[i].turn == turn + 1 && last[i].end == REQUEST_COMPLETED && !isnan(value))
            values[kept++] = value;
    }
    *summary = quantile_summary(values, kept);
}

static int by_turn(const void *a, const void *b)
{
    const struct outcome *x = a, *y = b;

    return (x->turn > y->turn) - (x->turn < y->turn);
}

/* The requests of each turn stand together then, so that each is looked at once. */
static void sum_up_turns(struct outcome *sorted, size_t count, struct step *step)
{
    double *values = memory_new(count, sizeof *values);
    size_t first = 0;

    qsort(sorted, count, sizeof *sorted, by_turn);
    for (size_t t = 0; t < step->turns; t++) {
        size_t started = step->turn[t].started;

        for (int m = 0; m < TURN_METRICS; m++)
            sum_up_metric(sorted + first, started, t, m, values, &step->turn[t].metric[m]);
        first += started;
    }
    free(values);
}

void turns_sum_up(const struct outcome *last, size_t count, struct step *step)
{
    struct outcome *sorted;
    size_t of_sessions = 0;

    step->turns = most_turns(last, count);
    if (step->turns == 0)
        return;
    step->turn = memory_new(step->turns, sizeof *step->turn);
    sorted = memory_new(count, sizeof *sorted);
    for (size_t i = 0; i < count; i++) {
        if (last[i].turn > 0)
            sorted[of_sessions++] = last[i];
    }
    count_turns(sorted, of_sessions, step);
    sum_up_turns(sorted, of_sessions, step);
    free(sorted);
}
