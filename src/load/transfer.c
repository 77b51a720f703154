#include "load/transfer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/memory.h"
#include "load/ahead.h"
#include "load/easy.h"
#include "load/owned.h"
#include "load/route.h"
#include "load/sockets.h"

/* --- What libcurl calls ----------------------------------------------------------------------- */

/* What is not taken ends the transfer. */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    return reply_take_header(context, bytes, size * count) ? size * count : 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;

    size_t length = size * count, heard;

    if (direct_keeps(&transfer->direct))
        return CURL_WRITEFUNC_PAUSE;
    heard = direct_heard(&transfer->direct, length);
    transfer->direct.given += length;
    if (heard == length)
        return length;
    return reply_take_body(transfer, bytes + heard, length - heard) ? length : 0;
}

/* libcurl calls it whenever it was called for the transfer. */
static int on_called(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                     curl_off_t up_now)
{
    (void)total;
    (void)now;
    (void)up_total;
    (void)up_now;
    owned_note_called(context);
    return 0;
}

static size_t on_upload(char *room, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t left = size * count;
    char *to = room;

    while (left > 0 && transfer->segment_at < TRANSFER_SEGMENTS) {
        const struct segment *segment = &transfer->segment[transfer->segment_at];
        size_t some = segment->length - transfer->byte_at;

        some = some < left ? some : left;
        if (some > 0)
            memcpy(to, segment->bytes + transfer->byte_at, some);
        to += some;
        left -= some;
        transfer->byte_at += some;
        if (transfer->byte_at == segment->length) {
            transfer->segment_at++;
            transfer->byte_at = 0;
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
    const struct transfer *transfer = context;

    (void)origin;
    return transfer->request.sent_ns == CLOCK_NEVER && offset == 0 ? CURL_SEEKFUNC_OK
                                                                   : CURL_SEEKFUNC_FAIL;
}

/* To wait for its moment is no part of connecting. */
static void leave(struct transfer *transfer)
{
    struct request *request = &transfer->request;
    int64_t now = clock_monotonic_ns();

    request->sent_ns = transfer->ahead ? ahead_hold(transfer->ahead, request->intended_ns) : now;
    if (request->new_connection)
        request->started_ns += request->sent_ns - now;
}

static int on_connection_ready(void *context, char *remote, char *local, int remote_port,
                               int local_port)
{
    struct transfer *transfer = context;

    (void)local;
    (void)remote_port;
    (void)local_port;
    if (transfer->request.sent_ns != CLOCK_NEVER)
        return CURL_PREREQFUNC_ABORT;
    sockets_end_unused_handback(transfer->loop);
    snprintf(transfer->request.remote_address, sizeof transfer->request.remote_address, "%s",
             remote);
    leave(transfer);
    direct_begin(transfer);
    return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_open_socket(void *context, curlsocktype purpose,
                                    struct curl_sockaddr *address)
{
    struct transfer *transfer = context;
    int opened;

    (void)purpose;
    if (transfer->request.sent_ns != CLOCK_NEVER)
        return CURL_SOCKET_BAD;
    if (!transfer->request.new_connection)
        transfer->request.started_ns = clock_monotonic_ns(); /* libcurl may have got to it later */
    transfer->request.new_connection = true;
    opened = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    transfer->socket_errno = opened < 0 ? errno : 0;
    if (opened >= 0)
        stamp_ask(opened);
    return opened;
}

/* --- A transfer's life ------------------------------------------------------------------------ */

static void set_callbacks(struct transfer *transfer)
{
    CURL *easy = transfer->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_error);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_upload);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_called);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_rewind);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connection_ready);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
}

struct transfer *transfer_new(const struct target *target, struct loop *loop, size_t shard,
                              struct curl_slist *headers)
{
    struct transfer *transfer = memory_new(1, sizeof *transfer);

    transfer->target = target;
    transfer->loop = loop;
    transfer->shard = shard;
    transfer->easy = easy_new(target, headers);
    curl_easy_setopt(transfer->easy, CURLOPT_URL, target->chat_url);
    curl_easy_setopt(transfer->easy, CURLOPT_POST, 1L);
    set_callbacks(transfer);
    return transfer;
}

void transfer_free(struct transfer *transfer)
{
    if (!transfer)
        return;
    curl_easy_cleanup(transfer->easy);
    composed_clear(&transfer->composed);
    text_clear(&transfer->whole);
    reply_clear(&transfer->reply);
    free(transfer->request.chunks);
    free(transfer);
}

static void begin_record(struct request *request, const struct composed *composed, int attempt)
{
    struct chunk *chunks = request->chunks;
    size_t room = request->chunk_room;

    *request = (struct request){.index = composed->index,
                                .phase = composed->phase,
                                .attempt = attempt,
                                .retry_after_s = NAN,
                                .retry_wait_s = NAN,
                                .asked = composed->asked,
                                .intended_ns = CLOCK_NEVER,
                                .let_go_ns = CLOCK_NEVER,
                                .started_ns = CLOCK_NEVER,
                                .sent_ns = CLOCK_NEVER,
                                .first_byte_ns = CLOCK_NEVER,
                                .first_event_ns = CLOCK_NEVER,
                                .first_reasoning_ns = CLOCK_NEVER,
                                .first_content_ns = CLOCK_NEVER,
                                .last_chunk_ns = CLOCK_NEVER,
                                .finish_ns = CLOCK_NEVER,
                                .done_ns = CLOCK_NEVER,
                                .body_end_ns = CLOCK_NEVER,
                                .chunks = chunks,
                                .chunk_room = room,
                                .usage = usage_unknown};
}

void transfer_begin(struct transfer *transfer, size_t sharers)
{
    begin_record(&transfer->request, &transfer->composed, transfer->attempt);
    reply_begin(transfer, sharers);
}

static struct segment segment_of(const struct text *text)
{
    return (struct segment){text ? text->bytes : NULL, text ? text->length : 0};
}

/* libcurl sends a body that stands in one piece together with its head. */
static void join_segments(struct transfer *transfer)
{
    text_reset(&transfer->whole);
    for (int i = 0; i < TRANSFER_SEGMENTS; i++)
        text_add(&transfer->whole, transfer->segment[i].bytes, transfer->segment[i].length);
}

void transfer_send(struct transfer *transfer, int64_t intended_ns, const struct body *body,
                   const struct text *image, size_t sharers)
{
    const struct composed *own = &transfer->composed;
    const struct text *part[TRANSFER_SEGMENTS];

    body = own->body ? own->body : body;
    part[0] = &body->head;
    part[1] = &own->prompt;
    part[2] = &body->middle;
    part[3] = own->image ? own->image : image;
    part[4] = own->tail.length > 0 ? &own->tail : &body->tail;
    transfer_begin(transfer, sharers);
    transfer->segment_at = transfer->byte_at = 0;
    transfer->curl_error[0] = '\0';
    transfer->socket_errno = 0;
    transfer->body_length = 0;
    for (int i = 0; i < TRANSFER_SEGMENTS; i++) {
        transfer->segment[i] = segment_of(part[i]);
        transfer->body_length += transfer->segment[i].length;
    }
    if (own->shared) {
        transfer->body_length += own->shared_length - transfer->segment[1].length;
        transfer->segment[1] = (struct segment){own->shared, own->shared_length};
    }
    if (transfer->body_length <= TRANSFER_WHOLE_MOST)
        join_segments(transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS,
                     transfer->body_length <= TRANSFER_WHOLE_MOST ? transfer->whole.bytes : NULL);
    curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)transfer->body_length);
    transfer->sending = true;
    transfer->has_left = false;
    transfer->request.intended_ns = intended_ns;
    transfer->request.let_go_ns = transfer->let_go_ns;
    transfer->request.started_ns = clock_monotonic_ns();
    transfer->request.wall_at_ns = clock_wall_ns() - transfer->request.started_ns;
    transfer->alive_ns = transfer->request.started_ns;
    route_set(transfer->easy, transfer->target->addresses,
              own->asked.turns > 0 ? own->asked.session : own->index);
    loop_add(transfer->loop, transfer->shard, transfer->easy);
}

void transfer_finish(struct transfer *transfer, CURLcode result)
{
    reply_conclude(transfer, result);
    transfer->direct = (struct direct){0};
    transfer->sending = false;
}

static const char *bytes_of(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

struct request_texts transfer_texts(const struct transfer *transfer)
{
    return (struct request_texts){bytes_of(&transfer->composed.prompt) + transfer->composed.own_at,
                                  bytes_of(&transfer->reply.text)};
}

void transfer_abort(struct transfer *transfer, enum request_end end, const char *sentence)
{
    loop_remove(transfer->loop, transfer->shard, transfer->easy);
    reply_abort(transfer, end, sentence);
    transfer->direct = (struct direct){0};
    transfer->sending = false;
}
