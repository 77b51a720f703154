#include "stats/hypothesis.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/quantile.h"
#include "stats/replicate.h"

/* Capacities in GB, and times, that are tried. */
enum { CELLS_MOST = 96 };

static const double prior[RESIDENCY_RULES] = {
    [RESIDENCY_LRU] = 0.45, [RESIDENCY_FIFO] = 0.45, [RESIDENCY_IDLE_EXPIRY] = 0.1};

static void suppose(struct hypotheses *hypotheses, struct residency_rule rule, double low,
                    double high)
{
    hypotheses->one = memory_grow(hypotheses->one, hypotheses->count, sizeof *hypotheses->one);
    hypotheses->one[hypotheses->count++] =
        (struct hypothesis){.rule = rule, .low = low, .high = high};
}

static void suppose_memory(struct hypotheses *hypotheses, bool by_weight, double low, double high)
{
    struct residency_rule rule = {
        .by_weight = by_weight, .capacity = by_weight ? (low + high) / 2 : high, .expiry_s = NAN};

    rule.rule = RESIDENCY_LRU;
    suppose(hypotheses, rule, low, high);
    rule.rule = RESIDENCY_FIFO;
    suppose(hypotheses, rule, low, high);
    hypotheses->capacities++;
}

/* Sorts, and keeps each value once, of more than CELLS_MOST as many evenly. */
static size_t thin_out(double *values, size_t count)
{
    size_t different = 0;

    quantile_sort(values, count);
    for (size_t i = 0; i < count; i++) {
        if (different == 0 || values[i] > values[different - 1])
            values[different++] = values[i];
    }
    for (size_t i = 0; i < CELLS_MOST && different > CELLS_MOST; i++)
        values[i] = values[i * (different - 1) / (CELLS_MOST - 1)];
    return different < CELLS_MOST ? different : CELLS_MOST;
}

/* What is idle for longer than all that was seen is not told from what stays. */
static void suppose_expiry(struct hypotheses *hypotheses, const struct study *study)
{
    double *idle_s = memory_new(study->visits, sizeof *idle_s), below = 0;
    size_t count = 0;

    residency_idle_s(study, idle_s);
    for (size_t i = 0; i < study->visits; i++) {
        if (idle_s[i] > 0 && visit_measured(&study->visit[i]))
            idle_s[count++] = idle_s[i];
    }
    count = thin_out(idle_s, count);
    for (size_t i = 0; i < count; i++) {
        struct residency_rule rule = {.rule = RESIDENCY_IDLE_EXPIRY,
                                      .capacity = INFINITY,
                                      .expiry_s = (below + idle_s[i]) / 2};

        suppose(hypotheses, rule, below, idle_s[i]);
        below = idle_s[i];
    }
    free(idle_s);
}

/* --- How likely they are ---------------------------------------------------------------------- */

static void weigh(struct hypotheses *hypotheses, const struct sightings *sightings)
{
    double *chance = memory_new(sightings->study->visits, sizeof *chance);
    double of_rule[RESIDENCY_RULES] = {0}, rules = 0;

    for (size_t i = 0; i < hypotheses->count; i++)
        of_rule[hypotheses->one[i].rule.rule]++;
    for (int rule = 0; rule < RESIDENCY_RULES; rule++)
        rules += of_rule[rule] > 0 ? prior[rule] : 0;
    hypotheses->ln = -INFINITY;
    for (size_t i = 0; i < hypotheses->count; i++) {
        struct hypothesis *one = &hypotheses->one[i];

        residency_rule_follow(sightings->study, &one->rule, chance);
        one->ln = sightings_ln(sightings, chance);
        one->share = one->ln + log(prior[one->rule.rule] / rules / of_rule[one->rule.rule]);
        hypotheses->ln = sighting_ln_sum(hypotheses->ln, one->share);
    }
    for (size_t i = 0; i < hypotheses->count; i++)
        hypotheses->one[i].share = exp(hypotheses->one[i].share - hypotheses->ln);
    free(chance);
}

struct hypotheses hypotheses_by_units(const struct sightings *sightings)
{
    size_t units = sightings->study->configurations, count;
    double *capacities = memory_new(units, sizeof *capacities), below = 0;
    struct hypotheses hypotheses = {0};

    for (size_t i = 0; i < units; i++)
        capacities[i] = (double)(i + 1);
    count = thin_out(capacities, units);
    for (size_t i = 0; i < count; i++) {
        suppose_memory(&hypotheses, false, below + 1, capacities[i]);
        below = capacities[i];
    }
    free(capacities);
    suppose_expiry(&hypotheses, sightings->study);
    weigh(&hypotheses, sightings);
    return hypotheses;
}

struct hypotheses hypotheses_by_weight(const struct sightings *sightings, double *sums,
                                       size_t count)
{
    const struct study *study = sightings->study;
    struct hypotheses hypotheses = {0};
    double below = 0;

    for (size_t i = 0; i < study->visits; i++) {
        if (visit_measured(&study->visit[i]))
            below = fmax(below, study->visit[i].step->weight_gb);
    }
    count = thin_out(sums, count);
    for (size_t i = 0; i < count; i++) {
        if (!(sums[i] > below))
            continue;
        suppose_memory(&hypotheses, true, below, sums[i]);
        below = sums[i];
    }
    suppose_memory(&hypotheses, true, below, INFINITY);
    suppose_expiry(&hypotheses, study);
    weigh(&hypotheses, sightings);
    return hypotheses;
}

double hypotheses_share(const struct hypotheses *hypotheses, enum study_rule rule)
{
    double share = 0;

    for (size_t i = 0; i < hypotheses->count; i++)
        share += hypotheses->one[i].rule.rule == rule ? hypotheses->one[i].share : 0;
    return share;
}

const struct hypothesis *hypotheses_best(const struct hypotheses *hypotheses, enum study_rule rule)
{
    const struct hypothesis *best = NULL;

    for (size_t i = 0; i < hypotheses->count; i++) {
        const struct hypothesis *one = &hypotheses->one[i];

        if (one->rule.rule == rule && (!best || one->share > best->share))
            best = one;
    }
    return best;
}

/* A row of cells: capacities, each with two rules, or times. */
struct cells {
    const struct hypothesis *first;
    size_t count, rules;
};

static struct cells cells_of(const struct hypotheses *hypotheses, const struct hypothesis *one)
{
    size_t memories = 2 * hypotheses->capacities;

    if (one < hypotheses->one + memories)
        return (struct cells){hypotheses->one, hypotheses->capacities, 2};
    return (struct cells){hypotheses->one + memories, hypotheses->count - memories, 1};
}

static double cell_share(const struct cells *cells, size_t cell)
{
    double share = 0;

    for (size_t i = 0; i < cells->rules; i++)
        share += cells->first[cell * cells->rules + i].share;
    return share;
}

double hypotheses_same(const struct hypotheses *hypotheses, const struct hypothesis *one)
{
    struct cells cells = cells_of(hypotheses, one);

    return cell_share(&cells, (size_t)(one - cells.first) / cells.rules);
}

void hypotheses_interval(const struct hypotheses *hypotheses, const struct hypothesis *one,
                         double *low, double *high)
{
    struct cells cells = cells_of(hypotheses, one);
    size_t first = (size_t)(one - cells.first) / cells.rules, last = first;
    double all = 0, covered = cell_share(&cells, first);

    for (size_t i = 0; i < cells.count; i++)
        all += cell_share(&cells, i);
    while (covered < REPLICATE_CONFIDENCE * all && last - first + 1 < cells.count) {
        double below = first > 0 ? cell_share(&cells, first - 1) : -1;
        double above = last + 1 < cells.count ? cell_share(&cells, last + 1) : -1;

        covered += fmax(below, above);
        if (below > above)
            first--;
        else
            last++;
    }
    *low = cells.first[first * cells.rules].low;
    *high = cells.first[last * cells.rules].high;
}

void hypotheses_clear(struct hypotheses *hypotheses)
{
    free(hypotheses->one);
    *hypotheses = (struct hypotheses){0};
}
