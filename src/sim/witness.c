#include "sim/witness.h"

#include <cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"

enum { FILE_MOST = 64 << 20 };

/* Where each member of a line goes: one of both. */
struct member {
    const char *key;
    int64_t *whole;
    double *number;
};

static bool read_request(const cJSON *line, struct witness_request *request)
{
    const struct member members[] = {
        {"index", &request->index, NULL},
        {"prompt_tokens", &request->prompt_tokens, NULL},
        {"completion_tokens", &request->completion_tokens, NULL},
        {"batch_size", &request->batch_size, NULL},
        {"switch_s", NULL, &request->switch_s},
        {"queue_s", NULL, &request->queue_s},
        {"time_to_first_token_s", NULL, &request->time_to_first_token_s},
        {"arrived_ns", &request->arrived_ns, NULL},
        {"first_token_ns", &request->first_token_ns, NULL},
        {"last_token_ns", &request->last_token_ns, NULL},
    };

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(line, members[i].key);

        if (!cJSON_IsNumber(value))
            return false;
        if (members[i].whole) /* a double holds whole nanoseconds for 104 days of running */
            *members[i].whole = (int64_t)value->valuedouble;
        else
            *members[i].number = value->valuedouble;
    }
    return true;
}

static bool add_line(struct witness *witness, const char *bytes, size_t length)
{
    cJSON *line = cJSON_ParseWithLength(bytes, length);
    const cJSON *cancelled = cJSON_GetObjectItemCaseSensitive(line, "cancelled");
    struct witness_request request;
    bool kept = cJSON_IsFalse(cancelled) && read_request(line, &request);
    bool done = kept || cJSON_IsTrue(cancelled);

    if (kept) {
        witness->request =
            memory_resize(witness->request, witness->count + 1, sizeof *witness->request);
        witness->request[witness->count++] = request;
    }
    cJSON_Delete(line);
    return done;
}

static int by_index(const void *a, const void *b)
{
    const struct witness_request *x = a;
    const struct witness_request *y = b;

    return (x->index > y->index) - (x->index < y->index);
}

static bool add_lines(struct witness *witness, const char *path, const struct text *text,
                      struct error *error)
{
    const char *at = text->bytes;
    const char *end = at + text->length;

    for (int number = 1; at < end; number++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline ? newline : end) - at);

        if (!add_line(witness, at, length))
            return error_set(error, "%s:%d: is not a line of a simulator's ground truth", path,
                             number);
        at += length + 1;
    }
    return true;
}

bool witness_read(const char *path, struct witness *witness, struct error *error)
{
    struct text text = {0};
    bool done = file_read(path, FILE_MOST, &text, error) &&
                (text.length == 0 || add_lines(witness, path, &text, error));

    if (done && witness->count > 0) /* they were written as they ended */
        qsort(witness->request, witness->count, sizeof *witness->request, by_index);
    text_clear(&text);
    return done;
}

void witness_clear(struct witness *witness)
{
    free(witness->request);
    *witness = (struct witness){0};
}
