/* A bundle file: which experts share a node, and what the node is made of.
 *
 * An expert is a model; a tier is a sequence length it is compiled for; a tier and one of its batch
 * sizes make an expert configuration, which is what a node loads (science.md, 1.3). Speeds belong
 * to the simulator alone: the same file without them describes a real node to the client. */
#ifndef CORE_BUNDLE_H
#define CORE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/setting.h"
#include "core/text.h"

/* Which resident configuration leaves when another needs its room. */
enum bundle_eviction {
    BUNDLE_EVICTION_LRU,  /* the one used longest ago */
    BUNDLE_EVICTION_FIFO, /* the one loaded longest ago */
    BUNDLE_EVICTION_NONE, /* none: the node has room for all */
};
extern const char *const bundle_eviction_names[];

struct bundle_node {
    double hbm_gb;
    double ddr_to_hbm_gb_per_s; /* 0: not given */
    double switch_overhead_s;
    int eviction; /* enum bundle_eviction */
    bool reports_batch_size;
};

struct bundle_tier {
    int64_t tokens;                  /* prompt and answer together */
    struct setting_list batch_sizes; /* of double; whole, positive, ascending */
    double prefill_tokens_per_s;     /* its own, else the expert's; 0: not given */
    double decode_tokens_per_s;      /* the same, per request */
};

struct bundle_expert {
    char *name;
    double weight_gb;
    int64_t template_tokens; /* what the chat template adds to each prompt */
    double prefill_tokens_per_s;
    double decode_tokens_per_s;
    double prefill_overhead_s;
    double acceptance_rate;    /* 0: no speculative decoding */
    struct setting_list tiers; /* of struct bundle_tier, ascending; at least one */
};

struct bundle {
    struct bundle_node node;
    struct setting_list experts; /* of struct bundle_expert; at least one */
};

/* What a node loads: an expert for one tier and one batch size. */
struct bundle_configuration {
    const struct bundle_expert *expert;
    const struct bundle_tier *tier;
    int64_t batch_size;
};

/* The table that bundle_read, help and manual are made from. */
extern const struct setting bundle_table[];

/* Reads and checks the file at `path`. Adds every fault it finds. Clear `bundle` either way. */
bool bundle_read(const char *path, struct bundle *bundle, struct faults *faults);

void bundle_clear(struct bundle *bundle);

const struct bundle_expert *bundle_expert(const struct bundle *bundle, size_t i);
const struct bundle_tier *bundle_tier(const struct bundle_expert *expert, size_t i);
int64_t bundle_batch_size(const struct bundle_tier *tier, size_t i);

/* The expert of that name, or NULL. */
const struct bundle_expert *bundle_find_expert(const struct bundle *bundle, const char *name);

/* The smallest tier that holds `tokens`, or NULL where none does. */
const struct bundle_tier *bundle_find_tier(const struct bundle_expert *expert, int64_t tokens);

/* The smallest batch size that holds `requests`, or the largest there is. */
int64_t bundle_find_batch_size(const struct bundle_tier *tier, int64_t requests);

/* Adds a configuration's name, such as "gpt-oss-120b-4k-BS2". */
void bundle_add_name(struct text *text, const struct bundle_configuration *configuration);

#endif
