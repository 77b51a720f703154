#include "report/rank_figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"

static size_t count_ranks(const struct results *run)
{
    size_t most = 0;

    for (size_t i = 0; i < run->count; i++)
        most = run->step[i].ranks > most ? run->step[i].ranks : most;
    return most;
}

/* "a, b": one each, of those that began the run. */
static void name_hosts(const struct results *run, struct rank_figures *figures, size_t ranks)
{
    const char *at = manifest_find(&run->manifest, "ranks.hosts");

    for (size_t i = 0; i < ranks && at && *at; i++) {
        size_t length = strcspn(at, ",");

        snprintf(figures[i].host, sizeof figures[i].host, "%.*s", (int)length, at);
        at += length + strspn(at + length, ", ");
    }
}

static void keep_worst(const struct step_rank *rank, struct step_rank *worst)
{
    const struct health *a = &rank->health;
    struct health *b = &worst->health;

    b->read_lateness_p99_s = fmax(a->read_lateness_p99_s, b->read_lateness_p99_s);
    b->loop_stall_max_s = fmax(a->loop_stall_max_s, b->loop_stall_max_s);
    b->loop_cpu_share_max = fmax(a->loop_cpu_share_max, b->loop_cpu_share_max);
    b->clock_uncertainty_s = fmax(a->clock_uncertainty_s, b->clock_uncertainty_s);
    b->resident_mb = fmax(a->resident_mb, b->resident_mb);
    worst->journal_wait_s += isnan(rank->journal_wait_s) ? 0 : rank->journal_wait_s;
}

static void add_step(const struct step *step, struct rank_figures *figures)
{
    for (size_t i = 0; i < step->ranks; i++) {
        figures[i].requests += step->rank[i].requests;
        figures[i].steps[step->rank[i].health.verdict]++;
        keep_worst(&step->rank[i], &figures[i].worst);
    }
}

struct rank_figures *rank_figures_of(const struct results *run, size_t *ranks)
{
    struct rank_figures *figures;
    double requests = 0;

    *ranks = count_ranks(run);
    if (*ranks == 0)
        return NULL;
    figures = memory_new(*ranks, sizeof *figures);
    for (size_t i = 0; i < *ranks; i++) {
        figures[i].worst.health = health_unknown;
        figures[i].worst.health.resident_mb = NAN;
    }
    name_hosts(run, figures, *ranks);
    for (size_t i = 0; i < run->count; i++)
        add_step(&run->step[i], figures);
    for (size_t i = 0; i < *ranks; i++)
        requests += (double)figures[i].requests;
    for (size_t i = 0; i < *ranks; i++)
        figures[i].share = requests > 0 ? (double)figures[i].requests / requests : NAN;
    return figures;
}
