#include "load/stamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "core/clock.h"

/* Steered at no more than 500 ppm, the clocks move apart by at most half a microsecond in this. */
static const int64_t sample_every_ns = CLOCK_NS_PER_S / 1000;

/* One part in so many is the most that adjtimex(2) steers by. */
static const int64_t steered_most = 1000;

/* A pair of looks further apart than this was interrupted. */
static const int64_t apart_most_ns = 1000;

/* Apart by more than steering and an interruption explain: somebody set the wall clock. */
static const int64_t set_least_ns = 100000;

enum { LOOKS_MOST = 4, LOOK_AT_MOST = 1 << 20 };

void stamp_ask(int socket)
{
    int on = 1;

    setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

void stamp_sample(struct stamp_offset *offset, int64_t now_ns)
{
    const struct stamp_offset last = *offset;
    int64_t closest = INT64_MAX, most_ns;

    if (last.sampled_ns != 0 && now_ns - last.sampled_ns < sample_every_ns)
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
    if (last.sampled_ns != 0 && llabs(offset->ahead_ns - last.ahead_ns) > most_ns)
        offset->set_ns = offset->sampled_ns;
}

bool stamp_holds(struct stamp_offset *offset, int64_t stamp_ns)
{
    int64_t ahead_ns = clock_wall_ns() - clock_monotonic_ns();

    if (llabs(ahead_ns - offset->ahead_ns) <= set_least_ns)
        return stamp_ns > offset->set_ns;
    offset->sampled_ns -= sample_every_ns;
    return false;
}

/* The stamp of the last of up to `length` bytes that wait. Result: recvmsg's. */
static ssize_t peek(int socket, const struct stamp_offset *offset, size_t length, int flags,
                    int64_t *stamp_ns)
{
    static char unread[LOOK_AT_MOST]; /* of no use; none of it but its first byte is written */
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    struct iovec room = {unread, length};
    struct msghdr message = {.msg_iov = &room,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    const struct cmsghdr *part;
    struct timespec stamp;
    ssize_t got = recvmsg(socket, &message, MSG_PEEK | MSG_DONTWAIT | flags);

    *stamp_ns = CLOCK_NEVER;
    part = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (part && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
        memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
        *stamp_ns = stamp.tv_sec * CLOCK_NS_PER_S + stamp.tv_nsec - offset->ahead_ns;
    }
    return got;
}

int64_t stamp_first_byte_ns(int socket, const struct stamp_offset *offset, int *trouble)
{
    int64_t stamp_ns;
    ssize_t got = peek(socket, offset, 1, 0, &stamp_ns);

    *trouble = got < 0 && errno != EAGAIN && errno != EINTR ? errno : 0;
    return stamp_ns;
}

int64_t stamp_last_byte_ns(int socket, const struct stamp_offset *offset)
{
    int64_t stamp_ns;

    peek(socket, offset, LOOK_AT_MOST, MSG_TRUNC, &stamp_ns);
    return stamp_ns;
}
