#include "load/arrival.h"

#include "core/clock.h"
#include "load/loop.h"
#include "load/stamp.h"

/* Read late, a response's later chunks would all seem to have come with the first. What came
 * between the moment of the look and the look itself was seen by it, too. */
static void note_last(struct loop *loop, int socket)
{
    int64_t last, now;

    loop->taken_ns = clock_monotonic_ns();
    loop->late_socket = socket;
    loop->late_bytes = stamp_received_bytes(socket);
    last = stamp_last_byte_ns(socket, &loop->offset);
    now = clock_monotonic_ns();
    loop->last_ns = last >= loop->arrival_ns && last <= now ? last : CLOCK_NEVER;
    if (loop->last_ns == CLOCK_NEVER)
        loop->seen_ns = now;
    else if (last > loop->seen_ns)
        loop->seen_ns = last;
}

/* Other transfers whose timers are due may end in the same reading. */
void arrival_note_trouble(struct loop *loop, int socket, int trouble)
{
    loop->trouble = trouble;
    loop->trouble_user = loop->about[socket].user;
    loop->trouble_reading = loop->reading + 1;
}

static void begin(struct loop *loop, int socket, int64_t seen_ns)
{
    loop->user = loop->about[socket].user;
    loop->taken_ns = loop->seen_ns = seen_ns;
    loop->late_bytes = -1;
    loop->is_whole = false;
    loop->by_timer = false;
    loop->reader = NULL;
}

/* What no stamp tells of came by now, not by the moment of the look: who looks may be interrupted
 * before. */
static void do_without_stamp(struct loop *loop)
{
    loop->stamped = false;
    loop->arrival_ns = loop->last_ns = loop->seen_ns = loop->taken_ns = clock_monotonic_ns();
}

/* A stamp from before the last reading belongs to bytes of which some were read then, as when a
 * TLS record is cut; it tells nothing about the rest. */
static void take_stamp(struct loop *loop, int socket, int64_t stamp)
{
    int64_t seen = loop->seen_ns;

    loop->stamped = stamp != CLOCK_NEVER && stamp >= loop->about[socket].read_ns && stamp <= seen;
    loop->arrival_ns = loop->last_ns = stamp;
    if (!loop->stamped)
        do_without_stamp(loop);
}

/* What waits on the socket has come since. */
static int64_t emptied_ns(const struct socket_about *about)
{
    return about->read_ns > about->added_ns ? about->read_ns : about->added_ns;
}

static void note_late(struct loop *loop, int64_t late_ns)
{
    if (late_ns > loop->turn_late_ns)
        loop->turn_late_ns = late_ns;
    if (late_ns > loop->late_ns)
        loop->late_ns = late_ns;
}

/* Asked last, for both stamps. */
static void end(struct loop *loop, int socket, int64_t seen_ns)
{
    struct socket_about *about = &loop->about[socket];
    int64_t first = loop->arrival_ns, last = loop->last_ns;

    if (loop->stamped &&
        !stamp_holds(&loop->offset, emptied_ns(about), first, last > first ? last : first))
        do_without_stamp(loop);
    if (loop->stamped) {
        histogram_add(&loop->lateness, seen_ns - first);
        note_late(loop, seen_ns - first);
        if (first > loop->waited_ns)
            loop_note_stall(loop, loop->woken_ns - first); /* asleep though it was there */
    }
    about->read_ns = seen_ns;
}

void arrival_note(struct loop *loop, int socket, bool readable)
{
    int64_t seen = clock_monotonic_ns();
    struct stamp_look look = {.came_ns = CLOCK_NEVER};

    begin(loop, socket, seen);
    if (readable)
        look = stamp_look(socket, &loop->offset);
    if (look.trouble)
        arrival_note_trouble(loop, socket, look.trouble);
    take_stamp(loop, socket, look.came_ns);
    if (loop->stamped && seen - loop->arrival_ns > ARRIVAL_TOGETHER_NS)
        note_last(loop, socket);
    end(loop, socket, seen);
}

/* A packet that was joined to the first since the look at all of it bears a later time than the
 * last of what was looked at; a stamp later than now is of another clock than the sample. */
void arrival_note_whole(struct loop *loop, int socket, int64_t seen_ns, int64_t first_ns,
                        int64_t last_ns)
{
    begin(loop, socket, seen_ns);
    loop->is_whole = true;
    if (last_ns > seen_ns && last_ns > clock_monotonic_ns())
        last_ns = CLOCK_NEVER;
    else if (last_ns > seen_ns)
        loop->seen_ns = last_ns;
    take_stamp(loop, socket, first_ns < last_ns ? first_ns : last_ns);
    if (loop->stamped)
        loop->last_ns = last_ns;
    end(loop, socket, seen_ns);
}

void arrival_take_begin(struct loop *loop)
{
    int64_t now;

    if (loop->is_whole)
        return;
    now = loop->taking_ns = clock_monotonic_ns();
    if (now - loop->taken_ns <= ARRIVAL_TOGETHER_NS ||
        (loop->late_bytes >= 0 && stamp_received_bytes(loop->late_socket) == loop->late_bytes))
        return;
    loop->last_ns = CLOCK_NEVER;
    loop->seen_ns = loop->taken_ns = now;
}

/* Bytes may have come while that took long, and libcurl may read once more. */
void arrival_take_end(struct loop *loop)
{
    int64_t now;

    if (loop->is_whole)
        return;
    now = clock_monotonic_ns();
    if (now - loop->taking_ns <= ARRIVAL_TOGETHER_NS)
        loop->taken_ns = now;
}
