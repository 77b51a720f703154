#include "stats/calls.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/quantile.h"
#include "stats/waves.h"

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
    int64_t sent_x = waves_sent_ns(x->outcome), sent_y = waves_sent_ns(y->outcome);

    return sent_x != sent_y ? (sent_x > sent_y) - (sent_x < sent_y) : (x > y) - (x < y);
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

/* Those that are served at a known moment; the others keep the order of sending. */
static void order_by_service(struct call **sorted, size_t count)
{
    const struct call *before = NULL;

    qsort(sorted, count, sizeof *sorted, by_service);
    for (size_t i = 0; i < count; i++) {
        if (sorted[i]->service_ns == CLOCK_NEVER)
            continue;
        sorted[i]->previous = before ? before->configuration : CALL_NONE;
        before = sorted[i];
    }
}

void calls_order(struct call *call, size_t count)
{
    struct call **sorted = memory_new(count, sizeof *sorted);

    for (size_t i = 0; i < count; i++) {
        call[i].service_ns = find_service(&call[i]);
        call[i].arrived_ns = find_arrival(&call[i]);
        sorted[i] = &call[i];
    }
    if (count > 0) {
        order_by_sending(sorted, count);
        order_by_service(sorted, count);
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
    double calls, completed, busy_s, served, ended;
    double asked, sized; /* completed, and those of them whose batch size is told */
    bool open, untold;   /* untold: the server does not say how long */
};

/* When a call was in service, within the window; false: not at all. */
static bool find_service_time(const struct call *call, const struct window *window,
                              struct window *served)
{
    double took_s = figure(call, METRIC_SERVER_END_TO_END_LATENCY_S);
    int64_t to_ns = call->service_ns + clock_from_seconds(took_s);

    served->from_ns = call->service_ns > window->from_ns ? call->service_ns : window->from_ns;
    served->to_ns = to_ns < window->to_ns ? to_ns : window->to_ns;
    served->s = served->to_ns > served->from_ns ? clock_seconds(served->from_ns, served->to_ns) : 0;
    return served->s > 0;
}

/* A batch is busy once, however many share it: each of its requests has its part. */
static void add_busy(const struct call *call, const struct window *window, struct count *count)
{
    double size = figure(call, METRIC_BATCH_SIZE_USED);
    struct window served;

    count->asked++;
    count->sized += size >= 1;
    if (call->service_ns == CLOCK_NEVER || isnan(figure(call, METRIC_SERVER_END_TO_END_LATENCY_S)))
        count->untold = true;
    else if (size >= 1 && find_service_time(call, window, &served))
        count->busy_s += served.s / size;
}

static int by_begin(const void *a, const void *b)
{
    const struct window *x = a, *y = b;

    return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

/* How long at least one of the calls was in service, within the window. */
static double busy_with_any_s(const struct call *call, size_t count, const struct window *window)
{
    struct window *served = memory_new(count, sizeof *served);
    size_t found = 0;
    int64_t end_ns = window->from_ns;
    double busy_s = 0;

    for (size_t i = 0; i < count; i++) {
        if (call[i].outcome->end == REQUEST_COMPLETED)
            found += find_service_time(&call[i], window, &served[found]);
    }
    if (found > 0)
        qsort(served, found, sizeof *served, by_begin);
    for (size_t i = 0; i < found; i++) {
        int64_t from_ns = served[i].from_ns > end_ns ? served[i].from_ns : end_ns;

        if (served[i].to_ns <= from_ns)
            continue;
        busy_s += clock_seconds(from_ns, served[i].to_ns);
        end_ns = served[i].to_ns;
    }
    free(served);
    return busy_s;
}

static void add_call(const struct call *call, const struct window *window, struct count *count)
{
    bool completed = call->outcome->end == REQUEST_COMPLETED;

    count->open = call->open;
    if (completed)
        add_busy(call, window, count);
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

/* Where the server tells no batch sizes: how long the node was busy with any of the calls. */
static double utilisation(const struct count *sum, const struct call *call, size_t count,
                          const struct window *window)
{
    if (!(window->s > 0) || !(sum->asked > 0) || sum->untold)
        return NAN;
    return (sum->sized == sum->asked ? sum->busy_s : busy_with_any_s(call, count, window)) /
           window->s;
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
        sum.busy_s += count[m].busy_s;
        sum.asked += count[m].asked;
        sum.sized += count[m].sized;
        sum.served += count[m].served;
        sum.ended += count[m].ended;
        sum.untold |= count[m].untold;
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

void calls_conclude(const struct call *call, size_t count, struct mix *mix)
{
    struct window window = find_window(call, count, mix->members);
    struct count *counted = memory_new(mix->members, sizeof *counted), sum;

    for (size_t i = 0; i < count; i++)
        add_call(&call[i], &window, &counted[call[i].member]);
    sum = sum_of(counted, mix->members);
    fill_whole(&sum, &window, mix);
    mix->utilisation = utilisation(&sum, call, count, &window);
    for (size_t m = 0, begin = 0, end = 0; m < mix->members; m++, begin = end) {
        struct mix_member *member = &mix->member[m];

        while (end < count && call[end].member == m)
            end++;
        fill_member(&counted[m], &window, mix->calls, member);
        member->utilisation = utilisation(&counted[m], &call[begin], end - begin, &window);
        fill_ttfts(&call[begin], end - begin, &window, member);
    }
    free(counted);
}
