/* A node that serves a mix of calls, followed in virtual time, and the truth about its switches: a
 * queue of its own with a memory, batches and two schedules; nothing of stats/ is in it. */
#ifndef BENCH_MIXED_NODE_H
#define BENCH_MIXED_NODE_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "stats/distribution.h"

enum { MEMBERS_MOST = 9, CALLS_LONG = 400000, BURN_IN = 1000 };
static const double noise = 0.05;

/* --- A node, followed ------------------------------------------------------------------------- */

struct world {
    const char *name;
    size_t members, stays; /* configurations in memory */
    bool grouped;
    size_t batch_most;
    size_t visit; /* requests of a steady visit to each member, as a study has */
    double rate;  /* calls/s */
    double share[MEMBERS_MOST], ttft_s[MEMBERS_MOST], decode_s[MEMBERS_MOST], load_s[MEMBERS_MOST];
};

struct event {
    size_t member;
    double at_s, hit_s, rest_s, load_s; /* drawn beforehand: the same with switches and without */
    double begin_s, ttft_s, done_s;
    size_t together; /* calls of its batch */
    double waited_s; /* for its batch's switch */
    bool paid, served;
};

/* Poisson members, each by itself, merged by the next moment of each. */
static void draw(const struct world *world, struct event *event, size_t count,
                 struct random *random)
{
    double next_s[MEMBERS_MOST];

    for (size_t m = 0; m < world->members; m++)
        next_s[m] = random_exponential(random) / (world->rate * world->share[m]);
    for (size_t i = 0; i < count; i++) {
        size_t m = 0;

        for (size_t k = 1; k < world->members; k++)
            m = next_s[k] < next_s[m] ? k : m;
        event[i] = (struct event){.member = m,
                                  .at_s = next_s[m],
                                  .hit_s = world->ttft_s[m] * exp(noise * random_normal(random)),
                                  .rest_s = world->decode_s[m] * exp(noise * random_normal(random)),
                                  .load_s = world->load_s[m] * exp(noise * random_normal(random))};
        next_s[m] += random_exponential(random) / (world->rate * world->share[m]);
    }
}

/* By age: the last is the newest. */
struct kept {
    size_t unit[MEMBERS_MOST], count;
};

static bool keeps(const struct kept *kept, size_t unit)
{
    for (size_t i = 0; i < kept->count; i++) {
        if (kept->unit[i] == unit)
            return true;
    }
    return false;
}

/* Makes the unit the newest; the oldest leaves where there is no room. Whether it had to load. */
static bool use(struct kept *kept, size_t unit, size_t room)
{
    bool there = keeps(kept, unit);
    size_t at = 0;

    while (there && kept->unit[at] != unit)
        at++;
    if (there || kept->count == room) {
        memmove(&kept->unit[at], &kept->unit[at + 1], (kept->count - at - 1) * sizeof *kept->unit);
        kept->count--;
    }
    kept->unit[kept->count++] = unit;
    return !there;
}

/* The waiting call that is next: the first, or the first of what is loaded. */
static size_t next_of(const struct world *world, const struct event *event, size_t first,
                      size_t end, const struct kept *kept)
{
    size_t oldest = SIZE_MAX;

    for (size_t i = first; i < end; i++) {
        if (event[i].served)
            continue;
        if (oldest == SIZE_MAX)
            oldest = i;
        if (!world->grouped || keeps(kept, event[i].member))
            return i;
    }
    return oldest;
}

/* Serves the batch of call `i`, and returns when the node is free. */
static double serve(const struct world *world, struct event *event, size_t i, size_t end,
                    double now_s, bool pays)
{
    const struct event *first = &event[i];
    double first_load_s = first->load_s;
    double ttft_s = first->hit_s + (pays ? first->load_s : 0), takes_s = ttft_s + first->rest_s;
    size_t member = first->member, together = 0;

    for (size_t k = i; k < end && together < world->batch_most; k++)
        together += !event[k].served && event[k].member == member;
    for (size_t k = i, taken = 0; taken < together; k++) {
        if (event[k].served || event[k].member != member)
            continue;
        event[k].served = true;
        event[k].begin_s = now_s;
        event[k].ttft_s = ttft_s;
        event[k].done_s = now_s + takes_s;
        event[k].together = together;
        event[k].waited_s = pays ? first_load_s : 0;
        event[k].paid = pays;
        taken++;
    }
    return now_s + takes_s;
}

static void run(const struct world *world, struct event *event, size_t count, bool switches)
{
    struct kept kept = {.count = 0};
    double now_s = 0;
    size_t first = 0, arrived = 0;

    for (size_t i = 0; i < count; i++)
        event[i].served = false;
    while (first < count) {
        size_t next;
        bool pays;

        while (first < count && event[first].served)
            first++;
        if (first == count)
            break;
        if (event[first].at_s > now_s)
            now_s = event[first].at_s;
        arrived = arrived < first ? first : arrived;
        while (arrived < count && event[arrived].at_s <= now_s)
            arrived++;
        next = next_of(world, event, first, arrived, &kept);
        pays = use(&kept, event[next].member, switches ? world->stays : world->members);
        now_s = serve(world, event, next, arrived, now_s, pays && switches);
    }
}

/* --- The truth -------------------------------------------------------------------------------- */

struct truth {
    double paid_share, own_s, longer_s, time_share, utilisation;
};

/* Of `count` calls from `from` on. */
static struct truth truth_of(const struct event *with, const struct event *without, size_t from,
                             size_t count)
{
    struct truth truth = {0};
    double span_s = with[from + count - 1].at_s - with[from].at_s, n = (double)count;

    for (size_t i = from; i < from + count; i++) {
        const struct event *event = &with[i];
        double part = 1 / (double)event->together;

        truth.paid_share += event->paid / n;
        truth.own_s += event->waited_s / n;
        truth.time_share += part * event->waited_s / span_s;
        truth.utilisation += part * (event->done_s - event->begin_s) / span_s;
        truth.longer_s +=
            (event->begin_s + event->ttft_s - without[i].begin_s - without[i].ttft_s) / n;
    }
    return truth;
}

static struct truth long_run(const struct world *world, uint64_t seed)
{
    const uint64_t key[] = {0x74727565, seed};
    size_t count = CALLS_LONG + BURN_IN;
    struct event *with = memory_new(count, sizeof *with);
    struct event *without = memory_new(count, sizeof *without);
    struct random random;
    struct truth truth;

    random_init(&random, key, 2);
    draw(world, with, count, &random);
    memcpy(without, with, count * sizeof *with);
    run(world, with, count, true);
    run(world, without, count, false);
    truth = truth_of(with, without, BURN_IN, CALLS_LONG);
    free(with);
    free(without);
    return truth;
}

#endif
