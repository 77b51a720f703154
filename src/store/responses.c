#include "store/responses.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <limits.h>
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
#include "store/response_members.h"
#include "store/response_scan.h"

enum { READ_AT_ONCE = 1 << 16, OBJECT_MOST = 256 << 20 };

static const int64_t day_ns = INT64_C(86400) * CLOCK_NS_PER_S;
static const double whole_most = 4e18;

/* --- One response ----------------------------------------------------------------------------- */

static bool is_text(const struct response_member *member, const char *text)
{
    size_t length = strlen(text);

    return member->kind == RESPONSE_TEXT && member->length == length &&
           memcmp(member->text, text, length) == 0;
}

/* Its text in `room`, for who wants a NUL behind it; "" where it is none. */
static const char *text_of(const struct response_member *member, struct text *room)
{
    text_reset(room);
    text_add(room, member->text, member->kind == RESPONSE_TEXT ? member->length : 0);
    return room->bytes;
}

static enum request_end end_of(const struct response_member *code)
{
    if (code->kind <= RESPONSE_NULL)
        return REQUEST_COMPLETED;
    for (int end = REQUEST_COMPLETED + 1; end < REQUEST_ENDS; end++) {
        if (is_text(code, request_end_words[end]))
            return (enum request_end)end;
    }
    if (is_text(code, "local_error"))
        return REQUEST_LOCAL_BUFFERS; /* 0.1.0 had one word for all that is local */
    return REQUEST_HTTP_ERROR;
}

/* A code may be a number, or a number as text. The kit writes a sentence in its place, and the
 * status into the message, as Python's requests prints it: "429 Client Error: Too Many Requests".
 * 0: not known. */
static int status_of(const struct response_member *code, const char *message)
{
    double number = response_member_number(code);
    char kind[7];
    int status;

    if (number >= 1 && number < 1000)
        return (int)number;
    if (*message && sscanf(message, "%3d %6[A-Za-z] Error", &status, kind) == 2 && status >= 100 &&
        (strcmp(kind, "Client") == 0 || strcmp(kind, "Server") == 0))
        return status;
    return 0;
}

static void read_code(const struct response_member *code, struct response *response)
{
    const struct outcome *outcome = &response->outcome;

    response->code[0] = '\0';
    if (outcome->end == REQUEST_COMPLETED)
        return;
    if (outcome->end == REQUEST_HTTP_ERROR && code->kind == RESPONSE_TEXT &&
        isnan(response_member_number(code)))
        text_copy_printable(code->text, code->length, response->code, sizeof response->code);
    else
        summary_error_code(outcome->end, outcome->http_status, response->code,
                           sizeof response->code);
}

/* Nanoseconds of a monotonic clock are exact in a double for a hundred days, and of a hundred years
 * two can be added. What is past them was never written here. */
static int64_t whole_number(const struct response_member *member, int64_t otherwise)
{
    double number = response_member_number(member);

    return number >= 0 && number <= whole_most ? (int64_t)number : otherwise;
}

/* The starter kit has one of each request. */
static int attempt_of(const struct response_member *member)
{
    double number = member->kind == RESPONSE_NUMBER ? member->number : 1;

    if (!(number >= 2))
        return 1;
    return number < INT_MAX ? (int)number : INT_MAX;
}

/* "23:59:59.123456" as nanoseconds since midnight; 60 is a leap second. */
static int64_t time_of_day_ns(const struct response_member *member, struct text *room)
{
    int hours, minutes;
    double seconds;

    if (member->kind != RESPONSE_TEXT ||
        sscanf(text_of(member, room), "%2d:%2d:%lf", &hours, &minutes, &seconds) != 3 ||
        hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || !(seconds >= 0 && seconds < 61))
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
static void read_times_of_day(const struct response_member *member, const struct outcome *before,
                              struct outcome *outcome)
{
    struct text room = {0};
    int64_t start = time_of_day_ns(&member[RESPONSE_START_TIME], &room);
    int64_t end = time_of_day_ns(&member[RESPONSE_END_TIME], &room);

    text_clear(&room);
    if (start == CLOCK_NEVER)
        return;
    if (before && before->sent_ns != CLOCK_NEVER)
        start = days_later(start, before->sent_ns - day_ns / 2);
    outcome->started_ns = outcome->sent_ns = start;
    outcome->done_ns = end == CLOCK_NEVER ? end : days_later(end, start);
}

/* `before` is the response before it; NULL for the first. */
static void read_moments(const struct response_member *member, const struct outcome *before,
                         struct outcome *outcome)
{
    outcome->started_ns = whole_number(&member[RESPONSE_STARTED_NS], CLOCK_NEVER);
    outcome->sent_ns = whole_number(&member[RESPONSE_SENT_NS], CLOCK_NEVER);
    outcome->done_ns = whole_number(&member[RESPONSE_DONE_NS], CLOCK_NEVER);
    if (outcome->started_ns == CLOCK_NEVER && outcome->sent_ns == CLOCK_NEVER)
        read_times_of_day(member, before, outcome);
}

static enum request_phase phase_of(const struct response_member *member)
{
    int i = 0;

    while (request_phase_words[i] && !is_text(member, request_phase_words[i]))
        i++;
    return request_phase_words[i] ? (enum request_phase)i : REQUEST_COUNTED;
}

/* The message gets its room in `message`. */
static void read_response(const struct response_members *members, size_t at,
                          const struct outcome *before, struct text *message,
                          struct response *response)
{
    const struct response_member *member = members->member;
    struct outcome *outcome = &response->outcome;

    response->message = text_of(&member[RESPONSE_ERROR_MSG], message);
    *outcome = (struct outcome){
        .index = (size_t)whole_number(&member[RESPONSE_REQUEST_INDEX], (int64_t)at),
        .attempt = attempt_of(&member[RESPONSE_ATTEMPT]),
        .end = end_of(&member[RESPONSE_ERROR_CODE]),
        .http_status = status_of(&member[RESPONSE_ERROR_CODE], response->message),
        .probe_burst = whole_number(&member[RESPONSE_PROBE_BURST], 0),
        .phase = phase_of(&member[RESPONSE_PHASE]),
        .session = (size_t)whole_number(&member[RESPONSE_SESSION], 0),
        .turn = whole_number(&member[RESPONSE_TURN], 0),
    };
    response->chunks = members->chunks;
    response->chunks_s = members->chunks_s;
    read_code(&member[RESPONSE_ERROR_CODE], response);
    read_moments(member, before, outcome);
    memcpy(outcome->figures.value, members->metric, sizeof members->metric);
}

/* --- The array, object by object ---------------------------------------------------------------*/

struct response_reader {
    FILE *file;
    char *path;
    char *bytes; /* of the file, from `at` to `got` not yet taken, and a NUL */
    size_t at, got;
    struct response_scan *scan;
    const char *scanned; /* the last object, where it was read from `bytes` at once; else NULL … */
    size_t length;       /* … and how long it is */
    struct text object;  /* one that is not */
    int depth;           /* of brackets: 1 inside the array, 2 inside an object of it */
    bool quoted, escaped, ended, failed;
    cJSON *read;         /* the same */
    struct text message; /* of the last object */
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
    reader->bytes = memory_new(READ_AT_ONCE + 1, 1);
    reader->scan = response_scan_new();
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

/* Reads on, behind what is not yet taken; false at the file's end. */
static bool read_on(struct response_reader *reader)
{
    size_t kept = reader->got - reader->at, more;

    memmove(reader->bytes, reader->bytes + reader->at, kept);
    more = fread(reader->bytes + kept, 1, READ_AT_ONCE - kept, reader->file);
    reader->at = 0;
    reader->got = kept + more;
    reader->bytes[reader->got] = '\0';
    return more > 0;
}

/* Reads on until an object is whole, or the array ends; false where neither comes. */
static bool read_object(struct response_reader *reader)
{
    bool whole = false;

    text_reset(&reader->object);
    while (!whole && !reader->ended) {
        if (reader->at == reader->got && !read_on(reader))
            return false;
        if (!take_bytes(reader, &whole))
            return false;
    }
    return true;
}

/* Whether the next object begins at what is not yet taken, behind what may stand before it. */
static bool find_object(struct response_reader *reader)
{
    for (;;) {
        if (reader->at == reader->got && !read_on(reader))
            return false;
        if (reader->bytes[reader->at] == '{' || reader->bytes[reader->at] == ']')
            return reader->depth == 1 && reader->bytes[reader->at] == '{';
        if (!step_over(reader, reader->bytes[reader->at]))
            return false;
        reader->at++;
    }
}

/* Reads the next object from the bytes at once; false where it is to be read slowly. */
static bool scan_object(struct response_reader *reader, struct response_members *members)
{
    const char *end;

    reader->scanned = NULL;
    if (!find_object(reader))
        return false;
    end = response_scan_object(reader->scan, reader->bytes + reader->at, members);
    if (!end && read_on(reader)) /* it may have been cut by the end of what was read */
        end = response_scan_object(reader->scan, reader->bytes, members);
    if (!end)
        return false;
    reader->scanned = reader->bytes + reader->at;
    reader->length = (size_t)(end - reader->scanned);
    reader->at += reader->length;
    return true;
}

static bool read_slowly(struct response_reader *reader, struct response_members *members)
{
    reader->failed = !read_object(reader);
    if (reader->failed || reader->ended)
        return false;
    reader->read = json_parse(reader->object.bytes, reader->object.length);
    reader->failed = !reader->read;
    if (reader->read)
        response_members_of(reader->read, members);
    return reader->read;
}

bool response_reader_next(struct response_reader *reader, struct response *response,
                          struct error *error)
{
    struct response_members members;

    error->text[0] = '\0';
    cJSON_Delete(reader->read);
    reader->read = NULL;
    if (reader->ended || reader->failed)
        return false;
    if (!scan_object(reader, &members) && !read_slowly(reader, &members))
        return reader->ended
                   ? false
                   : error_set(error, "%s: holds no responses: not a JSON array of objects",
                               reader->path);
    read_response(&members, reader->count, reader->count > 0 ? &reader->before : NULL,
                  &reader->message, response);
    reader->count++;
    reader->before = response->outcome;
    return true;
}

void response_reader_print(const struct response_reader *reader, bool (*wanted)(const char *key),
                           struct text *json)
{
    cJSON *object = reader->scanned ? json_parse(reader->scanned, reader->length) : reader->read;

    json_print_members(object, wanted, ",", json);
    if (reader->scanned)
        cJSON_Delete(object);
}

void response_reader_close(struct response_reader *reader)
{
    if (!reader)
        return;
    if (reader->file)
        fclose(reader->file);
    cJSON_Delete(reader->read);
    response_scan_free(reader->scan);
    text_clear(&reader->message);
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
