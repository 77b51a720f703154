#include "sim/truth.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"

enum { LINE_ROOM = 1 << 20 };

struct truth {
    FILE *file;
    char *path;
    char *room; /* the file's buffer: a long line goes out whole, too */
};

struct truth *truth_open(const char *path, struct error *error)
{
    FILE *file = fopen(path, "ae");
    struct truth *truth;

    if (!file) {
        error_set(error, "%s: cannot be written: %s", path, strerror(errno));
        return NULL;
    }
    truth = memory_new(1, sizeof *truth);
    truth->room = memory_new(LINE_ROOM, 1);
    setvbuf(file, truth->room, _IOLBF, LINE_ROOM); /* who reads along finds whole lines */
    truth->file = file;
    truth->path = memory_text(path);
    return truth;
}

static void add_name(struct text *line, const struct bundle_configuration *configuration)
{
    struct text name = {0};

    bundle_add_name(&name, configuration);
    text_add_json(line, name.bytes);
    text_clear(&name);
}

static void add_names(struct text *line, const char *name, const struct bundle_configuration *list,
                      size_t count)
{
    text_printf(line, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        text_add_string(line, i > 0 ? "," : "");
        add_name(line, &list[i]);
    }
    text_add_char(line, ']');
}

static void add_whole(struct text *line, const char *name, int64_t value)
{
    text_printf(line, ",\"%s\":%" PRId64, name, value);
}

static void add_figure(struct text *line, const char *name, double value)
{
    text_printf(line, ",\"%s\":", name);
    text_add_number(line, value);
}

static void add_truth(struct text *line, const char *name, bool truth)
{
    text_printf(line, ",\"%s\":%s", name, truth ? "true" : "false");
}

/* Token `k`'s moment, or null where that token was not sent. */
static void add_moment(struct text *line, const char *name, const struct sim_response *response,
                       int64_t k)
{
    if (k >= 0 && k < response->sent_tokens)
        add_whole(line, name, response->token_ns[k]);
    else
        text_printf(line, ",\"%s\":null", name);
}

/* By hand, since there are many: printf would hold up other responses' tokens. */
static void add_digits(struct text *line, int64_t moment_ns)
{
    char digits[24];
    char *at = digits + sizeof digits;

    do
        *--at = (char)('0' + moment_ns % 10);
    while (moment_ns /= 10);
    text_add(line, at, (size_t)(digits + sizeof digits - at));
}

static void add_moments(struct text *line, const struct sim_response *response)
{
    text_add_string(line, ",\"token_ns\":[");
    for (int64_t k = 0; k < response->sent_tokens; k++) {
        if (k > 0)
            text_add_char(line, ',');
        add_digits(line, response->token_ns[k]);
    }
    text_add_char(line, ']');
}

static void add_batch(struct text *line, const struct node_request *request)
{
    const struct node_batch *batch = request->batch;

    text_add_string(line, ",\"configuration\":");
    add_name(line, &batch->configuration);
    add_whole(line, "replica", request->replica);
    add_whole(line, "batch", batch->number);
    add_whole(line, "batch_size", batch->configuration.batch_size);
    add_whole(line, "members", (int64_t)batch->members);
    add_truth(line, "hit", batch->hit);
    add_names(line, "evicted", batch->evicted, batch->evicted_count);
    add_names(line, "unloaded", batch->unloaded.items, batch->unloaded.count);
    add_names(line, "resident", batch->resident.items, batch->resident.count);
    add_figure(line, "since_start_s", batch->since_start_s);
    add_figure(line, "queue_s", clock_seconds(request->arrived_ns, batch->started_ns));
    add_figure(line, "queue_pause_s", node_queue_pause_s(request));
    add_figure(line, "switch_s", batch->switch_s);
    add_figure(line, "warmup_s", batch->warmup_s);
    add_figure(line, "second_s", batch->second_s);
    add_figure(line, "prefill_s", batch->prefill_s);
    add_figure(line, "stall_s", batch->stall_s);
    add_figure(line, "pause_s", batch->pause_s);
    add_figure(line, "time_to_first_token_s", node_time_to_first_token_s(batch));
    add_figure(line, "total_latency_s", node_total_latency_s(request));
    add_whole(line, "batch_started_ns", batch->started_ns);
}

static void add_fault(struct text *line, const struct bundle_fault *fault)
{
    text_add_string(line, ",\"fault\":");
    if (fault)
        text_add_json(line, bundle_fault_names[fault->kind]);
    else
        text_add_string(line, "null");
}

void truth_add(struct truth *truth, const struct sim_response *response)
{
    const struct node_request *request = &response->request;
    struct text line = {0};

    text_printf(&line, "{\"index\":%" PRId64 ",\"id\":\"%s\",\"model\":", request->number,
                response->token_text.id);
    text_add_json(&line, request->expert->name);
    add_whole(&line, "tier", request->tier->tokens);
    add_whole(&line, "prompt_tokens", request->prompt_tokens);
    add_whole(&line, "completion_tokens", response->sent_tokens);
    add_whole(&line, "cached_tokens", request->cached_tokens);
    add_truth(&line, "cancelled", !response->ended);
    add_fault(&line, response->struck);
    if (request->batch)
        add_batch(&line, request);
    add_whole(&line, "arrived_ns", response->arrived_ns);
    add_moment(&line, "first_token_ns", response, 0);
    add_moment(&line, "last_token_ns", response, response->sent_tokens - 1);
    add_moments(&line, response);
    text_add_string(&line, "}\n");
    fwrite(line.bytes, 1, line.length, truth->file);
    text_clear(&line);
}

bool truth_close(struct truth *truth, struct error *error)
{
    bool written;

    if (!truth)
        return true;
    written = !ferror(truth->file);
    if (fclose(truth->file) != 0)
        written = false;
    if (!written)
        error_set(error, "%s: the ground truth could not be written in full", truth->path);
    free(truth->path);
    free(truth->room);
    free(truth);
    return written;
}
