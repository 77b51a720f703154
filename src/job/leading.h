/* Rank 0 of a run that several ranks share: it gives the others the plan, has them send their
 * portion of each step's load (traffic/portion.h), and takes in what comes of it as if it had sent
 * it itself. The other ranks' part is following.h. */
#ifndef JOB_LEADING_H
#define JOB_LEADING_H

#include "cluster/cluster.h"
#include "job/sending.h"

struct leading;

/* For the others of the cluster, which must outlive it; from here on, what is read is noted for
 * them. */
struct leading *leading_new(struct cluster *cluster);

/* Gives the plan to all, and compares what they make of it. False with a sentence: it is none that
 * ranks can share, or one of them cannot make it. */
bool leading_share_plan(struct leading *leading, const struct preparation *preparation,
                        struct error *error);

/* How many ranks there are, and their hosts, "a, a, b", which stand as long as `leading`. */
void leading_tell(const struct leading *leading, size_t *ranks, const char **hosts);

/* What rank 0 sends of a row: all of it where `leading` is NULL. */
struct portion leading_portion(const struct leading *leading, const struct row *row);

/* Sends the load, which is whole but for its portion and its start, together with the others; all
 * records go to sending_take. The result is that of all ranks: the worst of what tells of health.
 * False, with a sentence, as load_run is, or where a rank could not send its portion. */
bool leading_send(struct leading *leading, struct sending *sending, struct load *load,
                  struct load_result *result, struct error *error);

/* A record of the own load of a step that is sent so, while others come in. */
struct led_step;
enum load_decision leading_take_own(struct led_step *step, const struct request *request,
                                    const struct request_texts *texts);

/* Adds to how far the own load of such a step is how far the others' are, as they last told. */
void leading_add_others(struct led_step *step, struct load_progress *now);

/* Once all members of a visit are ready to begin (load/start.h): waits until they are on every
 * rank, compares clocks, and agrees on the moment. `context` is one of its jobs. */
bool leading_agree(void *context, int64_t *start_ns);

/* Tells the others that the run is over; NULL is fine. */
void leading_free(struct leading *leading);

#endif
