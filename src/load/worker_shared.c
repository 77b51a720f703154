#include "load/worker_shared.h"

#include "core/clock.h"
#include "load/transfer.h"
#include "load/worker_transfers.h"

/* The next request that stands ready, kept until a place comes. */
static bool has_next(struct worker *worker)
{
    if (!worker->pending && !atomic_load(&worker->share->phases.over))
        worker->pending = worker_take_ready(worker);
    return worker->pending != NULL;
}

static void send_next(struct worker *worker, int64_t freed_ns)
{
    struct transfer *transfer = worker->pending;
    int64_t quiet_ns = worker->quiet.until_ns;

    worker->pending = NULL;
    if (phases_admit(&worker->share->phases, &transfer->composed.phase, clock_monotonic_ns()))
        worker_send(worker, transfer, freed_ns > quiet_ns ? freed_ns : quiet_ns);
    else
        worker_give_back(worker, transfer);
}

/* A place is taken only for a request that stands ready here: where another of the load's workers
 * has one ready, the place is left to it. */
void worker_fill_shared(struct worker *worker, size_t starts_most)
{
    const struct load *load = worker->share->load;
    int64_t freed_ns;

    while (worker->starts < starts_most && worker_may_send(worker) && has_next(worker) &&
           places_take(load->places, load->member, &freed_ns))
        send_next(worker, freed_ns);
}
