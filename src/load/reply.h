/* What the answer to a slot's request says, and how it ended; inside this room. Nothing in it is
 * believed: every buffer has a ceiling, only a whole stream is a success, and where the endpoint's
 * key or a secret header comes back, it is struck out before anybody sees it. */
#ifndef LOAD_REPLY_H
#define LOAD_REPLY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "record/request.h"
#include "wire/dialect.h"
#include "wire/retry_after.h"
#include "wire/stream.h"

/* Ceilings of what one answer may hold. */
enum {
    REPLY_HEAD_MOST = 256 << 10,  /* bytes of its head, and … */
    REPLY_HEAD_LINES_MOST = 4096, /* … lines: libcurl since 8.14 takes 5,000, and has no code for
                                   * it alone */
    REPLY_PAGE_MOST = 1 << 20,    /* of a body that is no stream, that are kept … */
    REPLY_EMPTY_MOST = 16 << 20,  /* … and that may come without any event */
    REPLY_CHUNKS_LEAST = 1 << 14, /* chunks that any request may get … */
    REPLY_CHUNKS_A_TOKEN = 16,  /* … or so many for each token it asks for, where that is more */
    REPLY_TEXT_LEAST = 1 << 20, /* bytes of its text that are kept, likewise */
    REPLY_TEXT_A_TOKEN = 256,
    REPLY_KEPT = 1 << 16, /* buffers larger than this are given back when it has ended */
};

/* All answers of a loop may hold so many bytes of unfinished events together, each its share of
 * that, and at least so many. */
enum { REPLY_EVENTS_MOST = 256 << 20, REPLY_EVENT_LEAST = 1 << 20 };

struct slot;

struct reply {
    struct stream stream;
    struct walk_before before; /* the last common event of the stream */
    struct event worst;        /* the first failed or malformed event */
    const char *given_up;      /* why the answer was; NULL: it was not */
    bool ended;                /* by its end mark, a finish reason or usage */
    struct text page;          /* the body, while it is no stream */
    struct text text;          /* of a row that keeps it: the answer's content */
    size_t head_bytes, head_lines, page_bytes, chunks_most, text_most;
    uint64_t event_reading; /* the loop's reading that brought the last event … */
    uint64_t chunk_reading; /* … and the last chunk */
    struct retry_after retry_after;
    char location[256], encoding[32]; /* headers; "" where they did not come */
};

/* Forgets the last answer. `in_flight` is how many requests the loop has. */
void reply_begin(struct slot *slot, size_t in_flight);

/* Takes a line of the head, or bytes of the body; false: the answer is given up. */
bool reply_take_header(struct slot *slot, const char *line, size_t length);
bool reply_take_body(struct slot *slot, const char *bytes, size_t length);

/* Completes the request's record: libcurl's result, and what was read, decide how it ended. */
void reply_conclude(struct slot *slot, CURLcode result);

/* The same for one that is taken out before its end, with the reason and a sentence. */
void reply_abort(struct slot *slot, enum request_end end, const char *sentence);

void reply_clear(struct reply *reply);

#endif
