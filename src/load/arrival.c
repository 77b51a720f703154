#include "load/arrival.h"

#include "core/clock.h"
#include "load/loop.h"
#include "load/stamp.h"

/* Read late, a response's later chunks would all seem to have come with the first. */
static void note_last(struct loop *loop, int socket, int64_t seen)
{
    int64_t last;

    loop->taken_ns = clock_monotonic_ns();
    loop->late_socket = socket;
    loop->late_bytes = stamp_received_bytes(socket);
    last = stamp_last_byte_ns(socket, &loop->offset);
    loop->last_ns = last >= loop->arrival_ns && last <= seen ? last : CLOCK_NEVER;
}

/* Other transfers whose timers are due may end in the same reading. */
static void note_trouble(struct loop *loop, int trouble)
{
    loop->trouble = trouble;
    loop->trouble_user = loop->user;
    loop->trouble_reading = loop->reading + 1;
}

/* A stamp from before the last reading belongs to bytes of which some were read then, as when a
 * TLS record is cut; it tells nothing about the rest. */
void arrival_note(struct loop *loop, int socket, bool readable)
{
    struct socket_about *about = &loop->about[socket];
    int64_t seen = clock_monotonic_ns(), stamp;
    struct stamp_look look = {.first_ns = CLOCK_NEVER};

    loop->user = about->user;
    loop->taken_ns = seen;
    loop->late_bytes = -1;
    if (readable)
        look = stamp_look(socket, &loop->offset);
    if (look.trouble)
        note_trouble(loop, look.trouble);
    stamp = look.first_ns;
    loop->stamped = stamp != CLOCK_NEVER && stamp >= about->read_ns && stamp <= seen;
    loop->arrival_ns = loop->last_ns = loop->stamped ? stamp : seen;
    if (loop->stamped && seen - stamp > ARRIVAL_TOGETHER_NS)
        note_last(loop, socket, seen);
    if (loop->stamped && /* asked last, for both looks */
        !stamp_holds(&loop->offset, stamp, loop->last_ns > stamp ? loop->last_ns : stamp)) {
        loop->stamped = false;
        loop->arrival_ns = loop->last_ns = seen;
    }
    if (loop->stamped) {
        histogram_add(&loop->lateness, seen - stamp);
        if (stamp > loop->waited_ns)
            loop_note_stall(loop, loop->woken_ns - stamp); /* asleep though it was there */
    }
    about->read_ns = loop->seen_ns = seen;
    loop->by_timer = false;
    loop->reader = NULL;
}

void arrival_take_begin(struct loop *loop)
{
    int64_t now = clock_monotonic_ns();

    if (now - loop->taken_ns <= ARRIVAL_TOGETHER_NS ||
        (loop->late_bytes >= 0 && stamp_received_bytes(loop->late_socket) == loop->late_bytes))
        return;
    loop->last_ns = CLOCK_NEVER;
    loop->seen_ns = now;
}

void arrival_take_end(struct loop *loop)
{
    loop->taken_ns = clock_monotonic_ns();
}
