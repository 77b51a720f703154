/* What the journal of a run that was cut off tells of its steps: each attempt at one that was
 * begun.
 */
#ifndef STORE_ATTEMPTS_H
#define STORE_ATTEMPTS_H

#include <stddef.h>
#include <sys/types.h>

#include "core/error.h"
#include "store/run.h"

struct attempt {
    size_t step;       /* its index */
    size_t number;     /* of the attempts at this step, from 1 */
    char *name;        /* the files of this attempt begin with it */
    size_t requests;   /* of it that are in the journal, a probe's among them */
    size_t texts;      /* the texts of so many of them are there too */
    off_t *line;       /* where the lines of its requests and texts begin in the journal */
    char *fingerprint; /* of its files (fingerprint.h), once all were written; NULL: none */
    char *search;      /* what a search concluded of it, a JSON object; NULL: nothing */
};

struct attempts {
    struct attempt *attempt; /* in the order they began */
    size_t count;
    size_t *last;    /* by step: the number in `attempt` of its last one, from 1; 0: none */
    size_t steps;    /* that `last` has room for */
    size_t *by_name; /* numbers in `attempt`, by step and name */
};

/* Reads the journal of `run`. What is no line of a journal is passed over: a machine that lost its
 * power may leave such, and no run has a step of ORDER_VISITS_MOST or above. Time grows as the
 * journal does, whatever stands in it. Clear `attempts` either way. */
bool attempts_read(const struct run *run, struct attempts *attempts, struct error *error);

/* How many attempts at the step there were. */
size_t attempts_at(const struct attempts *attempts, size_t step);

/* The last attempt at the step; NULL: none. */
const struct attempt *attempts_last(const struct attempts *attempts, size_t step);

/* Whether an attempt at step `step` had that name; true too where none is known of. */
bool attempts_began(const struct attempts *attempts, size_t step, const char *name);

/* Sets an attempt aside, so that its step can be started over: its requests are in
 * `<name>_attempt_<number>.json`, as they ended; the texts in
 * `<name>_attempt_<number>_texts.jsonl`. Where it had been summed up, its own files get such names:
 * also `…_probe.json`, `…_phases.json` and `…_figures.json`. Afterwards no file of it has a name by
 * which tools find results. One that was set aside stays as it is. */
bool attempts_set_aside(const struct run *run, const struct attempt *attempt, struct error *error);

void attempts_clear(struct attempts *attempts);

#endif
