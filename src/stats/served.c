#include "stats/served.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/batches.h"

/* Requests that the server ran together. */
struct batch {
    double ttft_s, size;
    size_t wave;          /* the first of its requests' waves */
    double first_token_s; /* of the client's clock, when the first of them came */
    double sent_s;        /* by the same clock, when the first of them left */
    double tokens;        /* their prompts, summed */
    size_t requests;
};

static int by_first_token(const void *a, const void *b)
{
    const struct batch *x = a, *y = b;

    if (x->first_token_s != y->first_token_s)
        return (x->first_token_s > y->first_token_s) - (x->first_token_s < y->first_token_s);
    return (x->sent_s > y->sent_s) - (x->sent_s < y->sent_s);
}

/* Adds a request, whose prompt's tokens are summed; the first one begins the batch. */
static void join(struct batch *batch, const struct wave_sample *sample,
                 const struct batch_member *member)
{
    double sent_s = (double)member->sent_ns / (double)CLOCK_NS_PER_S;
    double first_token_s = isnan(member->first_token_s) ? sent_s : member->first_token_s;

    if (batch->requests++ == 0)
        *batch = (struct batch){.ttft_s = member->server_ttft_s,
                                .size = member->size,
                                .wave = sample->wave,
                                .first_token_s = first_token_s,
                                .sent_s = sent_s,
                                .requests = 1};
    batch->wave = sample->wave < batch->wave ? sample->wave : batch->wave;
    batch->first_token_s = fmin(batch->first_token_s, first_token_s);
    batch->sent_s = fmin(batch->sent_s, sent_s);
    batch->tokens += sample->outcome->figures.value[METRIC_NUMBER_INPUT_TOKENS];
}

/* The batches, in the order of their first tokens; returns how many. Every request has a TTFT, and
 * so a batch. */
static size_t find_batches(const struct waves *waves, struct batch *batch)
{
    struct batch_member *member = memory_new(waves->count, sizeof *member);
    size_t count = 0;

    for (size_t i = 0; i < waves->count; i++)
        member[i] = batches_member(waves->sample[i].outcome);
    batches_find(member, waves->count);
    for (size_t i = 0; i < waves->count; i++) {
        join(&batch[member[i].batch], &waves->sample[i], &member[i]);
        count = member[i].batch + 1 > count ? member[i].batch + 1 : count;
    }
    if (count > 0)
        qsort(batch, count, sizeof *batch, by_first_token);
    free(member);
    return count;
}

struct batches {
    struct batch *batch;
    size_t count, requests;
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

static bool was_seen(const struct switch_measurement *measurement, double size)
{
    for (size_t i = 0; i < measurement->insides; i++) {
        if (measurement->inside[i].batch_size == size)
            return true;
    }
    return measurement->batch_size == size;
}

/* The first batch of each further size: what it runs as may have to be loaded too. */
static void look_inside(const struct batches *batches, struct switch_measurement *measurement)
{
    for (size_t i = 0; i < batches->count; i++) {
        struct switch_side side;

        if (measurement->insides == SWITCH_INSIDE_MOST || !first_of_size(batches, i) ||
            was_seen(measurement, batches->batch[i].size))
            continue;
        side = compare_batches(batches, i);
        if (side.steady > 0)
            measurement->inside[measurement->insides++] = (struct switch_inside){
                .batch_size = batches->batch[i].size, .side = side, .p = NAN};
    }
}

/* --- Which size is judged --------------------------------------------------------------------- */

static size_t find_first(const struct batches *batches, double size)
{
    size_t i = 0;

    while (i < batches->count && batches->batch[i].size != size)
        i++;
    return i;
}

/* The largest size below `below`; 0: none. */
static double next_smaller(const struct batches *batches, double below)
{
    double size = 0;

    for (size_t i = 0; i < batches->count; i++) {
        if (batches->batch[i].size < below)
            size = fmax(size, batches->batch[i].size);
    }
    return size;
}

static size_t requests_at(const struct batches *batches, double size)
{
    size_t requests = 0;

    for (size_t i = 0; i < batches->count; i++) {
        if (batches->batch[i].size == size)
            requests += batches->batch[i].requests;
    }
    return requests;
}

/* The size of more than half of the requests, else the largest. */
static double most_ran_at(const struct batches *batches, size_t requests)
{
    for (double size = INFINITY; (size = next_smaller(batches, size)) > 0;) {
        if (2 * requests_at(batches, size) > requests)
            return size;
    }
    return next_smaller(batches, INFINITY);
}

/* A row may be longer than what is looked at here, so its own word comes first where it fits. */
static double size_to_judge(const struct batches *batches, double representative)
{
    bool occurs = find_first(batches, representative) < batches->count;

    return occurs ? representative : most_ran_at(batches, batches->requests);
}

static bool compare_size(const struct batches *batches, double size,
                         struct switch_measurement *measurement)
{
    size_t first = find_first(batches, size);

    measurement->batch_size = size;
    if (first == batches->count)
        return false; /* a server may say sizes that are none */
    measurement->side[SWITCH_SERVER] = compare_batches(batches, first);
    return measurement->side[SWITCH_SERVER].steady > 0;
}

/* Where that size has no steady batch, the next that has some; it tells less. */
static void compare_one(const struct batches *batches, double representative,
                        struct switch_measurement *measurement)
{
    double wanted = size_to_judge(batches, representative);
    bool found = compare_size(batches, wanted, measurement);

    for (double size = INFINITY; !found && (size = next_smaller(batches, size)) > 0;) {
        found = compare_size(batches, size, measurement);
        measurement->flags |= found ? SWITCH_FLAG_OTHER_SIZE : 0;
    }
    if (!found)
        measurement->batch_size = wanted;
}

static void note_mixed(const struct batches *batches, struct switch_measurement *measurement)
{
    for (size_t i = 0; i < batches->count; i++) {
        if (batches->batch[i].wave == 0 && batches->batch[i].size != batches->batch[0].size)
            measurement->flags |= SWITCH_FLAG_MIXED_BATCHES;
    }
}

/* --- The whole -------------------------------------------------------------------------------- */

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
                              .requests = waves->count,
                              .bursts = waves->bursts};

    if (served_tells(waves))
        batches.count = find_batches(waves, batches.batch);
    return batches;
}

void served_compare(const struct waves *waves, double representative,
                    struct switch_measurement *measurement)
{
    struct batches batches = batches_of(waves);

    if (batches.count > 0) {
        note_mixed(&batches, measurement);
        compare_one(&batches, representative, measurement);
        look_inside(&batches, measurement);
    }
    free(batches.batch);
}

void served_look_inside(const struct waves *waves, struct switch_measurement *measurement)
{
    struct batches batches = batches_of(waves);

    look_inside(&batches, measurement);
    free(batches.batch);
}
