/* When a worker's requests have had their time: the row's, their own, or the run's; inside this
 * room. */
#ifndef LOAD_WORKER_TIME_H
#define LOAD_WORKER_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "load/worker.h"

/* Whether a request has had its time, or the server sent nothing for too long: how it ends then,
 * and the sentence that says so, which is static. */
bool worker_is_late(const struct worker *worker, const struct transfer *transfer, int64_t now,
                    enum request_end *end, const char **sentence);

/* Ends the row at its timeout and where the run is stopped, and cancels what is in flight once that
 * may no longer finish. */
void worker_keep_time(struct worker *worker, int64_t now);

#endif
