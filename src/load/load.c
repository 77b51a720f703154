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
#include "load/lane.h"
#include "load/pacing.h"

/* A row under way. */
struct run {
    struct share share;
    struct lane *lane;
    int *wake; /* the lanes' loops' */
    struct pacing pacing;
    size_t composed;
};

static bool compose_next(void *context, struct composed *into)
{
    struct run *run = context;
    const struct load *load = run->share.load;

    if (run->composed == (size_t)load->row->num_requests)
        return false;
    into->index = run->composed++;
    into->at_s = run->pacing.at_s;
    if (!load->row->concurrent_requests)
        pacing_advance(&run->pacing);
    load->compose(load->context, into);
    return true;
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

    for (size_t i = 0; i < run->share.lanes; i++) {
        const struct lane *lane = &run->lane[i];

        histogram_merge(lateness, &lane->loop.lateness);
        chunks += lane->loop.chunks;
        coalesced += lane->loop.coalesced;
        stamped += lane->loop.stamped_chunks;
        health->connections_opened += lane->connections_opened;
        health->connections_reopened += lane->connections_reopened;
        health->loop_cpu_share_max = fmax(health->loop_cpu_share_max, lane->cpu_share);
        if (lane->loop.stall_most_ns > stall_ns)
            stall_ns = lane->loop.stall_most_ns;
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
    free(lateness);
}

/* --- A row ------------------------------------------------------------------------------------ */

static bool make_lanes(struct run *run, struct error *error)
{
    bool made = true;

    run->lane = memory_new(run->share.lanes, sizeof *run->lane);
    run->wake = memory_new(run->share.lanes, sizeof *run->wake);
    for (size_t i = 0; i < run->share.lanes; i++) { /* all of them, so that all can be cleared */
        made = lane_init(&run->lane[i], &run->share, i, error) && made;
        run->wake[i] = run->lane[i].loop.wake;
    }
    return made;
}

/* The first lane runs in the caller's thread, which alone takes signals. */
static bool run_lanes(struct run *run, struct error *error)
{
    struct share *share = &run->share;
    size_t started = 1;

    while (started < share->lanes &&
           thread_start(&run->lane[started].thread, "load", lane_run, &run->lane[started]))
        started++;
    if (started < share->lanes)
        lane_abandon(share);
    else
        lane_run(&run->lane[0]);
    for (size_t i = 1; i < started; i++)
        pthread_join(run->lane[i].thread, NULL);
    return started == share->lanes ||
           error_set(error, "threads: this machine starts no more than %zu; set fewer", started);
}

static void run_clear(struct run *run)
{
    composer_clear(&run->share.composer);
    for (size_t i = 0; i < run->share.lanes; i++)
        lane_clear(&run->lane[i]);
    free(run->lane);
    free(run->wake);
    pthread_mutex_destroy(&run->share.reporting);
    pthread_mutex_destroy(&run->share.gate);
    pthread_cond_destroy(&run->share.opened);
    curl_slist_free_all(run->share.headers);
    curl_global_cleanup();
}

bool load_run(const struct load *load, struct load_result *result, struct error *error)
{
    struct run run = {.share = {.load = load, .lanes = load->threads ? load->threads : 1}};
    bool done;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    pthread_mutex_init(&run.share.reporting, NULL);
    pthread_mutex_init(&run.share.gate, NULL);
    pthread_cond_init(&run.share.opened, NULL);
    run.share.headers = easy_headers(load->target, true);
    pacing_init(&run.pacing, load->row, load->seed, load->step);
    done = make_lanes(&run, error);
    run.share.composer = (struct composer){
        .compose = compose_next, .context = &run, .wake = run.wake, .wakes = run.share.lanes};
    composer_start(&run.share.composer);
    done = done && run_lanes(&run, error);
    if (done) {
        result->end = (enum step_end)atomic_load(&run.share.end);
        for (size_t i = 0; i < run.share.lanes; i++)
            result->connections_opened_ahead += run.lane[i].connections_opened_ahead;
        take_health(&run, &result->health);
    }
    run_clear(&run);
    return done;
}
