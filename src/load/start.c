#include "load/start.h"

#include "core/clock.h"

void load_start_init(struct load_start *start, size_t loads)
{
    *start = (struct load_start){.loads = loads};
    pthread_mutex_init(&start->lock, NULL);
    pthread_cond_init(&start->opened, NULL);
}

/* Under the lock, which who agrees goes without. */
static void open_it(struct load_start *start)
{
    int64_t at_ns = clock_monotonic_ns();
    bool agreed = true;

    if (start->agree) {
        pthread_mutex_unlock(&start->lock);
        agreed = start->agree(start->context, &at_ns);
        pthread_mutex_lock(&start->lock);
    }
    start->at_ns = at_ns;
    start->open = agreed;
    start->abandoned |= !agreed;
    pthread_cond_broadcast(&start->opened);
}

bool load_start_wait(struct load_start *start, int64_t *at_ns)
{
    bool open;

    pthread_mutex_lock(&start->lock);
    if (++start->ready == start->loads && !start->abandoned)
        open_it(start);
    while (!start->open && !start->abandoned)
        pthread_cond_wait(&start->opened, &start->lock);
    open = start->open;
    if (open)
        *at_ns = start->at_ns;
    pthread_mutex_unlock(&start->lock);
    return open;
}

void load_start_abandon(struct load_start *start)
{
    pthread_mutex_lock(&start->lock);
    start->abandoned = true;
    pthread_cond_broadcast(&start->opened);
    pthread_mutex_unlock(&start->lock);
}

void load_start_clear(struct load_start *start)
{
    pthread_cond_destroy(&start->opened);
    pthread_mutex_destroy(&start->lock);
}
