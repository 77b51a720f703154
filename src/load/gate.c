#include "core/clock.h"
#include "load/worker.h"

bool worker_wait_for_all(struct share *share)
{
    bool go;

    pthread_mutex_lock(&share->gate);
    if (++share->arrived == share->workers) {
        share->start_ns = clock_monotonic_ns();
        pthread_cond_broadcast(&share->opened);
    }
    while (share->arrived < share->workers && !share->abandoned)
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
