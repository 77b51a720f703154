#include "stats/residency.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/hypothesis.h"
#include "stats/misfit.h"
#include "stats/replicate.h"

const char *const study_rule_words[RESIDENCY_RULES] = {"cannot be told", "lru", "fifo",
                                                       "idle expiry", "none fits"};

/* So much likelier must it be that anything paid than that nothing did. */
static const double shown_by = 100;

/* --- Distances -------------------------------------------------------------------------------- */

/* A measured revisit. */
struct revisit {
    size_t distance; /* different other configurations since */
    double fits_gb;  /* what they and its own weigh; NAN: not known */
    bool paid;
};

struct revisits {
    struct revisit *revisit;
    size_t count;
};

/* Goes back from visit `i` to the last one that used its configuration; false where there is none
 * in its run, or none since it is known what ran: a run that was cut off is resumed later. `seen`
 * is by configuration: the visit, from 1, in whose pass it was last met. */
static bool look_back(const struct study *study, size_t i, size_t *seen, struct revisit *revisit)
{
    const struct study_visit *visit = &study->visit[i];

    *revisit =
        (struct revisit){.fits_gb = visit->step->weight_gb, .paid = visit->paid_as == VISIT_PAID};
    for (size_t k = i;
         k > 0 && study->visit[k - 1].run == visit->run && study->visit[k].step->predecessor >= 0;
         k--) {
        const struct study_visit *before = &study->visit[k - 1];

        if (before->configuration == visit->configuration)
            return true;
        if (seen[before->configuration] == i + 1)
            continue;
        seen[before->configuration] = i + 1;
        revisit->distance++;
        revisit->fits_gb += before->step->weight_gb;
    }
    return false;
}

static void collect(const struct study *study, struct revisits *revisits)
{
    size_t *seen = memory_new(study->residency.units, sizeof *seen);

    *revisits = (struct revisits){.revisit = memory_new(study->visits, sizeof(struct revisit))};
    for (size_t i = 0; i < study->visits; i++) {
        if (look_back(study, i, seen, &revisits->revisit[revisits->count]) &&
            visit_measured(&study->visit[i]))
            revisits->count++;
    }
    free(seen);
}

static void count_by_distance(const struct revisits *revisits, struct study_residency *residency)
{
    residency->visits = memory_new(residency->units, sizeof *residency->visits);
    residency->paid = memory_new(residency->units, sizeof *residency->paid);
    for (size_t i = 0; i < revisits->count; i++) {
        residency->visits[revisits->revisit[i].distance]++;
        residency->paid[revisits->revisit[i].distance] += revisits->revisit[i].paid;
    }
    residency->revisits = revisits->count;
}

/* --- The most likely -------------------------------------------------------------------------- */

/* Everything while it is being fitted. */
struct fitting {
    struct study_residency *residency;
    const struct study *study;
    struct revisits revisits;
    struct sightings sightings;
    struct hypotheses units, weights; /* the latter empty where weights are not known */
    const struct hypotheses *used;    /* which of them */
    double *chance;                   /* by the rule in question */
};

/* How many revisits show what the rule denies; leaves its chances. */
static size_t count_wrong(const struct fitting *fitting, const struct hypothesis *one)
{
    bool *seen = residency_seen_to_pay(fitting->study);
    size_t wrong = 0;

    residency_rule_follow(fitting->study, &one->rule, fitting->chance);
    for (size_t i = 0; i < fitting->study->visits; i++) {
        const struct study_visit *visit = &fitting->study->visit[i];
        bool stayed = visit->paid_as == VISIT_NOT_PAID && seen[visit->configuration];

        wrong += fitting->sightings.visit[i].counts &&
                 ((fitting->chance[i] == 0 && visit->paid_as == VISIT_PAID) ||
                  (fitting->chance[i] == 1 && stayed));
    }
    free(seen);
    return wrong;
}

/* Where LRU and FIFO say the same of every visit, as where one stays, or all, it is LRU. */
static enum study_rule likeliest(const struct hypotheses *hypotheses)
{
    enum study_rule best = RESIDENCY_LRU;

    for (enum study_rule rule = RESIDENCY_FIFO; rule <= RESIDENCY_IDLE_EXPIRY; rule++) {
        if (hypotheses_share(hypotheses, rule) > hypotheses_share(hypotheses, best))
            best = rule;
    }
    if (best == RESIDENCY_FIFO && hypotheses_best(hypotheses, RESIDENCY_LRU)->ln >=
                                      hypotheses_best(hypotheses, RESIDENCY_FIFO)->ln - 1e-6)
        return RESIDENCY_LRU;
    return best;
}

/* Whether it can be seen at all that something paid, by a rule or by another. */
static bool anything_shown(const struct fitting *fitting, double other_ln)
{
    double *never = memory_new(fitting->study->visits, sizeof *never);
    double none = sightings_ln(&fitting->sightings, never);

    free(never);
    return fmax(fitting->used->ln, other_ln) - log(2) > none + log(shown_by);
}

static bool weights_known(const struct study *study)
{
    for (size_t i = 0; i < study->visits; i++) {
        if (!(study->visit[i].step->weight_gb > 0))
            return false;
    }
    return true;
}

static struct hypotheses suppose_weights(const struct fitting *fitting)
{
    const struct revisits *revisits = &fitting->revisits;
    double *sums = memory_new(revisits->count, sizeof *sums);
    struct hypotheses hypotheses;

    for (size_t i = 0; i < revisits->count; i++)
        sums[i] = revisits->revisit[i].fits_gb;
    hypotheses = hypotheses_by_weight(&fitting->sightings, sums, revisits->count);
    free(sums);
    return hypotheses;
}

/* --- What is reported ------------------------------------------------------------------------- */

static void tell_gb(const struct fitting *fitting, enum study_rule rule)
{
    const struct hypothesis *best = hypotheses_best(&fitting->weights, rule);

    if (!best)
        return;
    fitting->residency->gb_wrong = count_wrong(fitting, best);
    hypotheses_interval(&fitting->weights, best, &fitting->residency->gb_low,
                        &fitting->residency->gb_high);
}

static void tell_capacity(const struct fitting *fitting, enum study_rule rule)
{
    struct study_residency *residency = fitting->residency;
    const struct hypothesis *best = hypotheses_best(&fitting->units, rule);
    double low, high;

    hypotheses_interval(&fitting->units, best, &low, &high);
    residency->capacity = (size_t)best->rule.capacity;
    residency->capacity_low = (size_t)low;
    residency->capacity_high = (size_t)high;
    residency->probability = hypotheses_same(&fitting->units, best);
    residency->wrong = count_wrong(fitting, best);
    tell_gb(fitting, rule);
}

static void tell_expiry(const struct fitting *fitting)
{
    struct study_residency *residency = fitting->residency;
    const struct hypothesis *best = hypotheses_best(fitting->used, RESIDENCY_IDLE_EXPIRY);

    hypotheses_interval(fitting->used, best, &residency->expiry_low_s, &residency->expiry_high_s);
    residency->expiry_s = best->rule.expiry_s;
    residency->probability = residency->expiry_probability;
    residency->wrong = count_wrong(fitting, best);
}

/* Whether every capacity is as good as any other. */
static bool says_nothing(const struct fitting *fitting)
{
    const struct hypotheses *used = fitting->used;
    double low, high;

    hypotheses_interval(used, hypotheses_best(used, RESIDENCY_LRU), &low, &high);
    return low <= used->one[0].low && high >= used->one[2 * used->capacities - 1].high;
}

/* Leaves NAN what is not claimed. */
static void tell(const struct fitting *fitting, enum study_rule rule)
{
    struct study_residency *residency = fitting->residency;
    double lru = hypotheses_share(fitting->used, RESIDENCY_LRU);
    double fifo = hypotheses_share(fitting->used, RESIDENCY_FIFO);

    if (rule != RESIDENCY_IDLE_EXPIRY && says_nothing(fitting))
        return;
    residency->rule = rule;
    residency->expiry_probability = 1 - lru - fifo;
    if (rule == RESIDENCY_IDLE_EXPIRY) {
        tell_expiry(fitting);
    } else {
        residency->lru_probability = lru / (lru + fifo);
        tell_capacity(fitting, rule);
    }
    residency->probability =
        fmin(residency->probability, 1 - (double)residency->wrong / (double)residency->revisits);
}

static void conclude(const struct fitting *fitting)
{
    struct study_residency *residency = fitting->residency;
    enum study_rule rule = likeliest(fitting->used);
    const struct hypothesis *best = hypotheses_best(fitting->used, rule);
    double other_ln, slow_ln;

    residency->wrong = count_wrong(fitting, best);
    slow_ln = misfit_slow_ln(&fitting->sightings, fitting->chance) - best->ln;
    other_ln = misfit_ln(&fitting->sightings, fitting->chance);
    if (!anything_shown(fitting, other_ln))
        return;
    residency->misfit_p = fmin(1, exp(fitting->used->ln + fmax(0, slow_ln) - other_ln));
    if (residency->misfit_p <= REPLICATE_LEVEL)
        residency->rule = RESIDENCY_NONE_FITS;
    else
        tell(fitting, rule);
}

static double most_ln(const struct hypotheses *hypotheses)
{
    double most = -INFINITY;

    for (size_t i = 0; i < hypotheses->count; i++)
        most = fmax(most, hypotheses->one[i].ln);
    return most;
}

static void fit(struct fitting *fitting)
{
    fitting->sightings = sightings_make(fitting->study);
    fitting->chance = memory_new(fitting->study->visits, sizeof *fitting->chance);
    fitting->units = hypotheses_by_units(&fitting->sightings);
    fitting->used = &fitting->units;
    if (weights_known(fitting->study)) {
        fitting->weights = suppose_weights(fitting);
        fitting->residency->by_weight =
            most_ln(&fitting->weights) >= most_ln(&fitting->units) - 1e-6;
    }
    if (fitting->residency->by_weight)
        fitting->used = &fitting->weights;
    conclude(fitting);
    hypotheses_clear(&fitting->units);
    hypotheses_clear(&fitting->weights);
    sightings_clear(&fitting->sightings);
    free(fitting->chance);
}

void residency_fit(struct study *study)
{
    struct study_residency *residency = &study->residency;
    struct fitting fitting = {.residency = residency, .study = study};

    *residency = (struct study_residency){.units = study->configurations,
                                          .by_configuration = study->by_configuration,
                                          .probability = NAN,
                                          .lru_probability = NAN,
                                          .expiry_probability = NAN,
                                          .expiry_s = NAN,
                                          .expiry_low_s = NAN,
                                          .expiry_high_s = NAN,
                                          .misfit_p = NAN,
                                          .gb_low = NAN,
                                          .gb_high = NAN};
    if (study->controlled)
        return;
    collect(study, &fitting.revisits);
    count_by_distance(&fitting.revisits, residency);
    if (residency->revisits > 0)
        fit(&fitting);
    free(fitting.revisits.revisit);
}

void residency_clear(struct study_residency *residency)
{
    free(residency->visits);
    free(residency->paid);
    *residency = (struct study_residency){0};
}
