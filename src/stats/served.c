#include "stats/served.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"

/* Requests that the server ran together. */
struct batch {
    double ttft_s, size;
    size_t wave;          /* the first of its requests' waves */
    double first_token_s; /* of the client's clock, when the first of them came */
    double sent_s;        /* by the same clock, when the first of them left */
    double tokens;        /* their prompts, summed */
    size_t requests;
};

static int by_ttft_then_end(const void *a, const void *b)
{
    const struct wave_sample *x = a, *y = b;

    if (x->server_s != y->server_s)
        return (x->server_s > y->server_s) - (x->server_s < y->server_s);
    if (x->outcome->done_ns != y->outcome->done_ns)
        return (x->outcome->done_ns > y->outcome->done_ns) -
               (x->outcome->done_ns < y->outcome->done_ns);
    return (x->outcome->index > y->outcome->index) - (x->outcome->index < y->outcome->index);
}

static int by_first_token(const void *a, const void *b)
{
    const struct batch *x = a, *y = b;

    return (x->first_token_s > y->first_token_s) - (x->first_token_s < y->first_token_s);
}

static double sent_s(const struct wave_sample *sample)
{
    return (double)waves_sent_ns(sample->outcome) / (double)CLOCK_NS_PER_S;
}

static double first_token_s(const struct wave_sample *sample)
{
    return sent_s(sample) + (isnan(sample->client_s) ? 0 : sample->client_s);
}

static void join(struct batch *batch, const struct wave_sample *sample)
{
    batch->requests++;
    batch->wave = sample->wave < batch->wave ? sample->wave : batch->wave;
    batch->first_token_s = fmin(batch->first_token_s, first_token_s(sample));
    batch->sent_s = fmin(batch->sent_s, sent_s(sample));
    batch->tokens += sample->outcome->figures.value[METRIC_NUMBER_INPUT_TOKENS];
}

/* How large the batch was: as the server says, else the next power of two. */
static double size_of(const struct batch *batch, const struct wave_sample *sample)
{
    double said = sample->outcome->figures.value[METRIC_BATCH_SIZE_USED], size = 1;

    while (size < (double)batch->requests)
        size *= 2;
    return isnan(said) ? size : said;
}

/* The batches, in the order of their first tokens; returns how many. */
static size_t find_batches(const struct waves *waves, struct batch *batch)
{
    struct wave_sample *sample = memory_new(waves->count, sizeof *sample);
    size_t count = 0, from = 0;

    for (size_t i = 0; i < waves->count; i++)
        sample[i] = waves->sample[i];
    if (waves->count > 0)
        qsort(sample, waves->count, sizeof *sample, by_ttft_then_end);
    while (from < waves->count) {
        const struct wave_sample *first = &sample[from];
        size_t to = from;
        struct batch *one = &batch[count++];

        *one = (struct batch){.ttft_s = first->server_s,
                              .wave = first->wave,
                              .first_token_s = INFINITY,
                              .sent_s = INFINITY};
        /* Those of one TTFT that overlapped were sent before the first of them was done. */
        for (; to < waves->count && sample[to].server_s == first->server_s &&
               (to == from || waves_sent_ns(sample[to].outcome) < first->outcome->done_ns);
             to++)
            join(one, &sample[to]);
        one->size = size_of(one, first);
        from = to;
    }
    if (count > 0)
        qsort(batch, count, sizeof *batch, by_first_token);
    free(sample);
    return count;
}

struct batches {
    struct batch *batch;
    size_t count;
    bool bursts;
};

/* Whether a batch counts as steady for its size: of bursts, only the first of that size in each, as
 * of the exposed burst. */
static bool is_steady(const struct batches *batches, size_t i)
{
    const struct batch *batch = &batches->batch[i];

    if (batch->wave == 0)
        return false;
    for (size_t k = 0; k < i && batches->bursts; k++) {
        if (batches->batch[k].wave == batch->wave && batches->batch[k].size == batch->size)
            return false;
    }
    return true;
}

static struct switch_sample observation(const struct batch *batch)
{
    return (struct switch_sample){.ttft_s = batch->ttft_s,
                                  .after_s = batch->sent_s,
                                  .tokens = batch->tokens / (double)batch->requests};
}

/* The batch `first` against the steady ones of its size. */
static struct switch_side compare_batches(const struct batches *batches, size_t first)
{
    struct switch_sample *steady = memory_new(batches->count, sizeof *steady);
    const struct switch_sample exposed = observation(&batches->batch[first]);
    struct switch_side side;
    size_t count = 0;

    for (size_t i = 0; i < batches->count; i++) {
        if (i != first && batches->batch[i].size == batches->batch[first].size &&
            is_steady(batches, i))
            steady[count++] = observation(&batches->batch[i]);
    }
    side = waves_compare(&exposed, steady, count);
    free(steady);
    return side;
}

static bool first_of_size(const struct batches *batches, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (batches->batch[k].size == batches->batch[i].size)
            return false;
    }
    return true;
}

static bool was_seen(const struct switch_evidence *evidence, double size)
{
    for (size_t i = 0; i < evidence->insides; i++) {
        if (evidence->inside[i].batch_size == size)
            return true;
    }
    return evidence->batch_size == size;
}

/* The first batch of each further size: what it runs as may have to be loaded too. */
static void look_inside(const struct batches *batches, struct switch_evidence *evidence)
{
    for (size_t i = 0; i < batches->count; i++) {
        struct switch_side side;

        if (evidence->insides == SWITCH_INSIDE_MOST || !first_of_size(batches, i) ||
            was_seen(evidence, batches->batch[i].size))
            continue;
        side = compare_batches(batches, i);
        if (side.steady > 0)
            evidence->inside[evidence->insides++] = (struct switch_inside){
                .batch_size = batches->batch[i].size, .side = side, .p = NAN};
    }
}

/* The step's first batch; where no steady one is of its size, the next exposed one that has some.
 */
static void compare_first(const struct batches *batches, struct switch_evidence *evidence)
{
    for (size_t i = 0; i < batches->count; i++) {
        const struct batch *batch = &batches->batch[i];

        if (batch->wave != 0)
            continue;
        if (batch->size != batches->batch[0].size)
            evidence->flags |= SWITCH_FLAG_MIXED_BATCHES;
        if (evidence->side[SWITCH_SERVER].steady > 0 || !first_of_size(batches, i))
            continue;
        evidence->side[SWITCH_SERVER] = compare_batches(batches, i);
        evidence->batch_size = batch->size;
    }
}

bool served_tells(const struct waves *waves)
{
    for (size_t i = 0; i < waves->count; i++) {
        if (!(waves->sample[i].server_s > 0))
            return false;
    }
    return waves->count > 0;
}

static struct batches batches_of(const struct waves *waves)
{
    struct batches batches = {.batch = memory_new(waves->count, sizeof *batches.batch),
                              .bursts = waves->bursts};

    if (served_tells(waves))
        batches.count = find_batches(waves, batches.batch);
    return batches;
}

void served_compare(const struct waves *waves, struct switch_evidence *evidence)
{
    struct batches batches = batches_of(waves);

    compare_first(&batches, evidence);
    look_inside(&batches, evidence);
    free(batches.batch);
}

void served_look_inside(const struct waves *waves, struct switch_evidence *evidence)
{
    struct batches batches = batches_of(waves);

    look_inside(&batches, evidence);
    free(batches.batch);
}
