#include "serve/http/exchange_http.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/clean.h"
#include "core/clock.h"
#include "core/memory.h"
#include "serve/http/body_file.h"

enum { PIECE = 64 << 10 }; /* bytes that a source is asked for */

/* What each kind of reply may load, and who may frame it; NULL: it is no page. */
static const char *const policy[] = {
    [EXCHANGE_PAGE] = "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'",
    [EXCHANGE_REPORT] = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
                        "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
    [EXCHANGE_DOWNLOAD] = NULL,
};

struct exchange *exchange_new(struct MHD_Connection *connection, const char *method,
                              const char *path, int wake)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct exchange *exchange = memory_new(1, sizeof *exchange);

    exchange->connection = connection;
    exchange->wake = wake;
    exchange->socket = info ? info->connect_fd : -1;
    exchange->method = clean_copy(method, CLEAN_LINE);
    exchange->path = clean_copy(path, CLEAN_LINE);
    exchange->began_ns = clock_monotonic_ns();
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    if (!exchange)
        return;
    if (exchange->response)
        MHD_destroy_response(exchange->response);
    body_file_free(exchange->body_file);
    text_clear(&exchange->body);
    text_clear(&exchange->headers);
    free(exchange->method);
    free(exchange->path);
    free(exchange);
}

const char *exchange_header(const struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

const char *exchange_query(const struct exchange *exchange, const char *key)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, key);
}

const char *exchange_run(const struct exchange *exchange)
{
    return exchange->places.run;
}

const char *exchange_file(const struct exchange *exchange)
{
    return exchange->places.file;
}

const struct text *exchange_body(const struct exchange *exchange)
{
    return &exchange->body;
}

struct body_file *exchange_body_file(const struct exchange *exchange)
{
    return exchange->body_file;
}

int64_t exchange_began_ns(const struct exchange *exchange)
{
    return exchange->began_ns;
}

void exchange_add_header(struct exchange *exchange, const char *name, const char *value)
{
    text_add(&exchange->headers, name, strlen(name) + 1);
    text_add(&exchange->headers, value, strlen(value) + 1);
}

static void add_headers(struct exchange *exchange)
{
    const char *at = exchange->headers.bytes, *end = at ? at + exchange->headers.length : at;

    while (at < end) {
        const char *value = at + strlen(at) + 1;

        MHD_add_response_header(exchange->response, at, value);
        at = value + strlen(value) + 1;
    }
}

/* Takes the response, which the library could not make where it is NULL. */
static void set_response(struct exchange *exchange, unsigned status, const char *type,
                         const char *content_policy, struct MHD_Response *response)
{
    exchange->status = status;
    exchange->response = response;
    if (!response)
        return;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    if (content_policy)
        MHD_add_response_header(response, "Content-Security-Policy", content_policy);
    add_headers(exchange);
}

static void set_kind(struct exchange *exchange, unsigned status, enum exchange_kind kind,
                     const char *type, struct MHD_Response *response)
{
    set_response(exchange, status, type, policy[kind], response);
    if (response)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
}

static void add_name(struct exchange *exchange, const char *name)
{
    char *value;

    if (!name || !exchange->response)
        return;
    value = memory_printf("attachment; filename=\"%s\"", name);
    MHD_add_response_header(exchange->response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, value);
    free(value);
}

void exchange_reply(struct exchange *exchange, unsigned status, enum exchange_kind kind,
                    const char *type, struct text *text)
{
    size_t length = text->length;
    char *bytes = text_take(text);

    set_kind(exchange, status, kind, type,
             MHD_create_response_from_buffer(length, bytes, MHD_RESPMEM_MUST_FREE));
}

void exchange_reply_asset(struct exchange *exchange, unsigned status, const char *type,
                          const char *bytes, size_t length)
{
    char *lasting = (char *)(uintptr_t)bytes; /* which the library does not write to */

    set_response(exchange, status, type, policy[EXCHANGE_PAGE],
                 MHD_create_response_from_buffer(length, lasting, MHD_RESPMEM_PERSISTENT));
    if (exchange->response)
        MHD_add_response_header(exchange->response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
}

void exchange_reply_open_file(struct exchange *exchange, enum exchange_kind kind, const char *type,
                              int file, uint64_t length, const char *name)
{
    struct MHD_Response *response = MHD_create_response_from_fd64(length, file);

    if (!response)
        close(file);
    set_kind(exchange, MHD_HTTP_OK, kind, type, response);
    add_name(exchange, name);
}

static ssize_t read_source(void *context, uint64_t at, char *bytes, size_t room)
{
    const struct exchange_source *source = context;
    long got = source->read(source->context, bytes, room);

    (void)at;
    if (got > 0)
        return got;
    if (got == EXCHANGE_WAITS)
        return 0;
    return got == 0 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void end_source(void *context)
{
    struct exchange_source *source = context;

    source->end(source->context);
    free(source);
}

void exchange_reply_source(struct exchange *exchange, enum exchange_kind kind, const char *type,
                           const struct exchange_source *source, const char *name)
{
    struct exchange_source *own = memory_new(1, sizeof *own);
    struct MHD_Response *response;

    *own = *source;
    response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE, read_source, own, end_source);
    if (!response)
        end_source(own);
    set_kind(exchange, MHD_HTTP_OK, kind, type, response);
    add_name(exchange, name);
}

void exchange_refuse(struct exchange *exchange, unsigned status, const char *format, ...)
{
    struct text text = {0};
    va_list arguments;
    char *sentence;

    va_start(arguments, format);
    sentence = memory_vprintf(format, arguments);
    va_end(arguments);
    text_add_string(&text, "{\"error\":");
    text_add_json(&text, sentence);
    text_add_string(&text, "}\n");
    free(sentence);
    exchange_reply(exchange, status, EXCHANGE_JSON, "application/json", &text);
}

void exchange_later(struct exchange *exchange)
{
    exchange->later = true;
    MHD_suspend_connection(exchange->connection);
}

void exchange_pause(struct exchange *exchange)
{
    MHD_suspend_connection(exchange->connection);
}

void exchange_go_on(struct exchange *exchange)
{
    const int wake = exchange->wake; /* the exchange may be gone once it goes on */

    MHD_resume_connection(exchange->connection);
    eventfd_write(wake, 1);
}

enum MHD_Result exchange_send(struct exchange *exchange)
{
    if (!exchange->response)
        return MHD_NO;
    return MHD_queue_response(exchange->connection, exchange->status, exchange->response);
}
