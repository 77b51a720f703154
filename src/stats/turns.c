#include "stats/turns.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/spill.h"
#include "stats/quantile.h"

static size_t most_turns(const struct outcome *last, size_t count)
{
    int64_t most = 0;

    for (size_t i = 0; i < count; i++) {
        spill_pass(&last[i], i);
        most = last[i].turns > most ? last[i].turns : most;
    }
    return (size_t)most;
}

/* Each session has a first turn, which says how many there were to be. */
static void count_turns(const struct outcome *const *last, size_t count, struct step *step)
{
    for (size_t i = 0; i < count; i++) {
        struct turn_figures *turn = &step->turn[last[i]->turn - 1];

        turn->started++;
        turn->completed += last[i]->end == REQUEST_COMPLETED;
        for (int64_t t = 0; last[i]->turn == 1 && t < last[i]->turns; t++)
            step->turn[t].not_sent++;
        spill_pass(last[i], i);
    }
    for (size_t t = 0; t < step->turns; t++) {
        step->turn[t].not_sent -= step->turn[t].started;
        step->turns_not_sent += step->turn[t].not_sent;
    }
}

static void sum_up_metric(const struct outcome *const *last, size_t count, size_t turn, int metric,
                          double *values, struct metric_summary *summary)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        double value = last[i]->figures.value[turn_metrics[metric]];

        spill_pass(last[i], i);
        if ((size_t)last[i]->turn == turn + 1 && last[i]->end == REQUEST_COMPLETED && !isnan(value))
            values[kept++] = value;
    }
    *summary = quantile_summary(values, kept);
}

/* Outcomes that stand in a file are not moved. */
struct of_turn {
    int64_t turn;
    const struct outcome *outcome;
};

static int by_turn(const void *a, const void *b)
{
    const struct of_turn *x = a, *y = b;

    if (x->turn != y->turn)
        return x->turn < y->turn ? -1 : 1;
    return (x->outcome > y->outcome) - (x->outcome < y->outcome);
}

/* The requests of sessions into `sorted`, which has room for all: those of each turn stand
 * together, so that each is looked at once. */
static size_t sort_by_turn(const struct outcome *last, size_t count, const struct outcome **sorted)
{
    struct of_turn *of = memory_new(count, sizeof *of);
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        if (last[i].turn > 0)
            of[found++] = (struct of_turn){last[i].turn, &last[i]};
        spill_pass(&last[i], i);
    }
    if (found > 0)
        qsort(of, found, sizeof *of, by_turn);
    for (size_t i = 0; i < found; i++)
        sorted[i] = of[i].outcome;
    free(of);
    return found;
}

static void sum_up_turns(const struct outcome *const *sorted, size_t count, struct step *step)
{
    double *values = memory_new(count, sizeof *values);
    size_t first = 0;

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
    const struct outcome **sorted;
    size_t of_sessions;

    step->turns = most_turns(last, count);
    if (step->turns == 0)
        return;
    step->turn = memory_new(step->turns, sizeof *step->turn);
    sorted = memory_new(count, sizeof *sorted);
    of_sessions = sort_by_turn(last, count, sorted);
    count_turns(sorted, of_sessions, step);
    sum_up_turns(sorted, of_sessions, step);
    free(sorted);
}
