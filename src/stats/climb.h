/* The search for the highest load that keeps its limit, as arithmetic: which load to try next, for
 * how long, and what is known by then. Everything follows from the rule and the steps so far, so
 * that a search that was cut off takes the same way again.
 *
 * It brackets: from the start it doubles the load until a step breaks the limit, or lowers it, each
 * time by more, until one keeps it. Then each step goes where the fitted curve (load_curve.h) has
 * the load that is looked for, turn by turn a little above and below, until that is known to the
 * resolution. A last step at the low end of the interval has to not break the limit. */
#ifndef STATS_CLIMB_H
#define STATS_CLIMB_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/load_curve.h"
#include "stats/trial.h"

struct climb_rule {
    struct trial_rule trial;
    double low, high, start; /* loads; start is put between the others */
    bool whole;              /* loads are whole numbers */
    bool knee;               /* the knee of throughput is looked for (knee.h), and no limit */
    bool confirm;            /* a last step, at the low end of the interval */
};

enum climb_end {
    CLIMB_UNDER_WAY,
    CLIMB_FOUND,
    CLIMB_NEVER_KEPT,   /* not at the lowest load either */
    CLIMB_ALWAYS_KEPT,  /* at the highest too */
    CLIMB_CLIENT_LIMIT, /* the client cannot send what would be needed to know */
    CLIMB_NOT_SURE, /* as many steps as there may be, and the interval is wider than asked for */
    CLIMB_ENDS
};
extern const char *const climb_end_words[CLIMB_ENDS];

struct climb_step {
    double load;
    size_t warmup; /* calls in front, which do not count */
    size_t most;   /* calls that count, where the test is not clear before */
    bool confirms;
};

enum { CLIMB_STEPS_MOST = 40 };

struct climb {
    struct climb_rule rule;
    struct trial trial[CLIMB_STEPS_MOST];
    bool confirms[CLIMB_STEPS_MOST];
    size_t count;
};

struct climb_result {
    enum climb_end end;
    struct load_estimate found; /* NAN where nothing is; of whole loads whole */
    bool limited;               /* the lowest load that broke did so for the client */
    bool confirmed;             /* a step at the interval's low end did not break the limit */
    double kept, broken; /* the highest load below `found` that was shown to keep the limit, and the
                          * lowest that was shown to break it; NAN: none was */
};

/* The next step. False where the search has ended: result->end says how. `result` is what is known
 * so far either way. */
bool climb_next(const struct climb *climb, struct climb_step *next, struct climb_result *result);

/* Takes what came of a step; there are fewer than CLIMB_STEPS_MOST. */
void climb_add(struct climb *climb, const struct trial *trial, bool confirms);

/* The most calls that any step of the search sends, warm-up among them. */
size_t climb_most_calls(const struct climb_rule *rule);

#endif
