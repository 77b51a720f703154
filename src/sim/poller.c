#include "sim/poller.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/clock.h"

enum { READY_MOST = 256 };

bool poller_init(struct poller *poller, struct error *error)
{
    struct epoll_event event;

    poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (poller->epoll_fd < 0 ||
        epoll_pwait2(poller->epoll_fd, &event, 1, &(struct timespec){0}, NULL) < 0)
        return error_set(error, "cannot wait for sockets (Linux 5.11 or later is needed): %s",
                         strerror(errno));
    /* The kernel may else put off a wake-up by 50 us, to join it with another. */
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    return true;
}

bool poller_add(struct poller *poller, int fd, struct watch *watch)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = watch};

    return epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* The time left; NULL: without end. */
static const struct timespec *time_left(int64_t until_ns, struct timespec *room)
{
    int64_t now_ns, left_ns;

    if (until_ns == INT64_MAX)
        return NULL;
    now_ns = clock_monotonic_ns();
    left_ns = until_ns > now_ns ? until_ns - now_ns : 0; /* until_ns may be long past */
    *room = (struct timespec){left_ns / CLOCK_NS_PER_S, left_ns % CLOCK_NS_PER_S};
    return room;
}

void poller_wait(struct poller *poller, int64_t until_ns)
{
    struct epoll_event ready[READY_MOST];
    struct timespec left;
    int count = epoll_pwait2(poller->epoll_fd, ready, READY_MOST, time_left(until_ns, &left), NULL);

    for (int i = 0; i < count; i++) {
        const struct watch *watch = ready[i].data.ptr;

        watch->on_ready(watch->owner);
    }
}

void poller_clear(struct poller *poller)
{
    if (poller->epoll_fd > 0)
        close(poller->epoll_fd);
    *poller = (struct poller){0};
}
