#include "core/bundle.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/yaml.h"

const char *const bundle_eviction_names[] = {"lru", "fifo", "none", NULL};

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
    {"prefill_tokens_per_s", SETTING_NUMBER, offsetof(struct bundle_expert, prefill_tokens_per_s),
     .least = 1e-3, .most = most_per_s, .unit = "tokens/s", .help = "speed of reading a prompt"},
    {"decode_tokens_per_s", SETTING_NUMBER, offsetof(struct bundle_expert, decode_tokens_per_s),
     .least = 1e-3, .most = most_per_s, .unit = "tokens/s",
     .help = "speed of writing an answer, for each request"},
    {"prefill_overhead_s", SETTING_NUMBER, offsetof(struct bundle_expert, prefill_overhead_s),
     .fallback = "0", .least = 0, .most = most_s, .unit = "s",
     .help = "the part of prefill that no prompt is too short for"},
    {"acceptance_rate", SETTING_NUMBER, offsetof(struct bundle_expert, acceptance_rate),
     .least = 1e-6, .most = 1000, .help = "reported in usage, as with speculative decoding"},
    {"tiers", SETTING_LIST, offsetof(struct bundle_expert, tiers), .required = true,
     .members = tier_table, .item_size = sizeof(struct bundle_tier),
     .help = "a list of {tokens: …, batch_sizes: […]}, ascending"},
    {0},
};

const struct setting bundle_table[] = {
    {"node", SETTING_GROUP, offsetof(struct bundle, node), .required = true, .members = node_table,
     .help = "the machine: hbm_gb and the rest"},
    {"experts", SETTING_LIST, offsetof(struct bundle, experts), .required = true,
     .members = expert_table, .item_size = sizeof(struct bundle_expert),
     .help = "a list of models: name, weight_gb, tiers and the rest"},
    {0},
};
/* clang-format on */

const struct bundle_expert *bundle_expert(const struct bundle *bundle, size_t i)
{
    return (const struct bundle_expert *)bundle->experts.items + i;
}

const struct bundle_tier *bundle_tier(const struct bundle_expert *expert, size_t i)
{
    return (const struct bundle_tier *)expert->tiers.items + i;
}

int64_t bundle_batch_size(const struct bundle_tier *tier, size_t i)
{
    return (int64_t)((const double *)tier->batch_sizes.items)[i];
}

static void check_batch_sizes(const struct bundle_tier *tier, const struct yaml *place,
                              struct faults *faults)
{
    const double *sizes = tier->batch_sizes.items;
    const struct yaml *list = setting_place(place, "batch_sizes");

    if (tier->batch_sizes.count == 0)
        faults_add(faults, list->source, list->line, "batch_sizes: is empty; give at least [1]");
    for (size_t i = 0; i < tier->batch_sizes.count; i++) {
        const struct yaml *at = list->value[i];

        if (sizes[i] != floor(sizes[i]))
            faults_add(faults, at->source, at->line, "batch_sizes: %s is not a whole number",
                       at->scalar);
        else if (i > 0 && sizes[i] <= sizes[i - 1])
            faults_add(faults, at->source, at->line,
                       "batch_sizes: %s after %s; write them ascending, each once", at->scalar,
                       list->value[i - 1]->scalar);
    }
}

static void check_tiers(const struct bundle_expert *expert, const struct yaml *place,
                        struct faults *faults)
{
    const struct yaml *list = setting_place(place, "tiers");

    if (expert->tiers.count == 0)
        faults_add(faults, list->source, list->line,
                   "%s has no tiers; give at least one, such as {tokens: 4096, batch_sizes: [1]}",
                   expert->name);
    for (size_t i = 0; i < expert->tiers.count; i++) {
        const struct bundle_tier *tier = bundle_tier(expert, i);
        const struct yaml *at = setting_place(list->value[i], "tokens");

        if (i > 0 && tier->tokens <= bundle_tier(expert, i - 1)->tokens)
            faults_add(faults, at->source, at->line,
                       "%s: tier %" PRId64 " after %" PRId64 "; write them ascending, each once",
                       expert->name, tier->tokens, bundle_tier(expert, i - 1)->tokens);
        check_batch_sizes(tier, list->value[i], faults);
    }
}

static void check_expert(const struct bundle *bundle, size_t i, const struct yaml *place,
                         struct faults *faults)
{
    const struct bundle_expert *expert = bundle_expert(bundle, i);
    const struct yaml *name = setting_place(place, "name");
    const struct yaml *weight = setting_place(place, "weight_gb");

    if (bundle_find_expert(bundle, expert->name) != expert)
        faults_add(faults, name->source, name->line,
                   "an expert '%s' is already listed above; give each name once", expert->name);
    if (bundle->node.eviction != BUNDLE_EVICTION_NONE && expert->weight_gb > bundle->node.hbm_gb)
        faults_add(faults, weight->source, weight->line,
                   "%s: weight_gb %g never fits into hbm_gb %g", expert->name, expert->weight_gb,
                   bundle->node.hbm_gb);
    check_tiers(expert, place, faults);
}

static void check_experts(const struct bundle *bundle, const struct yaml *root,
                          struct faults *faults)
{
    const struct yaml *list = setting_place(root, "experts");

    if (bundle->experts.count == 0)
        faults_add(faults, list->source, list->line, "experts: is empty; list at least one");
    for (size_t i = 0; i < bundle->experts.count; i++)
        check_expert(bundle, i, list->value[i], faults);
}

/* What a tier does not say for itself, its expert says. */
static void settle_speeds(struct bundle *bundle)
{
    struct bundle_expert *experts = bundle->experts.items;

    for (size_t i = 0; i < bundle->experts.count; i++) {
        struct bundle_tier *tiers = experts[i].tiers.items;

        for (size_t j = 0; j < experts[i].tiers.count; j++) {
            if (tiers[j].prefill_tokens_per_s == 0)
                tiers[j].prefill_tokens_per_s = experts[i].prefill_tokens_per_s;
            if (tiers[j].decode_tokens_per_s == 0)
                tiers[j].decode_tokens_per_s = experts[i].decode_tokens_per_s;
        }
    }
}

bool bundle_read(const char *path, struct bundle *bundle, struct faults *faults)
{
    size_t before = faults->count;
    struct error error;
    struct yaml *root = yaml_read(path, &error);

    if (!root) {
        faults_add(faults, NULL, 0, "%s", error.text);
        return false;
    }
    if (setting_read(bundle_table, root, bundle, faults)) {
        check_experts(bundle, root, faults);
        settle_speeds(bundle);
    }
    yaml_delete(root);
    return faults->count == before;
}

void bundle_clear(struct bundle *bundle)
{
    setting_clear(bundle_table, bundle);
}

const struct bundle_expert *bundle_find_expert(const struct bundle *bundle, const char *name)
{
    for (size_t i = 0; i < bundle->experts.count; i++) {
        if (strcmp(bundle_expert(bundle, i)->name, name) == 0)
            return bundle_expert(bundle, i);
    }
    return NULL;
}

const struct bundle_tier *bundle_find_tier(const struct bundle_expert *expert, int64_t tokens)
{
    for (size_t i = 0; i < expert->tiers.count; i++) {
        if (bundle_tier(expert, i)->tokens >= tokens)
            return bundle_tier(expert, i);
    }
    return NULL;
}

int64_t bundle_find_batch_size(const struct bundle_tier *tier, int64_t requests)
{
    size_t i = 0;

    while (i + 1 < tier->batch_sizes.count && bundle_batch_size(tier, i) < requests)
        i++;
    return bundle_batch_size(tier, i);
}

void bundle_add_name(struct text *text, const struct bundle_configuration *configuration)
{
    int64_t tokens = configuration->tier->tokens;
    bool thousands = tokens % 1024 == 0;

    text_printf(text, "%s-%" PRId64 "%s-BS%" PRId64, configuration->expert->name,
                thousands ? tokens / 1024 : tokens, thousands ? "k" : "",
                configuration->batch_size);
}
