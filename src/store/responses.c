#include "store/responses.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/text.h"

enum { READ_AT_ONCE = 1 << 16, OBJECT_MOST = 256 << 20 };

static const int64_t day_ns = INT64_C(86400) * CLOCK_NS_PER_S;

/* --- One response ----------------------------------------------------------------------------- */

static enum request_end end_of(const cJSON *code)
{
    if (!code || cJSON_IsNull(code))
        return REQUEST_COMPLETED;
    for (int end = REQUEST_COMPLETED + 1; cJSON_IsString(code) && end < REQUEST_ENDS; end++) {
        if (strcmp(code->valuestring, request_end_words[end]) == 0)
            return (enum request_end)end;
    }
    return REQUEST_HTTP_ERROR;
}

static int64_t whole_number(const cJSON *object, const char *key, int64_t otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    /* Nanoseconds of a monotonic clock are exact in a double for a hundred days. */
    return cJSON_IsNumber(item) ? (int64_t)item->valuedouble : otherwise;
}

/* "23:59:59.123456" as nanoseconds since midnight. */
static int64_t time_of_day_ns(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    int hours, minutes;
    double seconds;

    if (!cJSON_IsString(item) ||
        sscanf(item->valuestring, "%2d:%2d:%lf", &hours, &minutes, &seconds) != 3)
        return CLOCK_NEVER;
    return (hours * INT64_C(3600) + minutes * INT64_C(60)) * CLOCK_NS_PER_S +
           (int64_t)llround(seconds * 1e9);
}

/* Times of day begin again at midnight. */
static void read_times_of_day(const cJSON *object, const struct outcome *before,
                              struct outcome *outcome)
{
    int64_t start = time_of_day_ns(object, "start_time"), end = time_of_day_ns(object, "end_time");

    if (start == CLOCK_NEVER)
        return;
    while (before && before->sent_ns != CLOCK_NEVER && before->sent_ns - start > day_ns / 2)
        start += day_ns;
    while (end != CLOCK_NEVER && end < start)
        end += day_ns;
    outcome->started_ns = outcome->sent_ns = start;
    outcome->done_ns = end;
}

/* `before` is the response before it; NULL for the first. */
static void read_moments(const cJSON *object, const struct outcome *before, struct outcome *outcome)
{
    outcome->started_ns = whole_number(object, "started_monotonic_ns", CLOCK_NEVER);
    outcome->sent_ns = whole_number(object, "sent_monotonic_ns", CLOCK_NEVER);
    outcome->done_ns = whole_number(object, "done_monotonic_ns", CLOCK_NEVER);
    if (outcome->started_ns == CLOCK_NEVER && outcome->sent_ns == CLOCK_NEVER)
        read_times_of_day(object, before, outcome);
}

static void read_response(const cJSON *object, size_t at, const struct outcome *before,
                          struct outcome *outcome, size_t *chunks)
{
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(object, "error_code");
    const cJSON *gaps = cJSON_GetObjectItemCaseSensitive(object, "client_inter_token_latencies_s");

    *outcome = (struct outcome){
        .index = (size_t)whole_number(object, "request_index", (int64_t)at),
        .end = end_of(code),
        .http_status = cJSON_IsNumber(code) ? (int)code->valuedouble : 0,
        .probe_burst = whole_number(object, "probe_burst", 0),
    };
    *chunks = (size_t)cJSON_GetArraySize(gaps);
    read_moments(object, before, outcome);
    for (int i = 0; i < METRIC_COUNT; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, metric_table[i].key);

        outcome->figures.value[i] = cJSON_IsNumber(value) ? value->valuedouble : NAN;
    }
}

static void add_response(const cJSON *object, struct responses *responses)
{
    size_t at = responses->count++;

    responses->outcome = memory_grow(responses->outcome, at, sizeof *responses->outcome);
    responses->chunks = memory_grow(responses->chunks, at, sizeof *responses->chunks);
    read_response(object, at, at > 0 ? &responses->outcome[at - 1] : NULL, &responses->outcome[at],
                  &responses->chunks[at]);
}

/* --- The array, object by object ---------------------------------------------------------------*/

/* Where in the array the reading is. */
struct reading {
    struct responses *responses;
    size_t most;
    struct text object; /* the one that is being read */
    int depth;          /* of brackets: 1 inside the array, 2 inside an object of it */
    bool quoted, escaped, ended;
};

static bool take_object(struct reading *reading)
{
    cJSON *object = cJSON_ParseWithLength(reading->object.bytes, reading->object.length);

    if (object)
        add_response(object, reading->responses);
    cJSON_Delete(object);
    text_reset(&reading->object);
    return object != NULL;
}

/* Takes in a byte; false where it cannot belong to an array of objects. */
static bool take_byte(struct reading *reading, char byte)
{
    bool opens = !reading->quoted && (byte == '[' || byte == '{');
    bool closes = !reading->quoted && (byte == ']' || byte == '}');

    if (reading->depth == 0 && !opens)
        return strchr(" \t\r\n", byte) != NULL && byte;
    if (reading->depth == 1 && !opens && !closes)
        return strchr(" \t\r\n,", byte) != NULL && byte;
    if ((reading->depth == 0 && byte != '[') || (reading->depth == 1 && opens && byte != '{'))
        return false;
    if (byte == '"' && !reading->escaped)
        reading->quoted = !reading->quoted;
    reading->escaped = byte == '\\' && !reading->escaped;
    if (reading->depth + opens >= 2)
        text_add_char(&reading->object, byte);
    reading->depth += opens - closes;
    reading->ended = reading->depth == 0;
    return !(closes && reading->depth == 1) || take_object(reading);
}

static bool read_array(FILE *file, struct reading *reading)
{
    char *bytes = memory_new(READ_AT_ONCE, 1);
    bool sound = true;
    size_t got;

    while (sound && !reading->ended && reading->responses->count < reading->most &&
           (got = fread(bytes, 1, READ_AT_ONCE, file)) > 0) {
        for (size_t i = 0;
             i < got && sound && !reading->ended && reading->responses->count < reading->most; i++)
            sound = take_byte(reading, bytes[i]);
        sound = sound && reading->object.length < OBJECT_MOST;
    }
    free(bytes);
    return sound && (reading->ended || reading->responses->count == reading->most);
}

bool responses_read(const char *folder, const char *name, enum step_part part, size_t most,
                    struct responses *responses, struct error *error)
{
    const char *ending = part == STEP_PROBE ? "probe" : "individual_responses";
    char *path = memory_printf("%s/%s_%s.json", folder, name, ending);
    struct reading reading = {.responses = responses, .most = most};
    FILE *file = fopen(path, "re");
    bool done;

    if (!file)
        done = error_set(error, "%s: cannot be read: %s", path, strerror(errno));
    else
        done = read_array(file, &reading) ||
               error_set(error, "%s: holds no responses: not a JSON array of objects", path);
    if (file)
        fclose(file);
    text_clear(&reading.object);
    free(path);
    return done;
}

void responses_clear(struct responses *responses)
{
    free(responses->outcome);
    free(responses->chunks);
    *responses = (struct responses){0};
}
