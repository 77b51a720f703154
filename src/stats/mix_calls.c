#include "stats/mix_calls.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/spill.h"
#include "stats/batches.h"

/* Everything while it is put in order. */
struct ordering {
    const struct mix_outcomes *member;
    size_t members;
    struct mix_calls *calls;
    struct batch_member *found; /* of each call, before they are sorted */
};

static bool has_server_ttft(const struct outcome *outcome)
{
    return outcome->figures.value[METRIC_SERVER_TTFT_S] > 0;
}

static enum switch_source source_of(const struct mix_outcomes *members, size_t count)
{
    for (size_t m = 0; m < count; m++) {
        for (size_t i = 0; i < members[m].count; i++) {
            const struct outcome *outcome = members[m].outcome[i];

            spill_pass(outcome, i);
            if (outcome->end == REQUEST_COMPLETED && !has_server_ttft(outcome))
                return SWITCH_CLIENT;
        }
    }
    return SWITCH_SERVER;
}

static struct mix_call call_of(const struct outcome *outcome, const struct batch_member *found,
                               size_t member, enum switch_source source)
{
    double sent_s = (double)found->sent_ns / (double)CLOCK_NS_PER_S;

    return (struct mix_call){
        .member = member,
        .sent_s = sent_s,
        .first_token_s = found->first_token_s,
        .done_s = (double)found->done_ns / (double)CLOCK_NS_PER_S,
        .ttft_s = source == SWITCH_SERVER ? found->server_ttft_s : found->first_token_s - sent_s,
        .server_latency_s = outcome->figures.value[METRIC_SERVER_END_TO_END_LATENCY_S],
        .counts = outcome->phase == REQUEST_COUNTED};
}

/* Takes a member's completed calls, and finds its batches, whose numbers go on from `batch`.
 * Returns the next number. */
static size_t take(struct ordering *ordering, size_t member, size_t batch)
{
    const struct mix_outcomes *outcomes = &ordering->member[member];
    struct mix_calls *calls = ordering->calls;
    size_t begin = calls->count, next = batch;

    for (size_t i = 0; i < outcomes->count; i++) {
        const struct outcome *outcome = outcomes->outcome[i];

        spill_pass(outcome, i);
        if (outcome->end != REQUEST_COMPLETED)
            continue;
        ordering->found[calls->count] = batches_member(outcome);
        calls->call[calls->count] =
            call_of(outcome, &ordering->found[calls->count], member, calls->source);
        calls->count++;
    }
    if (calls->source == SWITCH_SERVER)
        batches_find(&ordering->found[begin], calls->count - begin);
    for (size_t i = begin; i < calls->count; i++) {
        bool grouped = calls->source == SWITCH_SERVER && ordering->found[i].batch != SIZE_MAX;
        size_t number = batch + (grouped ? ordering->found[i].batch : i - begin);

        calls->call[i].batch = number;
        next = number + 1 > next ? number + 1 : next;
    }
    return next;
}

/* What a batch took on the node is what its longest call did. */
static void fill_batch(const struct ordering *ordering, size_t i)
{
    struct mix_calls *calls = ordering->calls;
    const struct mix_call *call = &calls->call[i];
    struct mix_batch *batch = &calls->batch[call->batch];
    bool server = calls->source == SWITCH_SERVER;
    double begin_s = server ? call->first_token_s - call->ttft_s : call->sent_s;
    double end_s =
        server && call->server_latency_s > 0 ? begin_s + call->server_latency_s : call->done_s;

    if (batch->calls++ == 0)
        *batch = (struct mix_batch){.member = call->member,
                                    .configuration = ordering->member[call->member].configuration,
                                    .size = server ? ordering->found[i].size : 1,
                                    .calls = 1,
                                    .begin_s = begin_s,
                                    .ttft_s = call->ttft_s,
                                    .end_s = end_s,
                                    .paid = NAN,
                                    .extra_s = NAN};
    batch->begin_s = fmin(batch->begin_s, begin_s);
    batch->end_s = fmax(batch->end_s, end_s);
}

/* --- Their order ------------------------------------------------------------------------------ */

/* A batch by its number before they are sorted. */
struct place {
    double begin_s;
    size_t number;
};

static int by_begin(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->begin_s != y->begin_s)
        return x->begin_s < y->begin_s ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int by_sending(const void *a, const void *b)
{
    const struct mix_call *x = a, *y = b;

    if (x->sent_s != y->sent_s)
        return x->sent_s < y->sent_s ? -1 : 1;
    return (x->member > y->member) - (x->member < y->member);
}

static void sort_batches(struct mix_calls *calls)
{
    struct place *place = memory_new(calls->batches, sizeof *place);
    size_t *rank = memory_new(calls->batches, sizeof *rank);
    struct mix_batch *sorted = memory_new(calls->batches, sizeof *sorted);

    for (size_t i = 0; i < calls->batches; i++)
        place[i] = (struct place){calls->batch[i].begin_s, i};
    if (calls->batches > 0)
        qsort(place, calls->batches, sizeof *place, by_begin);
    for (size_t i = 0; i < calls->batches; i++) {
        rank[place[i].number] = i;
        sorted[i] = calls->batch[place[i].number];
    }
    for (size_t i = 0; i < calls->count; i++)
        calls->call[i].batch = rank[calls->call[i].batch];
    free(calls->batch);
    calls->batch = sorted;
    free(place);
    free(rank);
}

static void find_same(struct mix_calls *calls)
{
    for (size_t i = 1; i < calls->batches; i++) {
        const struct mix_batch *before = &calls->batch[i - 1];
        struct mix_batch *batch = &calls->batch[i];

        batch->same = before->configuration == batch->configuration && before->size == batch->size;
    }
}

/* --- What is under way at once ---------------------------------------------------------------- */

struct edge {
    double at_s;
    int by;
};

static int by_moment(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;

    if (x->at_s != y->at_s)
        return x->at_s < y->at_s ? -1 : 1;
    return x->by - y->by; /* what ends at this moment is over */
}

static void count_in_flight(struct mix_calls *calls)
{
    struct edge *edge = memory_new(2 * calls->count, sizeof *edge);
    double under_way = 0, sum_s = 0;

    for (size_t i = 0; i < calls->count; i++) {
        edge[2 * i] = (struct edge){calls->call[i].sent_s, 1};
        edge[2 * i + 1] = (struct edge){calls->call[i].done_s, -1};
        sum_s += calls->call[i].done_s - calls->call[i].sent_s;
    }
    if (calls->count > 0)
        qsort(edge, 2 * calls->count, sizeof *edge, by_moment);
    for (size_t i = 0; i < 2 * calls->count; i++) {
        under_way += edge[i].by;
        calls->most_in_flight = fmax(calls->most_in_flight, under_way);
    }
    if (calls->count > 0)
        calls->mean_in_flight = sum_s / (edge[2 * calls->count - 1].at_s - edge[0].at_s);
    free(edge);
}

/* Calls are in the order of sending. */
static void find_alone(struct mix_calls *calls)
{
    double done_s = -INFINITY;

    for (size_t i = 0; i < calls->count; i++) {
        const struct mix_call *call = &calls->call[i];

        calls->batch[call->batch].alone = call->sent_s >= done_s;
        done_s = fmax(done_s, call->done_s);
    }
}

/* --- All of it -------------------------------------------------------------------------------- */

static bool all_have_ttft(const struct mix_calls *calls)
{
    for (size_t i = 0; i < calls->count; i++) {
        if (!(calls->call[i].ttft_s > 0))
            return false;
    }
    return calls->count > 0;
}

void mix_calls_make(const struct mix_outcomes *members, size_t count, struct mix_calls *calls)
{
    struct ordering ordering = {.member = members, .members = count, .calls = calls};
    size_t all = 0;

    for (size_t m = 0; m < count; m++)
        all += members[m].count;
    *calls = (struct mix_calls){.call = memory_new(all, sizeof *calls->call),
                                .source = source_of(members, count)};
    ordering.found = memory_new(all, sizeof *ordering.found);
    for (size_t m = 0; m < count; m++)
        calls->batches = take(&ordering, m, calls->batches);
    calls->measurable = all_have_ttft(calls);
    calls->batch = memory_new(calls->batches, sizeof *calls->batch);
    for (size_t i = 0; i < calls->count; i++)
        fill_batch(&ordering, i);
    free(ordering.found);
    sort_batches(calls);
    find_same(calls);
    if (calls->count > 0)
        qsort(calls->call, calls->count, sizeof *calls->call, by_sending);
    count_in_flight(calls);
    find_alone(calls);
}

void mix_calls_clear(struct mix_calls *calls)
{
    free(calls->call);
    free(calls->batch);
    *calls = (struct mix_calls){0};
}
