#include "load/direct.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "load/arrival.h"
#include "load/loop.h"
#include "load/owned.h"
#include "load/stamp.h"
#include "load/transfer.h"

/* What is looked at; where as much waits, libcurl reads it with fewer calls. */
enum { ROOM = 1 << 14 };

void direct_begin(struct transfer *transfer)
{
    const struct target *target = transfer->target;
    bool is_plain = !target->http2 && !target_is_sealed(target);

    transfer->direct =
        (struct direct){.state = is_plain ? DIRECT_SENT : DIRECT_UNKNOWN, .credit = DIRECT_CREDIT};
}

size_t direct_heard(struct direct *direct, size_t length)
{
    size_t heard = direct->heard < length ? direct->heard : length;

    direct->heard -= heard;
    return heard;
}

/* The transfer whose response the socket brings, if libcurl is known to be between its bytes. */
static struct transfer *follows(const struct loop *loop, int socket)
{
    const struct socket_about *about = &loop->about[socket];
    struct transfer *transfer = about->transfer;

    if (!transfer || !transfer->sending || transfer->easy != about->user ||
        transfer->direct.given != transfer->direct.passed)
        return NULL;
    return transfer->direct.state == DIRECT_UNKNOWN ? NULL : transfer;
}

/* --- Whole chunks ----------------------------------------------------------------------------- */

/* Whether the data is one line, with one that names the event before it at most: it came by its
 * last byte. */
static bool is_one_line(const char *data, size_t length)
{
    while (length > 0 && (data[length - 1] == '\n' || data[length - 1] == '\r'))
        length--;
    if (length > 6 && memcmp(data, "event:", 6) == 0) {
        const char *stop = memchr(data, '\n', length);

        length -= stop ? (size_t)(stop + 1 - data) : 0;
        data = stop ? stop + 1 : data;
    }
    return !memchr(data, '\n', length) && !memchr(data, '\r', length);
}

bool direct_is_one_event(const char *bytes, size_t length)
{
    const char *data;
    size_t data_length;

    return chunked_next(bytes, length, &data, &data_length) == length &&
           is_one_line(data, data_length);
}

/* When the first of the bytes came, of which `last_ns` is when the last did. */
static int64_t first_ns(const struct loop *loop, int socket, const char *bytes, size_t length,
                        int64_t seen_ns, int64_t last_ns)
{
    if (last_ns == CLOCK_NEVER || (last_ns <= seen_ns && direct_is_one_event(bytes, length)))
        return last_ns;
    return stamp_look(socket, &loop->offset).came_ns;
}

/* Takes the bytes from the socket, where they stay as they are (MSG_TRUNC, tcp(7)). */
static bool remove_bytes(int socket, char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t got = recv(socket, bytes, length, MSG_TRUNC | MSG_DONTWAIT);

        if (got <= 0)
            return false;
        length -= (size_t)got;
    }
    return true;
}

static bool hand_on(struct transfer *transfer, const char *bytes, size_t length)
{
    const char *data;
    size_t data_length;

    for (const char *end = bytes + length; bytes < end;) {
        bytes += chunked_next(bytes, (size_t)(end - bytes), &data, &data_length);
        if (!reply_take_body(transfer, data, data_length))
            return false;
    }
    return true;
}

static void take(struct loop *loop, int socket, struct transfer *transfer, char *bytes,
                 size_t length)
{
    struct direct *direct = &transfer->direct;
    CURLcode result = CURLE_WRITE_ERROR;

    loop->reading++;
    direct->received += (int64_t)length;
    direct->credit += direct->credit < DIRECT_CREDIT;
    if (!remove_bytes(socket, bytes, length))
        result = CURLE_RECV_ERROR;
    else if (hand_on(transfer, bytes, length))
        return;
    loop_end(loop, transfer->shard, transfer->easy, result);
}

/* --- What libcurl reads ----------------------------------------------------------------------- */

static bool look_on(struct direct_look *ahead, const char *bytes, size_t length)
{
    struct direct *after = &ahead->after;

    after->received += (int64_t)length;
    return length > 0 && length < ROOM && --after->credit > 0 &&
           chunked_pass(&after->chunked, bytes + ahead->head, length - ahead->head, &after->passed);
}

static size_t handed_on(const struct transfer *transfer)
{
    return transfer->reply.head_bytes + transfer->direct.given;
}

/* Where libcurl is, direct_follow knows again. */
static void look_ahead(struct direct_look *ahead, struct transfer *transfer, const char *bytes,
                       size_t length, bool is_to_own)
{
    struct direct *direct = &transfer->direct;
    bool begins = direct->state == DIRECT_SENT;

    if (begins)
        direct->received -= (int64_t)length; /* which had come */
    *ahead = (struct direct_look){.sent_ns = transfer->request.sent_ns,
                                  .bytes = bytes,
                                  .length = length,
                                  .before = direct->chunked,
                                  .passed = direct->passed,
                                  .after = *direct,
                                  .seen = handed_on(transfer),
                                  .head = begins ? chunked_head(bytes, length) : 0};
    direct->state = DIRECT_UNKNOWN;
    ahead->after.state = DIRECT_FOLLOWED;
    if ((ahead->head > 0) == begins && look_on(ahead, bytes, length))
        ahead->transfer = transfer;
    direct->pauses = ahead->transfer && chunked_is_between(&ahead->after.chunked) && is_to_own;
}

static bool has_read_all(int socket, int64_t received)
{
    int waiting;

    return stamp_received_bytes(socket) == received && ioctl(socket, FIONREAD, &waiting) == 0 &&
           waiting == 0;
}

/* Whether it is still the request that was looked at. */
static bool is_its(const struct loop *loop, int socket, const struct direct_look *ahead)
{
    const struct transfer *transfer = ahead->transfer;

    return transfer && loop->about[socket].transfer == transfer && transfer->sending &&
           transfer->request.sent_ns == ahead->sent_ns;
}

/* Whether libcurl has made of the response what was seen, its data aside. */
static bool is_as_seen(const struct direct_look *ahead)
{
    const struct transfer *transfer = ahead->transfer;

    return !reply_is_packed(&transfer->reply) &&
           (ahead->head == 0 || transfer->reply.head_bytes == ahead->head);
}

bool direct_keeps(struct direct *direct)
{
    direct->is_paused |= direct->pauses;
    return direct->pauses;
}

bool direct_takes_over(struct loop *loop, int socket, const struct direct_look *ahead)
{
    struct transfer *transfer = ahead->transfer;

    if (!is_its(loop, socket, ahead))
        return false;
    transfer->direct.pauses = false;
    if (!transfer->direct.is_paused)
        return false;
    if (!is_as_seen(ahead) || !has_read_all(socket, ahead->after.received)) {
        owned_give_back(loop, transfer);
        return false;
    }
    owned_begin(loop, socket, transfer, ahead);
    return true;
}

/* Its buffer was too small for all of it. */
bool direct_is_short(const struct loop *loop, int socket, struct direct_look *ahead)
{
    const struct transfer *transfer = ahead->transfer;
    size_t before = ahead->seen;

    if (!is_its(loop, socket, ahead))
        return false;
    ahead->seen = handed_on(transfer);
    return ahead->seen > before && transfer->direct.given < ahead->after.passed;
}

void direct_follow(struct loop *loop, int socket, const struct direct_look *ahead)
{
    if (is_its(loop, socket, ahead) && is_as_seen(ahead) &&
        ahead->transfer->direct.given == ahead->after.passed &&
        has_read_all(socket, ahead->after.received)) {
        ahead->transfer->direct = ahead->after;
        ahead->transfer->direct.given = ahead->after.passed;
    }
}

/* --- A reading -------------------------------------------------------------------------------- */

static bool are_whole_chunks(const struct direct *direct, const char *bytes, size_t length)
{
    return direct->state == DIRECT_FOLLOWED && length < ROOM &&
           chunked_is_between(&direct->chunked) && chunked_count(bytes, length) > 0;
}

static bool read_or_look(struct loop *loop, int socket, struct transfer *transfer,
                         struct direct_look *ahead)
{
    static _Thread_local char bytes[ROOM];
    int64_t seen_ns;
    struct stamp_look look;
    size_t length;
    bool is_to_own;

    if (transfer->direct.state == DIRECT_SENT)
        transfer->direct.received = stamp_received_bytes(socket);
    seen_ns = clock_monotonic_ns();
    look = stamp_look_at_all(socket, &loop->offset, bytes, ROOM, &length);
    if (look.trouble)
        arrival_note_trouble(loop, socket, look.trouble);
    is_to_own = owned_is_worth_it(loop, socket, transfer);
    if (is_to_own || !are_whole_chunks(&transfer->direct, bytes, length)) {
        look_ahead(ahead, transfer, bytes, length, is_to_own);
        return false;
    }
    arrival_note_whole(loop, socket, seen_ns,
                       first_ns(loop, socket, bytes, length, seen_ns, look.came_ns), look.came_ns);
    take(loop, socket, transfer, bytes, length);
    return true;
}

bool direct_read(struct loop *loop, int socket, unsigned happened, struct direct_look *ahead)
{
    struct transfer *transfer;

    ahead->transfer = NULL;
    if (owned_is(&loop->about[socket]))
        return owned_read(loop, socket, loop->about[socket].transfer);
    transfer = follows(loop, socket);
    if (transfer && happened == EPOLLIN)
        return read_or_look(loop, socket, transfer, ahead);
    if (transfer && happened != EPOLLOUT)
        transfer->direct.state = DIRECT_UNKNOWN; /* libcurl reads what nobody has looked at */
    return false;
}
