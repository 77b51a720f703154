/* What a worker does with its transfers: takes one with a composed request, sends it, hands its
 * record over and takes it back; inside this room. */
#ifndef LOAD_WORKER_TRANSFERS_H
#define LOAD_WORKER_TRANSFERS_H

#include <stdbool.h>
#include <stdint.h>

#include "load/worker.h"

/* Whether the row still sends requests: it has not ended, is not stopped, and records are kept. */
bool worker_may_send(struct worker *worker);

/* Whether anything is in flight here or yet to be sent. */
bool worker_has_work(struct worker *worker);

/* A transfer with the next request composed in it; NULL where none stands ready, or with `wait`
 * where none is left. Give it back once its request has ended. */
struct transfer *worker_take(struct worker *worker, bool wait);

/* The same without waiting; those of the first wave, which were composed before the start, first.
 */
struct transfer *worker_take_ready(struct worker *worker);
void worker_give_back(struct worker *worker, struct transfer *transfer);

/* Sends the transfer's request. `intended_ns` is when it was to leave. */
void worker_send(struct worker *worker, struct transfer *transfer, int64_t intended_ns);

/* Hands the record of an ended attempt over, and ends the row where its owner wants no more. */
void worker_report(struct worker *worker, struct transfer *transfer);

/* Ends the row for that reason, unless it has one. */
void worker_end_row(struct worker *worker, enum step_end end);

#endif
