/* The event of a token, made once for an answer, then filled with word after word: composing JSON
 * anew for each token would take longer than sending it. */
#ifndef SIM_PATTERN_H
#define SIM_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/dialect.h"

/* Zeroed: none. */
struct pattern {
    struct text event; /* with nothing where the word belongs */
    size_t word_at;
};

/* Makes the pattern of an answer whose tokens are alike; the speech is begun. False, and none,
 * where the event has no one place for a word. */
bool pattern_make(struct pattern *pattern, const struct sim_dialect *dialect,
                  const struct speech *speech);

/* Adds what the dialect's add_tokens would for token `k` alone. */
void pattern_add(const struct pattern *pattern, struct text *event, const struct speech *speech,
                 int64_t k);

void pattern_clear(struct pattern *pattern);

#endif
