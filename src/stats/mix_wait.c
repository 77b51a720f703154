#include "stats/mix_wait.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/mix_use.h"
#include "stats/quantile.h"
#include "stats/queue.h"

static const double overlap_most = 0.05; /* of the time that batches take */

static bool one_by_one(const struct mix_calls *calls, bool by_first_token)
{
    return mix_use_overlap(calls, MIX_USE_ALL, by_first_token) <= overlap_most;
}

/* What lies between sending and the node besides waiting: what calls took that came while it was
 * idle. */
static double passage_s(const struct mix_calls *calls, bool by_first_token)
{
    double *values = memory_new(calls->count, sizeof *values), median = 0;
    size_t count = 0;

    for (size_t i = 0; i < calls->count; i++) {
        const struct mix_call *call = &calls->call[i];
        const struct mix_batch *batch = &calls->batch[call->batch];

        if (call->batch > 0 && mix_use_free_s(batch - 1, by_first_token) <= call->sent_s)
            values[count++] = batch->begin_s - call->sent_s;
    }
    quantile_sort(values, count);
    if (count > 0)
        median = quantile_of_sorted(values, count, 0.5);
    free(values);
    return median;
}

/* One configuration a member: nothing has to be loaded, so that no more is needed. */
static struct queue_configuration *largest_batches(const struct mix_calls *calls, size_t *members)
{
    struct queue_configuration *loads;

    *members = 0;
    for (size_t i = 0; i < calls->batches; i++)
        *members = calls->batch[i].member >= *members ? calls->batch[i].member + 1 : *members;
    loads = memory_new(*members, sizeof *loads);
    for (size_t i = 0; i < *members; i++)
        loads[i] = (struct queue_configuration){.weight = 1, .batch_most = 1};
    for (size_t i = 0; i < calls->batches; i++) {
        const struct mix_batch *batch = &calls->batch[i];

        if (batch->calls > loads[batch->member].batch_most)
            loads[batch->member].batch_most = batch->calls;
    }
    return loads;
}

static struct queue_call *without_switches(const struct mix_calls *calls, bool by_first_token)
{
    struct queue_call *queued = memory_new(calls->count, sizeof *queued);

    for (size_t i = 0; i < calls->count; i++) {
        const struct mix_call *call = &calls->call[i];
        const struct mix_batch *batch = &calls->batch[call->batch];
        double took_s = mix_use_free_s(batch, by_first_token) - batch->begin_s - batch->extra_s;

        queued[i] = (struct queue_call){.at_s = call->sent_s - calls->call[0].sent_s,
                                        .service_s = fmax(took_s, 0),
                                        .configuration = call->member};
    }
    return queued;
}

bool mix_wait_find(const struct mix_calls *calls, double *longer_s)
{
    bool by_first_token = !one_by_one(calls, false);
    struct queue_node node = {.capacity = INFINITY, .expiry_s = INFINITY};
    struct queue_configuration *loads;
    struct queue_call *queued;
    double way_s;

    if (calls->source != SWITCH_SERVER || calls->count == 0 ||
        (by_first_token && !one_by_one(calls, true)))
        return false;
    node.configuration = loads = largest_batches(calls, &node.configurations);
    queued = without_switches(calls, by_first_token);
    way_s = passage_s(calls, by_first_token);
    queue_run(&node, queued, calls->count);
    for (size_t i = 0; i < calls->count; i++) {
        const struct mix_call *call = &calls->call[i];
        const struct mix_batch *batch = &calls->batch[call->batch];

        longer_s[i] = batch->begin_s - call->sent_s - way_s + batch->extra_s -
                      (queued[i].begin_s - queued[i].at_s);
    }
    free(queued);
    free(loads);
    return true;
}
