/* A step of a search while it runs: its requests are looked at as they end, and it needs no more as
 * soon as the test is clear (stats/trial.h). Only those are looked at before which all have ended:
 * the ones that take long are no fewer there. Of a mix the requests of all its members are one
 * series, by the moments at which they were sent. Inside this room. */
#ifndef SEARCH_LOOKING_H
#define SEARCH_LOOKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/objective.h"
#include "record/request.h"
#include "record/step.h"
#include "search/looked.h"
#include "store/search_file.h"

struct looking {
    struct trial_rule rule;
    struct climb_step plan;
    const struct objectives *objectives;
    struct looked *member; /* owned */
    size_t members;
    bool warms_up;    /* those in front are among those that count: it leaves them out itself */
    int64_t begun_ns; /* when the step was chosen */
    double most_s;    /* no more is sent after so long */
    size_t counted;   /* requests that count and have ended */
    size_t look;      /* the next look is at so many, before which all have ended, … */
    size_t check;     /* … and it is tried once so many of each member have */
    size_t broke[METRIC_COUNT + 1]; /* bad requests by what they broke first, failed ones last */
    struct trial clear; /* at the look by which the test was clear; TRIAL_OPEN: none was */
    /* Of the members that have ended so far: */
    size_t told, requests;
    bool client_limited, interrupted;
};

struct looking_asked {
    const struct trial_rule *rule;
    const struct climb_step *plan;
    const struct objectives *objectives;
    size_t members; /* of the mix; of a row alone 1 */
    double most_s;  /* how long it may send */
    bool warms_up;  /* whether plan->warmup requests are to be left out of those that count */
};

/* Begins a step; `looking` was zeroed or ended. */
void looking_begin(struct looking *looking, const struct looking_asked *asked);

/* Takes a request of a member that has ended; whether the step needs no more. */
bool looking_take(struct looking *looking, size_t member, const struct request *request,
                  const struct figures *figures);

/* A member's step has ended. Once all have, returns true with what they tell, and how long it took.
 */
bool looking_end(struct looking *looking, const struct step *step, struct search_step *told);

void looking_clear(struct looking *looking);

#endif
