#include "stats/mix_measure.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/mix_interval.h"
#include "stats/mix_order.h"
#include "stats/mix_use.h"
#include "stats/mix_wait.h"

enum { CALLS_LEAST = 10 };

/* Members of which nothing tells who paid may have so many of the calls; they are left out. */
static const double unknown_most = 0.05;

/* From here on the node does not serve in order. */
static const double grouped_from = 0.2;

/* --- Everything while it is measured ---------------------------------------------------------- */

struct measuring {
    const struct mix_visited *visited;
    size_t members;
    struct mix_calls *calls;
    double from_s, until_s;
    struct mix_paying *paying;
    double *longer_s; /* of each call; NULL: not known */
    size_t *served;   /* the calls that count, by the order of their batches */
    size_t count;
    struct mix_switching *into;
};

static const struct mix_batch *batch_of(const struct measuring *measuring, size_t call)
{
    return &measuring->calls->batch[measuring->calls->call[call].batch];
}

static bool counts(const struct measuring *measuring, const struct mix_call *call)
{
    return call->counts && call->sent_s >= measuring->from_s && call->sent_s < measuring->until_s;
}

/* Calls stand in the order of sending: they are put behind those of batches before theirs. */
static void put_in_served_order(struct measuring *measuring)
{
    const struct mix_calls *calls = measuring->calls;
    size_t *begin = memory_new(calls->batches + 1, sizeof *begin);

    measuring->served = memory_new(calls->count, sizeof *measuring->served);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < calls->count; i++) {
            const struct mix_call *call = &calls->call[i];

            if (!counts(measuring, call))
                continue;
            if (pass == 0)
                begin[call->batch + 1]++;
            else
                measuring->served[begin[call->batch]++] = i;
        }
        for (size_t i = 0; pass == 0 && i < calls->batches; i++)
            begin[i + 1] += begin[i];
    }
    measuring->count = calls->batches > 0 ? begin[calls->batches] : 0;
    free(begin);
}

/* --- Values of calls, in the order they were served ------------------------------------------- */

struct series {
    size_t count;
    double *paid, *own_s; /* whether its batch paid; how long it waited for that */
    double *node_s;       /* the node's time for that: shared by a batch's calls */
    double *gap_s;        /* since the call before was sent */
    double *longer_s;     /* NULL: not known */
};

static struct series series_new(size_t count, bool longer)
{
    return (struct series){.paid = memory_new(count, sizeof(double)),
                           .own_s = memory_new(count, sizeof(double)),
                           .node_s = memory_new(count, sizeof(double)),
                           .gap_s = memory_new(count, sizeof(double)),
                           .longer_s = longer ? memory_new(count, sizeof(double)) : NULL};
}

static void series_free(struct series *series)
{
    free(series->paid);
    free(series->own_s);
    free(series->node_s);
    free(series->gap_s);
    free(series->longer_s);
}

/* Of one member, or of all (SIZE_MAX); only calls of which it is known whether they paid. */
static struct series series_of(const struct measuring *measuring, size_t member)
{
    struct series series = series_new(measuring->count, measuring->longer_s != NULL);
    double before_s = NAN;

    for (size_t i = 0; i < measuring->count; i++) {
        size_t call = measuring->served[i], n = series.count;
        const struct mix_batch *batch = batch_of(measuring, call);
        double sent_s = measuring->calls->call[call].sent_s;

        if ((member != SIZE_MAX && batch->member != member) || isnan(batch->paid))
            continue;
        series.paid[n] = batch->paid;
        series.own_s[n] = batch->extra_s;
        series.node_s[n] = batch->extra_s / (double)batch->calls;
        series.gap_s[n] = isnan(before_s) ? 0 : sent_s - before_s;
        if (series.longer_s)
            series.longer_s[n] = measuring->longer_s[call];
        before_s = sent_s;
        series.count++;
    }
    return series;
}

/* --- Ranges ----------------------------------------------------------------------------------- */

/* How long the calls that count went on. */
static double span_s(const struct measuring *measuring)
{
    double first_s = INFINITY, last_s = -INFINITY;

    for (size_t i = 0; i < measuring->count; i++) {
        const struct mix_batch *batch = batch_of(measuring, measuring->served[i]);

        first_s = fmin(first_s, batch->begin_s);
        last_s = fmax(last_s, batch->end_s);
    }
    return last_s - first_s;
}

static struct mix_range share_range(const struct series *series)
{
    return mix_interval_of_share(mix_error_of(series->paid, series->count), series->count);
}

/* `unsure_s` is what all values may be off by together. */
static struct mix_range mean_range(const double *value, size_t count, double unsure_s, double most)
{
    struct mix_error mean = mix_error_of(value, count);

    mean.error = hypot(mean.error, unsure_s);
    return mix_interval_of_mean(mean, most);
}

/* Σ time for switches ÷ time: a ratio of two sums that vary, so its error is that of their
 * difference at this ratio (delta method). How fast calls come varies from call to call; how fast
 * they are served hardly does while the node is busy, and then for many of them. */
static struct mix_range time_range(const struct series *series, double span, double most)
{
    double *off = memory_new(series->count, sizeof *off);
    double switching_s = 0, all_s = 0;
    struct mix_error error;

    for (size_t i = 0; i < series->count; i++) {
        switching_s += series->node_s[i];
        all_s += series->gap_s[i];
    }
    for (size_t i = 0; i < series->count && all_s > 0; i++)
        off[i] = series->node_s[i] - switching_s / all_s * series->gap_s[i];
    error = mix_error_of(off, series->count);
    error.value = switching_s / span;
    error.error *= (double)series->count / span;
    free(off);
    return mix_interval_of_mean(error, most);
}

/* What a call may wait where none was seen to pay. */
static double most_s(const struct mix_member_switching *member)
{
    double others = (double)member->after_other / (double)member->calls;

    return isnan(member->difference_s.high) ? INFINITY
                                            : fmax(0, member->difference_s.high) * others;
}

/* --- A member --------------------------------------------------------------------------------- */

/* TTFTs of a member's calls by what their batch follows, in their order. */
static size_t ttfts(const struct measuring *measuring, size_t member, bool same, double *values)
{
    size_t count = 0;

    for (size_t i = 0; i < measuring->count; i++) {
        const struct mix_batch *batch = batch_of(measuring, measuring->served[i]);

        if (batch->member == member && batch->same == same)
            values[count++] = measuring->calls->call[measuring->served[i]].ttft_s;
    }
    return count;
}

static void compare_orders(const struct measuring *measuring, size_t member,
                           struct mix_member_switching *into)
{
    double *values = memory_new(measuring->count, sizeof *values);
    struct mix_error same, other;

    into->after_same = ttfts(measuring, member, true, values);
    same = mix_error_of(values, into->after_same);
    into->after_other = ttfts(measuring, member, false, values);
    other = mix_error_of(values, into->after_other);
    into->difference_s = mix_interval_of_difference(other, same);
    free(values);
}

/* What the node took for the member's batches besides switches. */
static double service_s(const struct measuring *measuring, size_t member)
{
    double sum_s = 0, count = 0;
    size_t before = SIZE_MAX;

    for (size_t i = 0; i < measuring->count; i++) {
        size_t at = measuring->calls->call[measuring->served[i]].batch;
        const struct mix_batch *batch = &measuring->calls->batch[at];

        if (batch->member != member || at == before || isnan(batch->extra_s))
            continue;
        before = at;
        sum_s += batch->end_s - batch->begin_s - batch->extra_s;
        count++;
    }
    return count > 0 ? sum_s / count : NAN;
}

/* What those that paid waited. */
static struct mix_range paid_range(const struct series *series, double unsure_s)
{
    double *values = memory_new(series->count, sizeof *values);
    size_t count = 0;
    struct mix_range range;

    for (size_t i = 0; i < series->count; i++) {
        if (series->paid[i] > 0.5)
            values[count++] = series->own_s[i] / series->paid[i];
    }
    range = mean_range(values, count, unsure_s, INFINITY);
    free(values);
    return range;
}

static void measure_member(const struct measuring *measuring, size_t member)
{
    const struct mix_paying *paying = &measuring->paying[member];
    struct mix_member_switching *into = &measuring->into->member[member];
    struct series series = series_of(measuring, member);
    double unsure_s = paying->hit_s * paying->hit_error, span = span_s(measuring);

    compare_orders(measuring, member, into);
    if (paying->reason == MIX_MEASURED && series.count > 0) {
        double rate = (double)series.count / span;

        into->switch_paid_share = share_range(&series);
        into->switch_s = paid_range(&series, unsure_s);
        into->switch_s_per_call = mean_range(
            series.own_s, series.count, into->switch_paid_share.value * unsure_s, most_s(into));
        into->switch_time_share = time_range(&series, span, rate * most_s(into));
        if (measuring->calls->source == SWITCH_SERVER)
            into->service_s = service_s(measuring, member);
    }
    series_free(&series);
}

static const struct mix_range not_known = {NAN, NAN, NAN};

static void begin_member(const struct measuring *measuring, size_t member)
{
    const struct mix_paying *paying = &measuring->paying[member];
    struct mix_member_switching *into = &measuring->into->member[member];
    size_t batch = SIZE_MAX;

    *into = (struct mix_member_switching){.reason = paying->reason,
                                          .hit_s = paying->hit_s,
                                          .unknown = paying->unknown,
                                          .by_visit = paying->by_visit,
                                          .disagrees = paying->disagrees,
                                          .blurred = paying->blurred,
                                          .service_s = NAN,
                                          .batch_size_most = NAN,
                                          .difference_s = not_known,
                                          .switch_s = not_known,
                                          .switch_paid_share = not_known,
                                          .switch_s_per_call = not_known,
                                          .switch_time_share = not_known,
                                          .predicted = {NAN, NAN, NAN}};
    for (size_t i = 0; i < measuring->count; i++) {
        size_t at = measuring->calls->call[measuring->served[i]].batch;

        if (batch_of(measuring, measuring->served[i])->member != member)
            continue;
        into->calls++;
        into->batches += at != batch;
        into->batch_size_most = fmax(into->batch_size_most, measuring->calls->batch[at].size);
        batch = at;
    }
    into->call_share = measuring->count > 0 ? (double)into->calls / (double)measuring->count : NAN;
}

/* --- The mix ---------------------------------------------------------------------------------- */

/* What none was seen to pay may cost all members. */
static double most_of_all_s(const struct mix_switching *into)
{
    double most = 0;

    for (size_t m = 0; m < into->members; m++)
        most +=
            into->member[m].calls > 0 ? into->member[m].call_share * most_s(&into->member[m]) : 0;
    return most;
}

/* The members' levels are unsure by themselves. */
static double unsure_of_all_s(const struct measuring *measuring)
{
    double squares = 0;

    for (size_t m = 0; m < measuring->members; m++) {
        const struct mix_member_switching *member = &measuring->into->member[m];
        const struct mix_paying *paying = &measuring->paying[m];

        if (member->switch_paid_share.value > 0)
            squares += pow(member->call_share * member->switch_paid_share.value * paying->hit_s *
                               paying->hit_error,
                           2);
    }
    return sqrt(squares);
}

static void measure_all(const struct measuring *measuring)
{
    struct mix_switching *into = measuring->into;
    struct series series = series_of(measuring, SIZE_MAX);
    double unsure_s = unsure_of_all_s(measuring), most = most_of_all_s(into);
    double span = span_s(measuring);

    into->switch_paid_share = share_range(&series);
    into->switch_s_per_call = mean_range(series.own_s, series.count, unsure_s, most);
    into->switch_time_share = time_range(&series, span, most * (double)series.count / span);
    if (series.longer_s) {
        struct mix_error longer = mix_error_of_waits(
            series.longer_s, series.count,
            mix_use_share(measuring->calls, MIX_USE_ALL, measuring->from_s, measuring->until_s));

        longer.error = hypot(longer.error, unsure_s);
        into->switch_wait_s_per_call = mix_interval_of_wait(longer);
    }
    series_free(&series);
}

static void sum_up(const struct measuring *measuring)
{
    struct mix_switching *into = measuring->into;
    size_t batch = SIZE_MAX;

    into->calls = measuring->count;
    for (size_t i = 0; i < measuring->count; i++) {
        size_t at = measuring->calls->call[measuring->served[i]].batch;

        into->batches += at != batch;
        batch = at;
    }
    into->calls_in_a_row =
        mix_order_in_a_row(measuring->calls, measuring->from_s, measuring->until_s);
    if (into->source == SWITCH_SERVER)
        into->overtaken_share =
            mix_order_overtaken(measuring->calls, measuring->from_s, measuring->until_s);
    into->grouped = into->overtaken_share > grouped_from;
}

/* Before anything is judged. */
static enum mix_reason reason_of(const struct measuring *measuring)
{
    const struct mix_calls *calls = measuring->calls;

    if (measuring->count < CALLS_LEAST)
        return MIX_TOO_FEW;
    if (!calls->measurable)
        return MIX_NO_TTFT;
    if (calls->source == SWITCH_CLIENT && calls->most_in_flight > 1 &&
        calls->mean_in_flight >= MIX_IDLE_ENOUGH)
        return MIX_FROM_HERE;
    return MIX_MEASURED;
}

/* Whether too many calls are of members of which nothing tells who paid. */
static bool too_much_unknown(const struct mix_switching *into)
{
    double unknown = 0;

    for (size_t m = 0; m < into->members; m++)
        unknown += into->member[m].reason == MIX_MEASURED ? 0 : into->member[m].call_share;
    return unknown > unknown_most;
}

static void judge(struct measuring *measuring)
{
    struct mix_switching *into = measuring->into;

    for (size_t m = 0; m < measuring->members; m++) {
        if (into->reason == MIX_MEASURED)
            measuring->paying[m] =
                mix_paying_find(measuring->calls, m, &measuring->visited[m].steady[into->source]);
        else
            measuring->paying[m] = (struct mix_paying){.reason = into->reason, .hit_s = NAN};
        begin_member(measuring, m);
    }
    sum_up(measuring);
    if (into->reason == MIX_MEASURED && too_much_unknown(into))
        into->reason = MIX_NO_BASELINE;
}

/* Without all members nobody knows what calls would have waited. */
static void find_waits(struct measuring *measuring)
{
    for (size_t m = 0; m < measuring->members; m++) {
        if (measuring->paying[m].reason != MIX_MEASURED && measuring->into->member[m].calls > 0)
            return;
    }
    measuring->longer_s = memory_new(measuring->calls->count, sizeof *measuring->longer_s);
    if (mix_wait_find(measuring->calls, measuring->longer_s))
        return;
    free(measuring->longer_s);
    measuring->longer_s = NULL;
}

/* Nothing is known yet. */
static struct mix_switching begin(size_t members)
{
    return (struct mix_switching){.members = members,
                                  .member =
                                      memory_new(members, sizeof(struct mix_member_switching)),
                                  .switch_paid_share = not_known,
                                  .switch_s_per_call = not_known,
                                  .switch_time_share = not_known,
                                  .switch_wait_s_per_call = not_known,
                                  .overtaken_share = NAN,
                                  .lack = MIX_LACKS_STUDY,
                                  .predicted = {NAN, NAN, NAN},
                                  .predicted_wait_s_per_call = NAN,
                                  .predicted_utilisation = NAN,
                                  .in_a_row_under_tenth = NAN};
}

struct mix_switching mix_measure(struct mix_calls *calls, const struct mix_visited *visited,
                                 size_t members, double from_s, double until_s)
{
    struct mix_switching into = begin(members);
    struct measuring measuring = {.visited = visited,
                                  .members = members,
                                  .calls = calls,
                                  .from_s = from_s,
                                  .until_s = until_s,
                                  .paying = memory_new(members, sizeof *measuring.paying),
                                  .into = &into};

    put_in_served_order(&measuring);
    into.source = calls->source;
    into.reason = reason_of(&measuring);
    judge(&measuring);
    if (into.reason == MIX_MEASURED) {
        find_waits(&measuring);
        for (size_t m = 0; m < members; m++)
            measure_member(&measuring, m);
        measure_all(&measuring);
    }
    free(measuring.paying);
    free(measuring.longer_s);
    free(measuring.served);
    return into;
}
