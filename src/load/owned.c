#include "load/owned.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/types.h>

#include "core/clock.h"
#include "load/arrival.h"
#include "load/direct.h"
#include "load/interval.h"
#include "load/loop.h"
#include "load/stamp.h"
#include "load/transfer.h"

enum { ROOM = 1 << 16 };

/* Beginning and end cost calls of their own, for which so many events make up. */
enum { EVENTS_LEAST = 32 };

/* So many readings may hold several packets that no look went before, and one more of so many. */
enum { SEVERAL_FIRST = 4, READINGS_A_SEVERAL = 10000 };

static bool is_its(const struct socket_about *about)
{
    return about->transfer && about->transfer->easy == about->user;
}

bool owned_is(const struct socket_about *about)
{
    return is_its(about) && about->transfer->direct.state == DIRECT_OWNED;
}

bool owned_is_watched(const struct socket_about *about)
{
    return is_its(about) && about->transfer->direct.is_paused;
}

/* Behind a proxy's tunnel libcurl alone knows what a connection leads to. */
bool owned_is_worth_it(const struct loop *loop, int socket, const struct transfer *transfer)
{
    const struct request *request = &transfer->request;

    return !transfer->target->proxy && !transfer->reply.ended && !transfer->reply.given_up &&
           loop->about[socket].wished == CURL_POLL_IN &&
           request->asked.output_tokens - (int64_t)request->chunk_count >= EVENTS_LEAST;
}

void owned_give_back(struct loop *loop, struct transfer *transfer)
{
    CURLcode result;

    transfer->direct.state = DIRECT_UNKNOWN;
    transfer->direct.is_paused = false;
    result = curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
    if (result != CURLE_OK && result != LOOP_HAS_ENDED) /* what it had kept was not taken */
        loop_end(loop, transfer->shard, transfer->easy, result);
}

/* libcurl may have been called for a transfer that it does not wait for, as by its timers. Where it
 * is paused and reads all the same (8.14 does, once), what it has read was not seen here: it goes
 * on with that. */
static void look_after(struct loop *loop, struct transfer *transfer)
{
    int socket = transfer->direct.socket, waiting;

    if (ioctl(socket, FIONREAD, &waiting) != 0 ||
        stamp_received_bytes(socket) - waiting != transfer->direct.received)
        owned_give_back(loop, transfer);
}

void owned_note_called(struct transfer *transfer)
{
    struct loop *loop = transfer->loop;

    if (transfer->direct.state != DIRECT_OWNED || transfer->was_called)
        return;
    transfer->was_called = true;
    transfer->next_called = loop->called;
    loop->called = transfer;
}

void owned_look_after_called(struct loop *loop)
{
    while (loop->called) {
        struct transfer *transfer = loop->called;

        loop->called = transfer->next_called;
        transfer->was_called = false;
        if (transfer->direct.state == DIRECT_OWNED)
            look_after(loop, transfer);
    }
}

/* --- Moments ---------------------------------------------------------------------------------- */

/* Whether several of the response's chunks may wait by now. */
static bool may_be_several(const struct loop *loop, const struct transfer *transfer, int64_t now_ns)
{
    const struct request *request = &transfer->request;
    int64_t turn_ns = now_ns - loop->woken_ns;
    int64_t late_ns = loop->late_ns > turn_ns ? loop->late_ns : turn_ns;
    const struct chunk *last;

    if (request->chunk_count < 2 ||
        loop->several > SEVERAL_FIRST + loop->takings / READINGS_A_SEVERAL)
        return true;
    last = &request->chunks[request->chunk_count - 1];
    return 2 * late_ns >= last->arrival_ns - last[-1].arrival_ns;
}

/* When the first of the bytes came, of which `last_ns` is when the last did. */
static int64_t first_ns(struct loop *loop, const struct chunked *chunked, const char *bytes,
                        size_t length, int64_t last_ns)
{
    if (last_ns == CLOCK_NEVER ||
        (chunked_is_between(chunked) && direct_is_one_event(bytes, length)) ||
        interval_is_one_packet(loop))
        return last_ns;
    loop->several++;
    loop->interval.is_wide = true;
    return CLOCK_NEVER;
}

/* --- A reading -------------------------------------------------------------------------------- */

/* Lets libcurl read from a byte on that is not read here, of the body's end most often, or brings
 * it as far into a chunk as this reader is. False: the transfer has ended. */
static bool hand_back(struct loop *loop, int socket, struct transfer *transfer, const char *bytes,
                      size_t length)
{
    struct direct *direct = &transfer->direct;
    char waiting[CHUNKED_PREFIX_MOST + ROOM];
    size_t heard, begun = chunked_prefix(&direct->chunked, waiting, &heard);

    if (length > 0)
        memcpy(waiting + begun, bytes, length);
    direct->heard += heard;
    direct->state = DIRECT_UNKNOWN;
    direct->is_paused = false;
    if (loop_hand_back(loop, transfer->shard, transfer->easy, socket, waiting, begun + length))
        return loop->about[socket].transfer == transfer && transfer->sending;
    loop_end(loop, transfer->shard, transfer->easy, CURLE_OUT_OF_MEMORY);
    return false;
}

/* libcurl's timers must never find it before a chunk where bytes from within one come. */
static void leave_in_chunk(struct loop *loop, int socket, struct transfer *transfer)
{
    struct direct after = transfer->direct;
    int64_t sent_ns = transfer->request.sent_ns;

    after.state = --after.credit > 0 ? DIRECT_FOLLOWED : DIRECT_UNKNOWN;
    after.is_paused = false;
    after.heard = 0;
    if (!hand_back(loop, socket, transfer, NULL, 0) || transfer->request.sent_ns != sent_ns)
        return;
    after.given = after.passed = transfer->direct.given;
    transfer->direct = after;
}

/* The transfer's next request may have begun after this. */
static void take(struct loop *loop, int socket, struct transfer *transfer, const char *bytes,
                 size_t length)
{
    const char *data;
    size_t data_length, taken = 0;

    transfer->direct.received += (int64_t)length;
    while (taken < length) {
        taken += chunked_take(&transfer->direct.chunked, bytes + taken, length - taken, &data,
                              &data_length);
        if (data_length == 0 && taken < length) {
            hand_back(loop, socket, transfer, bytes + taken, length - taken);
            return;
        }
        if (data_length > 0 && !reply_take_body(transfer, data, data_length)) {
            loop_end(loop, transfer->shard, transfer->easy, CURLE_WRITE_ERROR);
            return;
        }
    }
    if (chunked_is_between(&transfer->direct.chunked))
        transfer->direct.credit += transfer->direct.credit < DIRECT_CREDIT;
    else
        leave_in_chunk(loop, socket, transfer);
}

void owned_begin(struct loop *loop, int socket, struct transfer *transfer,
                 const struct direct_look *look)
{
    struct direct *direct = &transfer->direct;

    *direct = look->after;
    direct->state = DIRECT_OWNED;
    direct->socket = socket;
    direct->is_paused = true;
    direct->heard = look->after.passed - look->passed;
    direct->chunked = look->before;
    direct->received -= (int64_t)(look->length - look->head); /* which take counts again */
    take(loop, socket, transfer, look->bytes + look->head, look->length - look->head);
}

bool owned_read(struct loop *loop, int socket, struct transfer *transfer)
{
    static _Thread_local char bytes[ROOM];
    int64_t seen_ns = clock_monotonic_ns();
    bool looks = may_be_several(loop, transfer, seen_ns);
    struct stamp_look first = {.came_ns = CLOCK_NEVER}, last;
    ssize_t got;

    if (looks)
        first = stamp_look(socket, &loop->offset);
    last = stamp_take(socket, &loop->offset, bytes, ROOM, &got);
    if (first.trouble || last.trouble)
        arrival_note_trouble(loop, socket, first.trouble ? first.trouble : last.trouble);
    else if (got < 0)
        return true;
    if (got <= 0) {
        owned_give_back(loop, transfer);
        return false;
    }
    loop->takings++;
    if (!looks)
        first.came_ns = first_ns(loop, &transfer->direct.chunked, bytes, (size_t)got, last.came_ns);
    arrival_note_whole(loop, socket, seen_ns, first.came_ns, last.came_ns);
    loop->interval.leaves = got == ROOM;
    loop->reading++;
    take(loop, socket, transfer, bytes, (size_t)got);
    return true;
}
