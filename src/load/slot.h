/* A slot: one place in flight, with a reused libcurl handle and room for one request's record;
 * inside this room. A request goes: composed into the slot, slot_send, libcurl's callbacks,
 * slot_finish. */
#ifndef LOAD_SLOT_H
#define LOAD_SLOT_H

#include <curl/curl.h>
#include <stdbool.h>

#include "load/composer.h"
#include "load/loop.h"
#include "load/target.h"
#include "record/request.h"
#include "wire/dialect.h"
#include "wire/stream.h"

/* A body of up to SLOT_WHOLE_MOST bytes is sent in one piece, a longer one from where its parts
 * stand. */
enum { SLOT_SEGMENTS = 5, SLOT_EXCERPT = 4096, SLOT_WHOLE_MOST = 16384 };

/* The most bytes of an answer's text that are kept; a longer answer is given up. */
enum { SLOT_TEXT_MOST = 64 << 20 };

struct segment {
    const char *bytes;
    size_t length;
};

struct slot {
    const struct target *target;
    struct loop *loop;
    size_t shard; /* of the loop */
    CURL *easy;
    bool sending; /* its request is with libcurl */
    struct request request;
    struct composed composed;              /* this request's own part of the body */
    struct segment segment[SLOT_SEGMENTS]; /* head, prompt, middle, image, tail */
    size_t body_length;
    size_t segment_at, byte_at; /* how much of a long body is written */
    struct text whole;          /* a short body */
    struct stream stream;
    struct walk_before before; /* the last common event of the stream */
    struct event worst;        /* the first failed or malformed event */
    const char *too_large;     /* what made the answer be given up; NULL: nothing */
    bool ended;                /* by its end mark, a finish reason or usage */
    bool keep_text;            /* of the answer: … */
    struct text answer;        /* … its content */
    uint64_t event_reading;    /* the loop's reading that brought the last event … */
    uint64_t chunk_reading;    /* … and the last chunk */
    int64_t last_byte_ns;      /* for the idle timeout */
    struct text excerpt;       /* the first bytes of a body that is no stream, or not yet */
    int socket_errno;          /* why this machine opened no connection */
    char curl_error[CURL_ERROR_SIZE];
};

struct slot *slot_new(const struct target *target, struct loop *loop, size_t shard,
                      struct curl_slist *headers);
void slot_free(struct slot *slot);

/* Forgets the last request and begins the record of the one that stands composed; slot_send does so
 * itself. */
void slot_begin(struct slot *slot);

/* Sends the request that stands composed in the slot, with `body` and `image` (or NULL) where it
 * has none of its own. Both stay as they are until it ends. `intended_ns` is when it was to leave.
 */
void slot_send(struct slot *slot, int64_t intended_ns, const struct body *body,
               const struct text *image);

/* The record is complete after this: libcurl's result, and what was read, decide how it ended. */
void slot_finish(struct slot *slot, CURLcode result);

/* What was said so far; stands until the slot's next request. */
struct said slot_said(const struct slot *slot);

/* Takes a request out before its end, with the reason and a sentence. */
void slot_abort(struct slot *slot, enum request_end end, const char *sentence);

#endif
