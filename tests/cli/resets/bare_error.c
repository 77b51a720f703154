/* Loaded before the C library: where epoll reports an error, it reports nothing beside it. The
 * kernel shows a reset that way to who looks just as it takes note of it: the error is set before
 * the end of reading is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/epoll.h>

static int bare(struct epoll_event *events, int ready)
{
    for (int i = 0; i < ready; i++)
        if (events[i].events & EPOLLERR)
            events[i].events = EPOLLERR;
    return ready;
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int ms)
{
    int (*next)(int, struct epoll_event *, int, int) =
        (int (*)(int, struct epoll_event *, int, int))dlsym(RTLD_NEXT, "epoll_wait");

    return bare(events, next(epoll, events, most, ms));
}

int epoll_pwait2(int epoll, struct epoll_event *events, int most, const struct timespec *wait,
                 const sigset_t *mask)
{
    int (*next)(int, struct epoll_event *, int, const struct timespec *, const sigset_t *) =
        (int (*)(int, struct epoll_event *, int, const struct timespec *, const sigset_t *))dlsym(
            RTLD_NEXT, "epoll_pwait2");

    return bare(events, next(epoll, events, most, wait, mask));
}
