/* As much of HTTP/1.1 (RFC 9112) as the simulator speaks: the head of a request, the head of a
 * response, and chunks. Bytes in, structs out; bounded; no I/O. */
#ifndef SIM_HTTP_H
#define SIM_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "sim/refusal.h"

enum { HTTP_HEAD_MOST = 64 << 10, HTTP_BODY_MOST = 64 << 20 };

enum http_progress { HTTP_INCOMPLETE, HTTP_COMPLETE, HTTP_REFUSED };

struct http_request {
    char method[16];
    char path[512];           /* without the query */
    char authorization[1024]; /* "" where there is none */
    char key[1024];           /* the same */
    char api_key[1024];       /* of x-api-key; the same */
    bool has_version;         /* it has an anthropic-version */
    size_t head_length;       /* with the empty line */
    size_t body_length;
    bool keep_alive;
    bool expects_continue;
};

/* Reads a request's head from the front of `bytes`. HTTP_INCOMPLETE: more is needed. A body must
 * have a Content-Length; what cannot be understood or is too large is refused. */
enum http_progress http_read_head(const char *bytes, size_t length, struct http_request *request,
                                  struct refusal *refusal);

/* What the head of a whole response says. */
struct http_response {
    int status;
    bool keep_alive;
    const char *type;      /* of media */
    int64_t retry_after_s; /* 0: not given */
};

/* Adds a whole response. */
void http_add_whole(struct text *wire, const struct http_response *response,
                    const struct text *body);

/* Adds a whole response in JSON. */
void http_add_response(struct text *wire, int status, bool keep_alive, const struct text *json);

/* Adds the head of a stream of that media type, which chunks follow. */
void http_add_stream_head(struct text *wire, const char *type, bool keep_alive);

/* Adds one chunk; an empty one ends the stream. */
void http_add_chunk(struct text *wire, const struct text *content);

#endif
