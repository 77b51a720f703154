#include "core/bundle.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/document.h"
#include "core/shipped.h"
#include "core/yaml.h"

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

static bool runs_at(const struct bundle_tier *tier, int64_t batch_size)
{
    for (size_t i = 0; i < tier->batch_sizes.count; i++) {
        if (bundle_batch_size(tier, i) == batch_size)
            return true;
    }
    return false;
}

static void check_speeds(const struct bundle_tier *tier, const struct yaml *place,
                         struct faults *faults)
{
    const struct bundle_speed *speeds = tier->speeds.items;
    const struct yaml *list = setting_place(place, "speeds");

    for (size_t i = 0; i < tier->speeds.count; i++) {
        const struct yaml *at = setting_place(list->value[i], "batch_size");

        if (!runs_at(tier, speeds[i].batch_size))
            faults_add(faults, at->source, at->line,
                       "speeds: %" PRId64 " is not among the tier's batch_sizes",
                       speeds[i].batch_size);
        for (size_t j = 0; j < i; j++) {
            if (speeds[j].batch_size == speeds[i].batch_size)
                faults_add(faults, at->source, at->line,
                           "speeds: batch size %" PRId64 " appears here again; keep one",
                           speeds[i].batch_size);
        }
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
        check_speeds(tier, list->value[i], faults);
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

/* What all configurations of an expert occupy together. */
static double all_gb(const struct bundle_expert *expert)
{
    size_t configurations = 0;

    for (size_t i = 0; i < expert->tiers.count; i++)
        configurations += bundle_tier(expert, i)->batch_sizes.count;
    return expert->weight_gb * (double)configurations;
}

/* Nobody leaves for an expert that does not fit beside those that are pinned. */
static void check_room_beside_pinned(const struct bundle *bundle, const struct yaml *at,
                                     struct faults *faults)
{
    double pinned_gb = 0, largest_gb = 0;

    for (size_t i = 0; i < bundle->experts.count; i++) {
        const struct bundle_expert *expert = bundle_expert(bundle, i);

        if (bundle_is_pinned(&bundle->node, expert))
            pinned_gb += all_gb(expert);
        else if (expert->weight_gb > largest_gb)
            largest_gb = expert->weight_gb;
    }
    if (pinned_gb > 0 && pinned_gb + largest_gb > bundle->node.hbm_gb * (1 + 1e-12))
        faults_add(faults, at->source, at->line,
                   "pinned: all configurations of these experts take %g GB, the largest other one "
                   "%g GB; both do not fit into hbm_gb %g",
                   pinned_gb, largest_gb, bundle->node.hbm_gb);
}

static void check_pinned(const struct bundle *bundle, const struct yaml *root,
                         struct faults *faults)
{
    const struct yaml *list = setting_place(root, "node.pinned");
    char *const *names = bundle->node.pinned.items;

    for (size_t i = 0; i < bundle->node.pinned.count; i++) {
        if (!bundle_find_expert(bundle, names[i]))
            faults_add(faults, list->source, list->line,
                       "pinned: there is no expert '%s' in this file", names[i]);
    }
    if (bundle->node.eviction != BUNDLE_EVICTION_NONE)
        check_room_beside_pinned(bundle, list, faults);
}

/* What a batch size does not say for itself its tier says, and for that its expert. */
static void settle(double *own, double general)
{
    if (*own == 0)
        *own = general;
}

static void settle_tier(struct bundle_tier *tier, const struct bundle_expert *expert)
{
    struct bundle_speed *speeds = tier->speeds.items;

    settle(&tier->prefill_tokens_per_s, expert->prefill_tokens_per_s);
    settle(&tier->decode_tokens_per_s, expert->decode_tokens_per_s);
    for (size_t i = 0; i < tier->speeds.count; i++) {
        settle(&speeds[i].prefill_tokens_per_s, tier->prefill_tokens_per_s);
        settle(&speeds[i].decode_tokens_per_s, tier->decode_tokens_per_s);
    }
}

static void settle_speeds(struct bundle *bundle)
{
    struct bundle_expert *experts = bundle->experts.items;

    for (size_t i = 0; i < bundle->experts.count; i++) {
        struct bundle_tier *tiers = experts[i].tiers.items;

        for (size_t j = 0; j < experts[i].tiers.count; j++)
            settle_tier(&tiers[j], &experts[i]);
    }
}

struct yaml *bundle_open(const char *path, struct faults *faults)
{
    struct error error;
    struct yaml *root = shipped_yaml("bundle", path, &error);

    if (!root) {
        faults_add(faults, NULL, 0, "%s", error.text);
    } else if (!document_check(root, DOCUMENT_BUNDLE, path, faults)) {
        yaml_delete(root);
        root = NULL;
    }
    return root;
}

void bundle_check(struct bundle *bundle, const struct yaml *root, struct faults *faults)
{
    check_experts(bundle, root, faults);
    check_pinned(bundle, root, faults);
    settle_speeds(bundle);
}

bool bundle_read(const char *path, struct bundle *bundle, struct faults *faults)
{
    size_t before = faults->count;
    struct yaml *root = bundle_open(path, faults);

    if (root && setting_read(bundle_table, root, bundle, faults))
        bundle_check(bundle, root, faults);
    if (root)
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

bool bundle_is_pinned(const struct bundle_node *node, const struct bundle_expert *expert)
{
    char *const *names = node->pinned.items;

    for (size_t i = 0; i < node->pinned.count; i++) {
        if (strcmp(names[i], expert->name) == 0)
            return true;
    }
    return false;
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

struct bundle_speed bundle_speed(const struct bundle_tier *tier, int64_t batch_size)
{
    const struct bundle_speed *speeds = tier->speeds.items;

    for (size_t i = 0; i < tier->speeds.count; i++) {
        if (speeds[i].batch_size == batch_size)
            return speeds[i];
    }
    return (struct bundle_speed){batch_size, tier->prefill_tokens_per_s, tier->decode_tokens_per_s};
}

void bundle_add_name(struct text *text, const struct bundle_configuration *configuration)
{
    int64_t tokens = configuration->tier->tokens;
    bool thousands = tokens % 1024 == 0;

    text_printf(text, "%s-%" PRId64 "%s-BS%" PRId64, configuration->expert->name,
                thousands ? tokens / 1024 : tokens, thousands ? "k" : "",
                configuration->batch_size);
}
