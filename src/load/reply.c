#include "load/reply.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"
#include "core/memory.h"
#include "load/result.h"
#include "load/slot.h"
#include "wire/header.h"

/* --- Moments ---------------------------------------------------------------------------------- */

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
    came_ns = slot->reply.event_reading == loop->reading ? loop->last_ns : loop->arrival_ns;
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

/* --- Events ----------------------------------------------------------------------------------- */

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
        .coalesced = request->chunk_count > 0 && slot->reply.chunk_reading == slot->loop->reading,
        .stamped = stamped};
    slot->loop->chunks++;
    slot->loop->stamped_chunks += stamped;
    slot->loop->coalesced += request->chunks[request->chunk_count].coalesced;
    request->chunk_count++;
    slot->reply.chunk_reading = slot->loop->reading;
    request->stamped &= ~REQUEST_LAST_CHUNK;
    note(slot, REQUEST_LAST_CHUNK, &request->last_chunk_ns);
    if (event->content && request->first_content_ns == CLOCK_NEVER)
        note(slot, REQUEST_FIRST_CONTENT, &request->first_content_ns);
    if (event->reasoning && request->first_reasoning_ns == CLOCK_NEVER)
        note(slot, REQUEST_FIRST_REASONING, &request->first_reasoning_ns);
    if (request->chunk_count > slot->reply.chunks_most)
        slot->reply.given_up = "the answer goes on and on: more than 16 chunks for each token that "
                               "was asked for";
}

static void keep_content(struct slot *slot, const char *payload, size_t length)
{
    struct reply *reply = &slot->reply;

    if (reply->given_up)
        return;
    slot->target->dialect->add_content(payload, length, &reply->text);
    if (reply->text.length > reply->text_most)
        reply->given_up =
            "the answer's text is larger than a MiB and 256 bytes for each token that "
            "was asked for";
}

static void on_event(void *context, const char *payload, size_t length)
{
    struct slot *slot = context;
    struct request *request = &slot->request;
    struct reply *reply = &slot->reply;
    struct event event;

    dialect_take_event(slot->target->dialect, payload, length, &reply->before, &event);
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
    if ((event.failed || event.malformed) && !reply->worst.failed && !reply->worst.malformed)
        reply->worst = event;
    /* Some servers send usage with every chunk; on its own it is the last word. */
    reply->ended |= event.done || event.finish_reason[0] ||
                    (event.has_usage && !event.content && !event.reasoning);
    reply->event_reading = slot->loop->reading;
}

void reply_begin(struct slot *slot, size_t in_flight)
{
    struct reply *reply = &slot->reply;
    size_t share = REPLY_EVENTS_MOST / (in_flight ? in_flight : 1);
    size_t tokens = (size_t)slot->composed.asked.output_tokens;

    reply->worst = (struct event){0};
    reply->given_up = NULL;
    reply->ended = false;
    reply->head_bytes = reply->head_lines = reply->page_bytes = 0;
    reply->location[0] = reply->encoding[0] = '\0';
    reply->chunks_most = REPLY_CHUNKS_LEAST + REPLY_CHUNKS_A_TOKEN * tokens;
    reply->text_most = REPLY_TEXT_LEAST + REPLY_TEXT_A_TOKEN * tokens;
    retry_after_begin(&reply->retry_after);
    text_reset(&reply->page);
    text_reset(&reply->text);
    stream_start(&reply->stream, slot->target->dialect->framing, on_event, slot);
    if (share < STREAM_EVENT_MOST)
        reply->stream.most = share > REPLY_EVENT_LEAST ? share : REPLY_EVENT_LEAST;
}

/* --- Bytes ------------------------------------------------------------------------------------ */

/* Any line of a head shows that the server lives, but not for ever. */
bool reply_take_header(struct slot *slot, const char *line, size_t length)
{
    struct reply *reply = &slot->reply;

    if (slot->request.first_byte_ns == CLOCK_NEVER)
        note(slot, REQUEST_FIRST_BYTE, &slot->request.first_byte_ns);
    if (reply->head_bytes == 0)
        slot->alive_ns = slot->loop->arrival_ns;
    reply->head_bytes += length;
    reply->head_lines++;
    if (reply->head_bytes > REPLY_HEAD_MOST)
        reply->given_up = "the answer's head is larger than 256 KiB";
    else if (reply->head_lines > REPLY_HEAD_LINES_MOST)
        reply->given_up = "the answer's head has more than 4,096 lines";
    retry_after_take(&reply->retry_after, line, length);
    header_read("location", line, length, reply->location, sizeof reply->location);
    header_read("content-encoding", line, length, reply->encoding, sizeof reply->encoding);
    return !reply->given_up;
}

static void take_status(struct slot *slot)
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

/* A body that is no stream, or none yet; a failure's sentence is made from it. */
static bool keep_page(struct slot *slot, const char *bytes, size_t length)
{
    struct reply *reply = &slot->reply;
    size_t room = REPLY_PAGE_MOST - reply->page.length;

    reply->page_bytes += length;
    text_add(&reply->page, bytes, length < room ? length : room);
    if (slot->request.http_status != 200)
        return length <= room; /* what an error page says further does not matter */
    if (reply->page_bytes > REPLY_EMPTY_MOST)
        reply->given_up = "the answer is larger than 16 MiB, and holds no event";
    return !reply->given_up;
}

static bool is_packed(const struct reply *reply)
{
    return reply->encoding[0] && strcasecmp(reply->encoding, "identity") != 0;
}

/* Only a whole line shows that the server lives: one that sends byte after byte for ever does not.
 */
bool reply_take_body(struct slot *slot, const char *bytes, size_t length)
{
    struct reply *reply = &slot->reply;

    if (slot->request.http_status == 0) /* once an answer, not once a piece of it */
        take_status(slot);
    if (memchr(bytes, '\n', length) || memchr(bytes, '\r', length))
        slot->alive_ns = slot->loop->arrival_ns;
    if (slot->request.http_status == 200 && !is_packed(reply) &&
        !stream_feed(&reply->stream, bytes, length))
        reply->given_up = "an event of the answer is larger than 16 MiB, or its share of 256 MiB";
    if (!reply->given_up && slot->request.first_event_ns == CLOCK_NEVER)
        return keep_page(slot, bytes, length);
    return !reply->given_up;
}

/* --- How it ended ----------------------------------------------------------------------------- */

static void end_with(struct slot *slot, enum request_end end, const char *sentence)
{
    slot->request.end = end;
    text_copy_printable(sentence, strlen(sentence), slot->request.message,
                        sizeof slot->request.message);
}

static const char *bytes_of(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

static void end_by_status(struct slot *slot)
{
    const struct reply *reply = &slot->reply;
    int status = slot->request.http_status;
    char told[512] = "", sentence[sizeof slot->request.message];

    dialect_read_failure(bytes_of(&reply->page), reply->page.length, told, sizeof told);
    if (status / 100 == 3 && reply->location[0])
        snprintf(sentence, sizeof sentence,
                 "HTTP %d: the address has moved to %s; the key is not sent there unasked: put it "
                 "in the address's place",
                 status, reply->location);
    else
        snprintf(sentence, sizeof sentence, "HTTP %d%s%s", status, told[0] ? ": " : "", told);
    end_with(slot, REQUEST_HTTP_ERROR, sentence);
}

static bool read_page(struct slot *slot)
{
    const struct dialect *dialect = slot->target->dialect;
    struct reply *reply = &slot->reply;
    struct event event;

    if (!dialect->read_page || reply->page_bytes > reply->page.length ||
        !dialect->read_page(bytes_of(&reply->page), reply->page.length, &event, &reply->text))
        return false;
    slot->request.non_streaming = true;
    if (event.has_usage) {
        slot->request.usage = event.usage;
        memcpy(slot->request.response_id, event.id, sizeof event.id);
    }
    memcpy(slot->request.finish_reason, event.finish_reason, sizeof event.finish_reason);
    return true;
}

static void end_by_page(struct slot *slot)
{
    const struct reply *reply = &slot->reply;
    char told[512], sentence[600];

    if (is_packed(reply)) {
        snprintf(sentence, sizeof sentence,
                 "the answer is packed (Content-Encoding: %s), which nobody asked for and which "
                 "holds tokens up",
                 reply->encoding);
        end_with(slot, REQUEST_BAD_STREAM, sentence);
    } else if (!read_page(slot)) {
        dialect_read_failure(reply->page.bytes, reply->page.length, told, sizeof told);
        end_with(slot, REQUEST_BAD_STREAM, told);
    }
}

/* What the stream itself said was wrong; false: nothing. */
static bool end_by_event(struct slot *slot)
{
    const struct event *worst = &slot->reply.worst;

    if (worst->failed || worst->malformed)
        end_with(slot, worst->failed ? REQUEST_STREAM_ERROR : REQUEST_BAD_STREAM, worst->message);
    return worst->failed || worst->malformed;
}

/* HTTP 200 and a body that came whole: what did it say? */
static void end_by_stream(struct slot *slot)
{
    stream_finish(&slot->reply.stream);
    if (end_by_event(slot))
        return;
    if (slot->request.first_event_ns == CLOCK_NEVER && slot->reply.page.length > 0)
        end_by_page(slot);
    else if (slot->request.chunk_count == 0)
        end_with(slot, REQUEST_EMPTY_ANSWER, "the answer held neither content nor reasoning");
    else if (!slot->reply.ended)
        end_with(slot, REQUEST_TRUNCATED,
                 "the answer ended without finish reason, usage or end mark");
}

/* What to look at, where a connection did not come about. */
static const char *hint_of(enum request_end end)
{
    switch (end) {
    case REQUEST_DNS_ERROR:
        return "; check the address's host name, and this machine's DNS (getent hosts NAME)";
    case REQUEST_CONNECTION_REFUSED:
    case REQUEST_CONNECT_TIMEOUT:
        return "; check the address's host and port, and whether the endpoint is up";
    case REQUEST_TLS_ERROR:
        return "; check the address's host name, connection.ca_file, and this machine's date";
    default:
        return "";
    }
}

/* Whether libcurl says more than what every such result is called. */
static bool told_more(const struct slot *slot, CURLcode result)
{
    return slot->curl_error[0] && strcmp(slot->curl_error, curl_easy_strerror(result)) != 0;
}

static void end_by_curl(struct slot *slot, CURLcode result)
{
    bool sent = slot->request.sent_ns != CLOCK_NEVER;
    bool answered = slot->reply.page.length > 0 || slot->request.first_event_ns != CLOCK_NEVER;
    enum request_end end = result_end(result, slot->curl_error, sent, answered);
    char sentence[sizeof slot->request.message];

    if (slot->reply.given_up) {
        end_with(slot, REQUEST_TOO_LARGE, slot->reply.given_up);
    } else if (end == REQUEST_TOO_LARGE && sent && !told_more(slot, result)) {
        end_with(slot, end, "a line of the answer's head is larger than 100 KiB");
    } else if (slot->socket_errno) {
        end_with(slot, REQUEST_CONNECTION_REFUSED, strerror(slot->socket_errno));
    } else if (slot->loop->trouble && sent) {
        end_with(slot, REQUEST_CONNECTION_RESET, strerror(slot->loop->trouble));
    } else if (result == CURLE_COULDNT_CONNECT && sent) {
        end_with(slot, REQUEST_CONNECTION_RESET, "the server closed the connection unanswered");
    } else {
        snprintf(sentence, sizeof sentence, "%.500s%s",
                 slot->curl_error[0] ? slot->curl_error : curl_easy_strerror(result), hint_of(end));
        end_with(slot, end, sentence);
    }
}

/* --- What may be told ------------------------------------------------------------------------- */

/* Some servers say the key again that they were given. */
static void strike_out(struct slot *slot)
{
    const struct target *target = slot->target;
    struct request *request = &slot->request;

    target_strike_out(target, request->message, strlen(request->message));
    target_strike_out(target, request->error_body, strlen(request->error_body));
    target_strike_out(target, request->finish_reason, strlen(request->finish_reason));
    target_strike_out(target, request->response_id, strlen(request->response_id));
    if (slot->reply.text.length > 0)
        target_strike_out(target, slot->reply.text.bytes, slot->reply.text.length);
}

static void give_back(struct text *text)
{
    if (text->room > REPLY_KEPT)
        text_clear(text);
}

static void finish(struct slot *slot)
{
    struct request *request = &slot->request;
    struct reply *reply = &slot->reply;

    if (request->end != REQUEST_COMPLETED && reply->page.length > 0) {
        target_strike_out(slot->target, reply->page.bytes, reply->page.length);
        text_copy_printable(reply->page.bytes, reply->page.length, request->error_body,
                            sizeof request->error_body);
    }
    request->retry_after_s =
        retry_after_seconds(&reply->retry_after, clock_wall_ns() / CLOCK_NS_PER_S);
    strike_out(slot);
    give_back(&reply->page);
    give_back(&reply->stream.line);
    give_back(&reply->stream.joined);
}

void reply_conclude(struct slot *slot, CURLcode result)
{
    take_status(slot);
    note(slot, REQUEST_DONE, &slot->request.done_ns);
    if (slot->request.http_status != 200 && slot->reply.page.length > 0 && !slot->reply.given_up)
        end_by_status(slot);
    else if (result != CURLE_OK && !end_by_event(slot))
        end_by_curl(slot, result);
    else if (result == CURLE_OK && slot->request.http_status != 200)
        end_by_status(slot);
    else if (result == CURLE_OK)
        end_by_stream(slot);
    finish(slot);
}

void reply_abort(struct slot *slot, enum request_end end, const char *sentence)
{
    take_status(slot);
    slot->request.done_ns = clock_monotonic_ns();
    if (end != REQUEST_IDLE_TIMEOUT || !end_by_event(slot))
        end_with(slot, end, sentence);
    finish(slot);
}

void reply_clear(struct reply *reply)
{
    text_clear(&reply->page);
    text_clear(&reply->text);
    stream_clear(&reply->stream);
    walk_forget(&reply->before);
}
