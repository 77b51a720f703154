#include "stats/misfit.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

/* Chances of each list of chances that is tried. */
static const double opposite[] = {0.05, 0.12, 0.25, 0.4};
static const double kept[] = {0.02, 0.2, 0.4, 0.55, 0.7, 0.8, 0.88, 0.94, 0.98};

/* Capacities that are tried for each configuration. */
enum { CAPACITIES_MOST = 64 };

enum { OPPOSITES = sizeof opposite / sizeof *opposite, KEPT = sizeof kept / sizeof *kept };

/* Of several lists of chances, how likely they are for each configuration. */
struct tried {
    const struct sightings *sightings;
    double *chance; /* room for one list */
    struct sighting_ln **each;
    size_t lists;
};

static struct tried tried_begin(const struct sightings *sightings, size_t lists)
{
    return (struct tried){.sightings = sightings,
                          .chance = memory_new(sightings->study->visits, sizeof(double)),
                          .each = memory_new(lists, sizeof(struct sighting_ln *))};
}

static void tried_add(struct tried *tried)
{
    struct sighting_ln *ln = memory_new(tried->sightings->study->configurations, sizeof *ln);

    sightings_ln_each(tried->sightings, tried->chance, ln);
    tried->each[tried->lists++] = ln;
}

/* All configurations go by one list, whichever. */
static double tried_together(const struct tried *tried)
{
    double sum = -INFINITY;

    for (size_t k = 0; k < tried->lists; k++)
        sum = sighting_ln_sum(sum, sightings_ln_own(tried->sightings, &tried->each[k], 1));
    return sum - log((double)tried->lists);
}

static double tried_each_its_own(const struct tried *tried)
{
    return sightings_ln_own(tried->sightings, tried->each, tried->lists);
}

static void tried_clear(struct tried *tried)
{
    for (size_t k = 0; k < tried->lists; k++)
        free(tried->each[k]);
    free(tried->each);
    free(tried->chance);
}

static double ln_opposite(const struct sightings *sightings, const double *chance)
{
    struct tried tried = tried_begin(sightings, OPPOSITES);
    double ln;

    for (size_t k = 0; k < OPPOSITES; k++) {
        for (size_t i = 0; i < sightings->study->visits; i++)
            tried.chance[i] = chance[i] > 0.5 ? 1 - opposite[k] : opposite[k];
        for (size_t i = 0; i < sightings->study->visits; i++)
            tried.chance[i] = isnan(chance[i]) ? NAN : tried.chance[i];
        tried_add(&tried);
    }
    ln = tried_together(&tried);
    tried_clear(&tried);
    return ln;
}

/* By the same chance for all, and by one for each. */
static double ln_thrown_out(const struct sightings *sightings)
{
    struct tried tried = tried_begin(sightings, KEPT);
    double *since = memory_new(sightings->study->visits, sizeof *since), ln;

    residency_visits_since(sightings->study, since);
    for (size_t k = 0; k < KEPT; k++) {
        for (size_t i = 0; i < sightings->study->visits; i++)
            tried.chance[i] = 1 - pow(kept[k], since[i] - 1);
        tried_add(&tried);
    }
    ln = sighting_ln_sum(tried_together(&tried), tried_each_its_own(&tried));
    free(since);
    tried_clear(&tried);
    return ln;
}

static double ln_own_capacity(const struct sightings *sightings)
{
    const struct study *study = sightings->study;
    size_t most = study->configurations < CAPACITIES_MOST ? study->configurations : CAPACITIES_MOST;
    struct tried tried = tried_begin(sightings, most);
    double ln;

    for (size_t c = 1; c <= most; c++) {
        struct residency_rule rule = {.rule = RESIDENCY_LRU, .capacity = (double)c};

        residency_rule_follow(study, &rule, tried.chance);
        tried_add(&tried);
    }
    ln = tried_each_its_own(&tried);
    tried_clear(&tried);
    return ln;
}

/* Whether a visit may look as if it paid though none of the steady requests does: because it is
 * within what they scatter by, or because some of them are slow, of which not all are counted. */
static bool may_be_slow(const struct sighting *sighting)
{
    const double scatter = 4, seldom = 0.02;

    return sighting->value_s < scatter * sighting->error_s || sighting->slow_share > seldom;
}

double misfit_slow_ln(const struct sightings *sightings, const double *chance)
{
    double *slower = memory_new(sightings->study->visits, sizeof *slower), most = -INFINITY;

    for (size_t k = 0; k < OPPOSITES; k++) {
        for (size_t i = 0; i < sightings->study->visits; i++)
            slower[i] =
                chance[i] == 0 && may_be_slow(&sightings->visit[i]) ? opposite[k] : chance[i];
        most = fmax(most, sightings_ln(sightings, slower));
    }
    free(slower);
    return most;
}

double misfit_ln(const struct sightings *sightings, const double *chance)
{
    double ln = sighting_ln_sum(ln_opposite(sightings, chance), ln_thrown_out(sightings));

    return sighting_ln_sum(ln, ln_own_capacity(sightings)) - log(4);
}
