/* What an endpoint says is loaded, and what a run makes it load and unload: around each step. */
#ifndef JOB_STATING_H
#define JOB_STATING_H

#include "job/prepare.h"
#include "record/state.h"
#include "report/terminal/progress.h"

struct stating;

/* Where the settings ask for none of it, NULL: a run goes without, here and below. Asks the
 * endpoint which server it is, where that is to be found out; what cannot be asked is told of once.
 */
struct stating *stating_begin(const struct preparation *preparation, struct progress *progress);

/* What is to be known of a step. */
struct stated_step {
    const struct row *row;
    size_t index;
    size_t member; /* its place in its mix; 0: the first, or it is alone */
};

/* Does what before_step asks for, and asks what is loaded then. A failure is told, and stands in
 * `state`, which is server_state_none before. */
void stating_before(struct stating *stating, const struct stated_step *step,
                    struct server_state *state);

/* Asks what is loaded at a later moment of the step. */
void stating_ask(struct stating *stating, const struct row *row, enum state_moment moment,
                 struct server_state *state);

/* The step has ended, whose first request was sent at `from_ns`: asks once more, and what loads
 * took. Where no events tell that, `told_s` counts, which the step's responses tell at most (NAN:
 * they do not), of a model that was not loaded before. */
void stating_after(struct stating *stating, const struct row *row, int64_t from_ns, double told_s,
                   struct server_state *state);

void stating_end(struct stating *stating);

#endif
