#include "load/worker.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "load/tail.h"
#include "load/transfer.h"
#include "load/turns.h"
#include "load/worker_shared.h"
#include "load/worker_time.h"
#include "load/worker_transfers.h"

static const int64_t tick_ns = CLOCK_NS_PER_S / 10;

/* Between looks at the sockets; starting thousands at once would stall the streams. */
enum { STARTS_A_TURN = 8 };

static bool is_open_loop(const struct worker *worker)
{
    return worker->share->load->row->concurrent_requests == 0;
}

/* --- Closed loop ------------------------------------------------------------------------------ */

static struct places *shared_places(const struct worker *worker)
{
    return worker->share->load->places;
}

static void free_place(struct worker *worker, int64_t at_ns)
{
    if (shared_places(worker)) {
        places_give(shared_places(worker), at_ns);
        return;
    }
    worker->freed_ns[(worker->freed_at + worker->freed) % worker->places] = at_ns;
    worker->freed++;
}

static bool is_quiet(const struct worker *worker)
{
    return worker->quiet.until_ns > 0 && clock_monotonic_ns() < worker->quiet.until_ns;
}

static int64_t latest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The next request that stands ready, unless the row's time is up; NULL: none. */
static struct transfer *take_next(struct worker *worker)
{
    struct phases *phases = &worker->share->phases;
    struct transfer *transfer = atomic_load(&phases->over) ? NULL : worker_take_ready(worker);

    if (!transfer || phases_admit(phases, &transfer->composed.phase, clock_monotonic_ns()))
        return transfer;
    worker_give_back(worker, transfer);
    return NULL;
}

/* Fills the places that are free with requests that stand ready. */
static void fill(struct worker *worker)
{
    if (shared_places(worker) && !is_quiet(worker))
        worker_fill_shared(worker, STARTS_A_TURN);
    while (worker->freed > 0 && worker->starts < STARTS_A_TURN && worker_may_send(worker) &&
           !is_quiet(worker)) {
        struct transfer *transfer = take_next(worker);
        int64_t freed_ns = worker->freed_ns[worker->freed_at];

        if (!transfer)
            return;
        worker->freed_at = (worker->freed_at + 1) % worker->places;
        worker->freed--;
        worker_send(worker, transfer, latest(freed_ns, worker->quiet.until_ns));
    }
}

/* --- Open loop -------------------------------------------------------------------------------- */

static int64_t moment_of(const struct worker *worker, const struct transfer *transfer)
{
    if (transfer->composed.asked.turn > 1)
        return transfer->turn_ns;
    return worker->share->start_ns + clock_from_seconds(transfer->composed.at_s);
}

static void hold(struct worker *worker)
{
    if (!worker->pending)
        worker->pending = worker_take_ready(worker);
}

static int64_t due_ns(const struct worker *worker)
{
    return moment_of(worker, worker->pending) - worker->ahead.lead_ns;
}

static void send_due(struct worker *worker)
{
    while (worker_may_send(worker) && worker->starts < STARTS_A_TURN) {
        hold(worker);
        if (!worker->pending || due_ns(worker) > clock_monotonic_ns() ||
            !ceiling_take(&worker->share->ceiling, moment_of(worker, worker->pending),
                          &worker->held, &worker->pending->let_go_ns))
            return;
        phases_admit(&worker->share->phases, &worker->pending->composed.phase,
                     moment_of(worker, worker->pending));
        ahead_begin(&worker->ahead);
        worker_send(worker, worker->pending, moment_of(worker, worker->pending));
        ahead_end(&worker->ahead);
        worker->pending = NULL;
    }
}

/* The place of a request that has ended is another's. */
static void leave_free(struct worker *worker, int64_t at_ns)
{
    if (is_open_loop(worker))
        ceiling_give(&worker->share->ceiling, clock_monotonic_ns());
    else
        free_place(worker, at_ns);
}

/* --- Retries ---------------------------------------------------------------------------------- */

static void wait_to_retry(struct worker *worker, struct transfer *transfer, double wait_s)
{
    transfer->retry_ns = clock_monotonic_ns() + clock_from_seconds(wait_s);
    transfer->attempt++;
    worker->retry[worker->retries++] = transfer;
}

/* The row's time is up before its retry was due. */
static void give_up_retry(struct worker *worker, struct transfer *transfer, int64_t now)
{
    worker_give_back(worker, transfer);
    leave_free(worker, now);
}

static void send_retries(struct worker *worker)
{
    int64_t now = worker->retries > 0 ? clock_monotonic_ns() : 0;

    for (size_t i = 0;
         i < worker->retries && worker->starts < STARTS_A_TURN && worker_may_send(worker);) {
        struct transfer *transfer = worker->retry[i];

        if (transfer->retry_ns > now) {
            i++;
            continue;
        }
        worker->retry[i] = worker->retry[--worker->retries];
        if (!phases_allow(&worker->share->phases, transfer->composed.phase, now))
            give_up_retry(worker, transfer, now);
        else
            worker_send(worker, transfer,
                        is_open_loop(worker) ? moment_of(worker, transfer) : transfer->retry_ns);
    }
}

/* --- Later turns of sessions ------------------------------------------------------------------ */

static void send_turns(struct worker *worker)
{
    int64_t now = worker->thinking.count > 0 ? clock_monotonic_ns() : 0;
    struct transfer *transfer;

    for (size_t ended = turns_end(worker, now); ended > 0 && !is_open_loop(worker); ended--)
        free_place(worker, now);
    while (worker->starts < STARTS_A_TURN && worker_may_send(worker) && !is_quiet(worker) &&
           (transfer = turns_take_due(worker)))
        worker_send(worker, transfer, latest(transfer->turn_ns, worker->quiet.until_ns));
}

/* Those that wait when the row ends are not sent any more: their last attempt is what they have. */
static void forget_retries(struct worker *worker)
{
    while (worker->retries > 0) {
        worker_give_back(worker, worker->retry[--worker->retries]);
        if (shared_places(worker))
            free_place(worker, clock_monotonic_ns());
    }
}

/* --- What the loop tells ---------------------------------------------------------------------- */

static void begin_more(struct worker *worker)
{
    send_retries(worker);
    send_turns(worker);
    if (is_open_loop(worker))
        send_due(worker);
    else
        fill(worker);
}

/* The next request leaves at once, unless it would use a connection that is on trial. */
static void leave_place(struct worker *worker, const struct transfer *transfer, bool on_trial)
{
    if (is_open_loop(worker)) {
        ceiling_give(&worker->share->ceiling, clock_monotonic_ns());
        return;
    }
    if (on_trial && !shared_places(worker))
        pool_hold_place(&worker->pool);
    else
        free_place(worker, transfer->request.done_ns);
    fill(worker);
}

/* Until the request is sent again; NAN: it is not. */
static double retry_wait_s(struct worker *worker, const struct transfer *transfer)
{
    const struct load *load = worker->share->load;
    double wait_s = worker_may_send(worker)
                        ? retry_delay_s(load->retry, &transfer->request, load->seed, load->step)
                        : NAN;
    int64_t at_ns = isnan(wait_s) ? 0 : clock_monotonic_ns() + clock_from_seconds(wait_s);

    return isnan(wait_s) || phases_allow(&worker->share->phases, transfer->composed.phase, at_ns)
               ? wait_s
               : NAN;
}

/* A request's attempt has ended: the next leaves, then it is handed over. */
static void end_attempt(struct worker *worker, struct transfer *transfer, bool on_trial)
{
    double wait_s = retry_wait_s(worker, transfer);
    bool follows;

    transfer->request.retry_wait_s = wait_s;
    worker->in_flight--;
    if (!is_open_loop(worker)) /* whose moments are what the row asks for */
        quiet_note(&worker->quiet, &transfer->request, clock_monotonic_ns());
    if (!isnan(wait_s)) {
        worker_report(worker, transfer);
        wait_to_retry(worker, transfer, wait_s);
        return;
    }
    follows = turns_follow(worker, transfer);
    if (!transfer->has_left && (!follows || is_open_loop(worker)))
        leave_place(worker, transfer, on_trial);
    worker_report(worker, transfer);
    if (follows)
        turns_wait(worker, transfer);
    else
        worker_give_back(worker, transfer);
}

static void on_done(void *context, CURL *easy, CURLcode result)
{
    struct worker *worker = context;
    struct transfer *transfer = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    if (!transfer) {
        pool_preconnect_ended(&worker->pool, easy, result);
        return;
    }
    transfer_finish(transfer, result);
    if (worker->share->load->learn)
        worker->share->load->learn(worker->share->load->context, &transfer->request);
    end_attempt(worker, transfer, pool_note_end(&worker->pool, transfer));
}

/* --- Bodies that are open behind their responses ---------------------------------------------- */

static void leave_tail(void *context, struct transfer *transfer)
{
    struct worker *worker = context;

    if (is_open_loop(worker) || !turns_follow(worker, transfer))
        leave_free(worker, transfer->request.done_ns);
    else
        transfer->has_left = false; /* the place is its session's */
}

/* It has completed, whatever the sentence says. */
static void give_up_tail(void *context, struct transfer *transfer)
{
    transfer_abort(transfer, REQUEST_CANCELLED, "its body stayed open");
    end_attempt(context, transfer, false);
}

static void see_to_tails(struct worker *worker)
{
    const struct tail_care care = {leave_tail, give_up_tail, worker};

    worker->tail_due_ns = tail_look(&worker->loop, &care);
}

/* --- Time ------------------------------------------------------------------------------------- */

static void end_late(struct worker *worker, int64_t now)
{
    enum request_end end;
    const char *sentence;

    for (size_t i = 0; i < worker->transfers; i++) {
        struct transfer *transfer = worker->transfer[i];

        if (!transfer->sending || !worker_is_late(worker, transfer, now, &end, &sentence))
            continue;
        transfer_abort(transfer, end, sentence);
        end_attempt(worker, transfer, false);
    }
}

static void tick(struct worker *worker)
{
    struct share *share = worker->share;
    int64_t now = clock_monotonic_ns();

    worker_keep_time(worker, now);
    if (now < worker->tick_due_ns)
        return;
    worker->tick_due_ns = now + tick_ns;
    end_late(worker, now);
    atomic_fetch_add(&share->chunks, worker->loop.chunks - worker->chunks_reported);
    worker->chunks_reported = worker->loop.chunks;
    if (worker->number == 0) {
        struct load_progress progress = {
            atomic_load(&share->started), atomic_load(&share->in_flight),
            atomic_load(&share->chunks), clock_seconds(share->start_ns, now),
            phases_counted_s(&share->phases, now)};

        share->load->on_progress(share->load->context, &progress);
    }
}

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A composed request, for its moment; with places in common it waits for one of these. */
static bool waits_for_moment(struct worker *worker)
{
    return worker->pending && is_open_loop(worker) && worker_may_send(worker);
}

static int64_t next_moment(struct worker *worker)
{
    int64_t moment =
        earliest(earliest(worker->tick_due_ns, worker->deadline_ns), worker->tail_due_ns);
    int64_t trial_due_ns = pool_due_ns(&worker->pool);

    if (worker->starts >= STARTS_A_TURN)
        return 0;                                  /* more may be due: only look at the sockets */
    if (waits_for_moment(worker) && !worker->held) /* else it is woken */
        moment = earliest(moment, due_ns(worker));
    if (trial_due_ns != CLOCK_NEVER)
        moment = earliest(moment, trial_due_ns);
    if (turns_due_ns(worker) != CLOCK_NEVER && worker_may_send(worker))
        moment = earliest(moment, latest(turns_due_ns(worker), worker->quiet.until_ns));
    if (is_quiet(worker))
        moment = earliest(moment, worker->quiet.until_ns);
    for (size_t i = 0; i < worker->retries; i++)
        moment = earliest(moment, worker->retry[i]->retry_ns);
    return moment;
}

/* Sees to what the next requests will need. */
static void see_to_connection(struct worker *worker)
{
    if (waits_for_moment(worker))
        pool_see_to(&worker->pool, worker->pending, moment_of(worker, worker->pending));
}

/* Places whose connection is known to outlive its response, or not, take the next request. */
static void end_trials(struct worker *worker)
{
    int64_t now = clock_monotonic_ns();

    for (size_t freed = pool_look(&worker->pool, now); freed > 0; freed--)
        free_place(worker, now);
}

static void run_to_end(struct worker *worker)
{
    for (;;) {
        worker->starts = 0;
        see_to_tails(worker);
        end_trials(worker);
        begin_more(worker);
        tick(worker);
        begin_more(worker); /* a place may have become free by a timeout */
        see_to_connection(worker);
        if (!worker_may_send(worker)) {
            forget_retries(worker);
            turns_forget(worker);
        }
        if (worker->in_flight == 0 && (!worker_may_send(worker) || !worker_has_work(worker)))
            return;
        loop_turn(&worker->loop, next_moment(worker));
    }
}

/* --- A worker's life -------------------------------------------------------------------------- */

/* Places in common come and go; the load begins with so many. */
static size_t places_of(const struct load *load)
{
    return load->places ? places_at_start(load->places, load->member)
                        : portion_count(&load->portion, (size_t)load->row->concurrent_requests);
}

bool worker_init(struct worker *worker, struct share *share, size_t number, struct error *error)
{
    size_t wanted = places_of(share->load);

    *worker = (struct worker){.share = share, .number = number, .cancel_ns = CLOCK_NEVER};
    worker->places = wanted / share->workers + (number < wanted % share->workers);
    worker->freed_ns = memory_new(worker->places, sizeof *worker->freed_ns);
    worker->wave = memory_new(worker->places, sizeof(struct transfer *));
    if (!loop_init(&worker->loop, error))
        return false;
    ahead_init(&worker->ahead);
    worker->loop.precise = share->load->precise;
    worker->loop.sealed = target_is_sealed(share->load->target);
    pool_init(&worker->pool, &worker->loop, share->load, share->workers);
    return true;
}

static void compose_wave(struct worker *worker)
{
    struct transfer *transfer = NULL;

    while (worker->wave_count < worker->places && !*worker->share->load->stop &&
           (transfer = worker_take(worker, true)))
        worker->wave[worker->wave_count++] = transfer;
    if (is_open_loop(worker))
        worker->pending = worker_take(worker, true);
}

static void begin(struct worker *worker)
{
    struct share *share = worker->share;

    worker->deadline_ns = share->start_ns + clock_from_seconds(share->load->timeout_s);
    worker->tick_due_ns = share->start_ns;
    for (size_t i = 0; i < worker->places && !shared_places(worker); i++)
        free_place(worker, share->start_ns);
    loop_turn(&worker->loop, share->start_ns); /* what the server closed by now is used by none */
    loop_forget_health(&worker->loop);
    worker->loop.on_done = on_done;
    worker->loop.context = worker;
    if (shared_places(worker)) {
        phases_begin(&share->phases, share->start_ns);
        places_open(shared_places(worker), share->start_ns);
    }
}

void *worker_run(void *context)
{
    struct worker *worker = context;
    double cpu_s, wall_s;

    pool_preconnect(&worker->pool, worker->places);
    compose_wave(worker);
    if (!worker_wait_for_all(worker->share))
        return NULL;
    begin(worker);
    cpu_s = clock_thread_cpu_s();
    run_to_end(worker);
    wall_s = clock_seconds(worker->share->start_ns, clock_monotonic_ns());
    worker->cpu_share = wall_s > 0 ? (clock_thread_cpu_s() - cpu_s) / wall_s : 0;
    return NULL;
}

void worker_clear(struct worker *worker)
{
    for (size_t i = 0; i < worker->transfers; i++)
        transfer_free(worker->transfer[i]);
    pool_clear(&worker->pool);
    free(worker->transfer);
    free(worker->idle);
    free(worker->retry);
    free(worker->wave);
    free(worker->freed_ns);
    thinking_clear(&worker->thinking);
    loop_clear(&worker->loop);
}
