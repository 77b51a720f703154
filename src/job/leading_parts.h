/* What the files of leading share. For them alone. */
#ifndef JOB_LEADING_PARTS_H
#define JOB_LEADING_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "cluster/records.h"
#include "cluster/track.h"
#include "job/leading.h"
#include "job/ranks_words.h"

enum { LED_HOST = 256 };

/* What is known of another rank. */
struct led {
    char host[LED_HOST];
    long pid;
    int64_t batches; /* of records that were taken in, of the whole run */
};

/* What another rank has told of a step's end. */
struct led_end {
    bool ended;
    int64_t sent; /* batches in all by then */
    struct load_result result;
    int64_t wait_ns; /* how long its records waited */
};

/* How far the loads of a step are. */
struct led_progress {
    struct load_progress *of; /* one for each rank; the first is this */
    int64_t own_ns;           /* when the first was told */
};

/* A step under way. */
struct led_step {
    struct led_step *next; /* of those under way */
    struct leading *leading;
    struct sending *sending;
    struct led_end *end;        /* one for each rank; the first is this, of which nothing is told */
    struct led_progress so_far; /* under the lock of `leading` */
    struct load_start own;      /* its start, where it is no member of a mix */
    pthread_mutex_t taking;     /* records are taken in one at a time */
    atomic_bool enough;         /* the own load is to end early */
    atomic_bool unkept;         /* a record could not be kept */
    bool told_enough;           /* to the others */
    double uncertainty_s;       /* of the records' clocks, at most */
};

struct leading {
    struct cluster *cluster;
    struct track track; /* rank 0's clock is its own: there are no samples */
    struct text hosts;
    struct led *rank;        /* one each; the first is this */
    pthread_mutex_t syncing; /* all ranks compare clocks, or agree on a start, once at a time */
    pthread_mutex_t lock;    /* of what follows */
    pthread_cond_t changed;
    struct led_step *step; /* the first of those under way */
    size_t *ready;    /* by the visit's first step: how many ranks are ready to begin it; owned */
    size_t steps;     /* of the plan */
    pthread_t thread; /* attends to the others while any step is under way */
    bool attends, closing;
    bool broken;   /* no more will come of them */
    int told_stop; /* as often as the others know of */
    atomic_bool failed;
    struct error error; /* the first that failed */
};

/* The first step of the visit that a step belongs to. */
size_t leading_visit_of(const struct step_job *job);

/* A failure that ends the run. Without the lock. */
void leading_fail(struct leading *leading, const struct error *error);

/* Tells all others a word about a step or a visit. */
void leading_tell_all(struct leading *leading, enum ranks_word word, int64_t number);

/* A thread: takes in what the others tell, and tells them when to end, while any step is under way;
 * until the run closes. */
void *leading_attend(void *context);

#endif
