#include "load/interval.h"

#include <sys/ioctl.h>

#include "core/clock.h"
#include "load/arrival.h"
#include "load/loop.h"
#include "load/stamp.h"
#include "load/transfer.h"

/* With so many bytes, and what frames them, libcurl's smallest buffer (worker_transfers.c) may have
 * been too small for what waited. */
enum { READ_WHOLE_MOST = 1536 };

/* --- Sockets ---------------------------------------------------------------------------------- */

static bool holds_bytes(int socket)
{
    int bytes;

    return ioctl(socket, FIONREAD, &bytes) != 0 || bytes > 0;
}

void interval_begin(struct loop *loop, int socket)
{
    struct interval_socket *about = &loop->about[socket].interval;

    if (!about->may_wait)
        about->floor_ns = loop->about[socket].read_ns;
    loop->interval = (struct interval_reading){.floor_ns = about->floor_ns, .socket = socket};
}

void interval_begin_unasked(struct loop *loop)
{
    loop->interval = (struct interval_reading){.socket = -1};
}

void interval_end_unasked(struct loop *loop)
{
    struct interval_reading *reading = &loop->interval;

    if (reading->user && reading->socket < 0) {
        reading->is_wide = true;
        interval_conclude(reading->user);
    }
}

void interval_take_bytes(struct loop *loop, size_t count)
{
    loop->interval.bytes += count;
}

/* Every reading of a socket that was empty before brought a packet at least: what came since it was
 * last counted, less one for each of those, is the most that this reading can hold. */
bool interval_is_one_packet(struct loop *loop)
{
    struct interval_reading *reading = &loop->interval;
    const struct interval_socket *about;
    int64_t segments;

    if (reading->socket < 0 || reading->is_wide)
        return false;
    about = &loop->about[reading->socket].interval;
    segments = stamp_received_segments(reading->socket);
    reading->segments = segments;
    reading->was_several =
        segments < 0 || (uint32_t)segments - about->segments - about->readings > 1;
    return !reading->was_several;
}

/* Counts anew from a moment at which all that had come was read: none of what was counted waits. */
static void count_anew(struct interval_socket *about, const struct interval_reading *reading)
{
    if (reading->segments < 0 || holds_bytes(reading->socket))
        return;
    about->segments = (uint32_t)reading->segments;
    about->readings = 0;
}

/* --- Chunks ----------------------------------------------------------------------------------- */

static bool is_late(const struct loop *loop)
{
    return loop->seen_ns - loop->arrival_ns > ARRIVAL_TOGETHER_NS;
}

static int64_t earliest_ns(const struct transfer *transfer, size_t chunk)
{
    const struct request *request = &transfer->request;
    const struct loop *loop = transfer->loop;
    bool its =
        loop->interval.socket >= 0 && (transfer->target->http2 || loop->user == transfer->easy);
    int64_t low_ns = request->sent_ns;

    if (chunk > 0)
        low_ns = request->chunks[chunk - 1].arrival_ns - request->chunks[chunk - 1].early_ns;
    return its && loop->interval.floor_ns > low_ns ? loop->interval.floor_ns : low_ns;
}

/* Whether the last byte's stamp is known, and is that of all that was read. */
static bool has_last(const struct loop *loop)
{
    return loop->stamped && loop->last_ns != CLOCK_NEVER &&
           (loop->is_whole ||
            (loop->late_bytes >= 0 && stamp_received_bytes(loop->late_socket) == loop->late_bytes));
}

static void widen(const struct transfer *transfer)
{
    const struct loop *loop = transfer->loop;
    int64_t high_ns = has_last(loop) ? loop->last_ns : clock_monotonic_ns();

    for (size_t i = loop->interval.first; i < transfer->request.chunk_count; i++) {
        struct chunk *chunk = &transfer->request.chunks[i];
        int64_t early_ns = chunk->arrival_ns - earliest_ns(transfer, i);

        chunk->early_ns = early_ns > 0 ? early_ns : 0;
        chunk->late_ns = high_ns > chunk->arrival_ns ? high_ns - chunk->arrival_ns : 0;
    }
}

static bool are_stamped(const struct transfer *transfer)
{
    const struct request *request = &transfer->request;

    for (size_t i = transfer->loop->interval.first; i < request->chunk_count; i++) {
        if (!request->chunks[i].stamped)
            return transfer->loop->stamped_chunks == 0 && transfer->loop->interval.chunks == 1;
    }
    return true;
}

static bool are_doubtful(const struct loop *loop)
{
    const struct interval_reading *reading = &loop->interval;

    return reading->chunks > 1 ||
           (is_late(loop) && (reading->is_followed || (reading->follows && !has_last(loop))));
}

void interval_conclude(struct transfer *transfer)
{
    struct loop *loop = transfer->loop;
    struct interval_reading *reading = &loop->interval;

    if (reading->user != transfer)
        return;
    if (reading->is_wide || !are_stamped(transfer) ||
        (are_doubtful(loop) && !interval_is_one_packet(loop)))
        widen(transfer);
    reading->user = NULL;
}

/* On a connection that responses share, packets are of several. */
static void pass_on(struct interval_reading *reading, struct transfer *transfer, size_t first)
{
    if (reading->user) {
        reading->is_wide = true;
        interval_conclude(reading->user);
    }
    reading->user = transfer;
    reading->first = first;
    reading->chunks = 0;
    reading->is_followed = false;
}

void interval_take_chunk(struct transfer *transfer)
{
    struct interval_reading *reading = &transfer->loop->interval;
    size_t at = transfer->request.chunk_count - 1;

    if (reading->user != transfer || at < reading->first)
        pass_on(reading, transfer, at);
    if (reading->chunks++ == 0)
        reading->follows = transfer->reply.reading == transfer->loop->reading;
}

void interval_take_other(struct transfer *transfer)
{
    transfer->loop->interval.is_followed |= transfer->loop->interval.user == transfer;
}

/* Who took the turn within the reading, such as a request that was begun, has left nothing of it
 * here. An event that is cut by the reading's end is behind the last chunk, too. */
void interval_end(struct loop *loop, int socket, bool sealed)
{
    struct interval_reading *reading = &loop->interval;
    struct interval_socket *about = &loop->about[socket].interval;
    bool is_its = reading->socket == socket, was_empty = !about->may_wait;

    about->may_wait = !(is_its && loop->is_whole && !reading->leaves) &&
                      (sealed || !is_its || reading->bytes >= READ_WHOLE_MOST) &&
                      holds_bytes(socket);
    if (is_its && reading->user) {
        reading->is_followed |= reading->user->reply.stream.line.length > 0;
        reading->is_wide |= about->may_wait;
        interval_conclude(reading->user);
    }
    about->readings += is_its && was_empty && reading->bytes > 0;
    if (is_its && reading->was_several)
        count_anew(about, reading);
    interval_begin_unasked(loop);
}
