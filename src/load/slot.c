#include "load/slot.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/memory.h"
#include "load/easy.h"

/* --- What libcurl calls ---------------------------------------------------------------------- */

/* What is not taken ends the transfer. */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    return reply_take_header(context, bytes, size * count) ? size * count : 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    return reply_take_body(context, bytes, size * count) ? size * count : 0;
}

static size_t on_upload(char *room, size_t size, size_t count, void *context)
{
    struct slot *slot = context;
    size_t left = size * count;
    char *to = room;

    while (left > 0 && slot->segment_at < SLOT_SEGMENTS) {
        const struct segment *segment = &slot->segment[slot->segment_at];
        size_t some = segment->length - slot->byte_at;

        some = some < left ? some : left;
        if (some > 0)
            memcpy(to, segment->bytes + slot->byte_at, some);
        to += some;
        left -= some;
        slot->byte_at += some;
        if (slot->byte_at == segment->length) {
            slot->segment_at++;
            slot->byte_at = 0;
        }
    }
    return (size_t)(to - room);
}

/* libcurl would send a request again, unasked, where a reused connection turns out to be dead. The
 * second send would hide what the first one met, so these three let nothing leave twice: no rewind
 * of a long body, no second start of the request, no new socket once it has started. */

/* After a failed request libcurl rewinds the handle's next body before it is sent, which is fine.
 */
static int on_rewind(void *context, curl_off_t offset, int origin)
{
    const struct slot *slot = context;

    (void)origin;
    return slot->request.sent_ns == CLOCK_NEVER && offset == 0 ? CURL_SEEKFUNC_OK
                                                               : CURL_SEEKFUNC_FAIL;
}

static int on_connection_ready(void *context, char *remote, char *local, int remote_port,
                               int local_port)
{
    struct slot *slot = context;

    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    if (slot->request.sent_ns != CLOCK_NEVER)
        return CURL_PREREQFUNC_ABORT;
    slot->request.sent_ns = clock_monotonic_ns();
    return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_open_socket(void *context, curlsocktype purpose,
                                    struct curl_sockaddr *address)
{
    struct slot *slot = context;
    int opened;

    (void)purpose;
    if (slot->request.sent_ns != CLOCK_NEVER)
        return CURL_SOCKET_BAD;
    if (!slot->request.new_connection)
        slot->request.started_ns = clock_monotonic_ns(); /* libcurl may have got to it later */
    slot->request.new_connection = true;
    opened = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (opened < 0)
        slot->socket_errno = errno;
    else
        stamp_ask(opened);
    return opened;
}

/* --- A slot's life --------------------------------------------------------------------------- */

static void set_callbacks(struct slot *slot)
{
    CURL *easy = slot->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->curl_error);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_upload);
    curl_easy_setopt(easy, CURLOPT_READDATA, slot);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_rewind);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, slot);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connection_ready);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, slot);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, slot);
}

struct slot *slot_new(const struct target *target, struct loop *loop, size_t shard,
                      struct curl_slist *headers)
{
    struct slot *slot = memory_new(1, sizeof *slot);

    slot->target = target;
    slot->loop = loop;
    slot->shard = shard;
    slot->easy = easy_new(target, headers);
    curl_easy_setopt(slot->easy, CURLOPT_URL, target->chat_url);
    curl_easy_setopt(slot->easy, CURLOPT_POST, 1L);
    set_callbacks(slot);
    return slot;
}

void slot_free(struct slot *slot)
{
    if (!slot)
        return;
    curl_easy_cleanup(slot->easy);
    composed_clear(&slot->composed);
    text_clear(&slot->whole);
    reply_clear(&slot->reply);
    free(slot->request.chunks);
    free(slot);
}

static void begin_record(struct request *request, const struct composed *composed, int attempt)
{
    struct chunk *chunks = request->chunks;
    size_t room = request->chunk_room;

    *request = (struct request){.index = composed->index,
                                .attempt = attempt,
                                .retry_after_s = NAN,
                                .retry_wait_s = NAN,
                                .asked = composed->asked,
                                .intended_ns = CLOCK_NEVER,
                                .started_ns = CLOCK_NEVER,
                                .sent_ns = CLOCK_NEVER,
                                .first_byte_ns = CLOCK_NEVER,
                                .first_event_ns = CLOCK_NEVER,
                                .first_reasoning_ns = CLOCK_NEVER,
                                .first_content_ns = CLOCK_NEVER,
                                .last_chunk_ns = CLOCK_NEVER,
                                .done_ns = CLOCK_NEVER,
                                .chunks = chunks,
                                .chunk_room = room,
                                .usage = usage_unknown};
}

void slot_begin(struct slot *slot, size_t in_flight)
{
    begin_record(&slot->request, &slot->composed, slot->attempt);
    reply_begin(slot, in_flight);
}

static struct segment segment_of(const struct text *text)
{
    return (struct segment){text ? text->bytes : NULL, text ? text->length : 0};
}

/* libcurl sends a body that stands in one piece together with its head. */
static void join_segments(struct slot *slot)
{
    text_reset(&slot->whole);
    for (int i = 0; i < SLOT_SEGMENTS; i++)
        text_add(&slot->whole, slot->segment[i].bytes, slot->segment[i].length);
}

void slot_send(struct slot *slot, int64_t intended_ns, const struct body *body,
               const struct text *image, size_t in_flight)
{
    const struct composed *own = &slot->composed;
    const struct text *part[SLOT_SEGMENTS];

    body = own->body ? own->body : body;
    part[0] = &body->head;
    part[1] = &own->prompt;
    part[2] = &body->middle;
    part[3] = own->image ? own->image : image;
    part[4] = own->tail.length > 0 ? &own->tail : &body->tail;
    slot_begin(slot, in_flight);
    slot->segment_at = slot->byte_at = 0;
    slot->curl_error[0] = '\0';
    slot->socket_errno = 0;
    slot->body_length = 0;
    for (int i = 0; i < SLOT_SEGMENTS; i++) {
        slot->segment[i] = segment_of(part[i]);
        slot->body_length += slot->segment[i].length;
    }
    if (own->shared) {
        slot->body_length += own->shared_length - slot->segment[1].length;
        slot->segment[1] = (struct segment){own->shared, own->shared_length};
    }
    if (slot->body_length <= SLOT_WHOLE_MOST)
        join_segments(slot);
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS,
                     slot->body_length <= SLOT_WHOLE_MOST ? slot->whole.bytes : NULL);
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)slot->body_length);
    slot->sending = true;
    slot->request.intended_ns = intended_ns;
    slot->request.started_ns = clock_monotonic_ns();
    slot->request.wall_at_ns = clock_wall_ns() - slot->request.started_ns;
    slot->alive_ns = slot->request.started_ns;
    loop_add(slot->loop, slot->shard, slot->easy);
}

void slot_finish(struct slot *slot, CURLcode result)
{
    reply_conclude(slot, result);
    slot->sending = false;
}

static const char *bytes_of(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

struct said slot_said(const struct slot *slot)
{
    return (struct said){bytes_of(&slot->composed.prompt), bytes_of(&slot->reply.text)};
}

void slot_abort(struct slot *slot, enum request_end end, const char *sentence)
{
    loop_remove(slot->loop, slot->shard, slot->easy);
    reply_abort(slot, end, sentence);
    slot->sending = false;
}
