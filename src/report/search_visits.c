#include "report/search_visits.h"

#include <stdlib.h>

#include "core/memory.h"
#include "plan/search_rule.h"

/* A mix is visited by one pass after another. */
static size_t count_members(const struct results *run, size_t first)
{
    const struct step *step = &run->step[first];
    size_t end = first + 1;

    while (end < run->count && row_same_mix(&run->step[end].row, &step->row) &&
           run->step[end].pass == step->pass)
        end++;
    return end - first;
}

struct search_visit search_visit_at(const struct results *run, size_t first)
{
    struct search_visit visit = {.step = &run->step[first], .members = count_members(run, first)};
    double good = 0;

    for (size_t i = 0; i < visit.members; i++) {
        const struct step *step = &visit.step[i];

        visit.load += search_rule_part(&step->row, i);
        visit.requests += (double)step->started;
        good += step->started > 0 ? step->goodput_share * (double)step->started : 0;
        visit.goodput_requests_per_s += step->goodput_requests_per_s;
        visit.throughput += step->client_total_output_throughput;
    }
    visit.goodput_share = good / visit.requests;
    return visit;
}

bool search_visit_next(const struct results *run, const struct search_found *found, size_t *at,
                       struct search_visit *visit)
{
    while (*at < run->count && run->step[*at].search != found)
        ++*at;
    if (*at == run->count)
        return false;
    *visit = search_visit_at(run, *at);
    *at += visit->members;
    return true;
}

static int by_load(const void *a, const void *b)
{
    double x = ((const struct search_visit *)a)->load, y = ((const struct search_visit *)b)->load;

    return (x > y) - (x < y);
}

struct search_visit *search_visits_by_load(const struct results *run,
                                           const struct search_found *found, size_t *count)
{
    struct search_visit *visits = memory_new(run->count, sizeof *visits), visit;

    *count = 0;
    for (size_t at = 0; search_visit_next(run, found, &at, &visit);)
        visits[(*count)++] = visit;
    qsort(visits, *count, sizeof *visits, by_load);
    return visits;
}
