#include "stats/sighting.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/quantile.h"
#include "stats/steady.h"

/* A visit is slow for another reason at least and at most so often. */
static const double slow_least = 0.01, slow_most = 0.3;

/* So many that paid do not look so. */
static const double missed = 0.01;

/* So often a server's own word is wrong: it was asked before, and what it says may have changed. */
static const double word_wrong = 0.02;

/* How much costs vary where that is not known, and at least: costs that are tried are a third
 * apart. */
static const double variation_unknown = 0.2;

/* Of what visits typically pay: a smaller excess is no load, however sure it is. A model that
 * others have run before finds the machine's caches cold. */
static const double no_load_share = 0.02;

/* Before anything is seen, a cost is taken to be one that cannot be seen. */
static const double unseen = 0.8;

static const double shares[SIGHTING_SHARES] = {0.02, 0.5, 0.98};

double sighting_ln_sum(double a, double b)
{
    double most = fmax(a, b);

    return isinf(most) ? most : most + log1p(exp(fmin(a, b) - most));
}

/* ln of a mixture: the second with a share. */
static double ln_mixed(double a, double b, double share)
{
    return sighting_ln_sum(log1p(-share) + a, log(share) + b);
}

static double ln_normal(double value, double mean, double deviation)
{
    double z = (value - mean) / deviation;

    return -z * z / 2 - log(deviation);
}

/* ln of how likely the server's word is where a visit pays, or stays. */
static double ln_word(enum state_word word, bool pays)
{
    if (word == STATE_UNKNOWN)
        return 0;
    return log((word == STATE_NOT_LOADED) == pays ? 1 - word_wrong : word_wrong);
}

static void fill_densities(const struct sightings *sightings, enum state_word word,
                           struct sighting *sighting)
{
    for (size_t g = 0; g < SIGHTING_COSTS; g++) {
        double cost_s = sightings->cost_s[g], varies_s = sightings->variation * cost_s;
        double stays = ln_normal(sighting->value_s, 0, sighting->error_s);
        double pays = ln_normal(sighting->value_s, cost_s, hypot(sighting->error_s, varies_s));

        sighting->ln[0][g] = ln_mixed(stays, pays, sighting->slow_share) + ln_word(word, false);
        sighting->ln[1][g] = ln_mixed(pays, stays, missed) + ln_word(word, true);
        sighting->most[g] = fmax(sighting->ln[0][g], sighting->ln[1][g]);
        for (int pay = 0; pay < 2; pay++)
            sighting->share[pay][g] = exp(sighting->ln[pay][g] - sighting->most[g]);
    }
}

/* From half of what is typically uncertain to beyond the largest value, by equal factors. */
static void choose_costs(struct sightings *sightings)
{
    size_t visits = sightings->study->visits, count = 0;
    double *errors = memory_new(visits, sizeof *errors), largest = 0, error_s = 0, factor;

    for (size_t i = 0; i < visits; i++) {
        const struct sighting *sighting = &sightings->visit[i];

        if (!sighting->counts)
            continue;
        errors[count++] = sighting->error_s;
        largest = fmax(largest, sighting->value_s);
    }
    quantile_sort(errors, count);
    if (count > 0)
        error_s = quantile_of_sorted(errors, count, 0.5);
    free(errors);
    factor = pow(2 * fmax(1.25 * largest / error_s, 4), 1.0 / (SIGHTING_COSTS - 2));
    for (size_t g = 1; g < SIGHTING_COSTS; g++)
        sightings->cost_s[g] = error_s / 2 * pow(factor, (double)g - 1);
}

/* That of loads alone: what varies, less the noise of TTFTs in it; where that is much, it is not
 * known, and neither is which visits paid. */
static double variation_of(const struct study_variation *variation)
{
    const double noise_most = 1.0 / 3;
    double own = pow(variation->share, 2) - pow(variation->noise_share, 2);
    bool known = variation->df > 0 && variation->noise_share <= noise_most;

    return known && own > pow(variation_unknown, 2) ? sqrt(own) : variation_unknown;
}

/* The median of the visits that paid, those that are left out too; 0 where none did. */
static double typically_paid_s(const struct study *study)
{
    double *value_s = memory_new(study->visits, sizeof *value_s), median = 0;
    size_t count = 0;

    for (size_t i = 0; i < study->visits; i++) {
        if (study->visit[i].paid_as == VISIT_PAID)
            value_s[count++] = study->visit[i].replicate.value_s;
    }
    quantile_sort(value_s, count);
    if (count > 0)
        median = quantile_of_sorted(value_s, count, 0.5);
    free(value_s);
    return median;
}

/* How often a visit that does not pay looks as this does: as often as a request is slow by as much,
 * where any was seen to be slow. */
static double slow_share_of(const struct study *study, const struct study_visit *visit)
{
    enum switch_source source = visit->step->measurement.source;
    const struct study_steady *steady = &study->steady[source];
    double steady_s = visit->step->measurement.side[source].steady_s, share = steady->slow_share;

    if (steady->slow > 0)
        share = steady_slow_chance(steady, visit->replicate.value_s / steady_s);
    return fmin(fmax(share, slow_least), slow_most);
}

struct sightings sightings_make(const struct study *study)
{
    const double no_load_s = fmax(no_load_share * typically_paid_s(study), REPLICATE_NO_LOAD_S / 2);
    struct sightings sightings = {.visit = memory_new(study->visits, sizeof *sightings.visit),
                                  .study = study,
                                  .variation = variation_of(&study->variation)};

    for (size_t i = 0; i < study->visits; i++) {
        const struct study_visit *visit = &study->visit[i];

        sightings.visit[i] = (struct sighting){
            .value_s = visit->replicate.value_s,
            .error_s = hypot(visit->replicate.error_s, no_load_s),
            .slow_share = slow_share_of(study, visit),
            .counts = visit_measured(visit) && !visit->left_out && visit->replicate.error_s > 0};
    }
    choose_costs(&sightings);
    for (size_t i = 0; i < study->visits; i++) {
        if (sightings.visit[i].counts)
            fill_densities(&sightings, study->visit[i].word, &sightings.visit[i]);
    }
    return sightings;
}

/* --- Likelihoods ------------------------------------------------------------------------------ */

/* The mean over the costs of one configuration. */
static double ln_mean(const double *ln)
{
    double most = -INFINITY, sum = 0;

    for (size_t g = 0; g < SIGHTING_COSTS; g++)
        most = fmax(most, ln[g]);
    for (size_t g = 0; g < SIGHTING_COSTS; g++)
        sum += (g == 0 ? unseen : (1 - unseen) / (SIGHTING_COSTS - 1)) * exp(ln[g] - most);
    return most + log(sum);
}

/* ln of the densities of some visits, by cost. Mixtures are multiplied before their logarithm is
 * taken, as long as no double is too small for that. */
struct sum {
    double ln[SIGHTING_COSTS], product[SIGHTING_COSTS];
    double depth; /* −ln of the least that a product can be */
};

/* The visits to a configuration. */
struct sums {
    struct sum labelled;                    /* those with a label */
    struct sum unlabelled[SIGHTING_SHARES]; /* the others, by the share that pays */
};

static void settle(struct sum *sum)
{
    for (size_t g = 0; g < SIGHTING_COSTS && sum->depth > 0; g++) {
        sum->ln[g] += log(sum->product[g]);
        sum->product[g] = 1;
    }
    sum->depth = 0;
}

static void add_mixed(struct sum *sum, const struct sighting *sighting, double chance)
{
    double depth = -log(fmin(chance, 1 - chance));

    if (sum->depth + depth > 600)
        settle(sum);
    for (size_t g = 0; g < SIGHTING_COSTS; g++) {
        double mixed = (1 - chance) * sighting->share[0][g] + chance * sighting->share[1][g];

        sum->product[g] = sum->depth > 0 ? sum->product[g] * mixed : mixed;
        sum->ln[g] += sighting->most[g];
    }
    sum->depth += depth;
}

static void add(struct sum *sum, const struct sighting *sighting, double chance)
{
    if (chance > 0 && chance < 1) {
        add_mixed(sum, sighting, chance);
        return;
    }
    for (size_t g = 0; g < SIGHTING_COSTS; g++)
        sum->ln[g] += sighting->ln[chance > 0][g];
}

static struct sums *add_all(const struct sightings *sightings, const double *chance)
{
    const struct study *study = sightings->study;
    struct sums *sums = memory_new(study->configurations, sizeof *sums);

    for (size_t i = 0; i < study->visits; i++) {
        struct sums *own = &sums[study->visit[i].configuration];

        if (!sightings->visit[i].counts)
            continue;
        if (!isnan(chance[i]))
            add(&own->labelled, &sightings->visit[i], chance[i]);
        for (int s = 0; s < SIGHTING_SHARES && isnan(chance[i]); s++)
            add(&own->unlabelled[s], &sightings->visit[i], shares[s]);
    }
    return sums;
}

void sightings_ln_each(const struct sightings *sightings, const double *chance,
                       struct sighting_ln *ln)
{
    struct sums *sums = add_all(sightings, chance);

    for (size_t c = 0; c < sightings->study->configurations; c++) {
        settle(&sums[c].labelled);
        for (int s = 0; s < SIGHTING_SHARES; s++) {
            settle(&sums[c].unlabelled[s]);
            for (size_t g = 0; g < SIGHTING_COSTS; g++)
                sums[c].unlabelled[s].ln[g] += sums[c].labelled.ln[g];
            ln[c].of_share[s] = ln_mean(sums[c].unlabelled[s].ln);
        }
    }
    free(sums);
}

double sightings_ln_own(const struct sightings *sightings, struct sighting_ln *const *each,
                        size_t count)
{
    double sum = -INFINITY;

    for (int s = 0; s < SIGHTING_SHARES; s++) {
        double ln = 0;

        for (size_t c = 0; c < sightings->study->configurations; c++) {
            double own = -INFINITY;

            for (size_t k = 0; k < count; k++)
                own = sighting_ln_sum(own, each[k][c].of_share[s]);
            ln += own - log((double)count);
        }
        sum = sighting_ln_sum(sum, ln - log(SIGHTING_SHARES));
    }
    return sum;
}

double sightings_ln(const struct sightings *sightings, const double *chance)
{
    struct sighting_ln *ln = memory_new(sightings->study->configurations, sizeof *ln);
    double all;

    sightings_ln_each(sightings, chance, ln);
    all = sightings_ln_own(sightings, &ln, 1);
    free(ln);
    return all;
}

void sightings_clear(struct sightings *sightings)
{
    free(sightings->visit);
    *sightings = (struct sightings){0};
}
