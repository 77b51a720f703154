/* A step of a search while it runs: its requests are looked at as they end, and it needs no more as
 * soon as the test is clear (stats/trial.h). Only those are looked at before which all have ended:
 * the ones that take long are no fewer there. Inside this room. */
#ifndef SEARCH_LOOKING_H
#define SEARCH_LOOKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/objective.h"
#include "record/request.h"
#include "record/step.h"
#include "store/search_file.h"

struct looking {
    struct trial_rule rule;
    struct climb_step plan;
    const struct objectives *objectives;
    int64_t begun_ns;               /* when the step was chosen */
    double most_s;                  /* no more is sent after so long */
    struct trial_call *call;        /* by index; owned */
    bool *ended;                    /* … of them; owned */
    size_t room, count;             /* count: behind the last that has ended */
    size_t whole;                   /* requests before which all have ended */
    size_t look;                    /* the next look is at so many */
    size_t broke[METRIC_COUNT + 1]; /* bad requests by what they broke first, failed ones last */
    struct trial clear; /* at the look by which the test was clear; TRIAL_OPEN: none was */
};

/* Begins a step; `looking` was zeroed or ended. */
void looking_begin(struct looking *looking, const struct trial_rule *rule,
                   const struct climb_step *plan, const struct objectives *objectives,
                   double most_s);

/* Takes a request that has ended; whether the step needs no more. */
bool looking_take(struct looking *looking, const struct request *request,
                  const struct figures *figures);

/* All have ended: what the step tells, and how long it took. */
struct search_step looking_end(struct looking *looking, const struct step *step);

void looking_clear(struct looking *looking);

#endif
