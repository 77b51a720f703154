#include "load/lane.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "core/clock.h"
#include "core/memory.h"
#include "load/slot.h"

static const int64_t tick_ns = CLOCK_NS_PER_S / 10;

/* So that a slip in a CSV opens no flood of connections; more are opened as requests need them. */
enum { AHEAD_MOST = 16384, AHEAD_OPEN_LOOP = 64 };

/* How long before an open-loop send its connection is seen to: a handshake fits in. */
static const int64_t see_to_ns = CLOCK_NS_PER_S;

/* Between looks at the sockets; starting thousands at once would stall the streams. A long body
 * counts for several starts. */
enum { STARTS_A_TURN = 8, BYTES_A_START = 65536 };

/* Between one spare connection and the next, or a server that closes at once would be asked without
 * end. */
static const int64_t spare_gap_ns = CLOCK_NS_PER_S / 4;

static bool is_open_loop(const struct lane *lane)
{
    return lane->share->load->row->concurrent_requests == 0;
}

static bool may_send(struct lane *lane)
{
    struct share *share = lane->share;

    return atomic_load(&share->end) == STEP_DONE && !*share->load->stop &&
           !atomic_load(&share->unkept);
}

/* --- Slots ------------------------------------------------------------------------------------ */

static struct slot *take_idle(struct lane *lane)
{
    if (lane->idle_count > 0)
        return lane->idle[--lane->idle_count];
    lane->slot = memory_grow(lane->slot, lane->slots, sizeof(struct slot *));
    lane->idle = memory_grow(lane->idle, lane->slots, sizeof(struct slot *));
    lane->again = memory_grow(lane->again, lane->slots, sizeof(struct slot *));
    lane->slot[lane->slots] = slot_new(lane->share->load->target, &lane->loop,
                                       lane->slots / LOOP_SHARD_TRANSFERS, lane->share->headers);
    lane->slot[lane->slots]->keep_text = lane->share->load->keep_texts;
    return lane->slot[lane->slots++];
}

/* A slot with the next request composed in it; NULL where none stands ready, or with `wait` where
 * none is left. */
static struct slot *take_composed(struct lane *lane, bool wait)
{
    struct slot *slot;

    if (lane->wave_at < lane->wave_count)
        return lane->wave[lane->wave_at++];
    slot = take_idle(lane);
    if (composer_take(&lane->share->composer, &slot->composed, wait)) {
        slot->attempt = 1;
        return slot;
    }
    lane->idle[lane->idle_count++] = slot;
    return NULL;
}

static void send_from(struct lane *lane, struct slot *slot, int64_t intended_ns)
{
    const struct load *load = lane->share->load;

    if (load->fit)
        load->fit(load->context, &slot->composed);
    slot_send(slot, intended_ns, load->body, load->image, ++lane->in_flight);
    lane->starts += 1 + slot->body_length / BYTES_A_START;
    atomic_fetch_add(&lane->share->started, 1);
    atomic_fetch_add(&lane->share->in_flight, 1);
}

/* Whether anything is in flight here or yet to be sent. */
static bool has_work(struct lane *lane)
{
    return lane->in_flight > 0 || lane->agains > 0 || lane->held ||
           lane->wave_at < lane->wave_count || !composer_is_over(&lane->share->composer);
}

static void end_row(struct lane *lane, enum step_end end)
{
    int done = STEP_DONE;

    atomic_compare_exchange_strong(&lane->share->end, &done, end);
}

/* Hands an ended attempt over. */
static void report(struct lane *lane, struct slot *slot)
{
    struct share *share = lane->share;
    struct said said = slot_said(slot);
    enum load_answer answer;

    lane->connections_opened += slot->request.new_connection;
    atomic_fetch_sub(&share->in_flight, 1);
    pthread_mutex_lock(&share->reporting);
    answer = share->load->on_request_done(share->load->context, &slot->request,
                                          slot->keep_text ? &said : NULL);
    pthread_mutex_unlock(&share->reporting);
    if (answer == LOAD_GIVE_UP)
        atomic_store(&share->unkept, true);
    else if (answer == LOAD_STOP_EARLY && has_work(lane))
        end_row(lane, STEP_STOPPED);
}

static void give_back(struct lane *lane, struct slot *slot)
{
    lane->idle[lane->idle_count++] = slot;
}

/* --- Closed loop ------------------------------------------------------------------------------ */

static void free_place(struct lane *lane, int64_t at_ns)
{
    lane->freed_ns[(lane->freed_at + lane->freed) % lane->places] = at_ns;
    lane->freed++;
}

static bool is_quiet(const struct lane *lane)
{
    return lane->quiet.until_ns > 0 && clock_monotonic_ns() < lane->quiet.until_ns;
}

static int64_t latest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Fills the places that are free with requests that stand ready. */
static void fill(struct lane *lane)
{
    while (lane->freed > 0 && lane->starts < STARTS_A_TURN && may_send(lane) && !is_quiet(lane)) {
        struct slot *slot = take_composed(lane, false);

        if (!slot)
            return;
        send_from(lane, slot, latest(lane->freed_ns[lane->freed_at], lane->quiet.until_ns));
        lane->freed_at = (lane->freed_at + 1) % lane->places;
        lane->freed--;
    }
}

/* --- Open loop -------------------------------------------------------------------------------- */

static int64_t moment_of(const struct lane *lane, const struct slot *slot)
{
    return lane->share->start_ns + clock_from_seconds(slot->composed.at_s);
}

static void hold(struct lane *lane)
{
    if (!lane->held)
        lane->held = take_composed(lane, false);
}

/* So that the next request finds a connection open where the server closed those that were idle. */
static void see_to_connection(struct lane *lane)
{
    int64_t now;

    if (!lane->held || lane->spare.opening || !lane->share->load->preconnect || !may_send(lane))
        return;
    now = clock_monotonic_ns();
    if (now < lane->spare_due_ns || moment_of(lane, lane->held) - now > see_to_ns ||
        !loop_lost_idle(&lane->loop, lane->held->shard))
        return;
    lane->spare_due_ns = now + spare_gap_ns;
    spare_open(&lane->spare, lane->held->shard);
}

static void send_due(struct lane *lane)
{
    while (may_send(lane) && lane->starts < STARTS_A_TURN) {
        hold(lane);
        if (!lane->held || moment_of(lane, lane->held) > clock_monotonic_ns())
            return;
        send_from(lane, lane->held, moment_of(lane, lane->held));
        lane->held = NULL;
    }
}

/* --- Sent again ------------------------------------------------------------------------------- */

static void wait_again(struct lane *lane, struct slot *slot, double wait_s)
{
    slot->again_ns = clock_monotonic_ns() + clock_from_seconds(wait_s);
    slot->attempt++;
    lane->again[lane->agains++] = slot;
}

static void send_again(struct lane *lane)
{
    int64_t now = lane->agains > 0 ? clock_monotonic_ns() : 0;

    for (size_t i = 0; i < lane->agains && lane->starts < STARTS_A_TURN && may_send(lane);) {
        struct slot *slot = lane->again[i];

        if (slot->again_ns > now) {
            i++;
            continue;
        }
        lane->again[i] = lane->again[--lane->agains];
        send_from(lane, slot, is_open_loop(lane) ? moment_of(lane, slot) : slot->again_ns);
    }
}

/* Those that wait when the row ends are not sent any more: their last attempt is what they have. */
static void forget_agains(struct lane *lane)
{
    while (lane->agains > 0)
        give_back(lane, lane->again[--lane->agains]);
}

/* --- What the loop tells ---------------------------------------------------------------------- */

static void begin_more(struct lane *lane)
{
    send_again(lane);
    if (is_open_loop(lane))
        send_due(lane);
    else
        fill(lane);
}

/* A request's attempt has ended: the next leaves at once, then it is handed over. */
static void end_attempt(struct lane *lane, struct slot *slot)
{
    const struct load *load = lane->share->load;
    double wait_s =
        may_send(lane) ? again_wait_s(load->retry, &slot->request, load->seed, load->step) : NAN;

    slot->request.retry_wait_s = wait_s;
    lane->in_flight--;
    if (!is_open_loop(lane)) /* whose moments are what the row asks for */
        quiet_note(&lane->quiet, &slot->request, clock_monotonic_ns());
    if (!isnan(wait_s)) {
        report(lane, slot);
        wait_again(lane, slot, wait_s);
        return;
    }
    if (!is_open_loop(lane)) {
        free_place(lane, slot->request.done_ns);
        fill(lane);
    }
    report(lane, slot);
    give_back(lane, slot);
}

static void on_done(void *context, CURL *easy, CURLcode result)
{
    struct lane *lane = context;
    struct slot *slot = NULL;

    if (easy == lane->spare.easy) {
        spare_ended(&lane->spare);
        lane->connections_reopened += result == CURLE_OK;
        return;
    }
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
    slot_finish(slot, result);
    if (lane->share->load->learn)
        lane->share->load->learn(lane->share->load->context, &slot->request);
    end_attempt(lane, slot);
}

/* --- Time ------------------------------------------------------------------------------------- */

static void cancel_all(struct lane *lane, enum request_end end, const char *sentence)
{
    for (size_t i = 0; i < lane->slots; i++) {
        if (lane->slot[i]->sending) {
            slot_abort(lane->slot[i], end, sentence);
            lane->in_flight--;
            report(lane, lane->slot[i]);
            give_back(lane, lane->slot[i]);
        }
    }
}

static void end_idle(struct lane *lane, int64_t now)
{
    int64_t patience = clock_from_seconds(lane->share->load->target->idle_timeout_s);

    for (size_t i = 0; i < lane->slots; i++) {
        struct slot *slot = lane->slot[i];

        if (!slot->sending || now - slot->alive_ns < patience)
            continue;
        slot_abort(slot, REQUEST_IDLE_TIMEOUT, "nothing whole arrived for connection.idle_timeout");
        end_attempt(lane, slot);
    }
}

static void keep_time(struct lane *lane, int64_t now)
{
    const struct load *load = lane->share->load;

    if (now >= lane->deadline_ns && has_work(lane))
        end_row(lane, STEP_TIMED_OUT);
    if (now >= lane->deadline_ns)
        cancel_all(lane, REQUEST_TIMEOUT, "the row's timeout ended it");
    if (*load->stop && lane->cancel_ns == CLOCK_NEVER) {
        lane->cancel_ns = now + clock_from_seconds(load->stop_grace_s);
        if (has_work(lane))
            end_row(lane, STEP_INTERRUPTED);
    }
    if (atomic_load(&lane->share->unkept) || *load->stop > 1 ||
        (*load->stop && now >= lane->cancel_ns))
        cancel_all(lane, REQUEST_CANCELLED, "the run was stopped");
}

static void tick(struct lane *lane)
{
    struct share *share = lane->share;
    int64_t now = clock_monotonic_ns();

    keep_time(lane, now);
    if (now < lane->tick_due_ns)
        return;
    lane->tick_due_ns = now + tick_ns;
    end_idle(lane, now);
    atomic_fetch_add(&share->chunks, lane->loop.chunks - lane->chunks_told);
    lane->chunks_told = lane->loop.chunks;
    if (lane->number == 0) {
        struct load_progress progress = {
            atomic_load(&share->started), atomic_load(&share->in_flight),
            atomic_load(&share->chunks), clock_seconds(share->start_ns, now)};

        share->load->on_progress(share->load->context, &progress);
    }
}

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_moment(struct lane *lane)
{
    int64_t moment = earliest(lane->tick_due_ns, lane->deadline_ns);

    if (lane->starts >= STARTS_A_TURN)
        return 0; /* more may be due: only look at the sockets */
    if (lane->held && may_send(lane))
        moment = earliest(moment, moment_of(lane, lane->held));
    if (is_quiet(lane))
        moment = earliest(moment, lane->quiet.until_ns);
    for (size_t i = 0; i < lane->agains; i++)
        moment = earliest(moment, lane->again[i]->again_ns);
    return moment;
}

static void run_to_end(struct lane *lane)
{
    for (;;) {
        lane->starts = 0;
        begin_more(lane);
        tick(lane);
        begin_more(lane); /* a place may have become free by a timeout */
        see_to_connection(lane);
        if (!may_send(lane))
            forget_agains(lane);
        if (lane->in_flight == 0 && (!may_send(lane) || !has_work(lane)))
            return;
        loop_turn(&lane->loop, next_moment(lane));
    }
}

/* --- A lane's life ---------------------------------------------------------------------------- */

bool lane_init(struct lane *lane, struct share *share, size_t number, struct error *error)
{
    size_t wanted = (size_t)share->load->row->concurrent_requests;

    *lane = (struct lane){.share = share, .number = number, .cancel_ns = CLOCK_NEVER};
    lane->places = wanted / share->lanes + (number < wanted % share->lanes);
    lane->freed_ns = memory_new(lane->places, sizeof *lane->freed_ns);
    lane->wave = memory_new(lane->places, sizeof(struct slot *));
    if (!loop_init(&lane->loop, error))
        return false;
    lane->loop.precise = share->load->precise;
    spare_init(&lane->spare, &lane->loop, share->load->target);
    return true;
}

static void open_ahead(struct lane *lane)
{
    const struct load *load = lane->share->load;
    size_t total = (size_t)load->row->num_requests;
    size_t wanted = is_open_loop(lane) ? AHEAD_OPEN_LOOP / lane->share->lanes : lane->places;

    wanted = wanted < total ? wanted : total;
    wanted = wanted < AHEAD_MOST ? wanted : AHEAD_MOST;
    if (load->target->http2) /* one for each shard */
        wanted = (wanted + LOOP_SHARD_TRANSFERS - 1) / LOOP_SHARD_TRANSFERS;
    if (load->preconnect)
        lane->connections_opened_ahead = ahead_open(&lane->loop, load->target, wanted, load->stop);
}

static void compose_wave(struct lane *lane)
{
    struct slot *slot = NULL;

    while (lane->wave_count < lane->places && !*lane->share->load->stop &&
           (slot = take_composed(lane, true)))
        lane->wave[lane->wave_count++] = slot;
    if (is_open_loop(lane))
        lane->held = take_composed(lane, true);
}

static double thread_cpu_s(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / CLOCK_NS_PER_S;
}

/* The last to come starts the row's clock. False: it will not start. */
static bool wait_for_all(struct share *share)
{
    bool go;

    pthread_mutex_lock(&share->gate);
    if (++share->arrived == share->lanes) {
        share->start_ns = clock_monotonic_ns();
        pthread_cond_broadcast(&share->opened);
    }
    while (share->arrived < share->lanes && !share->abandoned)
        pthread_cond_wait(&share->opened, &share->gate);
    go = !share->abandoned;
    pthread_mutex_unlock(&share->gate);
    return go;
}

void lane_abandon(struct share *share)
{
    pthread_mutex_lock(&share->gate);
    share->abandoned = true;
    pthread_cond_broadcast(&share->opened);
    pthread_mutex_unlock(&share->gate);
}

static void begin(struct lane *lane)
{
    struct share *share = lane->share;

    lane->deadline_ns = share->start_ns + clock_from_seconds(share->load->timeout_s);
    lane->tick_due_ns = share->start_ns;
    for (size_t i = 0; i < lane->places; i++)
        free_place(lane, share->start_ns);
    loop_forget_health(&lane->loop);
    lane->loop.on_done = on_done;
    lane->loop.context = lane;
}

void *lane_run(void *context)
{
    struct lane *lane = context;
    double cpu_s, wall_s;

    open_ahead(lane);
    compose_wave(lane);
    if (!wait_for_all(lane->share))
        return NULL;
    begin(lane);
    cpu_s = thread_cpu_s();
    run_to_end(lane);
    wall_s = clock_seconds(lane->share->start_ns, clock_monotonic_ns());
    lane->cpu_share = wall_s > 0 ? (thread_cpu_s() - cpu_s) / wall_s : 0;
    return NULL;
}

void lane_clear(struct lane *lane)
{
    for (size_t i = 0; i < lane->slots; i++)
        slot_free(lane->slot[i]);
    spare_clear(&lane->spare);
    free(lane->slot);
    free(lane->idle);
    free(lane->again);
    free(lane->wave);
    free(lane->freed_ns);
    loop_clear(&lane->loop);
}
