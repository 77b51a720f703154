#include "load/load.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "load/ahead.h"
#include "load/easy.h"
#include "load/loop.h"
#include "load/pacing.h"
#include "load/slot.h"

static const int64_t tick_ns = CLOCK_NS_PER_S / 10;

/* So that a slip in a CSV opens no flood of connections; more are opened as requests need them. */
enum { AHEAD_MOST = 1024, AHEAD_OPEN_LOOP = 64 };

/* Requests that stand composed before their moment, so that composing delays no send. */
enum { READY_MOST = 16 };

struct run {
    const struct load *load;
    struct loop loop;
    struct curl_slist *headers;
    struct slot **slot;  /* as many as were ever needed at once */
    struct slot **idle;  /* those with nothing to do */
    struct slot **ready; /* composed, in order, not yet sent */
    size_t slots, idle_count, ready_count;
    size_t total, composed, started, in_flight;
    struct pacing pacing;
    int64_t start_ns, deadline_ns, tick_due_ns;
    int64_t cancel_ns; /* a stopped row's end; CLOCK_NEVER while it is not stopped */
    enum step_end end;
    bool unkept; /* a record could not be kept */
};

static bool is_open_loop(const struct run *run)
{
    return run->load->row->concurrent_requests == 0;
}

static bool may_send(const struct run *run)
{
    return run->end == STEP_DONE && run->started < run->total && !*run->load->stop && !run->unkept;
}

static struct slot *take_idle(struct run *run)
{
    if (run->idle_count > 0)
        return run->idle[--run->idle_count];
    run->slot = memory_resize(run->slot, run->slots + 1, sizeof *run->slot);
    run->idle = memory_resize(run->idle, run->slots + 1, sizeof *run->idle);
    run->ready = memory_resize(run->ready, run->slots + 1, sizeof *run->ready);
    return run->slot[run->slots++] = slot_new(run->load->target, &run->loop, run->headers);
}

/* Composes requests until `wanted` stand ready, or none is left to compose. */
static void make_ready(struct run *run, size_t wanted)
{
    const struct load *load = run->load;

    while (run->ready_count < wanted && run->composed < run->total) {
        struct slot *slot = take_idle(run);

        slot_begin(slot, run->composed);
        load->compose(load->context, run->composed, &slot->prompt, &slot->request);
        run->ready[run->ready_count++] = slot;
        run->composed++;
    }
}

static void send_next(struct run *run, int64_t intended_ns)
{
    struct slot *slot;

    make_ready(run, 1);
    slot = run->ready[0];
    run->ready_count--;
    memmove(run->ready, run->ready + 1, run->ready_count * sizeof *run->ready);
    slot_send(slot, intended_ns, run->load->body, run->load->image);
    run->started++;
    run->in_flight++;
}

/* Hands an ended request over, and its slot back. */
static void report(struct run *run, struct slot *slot)
{
    if (!run->load->on_request_done(run->load->context, &slot->request))
        run->unkept = true;
    run->idle[run->idle_count++] = slot;
}

static void on_done(void *context, CURL *easy, CURLcode result)
{
    struct run *run = context;
    struct slot *slot = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
    slot_finish(slot, result);
    run->in_flight--;
    if (!is_open_loop(run) && may_send(run))
        send_next(run, slot->request.done_ns); /* first of all: the next leaves at once */
    report(run, slot);
}

static int64_t intended_ns(const struct run *run)
{
    return run->start_ns + clock_from_seconds(run->pacing.at_s);
}

static void send_due(struct run *run)
{
    while (may_send(run) && intended_ns(run) <= clock_monotonic_ns()) {
        send_next(run, intended_ns(run));
        pacing_advance(&run->pacing);
    }
}

static void send_first_wave(struct run *run)
{
    size_t wave = (size_t)run->load->row->concurrent_requests;

    for (size_t i = 0; i < wave && may_send(run); i++)
        send_next(run, run->start_ns);
}

static void cancel_all(struct run *run, enum request_end end, const char *sentence)
{
    for (size_t i = 0; i < run->slots; i++) {
        if (run->slot[i]->sending) {
            slot_abort(run->slot[i], end, sentence);
            run->in_flight--;
            report(run, run->slot[i]);
        }
    }
}

static void end_idle(struct run *run, int64_t now)
{
    int64_t patience = clock_from_seconds(run->load->target->idle_timeout_s);

    for (size_t i = 0; i < run->slots; i++) {
        struct slot *slot = run->slot[i];

        if (!slot->sending || now - slot->last_byte_ns < patience)
            continue;
        slot_abort(slot, REQUEST_IDLE_TIMEOUT, "nothing arrived for connection.idle_timeout");
        run->in_flight--;
        if (!is_open_loop(run) && may_send(run))
            send_next(run, now);
        report(run, slot);
    }
}

static void keep_time(struct run *run, int64_t now)
{
    const struct load *load = run->load;

    if (now >= run->deadline_ns && run->end == STEP_DONE) {
        run->end = STEP_TIMED_OUT;
        cancel_all(run, REQUEST_TIMEOUT, "the row's timeout ended it");
    }
    if (*load->stop && run->cancel_ns == CLOCK_NEVER) {
        run->cancel_ns = now + clock_from_seconds(load->stop_grace_s);
        if (run->end == STEP_DONE && (run->started < run->total || run->in_flight > 0))
            run->end = STEP_INTERRUPTED;
    }
    if (run->unkept || *load->stop > 1 || (*load->stop && now >= run->cancel_ns))
        cancel_all(run, REQUEST_CANCELLED, "the run was stopped");
}

static void tick(struct run *run)
{
    int64_t now = clock_monotonic_ns();
    struct load_progress progress = {run->started, run->in_flight,
                                     clock_seconds(run->start_ns, now)};

    keep_time(run, now);
    if (now < run->tick_due_ns)
        return;
    run->tick_due_ns = now + tick_ns;
    end_idle(run, now);
    run->load->on_progress(run->load->context, &progress);
}

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_moment(const struct run *run)
{
    int64_t moment = earliest(run->tick_due_ns, run->deadline_ns);

    return is_open_loop(run) && may_send(run) ? earliest(moment, intended_ns(run)) : moment;
}

static void run_to_end(struct run *run)
{
    make_ready(run, is_open_loop(run) ? READY_MOST : (size_t)run->load->row->concurrent_requests);
    run->start_ns = clock_monotonic_ns();
    run->deadline_ns = run->start_ns + clock_from_seconds(run->load->timeout_s);
    run->tick_due_ns = run->start_ns;
    send_first_wave(run);
    for (;;) {
        if (is_open_loop(run))
            send_due(run);
        tick(run);
        if (run->in_flight == 0 && !may_send(run))
            return;
        if (loop_turn(&run->loop, next_moment(run)) && may_send(run))
            make_ready(run, READY_MOST);
    }
}

static size_t connections_wanted(const struct run *run)
{
    size_t wanted =
        is_open_loop(run) ? AHEAD_OPEN_LOOP : (size_t)run->load->row->concurrent_requests;

    if (!run->load->preconnect)
        return 0;
    wanted = wanted < run->total ? wanted : run->total;
    return wanted < AHEAD_MOST ? wanted : AHEAD_MOST;
}

static void run_clear(struct run *run)
{
    for (size_t i = 0; i < run->slots; i++)
        slot_free(run->slot[i]);
    free(run->slot);
    free(run->idle);
    free(run->ready);
    loop_clear(&run->loop);
    curl_slist_free_all(run->headers);
    curl_global_cleanup();
}

bool load_run(const struct load *load, struct load_result *result, struct error *error)
{
    struct run run = {.load = load, .cancel_ns = CLOCK_NEVER, .end = STEP_DONE};

    curl_global_init(CURL_GLOBAL_DEFAULT);
    run.headers = easy_headers(load->target, true);
    run.total = (size_t)load->row->num_requests;
    pacing_init(&run.pacing, load->row, load->seed, load->step);
    if (!loop_init(&run.loop, on_done, &run, error)) {
        run_clear(&run);
        return false;
    }
    result->connections_opened_ahead =
        ahead_open(&run.loop, load->target, connections_wanted(&run), load->stop);
    run_to_end(&run);
    result->end = run.end;
    result->elapsed_s = clock_seconds(run.start_ns, clock_monotonic_ns());
    run_clear(&run);
    return true;
}
