/* Which requests of a row ran together, and at which batch sizes (formats.md, section 8). Study,
 * summary, workbook and page all ask here. */
#ifndef STATS_BATCHES_H
#define STATS_BATCHES_H

#include "record/request.h"
#include "record/step.h"

/* A batch size is a whole number from 1 to this: no server in use runs larger batches. What a
 * server reports beyond counts as not reported, so that a row has no more sizes than this. */
enum { BATCHES_SIZE_MOST = 1024 };

/* What of a completed request tells its batch. */
struct batch_member {
    int64_t sent_ns, done_ns; /* by the client's clock */
    double first_token_s;     /* the same in seconds; NAN: not known */
    double reported;          /* batch_size_used; NAN: not reported, or no batch size */
    double server_ttft_s;     /* NAN: not reported */
    double size;              /* that it ran at: what is found; NAN: not known */
    size_t batch;             /* its batch's number, from 0: what is found; SIZE_MAX: not known */
};

/* Of a completed request; nothing is found yet. */
struct batch_member batches_member(const struct outcome *outcome);

/* Finds the batches of completed requests. One batch are those of the same server TTFT, to the last
 * digit, and of the same `batch_size_used`, whose first tokens came at most half a TTFT apart and
 * which all overlapped; so it holds no more than what was in flight at once, nor more than its
 * reported size. Its size is `batch_size_used`, else the next power of two that holds them. True
 * where every request reports its size. */
bool batches_find(struct batch_member *members, size_t count);

/* The size of more than half of `requests`, of which each size ran `count[].requests`; NAN: none.
 */
double batches_representative(const struct batch_count *count, size_t sizes, size_t requests);

/* Fills the step's batch fields from its requests. Requests of no known size are in no batch. */
void batches_count(const struct outcome *outcomes, size_t count, struct step *step);

/* Counts requests by their sizes, which ascend; NAN is left out. Returns how many sizes there are;
 * `*counted` is grown to hold them, for the caller to free. */
size_t batches_tally(const struct batch_member *members, size_t count,
                     struct batch_count **counted);

#endif
