#include "load/load.h"

#include <curl/curl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/thread.h"
#include "load/easy.h"
#include "load/feed.h"
#include "load/worker.h"

/* A row under way. */
struct run {
    struct share share;
    struct worker *worker;
    int *wake; /* the workers' loops' */
    struct feed feed;
};

static bool compose_next(void *context, struct composed *into)
{
    struct run *run = context;
    const struct load *load = run->share.load;

    if (!feed_next(&run->feed, into))
        return false;
    load->compose(load->context, into);
    return !into->none;
}

/* --- How the client kept up ------------------------------------------------------------------- */

/* Resident memory of this process, from proc(5); NAN where it cannot be read. */
static double resident_mb(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    double pages = NAN;

    if (file && fscanf(file, "%*f %lf", &pages) != 1)
        pages = NAN;
    if (file)
        fclose(file);
    return pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static size_t open_files_limit(void)
{
    struct rlimit limit = {0};

    getrlimit(RLIMIT_NOFILE, &limit);
    return (size_t)limit.rlim_cur;
}

static void take_health(const struct run *run, struct health *health)
{
    struct histogram *lateness = memory_new(1, sizeof *lateness);
    uint64_t chunks = 0, coalesced = 0, stamped = 0;
    int64_t stall_ns = 0;

    for (size_t i = 0; i < run->share.workers; i++) {
        const struct worker *worker = &run->worker[i];

        histogram_merge(lateness, &worker->loop.lateness);
        chunks += worker->loop.chunks;
        coalesced += worker->loop.coalesced;
        stamped += worker->loop.stamped_chunks;
        health->connections_opened += worker->connections_opened;
        health->connections_reopened += worker->pool.reopened;
        health->loop_cpu_share_max = fmax(health->loop_cpu_share_max, worker->cpu_share);
        if (worker->loop.stall_most_ns > stall_ns)
            stall_ns = worker->loop.stall_most_ns;
    }
    health->read_lateness_p50_s = histogram_quantile_s(lateness, 0.5);
    health->read_lateness_p99_s = histogram_quantile_s(lateness, 0.99);
    health->read_lateness_max_s = histogram_quantile_s(lateness, 1);
    health->kernel_stamped_share = chunks ? (double)stamped / (double)chunks : NAN;
    health->coalesced_share = chunks ? (double)coalesced / (double)chunks : NAN;
    health->loop_stall_max_s = (double)stall_ns / CLOCK_NS_PER_S;
    health->open_files_limit = open_files_limit();
    health->local_ports = file_local_ports();
    health->resident_mb = resident_mb();
    health->clock_uncertainty_s = NAN; /* all of it is on one clock */
    free(lateness);
}

/* --- A row ------------------------------------------------------------------------------------ */

static bool make_workers(struct run *run, struct error *error)
{
    bool made = true;

    run->worker = memory_new(run->share.workers, sizeof *run->worker);
    run->wake = memory_new(run->share.workers, sizeof *run->wake);
    for (size_t i = 0; i < run->share.workers; i++) { /* all of them, so that all can be cleared */
        made = worker_init(&run->worker[i], &run->share, i, error) && made;
        run->wake[i] = run->worker[i].loop.wake;
    }
    return made;
}

/* The first worker runs in the caller's thread, which alone takes signals. */
static bool run_workers(struct run *run, struct error *error)
{
    struct share *share = &run->share;
    size_t started = 1;

    while (started < share->workers &&
           thread_start(&run->worker[started].thread, "load", worker_run, &run->worker[started]))
        started++;
    if (started < share->workers)
        worker_abandon(share);
    else
        worker_run(&run->worker[0]);
    for (size_t i = 1; i < started; i++)
        pthread_join(run->worker[i].thread, NULL);
    if (started < share->workers)
        return error_set(error, "threads: this machine starts no more than %zu; set fewer",
                         started);
    return !share->abandoned ||
           error_set(error, "a row that was to begin with this one could not begin");
}

static void run_clear(struct run *run)
{
    if (run->share.load->places)
        places_leave(run->share.load->places, run->share.load->member, clock_monotonic_ns());
    composer_clear(&run->share.composer);
    for (size_t i = 0; i < run->share.workers; i++)
        worker_clear(&run->worker[i]);
    free(run->worker);
    free(run->wake);
    pthread_mutex_destroy(&run->share.reporting);
    pthread_mutex_destroy(&run->share.gate);
    pthread_cond_destroy(&run->share.opened);
    curl_slist_free_all(run->share.headers);
    curl_global_cleanup();
}

/* Those that are open in any process, and of an open loop as many as it seldom needs. */
enum { FILES_BESIDES = 64, OPEN_LOOP_FILES = 16384 };

static size_t in_flight_most(const struct load *load)
{
    const struct row *row = load->row;
    int64_t most = row->max_in_flight > 0 ? row->max_in_flight : OPEN_LOOP_FILES;

    if (row->concurrent_requests > 0)
        return (size_t)row->concurrent_requests;
    return (size_t)(most < row_requests_most(row) ? most : row_requests_most(row));
}

/* Of a loop: epoll, what wakes it, what keeps the kernel at stamping, the timer that tells of a
 * wall clock that was set, and what hands bytes back. Of a shard: what wakes libcurl. */
enum { FILES_A_LOOP = 7, FILES_A_SHARD = 2 };

size_t load_files(size_t in_flight, size_t threads)
{
    size_t loops = threads ? threads : 1;
    size_t a_loop = (in_flight + loops - 1) / loops;
    size_t shards = (a_loop + LOOP_SHARD_TRANSFERS - 1) / LOOP_SHARD_TRANSFERS;

    return in_flight + loops * (FILES_A_LOOP + FILES_A_SHARD * (shards ? shards : 1));
}

bool load_run(const struct load *load, struct load_result *result, struct error *error)
{
    struct run run = {.share = {.load = load, .workers = load->threads ? load->threads : 1}};
    bool done;

    file_make_room(FILES_BESIDES + load_files(in_flight_most(load), load->threads));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pthread_mutex_init(&run.share.reporting, NULL);
    pthread_mutex_init(&run.share.gate, NULL);
    pthread_cond_init(&run.share.opened, NULL);
    run.share.headers = easy_headers(load->target, true);
    phases_init(&run.share.phases, load->row, &load->portion);
    feed_init(&run.feed, load, &run.share.phases);
    done = make_workers(&run, error);
    run.share.composer = (struct composer){
        .compose = compose_next, .context = &run, .wake = run.wake, .wakes = run.share.workers};
    ceiling_init(&run.share.ceiling,
                 (int64_t)portion_count(&load->portion, (size_t)load->row->max_in_flight), run.wake,
                 run.share.workers);
    if (load->places)
        places_join(load->places, load->member, run.wake, run.share.workers);
    composer_start(&run.share.composer);
    done = done && run_workers(&run, error);
    if (done) {
        result->end = (enum step_end)atomic_load(&run.share.end);
        for (size_t i = 0; i < run.share.workers; i++) {
            result->connections_opened_ahead += run.worker[i].pool.preconnected;
            result->idle_silent |= run.worker[i].loop.idle_silent;
        }
        take_health(&run, &result->health);
    }
    run_clear(&run);
    return done;
}
