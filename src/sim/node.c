#include "sim/node.h"

#include <stdlib.h>

#include "core/memory.h"
#include "sim/replica.h"

struct node {
    struct replica_common common;
    struct replica **replicas;
    int64_t replica_count;
    int64_t requests;
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

bool node_accepts(const struct node_file *file, struct error *error)
{
    if (file->bundle.node.ddr_to_hbm_gb_per_s == 0)
        return error_set(error, "the node has no ddr_to_hbm_gb_per_s; a simulation needs it");
    for (size_t i = 0; i < file->bundle.experts.count; i++) {
        const struct bundle_expert *expert = bundle_expert(&file->bundle, i);

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

struct node *node_new(const struct node_file *file, uint64_t seed, int64_t now_ns,
                      void (*on_start)(void *context, struct node_request *request), void *context)
{
    struct node *node = memory_new(1, sizeof *node);

    node->common = (struct replica_common){
        .batch = {file, seed, now_ns}, .on_start = on_start, .context = context};
    node->replica_count = file->bundle.node.replicas > 1 ? file->bundle.node.replicas : 1;
    node->replicas = memory_new((size_t)node->replica_count, sizeof *node->replicas);
    for (int64_t i = 0; i < node->replica_count; i++)
        node->replicas[i] = replica_new(&node->common);
    return node;
}

/* Whose request it is. */
static int64_t route(const struct node *node, const struct node_request *request)
{
    const struct node_file *file = node->common.batch.file;
    int64_t turn = file->bundle.node.routing == BUNDLE_ROUTING_STICKY
                       ? request->expert - bundle_expert(&file->bundle, 0)
                       : request->number;

    return turn % node->replica_count;
}

void node_submit(struct node *node, struct node_request *request, int64_t now_ns)
{
    request->arrived_ns = now_ns;
    request->number = node->requests++;
    request->replica = route(node, request);
    replica_submit(node->replicas[request->replica], request);
}

int64_t node_next_ns(const struct node *node)
{
    int64_t next_ns = NODE_IDLE;

    for (int64_t i = 0; i < node->replica_count; i++) {
        int64_t at_ns = replica_next_ns(node->replicas[i]);

        if (at_ns < next_ns)
            next_ns = at_ns;
    }
    return next_ns;
}

void node_advance(struct node *node, int64_t now_ns)
{
    int64_t at_ns;

    while ((at_ns = node_next_ns(node)) <= now_ns && at_ns != NODE_IDLE) {
        for (int64_t i = 0; i < node->replica_count; i++) {
            if (replica_next_ns(node->replicas[i]) <= at_ns)
                replica_advance(node->replicas[i], at_ns);
        }
    }
}

enum node_state node_state(const struct node *node, const struct bundle_expert *expert,
                           int64_t now_ns)
{
    enum node_state most = NODE_UNLOADED;

    for (int64_t i = 0; i < node->replica_count; i++) {
        enum node_state state = replica_state(node->replicas[i], expert, now_ns);

        if (state > most)
            most = state;
    }
    return most;
}

int64_t node_loaded_ns(const struct node *node, int64_t now_ns)
{
    const struct bundle *bundle = &node->common.batch.file->bundle;
    int64_t next_ns = NODE_IDLE;

    for (size_t i = 0; i < bundle->experts.count; i++) {
        for (int64_t k = 0; k < node->replica_count; k++) {
            int64_t at_ns =
                replica_load_over_ns(node->replicas[k], bundle_expert(bundle, i), now_ns);

            if (at_ns < next_ns)
                next_ns = at_ns;
        }
    }
    return next_ns;
}

void node_unload(struct node *node, const struct bundle_expert *expert)
{
    for (int64_t i = 0; i < node->replica_count; i++)
        replica_unload(node->replicas[i], expert);
}

bool node_uses(const struct node *node, const struct bundle_expert *expert, int64_t now_ns)
{
    for (int64_t i = 0; i < node->replica_count; i++) {
        if (replica_uses(node->replicas[i], expert, now_ns))
            return true;
    }
    return false;
}

bool node_load(struct node *node, const struct bundle_expert *expert, int64_t now_ns)
{
    const struct node_request request = {.expert = expert};

    return replica_load(node->replicas[route(node, &request)], expert, now_ns);
}

void node_release(struct node *node, struct node_request *request)
{
    replica_release(node->replicas[request->replica], request);
}

void node_free(struct node *node)
{
    if (!node)
        return;
    for (int64_t i = 0; i < node->replica_count; i++)
        replica_free(node->replicas[i]);
    free(node->replicas);
    free(node);
}
