#include "load/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"

enum { EVENTS_A_TURN = 64, CONNECTIONS_KEPT = 65536 };

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *known)
{
    struct loop *loop = context;
    struct epoll_event event = {.data.fd = socket};

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    if (!known)
        curl_multi_assign(loop->multi, socket, loop); /* any mark that is not NULL */
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct loop *loop = context;

    (void)multi;
    loop->curl_due_ns =
        timeout_ms < 0 ? CLOCK_NEVER : clock_monotonic_ns() + timeout_ms * (CLOCK_NS_PER_S / 1000);
    return 0;
}

bool loop_init(struct loop *loop, void (*on_done)(void *context, CURL *easy, CURLcode result),
               void *context, struct error *error)
{
    *loop = (struct loop){.curl_due_ns = CLOCK_NEVER, .on_done = on_done, .context = context};
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0)
        return error_set(error, "the event loop cannot be made: %s", strerror(errno));
    prctl(PR_SET_TIMERSLACK, 1L); /* or the kernel lets each wait end 50 µs late */
    loop->multi = curl_multi_init();
    if (!loop->multi)
        abort();
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    return true;
}

void loop_add(struct loop *loop, CURL *easy)
{
    if (curl_multi_add_handle(loop->multi, easy) != CURLM_OK)
        abort(); /* a handle added twice: a mistake of ours */
}

void loop_remove(struct loop *loop, CURL *easy)
{
    curl_multi_remove_handle(loop->multi, easy);
}

static void tell_done(struct loop *loop)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(loop->multi, &left))) {
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result; /* the message dies with the removal */

        if (message->msg != CURLMSG_DONE)
            continue;
        loop_remove(loop, easy);
        loop->on_done(loop->context, easy, result);
    }
}

static void call_curl(struct loop *loop, curl_socket_t socket, int what)
{
    int running;

    loop->reading++;
    curl_multi_socket_action(loop->multi, socket, what, &running);
    tell_done(loop);
}

/* Kernels before 5.11 have no epoll_pwait2. */
static int wait_coarsely(const struct loop *loop, struct epoll_event *events, int64_t left_ns)
{
    int64_t ms = (left_ns + 999999) / 1000000;

    return epoll_wait(loop->epoll, events, EVENTS_A_TURN, ms > INT_MAX ? INT_MAX : (int)ms);
}

static int wait_for_events(struct loop *loop, struct epoll_event *events, int64_t until_ns)
{
    int64_t left = until_ns - clock_monotonic_ns();
    struct timespec wait;
    int ready;

    left = left < 0 ? 0 : left;
    if (loop->coarse)
        return wait_coarsely(loop, events, left);
    wait = (struct timespec){left / CLOCK_NS_PER_S, left % CLOCK_NS_PER_S};
    ready = epoll_pwait2(loop->epoll, events, EVENTS_A_TURN, &wait, NULL);
    loop->coarse = ready < 0 && errno == ENOSYS;
    return ready;
}

static void read_sockets(struct loop *loop, const struct epoll_event *events, int ready)
{
    for (int i = 0; i < ready; i++) {
        unsigned happened = events[i].events;
        int what = (happened & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (happened & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (happened & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

        call_curl(loop, events[i].data.fd, what);
    }
}

bool loop_turn(struct loop *loop, int64_t until_ns)
{
    struct epoll_event events[EVENTS_A_TURN];
    int ready;

    if (loop->curl_due_ns != CLOCK_NEVER && loop->curl_due_ns < until_ns)
        until_ns = loop->curl_due_ns;
    ready = wait_for_events(loop, events, until_ns);
    /* One moment for all of them: by the time the last is read, reading the others has taken its.
     */
    loop->arrival_ns = clock_monotonic_ns();
    read_sockets(loop, events, ready);
    if (loop->curl_due_ns != CLOCK_NEVER && loop->curl_due_ns <= clock_monotonic_ns()) {
        loop->curl_due_ns = CLOCK_NEVER;
        loop->arrival_ns = clock_monotonic_ns();
        call_curl(loop, CURL_SOCKET_TIMEOUT, 0);
    }
    return ready < EVENTS_A_TURN;
}

void loop_clear(struct loop *loop)
{
    if (loop->multi)
        curl_multi_cleanup(loop->multi);
    if (loop->epoll >= 0)
        close(loop->epoll);
    *loop = (struct loop){.epoll = -1};
}
