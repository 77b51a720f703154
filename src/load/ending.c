#include "load/ending.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "load/hint.h"
#include "load/opening.h"
#include "load/result.h"
#include "load/scheme.h"
#include "load/transfer.h"
#include "load/trouble.h"
#include "wire/finish.h"

void ending_set(struct transfer *transfer, enum request_end end, const char *sentence)
{
    transfer->request.end = end;
    text_copy_printable(sentence, strlen(sentence), transfer->request.message,
                        sizeof transfer->request.message);
}

static const char *bytes_of(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

void ending_by_status(struct transfer *transfer)
{
    const struct reply *reply = &transfer->reply;
    int status = transfer->request.http_status;
    char reported[512] = "", sentence[sizeof transfer->request.message];

    reply_strike_page(transfer);
    dialect_read_failure(bytes_of(&reply->page), reply->page.length, reported, sizeof reported);
    if (status / 100 == 3 && reply->location[0])
        snprintf(sentence, sizeof sentence,
                 "HTTP %d: the address has moved to %s; the key is not sent there unasked: put it "
                 "in the address's place",
                 status, reply->location);
    else
        snprintf(sentence, sizeof sentence, "HTTP %d%s%s", status, reported[0] ? ": " : "",
                 reported);
    hint_add(transfer, reported, sentence, sizeof sentence);
    strncat(sentence, scheme_hint(transfer->target, CURLE_OK, bytes_of(&reply->page)),
            sizeof sentence - strlen(sentence) - 1);
    ending_set(transfer, REQUEST_HTTP_ERROR, sentence);
}

/* The texts of a page that was read are cut to fit, so they are those of what is struck out; its
 * numbers stay what they were. */
static void read_page_texts(struct transfer *transfer, struct event *event)
{
    const struct text *page = &transfer->reply.page;
    struct text content = {0};
    struct event reread;

    reply_strike_page(transfer);
    if (transfer->target->dialect->read_page(page->bytes, page->length, &reread, &content)) {
        memcpy(event->finish_reason, reread.finish_reason, sizeof event->finish_reason);
        if (event->has_usage && reread.has_usage)
            memcpy(event->id, reread.id, sizeof event->id);
    }
    text_clear(&content);
}

static bool read_page(struct transfer *transfer)
{
    const struct dialect *dialect = transfer->target->dialect;
    struct reply *reply = &transfer->reply;
    struct event event;

    if (!dialect->read_page || reply->page_bytes > reply->page.length ||
        !dialect->read_page(bytes_of(&reply->page), reply->page.length, &event, &reply->text))
        return false;
    read_page_texts(transfer, &event);
    transfer->request.non_streaming = true;
    if (event.has_usage) {
        usage_add(&transfer->request.usage, &event.usage);
        memcpy(transfer->request.response_id, event.id, sizeof event.id);
    }
    memcpy(transfer->request.finish_reason, event.finish_reason, sizeof event.finish_reason);
    return true;
}

/* The server gave the request up, and ended the response as if all were well; false: it did not. */
static bool end_by_finish(struct transfer *transfer)
{
    const char *reason = transfer->request.finish_reason;
    char sentence[120];

    if (!finish_is_failure(reason))
        return false;
    snprintf(sentence, sizeof sentence, "the server gave the request up: finish_reason is \"%s\"",
             reason);
    ending_set(transfer, REQUEST_STREAM_ERROR, sentence);
    return true;
}

static void end_by_page(struct transfer *transfer)
{
    const struct reply *reply = &transfer->reply;
    char reported[512], sentence[600];

    if (reply_is_packed(reply)) {
        snprintf(sentence, sizeof sentence,
                 "the response is compressed (Content-Encoding: %s), which was not asked for and "
                 "delays tokens",
                 reply->encoding);
        ending_set(transfer, REQUEST_BAD_STREAM, sentence);
    } else if (!read_page(transfer)) {
        reply_strike_page(transfer);
        dialect_read_failure(reply->page.bytes, reply->page.length, reported, sizeof reported);
        ending_set(transfer, REQUEST_BAD_STREAM, reported);
    } else {
        end_by_finish(transfer);
    }
}

/* What the stream itself tells of a failure; false: nothing. */
bool ending_by_event(struct transfer *transfer)
{
    const struct reply *reply = &transfer->reply;

    if (reply->failed || reply->malformed)
        ending_set(transfer, reply->failed ? REQUEST_STREAM_ERROR : REQUEST_BAD_STREAM,
                   bytes_of(&reply->fault));
    return reply->failed || reply->malformed || end_by_finish(transfer);
}

/* A server that counts tokens has sent something: what it was is in a shape that nobody here reads,
 * or it was left out. */
static void end_without_text(struct transfer *transfer)
{
    const struct request *request = &transfer->request;
    double tokens = request->usage.output_tokens;
    const char *reason = request->finish_reason;
    char sentence[200];

    if (!(tokens >= 1)) {
        ending_set(transfer, REQUEST_EMPTY_RESPONSE,
                   "the response held neither content nor reasoning");
        return;
    }
    snprintf(sentence, sizeof sentence,
             "the server counted %.0f token%s%s%s%s, and sent none of %s", tokens,
             tokens == 1 ? "" : "s", reason[0] ? " (" : "", reason, reason[0] ? ")" : "",
             tokens == 1 ? "it as text" : "them as text");
    ending_set(transfer, REQUEST_EMPTY_RESPONSE, sentence);
}

/* HTTP 200 and a body that came whole: what did it say? libcurl takes a head that breaks off for
 * one that ends. */
void ending_by_stream(struct transfer *transfer)
{
    if (!transfer->reply.head_whole) {
        ending_set(transfer, REQUEST_CONNECTION_RESET,
                   "the server closed the connection within the head of its response");
        return;
    }
    stream_finish(&transfer->reply.stream);
    if (ending_by_event(transfer))
        return;
    usage_conclude(&transfer->request.usage, transfer->request.chunk_count > 0);
    opening_settle(transfer); /* goes by a count, if there is one */
    if (transfer->request.first_event_ns == CLOCK_NEVER && transfer->reply.page.length > 0)
        end_by_page(transfer);
    else if (transfer->request.chunk_count == 0 && !opening_take_silent(&transfer->request))
        end_without_text(transfer);
    else if (!transfer->reply.ended)
        ending_set(transfer, REQUEST_TRUNCATED,
                   "the response ended without finish reason, usage or end mark");
}

/* What to look at, where no connection was established. */
static const char *hint_of(enum request_end end, CURLcode result, const char *reported)
{
    if (strstr(reported, "CONNECT tunnel failed"))
        return "; the proxy did not connect to the endpoint: check connection.proxy, and what it "
               "lets through";
    switch (end) {
    case REQUEST_DNS_ERROR:
        return "; check the address's host name, and this machine's DNS (getent hosts NAME)";
    case REQUEST_CONNECTION_REFUSED:
    case REQUEST_CONNECT_TIMEOUT:
        return "; check the address's host and port, and whether the endpoint is up";
    case REQUEST_TLS_ERROR:
        return result == CURLE_SSL_CONNECT_ERROR
                   ? "; check the address's host and port, and that TLS 1.2 or later is spoken "
                     "there"
                   : "; check the address's host name, connection.ca_file, and this machine's date";
    default:
        return trouble_remedy(end);
    }
}

/* Whether libcurl says more than what every such result is called. */
static bool reported_more(const struct transfer *transfer, CURLcode result)
{
    return transfer->curl_error[0] && strcmp(transfer->curl_error, curl_easy_strerror(result)) != 0;
}

/* What libcurl says of it is about its own attempts to send again, which we refuse. */
static const char *without_response(const struct transfer *transfer)
{
    return transfer->target->http2 ? "the server gave the request up without a response"
                                   : "the server closed the connection without a response";
}

/* What this machine lacked, where that is why no connection was made. */
static bool end_by_errno(struct transfer *transfer, CURLcode result)
{
    long error = transfer->socket_errno;
    char sentence[sizeof transfer->request.message];
    enum request_end end;

    if (!error && result == CURLE_COULDNT_CONNECT)
        curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
    end = trouble_end((int)error);
    if (end == REQUEST_COMPLETED)
        return false;
    snprintf(sentence, sizeof sentence, "no connection to the endpoint: %s%s", strerror((int)error),
             trouble_remedy(end));
    ending_set(transfer, end, sentence);
    return true;
}

/* libcurl would unpack it, however much that makes, within one call. */
static void end_by_coding(struct transfer *transfer)
{
    char sentence[160];

    if (!reply_is_success(transfer)) {
        ending_by_status(transfer);
        return;
    }
    snprintf(sentence, sizeof sentence,
             "the response is compressed (Transfer-Encoding: %s), which was not asked for and "
             "delays tokens",
             transfer->reply.coding);
    ending_set(transfer, REQUEST_BAD_STREAM, sentence);
}

void ending_by_curl(struct transfer *transfer, CURLcode result)
{
    bool sent = transfer->request.sent_ns != CLOCK_NEVER;
    bool responded =
        transfer->reply.page.length > 0 || transfer->request.first_event_ns != CLOCK_NEVER;
    enum request_end end = result_end(result, transfer->curl_error, sent, responded);
    int trouble = loop_trouble(transfer->loop, transfer->easy, transfer->target->http2);
    char sentence[sizeof transfer->request.message];

    target_strike_out(transfer->target, transfer->curl_error, strlen(transfer->curl_error));
    if (transfer->reply.coding[0]) {
        end_by_coding(transfer);
    } else if (transfer->reply.given_up) {
        ending_set(transfer, REQUEST_TOO_LARGE, transfer->reply.given_up);
    } else if (end == REQUEST_TOO_LARGE && sent && !reported_more(transfer, result)) {
        ending_set(transfer, end, "a line of the response's head is larger than 100 KiB");
    } else if (!sent && end_by_errno(transfer, result)) {
        return;
    } else if (trouble && sent) {
        snprintf(sentence, sizeof sentence, "%s%s", strerror(trouble),
                 transfer->loop->heard ? "" : scheme_hint(transfer->target, CURLE_GOT_NOTHING, ""));
        ending_set(transfer, REQUEST_CONNECTION_RESET, sentence);
    } else if (sent && result_is_second_send(result, transfer->curl_error)) {
        ending_set(transfer, REQUEST_CONNECTION_RESET, without_response(transfer));
    } else {
        const char *scheme = transfer->loop->heard
                                 ? ""
                                 : scheme_hint(transfer->target, result, transfer->curl_error);

        snprintf(sentence, sizeof sentence, "%.500s%s",
                 transfer->curl_error[0] ? transfer->curl_error : curl_easy_strerror(result),
                 scheme[0] ? scheme : hint_of(end, result, transfer->curl_error));
        ending_set(transfer, end, sentence);
    }
}
