#include "prompt/calibration.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

enum { FILE_MOST = 64 << 20 };

/* Files of earlier versions do not have the last: they know of no endpoint that says something. */
static const char *const text_keys[] = {"base_url", "model", "kind", "endpoint_says"};

/* --- In memory -------------------------------------------------------------------------------- */

/* Whether it is of the endpoint, by what that says; NULL: not known. */
static bool is_of(const struct calibration *one, const char *base_url, const char *endpoint_says)
{
    return strcmp(one->base_url, base_url) == 0 &&
           (!endpoint_says || strcmp(one->endpoint_says, endpoint_says) == 0);
}

static struct calibration *find(const struct calibrations *calibrations, const char *base_url,
                                const char *endpoint_says, const char *model, const char *kind)
{
    struct calibration *latest = NULL;

    for (size_t i = 0; i < calibrations->count; i++) {
        struct calibration *one = &calibrations->calibration[i];

        if (is_of(one, base_url, endpoint_says) &&
            (!latest || strcmp(one->learned_at, latest->learned_at) > 0) &&
            strcmp(one->model, model) == 0 && strcmp(one->kind, kind) == 0)
            latest = one;
    }
    return latest;
}

const struct counting *calibrations_find(const struct calibrations *calibrations,
                                         const char *base_url, const char *endpoint_says,
                                         const char *model, const char *kind)
{
    const struct calibration *found = find(calibrations, base_url, endpoint_says, model, kind);

    return found ? &found->counting : NULL;
}

static struct calibration *add(struct calibrations *calibrations, const struct calibration *like)
{
    struct calibration *one;

    calibrations->calibration = memory_grow(calibrations->calibration, calibrations->count,
                                            sizeof *calibrations->calibration);
    one = &calibrations->calibration[calibrations->count++];
    *one = (struct calibration){.base_url = memory_text(like->base_url),
                                .endpoint_says = memory_text(like->endpoint_says),
                                .model = memory_text(like->model),
                                .kind = memory_text(like->kind)};
    return one;
}

static void put(struct calibrations *calibrations, const struct calibration *from,
                const char *learned_at)
{
    struct calibration *one =
        find(calibrations, from->base_url, from->endpoint_says, from->model, from->kind);

    if (!one)
        one = add(calibrations, from);
    one->counting = from->counting;
    free(one->learned_at);
    one->learned_at = memory_text(learned_at);
}

void calibrations_put(struct calibrations *calibrations, const char *base_url,
                      const char *endpoint_says, const char *model, const char *kind,
                      const struct counting *counting)
{
    const struct calibration from = {.base_url = (char *)base_url,
                                     .endpoint_says = (char *)endpoint_says,
                                     .model = (char *)model,
                                     .kind = (char *)kind,
                                     .counting = *counting};
    char now[CLOCK_TEXT];

    clock_format_utc(clock_wall_ns(), now);
    put(calibrations, &from, now);
}

void calibrations_clear(struct calibrations *calibrations)
{
    for (size_t i = 0; i < calibrations->count; i++) {
        free(calibrations->calibration[i].base_url);
        free(calibrations->calibration[i].endpoint_says);
        free(calibrations->calibration[i].model);
        free(calibrations->calibration[i].kind);
        free(calibrations->calibration[i].learned_at);
    }
    free(calibrations->calibration);
    *calibrations = (struct calibrations){0};
}

/* --- The file --------------------------------------------------------------------------------- */

static const struct {
    const char *key;
    size_t offset;
} numbers[] = {
    {"samples", offsetof(struct counting, samples)},
    {"mean_words", offsetof(struct counting, words)},
    {"mean_tokens", offsetof(struct counting, tokens)},
    {"spread", offsetof(struct counting, spread)},
    {"together", offsetof(struct counting, together)},
};

enum { TEXTS = sizeof text_keys / sizeof *text_keys, NUMBERS = sizeof numbers / sizeof *numbers };

static bool read_one(const cJSON *item, struct calibrations *calibrations)
{
    const char *text[TEXTS];
    struct counting counting = {.remembered = true};
    const cJSON *learned_at = cJSON_GetObjectItemCaseSensitive(item, "learned_at");
    struct calibration from;

    for (size_t i = 0; i < TEXTS; i++) {
        const cJSON *member = cJSON_GetObjectItemCaseSensitive(item, text_keys[i]);

        text[i] = !member && i == TEXTS - 1 ? "" : cJSON_GetStringValue(member);
        if (!text[i])
            return false;
    }
    for (size_t i = 0; i < NUMBERS; i++) {
        const cJSON *number = cJSON_GetObjectItemCaseSensitive(item, numbers[i].key);

        if (!cJSON_IsNumber(number))
            return false;
        *(double *)((char *)&counting + numbers[i].offset) = number->valuedouble;
    }
    if (!counting_is_sound(&counting))
        return false;
    if (!counting_is_believed(&counting))
        return true; /* kept by an earlier version: it is learned again */
    from = (struct calibration){.base_url = (char *)text[0],
                                .model = (char *)text[1],
                                .kind = (char *)text[2],
                                .endpoint_says = (char *)text[3]};
    from.counting = counting;
    put(calibrations, &from, cJSON_IsString(learned_at) ? learned_at->valuestring : "");
    return true;
}

static bool read_all(const cJSON *root, struct calibrations *calibrations)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "calibrations");
    bool good = cJSON_IsArray(list);

    for (const cJSON *item = good ? list->child : NULL; item && good; item = item->next)
        good = read_one(item, calibrations);
    return good;
}

bool calibrations_read(const char *path, struct calibrations *calibrations, struct error *error)
{
    struct text json = {0};
    cJSON *root;
    bool good;

    if (!file_exists(path))
        return true;
    if (!file_read_regular(path, FILE_MOST, &json, error)) {
        text_clear(&json);
        return false;
    }
    root = cJSON_ParseWithLength(json.bytes ? json.bytes : "", json.length);
    good = read_all(root, calibrations);
    cJSON_Delete(root);
    text_clear(&json);
    return good ||
           error_set(error, "%s: is not a file of calibrations; delete it, and calibrate again",
                     path);
}

static void add_one(const struct calibration *one, struct text *json)
{
    const char *const text[TEXTS] = {one->base_url, one->model, one->kind, one->endpoint_says};

    text_add_string(json, "{");
    for (size_t i = 0; i < TEXTS; i++) {
        text_printf(json, "\"%s\":", text_keys[i]);
        text_add_json(json, text[i]);
        text_add_char(json, ',');
    }
    text_add_string(json, "\"overhead_tokens\":"); /* this and the next for people */
    text_add_number(json, counting_overhead(&one->counting));
    text_add_string(json, ",\"tokens_per_word\":");
    text_add_number(json, counting_per_word(&one->counting));
    for (size_t i = 0; i < NUMBERS; i++) {
        text_printf(json, ",\"%s\":", numbers[i].key);
        text_add_number(json, *(const double *)((const char *)&one->counting + numbers[i].offset));
    }
    text_add_string(json, ",\"learned_at\":");
    text_add_json(json, one->learned_at ? one->learned_at : "");
    text_add_char(json, '}');
}

bool calibrations_write(const struct calibrations *calibrations, const char *path,
                        struct error *error)
{
    struct calibrations all = {0};
    struct text json = {0};
    bool done;

    if (!calibrations_read(path, &all, error))
        calibrations_clear(&all); /* broken: what we have is better */
    for (size_t i = 0; i < calibrations->count; i++) {
        const struct calibration *one = &calibrations->calibration[i];

        if (!one->counting.remembered)
            put(&all, one, one->learned_at);
    }
    text_add_string(&json, "{\"calibrations\":[");
    for (size_t i = 0; i < all.count; i++) {
        text_add_string(&json, i > 0 ? ",\n " : "\n ");
        add_one(&all.calibration[i], &json);
    }
    text_add_string(&json, "\n]}\n");
    done = file_write(path, json.bytes, json.length, error);
    text_clear(&json);
    calibrations_clear(&all);
    return done;
}
