#include "load/sockets.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/memory.h"
#include "load/owned.h"

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

/* `idle_in` as in struct socket_about. */
static void set_idle(struct loop *loop, curl_socket_t socket, size_t idle_in)
{
    struct socket_about *about = &loop->about[socket];

    if (about->idle_in)
        loop->shard[about->idle_in - 1]->idle--;
    if (idle_in)
        loop->shard[idle_in - 1]->idle++;
    about->idle_in = idle_in;
}

/* libcurl has no wish for it: its connection is idle, or about to be closed, which ends the watch.
 */
static void watch_idle(struct shard *shard, curl_socket_t socket)
{
    struct epoll_event closing = {EPOLLRDHUP, {.u64 = mark_of(shard, socket)}};
    bool is_open = epoll_ctl(shard->loop->epoll, EPOLL_CTL_MOD, socket, &closing) == 0;

    set_idle(shard->loop, socket, is_open ? shard->number + 1 : 0);
}

static void set_user(struct socket_about *about, CURL *easy)
{
    about->user = easy;
    about->transfer = NULL;
    if (easy)
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &about->transfer);
}

int sockets_on_close(void *context, curl_socket_t socket)
{
    struct loop *loop = context;

    if (handback_has(&loop->handback, socket))
        loop->handback.closed = true;
    if ((size_t)socket < loop->about_room && loop->about[socket].idle_in) {
        set_idle(loop, socket, 0);
        loop->idle_ends++;
    }
    if ((size_t)socket < loop->about_room)
        set_user(&loop->about[socket], NULL);
    return close(socket);
}

static void watch(struct shard *shard, curl_socket_t socket, int what, bool known)
{
    struct loop *loop = shard->loop;
    struct epoll_event event = {.data.u64 = mark_of(shard, socket)};
    bool watched = known || loop->about[socket].idle_in; /* in use, or idle until now */

    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    set_idle(loop, socket, 0);
    watched = watched && epoll_ctl(loop->epoll, EPOLL_CTL_MOD, socket, &event) == 0;
    if (!watched && epoll_ctl(loop->epoll, EPOLL_CTL_ADD, socket, &event) == 0)
        loop->about[socket] = (struct socket_about){.added_ns = clock_monotonic_ns()};
    else if (!watched)
        epoll_ctl(loop->epoll, EPOLL_CTL_MOD, socket, &event);
}

/* Where bytes stand in the connection's place, it is watched as it was until that is over. A
 * connection that is read without libcurl is watched though libcurl has no wish. */
int sockets_on_wish(CURL *easy, curl_socket_t socket, int what, void *context, void *known)
{
    struct shard *shard = context;
    struct loop *loop = shard->loop;
    bool is_away = handback_has(&loop->handback, socket);

    make_room(loop, socket);
    if (what == CURL_POLL_REMOVE && owned_is_watched(&loop->about[socket]))
        return 0;
    if (what == CURL_POLL_REMOVE && !is_away)
        watch_idle(shard, socket);
    else if (what != CURL_POLL_REMOVE && !is_away)
        watch(shard, socket, what, known);
    set_user(&loop->about[socket], what == CURL_POLL_REMOVE ? NULL : easy);
    loop->about[socket].wished = what;
    if (!known && what != CURL_POLL_REMOVE)
        curl_multi_assign(shard->multi, socket, loop); /* any mark that is not NULL */
    return 0;
}

bool sockets_handback_is_used(const struct loop *loop)
{
    const struct handback *handback = &loop->handback;

    return handback->is_on && !handback->closed &&
           loop->about[handback->socket].wished != CURL_POLL_REMOVE;
}

void sockets_end_unused_handback(struct loop *loop)
{
    if (!sockets_handback_is_used(loop))
        sockets_end_handback(loop);
}

void sockets_end_handback(struct loop *loop)
{
    struct handback *handback = &loop->handback;
    int socket = handback->socket;
    struct shard *shard;

    if (!handback->is_on)
        return;
    handback_end(handback);
    if (handback->closed)
        return;
    shard = loop->shard[handback->shard];
    if (loop->about[socket].wished == CURL_POLL_REMOVE)
        watch_idle(shard, socket);
    else
        watch(shard, socket, loop->about[socket].wished, true);
}

/* libcurl finds the connection closed when it next wants to use it, unless bytes wait there that
 * nobody asked for (a 408 that says it was idle too long): those go (MSG_TRUNC, tcp(7)). */
void sockets_note_idle_end(struct loop *loop, int socket)
{
    loop->shard[loop->about[socket].idle_in - 1]->lost_idle = true;
    set_idle(loop, socket, 0);
    loop->idle_ends++;
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
    while (recv(socket, NULL, INT_MAX, MSG_TRUNC | MSG_DONTWAIT) > 0)
        continue;
}

bool sockets_lost_idle(const struct loop *loop, size_t number)
{
    return number < loop->shards && loop->shard[number]->lost_idle &&
           loop->shard[number]->idle == 0;
}

size_t sockets_idle(const struct loop *loop, size_t number)
{
    return number < loop->shards ? loop->shard[number]->idle : 0;
}

bool sockets_is_idle(const struct loop *loop, curl_socket_t socket)
{
    return (size_t)socket < loop->about_room && loop->about[socket].idle_in > 0;
}

void sockets_note_used(struct loop *loop, curl_socket_t socket)
{
    loop->about[socket].used = true;
}

void sockets_drop_used(struct loop *loop)
{
    for (size_t i = 0; i < loop->about_room; i++) {
        if (!loop->about[i].idle_in || !loop->about[i].used)
            continue;
        shutdown((int)i, SHUT_RDWR);
        sockets_note_idle_end(loop, (int)i);
    }
}
