#include "load/stamp.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"

/* Steered at no more than 500 ppm, the clocks move apart by at most half a microsecond in this. */
static const int64_t sample_every_ns = CLOCK_NS_PER_S / 1000;

/* One part in so many is the most that adjtimex(2) steers by. */
static const int64_t steered_most = 1000;

/* A pair of looks further apart than this was interrupted. */
static const int64_t apart_most_ns = 1000;

/* Apart by more than steering and an interruption explain: somebody set the wall clock. */
static const int64_t set_least_ns = 100000;

enum { LOOKS_MOST = 4 };

/* What is looked at, at most: 1 MiB, the same room over and over. */
enum { PIECE = 1 << 14, PIECES = 64 };

void stamp_ask(int socket)
{
    int on = 1;

    setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

/* It never expires, as far as people live to see. */
void stamp_watch(struct stamp_offset *offset)
{
    const struct itimerspec never = {.it_value = {.tv_sec = (time_t)1 << 33}};
    int timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

    offset->watch = 0;
    if (timer > 0 &&
        timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) == 0)
        offset->watch = timer;
    else if (timer >= 0)
        close(timer);
}

void stamp_unwatch(struct stamp_offset *offset)
{
    if (offset->watch > 0)
        close(offset->watch);
    offset->watch = 0;
}

/* Whether the wall clock was set since this was last asked. */
static bool was_set(const struct stamp_offset *offset)
{
    uint64_t expired;

    return offset->watch > 0 &&
           (read(offset->watch, &expired, sizeof expired) > 0 || errno == ECANCELED);
}

void stamp_sample(struct stamp_offset *offset, int64_t now_ns, bool may_be_set)
{
    const struct stamp_offset last = *offset;
    int64_t closest = INT64_MAX, most_ns;
    bool set = may_be_set && was_set(offset); /* what is set after this the next to ask finds */

    offset->asked_ns = now_ns;
    if (set)
        offset->set_ns = clock_monotonic_ns();
    if (!set && last.sampled_ns != 0 && now_ns - last.sampled_ns < sample_every_ns)
        return;
    for (int i = 0; i < LOOKS_MOST && closest > apart_most_ns; i++) {
        int64_t before = clock_monotonic_ns();
        int64_t wall = clock_wall_ns();
        int64_t after = clock_monotonic_ns();

        if (after - before < closest) {
            closest = after - before;
            offset->ahead_ns = wall - before - (after - before) / 2;
            offset->sampled_ns = after;
        }
    }
    most_ns = set_least_ns + (offset->sampled_ns - last.sampled_ns) / steered_most;
    if (set || (last.sampled_ns != 0 && llabs(offset->ahead_ns - last.ahead_ns) > most_ns))
        offset->set_ns = offset->sampled_ns;
}

/* As stamp_holds asks; where the clock was set meanwhile, the packet may bear any time. */
static bool was_set_since(struct stamp_offset *offset, int64_t last_ns, int64_t now_ns)
{
    if (last_ns <= offset->asked_ns && now_ns - offset->asked_ns < sample_every_ns)
        return false;
    offset->asked_ns = now_ns;
    return was_set(offset);
}

bool stamp_holds(struct stamp_offset *offset, int64_t since_ns, int64_t first_ns, int64_t last_ns)
{
    int64_t now_ns = clock_monotonic_ns(), ahead_ns = clock_wall_ns() - now_ns;

    if (was_set_since(offset, last_ns, now_ns))
        offset->set_ns = clock_monotonic_ns();
    else if (llabs(ahead_ns - offset->ahead_ns) <= set_least_ns)
        return since_ns >= offset->set_ns && first_ns > offset->set_ns;
    offset->sampled_ns -= sample_every_ns;
    return false;
}

/* What stands beside the bytes that were looked at. */
static int64_t stamp_beside(struct msghdr *message, const struct stamp_offset *offset)
{
    const struct cmsghdr *part = CMSG_FIRSTHDR(message);
    struct timespec stamp;

    if (!part || part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
        return CLOCK_NEVER;
    memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    return stamp.tv_sec * CLOCK_NS_PER_S + stamp.tv_nsec - offset->ahead_ns;
}

/* The stamp is that of the last of the bytes that wait, so far as there is room. */
static struct stamp_look receive(int socket, const struct stamp_offset *offset, struct iovec *room,
                                 size_t pieces, int flags, ssize_t *got)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    struct msghdr message = {.msg_iov = room,
                             .msg_iovlen = pieces,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct stamp_look look = {.came_ns = CLOCK_NEVER};

    *got = recvmsg(socket, &message, MSG_DONTWAIT | flags);
    if (*got > 0)
        look.came_ns = stamp_beside(&message, offset);
    else if (*got < 0 && errno != EAGAIN && errno != EINTR)
        look.trouble = errno;
    return look;
}

static struct stamp_look peek(int socket, const struct stamp_offset *offset, struct iovec *room,
                              size_t pieces, int flags, ssize_t *got)
{
    return receive(socket, offset, room, pieces, MSG_PEEK | flags, got);
}

struct stamp_look stamp_look(int socket, const struct stamp_offset *offset)
{
    char unread;
    ssize_t got;

    return peek(socket, offset, &(struct iovec){&unread, 1}, 1, 0, &got);
}

struct stamp_look stamp_look_at_all(int socket, const struct stamp_offset *offset, char *bytes,
                                    size_t size, size_t *length)
{
    ssize_t got;
    struct stamp_look look = peek(socket, offset, &(struct iovec){bytes, size}, 1, 0, &got);

    *length = got > 0 ? (size_t)got : 0;
    return look;
}

struct stamp_look stamp_take(int socket, const struct stamp_offset *offset, char *bytes,
                             size_t size, ssize_t *got)
{
    return receive(socket, offset, &(struct iovec){bytes, size}, 1, 0, got);
}

int64_t stamp_last_byte_ns(int socket, const struct stamp_offset *offset)
{
    static _Thread_local char unread[PIECE]; /* of no use; none of it is written */
    struct iovec room[PIECES];
    ssize_t got;

    for (int i = 0; i < PIECES; i++)
        room[i] = (struct iovec){unread, sizeof unread};
    return peek(socket, offset, room, PIECES, MSG_TRUNC, &got).came_ns;
}

/* A system that knows the option and not all of its parts leaves them 0. */
static struct tcp_info look_up(int socket)
{
    struct tcp_info info = {0};
    socklen_t length = sizeof info;

    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
        return (struct tcp_info){0};
    return info;
}

int64_t stamp_received_bytes(int socket)
{
    struct tcp_info info = look_up(socket);

    return info.tcpi_bytes_received ? (int64_t)info.tcpi_bytes_received : -1;
}

int64_t stamp_received_segments(int socket)
{
    struct tcp_info info = look_up(socket);

    return info.tcpi_data_segs_in ? (int64_t)info.tcpi_data_segs_in : -1;
}
