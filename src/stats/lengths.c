#include "stats/lengths.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* The slope's standard error is at most so much of it, else it is not known; degrees of freedom. */
static const double error_most = 0.5;
enum { LEAST_DF = 3 };

/* Around the mean: x tokens, y seconds. */
struct sums {
    double count, x, y, xx, xy, yy;
};

struct slope {
    double s_per_token, error; /* NAN: not known */
};

static const struct switch_side *side_of(const struct study *study, size_t visit,
                                         enum switch_source source)
{
    return &study->visit[visit].step->measurement.side[source];
}

static void add(const struct switch_side *side, struct sums *sums)
{
    for (size_t i = 0; i < side->samples; i++) {
        double x = side->sample[i].tokens, y = side->sample[i].ttft_s;

        if (side->sample[i].left_out || !(x > 0))
            continue;
        sums->count++;
        sums->x += x;
        sums->y += y;
        sums->xx += x * x;
        sums->xy += x * y;
        sums->yy += y * y;
    }
}

static struct slope solve(const struct sums *sums)
{
    double xx = sums->xx - sums->x * sums->x / sums->count;
    double xy = sums->xy - sums->x * sums->y / sums->count;
    double yy = sums->yy - sums->y * sums->y / sums->count;
    double df = sums->count - 2;
    struct slope slope = {NAN, NAN};

    if (df < LEAST_DF || !(xx > 0))
        return slope;
    slope.s_per_token = fmax(0, xy / xx);
    slope.error = sqrt(fmax(0, yy - xy * xy / xx) / df / xx);
    if (!(slope.error <= error_most * slope.s_per_token))
        slope.s_per_token = slope.error = NAN;
    return slope;
}

/* By the steady requests of all visits to rows of the model. */
static struct slope slope_of(const struct study *study, const char *model,
                             enum switch_source source)
{
    struct sums sums = {0};

    for (size_t i = 0; i < study->visits; i++) {
        if (study->visit[i].step->measurement.reason == SWITCH_MEASURABLE &&
            strcmp(study->visit[i].step->row.model_name, model) == 0)
            add(side_of(study, i, source), &sums);
    }
    return solve(&sums);
}

static double steady_tokens(const struct switch_side *side)
{
    double sum = 0, count = 0;

    for (size_t i = 0; i < side->samples; i++) {
        sum += side->sample[i].left_out ? 0 : side->sample[i].tokens;
        count += !side->sample[i].left_out;
    }
    return sum / count;
}

/* The exposed observation as if its prompt were as long as the others'. */
static void correct(struct switch_side *side, double off_s, double error_s, double unsure_s)
{
    double corrected_s = fmax(side->measured_s - off_s, side->measured_s / 1000);

    side->log_ratio += log(corrected_s / side->exposed_s);
    side->exposed_s = corrected_s;
    side->correction_error_s = error_s;
    side->unsure_s = unsure_s;
}

static void take_out(struct slope slope, enum switch_source source,
                     struct switch_measurement *measurement)
{
    struct switch_side *side = &measurement->side[source];
    double tokens = steady_tokens(side), apart = side->exposed_tokens - tokens;
    double whole_s = apart * side->steady_s / tokens;

    if (!isfinite(apart))
        return;
    if (isfinite(slope.s_per_token)) {
        correct(side, apart * slope.s_per_token, fabs(apart) * slope.error, 0);
        if (source == measurement->source)
            measurement->flags |= SWITCH_FLAG_LENGTH_TAKEN_OUT;
    } else
        correct(side, whole_s / 2, fabs(whole_s) / sqrt(12), fabs(whole_s));
}

void lengths_take_out(struct study *study, enum switch_source source)
{
    struct slope *slope =
        memory_new(study->rows, sizeof *slope); /* of each row, once it is asked for */
    bool *known = memory_new(study->rows, sizeof *known);

    for (size_t i = 0; i < study->visits; i++) {
        struct step *step = study->visit[i].step;
        size_t row = study->visit[i].row;

        if (step->measurement.reason != SWITCH_MEASURABLE ||
            !(step->measurement.flags & SWITCH_FLAG_PROMPT_LENGTHS) ||
            step->measurement.side[source].samples == 0)
            continue;
        if (!known[row])
            slope[row] = slope_of(study, step->row.model_name, source);
        known[row] = true;
        take_out(slope[row], source, &step->measurement);
    }
    free(known);
    free(slope);
}
