/* The shape that steady requests have over time: a transient, drift, and likeness of neighbours
 * (steady.h tells how each is tested). For steady.c alone. */
#ifndef STATS_STEADY_SHAPE_H
#define STATS_STEADY_SHAPE_H

#include "stats/study.h"

/* A visit's steady requests, in the order they were sent. */
struct steady_visit {
    struct switch_side *side;
    double *log;        /* of the TTFT; owned */
    bool *slow;         /* owned */
    size_t from, count; /* those before `from` are left out */
    size_t group;       /* visits of one run to one row */
    double begin_s;     /* when its exposed request was sent; 0: not known */
    double level;
};

struct steady_look {
    struct steady_visit *visit;
    size_t visits;
    double deviation, df;
    struct study_steady *steady;
};

/* Those from `from` on, ascending; free it. */
double *steady_sorted_from(const struct steady_visit *visit, size_t from);

/* The mean logarithm of those that are kept, and how many they are; NAN for none. */
double steady_mean_kept(const struct steady_visit *visit, size_t *kept);

/* The mean moment at which `kept` of them were sent, in seconds after the exposed request. */
double steady_mean_sent_s(const struct steady_visit *visit, size_t kept);

/* Each fills its part of `look->steady`; a transient also moves `from` of all visits. */
void steady_find_transient(struct steady_look *look);
void steady_find_drift(struct steady_look *look);
void steady_find_neighbours(struct steady_look *look);

#endif
