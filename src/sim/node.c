#include "sim/node.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "sim/hbm.h"

/* What waits and what runs, for one expert. */
struct line {
    struct node_request *waiting; /* the oldest first */
    struct node_request **end;    /* where the next one goes */
    struct node_batch *running;
};

struct node {
    const struct bundle *bundle;
    void (*on_start)(void *context, struct node_request *request);
    void *context;
    struct hbm *hbm;
    struct line *lines;                /* one per expert */
    int64_t free_ns;                   /* when loading and prefill of the latest batch are over */
    bool waits_for_memory;             /* who is next cannot load until a running batch is over */
    struct prefix_cache *cache;        /* NULL: none */
    struct bundle_configuration *warm; /* that ran before */
    size_t warm_count;
    uint64_t seed;
    int64_t requests, batches;
};

static bool has_speeds(const struct bundle_tier *tier)
{
    for (size_t i = 0; i < tier->batch_sizes.count; i++) {
        struct bundle_speed speed = bundle_speed(tier, bundle_batch_size(tier, i));

        if (speed.prefill_tokens_per_s == 0 || speed.decode_tokens_per_s == 0)
            return false;
    }
    return true;
}

bool node_accepts(const struct bundle *bundle, struct error *error)
{
    if (bundle->node.ddr_to_hbm_gb_per_s == 0)
        return error_set(error, "the node has no ddr_to_hbm_gb_per_s; a simulation needs it");
    for (size_t i = 0; i < bundle->experts.count; i++) {
        const struct bundle_expert *expert = bundle_expert(bundle, i);

        for (size_t j = 0; j < expert->tiers.count; j++) {
            if (!has_speeds(bundle_tier(expert, j)))
                return error_set(error,
                                 "expert '%s' has no speeds; give it prefill_tokens_per_s and "
                                 "decode_tokens_per_s to simulate it",
                                 expert->name);
        }
    }
    return true;
}

struct node *node_new(const struct bundle *bundle, uint64_t seed,
                      void (*on_start)(void *context, struct node_request *request), void *context)
{
    struct node *node = memory_new(1, sizeof *node);

    node->bundle = bundle;
    node->seed = seed;
    node->on_start = on_start;
    node->context = context;
    node->hbm = hbm_new(&bundle->node);
    node->lines = memory_new(bundle->experts.count, sizeof *node->lines);
    for (size_t i = 0; i < bundle->experts.count; i++)
        node->lines[i].end = &node->lines[i].waiting;
    node->free_ns = INT64_MIN;
    if (bundle->noise.prefix_cache)
        node->cache = prefix_cache_new();
    return node;
}

static struct line *line_of(const struct node *node, const struct bundle_expert *expert)
{
    return &node->lines[expert - bundle_expert(node->bundle, 0)];
}

void node_submit(struct node *node, struct node_request *request, int64_t now_ns)
{
    struct line *line = line_of(node, request->expert);

    request->arrived_ns = now_ns;
    request->batch = NULL;
    request->cached_tokens = 0;
    request->number = node->requests++;
    request->next = NULL;
    *line->end = request;
    line->end = &request->next;
}

/* Takes the request at `at` out of the line. */
static void take_out(struct line *line, struct node_request **at)
{
    struct node_request *request = *at;

    *at = request->next;
    if (!*at)
        line->end = at;
    request->next = NULL;
}

/* The expert to serve next at this moment, or NULL: of those without a running batch, the one whose
 * oldest request came first. */
static struct line *next_line(const struct node *node, int64_t now_ns)
{
    struct line *next = NULL;

    for (size_t i = 0; i < node->bundle->experts.count; i++) {
        struct line *line = &node->lines[i];

        if (!line->running && line->waiting && line->waiting->arrived_ns <= now_ns &&
            (!next || line->waiting->number < next->waiting->number))
            next = line;
    }
    return next;
}

static bool may_join(const struct node_request *request, const struct node_request *oldest,
                     int64_t now_ns)
{
    return request->tier == oldest->tier && request->arrived_ns <= now_ns;
}

/* The configuration for what waits, and how many of them it takes. */
static struct bundle_configuration choose(const struct line *line, int64_t now_ns, size_t *members)
{
    const struct node_request *oldest = line->waiting;
    struct bundle_configuration chosen = {oldest->expert, oldest->tier, 0};
    int64_t most = bundle_find_batch_size(oldest->tier, INT64_MAX), count = 0;

    for (const struct node_request *r = oldest; r && count < most; r = r->next)
        count += may_join(r, oldest, now_ns);
    chosen.batch_size = bundle_find_batch_size(oldest->tier, count);
    *members = (size_t)count;
    return chosen;
}

/* Moves the batch's members out of the line into a list of their own, oldest first. */
static struct node_request *take_members(struct line *line, struct node_batch *batch,
                                         int64_t now_ns)
{
    struct node_request *members = NULL, **end = &members, **at = &line->waiting;
    const struct node_request *oldest = line->waiting;

    while (batch->unreleased < batch->members) {
        struct node_request *request = *at;

        if (!may_join(request, oldest, now_ns)) {
            at = &request->next;
            continue;
        }
        take_out(line, at);
        request->batch = batch;
        *end = request;
        end = &request->next;
        batch->unreleased++;
    }
    return members;
}

/* Whether the configuration runs for the first time; it no longer does then. */
static bool warm_up(struct node *node, const struct bundle_configuration *configuration)
{
    for (size_t i = 0; i < node->warm_count; i++) {
        if (node->warm[i].tier == configuration->tier &&
            node->warm[i].batch_size == configuration->batch_size)
            return false;
    }
    node->warm = memory_resize(node->warm, node->warm_count + 1, sizeof *node->warm);
    node->warm[node->warm_count++] = *configuration;
    return true;
}

/* All look before any is computed. */
static void use_cache(struct node *node, struct node_request *members)
{
    for (struct node_request *r = members; r; r = r->next) {
        if (r->prefix)
            r->cached_tokens = prefix_cache_find(node->cache, r->prefix);
    }
    for (const struct node_request *r = members; r; r = r->next) {
        if (r->prefix)
            prefix_cache_keep(node->cache, r->prefix);
    }
}

static void start_batch(struct node *node, struct line *line, struct node_batch *batch,
                        int64_t now_ns)
{
    struct node_request *members = take_members(line, batch, now_ns);

    batch->number = node->batches++;
    if (warm_up(node, &batch->configuration))
        batch->warmup_s = node->bundle->noise.warmup_s;
    if (node->cache)
        use_cache(node, members);
    batch_set_times(batch, node->bundle, node->seed, members, now_ns);
    line->running = batch;
    node->free_ns = batch->first_token_ns;
    while (members) {
        struct node_request *request = members;

        members = request->next;
        request->next = NULL;
        node->on_start(node->context, request);
    }
}

/* Starts the next batch, if there is one and memory for it. */
static bool start_next(struct node *node, int64_t now_ns)
{
    struct line *line = next_line(node, now_ns);
    struct node_batch *batch;

    if (!line)
        return false;
    batch = memory_new(1, sizeof *batch);
    batch->configuration = choose(line, now_ns, &batch->members);
    batch->hit = hbm_holds(node->hbm, &batch->configuration);
    if (!hbm_use(node->hbm, &batch->configuration, &batch->evicted, &batch->evicted_count)) {
        free(batch);
        node->waits_for_memory = true;
        return false;
    }
    start_batch(node, line, batch, now_ns);
    return true;
}

static void end_batch(struct node *node, struct line *line)
{
    struct node_batch *batch = line->running;

    line->running = NULL;
    hbm_rest(node->hbm, &batch->configuration);
    node->waits_for_memory = false;
    if (batch->unreleased == 0)
        batch_free(batch);
}

int64_t node_next_ns(const struct node *node)
{
    int64_t next_ns = NODE_IDLE;

    for (size_t i = 0; i < node->bundle->experts.count; i++) {
        const struct line *line = &node->lines[i];
        int64_t at_ns = NODE_IDLE;

        if (line->running)
            at_ns = line->running->over_ns;
        else if (line->waiting && !node->waits_for_memory)
            at_ns = line->waiting->arrived_ns > node->free_ns ? line->waiting->arrived_ns
                                                              : node->free_ns;
        if (at_ns < next_ns)
            next_ns = at_ns;
    }
    return next_ns;
}

void node_advance(struct node *node, int64_t now_ns)
{
    int64_t at_ns;

    while ((at_ns = node_next_ns(node)) <= now_ns && at_ns != NODE_IDLE) {
        for (size_t i = 0; i < node->bundle->experts.count; i++) {
            if (node->lines[i].running && node->lines[i].running->over_ns <= at_ns)
                end_batch(node, &node->lines[i]);
        }
        while (!node->waits_for_memory && node->free_ns <= at_ns && start_next(node, at_ns))
            ;
    }
}

void node_release(struct node *node, struct node_request *request)
{
    struct line *line = line_of(node, request->expert);
    struct node_request **at = &line->waiting;
    struct node_batch *batch = (struct node_batch *)request->batch;

    if (batch) {
        if (--batch->unreleased == 0 && line->running != batch)
            batch_free(batch);
        request->batch = NULL;
        return;
    }
    while (*at && *at != request)
        at = &(*at)->next;
    if (*at)
        take_out(line, at);
}

void node_free(struct node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->bundle->experts.count; i++) {
        if (node->lines[i].running)
            batch_free(node->lines[i].running);
    }
    hbm_free(node->hbm);
    prefix_cache_free(node->cache);
    free(node->warm);
    free(node->lines);
    free(node);
}
