/* What the files of following share. For them alone. */
#ifndef JOB_FOLLOWING_PARTS_H
#define JOB_FOLLOWING_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "cluster/cluster.h"
#include "cluster/sync.h"
#include "cluster/track.h"
#include "job/prompter.h"
#include "job/ranks_plan.h"
#include "job/ranks_words.h"
#include "job/sharing.h"
#include "load/load.h"

/* A step under way here. */
struct followed {
    struct following *following;
    struct followed_visit *visit;
    const struct step_job *job;
    struct prompter prompter;
    struct fidelity fidelity;
    double timeout_s; /* of its load */
    bool preconnect;
    pthread_t thread;
    bool started, told; /* its thread; rank 0 knows its end */
    atomic_bool enough, ended;
    bool done; /* else the visit tells why */
    struct load_result result;
    int64_t wait_ns;          /* how long it waited for records to leave */
    struct load_progress now; /* how far its load is; under the lock … */
    bool moved;               /* … as is that rank 0 does not know */
};

/* A visit of a row, or of the rows of a mix, which begin together. */
struct followed_visit {
    struct followed_visit *next;
    struct following *following;
    size_t first, members; /* steps */
    struct step_job *job;  /* one each */
    struct followed *step;
    struct sharing sharing;
    struct load_start start;
    bool begun, abandoned; /* by rank 0; under the lock, as is all that follows */
    int64_t own_ns;        /* when it begins, by the own clock … */
    int64_t off_ns;        /* … and how far off that may be */
    bool failed;           /* a step of it did */
    struct error why;      /* the first */
};

struct following {
    struct cluster *cluster;
    struct ranks_given given;
    struct preparation preparation;
    struct followed_visit *visit; /* the first of those under way */
    int64_t batches;              /* of records that were sent */
    pthread_mutex_t lock;         /* of what follows */
    pthread_cond_t changed;
    struct track track;
    struct text waiting; /* records, packed, each behind the index of its step */
    atomic_bool failed;
    struct error error;
};

/* A failure that ends what this rank does. Without the lock. */
void following_fail(struct following *following, const struct error *error);

/* A step begins, by rank 0's word. False with a sentence: the plan does not have it. */
bool following_begin(struct following *following, struct unpacking *unpacking, struct error *error);

/* Rank 0's word on a visit: it begins at that moment; or it never does. */
void following_start(struct following *following, size_t visit, const struct sync_start *start);
void following_abandon(struct following *following, size_t visit);

/* … and on a step: enough was sent of it. */
void following_enough(struct following *following, size_t index);

/* Sends the records that wait. False with a sentence. */
bool following_send_records(struct following *following, struct error *error);

/* Tells rank 0 how far the loads are that went on since. False with a sentence. */
bool following_tell_progress(struct following *following, struct error *error);

/* Tells rank 0 of the steps that have ended since, behind their records. False with a sentence. */
bool following_tell_ends(struct following *following, struct error *error);

/* Ends what is under way, of which rank 0 wants to know nothing more. */
void following_end_all(struct following *following);

#endif
