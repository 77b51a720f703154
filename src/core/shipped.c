#include "core/shipped.h"

#include <stddef.h>
#include <string.h>

#include "core/text.h"

/* symbol, file of the checkout, where init writes it, name */
#define SHIPPED(ONE)                                                                               \
    ONE(config, "configs/config.yaml", "configs/config.yaml", NULL)                                \
    ONE(switching, "configs/switching.yaml", "configs/switching.yaml", NULL)                       \
    ONE(bundle_demo, "configs/bundle_demo.yaml", "configs/bundle_demo.yaml", "bundle:demo")        \
    ONE(bundle_faults, "configs/bundle_faults.yaml", "configs/bundle_faults.yaml",                 \
        "bundle:faults")                                                                           \
    ONE(bundle_switching, "configs/bundle_switching.yaml", "configs/bundle_switching.yaml",        \
        "bundle:switching")                                                                        \
    ONE(policy, "configs/qualification.yaml", "configs/qualification.yaml", "policy:standard")     \
    ONE(prompts, "configs/prompts.yaml", "configs/prompts.yaml", "prompts:standard")               \
    ONE(rows_demo, "model_configs/model_configs_demo.csv", "model_configs/model_configs_demo.csv", \
        NULL)                                                                                      \
    ONE(rows_qualification, "model_configs/model_configs_qualification.csv",                       \
        "model_configs/model_configs_qualification.csv", NULL)                                     \
    ONE(rows_switching, "model_configs/model_configs_switching.csv",                               \
        "model_configs/model_configs_switching.csv", NULL)                                         \
    ONE(trace_demo, "configs/trace_demo.csv", "configs/trace_demo.csv", NULL)                      \
    ONE(environment, "configs/env.example", ".env.example", NULL)

#define HOLD(symbol, file, path, name)                                                             \
    extern const char shipped_##symbol[];                                                          \
    __asm__(".section .rodata\n"                                                                   \
            ".global shipped_" #symbol "\n"                                                        \
            ".type shipped_" #symbol ", %object\n"                                                 \
            "shipped_" #symbol ":\n"                                                               \
            ".incbin \"" file "\"\n"                                                               \
            ".byte 0\n"                                                                            \
            ".size shipped_" #symbol ", . - shipped_" #symbol "\n"                                 \
            ".previous\n");

SHIPPED(HOLD)

#define LINE(symbol, file, path, name) {path, name, shipped_##symbol},

const struct shipped shipped_table[] = {SHIPPED(LINE){0}};

const struct shipped *shipped_find(const char *name)
{
    for (const struct shipped *one = shipped_table; one->path; one++) {
        if (one->name && strcmp(one->name, name) == 0)
            return one;
    }
    return NULL;
}

bool shipped_is_name(const char *kind, const char *path)
{
    size_t length = strlen(kind);

    return strncmp(path, kind, length) == 0 && path[length] == ':';
}

static void explain_missing(const char *kind, const char *name, struct error *error)
{
    struct text known = {0};

    for (const struct shipped *one = shipped_table; one->path; one++) {
        if (one->name && shipped_is_name(kind, one->name))
            text_printf(&known, "%s%s", known.length > 0 ? ", " : "", one->name);
    }
    error_set(error, "%.200s: the program has no %s of this name; it has %s", name, kind,
              known.length > 0 ? known.bytes : "none");
    text_clear(&known);
}

struct yaml *shipped_yaml(const char *kind, const char *path, struct error *error)
{
    const struct shipped *one;

    if (!shipped_is_name(kind, path))
        return yaml_read(path, error);
    one = shipped_find(path);
    if (one)
        return yaml_parse(one->text, strlen(one->text), path, error);
    explain_missing(kind, path, error);
    return NULL;
}
