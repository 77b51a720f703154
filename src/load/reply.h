/* What the response to a transfer's request says, and how it ended; inside this room. Nothing in it
 * is believed: every buffer has a ceiling, only a whole stream is a success, and where the
 * endpoint's key or a secret header comes back, it is struck out before anybody sees it. */
#ifndef LOAD_REPLY_H
#define LOAD_REPLY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "record/request.h"
#include "wire/dialect.h"
#include "wire/retry_after.h"
#include "wire/stream.h"

/* Ceilings of what one response may hold. */
enum {
    REPLY_HEAD_MOST = 256 << 10,  /* bytes of its head, and … */
    REPLY_HEAD_LINES_MOST = 4096, /* … lines: libcurl since 8.14 takes 5,000, and has no code for
                                   * it alone */
    REPLY_PAGE_MOST = 1 << 20,    /* of a body that is no stream, that are kept … */
    REPLY_EMPTY_MOST = 16 << 20,  /* … and that may come without any event, in events that cannot
                                   * be read, or in events without content */
    REPLY_FRAME = 8,              /* bytes of the stream around an event ("data: ", line ends) */
    REPLY_CHUNKS_LEAST = 1 << 14, /* chunks that any request may get … */
    REPLY_CHUNKS_A_TOKEN = 16,  /* … or so many for each token it asks for, where that is more */
    REPLY_TEXT_LEAST = 1 << 20, /* bytes of its text that are kept, likewise */
    REPLY_TEXT_A_TOKEN = 256,
    REPLY_KEPT = 1 << 16, /* buffers larger than this are given back when it has ended */
};

/* All responses of a loop may hold so many bytes of unfinished events together, each its share of
 * that, and at least so many. */
enum { REPLY_EVENTS_MOST = 256 << 20, REPLY_EVENT_LEAST = 1 << 20 };

struct transfer;

struct reply {
    struct stream stream;
    struct scan_previous before; /* the last common event of the stream */
    bool failed, malformed;      /* an event was; by the first of them … */
    struct text fault;           /* … its message; empty where there was none */
    const char *given_up;        /* why the response was; NULL: it was not */
    char coding[32];             /* … for this transfer coding; "": it names none but chunked */
    bool ended;                  /* by its end mark, a finish reason or usage behind output */
    bool identified;             /* a chunk with the response's id or model came, or … */
    bool end_identified;         /* … only the end bore it */
    bool final;                  /* … and nothing more is to come: not by a finish reason alone */
    bool head_whole;             /* its last line came */
    struct text page;            /* the body, while it is no stream */
    struct text text;            /* of a row that keeps it: the response's content */
    struct text struck;          /* room for an event, secrets struck out */
    size_t head_bytes, head_lines, page_bytes, chunks_most, text_most;
    size_t fault_bytes;     /* of events that failed or are malformed … */
    size_t empty_bytes;     /* … and of others that brought neither content nor reasoning */
    uint64_t reading;       /* the loop's reading that brought the last of it: head or body, … */
    uint64_t chunk_reading; /* … and the last chunk */
    struct retry_after retry_after;
    char location[256], encoding[32]; /* the last head's; "" where they did not come */
};

/* Forgets the last response. `sharers` is how many requests of the loop share the room for
 * responses. */
void reply_begin(struct transfer *transfer, size_t sharers);

/* Takes a line of the head, or bytes of the body; false: the response is given up. */
bool reply_take_header(struct transfer *transfer, const char *line, size_t length);
bool reply_take_body(struct transfer *transfer, const char *bytes, size_t length);

/* Completes the request's record: libcurl's result, and what was read, decide how it ended. */
void reply_conclude(struct transfer *transfer, CURLcode result);

/* The same for one that is taken out before the end of its body: with the reason and a sentence,
 * unless the response had ended. */
void reply_abort(struct transfer *transfer, enum request_end end, const char *sentence);

/* Whether the status is one with which a stream comes. */
bool reply_is_success(const struct transfer *transfer);

/* Whether a Content-Encoding was named under which the body cannot be read as it came. */
bool reply_is_packed(const struct reply *reply);

/* Strikes secrets out of the body that is no stream, before anything is quoted from it. */
void reply_strike_page(struct transfer *transfer);

void reply_clear(struct reply *reply);

#endif
