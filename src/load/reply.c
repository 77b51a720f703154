#include "load/reply.h"

#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "load/arrival.h"
#include "load/ending.h"
#include "load/interval.h"
#include "load/opening.h"
#include "load/result.h"
#include "load/transfer.h"
#include "wire/finish.h"
#include "wire/header.h"

/* --- Moments ---------------------------------------------------------------------------------- */

/* Whether libcurl reads for no socket, or for that of another transfer. */
static bool is_read_unasked(const struct transfer *transfer)
{
    const struct loop *loop = transfer->loop;

    return loop->by_timer || (!transfer->target->http2 && loop->user != transfer->easy);
}

/* What libcurl reads unasked, in the call that sent the request or that its timer wished for, came
 * by now: nobody could look before. */
static void look_now(struct transfer *transfer)
{
    struct loop *loop = transfer->loop;

    if ((is_read_unasked(transfer) && loop->reader != transfer) ||
        loop->seen_ns < transfer->request.sent_ns) {
        loop->arrival_ns = loop->last_ns = loop->seen_ns = clock_monotonic_ns();
        loop->stamped = false;
        loop->reader = transfer;
    }
}

/* When what is being read came: up to the first event of a reading by the stamp of its first byte,
 * from there by that of its last, or where it was read late, by the moment of that. Where responses
 * share a connection, and so a reading, a stamp is for the first of them, unless bytes of others
 * that tell us nothing may have come before it. */
static int64_t arrival(struct transfer *transfer, bool *stamped)
{
    struct loop *loop = transfer->loop;
    int64_t came_ns;

    look_now(transfer);
    came_ns = transfer->reply.reading == loop->reading ? loop->last_ns : loop->arrival_ns;
    if (!loop->reader)
        loop->reader = transfer;
    *stamped = loop->stamped && loop->reader == transfer && came_ns != CLOCK_NEVER &&
               loop->arrival_ns >= transfer->request.sent_ns &&
               !(transfer->target->http2 && loop->last_ns != loop->arrival_ns);
    return *stamped ? came_ns : loop->seen_ns;
}

static void note(struct transfer *transfer, enum request_moment moment, int64_t *at_ns)
{
    bool stamped;

    *at_ns = arrival(transfer, &stamped);
    if (stamped)
        transfer->request.stamped |= moment;
}

/* --- Events ----------------------------------------------------------------------------------- */

static void take_chunk(struct transfer *transfer, const struct event *event)
{
    struct request *request = &transfer->request;
    bool stamped;
    int64_t came_ns = arrival(transfer, &stamped);
    const struct chunk chunk = {.arrival_ns = came_ns,
                                .coalesced =
                                    request->chunk_count > 0 &&
                                    transfer->reply.chunk_reading == transfer->loop->reading,
                                .stamped = stamped};

    request_add_chunk(request, &chunk);
    transfer->loop->chunks++;
    transfer->loop->stamped_chunks += stamped;
    transfer->loop->coalesced += chunk.coalesced;
    transfer->reply.chunk_reading = transfer->loop->reading;
    interval_take_chunk(transfer);
    request->stamped &= ~REQUEST_LAST_CHUNK;
    note(transfer, REQUEST_LAST_CHUNK, &request->last_chunk_ns);
    if (event->content && request->first_content_ns == CLOCK_NEVER)
        note(transfer, REQUEST_FIRST_CONTENT, &request->first_content_ns);
    if (event->reasoning && request->first_reasoning_ns == CLOCK_NEVER)
        note(transfer, REQUEST_FIRST_REASONING, &request->first_reasoning_ns);
    if (request->chunk_count > transfer->reply.chunks_most)
        transfer->reply.given_up =
            "the response does not end: more than 16 chunks for each token that "
            "was asked for";
}

static void keep_content(struct transfer *transfer, const char *payload, size_t length)
{
    struct reply *reply = &transfer->reply;

    if (reply->given_up)
        return;
    transfer->target->dialect->add_content(payload, length, &reply->text);
    if (reply->text.length > reply->text_most)
        reply->given_up =
            "the response's text is larger than a MiB and 256 bytes for each token that "
            "was asked for";
    else if (transfer->on_text)
        transfer->on_text(transfer->text_context, &reply->text);
}

/* The last of such events is the response's end; its body may continue. */
static void note_end(struct transfer *transfer)
{
    transfer->request.stamped &= ~REQUEST_DONE;
    note(transfer, REQUEST_DONE, &transfer->request.done_ns);
    loop_note_ended(transfer->loop, transfer);
}

/* A response ends by its end mark, by a finish reason, or by usage that stands alone behind output:
 * with choices beside it, or before any output, usage is information. What gave it up, stays. */
static void take_end(struct transfer *transfer, const struct event *event)
{
    struct request *request = &transfer->request;
    struct reply *reply = &transfer->reply;
    bool finished = event->finish_reason[0];

    if (finished && request->finish_ns == CLOCK_NEVER)
        note(transfer, 0, &request->finish_ns);
    if (finished && !finish_is_failure(request->finish_reason))
        memcpy(request->finish_reason, event->finish_reason, sizeof request->finish_reason);
    reply->final |= event->done || (event->has_usage && event->alone && request->chunk_count > 0);
    reply->ended |= reply->final || finished;
    if (reply->ended && (event->done || event->has_usage || finished))
        note_end(transfer);
}

/* The first fault is the response's. A stream that continues with events that are none is given up:
 * each line may be one. */
static void take_fault(struct reply *reply, const struct event *event, size_t length)
{
    if (!reply->failed && !reply->malformed) {
        text_add_string(&reply->fault, event->message);
        reply->failed = event->failed;
        reply->malformed = event->malformed;
    }
    reply->fault_bytes += length;
    if (reply->fault_bytes > REPLY_EMPTY_MOST)
        reply->given_up = "the events that cannot be read are larger than 16 MiB";
}

/* Of counts in each chunk (ask_usage: each), the chunk keeps its own. */
static void take_usage(struct request *request, const struct event *event)
{
    double tokens = event->usage.output_tokens;

    usage_add(&request->usage, &event->usage);
    if ((event->content || event->reasoning) && tokens > 0 && tokens <= UINT32_MAX)
        request->chunks[request->chunk_count - 1].tokens_so_far = (uint32_t)tokens;
    if (event->id[0])
        memcpy(request->response_id, event->id, sizeof request->response_id);
}

/* Such events show that the server lives, but not for ever: each line may be one. */
static void take_empty(struct reply *reply, size_t length)
{
    reply->empty_bytes += length + REPLY_FRAME;
    if (reply->empty_bytes > REPLY_EMPTY_MOST)
        reply->given_up = "the events without content are larger than 16 MiB";
}

/* What is kept of an event's texts is cut to fit, so secrets are struck out before they are read.
 */
static void strike_event(struct transfer *transfer, const char *payload, size_t length,
                         struct event *event)
{
    const struct target *target = transfer->target;
    struct text *struck = &transfer->reply.struck;
    struct event reread;

    if (!event->failed && !event->malformed && !event->finish_reason[0] && !event->has_usage)
        return;
    text_reset(struck);
    text_add(struck, payload, length);
    target_strike_out(target, struck->bytes, length);
    if (memcmp(struck->bytes, payload, length) == 0)
        return;
    target->dialect->read_event(struck->bytes, length, &reread);
    if (reread.malformed && !event->malformed)
        return; /* a number was struck out; what is text is once more at the end */
    memcpy(event->finish_reason, reread.finish_reason, sizeof event->finish_reason);
    if (event->has_usage && reread.has_usage)
        memcpy(event->id, reread.id, sizeof event->id);
    if (reread.failed || reread.malformed)
        memcpy(event->message, reread.message, sizeof event->message);
}

static void on_event(void *context, const char *payload, size_t length)
{
    struct transfer *transfer = context;
    struct request *request = &transfer->request;
    struct reply *reply = &transfer->reply;
    struct event event;

    dialect_take_event(transfer->target->dialect, payload, length, &reply->before, &event);
    if (event.keep_alive) {
        take_empty(reply, length);
        reply->reading = transfer->loop->reading;
        return;
    }
    strike_event(transfer, payload, length, &event);
    if (request->first_event_ns == CLOCK_NEVER)
        note(transfer, REQUEST_FIRST_EVENT, &request->first_event_ns);
    event.content |= event.whole && request->chunk_count == 0;
    if (!reply->identified)
        opening_take_event(transfer, payload, length, &event);
    if (event.content || event.reasoning)
        take_chunk(transfer, &event);
    else
        interval_take_other(transfer);
    if (event.content && transfer->keep_text)
        keep_content(transfer, payload, length);
    if (event.has_usage)
        take_usage(request, &event);
    take_end(transfer, &event);
    if (event.failed || event.malformed)
        take_fault(reply, &event, length);
    else if (!event.content && !event.reasoning)
        take_empty(reply, length);
    reply->reading = transfer->loop->reading;
    transfer->alive_ns = transfer->loop->arrival_ns;
}

/* Of one head of a response; one that is to come may say something else. */
static void forget_head(struct reply *reply)
{
    reply->head_whole = false;
    reply->location[0] = reply->encoding[0] = reply->coding[0] = '\0';
    retry_after_begin(&reply->retry_after);
}

void reply_begin(struct transfer *transfer, size_t sharers)
{
    struct reply *reply = &transfer->reply;
    size_t share = REPLY_EVENTS_MOST / (sharers ? sharers : 1);
    size_t tokens = (size_t)transfer->composed.asked.output_tokens;

    reply->failed = reply->malformed = false;
    text_reset(&reply->fault);
    reply->given_up = NULL;
    reply->ended = reply->identified = reply->end_identified = false;
    reply->final = false;
    reply->head_bytes = reply->head_lines = reply->page_bytes = 0;
    reply->fault_bytes = reply->empty_bytes = 0;
    reply->chunks_most = REPLY_CHUNKS_LEAST + REPLY_CHUNKS_A_TOKEN * tokens;
    reply->text_most = REPLY_TEXT_LEAST + REPLY_TEXT_A_TOKEN * tokens;
    forget_head(reply);
    text_reset(&reply->page);
    text_reset(&reply->text);
    stream_start(&reply->stream, transfer->target->dialect->framing, on_event, transfer);
    if (share < STREAM_EVENT_MOST)
        reply->stream.most = share > REPLY_EVENT_LEAST ? share : REPLY_EVENT_LEAST;
}

/* --- Bytes ------------------------------------------------------------------------------------ */

/* Any line of a head shows that the server lives, but not for ever. */
static bool take_header(struct transfer *transfer, const char *line, size_t length)
{
    struct reply *reply = &transfer->reply;

    if (transfer->request.first_byte_ns == CLOCK_NEVER)
        note(transfer, REQUEST_FIRST_BYTE, &transfer->request.first_byte_ns);
    transfer->loop->heard = true;
    if (reply->head_bytes == 0)
        transfer->alive_ns = transfer->loop->arrival_ns;
    if (reply->head_whole && transfer->request.http_status == 0 && header_begins_head(line, length))
        forget_head(reply);
    reply->head_bytes += length;
    reply->head_lines++;
    if (reply->head_bytes > REPLY_HEAD_MOST)
        reply->given_up = "the response's head is larger than 256 KiB";
    else if (reply->head_lines > REPLY_HEAD_LINES_MOST)
        reply->given_up = "the response's head has more than 4,096 lines";
    reply->head_whole |= length > 0 && (line[0] == '\r' || line[0] == '\n');
    if (!reply->head_whole && /* else a trailer */
        header_names_transfer_coding(line, length, reply->coding, sizeof reply->coding))
        reply->given_up = "its transfer coding is not unpacked here";
    retry_after_take(&reply->retry_after, line, length);
    target_read_header(transfer->target, "location", line, length, reply->location,
                       sizeof reply->location);
    target_read_header(transfer->target, "content-encoding", line, length, reply->encoding,
                       sizeof reply->encoding);
    reply->reading = transfer->loop->reading;
    return !reply->given_up;
}

static void take_status(struct transfer *transfer)
{
    long status = 0, version = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);
    transfer->request.http_status = (int)status;
    transfer->request.http_version = version == CURL_HTTP_VERSION_2_0   ? "2"
                                     : version == CURL_HTTP_VERSION_1_1 ? "1.1"
                                     : version == CURL_HTTP_VERSION_1_0 ? "1.0"
                                                                        : NULL;
}

bool reply_is_success(const struct transfer *transfer)
{
    return result_is_success(transfer->request.http_status);
}

/* A body that is no stream, or none yet; a failure's sentence is made from it. */
static bool keep_page(struct transfer *transfer, const char *bytes, size_t length)
{
    struct reply *reply = &transfer->reply;
    size_t room = REPLY_PAGE_MOST - reply->page.length;

    reply->page_bytes += length;
    text_add(&reply->page, bytes, length < room ? length : room);
    if (!reply_is_success(transfer))
        return length <= room; /* what an error page says further does not matter */
    if (reply->page_bytes > REPLY_EMPTY_MOST)
        reply->given_up = "the response is larger than 16 MiB, and holds no event";
    return !reply->given_up;
}

void reply_strike_page(struct transfer *transfer)
{
    struct text *page = &transfer->reply.page;

    if (page->length > 0)
        target_strike_out(transfer->target, page->bytes, page->length);
}

bool reply_is_packed(const struct reply *reply)
{
    return header_names_packing(reply->encoding);
}

/* Before the first event any whole line shows that the server lives, a comment too, since a load
 * may take long: but not byte after byte for ever. After it only events do (on_event). */
static bool take_body(struct transfer *transfer, const char *bytes, size_t length)
{
    struct reply *reply = &transfer->reply;

    if (transfer->request.http_status == 0) /* once a response, not once a piece of it */
        take_status(transfer);
    if (transfer->request.first_event_ns == CLOCK_NEVER &&
        (memchr(bytes, '\n', length) || memchr(bytes, '\r', length)))
        transfer->alive_ns = transfer->loop->arrival_ns;
    if (reply_is_success(transfer) && !reply_is_packed(reply) &&
        !stream_feed(&reply->stream, bytes, length))
        reply->given_up = "an event of the response is larger than 16 MiB, or its share of 256 MiB";
    if (!reply->given_up && transfer->request.first_event_ns == CLOCK_NEVER)
        return keep_page(transfer, bytes, length);
    return !reply->given_up;
}

bool reply_take_header(struct transfer *transfer, const char *line, size_t length)
{
    bool goes_on;

    arrival_take_begin(transfer->loop);
    interval_take_bytes(transfer->loop, length);
    goes_on = take_header(transfer, line, length);
    arrival_take_end(transfer->loop);
    return goes_on;
}

bool reply_take_body(struct transfer *transfer, const char *bytes, size_t length)
{
    bool goes_on;

    arrival_take_begin(transfer->loop);
    interval_take_bytes(transfer->loop, length);
    goes_on = take_body(transfer, bytes, length);
    arrival_take_end(transfer->loop);
    return goes_on;
}

/* --- What may be shown ------------------------------------------------------------------------ */

/* Some servers say the key again that they were given. */
static void strike_out(struct transfer *transfer)
{
    const struct target *target = transfer->target;
    struct request *request = &transfer->request;

    target_strike_out(target, request->message, strlen(request->message));
    target_strike_out(target, request->error_body, strlen(request->error_body));
    target_strike_out(target, request->finish_reason, strlen(request->finish_reason));
    target_strike_out(target, request->response_id, strlen(request->response_id));
    if (transfer->reply.text.length > 0)
        target_strike_out(target, transfer->reply.text.bytes, transfer->reply.text.length);
}

static void give_back(struct text *text)
{
    if (text->room > REPLY_KEPT)
        text_clear(text);
}

static void finish(struct transfer *transfer)
{
    struct request *request = &transfer->request;
    struct reply *reply = &transfer->reply;

    interval_conclude(transfer);
    usage_conclude(&request->usage, request->chunk_count > 0 || request->non_streaming);
    if (request->end != REQUEST_COMPLETED && reply->page.length > 0) {
        reply_strike_page(transfer);
        text_copy_printable(reply->page.bytes, reply->page.length, request->error_body,
                            sizeof request->error_body);
    }
    request->retry_after_s =
        retry_after_seconds(&reply->retry_after, clock_wall_ns() / CLOCK_NS_PER_S);
    strike_out(transfer);
    give_back(&reply->page);
    give_back(&reply->struck);
    give_back(&reply->stream.line);
    give_back(&reply->stream.joined);
}

/* A response that did not end by an event ends with its body or the attempt. */
static void note_body_end(struct transfer *transfer, bool whole)
{
    struct request *request = &transfer->request;
    bool stamped;
    int64_t end_ns = whole ? arrival(transfer, &stamped) : clock_monotonic_ns();

    request->body_end_ns = end_ns;
    if (transfer->reply.ended)
        return;
    request->done_ns = end_ns;
    if (whole && stamped)
        request->stamped |= REQUEST_DONE;
}

/* What comes after the response's end, silence or a reset, does not matter to it. */
static bool has_ended(const struct transfer *transfer)
{
    return transfer->reply.ended && transfer->reply.head_whole && !transfer->reply.given_up &&
           reply_is_success(transfer);
}

/* The look at when its bytes came took the error of a reset away (stamp.h), so that libcurl found
 * an end, which is fine where nothing tells how long the body is. */
static bool is_reset(const struct transfer *transfer)
{
    return loop_trouble(transfer->loop, transfer->easy, transfer->target->http2) != 0;
}

void reply_conclude(struct transfer *transfer, CURLcode result)
{
    take_status(transfer);
    note_body_end(transfer, true);
    if (has_ended(transfer))
        result = CURLE_OK;
    else if (result == CURLE_OK && is_reset(transfer))
        result = CURLE_RECV_ERROR;
    if (!reply_is_success(transfer) && transfer->reply.page.length > 0 && !transfer->reply.given_up)
        ending_by_status(transfer);
    else if (result != CURLE_OK && !ending_by_event(transfer))
        ending_by_curl(transfer, result);
    else if (result == CURLE_OK && !reply_is_success(transfer))
        ending_by_status(transfer);
    else if (result == CURLE_OK)
        ending_by_stream(transfer);
    finish(transfer);
}

void reply_abort(struct transfer *transfer, enum request_end end, const char *sentence)
{
    take_status(transfer);
    note_body_end(transfer, false);
    if (has_ended(transfer))
        ending_by_stream(transfer);
    else if (end != REQUEST_IDLE_TIMEOUT || !ending_by_event(transfer))
        ending_set(transfer, end, sentence);
    finish(transfer);
}

void reply_clear(struct reply *reply)
{
    text_clear(&reply->page);
    text_clear(&reply->text);
    text_clear(&reply->struck);
    text_clear(&reply->fault);
    stream_clear(&reply->stream);
    scan_forget(&reply->before);
}
