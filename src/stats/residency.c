#include "stats/residency.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/replicate.h"

static const double told_wrongly = 0.02;

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

/* Walks back from visit `i` to the last one that used its configuration; false where there is none
 * in its run, or none since it is known what ran: a run that was cut off is gone on with later.
 * `seen` is by configuration: the visit, from 1, in whose walk it was last met. */
static bool look_back(const struct study *study, size_t i, size_t *seen, struct revisit *revisit)
{
    const struct study_visit *visit = &study->visit[i];

    *revisit = (struct revisit){.fits_gb = visit->step->weight_gb, .paid = visit->paid};
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

/* --- Rules ------------------------------------------------------------------------------------ */

static double likelihood(size_t wrong, size_t count)
{
    return (double)wrong * log(told_wrongly) + (double)(count - wrong) * log(1 - told_wrongly);
}

/* How many revisits an LRU of `capacity` configurations tells wrongly. */
static size_t wrong_by_lru(const struct revisits *revisits, size_t capacity)
{
    size_t wrong = 0;

    for (size_t i = 0; i < revisits->count; i++)
        wrong += (revisits->revisit[i].distance + 1 > capacity) != revisits->revisit[i].paid;
    return wrong;
}

static size_t wrong_by_gb(const struct revisits *revisits, double capacity_gb)
{
    size_t wrong = 0;

    for (size_t i = 0; i < revisits->count; i++)
        wrong += (revisits->revisit[i].fits_gb > capacity_gb) != revisits->revisit[i].paid;
    return wrong;
}

/* A first-in memory that is followed through a run: configurations in the order they were loaded.
 */
struct fifo {
    size_t *queue;
    bool *there;
    size_t first, count, units;
};

static void fifo_empty(struct fifo *fifo)
{
    for (; fifo->count > 0; fifo->count--) {
        fifo->there[fifo->queue[fifo->first]] = false;
        fifo->first = (fifo->first + 1) % fifo->units;
    }
}

/* Whether the visit pays. */
static bool fifo_visit(struct fifo *fifo, size_t one, size_t capacity)
{
    if (fifo->there[one] || capacity == 0)
        return !fifo->there[one];
    if (fifo->count == capacity) {
        fifo->there[fifo->queue[fifo->first]] = false;
        fifo->first = (fifo->first + 1) % fifo->units;
        fifo->count--;
    }
    fifo->queue[(fifo->first + fifo->count++) % fifo->units] = one;
    fifo->there[one] = true;
    return true;
}

/* A run's first visit loads it, but tells nothing. */
static size_t wrong_by_fifo(const struct study *study, size_t capacity)
{
    struct fifo fifo = {.queue = memory_new(study->residency.units, sizeof *fifo.queue),
                        .there = memory_new(study->residency.units, sizeof *fifo.there),
                        .units = study->residency.units};
    size_t *known_in =
        memory_new(study->residency.units, sizeof *known_in); /* the last run to visit it, from 1 */
    size_t wrong = 0, run = 0;

    for (size_t i = 0; i < study->visits; i++) {
        const struct study_visit *visit = &study->visit[i];
        bool known, pays;

        if (visit->run != run)
            fifo_empty(&fifo);
        run = visit->run;
        pays = fifo_visit(&fifo, visit->configuration, capacity);
        known = known_in[visit->configuration] == run + 1;
        known_in[visit->configuration] = run + 1;
        wrong += known && visit_measured(visit) && pays != visit->paid;
    }
    free(known_in);
    free(fifo.there);
    free(fifo.queue);
    return wrong;
}

/* --- The most likely -------------------------------------------------------------------------- */

/* A capacity's weight, over both rules. */
struct candidates {
    double *weight[2]; /* by LRU, by FIFO; capacities 0 … units */
    size_t count;
};

static void weigh(const struct study *study, const struct revisits *revisits,
                  struct candidates *candidates)
{
    double most = -INFINITY;

    candidates->count = study->residency.units + 1;
    for (int rule = 0; rule < 2; rule++) {
        candidates->weight[rule] = memory_new(candidates->count, sizeof(double));
        for (size_t c = 0; c < candidates->count; c++) {
            size_t wrong = rule == 0 ? wrong_by_lru(revisits, c) : wrong_by_fifo(study, c);

            candidates->weight[rule][c] = likelihood(wrong, revisits->count);
            most = fmax(most, candidates->weight[rule][c]);
        }
    }
    for (int rule = 0; rule < 2; rule++) {
        for (size_t c = 0; c < candidates->count; c++)
            candidates->weight[rule][c] = exp(candidates->weight[rule][c] - most);
    }
}

static double weight_of(const struct candidates *candidates, size_t capacity)
{
    return candidates->weight[0][capacity] + candidates->weight[1][capacity];
}

/* The best capacity, and the neighbours that together hold 95 % of the weight. */
static void choose(const struct candidates *candidates, struct study_residency *residency)
{
    double all = 0, held, lru = 0;
    size_t best = 0, low, high;

    for (size_t c = 0; c < candidates->count; c++) {
        all += weight_of(candidates, c);
        lru += candidates->weight[0][c];
        best = weight_of(candidates, c) >= weight_of(candidates, best) ? c : best;
    }
    low = high = best;
    held = weight_of(candidates, best);
    while (held < REPLICATE_CONFIDENCE * all) {
        double below = low > 0 ? weight_of(candidates, low - 1) : -1;
        double above = high + 1 < candidates->count ? weight_of(candidates, high + 1) : -1;

        held += fmax(below, above);
        if (below > above)
            low--;
        else
            high++;
    }
    residency->capacity = best;
    residency->capacity_low = low;
    residency->capacity_high = high;
    residency->probability = weight_of(candidates, best) / all;
    residency->lru_probability = lru / all;
}

static int by_gb(const void *a, const void *b)
{
    const struct revisit *x = a, *y = b;

    return (x->fits_gb > y->fits_gb) - (x->fits_gb < y->fits_gb);
}

/* Between which two sums of weights the step lies; sorts the revisits. */
static void fit_gb(struct revisits *revisits, struct study_residency *residency)
{
    size_t least;

    residency->gb_low = residency->gb_high = NAN;
    for (size_t i = 0; i < revisits->count; i++) {
        if (isnan(revisits->revisit[i].fits_gb))
            return;
    }
    qsort(revisits->revisit, revisits->count, sizeof *revisits->revisit, by_gb);
    least = wrong_by_gb(revisits, 0);
    residency->gb_low = 0;
    residency->gb_high = revisits->revisit[0].fits_gb;
    for (size_t i = 0; i < revisits->count; i++) {
        double fits = revisits->revisit[i].fits_gb;
        size_t wrong = wrong_by_gb(revisits, fits);

        if (wrong >= least)
            continue;
        least = wrong;
        residency->gb_low = fits;
        residency->gb_high = INFINITY;
        for (size_t k = i + 1; k < revisits->count && isinf(residency->gb_high); k++) {
            if (revisits->revisit[k].fits_gb > fits)
                residency->gb_high = revisits->revisit[k].fits_gb;
        }
    }
    residency->gb_wrong = least;
}

void residency_fit(struct study *study)
{
    struct study_residency *residency = &study->residency;
    struct candidates candidates;
    struct revisits revisits;

    *residency = (struct study_residency){.units = study->configurations,
                                          .by_configuration = study->by_configuration};
    collect(study, &revisits);
    count_by_distance(&revisits, residency);
    if (revisits.count > 0) {
        weigh(study, &revisits, &candidates);
        choose(&candidates, residency);
        residency->wrong = residency->lru_probability >= 0.5
                               ? wrong_by_lru(&revisits, residency->capacity)
                               : wrong_by_fifo(study, residency->capacity);
        fit_gb(&revisits, residency);
        residency->by_weight =
            isfinite(residency->gb_low) && residency->gb_wrong <= residency->wrong;
        free(candidates.weight[0]);
        free(candidates.weight[1]);
    }
    free(revisits.revisit);
}

void residency_clear(struct study_residency *residency)
{
    free(residency->visits);
    free(residency->paid);
    *residency = (struct study_residency){0};
}
