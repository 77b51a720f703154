/* The order in which a study visits rows. Each visit is one step of the run.
 *
 * Warm-up rows stand first, once each, outside the order. Designs after Williams (1949), whose rows
 * hold every ordered pair of neighbours equally often, and Hierholzer's circuit of the complete
 * directed graph, which passes each ordered pair exactly once. */
#ifndef PLAN_ORDER_H
#define PLAN_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "plan/rows.h"

/* One pass over n rows: */
enum order_kind {
    ORDER_AS_LISTED, /* n visits */
    ORDER_REVERSE,   /* n */
    ORDER_SHUFFLE,   /* n, drawn anew for each pass */
    ORDER_ROTATE,    /* every cyclic rotation, one after another: n² */
    ORDER_WILLIAMS, /* a balanced Latin square, its rows one after another: n², or 2n² for odd n */
    ORDER_ALL_PAIRS, /* a circuit, drawn anew: n(n−1), and one visit to begin the first */
    ORDER_RESIDENCY, /* one row again and again, after 0, 1 … n−1 drawn others: 1 + n(n+1)/2 */
};
extern const char *const order_names[];

/* Whether its passes are drawn, each anew, from the seed. */
bool order_is_drawn(enum order_kind kind);

struct order_asked {
    enum order_kind kind;
    int64_t passes;
    bool self_pairs; /* all pairs: each row after itself too, n visits more */
    uint64_t seed;
};

struct visit {
    size_t row;  /* index among the rows */
    size_t pass; /* from 1; 0: a warm-up, before the order */
};

struct order {
    struct visit *visit; /* owned */
    size_t count;
    size_t warmups; /* of them, at the beginning */
    size_t rows;    /* how many rows the order is made of: those that are no warm-up */
};

enum { ORDER_VISITS_MOST = 65536 }; /* the steps whose prompts differ for sure */

/* Fills `order` for these rows; false with a sentence where it would have more visits than
 * ORDER_VISITS_MOST. Clear it. */
bool order_make(const struct rows *rows, const struct order_asked *asked, struct order *order,
                struct error *error);

/* How often the order goes from one row to another, each ordered pair of its rows counted. A step
 * after a warm-up is none of them. */
struct order_pairs {
    size_t possible;    /* n(n−1) */
    size_t visited;     /* of those */
    size_t least, most; /* visits to one of them; least counts those that are never visited */
    size_t self;        /* visits to a row after itself */
};
struct order_pairs order_count_pairs(const struct order *order);

void order_clear(struct order *order);

#endif
