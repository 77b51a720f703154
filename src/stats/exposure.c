#include "stats/exposure.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/served.h"
#include "stats/waves.h"

/* A cache that knew this much more of one prompt than of another made it another prompt; a chat
 * template in whole blocks is less. */
static const double cached_tokens_apart = 64, prompt_share_apart = 0.02, prompt_tokens_apart = 2;

static bool completed(const struct outcome *outcome)
{
    return outcome->end == REQUEST_COMPLETED;
}

/* --- What makes it worth less ------------------------------------------------------------------*/

static double figure(const struct wave_sample *sample, enum metric metric)
{
    return sample->outcome->figures.value[metric];
}

static double mean_of(const struct waves *waves, bool exposed, enum metric metric)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < waves->count; i++) {
        const struct wave_sample *sample = &waves->sample[i];
        double value = figure(sample, metric);

        if ((sample->wave == 0) != exposed || isnan(value))
            continue;
        sum += value;
        count++;
    }
    return count > 0 ? sum / (double)count : NAN;
}

/* How much longer clients waited than the server says: its queue, and the network. */
static double mean_queue(const struct waves *waves, bool exposed)
{
    return mean_of(waves, exposed, METRIC_CLIENT_TTFT_FROM_SENT_S) -
           mean_of(waves, exposed, METRIC_SERVER_TTFT_S);
}

static void note_prompts(const struct waves *waves, struct switch_measurement *measurement)
{
    double exposed = mean_of(waves, true, METRIC_NUMBER_INPUT_TOKENS);
    double steady = mean_of(waves, false, METRIC_NUMBER_INPUT_TOKENS);
    double cached = fabs(mean_of(waves, true, METRIC_CACHED_TOKENS) -
                         mean_of(waves, false, METRIC_CACHED_TOKENS));
    double apart = fabs(exposed - steady);

    if (apart > prompt_tokens_apart && apart > prompt_share_apart * steady)
        measurement->flags |= SWITCH_FLAG_PROMPT_LENGTHS;
    if (cached > cached_tokens_apart)
        measurement->reason = SWITCH_CACHED_PROMPT;
}

static void count_requests(const struct waves *waves, struct switch_measurement *measurement)
{
    for (size_t i = 0; i < waves->count; i++) {
        const struct wave_sample *sample = &waves->sample[i];

        if (sample->wave > 0) {
            measurement->steady++;
            continue;
        }
        measurement->exposed++;
        if (figure(sample, METRIC_CLIENT_CONNECT_S) > 0) {
            measurement->flags |= SWITCH_FLAG_NEW_CONNECTION;
            if (!(measurement->connect_s >= figure(sample, METRIC_CLIENT_CONNECT_S)))
                measurement->connect_s = figure(sample, METRIC_CLIENT_CONNECT_S);
        }
    }
}

/* Whether a request besides the first failed that was sent before the first response was complete.
 */
static bool exposed_failed(struct exposure_part part, const struct waves *waves)
{
    int64_t completed_ns = INT64_MAX;

    for (size_t i = 0; i < waves->count; i++) {
        if (waves->sample[i].wave == 0 && waves->sample[i].outcome->done_ns < completed_ns)
            completed_ns = waves->sample[i].outcome->done_ns;
    }
    for (size_t i = 1; i < part.count; i++) {
        if (!completed(&part.outcome[i]) && waves_sent_ns(&part.outcome[i]) < completed_ns)
            return true;
    }
    return false;
}

/* --- Whether there is anything to tell -------------------------------------------------------- */

static enum switch_reason find_reason(const struct step *step, struct exposure_part part,
                                      const struct waves *waves)
{
    if (step->row.warmup)
        return SWITCH_WARMUP;
    if (step->row.mix)
        return SWITCH_MIXED;
    if (step->switching.verdict == SWITCHING_PARALLEL)
        return SWITCH_PARALLEL;
    if (step->switching.verdict == SWITCHING_SPREAD)
        return SWITCH_SPREAD;
    if (step->switching.verdict == SWITCHING_SHARED)
        return SWITCH_SHARED;
    if (part.count == 0)
        return SWITCH_NOTHING_SENT;
    if (step->attempt > 1)
        return SWITCH_STARTED_OVER;
    if (step->follows_cut_short)
        return SWITCH_CUT_SHORT;
    if (!completed(&part.outcome[0]))
        return part.outcome[0].retried ? SWITCH_RETRIED : SWITCH_FIRST_FAILED;
    if (part.count == 1)
        return SWITCH_ONE_REQUEST;
    if (waves->waves > 1)
        return SWITCH_MEASURABLE;
    return waves->count == part.count ? SWITCH_ALL_EXPOSED : SWITCH_STEADY_FAILED;
}

void exposure_go_by(enum switch_source source, const struct row *row,
                    struct switch_measurement *measurement)
{
    bool queues = source == SWITCH_CLIENT && row->concurrent_requests != 1 &&
                  measurement->method == SWITCH_FROM_LOAD;

    measurement->source = source;
    measurement->flags &= ~SWITCH_FLAG_QUEUE;
    measurement->flags |= queues ? SWITCH_FLAG_QUEUE : 0;
    if (measurement->reason == SWITCH_MEASURABLE && measurement->side[source].steady == 0)
        measurement->reason = source == SWITCH_SERVER ? SWITCH_OTHER_BATCHES : SWITCH_NO_TTFT;
}

static void measure(const struct step *step, struct exposure_part load, struct exposure_part probe,
                    const struct waves *waves, struct switch_measurement *measurement)
{
    measurement->side[SWITCH_CLIENT] = waves_by_client(waves);
    measurement->content = waves_by_content(waves);
    measurement->opening = waves_opening(waves);
    served_compare(waves, step->representative_batch_size, measurement);
    if (probe.count > 0) {
        struct waves behind;

        waves_make(load.outcome, load.count, &behind);
        served_look_inside(&behind, measurement);
        waves_clear(&behind);
    }
    count_requests(waves, measurement);
    measurement->queue_s = mean_queue(waves, true) - mean_queue(waves, false);
    note_prompts(waves, measurement);
    exposure_go_by(served_tells(waves) ? SWITCH_SERVER : SWITCH_CLIENT, &step->row, measurement);
}

/* When the step's first request left and its last ended. */
static void note_moments(struct exposure_part part, struct switch_measurement *measurement)
{
    for (size_t i = 0; i < part.count; i++) {
        int64_t sent_ns = waves_sent_ns(&part.outcome[i]), done_ns = part.outcome[i].done_ns;

        if (measurement->begin_ns == 0 || sent_ns < measurement->begin_ns)
            measurement->begin_ns = sent_ns;
        measurement->end_ns = done_ns > measurement->end_ns ? done_ns : measurement->end_ns;
    }
}

/* Those that begin a session, or are of none: later turns have longer prompts, and tell of no
 * switch. `kept` is for the caller to free. */
static struct exposure_part first_turns(struct exposure_part part, struct outcome **kept)
{
    size_t count = 0;

    *kept = memory_new(part.count, sizeof **kept);
    for (size_t i = 0; i < part.count; i++) {
        if (part.outcome[i].turn <= 1)
            (*kept)[count++] = part.outcome[i];
    }
    return (struct exposure_part){*kept, count};
}

struct switch_measurement exposure_of(const struct step *step, struct exposure_part load,
                                      struct exposure_part probe)
{
    struct outcome *kept = NULL;
    struct exposure_part first = row_has_sessions(&step->row) ? first_turns(load, &kept) : load;
    struct exposure_part part = probe.count > 0 ? probe : first;
    struct switch_measurement measurement = {.connect_s = NAN, .queue_s = NAN, .batch_size = NAN};
    struct waves waves;

    if (probe.count > 0)
        measurement.method =
            step->row.concurrent_requests > 1 ? SWITCH_FROM_BURSTS : SWITCH_FROM_PROBE;
    waves_make(part.outcome, part.count, &waves);
    measurement.reason = find_reason(step, part, &waves);
    if (measurement.reason == SWITCH_MEASURABLE) {
        measure(step, first, probe, &waves, &measurement);
        if (exposed_failed(part, &waves))
            measurement.flags |= SWITCH_FLAG_SOME_FAILED;
    }
    note_moments(load, &measurement);
    note_moments(probe, &measurement);
    if (step->follows_cut_short)
        measurement.flags |= SWITCH_FLAG_AFTER_CUT_SHORT;
    waves_clear(&waves);
    free(kept);
    return measurement;
}
