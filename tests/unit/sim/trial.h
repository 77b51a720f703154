/* What the tests of the node share: three experts in a node of which each test says the rest, in
 * virtual time. Weights and speeds are such that a load takes 1 s for 10 GB, prefill 1 ms and
 * decode 10 ms for each token. */
#ifndef TRIAL_H
#define TRIAL_H

#include "sim/node.h"

#include "core/clock.h"
#include "support.h"

#define SPEEDS       "prefill_tokens_per_s: 1000, decode_tokens_per_s: 100"
#define EXPERT(name) "  - {name: " name ", weight_gb: 10, " SPEEDS ", tiers: [" TIERS "]}\n"
#define TIERS                                                                                      \
    "{tokens: 4096, batch_sizes: [1, 2, 4, 8, 16]}, "                                              \
    "{tokens: 8192, batch_sizes: [1], decode_tokens_per_s: 50}"
#define BUNDLE(node)                                                                               \
    "node: {ddr_to_hbm_gb_per_s: 10, " node "}\n"                                                  \
    "experts:\n" EXPERT("a") EXPERT("b") EXPERT("c")

static const int64_t s = CLOCK_NS_PER_S, ms = CLOCK_NS_PER_S / 1000;

enum { TRIAL_REQUESTS_MOST = 64 };

/* A node and all that is asked of it. */
struct trial {
    struct node_file file;
    struct node *node;
    struct node_request requests[TRIAL_REQUESTS_MOST];
    size_t count;
    size_t started[TRIAL_REQUESTS_MOST]; /* their places, in the order in which they were started */
    size_t started_count;
};

static inline void trial_on_start(void *context, struct node_request *request)
{
    struct trial *trial = context;

    trial->started[trial->started_count++] = (size_t)(request - trial->requests);
}

static inline void trial_begin_seeded(struct trial *trial, uint64_t seed, const char *yaml)
{
    struct faults faults = {0};
    struct error error;

    *trial = (struct trial){0};
    support_write("bundle.yaml", yaml);
    if (!node_file_read("bundle.yaml", &trial->file, &faults))
        fail_msg("%s", faults.text[0]);
    assert_true(node_accepts(&trial->file, &error));
    trial->node = node_new(&trial->file, seed, 0, trial_on_start, trial);
}

static inline void trial_begin(struct trial *trial, const char *yaml)
{
    trial_begin_seeded(trial, 0, yaml);
}

static inline void trial_end(struct trial *trial)
{
    for (size_t i = 0; i < trial->count; i++)
        node_release(trial->node, &trial->requests[i]);
    node_free(trial->node);
    node_file_clear(&trial->file);
}

static inline struct node_request *trial_ask(struct trial *trial, const char *expert,
                                             int64_t prompt_tokens, int64_t completion_tokens,
                                             int64_t now_ns)
{
    struct node_request *request = &trial->requests[trial->count++];

    request->expert = bundle_find_expert(&trial->file.bundle, expert);
    request->tier = bundle_find_tier(request->expert, prompt_tokens + completion_tokens);
    request->prompt_tokens = prompt_tokens;
    request->completion_tokens = completion_tokens;
    node_submit(trial->node, request, now_ns);
    return request;
}

/* Lets time go by until nothing is left to happen. */
static inline void trial_finish(struct trial *trial)
{
    while (node_next_ns(trial->node) != NODE_IDLE)
        node_advance(trial->node, node_next_ns(trial->node));
}

#endif
