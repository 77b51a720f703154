#include "stats/mix_use.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/memory.h"

static const double beside = 0.25;

double mix_use_free_s(const struct mix_batch *batch, bool by_first_token)
{
    return by_first_token ? batch->begin_s + batch->ttft_s : batch->end_s;
}

static bool is_of(const struct mix_batch *batch, size_t member)
{
    return member == MIX_USE_ALL || batch->member == member;
}

/* When the first call of each batch was sent. */
static double *first_sent(const struct mix_calls *calls)
{
    double *sent_s = memory_new(calls->batches, sizeof *sent_s);

    for (size_t i = 0; i < calls->batches; i++)
        sent_s[i] = INFINITY;
    for (size_t i = 0; i < calls->count; i++) {
        double *first_s = &sent_s[calls->call[i].batch];

        *first_s = fmin(*first_s, calls->call[i].sent_s);
    }
    return sent_s;
}

/* From the last to the first, each batch is moved before the one behind it, as far as its calls
 * were sent by then; what still overlaps did. */
double mix_use_overlap(const struct mix_calls *calls, size_t member, bool by_first_token)
{
    double *sent_s = first_sent(calls), over_s = 0, all_s = 0, next_s = INFINITY;

    for (size_t i = calls->batches; i > 0; i--) {
        const struct mix_batch *batch = &calls->batch[i - 1];
        double took_s = mix_use_free_s(batch, by_first_token) - batch->begin_s;
        double begin_s = fmin(batch->begin_s, next_s - took_s);

        if (!is_of(batch, member))
            continue;
        over_s += fmin(fmax(sent_s[i - 1] - begin_s, 0), took_s);
        all_s += took_s;
        next_s = fmax(begin_s, sent_s[i - 1]);
    }
    free(sent_s);
    return all_s > 0 ? over_s / all_s : 0;
}

static bool is_told(const struct mix_calls *calls, size_t member)
{
    bool any = false;

    if (calls->source != SWITCH_SERVER)
        return false;
    for (size_t i = 0; i < calls->count; i++) {
        const struct mix_call *call = &calls->call[i];

        if (member != MIX_USE_ALL && call->member != member)
            continue;
        any = true;
        if (!(call->server_latency_s >= 0))
            return false;
    }
    return any;
}

/* Batches stand in the order they began. `any`: what they do beside each other counts once. */
static double used_s(const struct mix_calls *calls, size_t member, double from_s, double until_s,
                     bool any)
{
    double sum_s = 0, covered_s = from_s;

    for (size_t i = 0; i < calls->batches; i++) {
        const struct mix_batch *batch = &calls->batch[i];
        double begin_s = fmax(batch->begin_s, any ? covered_s : from_s);
        double end_s = fmin(batch->end_s, until_s);

        if (!is_of(batch, member) || end_s <= begin_s)
            continue;
        sum_s += end_s - begin_s;
        covered_s = fmax(covered_s, end_s);
    }
    return sum_s;
}

double mix_use_share(const struct mix_calls *calls, size_t member, double from_s, double until_s)
{
    if (!is_told(calls, member))
        return NAN;
    if (isinf(from_s))
        from_s = calls->batch[0].begin_s;
    if (isinf(until_s)) {
        until_s = from_s;
        for (size_t i = 0; i < calls->batches; i++)
            until_s = fmax(until_s, calls->batch[i].end_s);
    }
    return used_s(calls, member, from_s, until_s, mix_use_overlap(calls, member, false) > beside) /
           (until_s - from_s);
}
