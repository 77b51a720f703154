/* Requests of a trace: each with the moment and the lengths that its line says, and a prompt of the
 * blocks that it names. For the prompter alone. */
#ifndef JOB_PROMPTER_TRACE_H
#define JOB_PROMPTER_TRACE_H

#include <stdbool.h>

#include "core/error.h"
#include "job/prompter.h"
#include "traffic/trace_sessions.h"

/* Opens the trace of the prompter's row; where it has sessions, reads these first. True where the
 * row has none. False with a sentence. */
bool prompter_trace_open(struct prompter *prompter, struct error *error);

/* Begins it anew, for who composes its prompts again. Likewise. */
bool prompter_trace_rewind(struct prompter *prompter, struct error *error);

/* Goes on to the line of request composed->index, or the one that begins session composed->index,
 * which is behind the one taken last: those between are others' to send. Gives the request its
 * moment and how much it asks for; where there is no such line `composed->none` is set. */
void prompter_trace_reach(struct prompter *prompter, struct composed *composed);

/* How many turns a session has, from 0 in the order that they begin; and what its turn, from 2 on,
 * asks for. May be called in any thread. */
int64_t prompter_trace_turns(const struct prompter *prompter, size_t session);
const struct trace_turn *prompter_trace_turn(const struct prompter *prompter, size_t session,
                                             int64_t turn);

/* Whether the line taken last names blocks. */
bool prompter_trace_has_blocks(const struct prompter *prompter);

/* Adds a prompt of `words` words made of them, TRACE_BLOCK_TOKENS each; the last takes what is
 * left. What a block says follows from its id and the seed alone, so that what begins with the same
 * blocks begins with the same text. */
void prompter_trace_add_blocks(const struct prompter *prompter, int64_t words, struct text *text);

/* Once all have ended: false with a sentence where the file did not hold what the plan had read. */
bool prompter_trace_conclude(const struct prompter *prompter, struct error *error);

void prompter_trace_close(struct prompter *prompter);

#endif
