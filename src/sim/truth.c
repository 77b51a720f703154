#include "sim/truth.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"

struct truth {
    FILE *file;
    char *path;
};

struct truth *truth_open(const char *path, struct error *error)
{
    FILE *file = fopen(path, "ae");
    struct truth *truth;

    if (!file) {
        error_set(error, "%s: cannot be written: %s", path, strerror(errno));
        return NULL;
    }
    setvbuf(file, NULL, _IOLBF, BUFSIZ); /* whoever reads along finds whole lines */
    truth = memory_new(1, sizeof *truth);
    truth->file = file;
    truth->path = memory_text(path);
    return truth;
}

static void add_evicted(struct text *line, const struct node_batch *batch)
{
    struct text name = {0};

    text_add_string(line, ",\"evicted\":[");
    for (size_t i = 0; i < batch->evicted_count; i++) {
        text_reset(&name);
        bundle_add_name(&name, &batch->evicted[i]);
        text_add_string(line, i > 0 ? "," : "");
        text_add_json(line, name.bytes);
    }
    text_add_char(line, ']');
    text_clear(&name);
}

static void add_figure(struct text *line, const char *name, double value)
{
    text_printf(line, ",\"%s\":", name);
    text_add_number(line, value);
}

static void add_moment(struct text *line, const char *name, int64_t moment_ns)
{
    if (moment_ns == CLOCK_NEVER)
        text_printf(line, ",\"%s\":null", name);
    else
        text_printf(line, ",\"%s\":%" PRId64, name, moment_ns);
}

static void add_batch(struct text *line, const struct node_request *request)
{
    const struct node_batch *batch = request->batch;

    text_printf(line,
                ",\"batch\":%" PRId64 ",\"batch_size\":%" PRId64 ",\"members\":%zu,\"hit\":%s",
                batch->number, batch->configuration.batch_size, batch->members,
                batch->hit ? "true" : "false");
    add_evicted(line, batch);
    add_figure(line, "switch_s", batch->switch_s);
    add_figure(line, "queue_s", clock_seconds(request->arrived_ns, batch->started_ns));
    add_figure(line, "prefill_s", batch->prefill_s);
    add_figure(line, "time_to_first_token_s", node_time_to_first_token_s(batch));
}

void truth_add(struct truth *truth, const struct answer *answer)
{
    const struct node_request *request = &answer->request;
    struct text line = {0};

    text_printf(&line, "{\"index\":%" PRId64 ",\"id\":\"%s\",\"model\":", request->number,
                answer->speech.id);
    text_add_json(&line, request->expert->name);
    text_printf(&line,
                ",\"tier\":%" PRId64 ",\"prompt_tokens\":%" PRId64 ",\"completion_tokens\":%" PRId64
                ",\"cancelled\":%s",
                request->tier->tokens, request->prompt_tokens, answer->sent_tokens,
                answer->ended ? "false" : "true");
    if (request->batch)
        add_batch(&line, request);
    add_moment(&line, "arrived_ns", request->arrived_ns);
    add_moment(&line, "first_token_ns", answer->first_sent_ns);
    add_moment(&line, "last_token_ns", answer->last_sent_ns);
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
    free(truth);
    return written;
}
