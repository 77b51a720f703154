/* The sessions of a member's requests in a trace: which lines begin one, and what the later lines
 * of each ask for. All lines are read once, ahead of their sending.
 *
 * Lines that name the same session follow each other, in the file's order; one whose `turn` is 1
 * begins it anew, and so does one behind TRACE_TURNS_MOST others. A line without a session, or of
 * which there is one, is a session of one turn. A prompt counts all that was said before: where a
 * later line's input has room for the input and output of the line before it, the rest is the
 * user's text; where it has none, the line does not hold what came before.
 *
 * Memory: 24 bytes for each later line, 4 for each session and a bit for each line; nothing where
 * no line is a later one. */
#ifndef TRAFFIC_TRACE_SESSIONS_H
#define TRAFFIC_TRACE_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "traffic/trace_member.h"

enum { TRACE_TURNS_MOST = 1000 };

/* A later line. */
struct trace_turn {
    double at_s; /* as trace_request has it */
    uint32_t input_tokens, output_tokens;
    uint32_t own_tokens; /* of the user's text; 0: it does not hold what came before */
};

struct trace_sessions {
    struct trace_turn *turn; /* session by session; owned */
    size_t turns;
    uint32_t *first; /* of each session, where its later lines begin, and one more; owned */
    uint8_t *later;  /* a bit for each line: it is a later one; owned */
    size_t lines, sessions;
    size_t turns_most; /* of a session; 0: there are no lines */
    size_t apart;      /* later lines that do not hold what came before */
};

/* Called with each line, in the file's order. */
struct trace_sessions_hearer {
    void (*hear)(void *context, const struct trace_request *request);
    void *context;
};

/* Reads what a member asks for, to its end; `hearer` may be NULL. `too_long` gets how many lines
 * its model cannot take; NULL: that is not asked. False with a sentence. Clear it either way. */
bool trace_sessions_read(struct trace_sessions *sessions, const struct trace_asked *asked,
                         const struct trace_sessions_hearer *hearer, size_t *too_long,
                         struct error *error);

/* Whether line `index` of the member, from 0, begins a session. */
bool trace_sessions_begins(const struct trace_sessions *sessions, size_t index);

/* The turns of a session, from 0 in the order that they begin; 1 or more. */
size_t trace_sessions_turns(const struct trace_sessions *sessions, size_t session);

/* Its turn, from 2 on. */
const struct trace_turn *trace_sessions_turn(const struct trace_sessions *sessions, size_t session,
                                             size_t turn);

void trace_sessions_clear(struct trace_sessions *sessions);

#endif
