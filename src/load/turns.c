#include "load/turns.h"

#include "core/clock.h"
#include "load/transfer.h"
#include "load/worker_transfers.h"
#include "traffic/sessions.h"

/* When the turn that is composed is to leave: the pause runs from the response's end; a trace's
 * turn leaves at its moment, if the response has come by then. */
static int64_t due_ns(const struct worker *worker, const struct transfer *transfer)
{
    const struct load *load = worker->share->load;
    const struct asked *asked = &transfer->composed.asked;
    int64_t done_ns = transfer->request.done_ns, moment_ns;

    if (!load->row->trace)
        return done_ns + clock_from_seconds(sessions_pause_s(load->row, load->seed, load->step,
                                                             asked->session, asked->turn));
    moment_ns = worker->share->start_ns + clock_from_seconds(transfer->composed.at_s);
    return moment_ns > done_ns ? moment_ns : done_ns;
}

bool turns_follow(struct worker *worker, const struct transfer *transfer)
{
    return transfer->composed.asked.turn < transfer->composed.asked.turns &&
           transfer->request.end == REQUEST_COMPLETED && worker_may_send(worker);
}

void turns_wait(struct worker *worker, struct transfer *transfer)
{
    const struct load *load = worker->share->load;

    load->compose_turn(load->context, &transfer->composed,
                       transfer->reply.text.bytes ? transfer->reply.text.bytes : "");
    transfer->turn_ns = due_ns(worker, transfer);
    transfer->attempt = 1;
    transfer->held = false;
    transfer->let_go_ns = CLOCK_NEVER;
    thinking_add(&worker->thinking, transfer->turn_ns, transfer);
}

int64_t turns_due_ns(const struct worker *worker)
{
    const struct thought *first;

    if (worker->thinking.count == 0)
        return CLOCK_NEVER;
    first = thinking_first(&worker->thinking);
    return first->transfer->held ? CLOCK_NEVER : first->due_ns;
}

struct transfer *turns_take_due(struct worker *worker)
{
    const struct thought *first;

    if (worker->thinking.count == 0)
        return NULL;
    first = thinking_first(&worker->thinking);
    if (first->due_ns > clock_monotonic_ns() ||
        !ceiling_take(&worker->share->ceiling, first->due_ns, &first->transfer->held,
                      &first->transfer->let_go_ns))
        return NULL;
    return thinking_take(&worker->thinking);
}

size_t turns_end(struct worker *worker, int64_t now_ns)
{
    struct phases *phases = &worker->share->phases;
    struct thinking kept = {0};
    size_t ended = 0;

    if (worker->thinking.count == 0 || phases_allow(phases, REQUEST_COUNTED, now_ns))
        return 0;
    while (worker->thinking.count > 0) {
        struct transfer *transfer = thinking_take(&worker->thinking);

        if (phases_allow(phases, transfer->composed.phase, now_ns)) {
            thinking_add(&kept, transfer->turn_ns, transfer);
            continue;
        }
        worker_give_back(worker, transfer);
        ended++;
    }
    thinking_clear(&worker->thinking);
    worker->thinking = kept;
    return ended;
}

void turns_forget(struct worker *worker)
{
    while (worker->thinking.count > 0)
        worker_give_back(worker, thinking_take(&worker->thinking));
}
