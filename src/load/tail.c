#include "load/tail.h"

#include <string.h>

#include "core/clock.h"

/* For the last bytes of a body that are sent apart. */
static const int64_t apart_ns = CLOCK_NS_PER_S / 500;

/* Looks at one: INT64_MAX where it is no tail any more, else when to look again. */
static int64_t look(struct transfer *transfer, int64_t now_ns, const struct tail_care *care)
{
    int64_t leave_ns = transfer->request.done_ns + apart_ns;
    int64_t give_up_ns =
        transfer->request.done_ns + clock_from_seconds(transfer->target->tail_grace_s);

    transfer->is_noted = transfer->sending && transfer->reply.ended;
    if (!transfer->is_noted)
        return INT64_MAX; /* its body has ended, and it may be another request's */
    if (now_ns >= give_up_ns) {
        transfer->is_noted = false;
        care->give_up(care->context, transfer);
        return INT64_MAX;
    }
    if (!transfer->reply.final || transfer->has_left)
        return give_up_ns;
    if (now_ns < leave_ns)
        return leave_ns < give_up_ns ? leave_ns : give_up_ns;
    transfer->has_left = true;
    care->leave(care->context, transfer);
    return give_up_ns;
}

/* Those that came to the list meanwhile stand behind the first `count`. */
static void forget(struct loop *loop, size_t kept, size_t count)
{
    memmove(loop->ended + kept, loop->ended + count,
            (loop->ended_count - count) * sizeof(struct transfer *));
    loop->ended_count -= count - kept;
}

int64_t tail_look(struct loop *loop, const struct tail_care *care)
{
    size_t kept = 0, count = loop->ended_count;
    int64_t now_ns, next_ns = INT64_MAX;

    if (count == 0)
        return next_ns;
    now_ns = clock_monotonic_ns();
    for (size_t i = 0; i < count; i++) {
        struct transfer *transfer = loop->ended[i];
        int64_t due_ns = look(transfer, now_ns, care);

        if (due_ns == INT64_MAX)
            continue;
        loop->ended[kept++] = transfer;
        next_ns = due_ns < next_ns ? due_ns : next_ns;
    }
    forget(loop, kept, count);
    return next_ns;
}
