#include "sim/http.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"

static bool malformed(struct refusal *refusal, const char *what)
{
    return refuse(refusal, 400, "bad_request", NULL, "The request cannot be understood: %s.", what);
}

static bool read_request_line(const char *line, struct http_request *request,
                              struct refusal *refusal)
{
    int minor, end = 0;

    if (sscanf(line, "%15[A-Z] %511s HTTP/1.%1d%n", request->method, request->path, &minor, &end) <
            3 ||
        line[end] != '\0')
        return malformed(refusal, "its first line is not 'METHOD PATH HTTP/1.1'");
    if (minor != 1)
        return refuse(refusal, 505, "http_version_not_supported", NULL,
                      "Only HTTP/1.1 is spoken here.");
    request->path[strcspn(request->path, "?")] = '\0';
    return true;
}

static bool read_length(const char *value, struct http_request *request, struct refusal *refusal)
{
    size_t digits = strspn(value, "0123456789");

    if (digits == 0 || value[digits] != '\0')
        return malformed(refusal, "Content-Length is not a number");
    if (strtoull(value, NULL, 10) > HTTP_BODY_MOST)
        return refuse(refusal, 413, "request_too_large", NULL, "A body may have at most %d bytes.",
                      HTTP_BODY_MOST);
    request->body_length = strtoull(value, NULL, 10);
    return true;
}

static bool read_authorization(const char *value, struct http_request *request,
                               struct refusal *refusal)
{
    if (strlen(value) >= sizeof request->authorization)
        return malformed(refusal, "Authorization is too long");
    strcpy(request->authorization, value);
    return true;
}

static bool read_key(const char *value, struct http_request *request, struct refusal *refusal)
{
    if (strlen(value) >= sizeof request->key)
        return malformed(refusal, "key is too long");
    strcpy(request->key, value);
    return true;
}

static bool read_api_key(const char *value, struct http_request *request, struct refusal *refusal)
{
    if (strlen(value) >= sizeof request->api_key)
        return malformed(refusal, "x-api-key is too long");
    strcpy(request->api_key, value);
    return true;
}

static bool read_version(const char *value, struct http_request *request, struct refusal *refusal)
{
    (void)refusal;
    request->has_version = *value != '\0';
    return true;
}

static bool read_connection(const char *value, struct http_request *request,
                            struct refusal *refusal)
{
    (void)refusal;
    request->keep_alive = strcasestr(value, "close") == NULL;
    return true;
}

static bool read_expect(const char *value, struct http_request *request, struct refusal *refusal)
{
    (void)refusal;
    request->expects_continue = strcasecmp(value, "100-continue") == 0;
    return true;
}

static bool read_encoding(const char *value, struct http_request *request, struct refusal *refusal)
{
    (void)request;
    return refuse(refusal, 411, "length_required", NULL,
                  "Send the body with a Content-Length, not with Transfer-Encoding: %.40s.", value);
}

static const struct field {
    const char *name;
    bool (*read)(const char *value, struct http_request *request, struct refusal *refusal);
} fields[] = {
    {"Content-Length", read_length},      {"Authorization", read_authorization},
    {"Connection", read_connection},      {"Expect", read_expect},
    {"Transfer-Encoding", read_encoding}, {"key", read_key},
    {"x-api-key", read_api_key},          {"anthropic-version", read_version},
};

static bool read_field(char *line, struct http_request *request, struct refusal *refusal)
{
    char *value = strchr(line, ':');

    if (!value)
        return malformed(refusal, "a header line has no colon");
    *value++ = '\0';
    value += strspn(value, " \t");
    for (size_t end = strlen(value); end > 0 && strchr(" \t", value[end - 1]); end--)
        value[end - 1] = '\0';
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strcasecmp(line, fields[i].name) == 0)
            return fields[i].read(value, request, refusal);
    }
    return true;
}

/* `head` is text without the empty line at its end; it is cut into lines. */
static bool read_lines(char *head, struct http_request *request, struct refusal *refusal)
{
    bool first = true;

    for (char *line = head, *next; line; line = next) {
        next = strstr(line, "\r\n");
        if (next) {
            *next = '\0';
            next += 2;
        }
        if (!(first ? read_request_line(line, request, refusal)
                    : read_field(line, request, refusal)))
            return false;
        first = false;
    }
    return true;
}

enum http_progress http_read_head(const char *bytes, size_t length, struct http_request *request,
                                  struct refusal *refusal)
{
    size_t most = length < HTTP_HEAD_MOST ? length : HTTP_HEAD_MOST;
    const char *end = most ? memmem(bytes, most, "\r\n\r\n", 4) : NULL;
    char *head;
    bool understood;

    *request = (struct http_request){.keep_alive = true};
    if (!end && length < HTTP_HEAD_MOST)
        return HTTP_INCOMPLETE;
    if (!end) {
        refuse(refusal, 431, "header_too_large", NULL, "A head may have at most %d bytes.",
               HTTP_HEAD_MOST);
        return HTTP_REFUSED;
    }
    request->head_length = (size_t)(end - bytes) + 4;
    head = memory_bytes(bytes, (size_t)(end - bytes));
    understood = strlen(head) == (size_t)(end - bytes) ? read_lines(head, request, refusal)
                                                       : malformed(refusal, "it holds a NUL");
    free(head);
    return understood ? HTTP_COMPLETE : HTTP_REFUSED;
}

static const char *reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Unknown";
}

static const char *connection_field(bool keep_alive)
{
    return keep_alive ? "" : "Connection: close\r\n";
}

void http_add_whole(struct text *wire, const struct http_response *response,
                    const struct text *body)
{
    text_printf(wire, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s",
                response->status, reason(response->status), response->type, body->length,
                connection_field(response->keep_alive));
    if (response->retry_after_s > 0)
        text_printf(wire, "Retry-After: %" PRId64 "\r\n", response->retry_after_s);
    text_add_string(wire, "\r\n");
    text_add(wire, body->bytes, body->length);
}

void http_add_response(struct text *wire, int status, bool keep_alive, const struct text *json)
{
    const struct http_response response = {
        .status = status, .keep_alive = keep_alive, .type = "application/json"};

    http_add_whole(wire, &response, json);
}

void http_add_stream_head(struct text *wire, const char *type, bool keep_alive)
{
    text_printf(wire,
                "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
                "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n%s\r\n",
                type, connection_field(keep_alive));
}

void http_add_chunk(struct text *wire, const struct text *content)
{
    char size[24];
    char *first = size + sizeof size;

    /* By hand: printf would take as long as all else that is done for a token. */
    *--first = '\n';
    *--first = '\r';
    for (size_t left = content->length; left > 0 || *first == '\r'; left >>= 4)
        *--first = "0123456789abcdef"[left & 15];
    text_add(wire, first, (size_t)(size + sizeof size - first));
    text_add(wire, content->bytes, content->length);
    text_add(wire, "\r\n", 2);
}
