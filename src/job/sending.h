/* One load of a step: prompts out, records back. A step has one for its row, and before it, where a
 * probe is asked for, one for each of the probe's bursts. */
#ifndef JOB_SENDING_H
#define JOB_SENDING_H

#include <pthread.h>

#include "core/spill.h"
#include "job/prompter.h"
#include "job/step.h"
#include "load/load.h"
#include "stats/token_gaps.h"
#include "store/step_files.h"

enum { SENDING_RECENT = 512 };

struct led_step;

/* A part of a step under way. Each loop of the load adds what ended to it, one at a time; `lock` is
 * held meanwhile, and by the display's loop while it takes a copy of what it shows. */
struct sending {
    pthread_mutex_t lock;
    const struct step_job *job;
    const struct row *row; /* what is asked for: the row, or a probe's burst */
    struct prompter *prompter;
    struct step_files *files;
    struct metered_step *metered; /* NULL: it is not shown to who watches */
    enum step_part part;
    struct led_step *led;     /* the other ranks send it too (leading.h); NULL: they do not */
    struct sending *phases;   /* of the row's load: what takes its warm-up and its cool-down */
    size_t bursts;            /* of a probe: that were sent before this one */
    size_t first;             /* how many requests of the part were, and so this one's first */
    struct outcome *outcomes; /* one per record of the part; they stand in … */
    struct spill kept;        /* … this, in the run's folder where they are many */
    int64_t *words;           /* of the prompt of each, where a tokenizer will count it; owned */
    size_t ended, room;       /* room: for the words */
    size_t requests;          /* of the part that have ended at least one attempt */
    size_t before;            /* records of the bursts before this one */
    size_t retried;           /* records after which the request was to be sent again */
    size_t failed_in_a_row;   /* requests, before any completed */
    size_t non_streaming;     /* responses that came whole */
    size_t at_once;           /* responses that completed and came in one read */
    size_t announced, without_text; /* completed requests that opened so (record/step.h) */
    struct step_rank *of_rank;   /* what each rank sent, where several do, and its health; owned */
    size_t ranks;                /* how many these are; 0: one process sends all */
    struct finish_counts finish; /* how the completed ones ended; owned */
    size_t stopped_at_length;    /* of them, as ends_at_length says */
    double recent_ttft[SENDING_RECENT]; /* of the last requests that completed, a ring */
    size_t completed;
    double output_tokens; /* of those */
    double output_asked;
    struct token_gaps gaps; /* of those, where the server counts in each chunk */
    struct step failed;     /* of it only the errors: what failed yet, by kind */
    struct error *error;
    bool unwritable;
    bool reported_stop; /* that the run is being stopped */
};

/* Of several ranks: how one kept up in the load, and how long its records waited. */
void sending_note_rank(struct sending *sending, size_t ranks, size_t rank,
                       const struct health *health, int64_t wait_ns);

/* Sends a load within `timeout_s` and waits for its end. False, with a sentence, where its results
 * cannot be written or the machine refuses what it needs. */
bool sending_run(struct sending *sending, double timeout_s, struct load_result *result);

/* Takes in an attempt at a request that has ended; one call at a time. */
enum load_decision sending_take(struct sending *sending, const struct request *request,
                                const struct request_texts *texts);

/* Says, once in a run, that requests which touch no model go without a response. */
void sending_tell_silence(const struct step_job *job);

/* Puts what came of it into start order, and marks what was sent again. */
void sending_sort(struct sending *sending);

void sending_clear(struct sending *sending);

#endif
