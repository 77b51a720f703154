#include "store/responses.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "stats/retries.h"
#include "stats/summary.h"
#include "store/json.h"

enum { READ_AT_ONCE = 1 << 16, OBJECT_MOST = 256 << 20 };

static const int64_t day_ns = INT64_C(86400) * CLOCK_NS_PER_S;
static const double whole_most = 4e18;

/* --- One response ----------------------------------------------------------------------------- */

static enum request_end end_of(const cJSON *code)
{
    if (!code || cJSON_IsNull(code))
        return REQUEST_COMPLETED;
    for (int end = REQUEST_COMPLETED + 1; cJSON_IsString(code) && end < REQUEST_ENDS; end++) {
        if (strcmp(code->valuestring, request_end_words[end]) == 0)
            return (enum request_end)end;
    }
    if (cJSON_IsString(code) && strcmp(code->valuestring, "local_error") == 0)
        return REQUEST_LOCAL_BUFFERS; /* 0.1.0 had one word for all that is local */
    return REQUEST_HTTP_ERROR;
}

/* A code may be a number, or a number as text. The kit writes a sentence in its place, and the
 * status into the message, as Python's requests prints it: "429 Client Error: Too Many Requests".
 * 0: not known. */
static int status_of(const cJSON *code, const char *message)
{
    double number = json_number(code);
    char kind[7];
    int status;

    if (number >= 1 && number < 1000)
        return (int)number;
    if (sscanf(message, "%3d %6[A-Za-z] Error", &status, kind) == 2 && status >= 100 &&
        (strcmp(kind, "Client") == 0 || strcmp(kind, "Server") == 0))
        return status;
    return 0;
}

static void read_code(const cJSON *code, struct response *response)
{
    const struct outcome *outcome = &response->outcome;

    response->code[0] = '\0';
    if (outcome->end == REQUEST_COMPLETED)
        return;
    if (outcome->end == REQUEST_HTTP_ERROR && cJSON_IsString(code) && isnan(json_number(code)))
        text_copy_printable(code->valuestring, strlen(code->valuestring), response->code,
                            sizeof response->code);
    else
        summary_error_code(outcome->end, outcome->http_status, response->code,
                           sizeof response->code);
}

/* Nanoseconds of a monotonic clock are exact in a double for a hundred days, and of a hundred years
 * two can be added. What is past them was never written here. */
static int64_t whole_number(const cJSON *object, const char *key, int64_t otherwise)
{
    double number = json_number(cJSON_GetObjectItemCaseSensitive(object, key));

    return number >= 0 && number <= whole_most ? (int64_t)number : otherwise;
}

/* The starter kit has one of each request. */
static int attempt_of(const cJSON *object)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "attempt");

    return cJSON_IsNumber(item) && item->valueint > 1 ? item->valueint : 1;
}

/* "23:59:59.123456" as nanoseconds since midnight; 60 is a leap second. */
static int64_t time_of_day_ns(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    int hours, minutes;
    double seconds;

    if (!cJSON_IsString(item) ||
        sscanf(item->valuestring, "%2d:%2d:%lf", &hours, &minutes, &seconds) != 3 || hours < 0 ||
        hours > 23 || minutes < 0 || minutes > 59 || !(seconds >= 0 && seconds < 61))
        return CLOCK_NEVER;
    return (hours * INT64_C(3600) + minutes * INT64_C(60)) * CLOCK_NS_PER_S +
           (int64_t)llround(seconds * 1e9);
}

/* The moment so many whole days later that it is not before `least`. */
static int64_t days_later(int64_t at, int64_t least)
{
    return at < least ? at + (least - at + day_ns - 1) / day_ns * day_ns : at;
}

/* Times of day begin again at midnight. */
static void read_times_of_day(const cJSON *object, const struct outcome *before,
                              struct outcome *outcome)
{
    int64_t start = time_of_day_ns(object, "start_time"), end = time_of_day_ns(object, "end_time");

    if (start == CLOCK_NEVER)
        return;
    if (before && before->sent_ns != CLOCK_NEVER)
        start = days_later(start, before->sent_ns - day_ns / 2);
    outcome->started_ns = outcome->sent_ns = start;
    outcome->done_ns = end == CLOCK_NEVER ? end : days_later(end, start);
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

/* One pass over the object, since it has nearly as many keys as there are metrics. */
static void read_metrics(const cJSON *object, double value[METRIC_COUNT])
{
    for (int i = 0; i < METRIC_COUNT; i++)
        value[i] = NAN;
    for (const cJSON *item = object->child; item; item = item->next) {
        double number = json_number(item);
        enum metric metric = isnan(number) ? METRIC_COUNT : metric_find(item->string);

        if (metric < METRIC_COUNT)
            value[metric] = number;
    }
}

static enum request_phase phase_of(const cJSON *object)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "phase");
    int i = 0;

    while (cJSON_IsString(item) && request_phase_words[i] &&
           strcmp(item->valuestring, request_phase_words[i]) != 0)
        i++;
    return cJSON_IsString(item) && request_phase_words[i] ? (enum request_phase)i : REQUEST_COUNTED;
}

/* The list begins with the TTFT. NAN where there is none, and where an entry is no number. */
static double sum_of(const cJSON *gaps)
{
    double sum = cJSON_GetArraySize(gaps) > 0 ? 0 : NAN;

    for (const cJSON *gap = gaps ? gaps->child : NULL; gap; gap = gap->next)
        sum += json_number(gap);
    return sum;
}

static void read_response(const cJSON *object, size_t at, const struct outcome *before,
                          struct response *response)
{
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(object, "error_code");
    const cJSON *gaps = cJSON_GetObjectItemCaseSensitive(object, "client_inter_token_latencies_s");
    const cJSON *message = cJSON_GetObjectItemCaseSensitive(object, "error_msg");
    struct outcome *outcome = &response->outcome;

    response->message = cJSON_IsString(message) ? message->valuestring : "";
    *outcome = (struct outcome){
        .index = (size_t)whole_number(object, "request_index", (int64_t)at),
        .attempt = attempt_of(object),
        .end = end_of(code),
        .http_status = status_of(code, response->message),
        .probe_burst = whole_number(object, "probe_burst", 0),
        .phase = phase_of(object),
        .session = (size_t)whole_number(object, "session", 0),
        .turn = whole_number(object, "turn", 0),
    };
    response->chunks = (size_t)cJSON_GetArraySize(gaps);
    response->chunks_s = sum_of(gaps);
    response->rank = json_number(cJSON_GetObjectItemCaseSensitive(object, "rank"));
    response->clock_uncertainty_s =
        json_number(cJSON_GetObjectItemCaseSensitive(object, "clock_uncertainty_s"));
    read_code(code, response);
    read_moments(object, before, outcome);
    read_metrics(object, outcome->figures.value);
}

/* --- The array, object by object ---------------------------------------------------------------*/

struct response_reader {
    FILE *file;
    char *path;
    char *bytes; /* of the file, from `at` to `got` not yet taken */
    size_t at, got;
    struct text object; /* the one that is being read */
    int depth;          /* of brackets: 1 inside the array, 2 inside an object of it */
    bool quoted, escaped, ended, failed;
    cJSON *read; /* the last object */
    size_t count;
    struct outcome before; /* the last one's, where there was one */
};

const char *responses_ending(enum step_part part)
{
    return part == STEP_PROBE ? "probe" : part == STEP_PHASES ? "phases" : "individual_responses";
}

static char *path_of(const char *folder, const char *name, enum step_part part)
{
    return memory_printf("%s/%s_%s.json", folder, name, responses_ending(part));
}

bool responses_are_there(const char *folder, const char *name, enum step_part part)
{
    char *path = path_of(folder, name, part);
    bool there = file_exists(path);

    free(path);
    return there;
}

struct response_reader *response_reader_open(const char *folder, const char *name,
                                             enum step_part part, struct error *error)
{
    struct response_reader *reader = memory_new(1, sizeof *reader);
    int fd;

    reader->path = path_of(folder, name, part);
    fd = file_open_regular(reader->path, error);
    reader->file = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (!reader->file) {
        response_reader_close(reader);
        return NULL;
    }
    reader->bytes = memory_new(READ_AT_ONCE, 1);
    return reader;
}

/* What a byte does to where the reading stands; false where it cannot belong to an array of
 * objects.
 */
static bool step_over(struct response_reader *reader, char byte)
{
    bool opens = byte == '[' || byte == '{', closes = byte == ']' || byte == '}';

    if (reader->quoted) {
        reader->quoted = reader->escaped || byte != '"';
        reader->escaped = byte == '\\' && !reader->escaped;
        return true;
    }
    if (reader->depth == 0 && !opens)
        return byte && strchr(" \t\r\n", byte) != NULL;
    if (reader->depth == 1 && !opens && !closes)
        return byte && strchr(" \t\r\n,", byte) != NULL;
    if ((reader->depth == 0 && byte != '[') || (reader->depth == 1 && opens && byte != '{'))
        return false;
    reader->quoted = byte == '"';
    reader->depth += opens - closes;
    reader->ended = reader->depth == 0;
    return true;
}

/* Takes what the buffer holds of the object under way; `*whole` where that is its end. */
static bool take_bytes(struct response_reader *reader, bool *whole)
{
    size_t from = reader->at;
    bool sound = true;

    while (sound && !*whole && !reader->ended && reader->at < reader->got) {
        bool inside = reader->depth >= 2;

        sound = step_over(reader, reader->bytes[reader->at++]);
        *whole = inside && reader->depth == 1;
        if (!inside)
            from = reader->at - (reader->depth == 2); /* it begins with its bracket */
    }
    if (*whole || reader->depth >= 2)
        text_add(&reader->object, reader->bytes + from, reader->at - from);
    return sound && reader->object.length < OBJECT_MOST;
}

/* Reads on until an object is whole, or the array ends; false where neither comes. */
static bool read_object(struct response_reader *reader)
{
    bool whole = false;

    text_reset(&reader->object);
    while (!whole && !reader->ended) {
        if (reader->at == reader->got) {
            reader->at = 0;
            reader->got = fread(reader->bytes, 1, READ_AT_ONCE, reader->file);
            if (reader->got == 0)
                return false;
        }
        if (!take_bytes(reader, &whole))
            return false;
    }
    return true;
}

bool response_reader_next(struct response_reader *reader, struct response *response,
                          struct error *error)
{
    error->text[0] = '\0';
    cJSON_Delete(reader->read);
    reader->read = NULL;
    if (reader->ended || reader->failed)
        return false;
    reader->failed = !read_object(reader);
    if (!reader->failed && !reader->ended) {
        reader->read = json_parse(reader->object.bytes, reader->object.length);
        reader->failed = !reader->read;
    }
    if (reader->failed)
        return error_set(error, "%s: holds no responses: not a JSON array of objects",
                         reader->path);
    if (reader->ended)
        return false;
    read_response(reader->read, reader->count, reader->count > 0 ? &reader->before : NULL,
                  response);
    reader->count++;
    reader->before = response->outcome;
    return true;
}

void response_reader_print(const struct response_reader *reader, bool (*wanted)(const char *key),
                           struct text *json)
{
    json_print_members(reader->read, wanted, ",", json);
}

void response_reader_close(struct response_reader *reader)
{
    if (!reader)
        return;
    if (reader->file)
        fclose(reader->file);
    cJSON_Delete(reader->read);
    text_clear(&reader->object);
    free(reader->bytes);
    free(reader->path);
    free(reader);
}

bool responses_are_cut(const char *folder, const char *name, enum step_part part)
{
    enum { BYTES_AT_END = 256 };
    struct error error;
    struct response_reader *reader = response_reader_open(folder, name, part, &error);
    bool cut = false;

    if (reader) {
        size_t from, length;

        if (fseek(reader->file, -BYTES_AT_END, SEEK_END) != 0)
            rewind(reader->file);
        length = fread(reader->bytes, 1, BYTES_AT_END, reader->file);
        for (from = length; from > 0 && strchr(" \t\r\n", reader->bytes[from - 1]);)
            from--;
        cut = from == 0 || reader->bytes[from - 1] != ']';
    }
    response_reader_close(reader);
    return cut;
}

/* --- Several at once -------------------------------------------------------------------------- */

bool responses_read(const char *folder, const char *name, enum step_part part, size_t most,
                    struct responses *responses, struct error *error)
{
    struct response_reader *reader = response_reader_open(folder, name, part, error);
    struct response response;
    struct error fault = {.text = ""};

    if (!reader)
        return false;
    while (responses->count < most && response_reader_next(reader, &response, &fault)) {
        size_t at = responses->count++;

        responses->outcome = memory_grow(responses->outcome, at, sizeof *responses->outcome);
        responses->chunks = memory_grow(responses->chunks, at, sizeof *responses->chunks);
        responses->outcome[at] = response.outcome;
        responses->chunks[at] = response.chunks;
    }
    response_reader_close(reader);
    retries_mark(responses->outcome, responses->count);
    return !fault.text[0] || error_set(error, "%s", fault.text);
}

void responses_clear(struct responses *responses)
{
    free(responses->outcome);
    free(responses->chunks);
    *responses = (struct responses){0};
}
