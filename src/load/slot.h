/* A slot: one place in flight, with a reused libcurl handle and room for one request's record;
 * inside this room. A request goes: composed into the slot, slot_send, libcurl's callbacks, which
 * give what they read to reply.h, slot_finish. */
#ifndef LOAD_SLOT_H
#define LOAD_SLOT_H

#include <curl/curl.h>
#include <stdbool.h>

#include "load/composer.h"
#include "load/loop.h"
#include "load/reply.h"
#include "load/target.h"
#include "record/request.h"

/* A body of up to SLOT_WHOLE_MOST bytes is sent in one piece, a longer one from where its parts
 * stand. */
enum { SLOT_SEGMENTS = 5, SLOT_WHOLE_MOST = 16384 };

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
    bool keep_text;             /* of the answer */
    struct reply reply;
    int64_t alive_ns; /* when the server last showed that it lives, for the idle timeout */
    int attempt;      /* of the request, from 1 */
    int64_t again_ns; /* when it is to be sent again */
    int socket_errno; /* why this machine opened no connection */
    char curl_error[CURL_ERROR_SIZE];
};

struct slot *slot_new(const struct target *target, struct loop *loop, size_t shard,
                      struct curl_slist *headers);
void slot_free(struct slot *slot);

/* Sends the request that stands composed in the slot, with `body` and `image` (or NULL) where it
 * has none of its own. Both stay as they are until it ends. `intended_ns` is when it was to leave,
 * `in_flight` how many requests the loop has. */
void slot_send(struct slot *slot, int64_t intended_ns, const struct body *body,
               const struct text *image, size_t in_flight);

/* Forgets the last request and its answer, so that the next one's bytes may come; slot_send does so
 * itself. `in_flight` as there. */
void slot_begin(struct slot *slot, size_t in_flight);

/* The record is complete after this: libcurl's result, and what was read, decide how it ended. */
void slot_finish(struct slot *slot, CURLcode result);

/* What was said so far; stands until the slot's next request. */
struct said slot_said(const struct slot *slot);

/* Takes a request out before its end, with the reason and a sentence. */
void slot_abort(struct slot *slot, enum request_end end, const char *sentence);

#endif
