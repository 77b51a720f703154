/* A switching study: what was paid for going from one row to another, and how sure that is.
 *
 * Each step's measurement (exposure.h) is judged by itself, all visits from one row to another
 * together, and all visits to a row together (replicate.h); each of these is a family with adjusted
 * p values and verdicts of its own (family.h). The spread of TTFTs is pooled over all of them
 * (spread.h). */
#ifndef STATS_STUDY_H
#define STATS_STUDY_H

#include <stdbool.h>
#include <stddef.h>

#include "record/step.h"
#include "stats/grouping.h"

/* How often a switch was paid, and what it cost those times. A visit is counted by what it shows
 * itself (grouping.h); in the cost each weighs as much as it is likely to have paid. */
struct study_cost {
    size_t visits, paid;                 /* measured ones */
    size_t not_paid, unknown;            /* the latter: could not have been seen, or not measured */
    double share, share_low, share_high; /* of them; with its 95 % interval (Clopper and Pearson) */
    double cost_s, cost_low_s, cost_high_s; /* of those that paid; NAN: none */
    double error_s, df;                     /* its standard error, and degrees of freedom */
    double weight;   /* Σ of the probabilities that they paid: what the cost stands on */
    double client_s; /* the cost by the client's clock; NAN: not known */
    bool varies;     /* how much the cost varies is known, and in the interval */
};

/* Visits that are combined. */
struct study_group {
    const struct row *from; /* NULL: not known, or any */
    const struct row *to;
    const struct step *step; /* the first visit's */
    struct switch_estimate estimate;
    double steady_s; /* what a request without a switch takes, the median over visits */
    struct study_cost cost;
    /* Of a row: how likely as unlike costs are after different rows, where they are all the same;
     * NAN: it was not paid after two of them. */
    double order_p;
};

/* What switching to a model cost, over its rows (model.h). */
struct study_model {
    const char *name;
    size_t rows;
    struct study_cost cost;
    double differ_p;  /* of costs that differ between its rows as these do, where all are the same;
                       * NAN: fewer than two of its rows paid */
    double weight_gb; /* NAN: not known */
    double gb_per_s;  /* its weight ÷ (cost less the overhead that is known); NAN: not known */
};

/* Switches inside a row: the first batch of a further size, over the visits that ran some. */
struct study_inside {
    const struct row *row;
    double batch_size;
    size_t visits, found;
    double value_s; /* the median of those found; NAN: none */
};

/* What loading weights takes: an overhead and a speed, by rows of different known weights. */
struct study_loading {
    size_t rows;                         /* 0: that is not known */
    double overhead_s, overhead_error_s; /* ± at 95 % */
    double gb_per_s, gb_per_s_low, gb_per_s_high;
};

/* By which rule expert configurations leave the node's fast memory. */
enum study_rule {
    RESIDENCY_NOT_KNOWN,   /* no revisit could have shown it */
    RESIDENCY_LRU,         /* what was used longest ago leaves first */
    RESIDENCY_FIFO,        /* what was loaded longest ago leaves first */
    RESIDENCY_IDLE_EXPIRY, /* what has been idle for a time leaves */
    RESIDENCY_NONE_FITS,   /* none of these tells the revisits */
    RESIDENCY_RULES
};
extern const char *const study_rule_words[RESIDENCY_RULES];

/* How many expert configurations stay in the node's fast memory; rows, where no bundle file tells
 * what they load. */
struct study_residency {
    size_t units;          /* configurations, or rows, that were visited */
    bool by_configuration; /* which of them */
    size_t *visits, *paid; /* revisits after 0 … units − 1 others; owned */
    size_t revisits;       /* in all; 0: nothing can be concluded */
    enum study_rule rule;  /* the most likely, where it is known; what is not claimed is 0 or NAN */
    size_t capacity;       /* of LRU or FIFO, in units */
    size_t capacity_low, capacity_high; /* hold 95 % of the likelihood */
    double probability;        /* of that capacity, or of idle expiry; never more than the share of
                                * revisits        that is explained */
    double lru_probability;    /* against FIFO, which does the same where one stays, or all */
    double expiry_probability; /* of idle expiry against both */
    double expiry_s, expiry_low_s, expiry_high_s; /* its time, and what holds 95 % */
    size_t wrong;    /* revisits that show the contrary of what the most likely says */
    double misfit_p; /* where the most likely is right, of something else being so much likelier */
    double gb_low, gb_high; /* by known weights: what fits, and what does not; NAN: not known */
    size_t gb_wrong;
    bool by_weight; /* weights tell the revisits at least as well as counting units does */
};

/* What steady requests show besides their noise (steady.h). Excesses are shares of the TTFT that
 * the others of their visit have. */
struct study_steady {
    size_t requests, slow; /* looked at; that stood out above, and were left out */
    double *excess;        /* of each of those, ascending; owned */
    double slow_share;     /* (slow + 1) ÷ (requests + 20): how often a request is slow */
    double slow_excess;    /* of any request on average, most of which have none … */
    double slow_variance;  /* … and its variance */
    bool transient;        /* the first of them are slow too: the later half counts */
    bool drift;            /* TTFTs rise or fall with time */
    double drift_per_s;    /* of ln TTFT; 0 where it is not significant */
    bool neighbours;       /* those next to each other are alike */
    double widening;       /* by which that widens a visit's error; 1: not */
};

/* How much the cost of one switch varies, as a share of its row's mean. */
struct study_variation {
    double share;       /* standard deviation, pooled over rows; NAN: not known */
    double df;          /* Σ (visits that paid − 1) */
    double noise_share; /* of that, what TTFTs vary by without a switch */
    bool unequal;       /* rows differ (Bartlett, 0.01) */
};

/* Which waiting call a node serves next (queue.h). */
enum study_schedule {
    SCHEDULE_IN_ORDER, /* the oldest */
    SCHEDULE_GROUPED,  /* the oldest that needs no load, where there is one */
    STUDY_SCHEDULES
};
extern const char *const study_schedule_words[];

/* What calls wait in front of a node, and what of that is switching; averages over calls. */
struct study_queue {
    size_t calls;       /* that were followed; 0: nothing is known */
    double utilisation; /* of the node's time: what is used; 1 and more: what would be */
    bool stable;        /* the node can do it; where not, the queue grows, and no wait is known */
    double paid_share;  /* of the calls: they waited for a switch of their own batch … */
    double switch_s;    /* … which a call waits for so long … */
    double switch_wait_s, switch_wait_error_s; /* … and so much longer in all than with everything
                                                * in memory, with a standard error; NAN: unstable */
    double wait_s; /* from coming to its batch's begin, the switch not included; NAN: unstable */
    double time_share; /* of the node's time that goes to switching */
};

/* What switching costs a mix of calls. */
struct study_call_mix {
    size_t calls; /* that were followed; 0: that is not known */
    double paid_share;
    double extra_s, service_s; /* of a call, on average: waiting for switches, and all else */
    double time_share;         /* of the time that goes to switching */
    double call_rate;          /* calls/s; NAN or 0: not stated */
    double calls_in_a_row;     /* that each draw of a model brings, on average; 1: one */
    struct study_queue queue[STUDY_SCHEDULES]; /* at that rate; by what the node may do */
};

/* What a server says of the visits that have one verdict (server_word.h). */
struct study_word {
    size_t loads, stays; /* they had to load their model; it was loaded before */
};

struct study {
    size_t looks; /* at the study while it runs, each at 5 % ÷ looks; 0 counts as 1 */
    size_t runs;
    struct study_visit *visit; /* in the order they ran; owned, as are the groups */
    size_t visits;
    size_t configurations;          /* that they visited; rows, where no bundle file tells them */
    bool by_configuration;          /* which of them */
    struct study_group *transition; /* from → to, in the order of first visits */
    size_t transitions;
    struct study_group *row; /* to each row, from whichever */
    size_t rows;
    struct study_model *model; /* in the order of their first rows */
    size_t models;
    struct study_inside *inside; /* in the order of rows, sizes ascending */
    size_t insides;
    struct study_steady steady[SWITCH_SOURCES];
    struct study_variation variation;
    struct study_loading loading;
    struct study_residency residency;
    struct study_call_mix call_mix;
    struct study_word word[SWITCH_NOT_MEASURABLE + 1]; /* by enum switch_verdict */
    bool controlled; /* something was loaded or unloaded on purpose (before_step): what stays in
                      * memory, and what a mix pays, is not claimed */
};

/* Adds a run's steps, in their order; their measurement must be there. They must outlive the study.
 */
void study_add(struct study *study, struct step *steps, size_t count);

/* What its intervals hold: 0.95, or more where several looks are taken. */
double study_confidence(const struct study *study);

/* Concludes: fills each step's estimate and the groups. */
void study_conclude(struct study *study);

/* Whether anything can be concluded of any row. */
bool study_measured(const struct study *study);

void study_clear(struct study *study);

#endif
