#include "cluster/records.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"

/* --- Moments ---------------------------------------------------------------------------------- */

/* All moments of a request but its chunks'. */
enum { MOMENTS = 12 };

static void list_moments(struct request *request, int64_t *moment[MOMENTS])
{
    int64_t *const all[MOMENTS] = {&request->intended_ns,        &request->let_go_ns,
                                   &request->started_ns,         &request->sent_ns,
                                   &request->first_byte_ns,      &request->first_event_ns,
                                   &request->first_reasoning_ns, &request->first_content_ns,
                                   &request->last_chunk_ns,      &request->finish_ns,
                                   &request->announced_ns,       &request->done_ns};

    memcpy(moment, all, sizeof all);
}

/* What is added to all of a request's moments: what is right for the one that it was handed over
 * at, so that all durations stay the rank's own. Two clocks run apart by less in a request than
 * they are uncertain by; what they do counts as uncertainty. */
static int64_t shift_of(const struct request *request, const struct track *track,
                        int64_t *uncertainty_ns)
{
    int64_t start_ns = request->started_ns, end_ns = request->body_end_ns, at_start, at_end;
    int64_t shift_ns = track_root_ns(track, start_ns, &at_start) - start_ns, apart_ns = 0;

    *uncertainty_ns = at_start;
    if (end_ns == CLOCK_NEVER)
        return shift_ns;
    apart_ns = track_root_ns(track, end_ns, &at_end) - end_ns - shift_ns;
    apart_ns = apart_ns < 0 ? -apart_ns : apart_ns;
    if (at_end + apart_ns > *uncertainty_ns)
        *uncertainty_ns = at_end + apart_ns;
    return shift_ns;
}

static int64_t shifted(int64_t at_ns, int64_t shift_ns)
{
    return at_ns == CLOCK_NEVER ? CLOCK_NEVER : at_ns + shift_ns;
}

/* --- Packing ---------------------------------------------------------------------------------- */

static void pack_string(struct text *bytes, const char *string)
{
    pack_number(bytes, string != NULL);
    if (string)
        pack_bytes(bytes, string, strlen(string));
}

static void pack_asked(struct text *bytes, const struct asked *asked)
{
    const int64_t numbers[] = {asked->input_tokens, asked->output_tokens, asked->estimated_tokens,
                               asked->words,        (int64_t)asked->text, (int64_t)asked->session,
                               asked->turn,         asked->turns,         asked->probe_burst};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        pack_number(bytes, numbers[i]);
    pack_string(bytes, asked->name);
}

static void pack_chunks(struct text *bytes, const struct request *request, int64_t shift_ns)
{
    pack_number(bytes, (int64_t)request->chunk_count);
    for (size_t i = 0; i < request->chunk_count; i++) {
        const struct chunk *chunk = &request->chunks[i];

        pack_number(bytes, shifted(chunk->arrival_ns, shift_ns));
        pack_number(bytes,
                    (int64_t)chunk->tokens_so_far << 2 | chunk->coalesced << 1 | chunk->stamped);
        pack_number(bytes, chunk->early_ns);
        pack_number(bytes, chunk->late_ns);
    }
}

static void pack_moments(struct text *bytes, const struct request *request, int64_t shift_ns)
{
    struct request copy = *request;
    int64_t *moment[MOMENTS];

    list_moments(&copy, moment);
    for (size_t i = 0; i < MOMENTS; i++)
        pack_number(bytes, shifted(*moment[i], shift_ns));
    pack_number(bytes, shifted(request->body_end_ns, shift_ns));
}

/* The plain numbers of a request, in one order for both directions. */
enum { NUMBERS = 9 };

static void list_numbers(const struct request *request, int64_t number[NUMBERS])
{
    const int64_t all[NUMBERS] = {(int64_t)request->index,
                                  request->phase,
                                  request->attempt,
                                  request->stamped,
                                  request->new_connection,
                                  (int64_t)request->announcements,
                                  request->first_token_without_text,
                                  request->http_status,
                                  request->non_streaming};

    memcpy(number, all, sizeof all);
}

/* All of it are real numbers. */
enum { USAGE_NUMBERS = sizeof(struct usage) / sizeof(double) };

static void pack_usage(struct text *bytes, const struct usage *usage)
{
    double number[USAGE_NUMBERS];

    memcpy(number, usage, sizeof number);
    for (size_t i = 0; i < USAGE_NUMBERS; i++)
        pack_real(bytes, number[i]);
}

static void pack_texts(struct text *bytes, const struct request_texts *texts)
{
    pack_number(bytes, texts != NULL);
    if (!texts)
        return;
    pack_string(bytes, texts->prompt);
    pack_string(bytes, texts->completion);
}

void records_pack(const struct request *request, const struct request_texts *texts,
                  const struct track *track, struct text *bytes)
{
    int64_t number[NUMBERS], uncertainty_ns, shift_ns = shift_of(request, track, &uncertainty_ns);

    list_numbers(request, number);
    for (size_t i = 0; i < NUMBERS; i++)
        pack_number(bytes, number[i]);
    pack_number(bytes, uncertainty_ns);
    pack_moments(bytes, request, shift_ns);
    pack_asked(bytes, &request->asked);
    pack_chunks(bytes, request, shift_ns);
    pack_usage(bytes, &request->usage);
    pack_string(bytes, request->response_id);
    pack_string(bytes, request->remote_address);
    pack_string(bytes, request->http_version);
    pack_string(bytes, request->finish_reason);
    pack_real(bytes, request->retry_after_s);
    pack_real(bytes, request->retry_wait_s);
    pack_number(bytes, request->end);
    pack_string(bytes, request->message);
    pack_string(bytes, request->error_body);
    pack_texts(bytes, texts);
}

/* --- Unpacking -------------------------------------------------------------------------------- */

/* NULL where there was none. */
static const char *unpack_string(struct unpacking *unpacking, struct text *room)
{
    const char *bytes;
    size_t length;

    text_reset(room);
    if (!unpack_number(unpacking))
        return NULL;
    bytes = unpack_bytes(unpacking, &length);
    text_add(room, bytes, length);
    return room->bytes;
}

/* Cut to fit, as no rank of this version packs it. */
static void unpack_into(struct unpacking *unpacking, char *to, size_t size)
{
    const char *bytes;
    size_t length = 0;

    *to = '\0';
    if (!unpack_number(unpacking))
        return;
    bytes = unpack_bytes(unpacking, &length);
    length = length < size ? length : size - 1;
    memcpy(to, bytes, length);
    to[length] = '\0';
}

static void unpack_asked(struct unpacking *unpacking, struct record *record)
{
    struct asked *asked = &record->request.asked;

    asked->input_tokens = unpack_number(unpacking);
    asked->output_tokens = unpack_number(unpacking);
    asked->estimated_tokens = unpack_number(unpacking);
    asked->words = unpack_number(unpacking);
    asked->text = (size_t)unpack_number(unpacking);
    asked->session = (size_t)unpack_number(unpacking);
    asked->turn = unpack_number(unpacking);
    asked->turns = unpack_number(unpacking);
    asked->probe_burst = unpack_number(unpacking);
    asked->name = unpack_string(unpacking, &record->name);
}

static void make_room(struct request *request, size_t chunks)
{
    if (chunks <= request->chunk_room)
        return;
    request->chunks = memory_resize(request->chunks, chunks, sizeof *request->chunks);
    request->chunk_room = chunks;
}

static void unpack_chunks(struct unpacking *unpacking, struct request *request)
{
    size_t chunks = (size_t)unpack_number(unpacking);

    request->chunk_count = 0;
    if (chunks > unpacking->left / 32) /* more than there can be */
        unpacking->broken = true;
    if (unpacking->broken)
        return;
    make_room(request, chunks);
    request->chunk_count = chunks;
    for (size_t i = 0; i < chunks; i++) {
        int64_t arrival_ns = unpack_number(unpacking), bits = unpack_number(unpacking);

        request->chunks[i] = (struct chunk){.arrival_ns = arrival_ns,
                                            .coalesced = bits & 2,
                                            .stamped = bits & 1,
                                            .tokens_so_far = (uint32_t)(bits >> 2)};
        request->chunks[i].early_ns = unpack_number(unpacking);
        request->chunks[i].late_ns = unpack_number(unpacking);
    }
}

static void unpack_moments(struct unpacking *unpacking, struct request *request)
{
    int64_t *moment[MOMENTS];

    list_moments(request, moment);
    for (size_t i = 0; i < MOMENTS; i++)
        *moment[i] = unpack_number(unpacking);
    request->body_end_ns = unpack_number(unpacking);
}

static void unpack_numbers(struct unpacking *unpacking, struct request *request)
{
    request->index = (size_t)unpack_number(unpacking);
    request->phase = (enum request_phase)unpack_number(unpacking);
    request->attempt = (int)unpack_number(unpacking);
    request->stamped = (int)unpack_number(unpacking);
    request->new_connection = unpack_number(unpacking);
    request->announcements = (size_t)unpack_number(unpacking);
    request->first_token_without_text = unpack_number(unpacking);
    request->http_status = (int)unpack_number(unpacking);
    request->non_streaming = unpack_number(unpacking);
    request->clock_uncertainty_s = (double)unpack_number(unpacking) / CLOCK_NS_PER_S;
}

static void unpack_usage(struct unpacking *unpacking, struct usage *usage)
{
    double number[USAGE_NUMBERS] = {0};

    for (size_t i = 0; i < USAGE_NUMBERS; i++)
        number[i] = unpack_real(unpacking);
    memcpy(usage, number, sizeof *usage);
}

static void unpack_texts(struct unpacking *unpacking, struct record *record)
{
    record->has_texts = unpack_number(unpacking);
    if (!record->has_texts)
        return;
    record->texts.prompt = unpack_string(unpacking, &record->prompt);
    record->texts.completion = unpack_string(unpacking, &record->completion);
}

bool records_unpack(struct unpacking *unpacking, struct record *record)
{
    struct request *request = &record->request;

    unpack_numbers(unpacking, request);
    unpack_moments(unpacking, request);
    unpack_asked(unpacking, record);
    unpack_chunks(unpacking, request);
    unpack_usage(unpacking, &request->usage);
    unpack_into(unpacking, request->response_id, sizeof request->response_id);
    unpack_into(unpacking, request->remote_address, sizeof request->remote_address);
    request->http_version = unpack_string(unpacking, &record->version);
    unpack_into(unpacking, request->finish_reason, sizeof request->finish_reason);
    request->retry_after_s = unpack_real(unpacking);
    request->retry_wait_s = unpack_real(unpacking);
    request->end = (enum request_end)unpack_number(unpacking);
    unpacking->broken |= request->end >= REQUEST_ENDS || request->phase > REQUEST_COOLDOWN;
    unpack_into(unpacking, request->message, sizeof request->message);
    unpack_into(unpacking, request->error_body, sizeof request->error_body);
    unpack_texts(unpacking, record);
    return !unpacking->broken;
}

void record_clear(struct record *record)
{
    free(record->request.chunks);
    text_clear(&record->name);
    text_clear(&record->version);
    text_clear(&record->prompt);
    text_clear(&record->completion);
    *record = (struct record){0};
}
