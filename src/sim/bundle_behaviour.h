/* The two parts of a bundle file that say how the simulated server talks, and what goes wrong with
 * it. Real servers differ in all of this (science.md, 6); a zeroed struct is the plain SambaNova
 * manner. */
#ifndef SIM_BUNDLE_BEHAVIOUR_H
#define SIM_BUNDLE_BEHAVIOUR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bundle.h"
#include "core/error.h"
#include "core/setting.h"

/* What a response tells of its counts and times, and where. */
enum bundle_usage {
    BUNDLE_USAGE_FULL,         /* token counts and the server's own times, at the end */
    BUNDLE_USAGE_PLAIN,        /* token counts, at the end */
    BUNDLE_USAGE_EVERY_CHUNK,  /* the counts so far in every chunk; all in the last */
    BUNDLE_USAGE_LAST_CONTENT, /* all, in the last chunk with content */
    BUNDLE_USAGE_NEVER,
};
extern const char *const bundle_usage_names[];

struct bundle_behaviour {
    int usage;                /* enum bundle_usage */
    bool null_usage;          /* "usage":null in every chunk without */
    bool timings;             /* llama.cpp's own times, beside whatever usage says */
    int64_t tokens_per_chunk; /* 0 is 1 */
    bool role_chunk;          /* the role, alone and at once */
    int64_t reasoning_tokens; /* the first so many are reasoning */
    int reasoning_key;        /* an index in bundle_reasoning_keys */
    double keep_alive_s;      /* a comment after each such silence; 0: none */
    bool keep_alive_as_data;  /* in place of the comment */
    char *loading_text;       /* content at once, before any token; NULL: none */
    bool buffered;            /* all at once, when the last token is out */
    bool crlf;
    bool no_space;           /* "data:{…}" */
    bool event_fields;       /* "event: message" before each data line */
    int64_t bytes_per_piece; /* events are cut into pieces; 0: whole */
    bool no_finish_reason;
    bool always_completed; /* what /v1/responses says of how it ended */
    bool no_done;
    bool reject_unknown;
    bool whole_answers;
    double max_requests_per_s; /* 0: any */
    int64_t retry_after_s;     /* sent with 429; 0: not given */
};
extern const char *const bundle_reasoning_keys[];

/* What can go wrong; sim/fault.c carries it out. */
enum bundle_fault_kind {
    BUNDLE_FAULT_RESET,           /* reset, without a byte of a response */
    BUNDLE_FAULT_RESET_STREAM,    /* reset in the middle of the stream */
    BUNDLE_FAULT_STALL,           /* silence, then the rest */
    BUNDLE_FAULT_NO_END,          /* the body is over, whole as HTTP, the response is not */
    BUNDLE_FAULT_CUT,             /* closed in the middle of a chunk */
    BUNDLE_FAULT_BAD_JSON,        /* an event that is no JSON, then the rest */
    BUNDLE_FAULT_ERROR_EVENT,     /* an error inside the stream, which it ends */
    BUNDLE_FAULT_HUGE_EVENT,      /* an event of BUNDLE_FAULT_HUGE_BYTES, then the rest */
    BUNDLE_FAULT_HANG_UP,         /* the rest, then closed though the head promised to stay */
    BUNDLE_FAULT_ERROR_500,       /* instead of a response */
    BUNDLE_FAULT_ERROR_502,       /* the same, as a page of HTML */
    BUNDLE_FAULT_ERROR_503,       /* the same */
    BUNDLE_FAULT_SLOW_HEAD,       /* the response's head comes byte by byte */
    BUNDLE_FAULT_LISTENER_CLOSED, /* reset, and nobody can connect for a while */
};
extern const char *const bundle_fault_names[];

enum { BUNDLE_FAULT_HUGE_BYTES = 24 << 20 };

/* One of a list; strikes by chance or at one request. */
struct bundle_fault {
    int kind;             /* enum bundle_fault_kind */
    double probability;   /* for each request; 0: not by chance */
    int64_t request;      /* from 1, of those that ask for a response; 0: not at one */
    int64_t after_tokens; /* where the kind strikes inside a stream */
    double duration_s;    /* where the kind takes a while */
    char *model;          /* the only one struck; NULL: any */
};

extern const struct setting bundle_behaviour_table[], bundle_fault_table[];

/* Adds what is wrong with the faults (of struct bundle_fault) of a file that was read from `root`
 * and describes `bundle`. */
void bundle_check_faults(const struct setting_list *list, const struct bundle *bundle,
                         const struct yaml *root, struct faults *faults);

#endif
