#include "stats/switching.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/spill.h"
#include "stats/batches.h"
#include "stats/quantile.h"

static const double deviations = 3;
static const double least_excess_s = 1e-6;

static bool every_completed_has(const struct outcome *outcomes, size_t count, enum metric metric)
{
    for (size_t i = 0; i < count; i++) {
        spill_pass(&outcomes[i], i);
        if (outcomes[i].end == REQUEST_COMPLETED && isnan(outcomes[i].figures.value[metric]))
            return false;
    }
    return true;
}

/* The TTFTs of the completed requests after the first, of sessions their first turns', since later
 * ones have longer prompts; returns how many. */
static size_t collect_rest(const struct outcome *outcomes, size_t count, enum metric ttft,
                           double *rest)
{
    size_t kept = 0;

    for (size_t i = 1; i < count; i++) {
        double value = outcomes[i].figures.value[ttft];

        spill_pass(&outcomes[i], i);
        if (outcomes[i].end == REQUEST_COMPLETED && outcomes[i].turn <= 1 && !isnan(value))
            rest[kept++] = value;
    }
    return kept;
}

static void apply_rule(double first, const double *rest, size_t count, struct switching *switching)
{
    double excess = first - quantile_mean(rest, count);
    double deviation = quantile_stddev(rest, count);

    switching->verdict = SWITCHING_NONE;
    if (excess > deviations * deviation && (deviation > 0 || excess >= least_excess_s)) {
        switching->verdict = SWITCHING_FOUND;
        switching->time_s = excess;
    }
}

struct switching switching_estimate(const struct outcome *outcomes, size_t count)
{
    struct switching switching = {.verdict = SWITCHING_TOO_FEW, .time_s = NAN};
    enum metric ttft;
    double *rest;
    size_t others;

    switching.from_server = every_completed_has(outcomes, count, METRIC_SERVER_TTFT_S);
    ttft = switching.from_server ? METRIC_SERVER_TTFT_S : METRIC_CLIENT_TTFT_S;
    if (count > 0 &&
        (outcomes[0].end != REQUEST_COMPLETED || isnan(outcomes[0].figures.value[ttft]))) {
        switching.verdict = outcomes[0].retried ? SWITCHING_RETRIED : SWITCHING_FIRST_FAILED;
        return switching;
    }
    rest = memory_new(count, sizeof *rest);
    others = collect_rest(outcomes, count, ttft, rest);
    if (others >= 2)
        apply_rule(outcomes[0].figures.value[ttft], rest, others, &switching);
    free(rest);
    return switching;
}

double switching_by_largest_batch(const struct outcome *outcomes, size_t count)
{
    struct batch_member *member = memory_new(count, sizeof *member);
    double largest = 0, least = INFINITY, most = -INFINITY;
    size_t completed = 0;

    for (size_t i = 0; i < count; i++) {
        spill_pass(&outcomes[i], i);
        if (outcomes[i].end == REQUEST_COMPLETED && outcomes[i].turn <= 1)
            member[completed++] = batches_member(&outcomes[i]);
    }
    batches_find(member, completed);
    for (size_t i = 0; i < completed; i++) {
        if (!isnan(member[i].server_ttft_s))
            largest = fmax(largest, member[i].size);
    }
    for (size_t i = 0; i < completed; i++) {
        if (member[i].size == largest && !isnan(member[i].server_ttft_s)) {
            least = fmin(least, member[i].server_ttft_s);
            most = fmax(most, member[i].server_ttft_s);
        }
    }
    free(member);
    return most >= least ? most - least : NAN;
}
