#include "command/bench_mapping.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "core/yaml.h"
#include "plan/sampling.h"
#include "plan/settings.h"

bool bench_refuse(const char *option, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "coebench bench: --%s: ", option);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return false;
}

/* --- Sampling parameters ---------------------------------------------------------------------- */

static const char sampling_option[] = "sampling-params";

static bool check_sampling(const struct yaml *params)
{
    struct faults faults = {0};
    bool sound;

    if (params->kind != YAML_MAPPING)
        return bench_refuse(sampling_option, "takes a JSON object, such as '{\"temperature\": 0}'");
    sampling_check(params, settings_output_names[OUTPUT_MAX_TOKENS], &faults);
    sound = faults.count == 0 || bench_refuse(sampling_option, "%s", faults.text[0]);
    faults_clear(&faults);
    return sound;
}

bool bench_read_sampling(const char *given, char **json)
{
    struct error why;
    struct text text = {0};
    struct yaml *params;
    bool sound;

    *json = NULL;
    if (!given)
        return true;
    params = yaml_parse(given, strlen(given), sampling_option, &why);
    if (!params)
        return bench_refuse(sampling_option, "is no JSON object: %s", why.text);
    sound = check_sampling(params);
    if (sound && params->count > 0) {
        yaml_add_json(params, &text);
        *json = text_take(&text);
    }
    yaml_delete(params);
    return sound;
}

/* --- Labels ----------------------------------------------------------------------------------- */

/* A JSON object that grows. */
struct labels {
    struct text json;
    struct text keys; /* each as JSON, with a line break before it and behind it */
};

static bool is_new(struct labels *labels, const char *key)
{
    struct text line = {0};
    bool found;

    text_add_char(&line, '\n');
    text_add_json(&line, key);
    text_add_char(&line, '\n');
    found = labels->keys.length > 0 && strstr(labels->keys.bytes, line.bytes);
    text_add_string(&labels->keys, line.bytes);
    text_clear(&line);
    return !found;
}

static bool add_label(struct labels *labels, const char *option, const char *given, size_t length)
{
    char *key = memory_bytes(given, length), *equals = strchr(key, '=');
    bool sound;

    if (!equals || equals == key) {
        sound = bench_refuse(option, "takes KEY=VALUE, not '%.60s'", key);
    } else {
        *equals = '\0';
        sound = is_new(labels, key) ||
                bench_refuse(option, "the label '%.60s' appears twice; keep one", key);
        text_add_string(&labels->json, labels->json.length > 0 ? ", " : "{");
        text_add_json(&labels->json, key);
        text_add_string(&labels->json, ": ");
        text_add_json(&labels->json, equals + 1);
    }
    free(key);
    return sound;
}

static bool add_metadata(struct labels *labels, const char *metadata)
{
    bool sound = true;

    while (metadata && *metadata && sound) {
        size_t length = strcspn(metadata, ",");

        sound = add_label(labels, "metadata", metadata, length);
        metadata += length + (metadata[length] == ',');
    }
    return sound;
}

bool bench_read_labels(const struct option_texts *given, const char *metadata, char **json)
{
    struct labels labels = {0};
    bool sound = true;

    for (size_t i = 0; i < given->count && sound; i++)
        sound = add_label(&labels, "label", given->text[i], strlen(given->text[i]));
    sound = sound && add_metadata(&labels, metadata);
    if (labels.json.length > 0)
        text_add_char(&labels.json, '}');
    *json = sound && labels.json.length > 0 ? text_take(&labels.json) : NULL;
    text_clear(&labels.json);
    text_clear(&labels.keys);
    return sound;
}
