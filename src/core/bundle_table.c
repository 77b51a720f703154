#include "core/bundle.h"

const char *const bundle_eviction_names[] = {"lru", "fifo", "none", "lfu", "random", "clock", NULL};

const char *const bundle_routing_names[] = {"round-robin", "sticky", NULL};

const char *const bundle_schedule_names[] = {"fifo", "group", NULL};

const char *const bundle_tokenizer_names[] = {"words", "subwords", NULL};

static const double most_tokens = 1e9, most_per_s = 1e9, most_gb = 1e6, most_s = 3600;

/* clang-format off */
const struct setting bundle_node_table[] = {
    {"hbm_gb", SETTING_NUMBER, offsetof(struct bundle_node, hbm_gb), .required = true,
     .least = 1e-6, .most = most_gb, .unit = "GB",
     .help = "fast memory that configurations are loaded into"},
    {"ddr_to_hbm_gb_per_s", SETTING_NUMBER, offsetof(struct bundle_node, ddr_to_hbm_gb_per_s),
     .least = 1e-6, .most = most_gb, .unit = "GB/s", .help = "speed of loading"},
    {"switch_overhead_s", SETTING_NUMBER, offsetof(struct bundle_node, switch_overhead_s),
     .fallback = "0", .least = 0, .most = most_s, .unit = "s",
     .help = "what each load costs beside moving the weights"},
    {"eviction", SETTING_CHOICE, offsetof(struct bundle_node, eviction), .fallback = "lru",
     .choices = bundle_eviction_names, .help = "which configuration leaves first"},
    {"reports_batch_size", SETTING_TRUTH, offsetof(struct bundle_node, reports_batch_size),
     .fallback = "false", .help = "whether usage carries batch_size_used"},
    {"replicas", SETTING_INTEGER, offsetof(struct bundle_node, replicas), .fallback = "1",
     .least = 1, .most = 64,
     .help = "how many such machines share the requests, each with its own memory of hbm_gb"},
    {"routing", SETTING_CHOICE, offsetof(struct bundle_node, routing), .fallback = "round-robin",
     .choices = bundle_routing_names,
     .help = "which replica serves a request: the next one; or always the same for each expert"},
    {"schedule", SETTING_CHOICE, offsetof(struct bundle_node, schedule), .fallback = "fifo",
     .choices = bundle_schedule_names,
     .help = "who runs next: who waits longest; or first those that wait for what is loaded now"},
    {"idle_unload_s", SETTING_NUMBER, offsetof(struct bundle_node, idle_unload_s),
     .fallback = "0", .least = 0, .most = most_s, .unit = "s",
     .help = "unload a configuration that did not run for that long; 0: never"},
    {"pinned", SETTING_WORDS, offsetof(struct bundle_node, pinned),
     .help = "experts whose configurations stay once they are loaded"},
    {0},
};

static const struct setting speed_table[] = {
    {"batch_size", SETTING_INTEGER, offsetof(struct bundle_speed, batch_size), .required = true,
     .least = 1, .most = 65536, .unit = "requests", .help = "one of the tier's batch_sizes"},
    {"prefill_tokens_per_s", SETTING_NUMBER, offsetof(struct bundle_speed, prefill_tokens_per_s),
     .least = 1e-3, .most = most_per_s, .unit = "tokens/s", .help = "instead of the tier's"},
    {"decode_tokens_per_s", SETTING_NUMBER, offsetof(struct bundle_speed, decode_tokens_per_s),
     .least = 1e-3, .most = most_per_s, .unit = "tokens/s", .help = "instead of the tier's"},
    {0},
};

static const struct setting tier_table[] = {
    {"tokens", SETTING_INTEGER, offsetof(struct bundle_tier, tokens), .required = true, .least = 1,
     .most = most_tokens, .unit = "tokens", .help = "sequence length: prompt and response together"},
    {"batch_sizes", SETTING_NUMBERS, offsetof(struct bundle_tier, batch_sizes), .required = true,
     .least = 1, .most = 65536, .unit = "requests",
     .help = "how many requests run together, ascending, such as [1, 2, 4]"},
    {"prefill_tokens_per_s", SETTING_NUMBER, offsetof(struct bundle_tier, prefill_tokens_per_s),
     .least = 1e-3, .most = most_per_s, .unit = "tokens/s", .help = "instead of the expert's"},
    {"decode_tokens_per_s", SETTING_NUMBER, offsetof(struct bundle_tier, decode_tokens_per_s),
     .least = 1e-3, .most = most_per_s, .unit = "tokens/s", .help = "instead of the expert's"},
    {"speeds", SETTING_LIST, offsetof(struct bundle_tier, speeds), .members = speed_table,
     .item_size = sizeof(struct bundle_speed),
     .help = "the batch sizes that differ: a list of {batch_size: …, decode_tokens_per_s: …}"},
    {0},
};

const struct setting bundle_expert_table[] = {
    {"name", SETTING_TEXT, offsetof(struct bundle_expert, name), .required = true,
     .help = "the model's name in requests"},
    {"weight_gb", SETTING_NUMBER, offsetof(struct bundle_expert, weight_gb), .required = true,
     .least = 1e-6, .most = most_gb, .unit = "GB", .help = "what each configuration occupies"},
    {"template_tokens", SETTING_INTEGER, offsetof(struct bundle_expert, template_tokens),
     .fallback = "0", .least = 0, .most = most_tokens, .unit = "tokens",
     .help = "what the chat template adds to a prompt"},
    {"tokenizer", SETTING_CHOICE, offsetof(struct bundle_expert, tokenizer), .fallback = "words",
     .choices = bundle_tokenizer_names,
     .help = "what the simulator counts as a token: a word between blanks, or pieces of words"},
    {"prefill_tokens_per_s", SETTING_NUMBER, offsetof(struct bundle_expert, prefill_tokens_per_s),
     .least = 1e-3, .most = most_per_s, .unit = "tokens/s", .help = "speed of reading a prompt"},
    {"decode_tokens_per_s", SETTING_NUMBER, offsetof(struct bundle_expert, decode_tokens_per_s),
     .least = 1e-3, .most = most_per_s, .unit = "tokens/s",
     .help = "speed of writing a response, for each request"},
    {"prefill_overhead_s", SETTING_NUMBER, offsetof(struct bundle_expert, prefill_overhead_s),
     .fallback = "0", .least = 0, .most = most_s, .unit = "s",
     .help = "the part of prefill that no prompt is too short for"},
    {"acceptance_rate", SETTING_NUMBER, offsetof(struct bundle_expert, acceptance_rate),
     .least = 1e-6, .most = 1000, .help = "reported in usage, as with speculative decoding; changes nothing else"},
    {"tiers", SETTING_LIST, offsetof(struct bundle_expert, tiers), .required = true,
     .members = tier_table, .item_size = sizeof(struct bundle_tier),
     .help = "a list of {tokens: …, batch_sizes: […]}, ascending"},
    {0},
};

/* The simulator reads the whole file (sim/node_file.h); nobody else looks at what is its own. */
const struct setting bundle_table[] = {
    {"node", SETTING_GROUP, offsetof(struct bundle, node), .required = true,
     .members = bundle_node_table, .help = BUNDLE_NODE_HELP},
    {"noise", .type = SETTING_IGNORED},
    {"experts", SETTING_LIST, offsetof(struct bundle, experts), .required = true,
     .members = bundle_expert_table, .item_size = sizeof(struct bundle_expert),
     .help = BUNDLE_EXPERTS_HELP},
    {"behaviour", .type = SETTING_IGNORED},
    {"faults", .type = SETTING_IGNORED},
    {0},
};
/* clang-format on */
