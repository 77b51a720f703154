#include "stats/calls.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/spill.h"
#include "stats/batches.h"
#include "stats/mix_use.h"
#include "stats/quantile.h"
#include "stats/waves.h"

/* Calls of a long mix that are looked at for switches, and those before them. */
enum { LOOK_MOST = 200000, LOOK_BEFORE = 1000 };

/* --- Order ------------------------------------------------------------------------------------ */

static double figure(const struct call *call, enum metric metric)
{
    return call->outcome->figures.value[metric];
}

static int64_t find_service(const struct call *call)
{
    double wait_s =
        figure(call, METRIC_CLIENT_TTFT_FROM_SENT_S) - figure(call, METRIC_SERVER_TTFT_S);

    if (call->outcome->end != REQUEST_COMPLETED || isnan(wait_s))
        return CLOCK_NEVER;
    return waves_sent_ns(call->outcome) + clock_from_seconds(wait_s);
}

static int64_t find_arrival(const struct call *call)
{
    double delay_s = figure(call, METRIC_CLIENT_SCHEDULE_DELAY_S);
    int64_t sent_ns = waves_sent_ns(call->outcome);

    return call->open && !isnan(delay_s) ? sent_ns - clock_from_seconds(delay_s) : sent_ns;
}

/* Of pointers into one array, so that ties keep its order. */
static int by_sending(const void *a, const void *b)
{
    const struct call *x = *(const struct call *const *)a;
    const struct call *y = *(const struct call *const *)b;

    return x->sent_ns != y->sent_ns ? (x->sent_ns > y->sent_ns) - (x->sent_ns < y->sent_ns)
                                    : (x > y) - (x < y);
}

static int by_service(const void *a, const void *b)
{
    const struct call *x = *(const struct call *const *)a;
    const struct call *y = *(const struct call *const *)b;

    return x->service_ns != y->service_ns
               ? (x->service_ns > y->service_ns) - (x->service_ns < y->service_ns)
               : by_sending(a, b);
}

static void order_by_sending(struct call **sorted, size_t count)
{
    qsort(sorted, count, sizeof *sorted, by_sending);
    for (size_t i = 0; i < count; i++) {
        sorted[i]->arrival_index = i;
        sorted[i]->previous_sent = i > 0 ? sorted[i - 1]->configuration : CALL_NONE;
        sorted[i]->previous = sorted[i]->previous_sent;
    }
}

/* Numbers the batches of one member's calls from `first` on; returns the next number. */
static size_t find_batches(struct call *call, size_t count, size_t first)
{
    struct batch_member *member = memory_new(count, sizeof *member);
    size_t next = first, found = 0;

    for (size_t i = 0; i < count; i++) {
        spill_pass(call[i].outcome, i);
        if (call[i].service_ns != CLOCK_NEVER)
            member[found++] = batches_member(call[i].outcome);
    }
    batches_find(member, found);
    for (size_t i = 0, k = 0; i < count; i++) {
        bool grouped = call[i].service_ns != CLOCK_NEVER && member[k++].batch != SIZE_MAX;

        call[i].batch = grouped ? first + member[k - 1].batch : CALL_NONE;
        if (grouped && call[i].batch >= next)
            next = call[i].batch + 1;
    }
    free(member);
    return next;
}

static size_t find_all_batches(struct call *call, size_t count)
{
    size_t batches = 0;

    for (size_t begin = 0, end = 0; begin < count; begin = end) {
        while (end < count && call[end].member == call[begin].member)
            end++;
        batches = find_batches(&call[begin], end - begin, batches);
    }
    return batches;
}

/* Those that are served at a known moment; the others keep the order of sending. What ran together
 * follows what came before all of it. */
static void order_by_service(struct call **sorted, size_t count, size_t batches)
{
    size_t *before_batch = memory_new(batches, sizeof *before_batch), before = CALL_NONE;
    bool *seen = memory_new(batches, sizeof *seen);

    qsort(sorted, count, sizeof *sorted, by_service);
    for (size_t i = 0; i < count; i++) {
        struct call *call = sorted[i];
        size_t batch = call->batch;

        if (call->service_ns == CLOCK_NEVER)
            continue;
        call->previous = batch != CALL_NONE && seen[batch] ? before_batch[batch] : before;
        before = call->configuration;
        if (batch == CALL_NONE)
            continue;
        before_batch[batch] = call->previous;
        seen[batch] = true;
    }
    free(before_batch);
    free(seen);
}

void calls_order(struct call *call, size_t count)
{
    struct call **sorted = memory_new(count, sizeof *sorted);

    for (size_t i = 0; i < count; i++) {
        spill_pass(call[i].outcome, i);
        call[i].sent_ns = waves_sent_ns(call[i].outcome);
        call[i].service_ns = find_service(&call[i]);
        call[i].arrived_ns = find_arrival(&call[i]);
        sorted[i] = &call[i];
    }
    if (count > 0) {
        order_by_sending(sorted, count);
        order_by_service(sorted, count, find_all_batches(call, count));
    }
    free(sorted);
}

/* --- Window ----------------------------------------------------------------------------------- */

struct window {
    int64_t from_ns, to_ns;
    double s; /* its length; 0: there is none */
};

static bool counts(const struct call *call)
{
    return call->outcome->phase == REQUEST_COUNTED && call->outcome->attempt == 1;
}

static void widen(int64_t *first, int64_t *last, int64_t at_ns)
{
    *first = at_ns < *first ? at_ns : *first;
    *last = at_ns > *last ? at_ns : *last;
}

static struct window find_window(const struct call *call, size_t count, size_t members)
{
    struct window window = {INT64_MIN, INT64_MAX, 0};
    int64_t *first = memory_new(members, sizeof *first), *last = memory_new(members, sizeof *last);

    for (size_t m = 0; m < members; m++) {
        first[m] = INT64_MAX;
        last[m] = INT64_MIN;
    }
    for (size_t i = 0; i < count; i++) {
        spill_pass(call[i].outcome, i);
        if (counts(&call[i]))
            widen(&first[call[i].member], &last[call[i].member], call[i].arrived_ns);
    }
    for (size_t m = 0; m < members; m++) {
        window.from_ns = first[m] > window.from_ns ? first[m] : window.from_ns;
        window.to_ns = last[m] < window.to_ns ? last[m] : window.to_ns;
    }
    if (members > 0 && window.to_ns > window.from_ns)
        window.s = clock_seconds(window.from_ns, window.to_ns);
    free(first);
    free(last);
    return window;
}

static bool is_within(const struct window *window, int64_t at_ns)
{
    return window->s > 0 && at_ns > window->from_ns && at_ns <= window->to_ns;
}

/* --- Figures ---------------------------------------------------------------------------------- */

/* What is counted of each member. */
struct count {
    double calls, completed, served, ended;
    bool open;
};

static void add_call(const struct call *call, const struct window *window, struct count *count)
{
    bool completed = call->outcome->end == REQUEST_COMPLETED;

    count->open = call->open;
    if (counts(call) && is_within(window, call->arrived_ns))
        count->calls++;
    if (call->outcome->phase != REQUEST_COUNTED || !completed)
        return;
    count->completed += is_within(window, call->outcome->done_ns);
    if (is_within(window, call->arrived_ns)) {
        count->ended++;
        count->served += call->service_ns != CLOCK_NEVER;
    }
}

/* Whether the call tells of its member's TTFT after what was served before it. */
static bool tells(const struct call *call, const struct window *window, enum mix_after after)
{
    bool same = call->previous == call->configuration;

    return call->outcome->end == REQUEST_COMPLETED && call->outcome->phase == REQUEST_COUNTED &&
           is_within(window, call->arrived_ns) && call->previous != CALL_NONE &&
           same == (after == MIX_AFTER_SAME);
}

/* The TTFTs of one member's calls into `value`, which has room for all: how many. */
static size_t collect(const struct call *call, size_t count, const struct window *window,
                      enum switch_source source, enum mix_after after, double *value)
{
    static const enum metric metrics[SWITCH_SOURCES] = {
        [SWITCH_SERVER] = METRIC_SERVER_TTFT_S, [SWITCH_CLIENT] = METRIC_CLIENT_TTFT_S};
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        double ttft_s = figure(&call[i], metrics[source]);

        spill_pass(call[i].outcome, i);
        if (tells(&call[i], window, after) && !isnan(ttft_s))
            value[found++] = ttft_s;
    }
    return found;
}

static struct mix_ttft summed_up(double *value, size_t count)
{
    struct mix_ttft ttft = {(double)count, NAN, NAN, NAN};

    if (count == 0)
        return ttft;
    quantile_sort(value, count);
    ttft.p50_s = quantile_of_sorted(value, count, 0.5);
    ttft.p95_s = quantile_of_sorted(value, count, 0.95);
    ttft.mean_s = quantile_mean(value, count);
    return ttft;
}

static void fill_ttfts(const struct call *call, size_t count, const struct window *window,
                       struct mix_member *member)
{
    double *value = memory_new(count, sizeof *value);

    for (int source = 0; source < SWITCH_SOURCES; source++) {
        for (int after = 0; after < MIX_AFTERS; after++) {
            size_t found = collect(call, count, window, (enum switch_source)source,
                                   (enum mix_after)after, value);

            member->ttft[source][after] = summed_up(value, found);
        }
    }
    free(value);
}

static void fill_member(const struct count *count, const struct window *window, double all,
                        struct mix_member *member)
{
    bool known = window->s > 0;

    member->calls = count->calls;
    member->share = all > 0 ? count->calls / all : NAN;
    member->offered_per_s = known && count->open ? count->calls / window->s : NAN;
    member->achieved_per_s = known ? count->completed / window->s : NAN;
}

static struct count sum_of(const struct count *count, size_t members)
{
    struct count sum = {0};

    for (size_t m = 0; m < members; m++) {
        sum.calls += count[m].calls;
        sum.completed += count[m].completed;
        sum.served += count[m].served;
        sum.ended += count[m].ended;
        sum.open |= count[m].open;
    }
    return sum;
}

static void fill_whole(const struct count *sum, const struct window *window, struct mix *mix)
{
    mix->window_s = window->s;
    mix->calls = sum->calls;
    mix->offered_per_s = window->s > 0 && sum->open ? sum->calls / window->s : NAN;
    mix->achieved_per_s = window->s > 0 ? sum->completed / window->s : NAN;
    mix->served_share = sum->ended > 0 ? sum->served / sum->ended : NAN;
}

/* --- What switching costs --------------------------------------------------------------------- */

/* The part of a mix that is looked at: of a long one so many calls from the window's first on, and
 * some before, by which what the node holds is known. */
struct part {
    size_t first, end;      /* by arrival */
    double from_s, until_s; /* what counts was sent in this time */
};

static double sent_s(const struct call *call)
{
    return (double)call->sent_ns / (double)CLOCK_NS_PER_S;
}

static struct part find_part(const struct call *call, size_t count, const struct window *window)
{
    struct part part = {SIZE_MAX, 0, INFINITY, -INFINITY};

    for (size_t i = 0; i < count; i++) {
        if (is_within(window, call[i].arrived_ns) && call[i].arrival_index < part.first)
            part.first = call[i].arrival_index;
    }
    part.end = part.first < SIZE_MAX ? part.first + LOOK_MOST : 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_within(window, call[i].arrived_ns) || call[i].arrival_index >= part.end)
            continue;
        part.from_s = fmin(part.from_s, sent_s(&call[i]));
        part.until_s = fmax(part.until_s, nextafter(sent_s(&call[i]), INFINITY));
    }
    part.first = part.first > LOOK_BEFORE ? part.first - LOOK_BEFORE : 0;
    return part;
}

/* The members' calls into lists, which `outcome` has room for. */
static void collect_outcomes(const struct call *call, size_t count, const struct part *part,
                             const struct outcome **outcome, struct mix_outcomes *outcomes)
{
    size_t made = 0;

    for (size_t i = 0; i < count; i++) {
        struct mix_outcomes *into = &outcomes[call[i].member];

        if (call[i].arrival_index < part->first || call[i].arrival_index >= part->end)
            continue;
        if (into->count == 0)
            *into = (struct mix_outcomes){&outcome[made], 0, call[i].loads};
        outcome[made++] = call[i].outcome;
        into->count++;
    }
}

static void fill_switching(const struct call *call, size_t count, const struct window *window,
                           const struct mix_visited *visited, struct mix *mix)
{
    const struct part part = find_part(call, count, window);
    const struct outcome **outcome = memory_new(count, sizeof *outcome);
    struct mix_outcomes *outcomes = memory_new(mix->members, sizeof *outcomes);
    double from_s = (double)window->from_ns / (double)CLOCK_NS_PER_S;
    double until_s = fmin((double)window->to_ns / (double)CLOCK_NS_PER_S, part.until_s);
    struct mix_calls calls;

    collect_outcomes(call, count, &part, outcome, outcomes);
    mix_calls_make(outcomes, mix->members, &calls);
    mix->utilisation = window->s > 0 ? mix_use_share(&calls, MIX_USE_ALL, from_s, until_s) : NAN;
    for (size_t m = 0; m < mix->members; m++)
        mix->member[m].utilisation =
            window->s > 0 ? mix_use_share(&calls, m, from_s, until_s) : NAN;
    mix->switching = mix_measure(&calls, visited, mix->members, part.from_s, part.until_s);
    mix_calls_clear(&calls);
    free(outcomes);
    free(outcome);
}

void calls_conclude(const struct call *call, size_t count, const struct mix_visited *visited,
                    struct mix *mix)
{
    struct window window = find_window(call, count, mix->members);
    struct count *counted = memory_new(mix->members, sizeof *counted), sum;

    for (size_t i = 0; i < count; i++) {
        add_call(&call[i], &window, &counted[call[i].member]);
        spill_pass(call[i].outcome, i);
    }
    sum = sum_of(counted, mix->members);
    fill_whole(&sum, &window, mix);
    for (size_t m = 0, begin = 0, end = 0; m < mix->members; m++, begin = end) {
        struct mix_member *member = &mix->member[m];

        while (end < count && call[end].member == m)
            end++;
        fill_member(&counted[m], &window, mix->calls, member);
        fill_ttfts(&call[begin], end - begin, &window, member);
    }
    fill_switching(call, count, &window, visited, mix);
    free(counted);
}
