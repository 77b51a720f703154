/* A bundle file: which experts share a node, and what the node is made of.
 *
 * An expert is a model; a tier is a sequence length it is compiled for; a tier and one of its batch
 * sizes make an expert configuration, which is what a node loads (science.md, 1.3). Speeds
 * serve the simulator alone: the same file without them describes a real node to the client. What
 * else the simulator reads in it (noise, behaviour, faults: sim/node_file.h) is not looked at here.
 */
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
    BUNDLE_EVICTION_LRU,    /* the one used longest ago */
    BUNDLE_EVICTION_FIFO,   /* the one loaded longest ago */
    BUNDLE_EVICTION_NONE,   /* none: the node has room for all */
    BUNDLE_EVICTION_LFU,    /* the one used least often since its load */
    BUNDLE_EVICTION_RANDOM, /* any, drawn from the seed and the request's number */
    BUNDLE_EVICTION_CLOCK,  /* the next in a circle that was not used since the hand passed it */
};
extern const char *const bundle_eviction_names[];

/* Which replica serves a request. */
enum bundle_routing {
    BUNDLE_ROUTING_ROUND_ROBIN, /* one after another, request by request */
    BUNDLE_ROUTING_STICKY,      /* always the same for each expert */
};
extern const char *const bundle_routing_names[];

/* Which waiting requests run next. */
enum bundle_schedule {
    BUNDLE_SCHEDULE_FIFO,  /* those that wait longest */
    BUNDLE_SCHEDULE_GROUP, /* those for what is loaded now, then those that wait longest */
};
extern const char *const bundle_schedule_names[];

/* What the simulator counts as a token (sim/tokenizer.h). */
enum bundle_tokenizer { BUNDLE_TOKENIZER_WORDS, BUNDLE_TOKENIZER_SUBWORDS };
extern const char *const bundle_tokenizer_names[];

struct bundle_node {
    double hbm_gb;
    double ddr_to_hbm_gb_per_s; /* 0: not given */
    double switch_overhead_s;
    int eviction; /* enum bundle_eviction */
    bool reports_batch_size;
    int64_t replicas;           /* each with all of hbm_gb; 0 is 1 */
    int routing;                /* enum bundle_routing */
    int schedule;               /* enum bundle_schedule */
    double idle_unload_s;       /* 0: idle configurations stay */
    struct setting_list pinned; /* of char *: experts that stay once they are loaded */
};

/* How fast one batch size of a tier runs. */
struct bundle_speed {
    int64_t batch_size;
    double prefill_tokens_per_s; /* its own, else the tier's; 0: not given */
    double decode_tokens_per_s;  /* the same, per request */
};

struct bundle_tier {
    int64_t tokens;                  /* prompt and response together */
    struct setting_list batch_sizes; /* of double; whole, positive, ascending */
    double prefill_tokens_per_s;     /* its own, else the expert's; 0: not given */
    double decode_tokens_per_s;      /* the same, per request */
    struct setting_list speeds;      /* of struct bundle_speed: the batch sizes that differ */
};

struct bundle_expert {
    char *name;
    double weight_gb;
    int64_t template_tokens; /* what the chat template adds to each prompt */
    double prefill_tokens_per_s;
    double decode_tokens_per_s;
    double prefill_overhead_s;
    int tokenizer;          /* enum bundle_tokenizer */
    double acceptance_rate; /* 0: no speculative decoding; else only reported in usage: the speeds
                               are what comes of it, and tokens leave one by one all the same */
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

/* The table that bundle_read is made from; the groups of it that whoever reads more of the file has
 * in a table of its own, with their help. */
extern const struct setting bundle_table[], bundle_node_table[], bundle_expert_table[];

#define BUNDLE_NODE_HELP    "the machine: hbm_gb and the rest"
#define BUNDLE_EXPERTS_HELP "a list of models: name, weight_gb, tiers and the rest"

/* Reads and checks the file at `path`, or the program's own of the name "bundle:…" (shipped.h).
 * Adds every fault it finds, but not in the groups that are the simulator's alone. Clear `bundle`
 * either way. */
bool bundle_read(const char *path, struct bundle *bundle, struct faults *faults);

/* The two halves of that, for whoever reads more of the file. Opens it: NULL, with a fault, where
 * it is no YAML or a config; the caller deletes it. */
struct yaml *bundle_open(const char *path, struct faults *faults);

/* Checks what was read from `root`, adding every fault, and settles each speed that a batch size or
 * a tier leaves to what is above it. */
void bundle_check(struct bundle *bundle, const struct yaml *root, struct faults *faults);

void bundle_clear(struct bundle *bundle);

const struct bundle_expert *bundle_expert(const struct bundle *bundle, size_t i);
const struct bundle_tier *bundle_tier(const struct bundle_expert *expert, size_t i);
int64_t bundle_batch_size(const struct bundle_tier *tier, size_t i);

/* The expert of that name, or NULL. */
const struct bundle_expert *bundle_find_expert(const struct bundle *bundle, const char *name);

/* Whether the expert's configurations stay once they are loaded. */
bool bundle_is_pinned(const struct bundle_node *node, const struct bundle_expert *expert);

/* The smallest tier that holds `tokens`, or NULL where none does. */
const struct bundle_tier *bundle_find_tier(const struct bundle_expert *expert, int64_t tokens);

/* The smallest batch size that holds `requests`, or the largest there is. */
int64_t bundle_find_batch_size(const struct bundle_tier *tier, int64_t requests);

/* How fast the tier runs at one of its batch sizes. */
struct bundle_speed bundle_speed(const struct bundle_tier *tier, int64_t batch_size);

/* Adds a configuration's name, such as "gpt-oss-120b-4k-BS2". */
void bundle_add_name(struct text *text, const struct bundle_configuration *configuration);

#endif
