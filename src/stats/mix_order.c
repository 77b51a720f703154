#include "stats/mix_order.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/memory.h"

enum { WAITED_LEAST = 5 };

/* Calls that come closer together may pass each other on their way: so much of what a batch takes
 * on average. */
static const double on_the_way = 0.5;

/* --- In which order they came ----------------------------------------------------------------- */

static bool is_in(const struct mix_call *call, double from_s, double until_s)
{
    return call->counts && call->sent_s >= from_s && call->sent_s < until_s;
}

static size_t configuration_of(const struct mix_calls *calls, const struct mix_call *call)
{
    return calls->batch[call->batch].configuration;
}

static size_t configurations(const struct mix_calls *calls)
{
    size_t most = 0;

    for (size_t i = 0; i < calls->batches; i++)
        most = calls->batch[i].configuration >= most ? calls->batch[i].configuration + 1 : most;
    return most;
}

double mix_order_in_a_row(const struct mix_calls *calls, double from_s, double until_s)
{
    size_t *number = memory_new(configurations(calls), sizeof *number);
    size_t before = SIZE_MAX, runs = 0, count = 0;
    double squares = 0;

    for (size_t i = 0; i < calls->count; i++) {
        size_t configuration = configuration_of(calls, &calls->call[i]);

        if (!is_in(&calls->call[i], from_s, until_s))
            continue;
        runs += configuration != before;
        before = configuration;
        number[configuration]++;
        count++;
    }
    for (size_t i = 0; count > 0 && i < configurations(calls); i++)
        squares += pow((double)number[i] / (double)count, 2);
    free(number);
    return count > 0 ? fmax(1, (double)count / (double)runs * (1 - squares)) : NAN;
}

/* --- In which they were served ---------------------------------------------------------------- */

/* Of the calls that were not served yet: the one that came first. */
struct waiting {
    double sent_s;
    size_t configuration;
};

/* Behind each batch, the two configurations whose oldest calls are the oldest; the second is for
 * batches of the first one's own. */
static void keep_oldest(struct waiting oldest[2], struct waiting next)
{
    if (next.configuration == oldest[0].configuration) {
        oldest[0].sent_s = fmin(oldest[0].sent_s, next.sent_s);
    } else if (next.sent_s < oldest[0].sent_s) {
        oldest[1] = oldest[0];
        oldest[0] = next;
    } else if (next.sent_s < oldest[1].sent_s) {
        oldest[1] = next;
    }
}

/* When the first call of each batch was sent; NAN where none of them is to be looked at. */
static double *first_sent(const struct mix_calls *calls, double from_s, double until_s)
{
    double *sent_s = memory_new(calls->batches, sizeof *sent_s);

    for (size_t i = 0; i < calls->batches; i++)
        sent_s[i] = NAN;
    for (size_t i = calls->count; i > 0; i--) { /* the earliest last */
        const struct mix_call *call = &calls->call[i - 1];

        if (call->sent_s >= from_s && call->sent_s < until_s)
            sent_s[call->batch] = call->sent_s;
    }
    return sent_s;
}

static double batch_s(const struct mix_calls *calls)
{
    double sum_s = 0;

    for (size_t i = 0; i < calls->batches; i++)
        sum_s += calls->batch[i].end_s - calls->batch[i].begin_s;
    return calls->batches > 0 ? sum_s / (double)calls->batches : 0;
}

double mix_order_overtaken(const struct mix_calls *calls, double from_s, double until_s)
{
    double *sent_s = first_sent(calls, from_s, until_s), waited = 0, overtook = 0;
    double margin_s = on_the_way * batch_s(calls);
    struct waiting oldest[2] = {{INFINITY, SIZE_MAX}, {INFINITY, SIZE_MAX}};

    for (size_t i = calls->batches; i > 0; i--) {
        const struct mix_batch *batch = &calls->batch[i - 1];
        const struct waiting *other = &oldest[oldest[0].configuration == batch->configuration];

        if (isnan(sent_s[i - 1]))
            continue;
        waited += other->sent_s < batch->begin_s;
        overtook += other->sent_s < sent_s[i - 1] - margin_s;
        keep_oldest(oldest, (struct waiting){sent_s[i - 1], batch->configuration});
    }
    free(sent_s);
    return waited >= WAITED_LEAST ? overtook / waited : NAN;
}
