#include "stats/health.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double invalid_factor = 4;

/* With fewer, one hiccup of the machine decides: such a row is called degraded at most. */
enum { COMPLETED_LEAST = 20 };

/* The share of chunks with a kernel's stamp from which a row counts as stamped. */
static const double stamped_least = 0.95;

/* One sign: how far it is towards its limit (1: at it), and what it says past that. */
struct sign {
    double reach; /* NAN: cannot be told */
    bool at_most_degraded;
    char sentence[192];
};

static double p50(const struct step *step, enum metric metric)
{
    return step->metric[metric].count ? step->metric[metric].quantile[2] : NAN;
}

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

    snprintf(sign.sentence, sizeof sign.sentence,
             "requests left %.3g s late on average, so concurrency was %.0f %% less than asked: "
             "throughput suffers",
             delay, 100 * empty);
    return sign;
}

static struct sign judge_schedule(const struct step *step, const struct health_limits *limits)
{
    double delay = p99(step, METRIC_CLIENT_SCHEDULE_DELAY_S);
    double ttft = p50(step, METRIC_CLIENT_TTFT_S);
    struct sign sign = {.reach = delay / ttft / limits->schedule_delay};

    if (step->row.concurrent_requests > 0)
        return judge_places(step, limits->schedule_delay);
    snprintf(sign.sentence, sizeof sign.sentence,
             "requests left %.3g s late (p99), %.0f %% of the TTFT p50: TTFT and end-to-end suffer",
             delay, 100 * delay / ttft);
    return sign;
}

static struct sign judge_lateness(const struct step *step, const struct health_limits *limits)
{
    double late = step->health.read_lateness_p99_s;
    double ttft = p50(step, METRIC_CLIENT_TTFT_S);
    bool stamped = step->health.kernel_stamped_share >= stamped_least;
    struct sign sign = {.reach = late / ttft / limits->read_lateness, .at_most_degraded = stamped};

    snprintf(sign.sentence, sizeof sign.sentence,
             "answers were read %.3g s after they came (p99), %.0f %% of the TTFT p50: %s suffer",
             late, 100 * late / ttft,
             stamped ? "inter-token times" : "TTFT, inter-token and end-to-end times");
    return sign;
}

static struct sign judge_coalesced(const struct step *step, const struct health_limits *limits)
{
    double share = step->health.coalesced_share;
    double gap = p50(step, METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S);
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

    snprintf(
        sign.sentence, sizeof sign.sentence,
        "sending waited %.3g s for the journal, %.0f %% of the row: all client figures suffer; "
        "write to a faster disk",
        step->journal_wait_s, 100 * share);
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

void health_judge(struct step *step, const struct health_limits *limits)
{
    const struct sign signs[] = {judge_cpu(step, limits), judge_journal(step, limits),
                                 judge_schedule(step, limits), judge_lateness(step, limits),
                                 judge_coalesced(step, limits)};

    step->health.verdict = MEASUREMENT_VALID;
    step->health.reason[0] = '\0';
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        add_sign(&step->health, &signs[i], step->completed >= COMPLETED_LEAST);
}
