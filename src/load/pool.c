#include "load/pool.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "load/route.h"
#include "load/sockets.h"

/* So that a slip in a CSV opens no flood of connections; more are opened as requests need them. */
enum { PRECONNECT_MOST = 16384, PRECONNECT_OPEN_LOOP = 64 };

/* How long before an open-loop send its connection is seen to: a handshake fits in. */
static const int64_t see_to_ns = CLOCK_NS_PER_S;

/* Between one such connection and the next, or a server that closes at once would be asked without
 * end. */
static const int64_t preconnect_gap_ns = CLOCK_NS_PER_S / 4;

/* Trials that end within this are waited for together. */
static const int64_t bunch_ns = CLOCK_NS_PER_S / 200;

static bool is_open_loop(const struct pool *pool)
{
    return pool->row->concurrent_requests == 0;
}

static enum reuse_mode mode_of(const struct pool *pool)
{
    return reuse_now(pool->target->reuse);
}

void pool_init(struct pool *pool, struct loop *loop, const struct load *load, size_t workers)
{
    size_t ranks = load->portion.ranks;

    *pool = (struct pool){.loop = loop,
                          .target = load->target,
                          .row = load->row,
                          .stop = load->stop,
                          .preconnect = load->preconnect,
                          .workers = (double)(workers * (ranks > 1 ? ranks : 1))};
    preconnections_init(&pool->preconnections, loop, load->target);
}

/* --- Before the row --------------------------------------------------------------------------- */

/* Where each request has its own connection, as many as may leave while one is opened. */
static size_t ready_wanted(const struct pool *pool)
{
    double leaving = pool->row->qps / pool->workers * ((double)see_to_ns / CLOCK_NS_PER_S);

    return leaving < PRECONNECTIONS_MOST - 1 ? (size_t)ceil(leaving) + 1 : PRECONNECTIONS_MOST;
}

static size_t wanted_preconnections(const struct pool *pool, size_t places)
{
    size_t total = (size_t)row_requests_most(pool->row), wanted = places;
    bool alone = mode_of(pool) == REUSE_NEVER;

    if (!pool->preconnect || (alone && !is_open_loop(pool)))
        return 0;
    if (is_open_loop(pool))
        wanted = alone ? ready_wanted(pool) : PRECONNECT_OPEN_LOOP / (size_t)pool->workers;
    wanted = wanted < total ? wanted : total;
    wanted = wanted < PRECONNECT_MOST ? wanted : PRECONNECT_MOST;
    if (pool->target->http2) /* one for each shard and address */
        wanted = (wanted + LOOP_SHARD_TRANSFERS - 1) / LOOP_SHARD_TRANSFERS *
                 route_count(pool->target->addresses);
    return wanted;
}

static size_t count_idle(const struct pool *pool)
{
    size_t idle = 0;

    for (size_t i = 0; i < pool->loop->shards; i++)
        idle += sockets_idle(pool->loop, i);
    return idle;
}

/* Before the first of them is used: one that the server closes by then is used by none. */
static void look_at_opened(struct pool *pool)
{
    struct reuse *reuse = pool->target->reuse;
    int64_t until_ns = clock_monotonic_ns() + reuse_trial_ns;

    if (pool->preconnected == 0 || !reuse_tries_preconnected(reuse))
        return;
    while (clock_monotonic_ns() < until_ns && !*pool->stop)
        loop_turn(pool->loop, until_ns);
    for (size_t i = count_idle(pool); i > 0; i--)
        reuse_note_preconnected_outlived(reuse);
}

void pool_preconnect(struct pool *pool, size_t places)
{
    size_t wanted = wanted_preconnections(pool, places);

    pool->dropped = mode_of(pool) == REUSE_NEVER; /* none will be used twice */
    if (wanted == 0)
        return;
    pool->preconnected = preconnect_open(pool->loop, pool->target, wanted, pool->stop);
    pool->begun = pool->preconnected;
    look_at_opened(pool);
}

/* --- Before an open-loop request -------------------------------------------------------------- */

/* One small request for each of the row's at most, whatever the server does with its connection. */
static bool may_ask(const struct pool *pool)
{
    size_t most = pool->taken + ready_wanted(pool) * pool->loop->shards;
    size_t total = (size_t)row_requests_most(pool->row);

    return pool->begun < (most < total ? most : total);
}

static size_t count_ready(const struct pool *pool, size_t shard)
{
    return sockets_idle(pool->loop, shard) + preconnections_opening(&pool->preconnections, shard);
}

/* Those that are ready are for the next requests from `index` on, this one for the first behind
 * them; the workers share the requests. */
static void keep_ready(struct pool *pool, size_t shard, size_t index)
{
    while (count_ready(pool, shard) < ready_wanted(pool) && may_ask(pool) &&
           preconnections_open(&pool->preconnections, shard,
                               index + count_ready(pool, shard) * (size_t)pool->workers))
        pool->begun++;
}

/* Those that were used before may be closed while a request is on its way to them. */
static void drop_used(struct pool *pool)
{
    if (pool->dropped)
        return;
    pool->dropped = true;
    sockets_drop_used(pool->loop);
}

void pool_see_to(struct pool *pool, const struct transfer *transfer, int64_t moment_ns)
{
    size_t shard = transfer->shard, index = transfer->composed.index;
    int64_t now = clock_monotonic_ns();

    if (mode_of(pool) == REUSE_NEVER)
        drop_used(pool);
    if (!pool->preconnect || moment_ns - now > see_to_ns)
        return;
    if (mode_of(pool) == REUSE_NEVER) {
        keep_ready(pool, shard, index);
    } else if (pool->preconnections.opening == 0 && now >= pool->preconnect_due_ns &&
               sockets_lost_idle(pool->loop, shard)) {
        pool->preconnect_due_ns = now + preconnect_gap_ns;
        pool->begun += preconnections_open(&pool->preconnections, shard, index);
    }
}

void pool_preconnect_ended(struct pool *pool, const CURL *easy, CURLcode result)
{
    preconnections_ended(&pool->preconnections, easy);
    pool->reopened += result == CURLE_OK;
}

/* --- Used again or not ------------------------------------------------------------------------ */

static bool has_trial(const struct pool *pool, size_t shard)
{
    for (size_t i = 0; i < pool->trials; i++) {
        if (pool->trial[i].shard == shard)
            return true;
    }
    return false;
}

/* libcurl takes any idle connection of the shard: while one is on trial there, a new one is opened
 * rather than that one used. */
void pool_choose(struct pool *pool, struct transfer *transfer)
{
    bool alone = mode_of(pool) == REUSE_NEVER;
    bool fresh = alone ? !is_open_loop(pool) : has_trial(pool, transfer->shard);

    pool->taken++;
    curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, (long)fresh);
    curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, (long)alone);
}

/* Later, one whose response has just ended would be there to be taken; and an open-loop request
 * leaves at its moment. */
void pool_begin(struct pool *pool, const struct transfer *transfer)
{
    if (mode_of(pool) == REUSE_AUTO || is_open_loop(pool))
        loop_begin(pool->loop, transfer->shard);
}

/* A request that was sent on an open connection, and of whose response not even the head came. */
static bool found_dead(const struct transfer *transfer)
{
    const struct request *request = &transfer->request;

    return request->end == REQUEST_CONNECTION_RESET && !request->new_connection &&
           request->sent_ns != CLOCK_NEVER && request->first_event_ns == CLOCK_NEVER &&
           transfer->reply.page.length == 0;
}

static void begin_trial(struct pool *pool, const struct transfer *transfer, bool counts)
{
    int64_t now = clock_monotonic_ns();

    if (pool->trials == pool->trial_room) {
        pool->trial_room = pool->trial_room ? 2 * pool->trial_room : 16;
        pool->trial = memory_resize(pool->trial, pool->trial_room, sizeof *pool->trial);
    }
    pool->trial[pool->trials++] = (struct trial){.socket = pool->loop->done_socket,
                                                 .shard = transfer->shard,
                                                 .ended_ns = now,
                                                 .due_ns = now + reuse_trial_ns,
                                                 .counts = counts};
}

bool pool_note_end(struct pool *pool, const struct transfer *transfer)
{
    const struct request *request = &transfer->request;
    curl_socket_t socket = pool->loop->done_socket;
    bool streamed = request->end == REQUEST_COMPLETED && !request->non_streaming;

    if (sockets_is_idle(pool->loop, socket))
        sockets_note_used(pool->loop, socket);
    if (found_dead(transfer))
        reuse_note_dead(pool->target->reuse);
    if (mode_of(pool) != REUSE_AUTO || request->http_status == 0)
        return false;
    if (socket == CURL_SOCKET_BAD) { /* the response announced that its connection ends */
        if (streamed)
            reuse_note_closed(pool->target->reuse, REUSE_ANNOUNCED);
        return false;
    }
    if (!sockets_is_idle(pool->loop, socket))
        return false;
    begin_trial(pool, transfer, streamed);
    return true;
}

void pool_hold_place(struct pool *pool)
{
    pool->trial[pool->trials - 1].holds_place = true;
}

/* --- Trials ----------------------------------------------------------------------------------- */

/* By a look at the socket itself: its event may still be in line. */
static bool is_closed(const struct pool *pool, curl_socket_t socket)
{
    struct pollfd look = {.fd = socket, .events = POLLRDHUP};

    return !sockets_is_idle(pool->loop, socket) || poll(&look, 1, 0) != 0;
}

/* Whether it is over, one way or the other. */
static bool conclude(const struct pool *pool, const struct trial *trial, int64_t now_ns)
{
    struct reuse *reuse = pool->target->reuse;
    bool closed = is_closed(pool, trial->socket);

    if (!closed && now_ns < trial->due_ns)
        return false;
    if (closed && trial->counts)
        reuse_note_closed(reuse, now_ns - trial->ended_ns);
    else if (trial->counts)
        reuse_note_outlived(reuse);
    return true;
}

static bool is_time(const struct pool *pool, int64_t now_ns)
{
    return pool->trials > 0 && (pool->ends_seen != pool->loop->idle_ends ||
                                now_ns >= pool->trial[0].due_ns || mode_of(pool) != REUSE_AUTO);
}

static void end_trials(struct pool *pool, int64_t now_ns)
{
    size_t kept = 0;

    pool->ends_seen = pool->loop->idle_ends;
    for (size_t i = 0; i < pool->trials; i++) {
        struct trial trial = pool->trial[i];

        if (mode_of(pool) != REUSE_AUTO || conclude(pool, &trial, now_ns))
            pool->waiting += trial.holds_place;
        else
            pool->trial[kept++] = trial;
    }
    pool->trials = kept;
}

/* Responses of one batch end together: waiting for the last of them is shorter than connecting. */
size_t pool_look(struct pool *pool, int64_t now_ns)
{
    size_t freed;

    if (is_time(pool, now_ns))
        end_trials(pool, now_ns);
    if (mode_of(pool) == REUSE_AUTO && pool->trials > 0 &&
        pool->trial[0].due_ns - now_ns < bunch_ns)
        return 0;
    freed = pool->waiting;
    pool->waiting = 0;
    return freed;
}

int64_t pool_due_ns(const struct pool *pool)
{
    return pool->trials > 0 ? pool->trial[0].due_ns : CLOCK_NEVER;
}

void pool_clear(struct pool *pool)
{
    preconnections_clear(&pool->preconnections);
    free(pool->trial);
    *pool = (struct pool){0};
}
