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
#include "load/arrival.h"
#include "load/direct.h"
#include "load/owned.h"
#include "load/sockets.h"
#include "load/transfer.h"

/* A turn is short: of TLS, where an event may be a handshake's, too. */
enum { EVENTS_A_TURN = 32, SEALED_EVENTS_A_TURN = 16, CONNECTIONS_KEPT = 65536 };

/* What epoll tells of the loop's own descriptors; a socket's mark has its shard, too. */
enum { WAKE_MARK = 0, CLOCK_MARK = 1 };

static const int64_t spin_ns = 100000;

/* For so long libcurl does what was due, before the sockets are looked at again. */
static const int64_t due_slice_ns = CLOCK_NS_PER_S / 500;

/* --- libcurl's wishes ------------------------------------------------------------------------- */

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
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = WAKE_MARK};
    struct epoll_event set = {.events = EPOLLIN, .data.u64 = CLOCK_MARK};

    *loop = (struct loop){.epoll = epoll_create1(EPOLL_CLOEXEC),
                          .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    loop->stamper = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (loop->stamper >= 0)
        stamp_ask(loop->stamper);
    stamp_watch(&loop->offset);
    loop->asks_clock = loop->offset.watch == 0 ||
                       epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->offset.watch, &set) != 0;
    if (!handback_init(&loop->handback) || loop->epoll < 0 || loop->wake < 0 ||
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
    curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, sockets_on_wish);
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
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, sockets_on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, loop);
    if (loop->trouble_user == easy) /* which was an earlier request's */
        loop->trouble_user = NULL;
    loop->shard[number]->added = true;
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
        curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &shard->loop->done_socket);
        curl_multi_remove_handle(shard->multi, easy);
        shard->loop->on_done(shard->loop->context, easy, result);
    }
}

static void call_curl(struct shard *shard, curl_socket_t socket, int what)
{
    int running;

    shard->loop->reading++;
    curl_multi_socket_action(shard->multi, socket, what, &running);
    owned_look_after_called(shard->loop);
    tell_done(shard);
}

/* libcurl reads so many buffers in one call, and its buffers may be small. Where the transfer has
 * ended, what is left is behind its response's end. */
static bool read_handback(struct shard *shard, curl_socket_t socket)
{
    struct loop *loop = shard->loop;
    size_t left = SIZE_MAX, before;
    int running;

    do {
        before = left;
        curl_multi_socket_action(shard->multi, socket, CURL_CSELECT_IN, &running);
        left = handback_left(&loop->handback);
    } while (left > 0 && left < before && sockets_handback_is_used(loop));
    return left == 0 || !sockets_handback_is_used(loop);
}

bool loop_hand_back(struct loop *loop, size_t number, CURL *easy, curl_socket_t socket,
                    const char *bytes, size_t length)
{
    struct shard *shard = loop->shard[number];
    CURLcode result;
    bool is_read;

    if (!handback_begin(&loop->handback, socket, bytes, length))
        return false;
    loop->handback.shard = number;
    result = curl_easy_pause(easy, CURLPAUSE_CONT);
    is_read = result == CURLE_OK && read_handback(shard, socket);
    sockets_end_handback(loop);
    owned_look_after_called(loop);
    if (is_read || result == LOOP_HAS_ENDED)
        tell_done(shard);
    else if (result != CURLE_OK)
        loop_end(loop, number, easy, result);
    return is_read || result != CURLE_OK;
}

void loop_end(struct loop *loop, size_t number, CURL *easy, CURLcode result)
{
    curl_multi_remove_handle(loop->shard[number]->multi, easy); /* which closes its connection */
    loop->done_socket = CURL_SOCKET_BAD;
    loop->on_done(loop->context, easy, result);
}

/* Lets libcurl do what it wished to do by now; what was added begins this way. */
static void run_due(struct shard *shard)
{
    struct loop *loop = shard->loop;
    int64_t now;

    shard->added = false;
    while (shard->due_ns != CLOCK_NEVER && shard->due_ns <= (now = clock_monotonic_ns())) {
        shard->due_ns = CLOCK_NEVER;
        loop->arrival_ns = loop->last_ns = loop->seen_ns = loop->taken_ns = now;
        loop->stamped = loop->is_whole = false;
        loop->late_bytes = -1;
        loop->by_timer = true;
        loop->reader = loop->user = NULL;
        interval_begin_unasked(loop);
        call_curl(shard, CURL_SOCKET_TIMEOUT, 0);
        interval_end_unasked(loop);
    }
}

void loop_begin(struct loop *loop, size_t number)
{
    run_due(loop->shard[number]);
}

static bool is_due(const struct shard *shard, int64_t now)
{
    return shard->due_ns != CLOCK_NEVER && shard->due_ns <= now;
}

/* At a cold start all shards together have more to do than a turn may take: what is left is for the
 * next, which begins with it. Returns when there is more to do, `until_ns` at the latest. */
static int64_t run_all_due(struct loop *loop, int64_t until_ns)
{
    int64_t now = clock_monotonic_ns(), slice_ends_ns = now + due_slice_ns;
    size_t first = loop->due_at;

    for (size_t i = 0; i < loop->shards; i++) {
        struct shard *shard = loop->shard[(first + i) % loop->shards];

        if (now < slice_ends_ns && is_due(shard, now)) {
            loop->due_at = shard->number + 1;
            run_due(shard);
            now = clock_monotonic_ns();
        }
        if (shard->due_ns != CLOCK_NEVER && shard->due_ns < until_ns)
            until_ns = shard->due_ns;
    }
    if (now < slice_ends_ns)
        loop->due_at = 0;
    return until_ns;
}

void loop_note_stall(struct loop *loop, int64_t blind_ns)
{
    if (blind_ns > loop->stall_most_ns)
        loop->stall_most_ns = blind_ns;
}

int loop_trouble(const struct loop *loop, const CURL *easy, bool shares)
{
    bool its = loop->trouble_user == easy || (shares && loop->trouble_reading == loop->reading);

    return its ? loop->trouble : 0;
}

static void read_wake(struct loop *loop)
{
    eventfd_t ignored;

    eventfd_read(loop->wake, &ignored);
}

/* libcurl takes an error that stands alone for a failure to send. It does where a reset is seen
 * just as the kernel takes note of it (sk_err is set before the end of reading is): to read tells.
 */
static int what_of(unsigned happened)
{
    int what = (happened & EPOLLIN ? CURL_CSELECT_IN : 0) |
               (happened & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
               (happened & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

    return what == CURL_CSELECT_ERR ? CURL_CSELECT_ERR | CURL_CSELECT_IN : what;
}

static void read_by_curl(struct shard *shard, int socket, unsigned happened,
                         struct direct_look *ahead)
{
    struct loop *loop = shard->loop;

    arrival_note(loop, socket, happened & EPOLLIN);
    call_curl(shard, socket, what_of(happened));
    if (direct_takes_over(loop, socket, ahead))
        return;
    while (direct_is_short(loop, socket, ahead)) {
        loop->reading--; /* it is the same reading */
        call_curl(shard, socket, CURL_CSELECT_IN);
    }
    direct_follow(loop, socket, ahead);
}

/* Ends early where a moment comes meanwhile: epoll tells the rest again. */
static void read_sockets(struct loop *loop, const struct epoll_event *events, int ready,
                         int64_t moment_ns)
{
    for (int i = 0; i < ready && (i == 0 || loop->seen_ns < moment_ns); i++) {
        unsigned happened = events[i].events;
        int socket = (int)(uint32_t)events[i].data.u64;
        size_t number = events[i].data.u64 >> 32;
        struct direct_look ahead;

        if (number == 0) {
            if (events[i].data.u64 == WAKE_MARK)
                read_wake(loop);
            continue;
        }
        if (loop->about[socket].idle_in) {
            if (happened & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) /* else of before it was idle */
                sockets_note_idle_end(loop, socket);
            continue;
        }
        interval_begin(loop, socket);
        if (!direct_read(loop, socket, happened, &ahead))
            read_by_curl(loop->shard[number - 1], socket, happened, &ahead);
        interval_end(loop, socket, loop->sealed);
        if (loop->shard[number - 1]->added) /* the next request leaves now, not after the others */
            run_due(loop->shard[number - 1]);
    }
}

static int events_a_turn(const struct loop *loop)
{
    return loop->sealed ? SEALED_EVENTS_A_TURN : EVENTS_A_TURN;
}

/* Kernels before 5.11 have no epoll_pwait2. */
static int wait_coarsely(const struct loop *loop, struct epoll_event *events, int64_t left_ns)
{
    int64_t ms = (left_ns + 999999) / 1000000;

    return epoll_wait(loop->epoll, events, events_a_turn(loop), ms > INT_MAX ? INT_MAX : (int)ms);
}

static int wait_until(struct loop *loop, struct epoll_event *events, int64_t from, int64_t until)
{
    int64_t left = until > from ? until - from : 0;
    struct timespec wait = {left / CLOCK_NS_PER_S, left % CLOCK_NS_PER_S};
    int ready;

    if (loop->coarse)
        return wait_coarsely(loop, events, left);
    ready = epoll_pwait2(loop->epoll, events, events_a_turn(loop), &wait, NULL);
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
        ready = epoll_wait(loop->epoll, events, events_a_turn(loop), 0);
    return ready;
}

/* Whether the timer that tells of a wall clock that was set is among the events, or may have been
 * left out. */
static bool may_be_set(const struct loop *loop, const struct epoll_event *events, int ready)
{
    if (loop->asks_clock || ready < 0 || ready == events_a_turn(loop))
        return true;
    for (int i = 0; i < ready; i++) {
        if (events[i].data.u64 == CLOCK_MARK)
            return true;
    }
    return false;
}

void loop_turn(struct loop *loop, int64_t until_ns)
{
    struct epoll_event events[EVENTS_A_TURN];
    int64_t begun, moment_ns = until_ns;
    int ready;

    owned_look_after_called(loop);
    until_ns = run_all_due(loop, until_ns);
    begun = loop->waited_ns = clock_monotonic_ns();
    if (loop->woken_ns != 0)
        loop_note_stall(loop, begun - loop->woken_ns);
    ready = loop->precise ? wait_precisely(loop, events, begun, until_ns)
                          : wait_until(loop, events, begun, until_ns);
    loop->woken_ns = clock_monotonic_ns();
    if (ready <= 0 && begun < until_ns)
        loop_note_stall(loop, loop->woken_ns - until_ns); /* asleep past the moment */
    stamp_sample(&loop->offset, loop->woken_ns, may_be_set(loop, events, ready));
    loop->late_ns = loop->turn_late_ns;
    loop->turn_late_ns = 0;
    read_sockets(loop, events, ready, moment_ns > loop->woken_ns ? moment_ns : INT64_MAX);
}

void loop_note_ended(struct loop *loop, struct transfer *transfer)
{
    if (transfer->is_noted)
        return;
    transfer->is_noted = true;
    if (loop->ended_count == loop->ended_room) {
        loop->ended_room = loop->ended_room ? 2 * loop->ended_room : 16;
        loop->ended = memory_resize(loop->ended, loop->ended_room, sizeof(struct transfer *));
    }
    loop->ended[loop->ended_count++] = transfer;
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
    free(loop->ended);
    if (loop->epoll >= 0)
        close(loop->epoll);
    if (loop->wake >= 0)
        close(loop->wake);
    if (loop->stamper >= 0)
        close(loop->stamper);
    stamp_unwatch(&loop->offset);
    handback_clear(&loop->handback);
    *loop = (struct loop){.epoll = -1, .wake = -1, .stamper = -1};
}
