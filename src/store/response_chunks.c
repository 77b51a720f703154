#include "store/response_chunks.h"

#include <inttypes.h>
#include <stdbool.h>

void response_chunks_add_gaps(const struct request *request, double ttft_s, struct text *json)
{
    text_add_char(json, '[');
    for (size_t i = 0; i < request->chunk_count; i++) {
        if (i > 0)
            text_add_char(json, ',');
        if (i == 0)
            text_add_number(json, ttft_s);
        else
            text_add_seconds(json,
                             request->chunks[i].arrival_ns - request->chunks[i - 1].arrival_ns);
    }
    text_add_char(json, ']');
}

void response_chunks_add_coalesced(const struct request *request, struct text *json)
{
    bool first = true;

    text_add_char(json, '[');
    for (size_t i = 0; i < request->chunk_count; i++) {
        if (!request->chunks[i].coalesced)
            continue;
        if (!first)
            text_add_char(json, ',');
        text_add_size(json, i);
        first = false;
    }
    text_add_char(json, ']');
}

static void add_bound(const struct chunk *from, const struct chunk *to, size_t entry,
                      struct text *json)
{
    int64_t least = to->arrival_ns - to->early_ns - from->arrival_ns - from->late_ns;
    int64_t most = to->arrival_ns + to->late_ns - from->arrival_ns + from->early_ns;

    text_add_char(json, '[');
    text_add_size(json, entry);
    text_add_char(json, ',');
    text_add_seconds(json, least > 0 ? least : 0);
    text_add_char(json, ',');
    text_add_seconds(json, most);
    text_add_char(json, ']');
}

static bool is_exact(const struct chunk *chunk)
{
    return chunk->early_ns == 0 && chunk->late_ns == 0;
}

void response_chunks_add_bounds(const struct request *request, struct text *json)
{
    const struct chunk *chunk = request->chunks;
    bool first = true;

    text_add_char(json, '[');
    for (size_t i = 1; i < request->chunk_count; i++) {
        if (is_exact(&chunk[i - 1]) && is_exact(&chunk[i]))
            continue;
        if (!first)
            text_add_char(json, ',');
        add_bound(&chunk[i - 1], &chunk[i], i, json);
        first = false;
    }
    text_add_char(json, ']');
}

/* Few servers are asked to count in each chunk. */
static bool is_counted(const struct request *request)
{
    for (size_t i = 0; i < request->chunk_count; i++) {
        if (request->chunks[i].tokens_so_far > 0)
            return true;
    }
    return false;
}

void response_chunks_add_tokens(const struct request *request, struct text *json)
{
    bool counted = is_counted(request);
    uint32_t before = 0;

    text_add_string(json, counted ? "[" : "null");
    for (size_t i = 0; counted && i < request->chunk_count; i++) {
        uint32_t so_far = request->chunks[i].tokens_so_far;
        bool known = so_far > 0 && (i == 0 || before > 0) && so_far >= before;

        if (i > 0)
            text_add_char(json, ',');
        if (known)
            text_printf(json, "%" PRIu32, so_far - before);
        else
            text_add_string(json, "null");
        before = so_far;
    }
    if (counted)
        text_add_char(json, ']');
}

void response_chunks_add_clock(const struct request *request, struct text *json)
{
    size_t stamped = 0;

    for (size_t i = 0; i < request->chunk_count; i++)
        stamped += request->chunks[i].stamped;
    if (request->chunk_count == 0)
        text_add_string(json, "null");
    else
        text_add_json(json, stamped == request->chunk_count ? "kernel"
                            : stamped == 0                  ? "program"
                                                            : "mixed");
}
