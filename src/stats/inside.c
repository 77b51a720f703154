#include "stats/inside.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/quantile.h"

/* Further switches inside the row: the first batch of each other size, adjusted by the number of
 * all that are looked at. */
static void judge(struct switch_measurement *measurement, struct spread_used spread, size_t all)
{
    for (size_t i = 0; i < measurement->insides && spread.df > 0; i++) {
        struct switch_inside *inside = &measurement->inside[i];

        inside->p = replicate_judge(&inside->side, spread).p;
        inside->found = inside->p * (double)all <= REPLICATE_LEVEL;
    }
}

/* Of a row that a switch was found in, those visits that show it. */
static void flag(struct study *study, const size_t *member, size_t count, double batch_size)
{
    for (size_t i = 0; i < count; i++) {
        struct switch_measurement *measurement = &study->visit[member[i]].step->measurement;

        for (size_t k = 0; k < measurement->insides; k++) {
            if (measurement->inside[k].batch_size == batch_size && measurement->inside[k].found)
                measurement->flags |= SWITCH_FLAG_INSIDE;
        }
    }
}

/* What the visits to a row show of batches of one size, which some of them ran. */
static void combine(const struct study *study, const size_t *member, size_t count,
                    double batch_size, struct study_inside *into)
{
    double *value_s = memory_new(count, sizeof *value_s);

    *into = (struct study_inside){
        .row = &study->visit[member[0]].step->row, .batch_size = batch_size, .value_s = NAN};
    for (size_t i = 0; i < count; i++) {
        const struct switch_measurement *measurement = &study->visit[member[i]].step->measurement;

        for (size_t k = 0; k < measurement->insides; k++) {
            const struct switch_inside *inside = &measurement->inside[k];

            into->visits += inside->batch_size == batch_size;
            if (inside->batch_size == batch_size && inside->found)
                value_s[into->found++] = inside->side.exposed_s - inside->side.steady_s;
        }
    }
    if (into->found < replicate_needed(into->visits)) /* stalls may be why */
        into->found = 0;
    quantile_sort(value_s, into->found);
    if (into->found > 0)
        into->value_s = quantile_of_sorted(value_s, into->found, 0.5);
    free(value_s);
}

/* The next larger batch size inside visits to a row; INFINITY: none. */
static double next_size(const struct study *study, const size_t *member, size_t count, double above)
{
    double next = INFINITY;

    for (size_t i = 0; i < count; i++) {
        const struct switch_measurement *measurement = &study->visit[member[i]].step->measurement;

        for (size_t k = 0; k < measurement->insides; k++) {
            if (measurement->inside[k].batch_size > above)
                next = fmin(next, measurement->inside[k].batch_size);
        }
    }
    return next;
}

static void look_at_row(struct study *study, const size_t *member, size_t count)
{
    for (double size = 0; isfinite(size = next_size(study, member, count, size));) {
        struct study_inside *inside;

        study->inside = memory_grow(study->inside, study->insides, sizeof *study->inside);
        inside = &study->inside[study->insides++];
        combine(study, member, count, size, inside);
        if (inside->found > 0)
            flag(study, member, count, size);
    }
}

void inside_look(struct study *study, const struct grouping *rows, const struct spread *spread)
{
    size_t all = 0;

    study->insides = 0;
    for (size_t i = 0; i < study->visits; i++) {
        study->visit[i].step->measurement.flags &= ~SWITCH_FLAG_INSIDE;
        all += study->visit[i].step->measurement.insides;
    }
    for (size_t i = 0; i < study->visits; i++)
        judge(&study->visit[i].step->measurement, spread_of_row(spread, rows->group_of[i]), all);
    for (size_t g = 0; g < rows->groups; g++)
        look_at_row(study, &rows->member[rows->begin[g]], rows->begin[g + 1] - rows->begin[g]);
}

/* --- One size for a row ----------------------------------------------------------------------- */

static size_t judged_by(const struct study *study, const size_t *member, size_t count, double size)
{
    size_t visits = 0;

    for (size_t i = 0; i < count; i++) {
        const struct switch_measurement *measurement = &study->visit[member[i]].step->measurement;

        visits += measurement->reason == SWITCH_MEASURABLE && measurement->batch_size == size;
    }
    return visits;
}

/* The size that most visits are judged by, of several the largest; NAN: none. */
static double common_size(const struct study *study, const size_t *member, size_t count)
{
    double chosen = NAN;
    size_t most = 0;

    for (size_t i = 0; i < count; i++) {
        double size = study->visit[member[i]].step->measurement.batch_size;
        size_t visits = judged_by(study, member, count, size);

        if (visits > most || (visits == most && visits > 0 && size > chosen)) {
            most = visits;
            chosen = size;
        }
    }
    return chosen;
}

/* What the visit shows of this size takes the place of what it is judged by. */
static void judge_by(struct switch_measurement *measurement, double size)
{
    for (size_t k = 0; k < measurement->insides; k++) {
        struct switch_inside *inside = &measurement->inside[k], before = *inside;

        if (inside->batch_size != size)
            continue;
        inside->batch_size = measurement->batch_size;
        inside->side = measurement->side[SWITCH_SERVER];
        measurement->batch_size = before.batch_size;
        measurement->side[SWITCH_SERVER] = before.side;
        return;
    }
}

void inside_align(struct study *study, const struct grouping *rows)
{
    for (size_t g = 0; g < rows->groups; g++) {
        const size_t *member = &rows->member[rows->begin[g]];
        size_t count = rows->begin[g + 1] - rows->begin[g];
        double size = common_size(study, member, count);

        for (size_t i = 0; i < count; i++) {
            struct switch_measurement *measurement = &study->visit[member[i]].step->measurement;

            if (measurement->reason == SWITCH_MEASURABLE)
                judge_by(measurement, size);
            else if (size > 0)
                measurement->batch_size = size;
        }
    }
}

/* --- Another size that shows a switch --------------------------------------------------------- */

/* In how many visits to the row what it is judged by shows a switch. */
static size_t count_main(const struct study *study, const size_t *member, size_t count,
                         struct spread_used spread)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        const struct switch_measurement *measurement = &study->visit[member[i]].step->measurement;

        found += measurement->reason == SWITCH_MEASURABLE &&
                 replicate_judge(&measurement->side[SWITCH_SERVER], spread).p <=
                     REPLICATE_LEVEL / (double)study->visits;
    }
    return found;
}

/* In how many a further size does. */
static size_t count_further(const struct study *study, const size_t *member, size_t count,
                            double size)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        const struct switch_measurement *measurement = &study->visit[member[i]].step->measurement;

        for (size_t k = 0; k < measurement->insides; k++)
            found += measurement->inside[k].batch_size == size && measurement->inside[k].found;
    }
    return found;
}

/* The further size that most visits to the row show a switch at, of several the largest; NAN where
 * what it is judged by shows as many, or as many as stalls do not explain. */
static double size_that_shows(const struct study *study, const size_t *member, size_t count,
                              struct spread_used spread)
{
    size_t most = count_main(study, member, count, spread) + 1;
    double chosen = NAN;

    if (most > replicate_needed(count))
        return NAN;
    for (double size = 0; isfinite(size = next_size(study, member, count, size));) {
        size_t found = count_further(study, member, count, size);

        if (found < most)
            continue;
        most = found;
        chosen = size;
    }
    return chosen;
}

bool inside_prefer(struct study *study, const struct grouping *rows, const struct spread *spread)
{
    bool changed = false;

    for (size_t g = 0; g < rows->groups; g++) {
        const size_t *member = &rows->member[rows->begin[g]];
        size_t count = rows->begin[g + 1] - rows->begin[g];
        double size = size_that_shows(study, member, count, spread_of_row(spread, g));

        if (isnan(size) || study->visit[member[0]].step->measurement.source != SWITCH_SERVER)
            continue;
        changed = true;
        for (size_t i = 0; i < count; i++) {
            struct switch_measurement *measurement = &study->visit[member[i]].step->measurement;

            judge_by(measurement, size);
            measurement->flags |= measurement->batch_size == size ? SWITCH_FLAG_OTHER_SIZE : 0;
        }
    }
    return changed;
}

void inside_settle(struct switch_estimate *estimate)
{
    if (estimate->verdict == SWITCH_NOT_DETECTED && (estimate->flags & SWITCH_FLAG_OTHER_SIZE))
        estimate->verdict = SWITCH_INCONCLUSIVE;
}
