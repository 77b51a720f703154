#include "plan/sampling.h"

#include <string.h>

#include "core/number.h"

/* What the row decides cannot be a sampling parameter too. */
static void check_taken(const struct yaml *params, const char *name, struct faults *faults)
{
    const struct yaml *member = yaml_find(params, name);

    if (member)
        faults_add(faults, member->source, member->line,
                   "sampling_params: '%s' is set by the program; leave it out here", name);
}

static void check_names(const struct yaml *params, const char *output_tokens_as,
                        struct faults *faults)
{
    static const char *const taken[] = {"model",     "messages",       "items",
                                        "instance",  "prompt",         "max_tokens",
                                        "stream",    "stream_options", "max_tokens_to_generate",
                                        "ignore_eos"};
    bool among = false;

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        check_taken(params, taken[i], faults);
        among |= strcmp(taken[i], output_tokens_as) == 0;
    }
    if (!among)
        check_taken(params, output_tokens_as, faults);
}

static void check_scalar(const struct yaml *scalar, struct faults *faults)
{
    struct text json = {0};
    enum number_kind kind = scalar->quoted ? NUMBER_NONE : number_of_yaml(scalar->scalar, &json);

    if (kind == NUMBER_SPELLED)
        faults_add(
            faults, scalar->source, scalar->line,
            "sampling_params: '%.60s' is a number in YAML and none in JSON; write %s, or quote "
            "it to send a text",
            scalar->scalar, json.bytes);
    else if (kind == NUMBER_UNSPEAKABLE)
        faults_add(faults, scalar->source, scalar->line,
                   "sampling_params: '%.60s' is a number that JSON cannot hold; quote it to send a "
                   "text",
                   scalar->scalar);
    text_clear(&json);
}

static void check_repeated(const struct yaml *mapping, size_t i, struct faults *faults)
{
    const struct yaml *key = mapping->key[i];

    for (size_t k = 0; k < i; k++) {
        if (strcmp(mapping->key[k]->scalar, key->scalar) == 0) {
            faults_add(faults, key->source, key->line,
                       "sampling_params: '%.60s' appears here again, first in line %d; keep one",
                       key->scalar, mapping->key[k]->line);
            return;
        }
    }
}

static void check_values(const struct yaml *node, struct faults *faults)
{
    if (node->kind == YAML_SCALAR)
        check_scalar(node, faults);
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == YAML_MAPPING)
            check_repeated(node, i, faults);
        check_values(node->value[i], faults);
    }
}

void sampling_check(const struct yaml *params, const char *output_tokens_as, struct faults *faults)
{
    if (!params || params->kind != YAML_MAPPING)
        return;
    check_names(params, output_tokens_as, faults);
    check_values(params, faults);
}
