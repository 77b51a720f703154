#include "load/arrival.h"

#include "core/clock.h"
#include "load/loop.h"
#include "load/stamp.h"

/* libcurl reads so many bytes in one call, whatever waits. */
enum { READ_WHOLE_MOST = 1 << 14 };

/* Whether more than one chunk may wait, by how many bytes chunks took so far. Each look at the last
 * byte costs as much as a reading, and tells nothing of a chunk that came alone. */
static bool may_be_several(const struct loop *loop, const struct socket_about *about)
{
    return loop->shared || about->waited < 0 || about->least == 0 ||
           about->waited >= 2 * about->least;
}

/* The chunks of a reading are taken: what each took of the bytes that waited. More may have come
 * since the look, which makes it less. */
void arrival_note_taken(struct loop *loop, int socket, uint64_t chunks)
{
    struct socket_about *about = &loop->about[socket];
    int64_t each = chunks ? about->waited / (int64_t)chunks : 0;

    if (each > 0 && about->waited < READ_WHOLE_MOST && (about->least == 0 || each < about->least))
        about->least = each;
}

/* Read late, a response's later chunks would all seem to have come with the first. */
static void note_last(struct loop *loop, int socket, int64_t seen)
{
    int64_t last;

    if (!may_be_several(loop, &loop->about[socket])) {
        loop->last_ns = CLOCK_NEVER; /* should there be a second after all */
        return;
    }
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
    struct stamp_look look = {.first_ns = CLOCK_NEVER, .waiting = -1};

    loop->user = about->user;
    loop->taken_ns = seen;
    loop->late_bytes = -1;
    if (readable)
        look = stamp_look(socket, &loop->offset);
    if (look.trouble)
        note_trouble(loop, look.trouble);
    stamp = look.first_ns;
    about->waited = look.waiting;
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
