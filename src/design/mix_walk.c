#include "design/mix_walk.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "plan/advice.h"
#include "stats/followed.h"

enum { NOBODY = -1 };

/* Calls that wait for one model and tier. */
struct line {
    const struct bundle_expert *expert;
    const struct bundle_tier *tier;
    size_t unit;      /* of its first batch size in the memory; the others follow */
    long first, last; /* NOBODY: none wait */
    size_t waiting;
    double *used_s; /* when each of its batch sizes ran last; owned */
};

struct walking {
    const struct bundle_node *node;
    const struct mix_walk_next *next;
    struct mix_walk *walk;
    struct line *line; /* owned */
    size_t lines, units;
    long *behind;   /* of each call the next in its line; owned */
    size_t arrived; /* calls before it wait or are done */
    struct followed memory;
    double now_s;
};

const char *mix_walk_unknown(const struct bundle_node *node)
{
    if (node->replicas > 1)
        return "it has several replicas";
    if (node->pinned.count > 0)
        return "some of its experts are pinned";
    if (node->eviction != BUNDLE_EVICTION_LRU && node->eviction != BUNDLE_EVICTION_FIFO &&
        node->eviction != BUNDLE_EVICTION_NONE)
        return "what leaves its memory is neither by lru nor by fifo";
    return NULL;
}

/* --- Lines ------------------------------------------------------------------------------------ */

static void add_line(struct walking *walking, const struct bundle_expert *expert,
                     const struct bundle_tier *tier)
{
    struct line line = {.expert = expert,
                        .tier = tier,
                        .unit = walking->units,
                        .first = NOBODY,
                        .last = NOBODY,
                        .used_s = memory_new(tier->batch_sizes.count, sizeof *line.used_s)};

    walking->line = memory_grow(walking->line, walking->lines, sizeof *walking->line);
    walking->line[walking->lines++] = line;
    walking->units += tier->batch_sizes.count;
}

static void make_lines(struct walking *walking, const struct bundle *bundle)
{
    for (size_t e = 0; e < bundle->experts.count; e++) {
        const struct bundle_expert *expert = bundle_expert(bundle, e);

        for (size_t t = 0; t < expert->tiers.count; t++)
            add_line(walking, expert, bundle_tier(expert, t));
    }
}

static struct line *line_of(const struct walking *walking, const struct walk_call *call)
{
    size_t i = 0;

    while (walking->line[i].tier != call->tier)
        i++;
    return &walking->line[i];
}

/* Lets in all that came by now. */
static void let_in(struct walking *walking)
{
    const struct mix_walk *walk = walking->walk;

    while (walking->arrived < walk->calls && walk->call[walking->arrived].at_s <= walking->now_s) {
        struct line *line = line_of(walking, &walk->call[walking->arrived]);
        long next = (long)walking->arrived++;

        walking->behind[next] = NOBODY;
        if (line->first == NOBODY)
            line->first = next;
        else
            walking->behind[line->last] = next;
        line->last = next;
        line->waiting++;
    }
}

/* --- Batches ---------------------------------------------------------------------------------- */

/* The place among the tier's batch sizes of the one that the line's next batch has. */
static size_t size_at(const struct line *line)
{
    int64_t size = bundle_find_batch_size(line->tier, (int64_t)line->waiting);
    size_t at = 0;

    while (bundle_batch_size(line->tier, at) != size)
        at++;
    return at;
}

static bool is_there(const struct walking *walking, const struct line *line)
{
    size_t at = size_at(line);
    double idle_s = walking->now_s - line->used_s[at];

    return walking->memory.weight[line->unit + at] > 0 &&
           !(walking->node->idle_unload_s > 0 && idle_s > walking->node->idle_unload_s);
}

/* The line whose first call came first; `there`: of those that need no load. NULL: none waits. */
static struct line *oldest(const struct walking *walking, bool there)
{
    struct line *found = NULL;

    for (size_t i = 0; i < walking->lines; i++) {
        struct line *line = &walking->line[i];

        if (line->first != NOBODY && (!there || is_there(walking, line)) &&
            (!found || line->first < found->first))
            found = line;
    }
    return found;
}

static struct line *choose(const struct walking *walking)
{
    struct line *found = NULL;

    if (walking->node->schedule == BUNDLE_SCHEDULE_GROUP)
        found = oldest(walking, true);
    return found ? found : oldest(walking, false);
}

/* What a call takes at that size, without a load. */
static double service_s(struct mix_walk *walk, const struct line *line,
                        const struct walk_call *call, const struct bundle_speed *speed)
{
    double read_s = ADVICE_TTFT_S, write_s = (double)call->output_tokens / ADVICE_TOKENS_PER_S;

    walk->guessed |= !(speed->prefill_tokens_per_s > 0) || !(speed->decode_tokens_per_s > 0);
    if (speed->prefill_tokens_per_s > 0)
        read_s = line->expert->prefill_overhead_s +
                 (double)call->input_tokens / speed->prefill_tokens_per_s;
    if (speed->decode_tokens_per_s > 0)
        write_s = (double)call->output_tokens / speed->decode_tokens_per_s;
    return read_s + write_s;
}

/* What a load takes, where one is needed. */
static double load_s(struct walking *walking, struct line *line, size_t at)
{
    const struct bundle_node *node = walking->node;
    bool there = is_there(walking, line);
    double took_s = 0;

    followed_visit(&walking->memory, line->unit + at, line->expert->weight_gb);
    if (there)
        return 0;
    walking->walk->loads++;
    if (node->ddr_to_hbm_gb_per_s > 0)
        took_s = node->switch_overhead_s + line->expert->weight_gb / node->ddr_to_hbm_gb_per_s;
    walking->walk->load_s += took_s;
    return took_s;
}

static void add_next(struct walking *walking, size_t member)
{
    struct mix_walk *walk = walking->walk;
    struct walk_call call;

    if (!walking->next ||
        !walking->next->next(walking->next->context, member, walking->now_s, &call))
        return;
    walk->call = memory_grow(walk->call, walk->calls, sizeof *walk->call);
    walking->behind = memory_grow(walking->behind, walk->calls, sizeof *walking->behind);
    walk->call[walk->calls++] = call;
}

/* Those that end give their places to others, in the order that they came. */
static void end_batch(struct walking *walking, long first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t member = walking->walk->call[first].member;
        long behind = walking->behind[first];

        add_next(walking, member);
        first = behind;
    }
}

static void run_batch(struct walking *walking, struct line *line)
{
    size_t at = size_at(line), most = (size_t)bundle_batch_size(line->tier, at), count = 0;
    struct bundle_speed speed = bundle_speed(line->tier, (int64_t)most);
    size_t loads = walking->walk->loads;
    double switch_s = load_s(walking, line, at), runs_s = 0;
    bool pays = walking->walk->loads > loads;
    long first = line->first;

    for (; count < most && line->first != NOBODY; count++) {
        struct walk_call *call = &walking->walk->call[line->first];

        call->pays = pays;
        runs_s = fmax(runs_s, service_s(walking->walk, line, call, &speed));
        line->first = walking->behind[line->first];
    }
    line->waiting -= count;
    walking->now_s += switch_s + runs_s;
    line->used_s[at] = walking->walk->took_s = walking->now_s;
    end_batch(walking, first, count);
}

/* --- All of it -------------------------------------------------------------------------------- */

static void run(struct walking *walking)
{
    const struct mix_walk *walk = walking->walk;

    for (;;) {
        struct line *line;

        let_in(walking);
        line = choose(walking);
        if (line)
            run_batch(walking, line);
        else if (walking->arrived < walk->calls)
            walking->now_s = walk->call[walking->arrived].at_s;
        else
            return;
    }
}

static size_t room_for(size_t calls)
{
    size_t room = 1;

    while (room < calls)
        room *= 2;
    return room;
}

void mix_walk(const struct bundle *bundle, struct walk_call *call, size_t calls,
              const struct mix_walk_next *next, struct mix_walk *walk)
{
    const struct bundle_node *node = &bundle->node;
    struct walking walking = {.node = node, .next = next, .walk = walk};

    *walk = (struct mix_walk){.call = call, .calls = calls};
    walking.behind = memory_new(room_for(calls), sizeof *walking.behind);
    make_lines(&walking, bundle);
    walking.memory = followed_make(walking.units,
                                   node->eviction == BUNDLE_EVICTION_NONE ? INFINITY : node->hbm_gb,
                                   node->eviction != BUNDLE_EVICTION_FIFO);
    run(&walking);
    if (!(node->ddr_to_hbm_gb_per_s > 0))
        walk->load_s = NAN;
    for (size_t i = 0; i < walking.lines; i++)
        free(walking.line[i].used_s);
    free(walking.line);
    free(walking.behind);
    followed_clear(&walking.memory);
}

void mix_walk_clear(struct mix_walk *walk)
{
    free(walk->call);
    *walk = (struct mix_walk){0};
}
