#include "load/slot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/memory.h"
#include "load/easy.h"

/* --- What the stream says ------------------------------------------------------------------- */

/* What libcurl reads unasked, in the call that sent the request or that its timer wished for, came
 * by now: nobody could look before. */
static void look_now(struct slot *slot)
{
    struct loop *loop = slot->loop;

    if ((loop->by_timer && loop->reader != slot) || loop->seen_ns < slot->request.sent_ns) {
        loop->arrival_ns = loop->last_ns = loop->seen_ns = clock_monotonic_ns();
        loop->stamped = false;
        loop->reader = slot;
    }
}

/* When what is being read came: up to the first event of a reading by the stamp of its first byte,
 * from there by that of its last. Where answers share a connection, and so a reading, a stamp is
 * for the first of them, unless bytes of others that tell us nothing may have come before it. */
static int64_t arrival(struct slot *slot, bool *stamped)
{
    struct loop *loop = slot->loop;
    int64_t came_ns;

    look_now(slot);
    came_ns = slot->event_reading == loop->reading ? loop->last_ns : loop->arrival_ns;
    if (!loop->reader)
        loop->reader = slot;
    *stamped = loop->stamped && loop->reader == slot && came_ns != CLOCK_NEVER &&
               loop->arrival_ns >= slot->request.sent_ns &&
               !(slot->target->http2 && loop->last_ns != loop->arrival_ns);
    return *stamped ? came_ns : loop->seen_ns;
}

static void note(struct slot *slot, enum request_moment moment, int64_t *at_ns)
{
    bool stamped;

    *at_ns = arrival(slot, &stamped);
    if (stamped)
        slot->request.stamped |= moment;
}

enum { CHUNKS_FIRST = 64 };

static void take_chunk(struct slot *slot, const struct event *event)
{
    struct request *request = &slot->request;
    bool stamped;
    int64_t came_ns = arrival(slot, &stamped);

    if (request->chunk_count == request->chunk_room) {
        request->chunk_room = request->chunk_room ? 2 * request->chunk_room : CHUNKS_FIRST;
        request->chunks =
            memory_resize(request->chunks, request->chunk_room, sizeof *request->chunks);
    }
    request->chunks[request->chunk_count] = (struct chunk){
        .arrival_ns = came_ns,
        .coalesced = request->chunk_count > 0 && slot->chunk_reading == slot->loop->reading,
        .stamped = stamped};
    slot->loop->chunks++;
    slot->loop->stamped_chunks += stamped;
    slot->loop->coalesced += request->chunks[request->chunk_count].coalesced;
    request->chunk_count++;
    slot->chunk_reading = slot->loop->reading;
    request->stamped &= ~REQUEST_LAST_CHUNK;
    note(slot, REQUEST_LAST_CHUNK, &request->last_chunk_ns);
    if (event->content && request->first_content_ns == CLOCK_NEVER)
        note(slot, REQUEST_FIRST_CONTENT, &request->first_content_ns);
    if (event->reasoning && request->first_reasoning_ns == CLOCK_NEVER)
        note(slot, REQUEST_FIRST_REASONING, &request->first_reasoning_ns);
}

static void keep_content(struct slot *slot, const char *payload, size_t length)
{
    if (slot->too_large)
        return;
    slot->target->dialect->add_content(payload, length, &slot->answer);
    if (slot->answer.length > SLOT_TEXT_MOST)
        slot->too_large = "the answer's text is larger than 64 MiB";
}

static void on_event(void *context, const char *payload, size_t length)
{
    struct slot *slot = context;
    struct request *request = &slot->request;
    struct event event;

    dialect_take_event(slot->target->dialect, payload, length, &slot->before, &event);
    if (request->first_event_ns == CLOCK_NEVER)
        note(slot, REQUEST_FIRST_EVENT, &request->first_event_ns);
    event.content |= event.whole && request->chunk_count == 0;
    if (event.content || event.reasoning)
        take_chunk(slot, &event);
    if (event.content && slot->keep_text)
        keep_content(slot, payload, length);
    if (event.has_usage) {
        request->usage = event.usage;
        memcpy(request->response_id, event.id, sizeof request->response_id);
    }
    if (event.finish_reason[0])
        memcpy(request->finish_reason, event.finish_reason, sizeof request->finish_reason);
    if ((event.failed || event.malformed) && !slot->worst.failed && !slot->worst.malformed)
        slot->worst = event;
    /* Some servers send usage with every chunk; on its own it is the last word. */
    slot->ended |= event.done || event.finish_reason[0] ||
                   (event.has_usage && !event.content && !event.reasoning);
    slot->event_reading = slot->loop->reading;
}

/* --- What libcurl calls ---------------------------------------------------------------------- */

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct slot *slot = context;

    (void)bytes;
    if (slot->request.first_byte_ns == CLOCK_NEVER)
        note(slot, REQUEST_FIRST_BYTE, &slot->request.first_byte_ns);
    slot->last_byte_ns = slot->loop->arrival_ns;
    return size * count;
}

static void take_head(struct slot *slot)
{
    long status = 0, version = 0;

    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(slot->easy, CURLINFO_HTTP_VERSION, &version);
    slot->request.http_status = (int)status;
    slot->request.http_version = version == CURL_HTTP_VERSION_2_0   ? "2"
                                 : version == CURL_HTTP_VERSION_1_1 ? "1.1"
                                 : version == CURL_HTTP_VERSION_1_0 ? "1.0"
                                                                    : NULL;
}

/* Of an answer that is no stream; a failure's sentence is made from it. */
static void keep_excerpt(struct slot *slot, const char *bytes, size_t length)
{
    size_t room = SLOT_EXCERPT - slot->excerpt.length;

    text_add(&slot->excerpt, bytes, length < room ? length : room);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct slot *slot = context;
    size_t length = size * count;

    slot->last_byte_ns = slot->loop->arrival_ns;
    if (slot->request.http_status == 0) /* once an answer, not once a piece of it */
        take_head(slot);
    if (slot->request.http_status == 200 && !stream_feed(&slot->stream, bytes, length))
        slot->too_large = "an event of the answer is larger than 16 MiB";
    if (slot->too_large)
        return 0;
    if (slot->request.first_event_ns == CLOCK_NEVER)
        keep_excerpt(slot, bytes, length);
    return length;
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
    text_clear(&slot->excerpt);
    text_clear(&slot->answer);
    stream_clear(&slot->stream);
    walk_forget(&slot->before);
    free(slot->request.chunks);
    free(slot);
}

static void begin_record(struct request *request, const struct composed *composed)
{
    struct chunk *chunks = request->chunks;
    size_t room = request->chunk_room;

    *request = (struct request){.index = composed->index,
                                .attempt = 1,
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

void slot_begin(struct slot *slot)
{
    begin_record(&slot->request, &slot->composed);
    slot->worst = (struct event){0};
    slot->too_large = NULL;
    slot->ended = false;
    slot->segment_at = slot->byte_at = 0;
    slot->curl_error[0] = '\0';
    slot->socket_errno = 0;
    text_reset(&slot->excerpt);
    text_reset(&slot->answer);
    stream_start(&slot->stream, slot->target->dialect->framing, on_event, slot);
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
               const struct text *image)
{
    const struct composed *own = &slot->composed;
    const struct text *part[SLOT_SEGMENTS];

    body = own->body ? own->body : body;
    part[0] = &body->head;
    part[1] = &own->prompt;
    part[2] = &body->middle;
    part[3] = own->image ? own->image : image;
    part[4] = own->tail.length > 0 ? &own->tail : &body->tail;
    slot_begin(slot);
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
    slot->last_byte_ns = slot->request.started_ns;
    loop_add(slot->loop, slot->shard, slot->easy);
}

/* --- How it ended ---------------------------------------------------------------------------- */

static void end_with(struct slot *slot, enum request_end end, const char *sentence)
{
    slot->request.end = end;
    snprintf(slot->request.message, sizeof slot->request.message, "%s", sentence);
}

static void end_by_status(struct slot *slot)
{
    char told[512] = "";

    dialect_read_failure(slot->excerpt.bytes ? slot->excerpt.bytes : "", slot->excerpt.length, told,
                         sizeof told);
    slot->request.end = REQUEST_HTTP_ERROR;
    snprintf(slot->request.message, sizeof slot->request.message, "HTTP %d%s%s",
             slot->request.http_status, told[0] ? ": " : "", told);
}

/* HTTP 200 and a body that came whole: what did it say? */
static void end_by_stream(struct slot *slot)
{
    char told[512];

    stream_finish(&slot->stream);
    if (slot->worst.failed) {
        end_with(slot, REQUEST_STREAM_ERROR, slot->worst.message);
    } else if (slot->worst.malformed) {
        end_with(slot, REQUEST_BAD_STREAM, slot->worst.message);
    } else if (slot->request.first_event_ns == CLOCK_NEVER && slot->excerpt.length > 0) {
        dialect_read_failure(slot->excerpt.bytes, slot->excerpt.length, told, sizeof told);
        end_with(slot, REQUEST_BAD_STREAM, told);
    } else if (slot->request.chunk_count == 0) {
        end_with(slot, REQUEST_EMPTY_ANSWER, "the answer held neither content nor reasoning");
    } else if (!slot->ended) {
        end_with(slot, REQUEST_TRUNCATED,
                 "the answer ended without finish reason, usage or end mark");
    }
}

static void end_by_curl(struct slot *slot, CURLcode result)
{
    bool sent = slot->request.sent_ns != CLOCK_NEVER;
    bool answered = slot->excerpt.length > 0 || slot->request.first_event_ns != CLOCK_NEVER;

    if (slot->too_large)
        end_with(slot, REQUEST_TOO_LARGE, slot->too_large);
    else if (slot->socket_errno)
        end_with(slot, REQUEST_CONNECTION_REFUSED, strerror(slot->socket_errno));
    else if (slot->loop->trouble && sent)
        end_with(slot, REQUEST_CONNECTION_RESET, strerror(slot->loop->trouble));
    else if (result == CURLE_COULDNT_CONNECT && sent)
        end_with(slot, REQUEST_CONNECTION_RESET, "the server closed the connection unanswered");
    else
        end_with(slot, easy_end_of(result, sent, answered),
                 slot->curl_error[0] ? slot->curl_error : curl_easy_strerror(result));
}

void slot_finish(struct slot *slot, CURLcode result)
{
    struct request *request = &slot->request;

    take_head(slot);
    note(slot, REQUEST_DONE, &request->done_ns);
    if (result != CURLE_OK)
        end_by_curl(slot, result);
    else if (request->http_status != 200)
        end_by_status(slot);
    else
        end_by_stream(slot);
    slot->sending = false;
}

static const char *bytes_of(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

struct said slot_said(const struct slot *slot)
{
    return (struct said){bytes_of(&slot->composed.prompt), bytes_of(&slot->answer)};
}

void slot_abort(struct slot *slot, enum request_end end, const char *sentence)
{
    take_head(slot);
    loop_remove(slot->loop, slot->shard, slot->easy);
    slot->request.done_ns = clock_monotonic_ns();
    end_with(slot, end, sentence);
    slot->sending = false;
}
