#include <time.h>

#include "core/clock.h"
#include "load/start.h"
#include "load/worker.h"

static void wait_until(int64_t at_ns)
{
    struct timespec at = {at_ns / CLOCK_NS_PER_S, at_ns % CLOCK_NS_PER_S};

    while (clock_monotonic_ns() < at_ns)
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* The row's clock starts: at once, or at the moment that it shares with others. */
static bool find_start(const struct load *load, int64_t *start_ns)
{
    *start_ns = clock_monotonic_ns();
    if (!load->start)
        return true;
    if (!load_start_wait(load->start, start_ns))
        return false;
    wait_until(*start_ns);
    return true;
}

/* The last to arrive waits for the other loads without the gate, which its fellows wait at. */
static void open_gate(struct share *share)
{
    int64_t start_ns;
    bool found;

    pthread_mutex_unlock(&share->gate);
    found = find_start(share->load, &start_ns);
    pthread_mutex_lock(&share->gate);
    if (found)
        share->start_ns = start_ns;
    share->open = found;
    share->abandoned |= !found;
    pthread_cond_broadcast(&share->opened);
}

bool worker_wait_for_all(struct share *share)
{
    bool go;

    pthread_mutex_lock(&share->gate);
    if (++share->arrived == share->workers)
        open_gate(share);
    while (!share->open && !share->abandoned)
        pthread_cond_wait(&share->opened, &share->gate);
    go = !share->abandoned;
    pthread_mutex_unlock(&share->gate);
    return go;
}

void worker_abandon(struct share *share)
{
    pthread_mutex_lock(&share->gate);
    share->abandoned = true;
    pthread_cond_broadcast(&share->opened);
    pthread_mutex_unlock(&share->gate);
}
