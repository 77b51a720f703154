#include "stats/knee.h"

#include <math.h>

/* Steps that did not grow, until it is taken for flat. */
enum { FLAT_STEPS = 2 };

/* Requests of a step: in units of trial_least, and of the load. */
enum { STEP_LEAST = 4, STEP_ROUNDS = 8 };

static const double normal_95 = 1.6448536;

static bool is_known(const struct trial *trial)
{
    return !isnan(trial->throughput) && trial->throughput > 0 && !trial->client_limited;
}

static double relative_error(const struct trial *trial)
{
    return isnan(trial->throughput_error) ? 0 : trial->throughput_error / trial->throughput;
}

struct load_estimate knee_of(const struct climb *climb)
{
    const struct trial *lowest = NULL, *most = NULL;
    double knee, error;

    for (size_t i = 0; i < climb->count; i++) {
        const struct trial *trial = &climb->trial[i];

        if (!is_known(trial))
            continue;
        if (!lowest || trial->load < lowest->load)
            lowest = trial;
        if (!most || trial->throughput > most->throughput)
            most = trial;
    }
    if (!lowest)
        return (struct load_estimate){NAN, NAN, NAN};
    knee = most->throughput;
    if (!climb->rule.trial.open_loop)
        knee /= lowest->throughput / lowest->load;
    error = normal_95 * hypot(relative_error(most), relative_error(lowest));
    return (struct load_estimate){knee, knee * exp(-error), knee * exp(error)};
}

/* How many of the last steps brought nothing beyond all before them. */
static size_t count_flat(const struct climb *climb)
{
    double most = 0;
    size_t flat = 0;

    for (size_t i = 0; i < climb->count; i++) {
        const struct trial *trial = &climb->trial[i];

        if (!is_known(trial))
            continue;
        flat = most > 0 && trial->throughput < most * (1 + climb->rule.trial.resolution) ? flat + 1
                                                                                         : 0;
        most = fmax(most, trial->throughput);
    }
    return flat;
}

static double highest_load(const struct climb *climb)
{
    double highest = 0;

    for (size_t i = 0; i < climb->count; i++)
        highest = fmax(highest, climb->trial[i].load);
    return highest;
}

static struct load_estimate whole(struct load_estimate knee)
{
    return (struct load_estimate){fmax(1, round(knee.load)), fmax(1, floor(knee.low + 0.5)),
                                  fmax(1, floor(knee.high + 0.5))};
}

static void plan_step(const struct climb *climb, double load, struct climb_step *next)
{
    next->load = fmin(fmax(load, climb->rule.low), climb->rule.high);
    next->most = (size_t)fmax((double)(STEP_LEAST * trial_least(climb->rule.trial.share)),
                              STEP_ROUNDS * next->load);
    next->warmup = (size_t)ceil(2 * next->load);
}

bool knee_next(const struct climb *climb, struct climb_step *next, struct climb_result *result)
{
    const struct trial *last = climb->count > 0 ? &climb->trial[climb->count - 1] : NULL;
    bool flat = count_flat(climb) >= FLAT_STEPS;

    *next = (struct climb_step){0};
    *result = (struct climb_result){.found = {NAN, NAN, NAN}, .kept = NAN, .broken = NAN};
    if (last && last->client_limited) {
        result->end = CLIMB_CLIENT_LIMIT;
        return false;
    }
    if (flat || (last && climb->confirms[climb->count - 1])) {
        result->found = whole(knee_of(climb));
        result->confirmed = climb->confirms[climb->count - 1];
        result->end = CLIMB_FOUND;
        if (result->confirmed || !climb->rule.confirm)
            return false;
        plan_step(climb, result->found.load, next);
        next->confirms = true;
        result->end = CLIMB_UNDER_WAY;
        return true;
    }
    if (highest_load(climb) >= climb->rule.high || climb->count >= CLIMB_STEPS_MOST) {
        result->end = CLIMB_ALWAYS_KEPT;
        return false;
    }
    plan_step(climb,
              climb->count == 0   ? climb->rule.low
              : climb->count == 1 ? fmax(climb->rule.start, 2 * climb->rule.low)
                                  : 2 * last->load,
              next);
    return true;
}
