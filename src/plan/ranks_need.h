/* How many ranks a load needs (docs/cluster.md): the events that responses bring at most, beside
 * what one loop was measured to keep up with. An event is a token, as servers stream. */
#ifndef PLAN_RANKS_NEED_H
#define PLAN_RANKS_NEED_H

#include <stdbool.h>
#include <stddef.h>

#include "core/bundle.h"
#include "plan/rows.h"
#include "plan/settings.h"

/* What one loop keeps up with, in events/s, as `make bench-load` measured (docs/performance.md). */
#define RANKS_EVENTS_PER_S 95000.0

struct ranks_need {
    size_t row;          /* index of the row, or of the first of its mix */
    size_t rows;         /* how many run together */
    double events_per_s; /* of all of them, at most */
    bool guessed;        /* how fast a stream is, since the bundle file does not tell */
    size_t ranks;        /* that keep up with it, of settings' `threads` loops each; at least 1 */
    size_t most;         /* that can take part, one a place; 0: any number */
};

/* What row `index` needs, with the others of its mix. In open loop its rate, at its highest, times
 * the tokens of a response; no more than requests in flight times the tokens/s of a stream, which
 * is what closed loop comes to: the fastest that the bundle file has for the row's tier, else
 * ADVICE_TOKENS_PER_S. A trace counts with its mean rate. */
struct ranks_need ranks_need_of(const struct rows *rows, size_t index, const struct bundle *bundle,
                                const struct settings *settings);

/* Whether the row is the first of its mix, or alone. */
bool ranks_need_begins(const struct rows *rows, size_t index);

/* What rows beside each other need (concurrency_enabled): of so many at once as max_workers says
 * those that need most. `row` and `rows` say nothing. */
struct ranks_need ranks_need_beside(const struct rows *rows, const struct bundle *bundle,
                                    const struct settings *settings);

#endif
