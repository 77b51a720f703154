#include "stats/mix_paying.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/quantile.h"
#include "stats/replicate.h"

/* Batches that tell a level; rounds of the estimate; sizes that are told apart: 1, 2, 4 … 1024. */
enum { LEVEL_LEAST = 5, ROUNDS = 60, SIZES = 12 };

static const double stands_out = 3.5;        /* deviations */
static const double deviation_least = 0.005; /* of ln TTFT: nothing is more regular */
static const double wide = 4;  /* ln of how many times as long a slow request takes, at most */
static const double apart = 6; /* deviations between clusters that need no further witness */
static const double differs = 0.02, differs_p = 0.01; /* of a visit from the mix */

/* What one size takes without a switch. */
struct level {
    size_t hits; /* that followed their own configuration */
    double log;  /* ln TTFT; NAN: not known */
    double error;
};

struct looking {
    struct mix_batch **batch; /* the member's that are looked at; owned */
    size_t count;
    struct level level[SIZES];
    double deviation;
    double slow;            /* share of requests that are slow for another reason */
    size_t hits, slow_hits; /* seen among those that cannot have paid */
    double switch_s, switch_deviation, share; /* the component that paid */
    struct mix_paying *paying;
};

/* --- Levels ----------------------------------------------------------------------------------- */

static size_t size_index(double size)
{
    double at = size >= 1 ? ceil(log2(size)) : 0;

    return at < SIZES ? (size_t)at : SIZES - 1;
}

static const struct level *level_of(const struct looking *looking, const struct mix_batch *batch)
{
    return &looking->level[size_index(batch->size)];
}

static double median(double *values, size_t count)
{
    quantile_sort(values, count);
    return quantile_of_sorted(values, count, 0.5);
}

/* ln TTFT of the hits of one size. */
static size_t collect_hits(const struct looking *looking, size_t size, double *values)
{
    size_t count = 0;

    for (size_t i = 0; i < looking->count; i++) {
        const struct mix_batch *batch = looking->batch[i];

        if (batch->same && size_index(batch->size) == size)
            values[count++] = log(batch->ttft_s);
    }
    return count;
}

/* By hits alone: each size's level, and one deviation for all. */
static void find_levels(struct looking *looking)
{
    double *values = memory_new(looking->count, sizeof *values);
    double *off = memory_new(looking->count, sizeof *off);
    size_t all = 0;

    for (size_t size = 0; size < SIZES; size++) {
        struct level *level = &looking->level[size];

        *level = (struct level){.hits = collect_hits(looking, size, values), .log = NAN};
        if (level->hits < LEVEL_LEAST)
            continue;
        level->log = median(values, level->hits);
        for (size_t i = 0; i < level->hits; i++)
            off[all++] = fabs(values[i] - level->log);
    }
    looking->hits = all;
    looking->deviation = all > 0 ? fmax(1.4826 * median(off, all), deviation_least) : NAN;
    free(values);
    free(off);
}

/* The median's standard error is 1.2533 times the mean's. */
static void find_errors(struct looking *looking)
{
    for (size_t size = 0; size < SIZES; size++) {
        struct level *level = &looking->level[size];

        level->error = 1.2533 * looking->deviation / sqrt((double)level->hits);
    }
}

/* The visit's level stands where the mix has none of that size; where both are there, it may be
 * another. */
static void take_visit(struct looking *looking, const struct mix_steady *steady)
{
    struct level *level = &looking->level[size_index(steady->size)];
    double error = fmax(steady->deviation, deviation_least) / sqrt((double)steady->requests);
    double apart_by = fabs(level->log - steady->mean_log);

    if (isnan(looking->deviation))
        looking->deviation = fmax(steady->deviation, deviation_least);
    if (isnan(level->log)) {
        *level = (struct level){.hits = steady->requests, .log = steady->mean_log, .error = error};
        looking->paying->by_visit = true;
        return;
    }
    looking->paying->disagrees =
        apart_by > differs && 2 * distribution_t_above(apart_by / hypot(error, level->error),
                                                       (double)steady->requests - 1) <
                                  differs_p;
    looking->paying->by_visit = !looking->paying->disagrees;
}

/* --- Two clusters, where nothing else tells a level ------------------------------------------- */

/* The split of ascending values with the least sum of squares within; the number below it. */
static size_t split(const double *values, size_t count)
{
    double all = 0, below = 0, best = -INFINITY;
    size_t found = count;

    for (size_t i = 0; i < count; i++)
        all += values[i];
    for (size_t i = 1; i < count; i++) {
        double n = (double)i, m = (double)(count - i), between;

        below += values[i - 1];
        between = below * below / n + (all - below) * (all - below) / m;
        if (between > best) {
            best = between;
            found = i;
        }
    }
    return found;
}

/* Sets a size's level by the lower of two clusters, where these lie far apart. */
static void find_cluster(struct looking *looking, size_t size)
{
    double *values = memory_new(looking->count, sizeof *values);
    size_t count = 0, below;

    for (size_t i = 0; i < looking->count; i++) {
        if (size_index(looking->batch[i]->size) == size)
            values[count++] = log(looking->batch[i]->ttft_s);
    }
    quantile_sort(values, count);
    below = split(values, count);
    if (below >= LEVEL_LEAST && count - below >= LEVEL_LEAST) {
        double low = quantile_mean(values, below),
               high = quantile_mean(&values[below], count - below);
        double deviation = fmax(
            fmax(quantile_stddev(values, below), quantile_stddev(&values[below], count - below)),
            deviation_least);

        if (high - low > apart * deviation) {
            looking->level[size] = (struct level){.hits = below, .log = low};
            looking->deviation = isnan(looking->deviation)
                                     ? fmax(quantile_stddev(values, below), deviation_least)
                                     : looking->deviation;
        }
    }
    free(values);
}

static void find_clusters(struct looking *looking)
{
    for (size_t size = 0; size < SIZES; size++) {
        if (isnan(looking->level[size].log))
            find_cluster(looking, size);
    }
}

/* --- Who paid --------------------------------------------------------------------------------- */

static bool is_told(const struct looking *looking, const struct mix_batch *batch)
{
    return !isnan(level_of(looking, batch)->log);
}

static double hit_s(const struct looking *looking, const struct mix_batch *batch)
{
    return exp(level_of(looking, batch)->log);
}

/* Above what a request takes that loads nothing, cold caches included. */
static bool stands_above(const struct looking *looking, const struct mix_batch *batch)
{
    double level_s = hit_s(looking, batch);

    return log(batch->ttft_s) - log(level_s) > stands_out * looking->deviation &&
           batch->ttft_s - level_s > (batch->same ? 0 : REPLICATE_NO_LOAD_S);
}

/* How often requests are slow, as in a study (steady.h). */
static void find_slow(struct looking *looking)
{
    for (size_t i = 0; i < looking->count; i++) {
        const struct mix_batch *batch = looking->batch[i];

        looking->slow_hits +=
            batch->same && is_told(looking, batch) && stands_above(looking, batch);
    }
    looking->slow = (double)(looking->slow_hits + 1) / (double)(looking->hits + 20);
}

/* What those took more that may have paid. */
struct excess {
    double *above_s; /* of those that stand out; owned */
    size_t above, count;
    double mean_s, error_s;
};

static struct excess excess_of(const struct looking *looking)
{
    struct excess excess = {.above_s = memory_new(looking->count, sizeof *excess.above_s)};
    double *all_s = memory_new(looking->count, sizeof *all_s);

    for (size_t i = 0; i < looking->count; i++) {
        const struct mix_batch *batch = looking->batch[i];

        if (batch->same || !is_told(looking, batch))
            continue;
        all_s[excess.count] = batch->ttft_s - hit_s(looking, batch);
        if (stands_above(looking, batch))
            excess.above_s[excess.above++] = all_s[excess.count];
        excess.count++;
    }
    excess.mean_s = quantile_mean(all_s, excess.count);
    excess.error_s = quantile_stddev(all_s, excess.count) / sqrt((double)excess.count);
    free(all_s);
    return excess;
}

/* Whether all together take more than a first request may that loads nothing, though none of them
 * shows it. */
static bool show_together(const struct excess *excess)
{
    double df = (double)excess->count - 1;

    return excess->count > LEVEL_LEAST &&
           distribution_t_above((excess->mean_s - REPLICATE_NO_LOAD_S) / excess->error_s, df) <
               REPLICATE_LEVEL;
}

/* Whether more stand out of those that may have paid than are slow anyhow, or all show it together;
 * a first guess of what they paid. */
static bool any_paid(struct looking *looking)
{
    struct excess excess = excess_of(looking);
    bool stand_out =
        excess.above > 0 &&
        distribution_binomial_at_least(excess.above, excess.count, looking->slow) < REPLICATE_LEVEL;
    bool together = !stand_out && looking->slow_hits == 0 && show_together(&excess);

    if (stand_out)
        looking->switch_s = median(excess.above_s, excess.above);
    else if (together)
        looking->switch_s = excess.mean_s;
    looking->switch_deviation = 2 * looking->deviation;
    looking->share = stand_out ? (double)excess.above / (double)excess.count : 0.5;
    free(excess.above_s);
    return stand_out || together;
}

static double normal_density(double x, double deviation)
{
    return exp(-x * x / (2 * deviation * deviation)) / deviation / sqrt(2 * 3.14159265358979);
}

/* How likely a batch paid, which may have. */
static double chance(const struct looking *looking, const struct mix_batch *batch)
{
    double level_s = hit_s(looking, batch), off = log(batch->ttft_s / level_s);
    double paid = log((level_s + looking->switch_s) / level_s);
    double is_slow = off > 0 && off < wide ? looking->slow / wide : 0;
    double hit = (1 - looking->slow) * normal_density(off, looking->deviation) + is_slow;
    double with = looking->share * normal_density(off - paid, looking->switch_deviation);
    double all = with + (1 - looking->share) * hit;

    return all > 0 ? with / all : off > paid / 2;
}

/* One round: who paid, then what. */
static void estimate(struct looking *looking)
{
    double weight = 0, extra_s = 0, squares = 0, others = 0;

    for (size_t i = 0; i < looking->count; i++) {
        struct mix_batch *batch = looking->batch[i];

        if (!is_told(looking, batch))
            continue;
        batch->paid = batch->same ? 0 : chance(looking, batch);
        others += !batch->same;
        weight += batch->paid;
        extra_s += batch->paid * (batch->ttft_s - hit_s(looking, batch));
    }
    if (!(weight > 0.5))
        return;
    looking->share = weight / others;
    looking->switch_s = extra_s / weight;
    for (size_t i = 0; i < looking->count; i++) {
        const struct mix_batch *batch = looking->batch[i];
        double level_s = hit_s(looking, batch);

        if (is_told(looking, batch))
            squares += batch->paid * pow(log(batch->ttft_s / (level_s + looking->switch_s)), 2);
    }
    looking->switch_deviation = fmax(sqrt(squares / weight), deviation_least);
}

/* What a batch took more, as far as it paid; of those that nothing tells of, what is average. */
static void fill(struct looking *looking)
{
    for (size_t i = 0; i < looking->count; i++) {
        struct mix_batch *batch = looking->batch[i];
        bool told = is_told(looking, batch);

        looking->paying->unknown += !told;
        if (!told)
            batch->paid = batch->same ? 0 : looking->share;
        batch->extra_s =
            batch->paid * (told ? batch->ttft_s - hit_s(looking, batch) : looking->switch_s);
    }
}

static void find_who_paid(struct looking *looking)
{
    struct mix_paying *paying = looking->paying;

    find_slow(looking);
    if (any_paid(looking)) {
        double before = NAN;

        for (int round = 0; round < ROUNDS && looking->share != before; round++) {
            before = looking->share;
            estimate(looking);
        }
    } else {
        looking->share = 0;
        for (size_t i = 0; i < looking->count; i++)
            looking->batch[i]->paid = 0;
    }
    fill(looking);
    paying->switch_s = looking->switch_s;
    paying->blurred =
        paying->switch_s > 0 && log1p(paying->switch_s / paying->hit_s) < 3 * looking->deviation;
}

/* --- A member --------------------------------------------------------------------------------- */

static void collect(struct mix_calls *calls, size_t member, struct looking *looking)
{
    looking->batch = memory_new(calls->batches, sizeof *looking->batch);
    for (size_t i = 0; i < calls->batches; i++) {
        struct mix_batch *batch = &calls->batch[i];

        if (batch->member == member && (calls->source == SWITCH_SERVER || batch->alone))
            looking->batch[looking->count++] = batch;
    }
}

/* The level of the size that most batches ran at. */
static const struct level *usual(const struct looking *looking)
{
    size_t count[SIZES] = {0}, most = 0;

    for (size_t i = 0; i < looking->count; i++)
        count[size_index(looking->batch[i]->size)] += is_told(looking, looking->batch[i]);
    for (size_t size = 1; size < SIZES; size++)
        most = count[size] > count[most] ? size : most;
    return &looking->level[most];
}

/* By the client's clock, calls that queued tell nothing: they paid as often as the others did. */
static void fill_queued(struct mix_calls *calls, size_t member, const struct looking *looking)
{
    for (size_t i = 0; i < calls->batches; i++) {
        struct mix_batch *batch = &calls->batch[i];

        if (batch->member != member || calls->source == SWITCH_SERVER || batch->alone)
            continue;
        batch->paid = batch->same ? 0 : looking->share;
        batch->extra_s = batch->paid * looking->switch_s;
    }
}

struct mix_paying mix_paying_find(struct mix_calls *calls, size_t member,
                                  const struct mix_steady *steady)
{
    struct mix_paying paying = {.reason = MIX_MEASURED, .hit_s = NAN};
    struct looking looking = {.paying = &paying};
    const struct level *level;

    collect(calls, member, &looking);
    find_levels(&looking);
    find_errors(&looking);
    if (steady && steady->requests > 1)
        take_visit(&looking, steady);
    find_clusters(&looking);
    level = usual(&looking);
    if (isnan(level->log)) {
        paying.reason = looking.count < LEVEL_LEAST ? MIX_TOO_FEW : MIX_NO_BASELINE;
    } else {
        paying.hit_s = exp(level->log);
        paying.deviation = looking.deviation;
        paying.hit_error = level->error > 0 ? level->error : 0;
        find_who_paid(&looking);
        fill_queued(calls, member, &looking);
    }
    free(looking.batch);
    return paying;
}
