/* What a tokenizer of one's choice counts, between visits: no request is in flight then. */
#ifndef JOB_TOKENS_H
#define JOB_TOKENS_H

#include "core/error.h"
#include "job/prompter.h"
#include "job/sending.h"
#include "report/terminal/progress.h"

/* Before a row's first request: where nothing is known of how the server counts a text that its
 * prompts are made of, counts one prompt of it, as long as the row's, and goes by that until
 * the server counts one. Does nothing without a tokenizer that works. */
void tokens_expect(struct prompter *prompter, struct progress *progress);

/* After its last: puts the tokenizer's counts into the figures of each record of the part, which
 * are in the order of their records: of each prompt that was sent, and where texts are kept of each
 * response that completed. Of a session's later turn, whose prompt holds responses, it is the sum
 * over all that was said, each text by itself, and known only where texts are kept. A count that
 * cannot be made stays NAN, and the first of a part is told on `progress`, as is a trace that
 * cannot be read again. Stops where the user asks twice to stop. False with a sentence where the
 * run's own files cannot be read. */
bool tokens_count(struct sending *part, struct prompter *prompter, struct error *error);

#endif
