#include "stats/health.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/unit.h"

static const double invalid_factor = 4;

/* With fewer, one hiccup of the machine decides: such a row is called degraded at most. */
enum { COMPLETED_LEAST = 20 };

/* The share of chunks with a kernel's stamp from which a row counts as stamped. */
static const double stamped_least = 0.95;

/* How far the clocks of ranks may be off each other. */
static const double clocks_most_s = 1e-3;

/* One sign: how far it is towards its limit (1: at it), and what it says past that. */
struct sign {
    double reach; /* NAN: cannot be known */
    bool at_most_degraded;
    char sentence[192];
};

static double p99(const struct step *step, enum metric metric)
{
    return step->metric[metric].count ? step->metric[metric].quantile[6] : NAN;
}

static double mean(const struct step *step, enum metric metric)
{
    return step->metric[metric].count ? step->metric[metric].mean : NAN;
}

/* In closed loop: the share of its time that a place in flight stood empty. */
static struct sign judge_places(const struct step *step, double limit)
{
    double delay = mean(step, METRIC_CLIENT_SCHEDULE_DELAY_S);
    double empty = delay / (delay + mean(step, METRIC_CLIENT_END_TO_END_LATENCY_S));
    struct sign sign = {.reach = empty / limit};
    char text[UNIT_TEXT];

    snprintf(sign.sentence, sizeof sign.sentence,
             "requests left %s late on average, so concurrency was %.0f %% less than asked: "
             "throughput suffers",
             unit_time(delay, text), 100 * empty);
    return sign;
}

static struct sign judge_schedule(const struct step *step, const struct health_limits *limits)
{
    double delay = p99(step, METRIC_CLIENT_SCHEDULE_DELAY_S);
    double ttft = step_median(step, METRIC_CLIENT_TTFT_S);
    struct sign sign = {.reach = delay / ttft / limits->schedule_delay};
    char text[UNIT_TEXT];

    if (step->row.concurrent_requests > 0)
        return judge_places(step, limits->schedule_delay);
    snprintf(sign.sentence, sizeof sign.sentence,
             "requests left %s late (p99), %.0f %% of the TTFT p50: TTFT and end-to-end suffer",
             unit_time(delay, text), 100 * delay / ttft);
    return sign;
}

static struct sign judge_lateness(const struct step *step, const struct health_limits *limits)
{
    double late = step->health.read_lateness_p99_s;
    double ttft = step_median(step, METRIC_CLIENT_TTFT_S);
    bool stamped = step->health.kernel_stamped_share >= stamped_least;
    struct sign sign = {.reach = late / ttft / limits->read_lateness, .at_most_degraded = stamped};
    char text[UNIT_TEXT];

    snprintf(sign.sentence, sizeof sign.sentence,
             "responses were read %s after they arrived (p99), %.0f %% of the TTFT p50: %s suffer",
             unit_time(late, text), 100 * late / ttft,
             stamped ? "inter-token times" : "TTFT, inter-token and end-to-end times");
    return sign;
}

/* Where it is not known exactly, the middle of its bounds; NAN without one. */
static double median_gap(const struct step *step)
{
    double gap = step_median(step, METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S);
    bool is_bounded =
        isnan(gap) && step->metric[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S].count > 0;

    return is_bounded ? (step->mean_gap_bounds.low[2] + step->mean_gap_bounds.high[2]) / 2 : gap;
}

static struct sign judge_coalesced(const struct step *step, const struct health_limits *limits)
{
    double share = step->health.coalesced_share;
    double gap = median_gap(step);
    bool ours = step->health.read_lateness_p99_s > gap / 2;
    struct sign sign = {.reach = ours ? share / limits->coalesced : NAN, .at_most_degraded = true};

    snprintf(sign.sentence, sizeof sign.sentence,
             "%.0f %% of the chunks were read together with the one before: inter-token times "
             "suffer",
             100 * share);
    return sign;
}

static struct sign judge_journal(const struct step *step, const struct health_limits *limits)
{
    double share = step->journal_wait_s / step->wall_s;
    struct sign sign = {.reach = share / limits->journal_wait};
    char text[UNIT_TEXT];

    snprintf(sign.sentence, sizeof sign.sentence,
             "sending waited %s for the journal, %.0f %% of the row: all client figures suffer; "
             "write to a faster disk",
             unit_time(step->journal_wait_s, text), 100 * share);
    return sign;
}

static struct sign judge_cpu(const struct step *step, const struct health_limits *limits)
{
    double share = step->health.loop_cpu_share_max;
    struct sign sign = {.reach = (1 - limits->loop_cpu) / fmax(1 - share, 1e-9)};

    snprintf(sign.sentence, sizeof sign.sentence,
             "the loop used %.0f %% of a core: all client figures suffer; set threads",
             100 * share);
    return sign;
}

/* Of ranks: what two of them did is apart by so much more or less than it seems. */
static struct sign judge_clocks(const struct step *step)
{
    double uncertain_s = step->health.clock_uncertainty_s;
    struct sign sign = {.reach = uncertain_s / clocks_most_s, .at_most_degraded = true};
    char text[UNIT_TEXT];

    snprintf(
        sign.sentence, sizeof sign.sentence,
        "the clocks of the ranks are known to within %s: schedule delays and switch figures are "
        "uncertain by that",
        unit_time(uncertain_s, text));
    return sign;
}

static void add_sign(struct health *health, const struct sign *sign, bool many)
{
    size_t length = strlen(health->reason);
    enum measurement_verdict verdict =
        sign->reach > invalid_factor && !sign->at_most_degraded && many ? MEASUREMENT_INVALID
                                                                        : MEASUREMENT_DEGRADED;

    if (!(sign->reach > 1))
        return;
    if (verdict > health->verdict)
        health->verdict = verdict;
    snprintf(health->reason + length, sizeof health->reason - length, "%s%s", length ? "; " : "",
             sign->sentence);
}

/* What failed for want of this machine was no measurement of the endpoint, however few they are. */
static void add_local_failures(struct step *step)
{
    if (step->local_failures == 0)
        return;
    step->health.verdict = MEASUREMENT_INVALID;
    snprintf(step->health.reason, sizeof step->health.reason,
             "%zu request%s failed for want of this machine (local_…): the row is not what was "
             "asked for",
             step->local_failures, step->local_failures == 1 ? "" : "s");
}

static void judge(struct step *step, const struct health_limits *limits)
{
    const struct sign signs[] = {judge_cpu(step, limits),       judge_journal(step, limits),
                                 judge_schedule(step, limits),  judge_lateness(step, limits),
                                 judge_coalesced(step, limits), judge_clocks(step)};

    step->health.verdict = MEASUREMENT_VALID;
    step->health.reason[0] = '\0';
    add_local_failures(step);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        add_sign(&step->health, &signs[i], step->completed >= COMPLETED_LEAST);
}

/* By what the rank saw itself: schedule delays and failures are the step's. */
static void judge_rank(const struct step *step, const struct health_limits *limits,
                       struct step_rank *rank)
{
    struct step of_rank = *step;

    of_rank.health = rank->health;
    of_rank.journal_wait_s = rank->journal_wait_s;
    of_rank.local_failures = 0;
    of_rank.metric[METRIC_CLIENT_SCHEDULE_DELAY_S].count = 0;
    judge(&of_rank, limits);
    rank->health = of_rank.health;
}

void health_judge(struct step *step, const struct health_limits *limits)
{
    judge(step, limits);
    for (size_t i = 0; i < step->ranks; i++)
        judge_rank(step, limits, &step->rank[i]);
}
