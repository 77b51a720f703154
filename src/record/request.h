/* What happened to one request: facts as they were seen, before any arithmetic.
 *
 * Moments are monotonic nanoseconds (core/clock.h), CLOCK_NEVER where they did not come; counts and
 * measurements that the server did not give are NAN. Plain data, no logic. */
#ifndef RECORD_REQUEST_H
#define RECORD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/metric.h"

/* How a request ended. Every failure but REQUEST_HTTP_ERROR is one word in the files. */
enum request_end {
    REQUEST_COMPLETED,
    REQUEST_HTTP_ERROR, /* the status is the code */
    REQUEST_TIMEOUT,
    REQUEST_IDLE_TIMEOUT,
    REQUEST_CONNECT_TIMEOUT,
    REQUEST_DNS_ERROR,
    REQUEST_CONNECTION_REFUSED,
    REQUEST_CONNECTION_RESET,
    REQUEST_TLS_ERROR,
    REQUEST_BAD_STREAM,
    REQUEST_TRUNCATED,
    REQUEST_STREAM_ERROR,   /* an error object inside HTTP 200 */
    REQUEST_EMPTY_RESPONSE, /* neither content nor reasoning */
    REQUEST_TOO_LARGE,
    /* What this machine lacks or its libcurl does; the server has no part in these. */
    REQUEST_LOCAL_PORTS,
    REQUEST_LOCAL_FILES,
    REQUEST_LOCAL_NETWORK,
    REQUEST_LOCAL_BUFFERS, /* and memory, and what libcurl does for no reason of these */
    REQUEST_CANCELLED,
    REQUEST_ENDS
};

/* "" for completed, "http_error", "timeout" … */
extern const char *const request_end_words[REQUEST_ENDS];

/* Which of them are this machine's: a row with one did not measure the endpoint. */
extern const bool request_end_is_local[REQUEST_ENDS];

/* What the server counted and measured itself, from all the reports that it sent. */
struct usage {
    double input_tokens, output_tokens, total_tokens;
    double ttft_s, end_to_end_latency_s;
    double output_token_per_s, total_tokens_per_s, output_token_first_ten_per_s;
    double batch_size_used, acceptance_rate, cached_tokens;
    double reasoning_tokens; /* part of output_tokens, or apart from it (stats/figures.h) */
    double prompt_s;         /* reading the prompt; the model was loaded by then */
    double load_s;           /* loading the model */
};

enum { REQUEST_ID = 80, REQUEST_BODY = 500, REQUEST_ADDRESS = 64 };

/* One event with content or reasoning. */
struct chunk {
    int64_t arrival_ns;
    bool coalesced;         /* came in the same read as the one before, so its gap says nothing */
    bool stamped;           /* arrival by the kernel's stamp, else the moment it was read */
    uint32_t tokens_so_far; /* output tokens that the server had counted with it; 0: not known */
    /* It may have come so much earlier or later: several were read together, late. 0: it came at
     * `arrival_ns`. */
    int64_t early_ns, late_ns;
};

/* The moments of a response that the kernel may have stamped; a set of them is their sum. */
enum request_moment {
    REQUEST_FIRST_BYTE = 1,
    REQUEST_FIRST_EVENT = 2,
    REQUEST_FIRST_REASONING = 4,
    REQUEST_FIRST_CONTENT = 8,
    REQUEST_LAST_CHUNK = 16,
    REQUEST_DONE = 32,
};

/* What a request of a row's load is for. */
enum request_phase {
    REQUEST_COUNTED,
    REQUEST_WARMUP,   /* before those that count … */
    REQUEST_COOLDOWN, /* … and behind them, while the last of them run: in no figure */
};
extern const char *const request_phase_words[]; /* "", "warmup", "cooldown", NULL */

/* What a request asks the server for, in tokens. */
struct asked {
    int64_t input_tokens, output_tokens; /* input 0: as many as the prompt has */
    int64_t estimated_tokens; /* what the server was expected to count for the prompt it got; 0:
                               * that is not known */
    int64_t words;            /* of that prompt; 0: they are not what its length goes by */
    size_t text;              /* which of the row's texts it is made of */
    const char *name;         /* of that text; it stands as long as the run */
    size_t session;           /* of a row of sessions, which of them, from 0, … */
    int64_t turn, turns;      /* … which of its turns, from 1, and how many it is to have; 0: the
                               * row has no sessions */
    int64_t probe_burst;      /* of a probe's, which burst it belongs to, from 1; 0: no probe's */
};

struct request {
    size_t index; /* 0 … in the order they were handed over to be sent, those of a warm-up and a
                   * cool-down among them; of turns, in the order they left */
    enum request_phase phase;
    size_t record; /* 0 … in the order that requests of the step's part ended, each attempt one */
    int attempt;   /* from 1; one more each time the request is sent again */
    int64_t intended_ns; /* closed loop: the moment its place became free */
    int64_t let_go_ns; /* open loop with max_in_flight: when that let it leave, intended_ns where it
                        * held nothing back; CLOCK_NEVER: there is no such ceiling */
    int64_t started_ns; /* handed over to be sent; on a new connection: connecting began */
    int64_t sent_ns;    /* just before its first byte was written on an open connection */
    int64_t first_byte_ns, first_event_ns;
    int64_t first_reasoning_ns, first_content_ns;
    int64_t last_chunk_ns;
    int64_t finish_ns;    /* the first event with a finish reason */
    int64_t announced_ns; /* the first announcement, where there are any */
    int64_t done_ns; /* the response's last event (finish, usage or end mark); of one that failed or
                      * came whole, the end of its body or of the attempt */
    int64_t body_end_ns; /* … or when it was given up */
    int stamped; /* the enum request_moment whose time is the kernel's; others: our reading */
    int64_t wall_at_ns; /* wall clock less monotonic clock, for people's times */
    size_t rank,
        ranks; /* which of how many ranks sent it (cluster/); ranks 0: there is one process */
    double clock_uncertainty_s; /* of a rank's: its moments, turned into rank 0's clock, are no
                                 * further off than this */
    bool new_connection;
    struct asked asked;
    struct chunk *chunks; /* `chunk_count` of them; room belongs to the transfer */
    size_t chunk_count, chunk_room;
    size_t announcements; /* events with text before the first chunk that bears the response's id or
                           * model: a proxy's word, such as that it loads; none is in `chunks` */
    bool first_token_without_text; /* the server counted tokens, and sent none of them as text: the
                                    * first came by `finish_ns` */
    struct usage usage;
    char response_id[REQUEST_ID]; /* the server's name for its response; "" where it gave none */
    char remote_address[REQUEST_ADDRESS]; /* of the connection's other end; "": it had none */
    const char *http_version;             /* "1.1", "2"; NULL: no response came */
    int http_status;                      /* 0: no response came */
    char finish_reason[32];
    bool non_streaming; /* a stream was asked for, and the response came whole: no TTFT is known */
    double retry_after_s; /* the server asked for this wait; NAN: it did not */
    double retry_wait_s;  /* until the request is sent again; NAN: it is not */
    enum request_end end;
    char message[768];                 /* one sentence where it failed, else "" */
    char error_body[REQUEST_BODY + 1]; /* where it failed, how its body began, else "" */
};

/* The texts of a request, for a run that keeps them. */
struct request_texts {
    const char *prompt;     /* as it stood inside the body: a JSON string without its quotes */
    const char *completion; /* the response's content, in any bytes that the server sent; a NUL
                             * is C0 80 (core/nul.h) */
};

/* A request's metrics; NAN where one is not known. */
struct figures {
    double value[METRIC_COUNT];
};

/* What a row keeps of each request to compute its own figures. */
struct outcome {
    size_t index, record; /* the request's */
    int attempt;
    bool retried; /* the request was sent again: another attempt says how it ended */
    int64_t started_ns, sent_ns, done_ns;
    enum request_end end;
    int http_status;
    int64_t probe_burst; /* 0: no probe's */
    enum request_phase phase;
    size_t session;      /* as asked for (struct asked) */
    int64_t turn, turns; /* 0: the row has no sessions */
    struct figures figures;
};

/* What a request of a mix has in common with those of its other members. */
struct request_mark {
    const char *mix;           /* its name; not owned, as the others are not */
    size_t arrival_index;      /* 0 … in the order of sending, over all members */
    const char *configuration; /* model × length tier × batch size, as far as these are known */
    /* The configuration of the request that the server began just before it, and that of the one
     * that was sent just before; NULL: there is none, or it is not known. */
    const char *previous_configuration, *previous_sent_configuration;
};

/* Adds a chunk to the record, which takes room for it as it grows. */
void request_add_chunk(struct request *request, const struct chunk *chunk);

#endif
