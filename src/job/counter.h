/* Has one model's server count prompts of known lengths, before a run: at an endpoint that counts
 * without responding, else by the usage of short responses. What is not believed
 * (prompt/judgement.h) is not used. */
#ifndef JOB_COUNTER_H
#define JOB_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "job/prepare.h"
#include "prompt/counting.h"

/* Two lengths, and one between them where these two leave a doubt. */
enum { COUNTER_LENGTHS = 2, COUNTER_PROMPTS = 3 };

struct counter {
    const struct preparation *preparation;
    const struct row *row; /* the first that asks for the model */
    bool without_requests; /* the model itself is asked for nothing */
    int64_t asked;         /* the longest prompt of its rows, in tokens */
    int64_t words[COUNTER_PROMPTS], tokens[COUNTER_PROMPTS]; /* ascending */
    size_t prompts;
    bool no_usage;               /* a streamed response came whole and held no count */
    bool requested;              /* a request was sent to the model itself */
    bool touched;                /* something was sent that may have loaded the model */
    struct counting counting;    /* once it is learned, and … */
    struct counting with_prefix; /* … of prompts behind a system message, where rows have one */
    const char *prefix;          /* the system message that is sent now; NULL: none */
    char by[64];                 /* what counted: a path, or responses */
    struct error error;          /* where it is not */
    struct faults notes;         /* which endpoint that counts is not used, and why; owned */
};

/* Sends what it takes, with `by_requests` to the model alone. A server whose streams hold no usage
 * is asked once more without streaming. With without_requests only endpoints that count are asked,
 * each for at most one connect_timeout. False, with `error`, where nothing was learned. Clear
 * the notes either way. */
bool counter_learn(struct counter *counter, bool by_requests);

/* Whether a row of the model sends a system message (prefix_tokens): then what it takes is learned
 * too, and kept apart (prompter_prefix_kind). */
bool counter_wants_prefix(const struct preparation *preparation, const char *model);

#endif
