#include "load/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/memory.h"

enum { EVENTS_A_TURN = 64, CONNECTIONS_KEPT = 65536 };

static const int64_t spin_ns = 100000;

/* What is read no later than this came together, as far as its figures go. */
static const int64_t together_ns = 100000;

/* --- libcurl's wishes ------------------------------------------------------------------------- */

/* A socket's number alone may have passed to another by the time its event is seen, which libcurl
 * then ignores; memory may not. */
static uint64_t mark_of(const struct shard *shard, curl_socket_t socket)
{
    return (uint64_t)(shard->number + 1) << 32 | (uint32_t)socket;
}

static void make_room(struct loop *loop, curl_socket_t socket)
{
    while ((size_t)socket >= loop->about_room) {
        size_t had = loop->about_room, room = had ? 2 * had : 64;

        loop->about = memory_resize(loop->about, room, sizeof *loop->about);
        memset(loop->about + had, 0, (room - had) * sizeof *loop->about);
        loop->about_room = room;
    }
}

/* libcurl has no wish for it: its connection is idle, or about to be closed, which ends the watch.
 */
static bool watch_idle(struct shard *shard, curl_socket_t socket)
{
    struct epoll_event closing = {EPOLLRDHUP, {.u64 = mark_of(shard, socket)}};

    return epoll_ctl(shard->loop->epoll, EPOLL_CTL_MOD, socket, &closing) == 0;
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *known)
{
    struct shard *shard = context;
    struct loop *loop = shard->loop;
    struct epoll_event event = {.data.u64 = mark_of(shard, socket)};

    (void)easy;
    make_room(loop, socket);
    if (what == CURL_POLL_REMOVE) {
        loop->about[socket].idle_in = watch_idle(shard, socket) ? shard->number + 1 : 0;
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    loop->about[socket].idle_in = 0;
    if (!known && epoll_ctl(loop->epoll, EPOLL_CTL_ADD, socket, &event) == 0)
        loop->about[socket].read_ns = 0;
    else /* in use, or idle until now */
        epoll_ctl(loop->epoll, EPOLL_CTL_MOD, socket, &event);
    if (!known)
        curl_multi_assign(shard->multi, socket, loop); /* any mark that is not NULL */
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct shard *shard = context;

    (void)multi;
    shard->due_ns =
        timeout_ms < 0 ? CLOCK_NEVER : clock_monotonic_ns() + timeout_ms * (CLOCK_NS_PER_S / 1000);
    return 0;
}

/* --- A loop's life ---------------------------------------------------------------------------- */

bool loop_init(struct loop *loop, struct error *error)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0};

    *loop = (struct loop){.epoll = epoll_create1(EPOLL_CLOEXEC),
                          .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    loop->stamper = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (loop->stamper >= 0)
        stamp_ask(loop->stamper);
    if (loop->epoll < 0 || loop->wake < 0 ||
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) != 0)
        return error_set(error, "the event loop cannot be made: %s", strerror(errno));
    prctl(PR_SET_TIMERSLACK, 1L); /* or the kernel lets each wait end 50 µs late */
    return true;
}

static struct shard *new_shard(struct loop *loop)
{
    struct shard *shard = memory_new(1, sizeof *shard);

    *shard = (struct shard){
        .loop = loop, .number = loop->shards, .multi = curl_multi_init(), .due_ns = CLOCK_NEVER};
    if (!shard->multi)
        abort();
    curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard);
    curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard);
    curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    return shard;
}

void loop_add(struct loop *loop, size_t number, CURL *easy)
{
    while (number >= loop->shards) {
        loop->shard = memory_grow(loop->shard, loop->shards, sizeof(struct shard *));
        loop->shard[loop->shards] = new_shard(loop);
        loop->shards++;
    }
    if (curl_multi_add_handle(loop->shard[number]->multi, easy) != CURLM_OK)
        abort(); /* a handle added twice: a mistake of ours */
}

void loop_remove(struct loop *loop, size_t number, CURL *easy)
{
    if (number < loop->shards)
        curl_multi_remove_handle(loop->shard[number]->multi, easy);
}

/* --- Turns ------------------------------------------------------------------------------------ */

static void tell_done(struct shard *shard)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(shard->multi, &left))) {
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result; /* the message dies with the removal */

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_multi_remove_handle(shard->multi, easy);
        shard->loop->on_done(shard->loop->context, easy, result);
    }
}

static void call_curl(struct shard *shard, curl_socket_t socket, int what)
{
    int running;

    shard->loop->reading++;
    curl_multi_socket_action(shard->multi, socket, what, &running);
    tell_done(shard);
}

/* Lets libcurl do what it wished to do by now; what was added begins this way. */
static void run_due(struct shard *shard)
{
    struct loop *loop = shard->loop;
    int64_t now;

    while (shard->due_ns != CLOCK_NEVER && shard->due_ns <= (now = clock_monotonic_ns())) {
        shard->due_ns = CLOCK_NEVER;
        loop->arrival_ns = loop->last_ns = loop->seen_ns = now;
        loop->stamped = false;
        loop->by_timer = true;
        loop->reader = NULL;
        loop->trouble = 0;
        call_curl(shard, CURL_SOCKET_TIMEOUT, 0);
    }
}

static int64_t run_all_due(struct loop *loop, int64_t until_ns)
{
    for (size_t i = 0; i < loop->shards; i++) {
        run_due(loop->shard[i]);
        if (loop->shard[i]->due_ns != CLOCK_NEVER && loop->shard[i]->due_ns < until_ns)
            until_ns = loop->shard[i]->due_ns;
    }
    return until_ns;
}

static void note_stall(struct loop *loop, int64_t blind_ns)
{
    if (blind_ns > loop->stall_most_ns)
        loop->stall_most_ns = blind_ns;
}

/* Read late, an answer's later chunks would all seem to have come with the first. */
static void note_last(struct loop *loop, int socket, int64_t seen)
{
    int64_t last = stamp_last_byte_ns(socket, &loop->offset);

    loop->last_ns = last >= loop->arrival_ns && last <= seen ? last : CLOCK_NEVER;
}

/* A stamp from before the last reading belongs to bytes of which some were read then, as when a
 * TLS record is cut; it tells nothing about the rest. */
static void note_arrival(struct loop *loop, int socket, bool readable)
{
    int64_t seen = clock_monotonic_ns();
    int64_t stamp = CLOCK_NEVER;

    loop->trouble = 0;
    if (readable)
        stamp = stamp_first_byte_ns(socket, &loop->offset, &loop->trouble);
    loop->stamped = stamp != CLOCK_NEVER && stamp >= loop->about[socket].read_ns && stamp <= seen &&
                    stamp_holds(&loop->offset, stamp);
    loop->arrival_ns = loop->last_ns = loop->stamped ? stamp : seen;
    if (loop->stamped) {
        if (seen - stamp > together_ns)
            note_last(loop, socket, seen);
        histogram_add(&loop->lateness, seen - stamp);
        if (stamp > loop->waited_ns)
            note_stall(loop, loop->woken_ns - stamp); /* asleep though it was there */
    }
    loop->about[socket].read_ns = loop->seen_ns = seen;
    loop->by_timer = false;
    loop->reader = NULL;
}

static void read_wake(struct loop *loop)
{
    eventfd_t ignored;

    eventfd_read(loop->wake, &ignored);
}

/* libcurl finds the connection closed when it next wants to use it. */
static void note_idle_end(struct loop *loop, int socket)
{
    loop->shard[loop->about[socket].idle_in - 1]->lost_idle = true;
    loop->about[socket].idle_in = 0;
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
}

bool loop_lost_idle(struct loop *loop, size_t number)
{
    struct shard *shard = number < loop->shards ? loop->shard[number] : NULL;

    if (!shard || !shard->lost_idle)
        return false;
    for (size_t i = 0; i < loop->about_room; i++)
        if (loop->about[i].idle_in == number + 1 && watch_idle(shard, (curl_socket_t)i))
            return false; /* still open, else the watch would be gone with it */
    return true;
}

static void read_sockets(struct loop *loop, const struct epoll_event *events, int ready)
{
    for (int i = 0; i < ready; i++) {
        unsigned happened = events[i].events;
        int socket = (int)(uint32_t)events[i].data.u64;
        size_t number = events[i].data.u64 >> 32;
        int what = (happened & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (happened & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (happened & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

        if (number == 0) {
            read_wake(loop);
            continue;
        }
        if (loop->about[socket].idle_in) {
            if (happened & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) /* else of before it was idle */
                note_idle_end(loop, socket);
            continue;
        }
        note_arrival(loop, socket, happened & EPOLLIN);
        call_curl(loop->shard[number - 1], socket, what);
        run_due(loop->shard[number - 1]); /* the next request leaves now, not after the others */
    }
}

/* Kernels before 5.11 have no epoll_pwait2. */
static int wait_coarsely(const struct loop *loop, struct epoll_event *events, int64_t left_ns)
{
    int64_t ms = (left_ns + 999999) / 1000000;

    return epoll_wait(loop->epoll, events, EVENTS_A_TURN, ms > INT_MAX ? INT_MAX : (int)ms);
}

static int wait_until(struct loop *loop, struct epoll_event *events, int64_t from, int64_t until)
{
    int64_t left = until > from ? until - from : 0;
    struct timespec wait = {left / CLOCK_NS_PER_S, left % CLOCK_NS_PER_S};
    int ready;

    if (loop->coarse)
        return wait_coarsely(loop, events, left);
    ready = epoll_pwait2(loop->epoll, events, EVENTS_A_TURN, &wait, NULL);
    loop->coarse = ready < 0 && errno == ENOSYS;
    return ready;
}

/* Sleeps may end late; the last stretch is looked through instead. */
static int wait_precisely(struct loop *loop, struct epoll_event *events, int64_t from,
                          int64_t until)
{
    int ready = 0;

    if (until - from > spin_ns)
        ready = wait_until(loop, events, from, until - spin_ns);
    while (ready == 0 && clock_monotonic_ns() < until)
        ready = epoll_wait(loop->epoll, events, EVENTS_A_TURN, 0);
    return ready;
}

void loop_turn(struct loop *loop, int64_t until_ns)
{
    struct epoll_event events[EVENTS_A_TURN];
    int64_t begun;
    int ready;

    until_ns = run_all_due(loop, until_ns);
    begun = loop->waited_ns = clock_monotonic_ns();
    if (loop->woken_ns != 0)
        note_stall(loop, begun - loop->woken_ns);
    ready = loop->precise ? wait_precisely(loop, events, begun, until_ns)
                          : wait_until(loop, events, begun, until_ns);
    loop->woken_ns = clock_monotonic_ns();
    if (ready <= 0 && begun < until_ns)
        note_stall(loop, loop->woken_ns - until_ns); /* asleep past the moment */
    stamp_sample(&loop->offset, loop->woken_ns);
    read_sockets(loop, events, ready);
}

void loop_forget_health(struct loop *loop)
{
    loop->lateness = (struct histogram){0};
    loop->stall_most_ns = loop->woken_ns = 0;
    loop->chunks = loop->coalesced = loop->stamped_chunks = 0;
}

void loop_clear(struct loop *loop)
{
    for (size_t i = 0; i < loop->shards; i++) {
        curl_multi_cleanup(loop->shard[i]->multi);
        free(loop->shard[i]);
    }
    free(loop->shard);
    free(loop->about);
    if (loop->epoll >= 0)
        close(loop->epoll);
    if (loop->wake >= 0)
        close(loop->wake);
    if (loop->stamper >= 0)
        close(loop->stamper);
    *loop = (struct loop){.epoll = -1, .wake = -1, .stamper = -1};
}
