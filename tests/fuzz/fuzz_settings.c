/* Anything at all, as a file in YAML: the first byte picks what it is read as. What is taken must
 * keep the ranges of its table and come out as JSON. */
#include <cjson/cJSON.h>
#include <math.h>

#include "core/setting.h"
#include "core/yaml.h"
#include "input.h"
#include "plan/policy.h"
#include "plan/settings.h"
#include "prompt/texts.h"
#include "sim/node_file.h"

static const char path[] = "input.yaml";

/* --- The tree --------------------------------------------------------------------------------- */

static void check_node(const struct yaml *node)
{
    require((node->kind == YAML_SCALAR) == (node->scalar != NULL));
    require(node->line > 0);
    for (size_t i = 0; i < node->count; i++) {
        require(node->kind != YAML_SCALAR);
        check_node(node->value[i]);
        if (node->kind == YAML_MAPPING)
            require(node->key[i]->kind == YAML_SCALAR && node->key[i]->scalar);
        if (node->kind == YAML_MAPPING)
            require(yaml_find(node, node->key[i]->scalar));
    }
}

static void check_json(const char *text)
{
    cJSON *json = cJSON_Parse(text);

    require(json);
    require(input_is_utf8(text));
    cJSON_Delete(json);
}

static void check_tree(const struct yaml *root)
{
    struct text json = {0};

    check_node(root);
    yaml_add_json(root, &json);
    check_json(json.bytes);
    text_clear(&json);
}

static void read_tree(const uint8_t *bytes, size_t length)
{
    char *copy = input_copy(bytes, length);
    struct error error = {""};
    struct yaml *root = yaml_parse(copy, length, "input", &error);

    require_sentence(root, &error);
    if (root) {
        check_tree(root);
        if (yaml_put(root, "a.b", yaml_scalar("1", false, "put")))
            require(yaml_find(yaml_find(root, "a"), "b"));
        else
            check_tree(root);
    }
    yaml_delete(root);
    free(copy);
}

/* --- What was read by a table ----------------------------------------------------------------- */

static void check_table(const struct setting *table, const void *target);

/* 0 where nothing was given and nothing is the default. */
static void check_number(const struct setting *one, double value)
{
    bool unset = value == 0 && !one->required && !one->fallback;

    require(isfinite(value));
    require((one->least == 0 && one->most == 0) || unset ||
            (value >= one->least && value <= one->most));
}

static void check_text(const struct setting *one, const char *text)
{
    require(text || (!one->required && !one->fallback));
    require(!one->required || *text);
    require(!text || input_is_utf8(text));
}

static void check_choice(const struct setting *one, int chosen)
{
    require(chosen >= 0);
    for (int i = 0; i <= chosen; i++)
        require(one->choices[i]);
}

static void check_list(const struct setting *one, const struct setting_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (one->members)
            check_table(one->members, (const char *)list->items + i * one->item_size);
        else if (one->type == SETTING_WORDS)
            require(input_is_utf8(((char *const *)list->items)[i]));
        else
            check_number(one, ((const double *)list->items)[i]);
    }
}

static void check_value(const struct setting *one, const void *value)
{
    switch (one->type) {
    case SETTING_TRUTH:
        break;
    case SETTING_INTEGER:
        check_number(one, (double)*(const int64_t *)value);
        break;
    case SETTING_NUMBER:
        check_number(one, *(const double *)value);
        break;
    case SETTING_TEXT:
        check_text(one, *(const char *const *)value);
        break;
    case SETTING_CHOICE:
        check_choice(one, *(const int *)value);
        break;
    case SETTING_JSON:
        check_json(*(const char *const *)value);
        break;
    case SETTING_GROUP:
        check_table(one->members, value);
        break;
    case SETTING_LIST:
    case SETTING_NUMBERS:
    case SETTING_WORDS:
        check_list(one, value);
        break;
    case SETTING_IGNORED:
        break;
    }
}

static void check_table(const struct setting *table, const void *target)
{
    for (; table->name; table++)
        check_value(table, (const char *)target + table->offset);
}

static void check_all(const struct setting *table, const void *target)
{
    struct text json = {0};

    check_table(table, target);
    setting_add_json(table, target, &json);
    check_json(json.bytes);
    text_clear(&json);
}

/* --- Settings, bundle, policy ----------------------------------------------------------------- */

static void check_objectives(const struct objectives *objectives)
{
    require(objectives->count <= METRIC_COUNT);
    for (size_t i = 0; i < objectives->count; i++)
        require(objectives->one[i].metric < METRIC_COUNT && objectives->one[i].limit > 0);
}

static void read_settings(void)
{
    static const struct settings_override override = {"--set", "probe.steady=2"};
    struct settings settings = {0};
    struct faults faults = {0};
    bool taken = settings_read(path, &override, 1, &settings, &faults);

    require_faults(taken, &faults);
    if (taken) {
        double share = settings_call_share(&settings, "a");

        check_all(settings_table, &settings);
        check_objectives(&settings.objectives);
        require(settings.seed >= 0 && settings.probe.steady == 2);
        require(isnan(share) || (share >= 0 && share <= 1));
    }
    settings_clear(&settings);
    faults_clear(&faults);
}

static void check_tier(const struct bundle *bundle, const struct bundle_expert *expert,
                       const struct bundle_tier *tier)
{
    const struct bundle_configuration configuration = {expert, tier, bundle_batch_size(tier, 0)};
    struct text name = {0};

    require(bundle_find_expert(bundle, expert->name) == expert);
    require(bundle_find_tier(expert, tier->tokens) == tier);
    require(tier->batch_sizes.count > 0);
    for (size_t i = 0; i < tier->batch_sizes.count; i++) {
        int64_t size = bundle_batch_size(tier, i);

        require(bundle_find_batch_size(tier, size) == size);
        require(bundle_speed(tier, size).batch_size == size);
        require(i == 0 || size > bundle_batch_size(tier, i - 1));
    }
    bundle_add_name(&name, &configuration);
    text_clear(&name);
}

static void check_bundle(const struct bundle *bundle)
{
    check_all(bundle_table, bundle);
    require(bundle->experts.count > 0);
    for (size_t i = 0; i < bundle->experts.count; i++) {
        const struct bundle_expert *expert = bundle_expert(bundle, i);

        require(expert->tiers.count > 0);
        for (size_t k = 0; k < expert->tiers.count; k++)
            check_tier(bundle, expert, bundle_tier(expert, k));
    }
}

static void check_node_file(const struct node_file *file)
{
    check_all(node_file_table, file);
    for (size_t i = 0; i < file->faults.count; i++) {
        const struct bundle_fault *fault = bundle_fault(file, i);

        require((fault->probability > 0) != (fault->request > 0));
        require(!fault->model || bundle_find_expert(&file->bundle, fault->model));
    }
}

/* What the simulator takes the client takes too. */
static void read_bundle(void)
{
    struct bundle bundle = {0};
    struct node_file file = {0};
    struct faults faults = {0}, of_file = {0};
    bool taken = bundle_read(path, &bundle, &faults);
    bool whole = node_file_read(path, &file, &of_file);

    require_faults(taken, &faults);
    require_faults(whole, &of_file);
    require(taken || !whole);
    if (taken)
        check_bundle(&bundle);
    if (whole)
        check_node_file(&file);
    bundle_clear(&bundle);
    node_file_clear(&file);
    faults_clear(&faults);
    faults_clear(&of_file);
}

static void check_limit(const struct policy_limit *limit)
{
    require(limit->rows && limit->measure.name && limit->measure.unit);
    require(!isnan(limit->margin) || !isnan(limit->least) || !isnan(limit->most));
    require(limit->measure.kind != MEASURE_METRIC || limit->measure.metric < METRIC_COUNT);
}

static void read_policy(void)
{
    struct policy policy;
    struct faults faults = {0};
    bool taken = policy_read(path, &policy, &faults);

    require_faults(taken, &faults);
    if (taken) {
        check_all(policy_table, &policy);
        check_objectives(&policy.objectives);
        require(policy.limits > 0 && policy_model(&policy, "a"));
        for (size_t i = 0; i < policy.limits; i++)
            check_limit(&policy.limit[i]);
    }
    policy_clear(&policy);
    faults_clear(&faults);
}

/* --- Prompt files ----------------------------------------------------------------------------- */

static void read_texts(bool multiple)
{
    struct prompt_texts texts = {0};
    struct faults faults = {0};
    bool taken = texts_read(path, multiple, &texts, &faults);

    require_faults(taken, &faults);
    require(!taken || texts.count > 0);
    for (size_t i = 0; i < texts.count; i++) {
        require(texts.text[i].name && texts.text[i].template);
        require(texts.text[i].template[strspn(texts.text[i].template, " \t\r\n")]);
        require(!strpbrk(texts.text[i].template, "\t\r"));
    }
    texts_clear(&texts);
    faults_clear(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    enum { TREE, SETTINGS, BUNDLE, POLICY, TEXTS, MANY_TEXTS, KINDS };
    unsigned kind;

    if (length < 1)
        return 0;
    kind = input_kind(bytes, KINDS);
    input_enter();
    if (kind == TREE) {
        read_tree(bytes + 1, length - 1);
        return 0;
    }
    input_put(path, bytes + 1, length - 1);
    if (kind == SETTINGS)
        read_settings();
    else if (kind == BUNDLE)
        read_bundle();
    else if (kind == POLICY)
        read_policy();
    else
        read_texts(kind == MANY_TEXTS);
    return 0;
}
