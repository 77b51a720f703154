#include "load/worker_transfers.h"

#include "core/clock.h"
#include "core/memory.h"
#include "load/transfer.h"

/* A long body counts for several starts. */
enum { BYTES_A_START = 65536 };

/* With so many requests in flight, the room that libcurl reads into is small for each: most events
 * fit, and of plain connections it reads the beginnings alone (owned.h). */
enum { MANY_PLACES = 256, ROOM_OF_MANY = 2048 };

bool worker_may_send(struct worker *worker)
{
    struct share *share = worker->share;

    return atomic_load(&share->end) == STEP_DONE && !*share->load->stop &&
           !atomic_load(&share->unkept);
}

/* How many share the room for responses: in closed loop those that there will be, too, or the first
 * would take it all; of places that others share too, all may come here. */
static size_t sharers(const struct worker *worker)
{
    const struct load *load = worker->share->load;
    size_t places = load->places ? (size_t)load->row->concurrent_requests : worker->places;

    return places > worker->in_flight ? places : worker->in_flight;
}

static struct transfer *new_transfer(struct worker *worker)
{
    const struct load *load = worker->share->load;
    struct transfer *transfer =
        transfer_new(load->target, &worker->loop, worker->transfers / LOOP_SHARD_TRANSFERS,
                     worker->share->headers);

    transfer->ahead = load->row->concurrent_requests == 0 ? &worker->ahead : NULL;
    transfer->keep_text = load->keep_texts || load->compose_turn;
    transfer->on_text = load->keep_texts ? load->on_text : NULL;
    transfer->text_context = load->context;
    if (!load->target->http2 && sharers(worker) >= MANY_PLACES)
        curl_easy_setopt(transfer->easy, CURLOPT_BUFFERSIZE, (long)ROOM_OF_MANY);
    return transfer;
}

static struct transfer *take_idle(struct worker *worker)
{
    if (worker->idle_count > 0)
        return worker->idle[--worker->idle_count];
    worker->transfer = memory_grow(worker->transfer, worker->transfers, sizeof(struct transfer *));
    worker->idle = memory_grow(worker->idle, worker->transfers, sizeof(struct transfer *));
    worker->retry = memory_grow(worker->retry, worker->transfers, sizeof(struct transfer *));
    worker->transfer[worker->transfers] = new_transfer(worker);
    return worker->transfer[worker->transfers++];
}

struct transfer *worker_take(struct worker *worker, bool wait)
{
    struct transfer *transfer = take_idle(worker);

    if (composer_take(&worker->share->composer, &transfer->composed, wait)) {
        transfer->attempt = 1;
        transfer->let_go_ns = CLOCK_NEVER;
        return transfer;
    }
    worker->idle[worker->idle_count++] = transfer;
    return NULL;
}

struct transfer *worker_take_ready(struct worker *worker)
{
    if (worker->wave_at < worker->wave_count)
        return worker->wave[worker->wave_at++];
    return worker_take(worker, false);
}

void worker_send(struct worker *worker, struct transfer *transfer, int64_t intended_ns)
{
    const struct load *load = worker->share->load;

    worker->in_flight++;
    if (load->compose_turn && transfer->attempt == 1) /* its number was the session's so far */
        transfer->composed.index =
            portion_index(&load->portion, atomic_fetch_add(&worker->share->left, 1));
    if (load->fit)
        load->fit(load->context, &transfer->composed);
    pool_choose(&worker->pool, transfer);
    transfer_send(transfer, intended_ns, load->body, load->image, sharers(worker));
    worker->starts += 1 + transfer->body_length / BYTES_A_START;
    atomic_fetch_add(&worker->share->started, 1);
    atomic_fetch_add(&worker->share->in_flight, 1);
    pool_begin(&worker->pool, transfer); /* it may have ended after this */
}

static bool has_next(struct worker *worker)
{
    return worker->pending || worker->wave_at < worker->wave_count ||
           !composer_is_over(&worker->share->composer);
}

bool worker_has_work(struct worker *worker)
{
    return worker->in_flight > 0 || worker->retries > 0 || worker->thinking.count > 0 ||
           (!atomic_load(&worker->share->phases.over) && has_next(worker));
}

void worker_end_row(struct worker *worker, enum step_end end)
{
    int done = STEP_DONE;

    atomic_compare_exchange_strong(&worker->share->end, &done, end);
}

void worker_report(struct worker *worker, struct transfer *transfer)
{
    struct share *share = worker->share;
    struct request_texts texts = transfer_texts(transfer);
    enum load_decision decision;

    worker->connections_opened += transfer->request.new_connection;
    atomic_fetch_sub(&share->in_flight, 1);
    pthread_mutex_lock(&share->reporting);
    decision = share->load->on_request_done(share->load->context, &transfer->request,
                                            share->load->keep_texts ? &texts : NULL);
    pthread_mutex_unlock(&share->reporting);
    if (decision == LOAD_GIVE_UP)
        atomic_store(&share->unkept, true);
    else if (decision == LOAD_STOP_EARLY && worker_has_work(worker))
        worker_end_row(worker, STEP_STOPPED);
}

void worker_give_back(struct worker *worker, struct transfer *transfer)
{
    worker->idle[worker->idle_count++] = transfer;
}
