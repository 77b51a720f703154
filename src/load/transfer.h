/* A transfer: one place in flight, with a reused libcurl handle and room for one request's record;
 * inside this room. A request goes: composed into the transfer, transfer_send, libcurl's callbacks,
 * which give what they read to reply.h, transfer_finish. */
#ifndef LOAD_TRANSFER_H
#define LOAD_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>

#include "load/composer.h"
#include "load/direct.h"
#include "load/loop.h"
#include "load/reply.h"
#include "load/target.h"
#include "record/request.h"

/* A body of up to TRANSFER_WHOLE_MOST bytes is sent in one piece, a longer one from where its parts
 * stand. */
enum { TRANSFER_SEGMENTS = 5, TRANSFER_WHOLE_MOST = 16384 };

struct segment {
    const char *bytes;
    size_t length;
};

struct transfer {
    const struct target *target;
    struct loop *loop;
    size_t shard; /* of the loop */
    CURL *easy;
    bool sending;  /* its request is with libcurl */
    bool has_left; /* … and its place is another's: the response has ended, its body has not */
    bool is_noted; /* among the loop's ended ones */
    struct request request;
    struct composed composed;                  /* this request's own part of the body */
    struct segment segment[TRANSFER_SEGMENTS]; /* head, prompt, middle, image, tail */
    size_t body_length;
    size_t segment_at, byte_at; /* how much of a long body is written */
    struct text whole;          /* a short body */
    struct ahead *ahead;        /* waits for its moment before it leaves; NULL: leaves at once */
    bool keep_text;             /* of the response … */
    void (*on_text)(void *context,
                    const struct text *text); /* … who reads along (load.h), or NULL */
    void *text_context;
    struct reply reply;
    struct direct direct;
    bool was_called;              /* libcurl was, for it: it is in the loop's list (owned.h) … */
    struct transfer *next_called; /* … before this one */
    int64_t alive_ns;  /* when the server last showed that it lives, for the idle timeout */
    int attempt;       /* of the request, from 1 */
    int64_t retry_ns;  /* when it is to be sent again */
    int64_t turn_ns;   /* when it is to leave, of a session's later turn */
    bool held;         /* … and max_in_flight holds it back */
    int64_t let_go_ns; /* the request's, for all of its attempts */
    int socket_errno;  /* why this machine opened no connection */
    char curl_error[CURL_ERROR_SIZE];
};

struct transfer *transfer_new(const struct target *target, struct loop *loop, size_t shard,
                              struct curl_slist *headers);
void transfer_free(struct transfer *transfer);

/* Sends the request that stands composed in the transfer, with `body` and `image` (or NULL) where
 * it has none of its own. Both stay as they are until it ends. `intended_ns` is when it was to
 * leave, `sharers` how many requests of the loop share the room for responses. */
void transfer_send(struct transfer *transfer, int64_t intended_ns, const struct body *body,
                   const struct text *image, size_t sharers);

/* Forgets the last request and its response, so that the next one's bytes may come; transfer_send
 * does so itself. `sharers` as there. */
void transfer_begin(struct transfer *transfer, size_t sharers);

/* The record is complete after this: libcurl's result, and what was read, decide how it ended. */
void transfer_finish(struct transfer *transfer, CURLcode result);

/* The texts so far; they stand until the transfer's next request. */
struct request_texts transfer_texts(const struct transfer *transfer);

/* Takes a request out before its end, with the reason and a sentence. */
void transfer_abort(struct transfer *transfer, enum request_end end, const char *sentence);

#endif
