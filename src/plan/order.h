/* The order in which a study visits rows. Each visit is one step of the run; a visit of a mix is as
 * many as it has members, one behind another here, which run together. A mix stands where its first
 * row stands, and every order takes it as one.
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
    size_t row;             /* index among the rows */
    size_t pass;            /* from 1; 0: a warm-up, before the order */
    bool mixed;             /* its row is a member of a mix */
    size_t member, members; /* its place among the rows that run together, from 0, and how many
                             * these are; of a row alone 0 of 1 */
};

struct order {
    struct visit *visit; /* owned */
    size_t count;
    size_t warmups; /* of them, at the beginning */
    size_t rows;    /* how many rows it visits alone: no warm-up, no member of a mix */
    size_t mixes;   /* how many mixes it visits, and … */
    size_t members; /* … how many rows these have */
};

enum { ORDER_VISITS_MOST = 262144 }; /* the steps whose prompts differ for sure */

/* Fills `order` for these rows; false with a sentence where it would have more visits than
 * ORDER_VISITS_MOST. Clear it. */
bool order_make(const struct rows *rows, const struct order_asked *asked, struct order *order,
                struct error *error);

/* Where the visit ends that step `index` belongs to: behind the last of its members. */
size_t order_visit_end(const struct order *order, size_t index);

/* The pass that has ended where step `next` is the next, and none of the pass after it has begun;
 * 0: none. */
size_t order_pass_ended(const struct order *order, size_t next);

/* How often the order goes from one row to another, each ordered pair of the rows that it visits
 * alone counted. A step after a warm-up is none of them, nor is one in a mix or after one. */
struct order_pairs {
    size_t possible;    /* n(n−1) */
    size_t visited;     /* of those */
    size_t least, most; /* visits to one of them; least counts those that are never visited */
    size_t self;        /* visits to a row after itself */
};
struct order_pairs order_count_pairs(const struct order *order);

void order_clear(struct order *order);

#endif
