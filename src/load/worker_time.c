#include "load/worker_time.h"

#include "core/clock.h"
#include "load/transfer.h"
#include "load/worker_transfers.h"

static void cancel_all(struct worker *worker, enum request_end end, const char *sentence)
{
    for (size_t i = 0; i < worker->transfers; i++) {
        if (worker->transfer[i]->sending) {
            transfer_abort(worker->transfer[i], end, sentence);
            worker->in_flight--;
            worker_report(worker, worker->transfer[i]);
            worker_give_back(worker, worker->transfer[i]);
        }
    }
}

bool worker_is_late(const struct worker *worker, const struct transfer *transfer, int64_t now,
                    enum request_end *end, const char **sentence)
{
    const struct load *load = worker->share->load;

    if (load->request_timeout_s > 0 &&
        now - transfer->request.started_ns >= clock_from_seconds(load->request_timeout_s)) {
        *end = REQUEST_TIMEOUT;
        *sentence = "request_timeout ended it";
        return true;
    }
    *end = REQUEST_IDLE_TIMEOUT;
    *sentence = "nothing whole arrived for connection.idle_timeout";
    return now - transfer->alive_ns >= clock_from_seconds(load->target->idle_timeout_s);
}

void worker_keep_time(struct worker *worker, int64_t now)
{
    const struct load *load = worker->share->load;

    phases_keep_time(&worker->share->phases, now);
    if (now >= worker->deadline_ns && worker_has_work(worker))
        worker_end_row(worker, STEP_TIMED_OUT);
    if (now >= worker->deadline_ns)
        cancel_all(worker, REQUEST_TIMEOUT, "the row's timeout ended it");
    if (load->enough && atomic_load(load->enough) && worker_has_work(worker))
        worker_end_row(worker, STEP_STOPPED);
    if (*load->stop && worker->cancel_ns == CLOCK_NEVER) {
        worker->cancel_ns = now + clock_from_seconds(load->stop_grace_s);
        if (worker_has_work(worker))
            worker_end_row(worker, STEP_INTERRUPTED);
    }
    if (atomic_load(&worker->share->unkept) || *load->stop > 1 ||
        (*load->stop && now >= worker->cancel_ns))
        cancel_all(worker, REQUEST_CANCELLED, "the run was stopped");
}
