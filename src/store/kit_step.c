#include "store/kit_step.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/batches.h"
#include "stats/switching.h"

/* Attempts at a step are counted from 1 in every summary of ours. */
static bool is_ours(const struct step *step)
{
    return step->attempt > 0;
}

/* A model's name may end in the word too. */
static void find_image(struct step *step)
{
    static const char before[] = "multimodal_";

    for (const char *at = step->name; (at = strstr(at, before));) {
        at += strlen(before);
        for (int i = ROW_SMALL; row_image_names[i]; i++) {
            size_t length = strlen(row_image_names[i]);

            if (strncasecmp(at, row_image_names[i], length) == 0)
                step->row.multimodal_img_size = (enum row_image)i;
        }
    }
}

/* Without a start a response is the last. */
static int by_start(const void *a, const void *b)
{
    const struct outcome *x = a, *y = b;
    int64_t x_ns = x->sent_ns == CLOCK_NEVER ? INT64_MAX : x->sent_ns;
    int64_t y_ns = y->sent_ns == CLOCK_NEVER ? INT64_MAX : y->sent_ns;

    if (x_ns != y_ns)
        return (x_ns > y_ns) - (x_ns < y_ns);
    return (x->record > y->record) - (x->record < y->record);
}

/* The kit writes responses in the order of their ends. */
static void sort(struct responses *responses)
{
    for (size_t i = 0; i < responses->count; i++)
        responses->outcome[i].record = i;
    if (responses->count > 0)
        qsort(responses->outcome, responses->count, sizeof *responses->outcome, by_start);
}

void kit_step_complete(struct step *step, struct responses *responses)
{
    if (is_ours(step))
        return;
    find_image(step);
    if (step->row.num_requests == 0)
        step->row.num_requests = (int64_t)step->started;
    if (!responses)
        return;
    sort(responses);
    free(step->batch);
    step->batch = NULL;
    step->batches = 0;
    batches_count(responses->outcome, responses->count, step);
    step->switching = switching_estimate(responses->outcome, responses->count);
    step->switching_time_largest_batch_s =
        switching_by_largest_batch(responses->outcome, responses->count);
}

/* --- Errors ----------------------------------------------------------------------------------- */

static void count_error(struct step *step, const struct response *response)
{
    size_t at = 0;

    while (at < step->error_kinds && strcmp(step->error[at].code, response->code) != 0)
        at++;
    if (at == step->error_kinds) {
        step->error = memory_grow(step->error, at, sizeof *step->error);
        step->error[at] = (struct error_count){.is_status = strspn(response->code, "0123456789") ==
                                                            strlen(response->code)};
        memcpy(step->error[at].code, response->code, sizeof response->code);
        step->error_kinds++;
    }
    step->error[at].count++;
}

static int most_frequent_first(const void *a, const void *b)
{
    const struct error_count *x = a, *y = b;

    if (x->count != y->count)
        return (x->count < y->count) - (x->count > y->count);
    return strcmp(x->code, y->code);
}

bool kit_step_count_errors(const char *folder, struct step *step, struct error *error)
{
    struct error fault = {.text = ""};
    struct response_reader *reader;
    struct response response;
    size_t errors = 0;

    if (is_ours(step))
        return true;
    reader = response_reader_open(folder, step->name, STEP_LOAD, error);
    if (!reader)
        return false;
    free(step->error);
    step->error = NULL;
    step->error_kinds = 0;
    while (response_reader_next(reader, &response, &fault)) {
        if (response.outcome.end != REQUEST_COMPLETED) {
            count_error(step, &response);
            errors++;
        }
    }
    response_reader_close(reader);
    step->errors = errors;
    if (step->error_kinds > 0)
        qsort(step->error, step->error_kinds, sizeof *step->error, most_frequent_first);
    return !fault.text[0] || error_set(error, "%s", fault.text);
}
