/* The event of a token, made once for a response, then filled with word after word: composing JSON
 * anew for each token would take longer than sending it. */
#ifndef SIM_EVENT_TEMPLATE_H
#define SIM_EVENT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/dialect.h"

/* Zeroed: none. */
struct event_template {
    struct text event; /* with nothing where the word belongs */
    size_t word_at;
};

/* Makes the template of a response whose tokens are alike; the text is begun. False, and none,
 * where the event has no one place for a word. */
bool event_template_make(struct event_template *event_template, const struct sim_dialect *dialect,
                         const struct token_text *token_text);

/* Adds what the dialect's add_tokens would for token `k` alone. */
void event_template_add(const struct event_template *event_template, struct text *event,
                        const struct token_text *token_text, int64_t k);

void event_template_clear(struct event_template *event_template);

#endif
