/* One request of the workbench and the reply to it, as a route sees them: no type of the HTTP
 * library passes here. A route calls exactly one function that replies, or exchange_later and then
 * one from another thread. Each reply has the headers that its kind asks for: what a page may load
 * and who may frame it (Content Security Policy, level 3), no guessing of types, no referrer, and
 * no storing of what is not the program's own file. */
#ifndef SERVE_HTTP_EXCHANGE_H
#define SERVE_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "serve/http/route.h"

enum exchange_kind {
    EXCHANGE_JSON,
    EXCHANGE_PAGE,     /* of the workbench */
    EXCHANGE_REPORT,   /* a page of `report`: scripts of its own, in a sandbox, nothing loaded */
    EXCHANGE_DOWNLOAD, /* a file to be kept */
};

struct exchange;

/* What the request says; NULL: it does not. A query's value is decoded. */
const char *exchange_header(const struct exchange *exchange, const char *name);
const char *exchange_query(const struct exchange *exchange, const char *key);

/* The run that the path names, "" where the route's names none; the file's name likewise. */
const char *exchange_run(const struct exchange *exchange);
const char *exchange_file(const struct exchange *exchange);

/* Its body, whole, where the route takes one of at most ROUTE_BODY_IN_MEMORY bytes. */
const struct text *exchange_body(const struct exchange *exchange);

/* Of a route that takes more, the file that it was written to as it came; NULL: it had none. */
struct body_file;
struct body_file *exchange_body_file(const struct exchange *exchange);

/* When its head had come, of the monotonic clock. */
int64_t exchange_began_ns(const struct exchange *exchange);

/* A header of the reply to come. */
void exchange_add_header(struct exchange *exchange, const char *name, const char *value);

/* Replies with these bytes, which it takes from `text`. */
void exchange_reply(struct exchange *exchange, unsigned status, enum exchange_kind kind,
                    const char *type, struct text *text);

/* The same with bytes that last as long as the program. */
void exchange_reply_asset(struct exchange *exchange, unsigned status, const char *type,
                          const char *bytes, size_t length);

/* Replies with an open file from its beginning, `length` bytes, and closes it. A download is kept
 * under `name`. */
void exchange_reply_open_file(struct exchange *exchange, enum exchange_kind kind, const char *type,
                              int file, uint64_t length, const char *name);

/* What makes a reply piece by piece as it is sent: `read` fills up to `room` bytes and returns how
 * many, 0 at the end, −1 where it cannot go on, which ends the connection; EXCHANGE_WAITS where it
 * has called exchange_pause, since there is nothing to be sent now. `end` frees it. */
enum { EXCHANGE_WAITS = -2 };
struct exchange_source {
    long (*read)(void *context, char *bytes, size_t room);
    void (*end)(void *context);
    void *context;
};
void exchange_reply_source(struct exchange *exchange, enum exchange_kind kind, const char *type,
                           const struct exchange_source *source, const char *name);

/* Replies with {"error": SENTENCE}. */
void exchange_refuse(struct exchange *exchange, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The reply comes from another thread: nothing is asked of this request until exchange_go_on, which
 * that thread calls once, after its reply. */
void exchange_later(struct exchange *exchange);

/* Called by a source's `read`: it is asked again after exchange_go_on. Until then its `end` is not
 * called, and a client that has gone is not noticed. */
void exchange_pause(struct exchange *exchange);

void exchange_go_on(struct exchange *exchange);

#endif
