#include "stats/waves.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/spill.h"
#include "stats/quantile.h"

int64_t waves_sent_ns(const struct outcome *outcome)
{
    return outcome->sent_ns == CLOCK_NEVER ? outcome->started_ns : outcome->sent_ns;
}

static int by_start(const void *a, const void *b)
{
    const struct outcome *x = a;
    const struct outcome *y = b;

    if (waves_sent_ns(x) != waves_sent_ns(y))
        return (waves_sent_ns(x) > waves_sent_ns(y)) - (waves_sent_ns(x) < waves_sent_ns(y));
    return (x->index > y->index) - (x->index < y->index);
}

void waves_sort(struct outcome *outcomes, size_t count)
{
    if (count > 0)
        qsort(outcomes, count, sizeof *outcomes, by_start);
}

/* What an outcome is sorted by: those that stand in a file are not moved to and fro. */
struct start {
    int64_t sent_ns;
    size_t index, at;
};

static int by_start_key(const void *a, const void *b)
{
    const struct start *x = a, *y = b;

    if (x->sent_ns != y->sent_ns)
        return x->sent_ns < y->sent_ns ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

void waves_copy_sorted(const struct outcome *from, size_t count, struct outcome *to)
{
    struct start *start = memory_new(count, sizeof *start);

    for (size_t i = 0; i < count; i++) {
        start[i] = (struct start){waves_sent_ns(&from[i]), from[i].index, i};
        spill_pass(&from[i], i);
    }
    if (count > 0)
        qsort(start, count, sizeof *start, by_start_key);
    for (size_t i = 0; i < count; i++) {
        to[i] = from[start[i].at];
        spill_pass(&from[start[i].at], i);
        spill_pass(&to[i], i);
    }
    free(start);
}

void waves_merge(const struct outcome *a, size_t a_count, const struct outcome *b, size_t b_count,
                 struct outcome *to)
{
    for (size_t i = 0, k = 0; i + k < a_count + b_count;) {
        bool first = k == b_count || (i < a_count && by_start(&a[i], &b[k]) <= 0);

        *to++ = first ? a[i++] : b[k++];
        spill_pass(to, i + k);
        spill_pass(first ? &a[i] : &b[k], i + k);
    }
}

/* Each request's wave: by its burst, or by which responses were complete when it was sent. */
static void number_waves(struct waves *waves)
{
    int64_t completed_ns = INT64_MAX;
    size_t wave = 0;

    for (size_t i = 0; i < waves->count; i++) {
        struct wave_sample *sample = &waves->sample[i];

        if (waves_sent_ns(sample->outcome) >= completed_ns) {
            wave++;
            completed_ns = INT64_MAX;
        }
        if (sample->outcome->done_ns < completed_ns)
            completed_ns = sample->outcome->done_ns;
        /* a file may hold any number; one that is none counts by which responses were complete */
        sample->wave = wave;
        if (waves->bursts && sample->outcome->probe_burst > 0 &&
            sample->outcome->probe_burst <= (int64_t)waves->count)
            sample->wave = (size_t)sample->outcome->probe_burst - 1;
        if (sample->wave >= waves->waves)
            waves->waves = sample->wave + 1;
    }
}

/* From the send, as the client's; to the digit the same where the first token is content. */
static double content_of(const double *value, double client_s)
{
    double content_s = value[METRIC_CLIENT_TTFT_CONTENT_S], ttft_s = value[METRIC_CLIENT_TTFT_S];

    return content_s == ttft_s || isnan(ttft_s) ? client_s : content_s - (ttft_s - client_s);
}

void waves_make(const struct outcome *outcomes, size_t count, struct waves *waves)
{
    *waves = (struct waves){.sample = memory_new(count, sizeof *waves->sample)};
    for (size_t i = 0; i < count; i++) {
        const double *value = outcomes[i].figures.value;
        double client_s = value[METRIC_CLIENT_TTFT_FROM_SENT_S];

        if (outcomes[i].end != REQUEST_COMPLETED)
            continue;
        waves->bursts |= outcomes[i].probe_burst > 0;
        waves->sample[waves->count++] = (struct wave_sample){
            .outcome = &outcomes[i],
            .server_s = value[METRIC_SERVER_TTFT_S],
            .client_s = isnan(client_s) ? value[METRIC_CLIENT_TTFT_S] : client_s,
            .content_s =
                content_of(value, isnan(client_s) ? value[METRIC_CLIENT_TTFT_S] : client_s),
        };
    }
    number_waves(waves);
}

/* The step that all of these are multiples of: a server that rounds its TTFT; 0 where there is
 * none. */
static double find_resolution(double exposed_s, const double *steady, size_t count)
{
    static const double steps[] = {0.01, 0.001, 0.0001};

    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        double off = fabs(remainder(exposed_s, steps[k]));

        for (size_t i = 0; i < count; i++)
            off = fmax(off, fabs(remainder(steady[i], steps[k])));
        if (off < 1e-6 * steps[k])
            return steps[k];
    }
    return 0;
}

void waves_sum_up(const double *steady, size_t count, struct switch_side *side)
{
    double *logs = memory_new(count, sizeof *logs);
    double mean;

    for (size_t i = 0; i < count; i++)
        logs[i] = log(steady[i]);
    mean = quantile_mean(logs, count);
    side->steady = count;
    side->resolution_s = find_resolution(side->exposed_s, steady, count);
    side->steady_s = quantile_mean(steady, count);
    side->log_ratio = log(side->exposed_s) - mean;
    side->log_squares = 0;
    for (size_t i = 0; i < count; i++)
        side->log_squares += (logs[i] - mean) * (logs[i] - mean);
    free(logs);
}

struct switch_side waves_compare(const struct switch_sample *exposed,
                                 const struct switch_sample *steady, size_t count)
{
    struct switch_side side = {.exposed_s = exposed->ttft_s,
                               .measured_s = exposed->ttft_s,
                               .exposed_tokens = exposed->tokens,
                               .steady_s = NAN,
                               .log_ratio = NAN};
    double *values;

    if (!(exposed->ttft_s > 0) || count == 0)
        return side;
    values = memory_new(count, sizeof *values);
    side.sample = memory_new(count, sizeof *side.sample);
    side.samples = count;
    for (size_t i = 0; i < count; i++) {
        values[i] = steady[i].ttft_s;
        side.sample[i] = steady[i];
        side.sample[i].after_s -= exposed->after_s;
    }
    waves_sum_up(values, count, &side);
    free(values);
    return side;
}

/* The wave that begins at `*from`, which moves on to the next, as one observation: its median TTFT,
 * NAN where none of it is known. Waves stand one after another. `room` holds as many as there are
 * samples. */
static struct switch_sample take_wave(const struct waves *waves, size_t *from, bool content,
                                      double *room)
{
    const struct wave_sample *first = &waves->sample[*from];
    struct switch_sample one = {.ttft_s = NAN,
                                .after_s =
                                    (double)waves_sent_ns(first->outcome) / (double)CLOCK_NS_PER_S,
                                .tokens = 0,
                                .request = first->outcome->index};
    size_t count = 0, requests = 0;

    for (; *from < waves->count && waves->sample[*from].wave == first->wave; ++*from) {
        const struct wave_sample *sample = &waves->sample[*from];
        double ttft_s = content ? sample->content_s : sample->client_s;

        one.tokens += sample->outcome->figures.value[METRIC_NUMBER_INPUT_TOKENS];
        requests++;
        if (ttft_s > 0)
            room[count++] = ttft_s;
    }
    one.tokens /= (double)requests;
    quantile_sort(room, count);
    if (count > 0)
        one.ttft_s = quantile_of_sorted(room, count, 0.5);
    return one;
}

static struct switch_side by_client(const struct waves *waves, bool content)
{
    double *room = memory_new(waves->count, sizeof *room);
    struct switch_sample *steady = memory_new(waves->count, sizeof *steady);
    struct switch_sample exposed = {.ttft_s = NAN, .tokens = NAN};
    struct switch_side side;
    size_t count = 0, from = 0;

    while (from < waves->count) {
        bool first = waves->sample[from].wave == 0;
        struct switch_sample one = take_wave(waves, &from, content, room);

        if (first)
            exposed = one;
        else if (!isnan(one.ttft_s))
            steady[count++] = one;
    }
    side = waves_compare(&exposed, steady, count);
    free(steady);
    free(room);
    return side;
}

struct switch_side waves_by_client(const struct waves *waves)
{
    return by_client(waves, false);
}

struct switch_side waves_by_content(const struct waves *waves)
{
    enum switch_opening opening = waves_opening(waves);

    return opening == OPENING_LATER || opening == OPENING_UNLIKE
               ? by_client(waves, true)
               : (struct switch_side){.exposed_s = NAN};
}

enum switch_opening waves_opening(const struct waves *waves)
{
    size_t count[2] = {0}, later[2] = {0}; /* of exposed ones, and of steady ones */
    bool unlike;

    for (size_t i = 0; i < waves->count; i++) {
        const struct wave_sample *sample = &waves->sample[i];
        bool steady = sample->wave > 0;

        if (!(sample->content_s > 0))
            return OPENING_UNKNOWN;
        count[steady]++;
        later[steady] += sample->content_s > sample->client_s;
    }
    if (later[0] + later[1] == 0)
        return OPENING_CONTENT;
    unlike = 2 * later[0] > count[0] ? 4 * later[1] <= count[1] : 4 * later[1] >= 3 * count[1];
    return unlike && count[1] > 0 ? OPENING_UNLIKE : OPENING_LATER;
}

void waves_clear(struct waves *waves)
{
    free(waves->sample);
    *waves = (struct waves){0};
}
