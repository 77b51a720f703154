#include "core/bundle.h"

const char *const bundle_eviction_names[] = {"lru", "fifo", "none", "lfu", "random", "clock", NULL};

const char *const bundle_routing_names[] = {"round-robin", "sticky", NULL};

const char *const bundle_schedule_names[] = {"fifo", "group", NULL};

const char *const bundle_tokenizer_names[] = {"words", "subwords", NULL};

static const double most_tokens = 1e9, most_per_s = 1e9, most_gb = 1e6, most_s = 3600;

/* clang-format off */
static const struct setting node_table[] = {
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

static const struct setting pauses_table[] = {
    {"every_s", SETTING_NUMBER, offsetof(struct bundle_pauses, every_s), .fallback = "0",
     .least = 0, .most = most_s, .unit = "s",
     .help = "from the begin of one pause to that of the next; the first begins so long after the start"},
    {"for_s", SETTING_NUMBER, offsetof(struct bundle_pauses, for_s), .fallback = "0", .least = 0,
     .most = most_s, .unit = "s", .help = "how long each lasts; what is due in it waits for its end"},
    {0},
};

#define NOISE(field) offsetof(struct bundle_noise, field)

static const struct setting noise_table[] = {
    {"jitter", SETTING_NUMBER, NOISE(jitter), .fallback = "0", .least = 0, .most = 2,
     .help = "sigma of a log-normal factor of mean 1 on each prefill and each gap between tokens"},
    {"stall_probability", SETTING_NUMBER, NOISE(stall_probability), .fallback = "0", .least = 0,
     .most = 1, .help = "how likely a token, the first included, is held up by stall_s"},
    {"stall_s", SETTING_NUMBER, NOISE(stall_s), .fallback = "0", .least = 0, .most = most_s,
     .unit = "s", .help = "how long a stall holds up its token, and with it those behind"},
    {"network_delay_s", SETTING_NUMBER, NOISE(network_delay_s), .fallback = "0", .least = 0,
     .most = most_s, .unit = "s",
     .help = "how long a question travels to the node, and an answer from it"},
    {"warmup_s", SETTING_NUMBER, NOISE(warmup_s), .fallback = "0", .least = 0, .most = most_s,
     .unit = "s",
     .help = "what each expert configuration's first batch since the start costs besides"},
    {"prefix_cache", SETTING_TRUTH, NOISE(prefix_cache), .fallback = "false",
     .help = "prompts that begin as earlier ones of their expert need no prefill for that part"},
    {"load_spread", SETTING_NUMBER, NOISE(load_spread), .fallback = "0", .least = 0, .most = 10,
     .help = "standard deviation of a log-normal factor of mean 1 on each load's time"},
    {"drift_per_min", SETTING_NUMBER, NOISE(drift_per_min), .fallback = "0", .least = -0.99,
     .most = 10, .help = "share by which each minute since the start changes prefill times"},
    {"second_request", SETTING_NUMBER, NOISE(second_request), .fallback = "0", .least = 0,
     .most = most_s, .unit = "s",
     .help = "what the second batch of a configuration since its load costs besides"},
    {"pauses", SETTING_GROUP, NOISE(pauses), .members = pauses_table,
     .help = "moments at which the node stands still, as a collector's: {every_s: …, for_s: …}"},
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
     .most = most_tokens, .unit = "tokens", .help = "sequence length: prompt and answer together"},
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

static const struct setting expert_table[] = {
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
     .help = "speed of writing an answer, for each request"},
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

const struct setting bundle_table[] = {
    {"node", SETTING_GROUP, offsetof(struct bundle, node), .required = true, .members = node_table,
     .help = "the machine: hbm_gb and the rest"},
    {"noise", SETTING_GROUP, offsetof(struct bundle, noise), .members = noise_table,
     .help = "what the simulator adds to an exact node, from its seed; all of it off by default"},
    {"experts", SETTING_LIST, offsetof(struct bundle, experts), .required = true,
     .members = expert_table, .item_size = sizeof(struct bundle_expert),
     .help = "a list of models: name, weight_gb, tiers and the rest"},
    {"behaviour", SETTING_GROUP, offsetof(struct bundle, behaviour),
     .members = bundle_behaviour_table, .help = "how the simulated server talks"},
    {"faults", SETTING_LIST, offsetof(struct bundle, faults), .members = bundle_fault_table,
     .item_size = sizeof(struct bundle_fault),
     .help = "what goes wrong with the simulated server: a list of {kind: …, request: …}"},
    {0},
};
/* clang-format on */
